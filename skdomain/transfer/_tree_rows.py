"""The rows that transferred trees learn from, in an order of their own."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_consistent_length, validate_data

from skdomain._domains import (
    NoTargetWarning,
    check_both_count,
    check_sample_weight,
    check_some_labelled,
    check_source_labels,
    fit_domains,
    labelled_rows,
    labels_at,
    new_domains,
    warn_caller,
)


@dataclass(frozen=True, eq=False)
class TreeRows:
    """Rows of one domain, in lexicographic order, so that bootstraps do not depend on theirs.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float32
    y : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,), float64
        Above 0.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def __len__(self):
        return len(self.X)


def tree_rows_of_domains(estimator, X, y, sample_domain, sample_weight, labelled):
    """Check what ``fit`` got, and part it into source rows and labelled target rows.

    Parameters
    ----------
    estimator : estimator
        Names the errors; with ``_is_frozen()``, all rows without a domain are target rows, and
        nothing of source rows is read.
    X : ndarray of shape (n_samples, n_features), float32
        Checked already.
    y, sample_domain, sample_weight, labelled
        As in ``fit``.

    Returns
    -------
    source, target : TreeRows
        The source is empty where its model is there already, the target where it has no rows.
    """
    name, frozen = type(estimator).__name__, estimator._is_frozen()
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    check_consistent_length(X, y)
    domains = domains_of(estimator, sample_domain, len(X))
    source, target = domains > 0, (domains < 0) & labelled_rows(y, domains, labelled)
    check_some_labelled(name, domains, target)
    weights = check_sample_weight(sample_weight, len(X))
    read = target if frozen else source | target
    labels = labels_at(y, read)
    if not frozen:
        check_source_labels(labels[source[read]], np.flatnonzero(source), estimator)
    if read.any():
        labels = _checked_labels(estimator, labels)
    X, weights, domains = X[read], weights[read], domains[read]
    check_both_count(name, weights, domains > 0, domains < 0)
    return tuple(
        sorted_tree_rows(X[own], labels[own], weights[own]) for own in (domains > 0, domains < 0)
    )


def domains_of(estimator, sample_domain, n_samples):
    """Domains of the rows: all are target rows where none are named and the source has a model."""
    if not estimator._is_frozen():
        return fit_domains(sample_domain, n_samples, estimator)
    domains = new_domains(sample_domain, n_samples)
    if (domains > 0).all():
        warn_caller(
            f"{type(estimator).__name__} is fitted without target rows: its trees are those of the "
            "source. Pass target rows, by negative numbers in sample_domain.",
            NoTargetWarning,
        )
    return domains


def _checked_labels(estimator, labels):
    labels = _check_y(labels, y_numeric=is_regressor(estimator), estimator=estimator)
    if is_classifier(estimator):
        check_classification_targets(labels)
    return labels


def sorted_tree_rows(X, y, weights):
    """The rows that count, ordered by their columns, ties by label and weight."""
    counts = weights > 0
    X, y, weights = X[counts], y[counts], weights[counts]
    codes = np.unique(y, return_inverse=True)[1]
    order = np.lexsort((weights, codes, *X.T[::-1]))
    return TreeRows(X[order], y[order], weights[order].astype(np.float64))


def checked_rows(estimator, X, *, reset, allow_nan):
    """Rows as trees compare them: float32, missing values allowed where trees take them."""
    return validate_data(
        estimator,
        X,
        reset=reset,
        dtype=np.float32,
        order="C",
        ensure_all_finite="allow-nan" if allow_nan else True,
    )
