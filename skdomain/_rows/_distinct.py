"""Distinct rows, and rows on top of each other, of arrays and of sparse matrices alike."""

import numpy as np
from scipy import sparse

_SIGN = np.uint64(1 << 63)
_HEAD = 8  # features that are compared first


def distinct_rows(X):
    """Distinct rows in the lexicographic order of their values, and where and how often they are.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
        Finite; sparse rows are not made dense, in O(n log n) comparisons of rows.

    Returns
    -------
    rows : ndarray or sparse matrix of shape (n_distinct, n_features)
    places : ndarray of shape (n_samples,)
        Which of them each row is.
    counts : ndarray of shape (n_distinct,)
    """
    if sparse.issparse(X):
        X = sparse.csr_array(X)
    first, places = distinct_places(X)
    return X[first], places, np.bincount(places)


def distinct_places(X):
    """Where distinct rows are first, in the order of their values, and which of them each row is.

    X as in :func:`distinct_rows`.
    """
    if sparse.issparse(X):
        keys = _row_keys(sparse.csr_array(X))
        return np.unique(keys, return_index=True, return_inverse=True)[1:]
    order, differs = _order(X)
    places = np.empty(len(X), dtype=np.intp)
    places[order] = np.cumsum(differs) - 1
    return order[differs], places


def _order(X):
    """Order of rows by their values, and which of them, so ordered, differ from those before.

    The first features settle it for most rows. Those tied in them are ordered by the next ones,
    four times as many at a time, and copies of a row by all of them.
    """
    order, differs = np.arange(len(X)), np.arange(len(X)) == 0
    start, stop = 0, _HEAD
    tied = np.ones(len(X), dtype=bool)
    while start < X.shape[1] and tied.any():
        group = np.cumsum(differs)[tied]
        within, parts = _order_of(X[order[tied], start:stop], group)
        order[tied] = order[tied][within]
        differs[tied] |= parts
        tied = ~(differs & np.append(differs[1:], True))
        start, stop = stop, 4 * stop
    return order, differs


def _order_of(values, group):
    """Order of rows by group, then by value, and which of them differ from those before."""
    within = np.lexsort([*values.T[::-1], group])
    ordered = values[within]
    return within, np.append(False, (ordered[1:] != ordered[:-1]).any(axis=1))


def _row_keys(X):
    """Bytes of each row of a sparse array, in the order of which the rows are in theirs.

    Of two rows, the first feature in which they differ decides. An entry is its sign times the
    number of features from its own on, then its value: a positive one precedes what is 0 there,
    and the sooner it comes, the larger it is; the end of the row is 0.
    """
    X = X.copy()
    X.sum_duplicates()
    X.eliminate_zeros()
    X.data = X.data.astype(np.float64)
    where = np.sign(X.data) * (X.shape[1] - X.indices)
    entries = _sortable(np.stack([where, X.data], axis=1)).astype(">u8")
    end = _sortable(np.zeros(1)).astype(">u8").tobytes()
    keys = np.empty(X.shape[0], dtype=object)
    for row in range(X.shape[0]):
        keys[row] = entries[X.indptr[row] : X.indptr[row + 1]].tobytes() + end
    return keys


def _sortable(values):
    """Unsigned integers in the order of these floating point numbers."""
    bits = values.view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def stacked(arrays):
    """Rows on top of each other: sparse where any are."""
    if any(sparse.issparse(X) for X in arrays):
        return sparse.vstack([sparse.csr_array(X) for X in arrays], format="csr")
    return np.concatenate(arrays)
