"""Posteriors as an estimator gives them that takes weights, and parameters in its ``fit``."""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from skdomain._domains import check_sample_weight, source_classes
from skdomain._estimators import fit_weighted, inner_params, params_at, takes_weights
from skdomain.label_shift._posteriors import Posteriors, aligned_posteriors, class_folds


def check_inner(model, inner, *, weighted):
    """Refuse an estimator inside that gives no probabilities, or takes no weights it would get."""
    name, inner_name = type(model).__name__, type(inner).__name__
    if not hasattr(inner, "predict_proba"):
        raise ValueError(
            f"{name} corrects the probabilities of the classes, and {inner_name} has no "
            "predict_proba; wrap it in sklearn.calibration.CalibratedClassifierCV, or pass a "
            "classifier that has it, such as LogisticRegression."
        )
    if weighted and not takes_weights(inner):
        raise ValueError(
            f"{name} would train on weighted rows, and {inner_name}.fit takes no sample_weight; "
            "pass correct='posterior' and no sample_weight, or an estimator that takes weights."
        )


class RowWeights(NamedTuple):
    """How often source rows count, and that times a factor for their class."""

    counts: np.ndarray
    total: np.ndarray

    @property
    def n_rows(self):
        """Rows of equal weight that these are worth, ``(sum w)^2 / sum w^2`` over single rows."""
        return self.total.sum() ** 2 / np.sum(self.total**2 / self.counts)

    def times(self, factors):
        """The same with factors."""
        return self._replace(total=self.total * factors)


class SourceTask(NamedTuple):
    """What to train an estimator on, and whether it is told of the weights."""

    estimator: Any
    rows: Any
    y: np.ndarray
    params: dict
    weights: RowWeights
    tells: bool
    folds: list

    def fit(self, rows=slice(None)):
        """A clone of the estimator, fitted to some of the rows."""
        rows = np.arange(len(self.y))[rows]
        X, y = _safe_indexing(self.rows, rows), self.y[rows]
        params, model = params_at(self.params, self.rows, rows), clone(self.estimator)
        if not self.tells:
            return model.fit(X, y, **params)
        return fit_weighted(model, X, y, self.weights.total[rows], params)

    def weighted(self, factors):
        """The same with weights multiplied."""
        return self._replace(weights=self.weights.times(factors), tells=True)


def source_folds(cv, X, y, kept):
    """Pairs of training and test rows, which are kept of all source rows.

    A number is that of :func:`class_folds`; a splitter splits the rows that are kept, and pairs
    that are given name rows among all source rows.
    """
    if isinstance(cv, Integral):
        return class_folds(X, np.unique(y, return_inverse=True)[1], cv)
    if hasattr(cv, "get_n_splits"):
        folds = list(cv.split(X, y))
    else:
        place = np.where(kept, np.cumsum(kept) - 1, -1)
        folds = [[place[rows][place[rows] >= 0] for rows in pair] for pair in cv]
    tests = np.sort(np.concatenate([test for _, test in folds]))
    if not np.array_equal(tests, np.arange(len(y))):
        raise ValueError(
            f"cv must hold out each of the {len(y)} source rows once, and its {len(folds)} test "
            "folds do not; pass a number of folds, or a splitter such as StratifiedKFold."
        )
    return folds


def source_task(model, X, y, domains, sample_weight, params):
    """SourceTask of a meta-estimator: its inner estimator on the source rows of positive weight."""
    weights = check_sample_weight(sample_weight, len(domains))
    if not weights[domains > 0].any():
        raise ValueError("sample_weight is zero on all source rows; pass weights above zero.")
    source = (domains > 0) & (weights > 0)
    labels, rows = source_classes(X, y, source, model), np.flatnonzero(source)
    params = params_at(inner_params(model, "estimator", "fit", "fit", params), X, rows)
    own, tells = RowWeights(weights[source], weights[source]), sample_weight is not None
    X = _safe_indexing(X, rows)
    folds = source_folds(model.cv, X, labels, source[domains > 0])
    return SourceTask(model._inner(), X, labels, params, own, tells, folds)


def held_out_posteriors(task, calibration):
    """Calibrated posteriors of the rows, each by a model of the other folds, and one of all rows.

    Parameters
    ----------
    task : SourceTask
    calibration : {"bcts", "vector", "temperature"} or None
        As in :func:`fit_calibration`.

    Returns
    -------
    Posteriors
        Of the source, with no row of the target.
    """
    model = task.fit()
    classes, codes = model.classes_, np.searchsorted(model.classes_, task.y)
    P = np.empty((len(codes), len(classes)))
    for train, test in task.folds:
        P[test] = aligned_posteriors(task.fit(train), _safe_indexing(task.rows, test), classes)
    none = np.empty((0, len(classes)))
    raw = Posteriors(P, codes, none, P, none, None, calibration, model)
    return raw.calibrated(task.weights.total)


def with_target(evidence, X):
    """Posteriors of the source with those of target rows."""
    raw = aligned_posteriors(evidence.estimator, X, evidence.estimator.classes_)
    return evidence._replace(raw_target=raw, target=evidence.calibration.apply(raw))


def source_posteriors(estimator, X, y, Xt, *, cv=5, calibration="bcts"):
    """Posteriors of source rows, held out, and of target rows.

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``; clones of it are trained.
    X : array-like, sparse matrix or data frame of shape (n_source, n_features)
        Source rows.
    y : ndarray of shape (n_source,)
        Their labels, of at least 2 classes.
    Xt : array-like, sparse matrix or data frame of shape (n_target, n_features), or None
        Target rows. None: the held-out source rows stand for them.
    cv : int, splitter or iterable of pairs of row numbers, default=5
        As in :func:`source_folds`.
    calibration : {"bcts", "vector", "temperature"} or None, default="bcts"
        As in :func:`fit_calibration`.

    Returns
    -------
    Posteriors

    Notes
    -----
    ``cv + 1`` fits of the estimator. A class of a single source row is in the training rows of each
    fold, as a model would not know of the class without it: the posteriors of that row alone are
    not held out.
    """
    ones = np.ones(len(y))
    folds = source_folds(cv, X, y, ones > 0)
    task = SourceTask(estimator, X, y, {}, RowWeights(ones, ones), False, folds)
    evidence = held_out_posteriors(task, calibration)
    if Xt is None:
        return evidence._replace(raw_target=evidence.raw_source, target=evidence.source)
    return with_target(evidence, Xt)
