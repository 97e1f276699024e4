"""Domain labels that travel beside the data: the only file that knows their encoding.

``sample_domain`` holds one integer a row: positive for a source row, negative for a target row,
the absolute value naming the domain. Nothing here reads ``y`` on a target row.
"""

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.utils import _safe_indexing, check_consistent_length, column_or_1d
from sklearn.utils._missing import is_pandas_na
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_samples, assert_all_finite

from skdomain._domains._sample_weight import weights_at
from skdomain._domains._warning import warn_caller
from skdomain._rows import as_given, as_rows, is_streamed

ENCODING = "positive integers for source rows and negative ones for target rows"


class NoTargetWarning(UserWarning):
    """Raised as a warning when a method is fitted without any target row, hence cannot adapt."""


def check_sample_domain(sample_domain, n_samples):
    """Validate domain labels.

    Parameters
    ----------
    sample_domain : array-like of shape (n_samples,), or int
        Positive integers for source rows, negative for target rows; one number is that of all
        rows.
    n_samples : int
        Number of rows that the labels have to describe.

    Returns
    -------
    ndarray of shape (n_samples,), int64

    Raises
    ------
    ValueError, TypeError
        If a label is 0, fractional, missing or not a number, or the shape is not (n_samples,).
    """
    domains = np.asarray(sample_domain)
    if domains.dtype == object:
        domains = np.asarray(domains.tolist())
    if domains.ndim == 0 and domains.dtype != object:
        domains = np.full(n_samples, domains)
    if domains.shape != (n_samples,):
        raise ValueError(
            f"sample_domain has shape {domains.shape} but X has {n_samples} rows; "
            f"pass one label a row, or one number for all: {ENCODING}."
        )
    if domains.dtype.kind not in "iuf":
        raise TypeError(f"sample_domain has dtype {domains.dtype}; pass {ENCODING}.")
    with np.errstate(invalid="ignore"):
        integers = domains.astype(np.int64)
    if not np.array_equal(domains, integers):
        raise ValueError(
            f"sample_domain holds {domains[domains != integers][0]}, which is not an integer; "
            f"pass {ENCODING}."
        )
    if not integers.all():
        raise ValueError(
            f"sample_domain is 0 in row {np.flatnonzero(integers == 0)[0]}, which is neither "
            f"source nor target; pass {ENCODING}."
        )
    return integers


def fit_domains(sample_domain, n_samples, estimator):
    """Domain labels to fit with: all rows are source rows where none are given."""
    if sample_domain is None:
        domains = np.ones(n_samples, dtype=np.int64)
    else:
        domains = check_sample_domain(sample_domain, n_samples)
    name = type(estimator).__name__
    if (domains < 0).all():
        raise ValueError(
            f"{name} got no source row: all {n_samples} entries of sample_domain are negative; "
            f"pass {ENCODING}."
        )
    if (domains > 0).all():
        warn_caller(
            f"{name} is fitted without target rows and does not adapt; pass sample_domain with "
            f"{ENCODING} to fit.",
            NoTargetWarning,
        )
    return domains


def new_domains(sample_domain, n_samples):
    """Domain labels of rows that are not fitted to: one target domain where none are given."""
    if sample_domain is None:
        return np.full(n_samples, -1, dtype=np.int64)
    return check_sample_domain(sample_domain, n_samples)


def rows_at(X, rows):
    """``X[rows]`` of an array, sparse matrix or data frame; of blocks and dask arrays, lazily."""
    blocks = as_rows(X)
    if is_streamed(blocks):
        return as_given(blocks.select(rows))
    rows = np.flatnonzero(rows)
    return X.tocsr()[rows] if sparse.issparse(X) else _safe_indexing(X, rows)


def rows_where(X, rows):
    """:func:`rows_at` of a mask, not to be written to: a part of X where they lie together."""
    places = np.flatnonzero(rows)
    if isinstance(X, np.ndarray) and len(places) and places[-1] - places[0] < len(places):
        return X[places[0] : places[-1] + 1]
    return rows_at(X, rows)


def labels_at(y, rows):
    """``y[rows]`` with a dtype of their own, so that what the other rows hold has no effect."""
    labels = np.asarray(y, dtype=object if isinstance(y, list | tuple) else None)[rows]
    if labels.dtype != object:
        return labels
    n_strings = sum(isinstance(label, str) for label in labels.flat)
    return labels if 0 < n_strings < labels.size else np.asarray(labels.tolist())


def source_labels(X, y, source, estimator):
    """Labels or values of the source rows; those of the target rows are not looked at."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None."
        )
    check_consistent_length(X, y)
    labels = labels_at(y, source)
    check_source_labels(labels, np.flatnonzero(source), estimator)
    assert_all_finite(labels, input_name="y")
    if is_classifier(estimator):
        check_classification_targets(labels)
    return labels


def source_classes(X, y, source, estimator):
    """Labels of the source rows, in one dimension and of at least two classes."""
    labels = column_or_1d(source_labels(X, y, source, estimator), warn=True)
    classes = np.unique(labels).tolist()
    if len(classes) < 2:
        raise ValueError(
            f"{type(estimator).__name__} needs source rows of at least 2 classes, got only one "
            f"class, {classes[0]!r}; check y on the rows with sample_domain > 0."
        )
    return labels


def missing_labels(labels):
    """True for the entries, or rows, that hold None, NaN, NaT or the NA of pandas."""
    labels = np.asarray(labels)
    if labels.dtype == object:
        missing = np.array([_is_missing(label) for label in labels.flat], dtype=bool)
    elif labels.dtype.kind in "fcmM":
        missing = np.ravel(labels != labels)
    else:
        missing = np.zeros(labels.size, dtype=bool)
    return missing.reshape(labels.shape).any(axis=tuple(range(1, labels.ndim)))


def _is_missing(label):
    return label is None or is_pandas_na(label) or label != label


def check_source_labels(labels, rows, estimator):
    """Refuse labels of source rows that are missing; rows are their numbers in X."""
    missing = missing_labels(labels)
    if missing.any():
        row = rows[np.argmax(missing)]
        raise ValueError(
            f"y is missing in {missing.sum()} of {len(rows)} source rows, first in row {row}, and "
            f"{type(estimator).__name__} learns from the labels of all of them; label these rows, "
            "leave them out, or count them to the target by negative numbers in sample_domain."
        )


def target_rows(X, y, sample_weight, sample_domain):
    """X, y and sample_weight of the target rows, for scoring."""
    check_consistent_length(X, y)
    rows = new_domains(sample_domain, _num_samples(X)) < 0
    if not rows.any():
        raise ValueError(
            f"score counts target rows only and got none among {len(rows)} rows; split with "
            "skdomain.model_selection.TargetKFold, whose test folds hold target rows."
        )
    labels = labels_at(y, rows)
    missing = missing_labels(labels)
    if missing.any():
        row = np.flatnonzero(rows)[np.argmax(missing)]
        raise ValueError(
            f"score needs the labels of the target rows, but y is missing in {missing.sum()} of "
            f"{len(missing)}, first in row {row}; pass the labelled rows alone, or judge without "
            "labels by a criterion of skdomain.model_selection, such as CircularValidation()."
        )
    weight = None if sample_weight is None else weights_at(sample_weight, rows)
    return rows_where(X, rows), labels, weight
