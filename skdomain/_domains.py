"""Domain labels that travel beside the data: the only file that knows their encoding.

``sample_domain`` holds one integer a row: positive for a source row, negative for a target row,
the absolute value naming the domain. Nothing here reads ``y`` on a target row.
"""

import warnings

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin, TransformerMixin, is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils import _safe_indexing, check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_samples, assert_all_finite

from skdomain._rows import as_given, as_rows, is_streamed

ENCODING = "positive integers for source rows and negative ones for target rows"


class NoTargetWarning(UserWarning):
    """Raised as a warning when a method is fitted without any target row, hence cannot adapt."""


def check_sample_domain(sample_domain, n_samples):
    """Validate domain labels.

    Parameters
    ----------
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative ones for target rows.
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
    if domains.shape != (n_samples,):
        raise ValueError(
            f"sample_domain has shape {domains.shape} but X has {n_samples} rows; "
            f"pass one label a row: {ENCODING}."
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
        warnings.warn(
            f"{name} is fitted without target rows and does not adapt; pass sample_domain with "
            f"{ENCODING} to fit.",
            NoTargetWarning,
            stacklevel=3,
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
    return _safe_indexing(X, np.flatnonzero(rows))


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
    assert_all_finite(labels, input_name="y")
    if is_classifier(estimator):
        check_classification_targets(labels)
    return labels


def target_rows(X, y, sample_weight, sample_domain):
    """X, y and sample_weight of the target rows, for scoring."""
    check_consistent_length(X, y, sample_weight)
    rows = new_domains(sample_domain, _num_samples(X)) < 0
    if not rows.any():
        raise ValueError(
            f"score counts target rows only and got none among {len(rows)} rows; split with "
            "skdomain.model_selection.TargetKFold, whose test folds hold target rows."
        )
    weight = None if sample_weight is None else np.asarray(sample_weight)[rows]
    return rows_at(X, rows), labels_at(y, rows), weight


class DomainTransformerMixin(TransformerMixin):
    """Transformer whose ``fit`` and ``transform`` take ``sample_domain``."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__transform = {"sample_domain": True}

    def fit_transform(self, X, y=None, sample_domain=None):
        """Fit to X and return X transformed, its rows in the order they came in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains, in any order. :class:`~skdomain.RowBlocks` and dask arrays where
            ``fit`` says so.
        y : array-like of shape (n_samples,), default=None
            Labels, for the methods that use those of the source rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out), or RowBlocks or a dask array if X is
            The same as ``fit(X, y, sample_domain).transform(X, sample_domain)``; of blocks and
            dask arrays, computed when it is read.
        """
        return self.fit(X, y, sample_domain=sample_domain).transform(X, sample_domain=sample_domain)


class DomainClassifierMixin(ClassifierMixin):
    """Classifier whose ``fit`` takes ``sample_domain`` and which is scored on target rows."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__decision_function = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}

    def score(self, X, y, sample_weight=None, sample_domain=None):
        """Accuracy on the target rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to predict. :class:`~skdomain.RowBlocks` and dask arrays where ``predict`` says
            so.
        y : array-like of shape (n_samples,)
            True labels; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            Share of the target rows predicted right, in [0, 1].

        Raises
        ------
        ValueError
            If there is no target row.
        """
        X, y, sample_weight = target_rows(X, y, sample_weight, sample_domain)
        return accuracy_score(y, np.asarray(self.predict(X)), sample_weight=sample_weight)


def stack_domains(source, target):
    """Stack domains into the form that every estimator takes.

    Parameters
    ----------
    source : tuple (Xs, ys) or list of such tuples
        Labelled rows of one source domain, or of several.
    target : array-like Xt, tuple (Xt, yt), or list of either
        Rows of one target domain, or of several. Labels, where given, serve for scoring only.

    Returns
    -------
    X : ndarray, sparse matrix or DataFrame of shape (n_samples, n_features)
        All rows, source domains first.
    y : ndarray of shape (n_samples,)
        All labels; where a target has none, NaN beside floats and None beside other labels.
    sample_domain : ndarray of shape (n_samples,), int64
        1, 2, ... for the source domains, the next numbers, negative, for the targets.

    Raises
    ------
    ValueError
        If a domain is empty or the domains differ in their number of columns.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain import stack_domains
    >>> X, y, sample_domain = stack_domains((np.zeros((2, 3)), ["a", "b"]), np.ones((1, 3)))
    >>> y, sample_domain
    (array(['a', 'b', None], dtype=object), array([ 1,  1, -2]))
    """
    sources, targets = _domain_list(source), _domain_list(target)
    for _, y in sources:
        if y is None:
            raise ValueError("source needs labels: pass it as a tuple (Xs, ys).")
    domains = sources + targets
    for X, y in domains:
        check_consistent_length(X, y)
    lengths = [_num_samples(X) for X, _ in domains]
    if 0 in lengths:
        raise ValueError(f"every domain needs at least one row, got {lengths} rows.")
    widths = {np.shape(X)[1] for X, _ in domains}
    if len(widths) > 1:
        raise ValueError(f"the domains differ in their number of columns: {sorted(widths)}.")
    signs = np.repeat([1, -1], [len(sources), len(targets)])
    numbers = signs * np.arange(1, len(domains) + 1)
    return (
        _stack_rows([X for X, _ in domains]),
        _stack_labels([y for _, y in domains], lengths),
        np.repeat(numbers, lengths),
    )


def split_domains(X, y, sample_domain):
    """Split stacked rows into source and target; the inverse of :func:`stack_domains`.

    Parameters
    ----------
    X : array-like or RowBlocks of shape (n_samples, n_features)
        Rows of both domains.
    y : array-like of shape (n_samples,)
        Labels of all rows.
    sample_domain : array-like of shape (n_samples,)
        Positive for source rows, negative for target rows.

    Returns
    -------
    source : tuple (Xs, ys)
        Rows and labels of all source domains, in their order.
    target : tuple (Xt, yt)
        Rows and labels of all target domains, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain import split_domains
    >>> (Xs, ys), (Xt, yt) = split_domains(np.eye(3), [0, 1, 0], [1, -2, 1])
    >>> ys, yt
    (array([0, 0]), array([1]))
    """
    check_consistent_length(X, y)
    source = check_sample_domain(sample_domain, _num_samples(X)) > 0
    return tuple((rows_at(X, rows), labels_at(y, rows)) for rows in (source, ~source))


def _domain_list(domains):
    """``[(X, y or None), ...]`` of one domain or a list of them."""
    several = isinstance(domains, list) and any(
        isinstance(domain, tuple) or np.ndim(domain) == 2 for domain in domains
    )
    pairs = domains if several else [domains]
    return [pair if isinstance(pair, tuple) else (pair, None) for pair in pairs]


def _stack_rows(blocks):
    if all(hasattr(X, "iloc") for X in blocks):
        import pandas as pd

        return pd.concat(blocks, ignore_index=True)
    if any(sparse.issparse(X) for X in blocks):
        return sparse.vstack(blocks, format="csr")
    return np.concatenate([np.asarray(X) for X in blocks])


def _stack_labels(labels, lengths):
    known = np.concatenate([np.asarray(y) for y in labels if y is not None])
    if all(y is not None for y in labels):
        return known
    stacked = np.full(sum(lengths), None, dtype=object)
    if known.dtype.kind == "f":
        stacked = np.full(sum(lengths), np.nan, dtype=known.dtype)
    is_known = np.repeat([y is not None for y in labels], lengths)
    stacked[is_known] = known
    return stacked
