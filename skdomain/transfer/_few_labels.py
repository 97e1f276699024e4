"""What transfer of parameters learns from: source rows, and labelled target rows."""

from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, _num_samples

from skdomain._domains import (
    check_both_count,
    check_sample_domain,
    check_sample_weight,
    check_some_labelled,
    check_source_labels,
    fit_domains,
    labelled_rows,
    labels_at,
)


class FewLabels(NamedTuple):
    """Numbers of the rows that are learned from, in the caller's order, and their labels.

    Rows of weight 0 and unlabelled target rows are not among them.
    """

    rows: np.ndarray
    y: np.ndarray
    domains: np.ndarray
    weights: np.ndarray

    def part(self, *, source):
        """Numbers of the rows of one side, their labels and weights."""
        side = (self.domains > 0) == source
        return self.rows[side], self.y[side], self.weights[side]


def few_labels(estimator, X, y, sample_domain, sample_weight, labelled, *, source_free=False):
    """Take the rows that are learned from, without a look at the labels of any other.

    Parameters
    ----------
    estimator : estimator
        Names the errors; is told apart as classifier or regressor.
    X : array or sparse matrix of shape (n_samples, n_features)
        Validated rows.
    y, sample_domain, sample_weight, labelled
        As in ``fit``.
    source_free : bool, default=False
        Whether the source's model is known, so that source rows are left out and need not exist.

    Returns
    -------
    FewLabels

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit X, there is no source row and none may be missing, or there are
        target rows and none of them is labelled or counts.
    """
    name, n = type(estimator).__name__, _num_samples(X)
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    check_consistent_length(X, y)
    if source_free:
        domains = np.full(n, -1) if sample_domain is None else check_sample_domain(sample_domain, n)
    else:
        domains = fit_domains(sample_domain, n, estimator)
    source = (domains > 0) & (not source_free)
    known = (domains < 0) & labelled_rows(y, domains, labelled)
    check_some_labelled(name, domains, known, needed=source_free)
    weights = check_sample_weight(sample_weight, n)
    check_both_count(name, weights, source, known)
    check_source_labels(labels_at(y, source), np.flatnonzero(source), estimator)
    used = (source | known) & (weights > 0)
    return FewLabels(
        np.flatnonzero(used), _labels(estimator, y, used), domains[used], weights[used]
    )


def every_domain(sample_domain, n_samples):
    """Domains of rows that have been found to be valid; one source domain where none are given."""
    return check_sample_domain(1 if sample_domain is None else sample_domain, n_samples)


def is_source_free(source_estimator):
    """Whether the source's model is fitted and to be left so, hence needs no source rows."""
    return isinstance(source_estimator, FrozenEstimator)


def _labels(estimator, y, used):
    classifies = is_classifier(estimator)
    y = _check_y(
        labels_at(y, used),
        multi_output=not classifies,
        y_numeric=not classifies,
        estimator=estimator,
    )
    if classifies:
        check_classification_targets(y)
    return y
