"""Rows of several domains on top of each other, in the form that every estimator takes."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import _num_samples

from skdomain._domains._labels import check_sample_domain, labels_at, rows_at
from skdomain._rows import is_frame, stack_frames

_SHOWN = 5  # names in an error


def stack_domains(source: Any, target: Any) -> tuple[Any, np.ndarray, np.ndarray]:
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
        All rows, source domains first; a frame of pandas or polars where all domains are one. Texts
        become an array of shape (n_samples,), and rows of more dimensions keep them.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        All labels; where a target has none, NaN beside floats and None beside other labels.
    sample_domain : ndarray of shape (n_samples,), int64
        1, 2, ... for the source domains, the next numbers, negative, for the targets.

    Raises
    ------
    ValueError
        If a domain is empty, or the domains differ in their number of columns, or frames in their
        names or order.

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
    blocks = [_as_block(X) for X, _ in domains]
    signs = np.repeat([1, -1], [len(sources), len(targets)])
    numbers = signs * np.arange(1, len(domains) + 1)
    _check_columns(blocks, numbers.tolist())
    return (
        stack_rows(blocks),
        _stack_labels([y for _, y in domains], lengths),
        np.repeat(numbers, lengths),
    )


def split_domains(X: Any, y: Any, sample_domain: ArrayLike) -> tuple[Any, Any]:
    """Split stacked rows into source and target; the inverse of :func:`stack_domains`.

    Parameters
    ----------
    X : array-like or RowBlocks of shape (n_samples, n_features)
        Rows of both domains.
    y : array-like of shape (n_samples,)
        Labels of all rows.
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative for target rows.

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
        isinstance(domain, tuple) or np.ndim(domain) >= 2 for domain in domains
    )
    pairs = domains if several else [domains]
    return [pair if isinstance(pair, tuple) else (pair, None) for pair in pairs]


def _as_block(X):
    """Rows with a shape; texts in a list as objects, as long ones would widen all others."""
    if hasattr(X, "shape"):
        return X
    is_text = len(X) > 0 and isinstance(X[0], str)
    return np.asarray(X, dtype=object if is_text else None)


def _check_columns(blocks, numbers):
    """Refuse domains whose rows differ in their shape, or frames whose columns do."""
    named = zip(numbers, blocks, strict=True)
    frames = [(number, list(X.columns)) for number, X in named if is_frame(X)]
    for number, columns in frames[1:]:
        _check_names(*frames[0], number, columns)
    _check_shapes(sorted({X.shape[1:] for X in blocks}))


def _check_shapes(shapes):
    if all(len(shape) == 1 for shape in shapes):
        shapes = [width for (width,) in shapes]
    if len(shapes) > 1:
        raise ValueError(f"the domains differ in their number of columns: {shapes}.")


def _check_names(first, expected, number, columns):
    if columns == expected:
        return
    missing = [name for name in expected if name not in columns]
    added = [name for name in columns if name not in expected]
    if not missing and not added:
        raise ValueError(
            f"domains {first} and {number} have the same columns in another order: "
            f"{expected[:_SHOWN]} and {columns[:_SHOWN]}; select those of one from the other."
        )
    raise ValueError(
        f"domains {first} and {number} differ in their columns: {missing[:_SHOWN]} only in the "
        f"first of them, {added[:_SHOWN]} only in the second; rename or select columns so that all "
        "domains have the same."
    )


def stack_rows(blocks):
    """Rows on top of each other: a frame where all are one, sparse where any is, else an array."""
    frame = stack_frames(blocks)
    if frame is not None:
        return frame
    if any(sparse.issparse(X) for X in blocks):
        return sparse.vstack(blocks, format="csr")
    return np.concatenate([np.asarray(X) for X in blocks])


def _stack_labels(labels, lengths):
    known = np.concatenate([np.asarray(y) for y in labels if y is not None])
    if all(y is not None for y in labels):
        return known
    shape = (sum(lengths), *known.shape[1:])
    stacked = np.full(shape, None, dtype=object)
    if known.dtype.kind == "f":
        stacked = np.full(shape, np.nan, dtype=known.dtype)
    is_known = np.repeat([y is not None for y in labels], lengths)
    stacked[is_known] = known
    return stacked
