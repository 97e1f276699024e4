"""Posteriors of both domains by a model of the source: held out, then calibrated.

What a model says of rows that it was trained on is surer than what it says of others, so the
posteriors of the source come from models of the other folds; those of the target come from one
model of all source rows.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils.validation import _num_samples

from skdomain._estimators import answer_of
from skdomain._rows import distinct_rows
from skdomain.label_shift._calibration import fit_calibration


class Posteriors(NamedTuple):
    """Posteriors of both domains, as the model gives them and calibrated.

    Columns are classes; ``codes`` are their numbers for the source rows.
    """

    source: np.ndarray  # calibrated, of shape (n_source, n_classes)
    codes: np.ndarray
    target: np.ndarray  # calibrated, of shape (n_target, n_classes)
    raw_source: np.ndarray
    raw_target: np.ndarray
    calibration: object
    method: str | None  # of the calibration
    estimator: object  # trained on all source rows

    def calibrated(self, weights=None):
        """The same, calibrated on source rows of these weights; None: all 1."""
        found = fit_calibration(self.raw_source, self.codes, self.method, sample_weight=weights)
        return self._replace(
            source=found.apply(self.raw_source),
            target=found.apply(self.raw_target),
            calibration=found,
        )


def aligned_posteriors(model, X, classes):
    """What a model says of rows, with a column for each of these classes, sorted."""
    P = np.zeros((_num_samples(X), len(classes)))
    P[:, np.searchsorted(classes, model.classes_)] = answer_of(model, "predict_proba", X)
    return P


def class_folds(X, codes, n_folds):
    """Folds into which the distinct rows of each class are dealt in the order of their values.

    Copies of a row are in one fold, so that no row is predicted by a model that has seen it, and
    two copies are as good as a weight of two.

    Parameters
    ----------
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows; where they are not numbers they are dealt in the order in which they came, else that
        order does not matter.
    codes : ndarray of shape (n_samples,), int
        Numbers of their classes, from 0.
    n_folds : int
        Lowered to the largest number of distinct rows of a class.

    Returns
    -------
    list of (train, test)
        Numbers of rows. Each class of at least two distinct rows has some in each ``train``; the
        row of a class that has one only is in all of them.
    """
    # distinct rows of each class, in their order, and which of them each row is
    pairs, row = np.unique(np.stack([codes, _places(X)]), axis=1, return_inverse=True)
    rank = np.arange(pairs.shape[1]) - np.searchsorted(pairs[0], pairs[0])
    rank, counts = rank[row.ravel()], np.bincount(pairs[0])
    n_folds = min(n_folds, counts.max())
    fold, alone = rank % n_folds, counts[codes] == 1
    return [
        (np.flatnonzero((fold != k) | alone), np.flatnonzero(fold == k)) for k in range(n_folds)
    ]


def _places(X):
    """Where each row is among the distinct ones, in lexicographic order if they are numbers."""
    rows = X if sparse.issparse(X) else np.asarray(X)
    if rows.dtype.kind not in "buif":
        return np.arange(rows.shape[0])
    return distinct_rows(rows.reshape(rows.shape[0], -1))[1]
