"""What a fitted classifier says of both domains; of source rows, by clones that saw them not."""

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing

from skdomain._domains import labels_at, source_classes
from skdomain._estimators import asks_for_domains
from skdomain.label_shift import finite_numbers, fit_calibration, source_folds
from skdomain.model_selection._expected._asked import Asked, class_codes


class Told(NamedTuple):
    """Posteriors, predictions and rows of both domains; columns are classes, ``codes`` the true."""

    source: np.ndarray  # calibrated posteriors, of shape (n, n_classes)
    codes: np.ndarray
    target: np.ndarray  # likewise, of shape (m, n_classes)
    raw_source: np.ndarray  # as the classifier gives them
    raw_target: np.ndarray
    source_predicted: np.ndarray  # numbers of classes, of shape (n,)
    target_predicted: np.ndarray
    source_rows: Any
    target_rows: Any
    classes: np.ndarray
    returned: Any = None  # source rows, learnt from what is predicted of the target; or None
    seen: Any = None  # rows of both domains as the classifier sees them, where these are tables

    @property
    def n_classes(self):
        """Number of classes."""
        return len(self.classes)

    @property
    def right(self):
        """Whether each source row is predicted right."""
        return (self.source_predicted == self.codes).astype(float)


def told_of(model, X, y, domains, cv):
    """What a fitted model says: of target rows itself, of source rows clones of the other folds.

    Parameters
    ----------
    model : classifier
        Fitted; it is left as it is.
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows of both domains.
    y : array-like of shape (n_samples,)
        Labels of the source rows; the others are not read.
    domains : ndarray of shape (n_samples,), int
        Positive for source rows, negative for target rows.
    cv : int, splitter, iterable of pairs of row numbers, or "prefit"
        Folds of the source rows. A clone is fitted to the source rows of the other folds and all
        target rows. "prefit": no clone is fitted, the model itself is asked of the source rows.

    Returns
    -------
    Told

    Notes
    -----
    As many fits of the model, and of a logistic regression, as there are folds.
    """
    source, target = np.flatnonzero(domains > 0), np.flatnonzero(domains < 0)
    labels = source_classes(X, y, domains > 0, model)
    classes = np.asarray(model.classes_)
    codes = class_codes(labels, classes, "y of the source rows")
    hidden = np.full(len(domains), None)
    hidden[source] = labels
    own = Asked(model, X, hidden, domains, classes)
    raw_target, target_predicted = own.of(target)
    raw_source, predicted, returned = _held_out(own, source, target, cv)
    calibration = fit_calibration(raw_source, codes)
    return Told(
        calibration.apply(raw_source),
        codes,
        calibration.apply(raw_target),
        raw_source,
        raw_target,
        predicted,
        target_predicted,
        _safe_indexing(X, source),
        _safe_indexing(X, target),
        classes,
        returned,
        own.seen(),
    )


def _held_out(own, source, target, cv):
    """Posteriors and predictions of source rows by clones, and the way back to these rows.

    The way back starts from what the same clone, which has not seen the rows that it leads to, says
    of the target; else a nearest neighbour would find its own label again.
    """
    raw = np.empty((len(source), len(own.classes)))
    predicted, returned = np.empty((2, len(source)), dtype=int)
    sides = [finite_numbers(_safe_indexing(own.X, rows)) for rows in (target, source)]
    tables = all(side is not None for side in sides)
    for asked, test in _folds(own, source, target, cv):
        raw[test], predicted[test] = asked.of(source[test])
        if tables:
            returned[test] = way_back(sides[0], asked.of(target)[1], sides[1][test])
    return raw, predicted, returned if tables else None


def _folds(own, source, target, cv):
    """Clones with the places of the source rows that they were not fitted to."""
    if isinstance(cv, str):
        yield own, np.arange(len(source))
        return
    labels, kept = labels_at(own.hidden, source), np.ones(len(source), dtype=bool)
    others = target if asks_for_domains(own.model) else target[:0]
    for train, test in source_folds(cv, _safe_indexing(own.X, source), labels, kept):
        yield own.fitted(np.sort(np.concatenate([source[train], others]))), test


def way_back(there, predicted, here):
    """Classes of rows by a logistic regression that learns from what is predicted of others.

    Parameters
    ----------
    there, here : ndarray or sparse matrix of shape (m, n_features), (n, n_features)
        Target rows and source rows as they are: nothing is adapted. Both are standardised by the
        target rows.
    predicted : ndarray of shape (m,), int
        Predicted classes of the target rows.

    Returns
    -------
    ndarray of shape (n,), int
        Where only one class is predicted, that class.
    """
    if len(np.unique(predicted)) == 1:
        return np.repeat(predicted[:1], here.shape[0])
    scaler = StandardScaler(with_mean=not sparse.issparse(there))
    learner = make_pipeline(scaler, LogisticRegression(max_iter=1000))
    return learner.fit(there, predicted).predict(here)
