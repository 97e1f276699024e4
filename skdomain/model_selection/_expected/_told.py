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
from skdomain.model_selection._expected._unseen import first_of_each, unseen_of


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
        Positive integers for source rows, negative for target rows.
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
    hidden = np.full(len(domains), None)
    hidden[source] = labels
    own = Asked(model, X, hidden, domains, np.asarray(model.classes_))
    class_codes(labels, own.classes, "y of the source rows")
    answers = (unseen_of(asked, source[test]) for asked, test in _folds(own, source, target, cv))
    return told_from(own, answers)


def told_from(own, answers):
    """What a fitted model says of target rows, and models like it of source rows they saw not.

    Parameters
    ----------
    own : Asked
        The model.
    answers : iterable of Unseen
        What the others say. Of a source row the first that holds it counts; one that none holds is
        left out.

    Returns
    -------
    Told
    """
    answers = first_of_each(answers)
    order = np.argsort(np.concatenate([one.rows for one in answers]))
    rows, raw, predicted = (
        np.concatenate(values)[order] for values in list(zip(*answers, strict=True))[:3]
    )
    codes = class_codes(labels_at(own.hidden, rows), own.classes, "y of the source rows")
    target = np.flatnonzero(own.domains < 0)
    raw_target, target_predicted = own.of(target)
    calibration = fit_calibration(raw, codes)
    return Told(
        calibration.apply(raw),
        codes,
        calibration.apply(raw_target),
        raw,
        raw_target,
        predicted,
        target_predicted,
        _safe_indexing(own.X, rows),
        _safe_indexing(own.X, target),
        own.classes,
        _returned(own.X, target, rows, answers),
        own.seen(rows),
    )


def _returned(X, target, rows, answers):
    """The way back to source rows; None where rows are no tables of numbers.

    It starts from what the same model, which has not seen the rows that it leads to, says of the
    target; else a nearest neighbour would find its own label again.
    """
    there, here = (finite_numbers(_safe_indexing(X, each)) for each in (target, rows))
    if there is None or here is None:
        return None
    returned = np.empty(len(rows), dtype=int)
    for one in answers:
        if len(one.rows):
            places = np.searchsorted(rows, one.rows)
            returned[places] = way_back(there, one.target_predicted, here[places])
    return returned


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
