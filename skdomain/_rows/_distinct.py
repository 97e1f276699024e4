"""Distinct rows, and rows on top of each other, of arrays and of sparse matrices alike."""

import numpy as np
from scipy import sparse

_SIGN = np.uint64(1 << 63)


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
    if not sparse.issparse(X):
        rows, places, counts = np.unique(X, axis=0, return_inverse=True, return_counts=True)
        return rows, places.ravel(), counts
    X = sparse.csr_array(X)
    options = {"return_index": True, "return_inverse": True, "return_counts": True}
    _, first, places, counts = np.unique(_row_keys(X), **options)
    return X[first], places.ravel(), counts


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
