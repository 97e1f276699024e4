"""Sparse rows: in the order of their values, and as dense rows of as many features as need be."""

import numpy as np
from scipy import sparse
from scipy.linalg import eigh


def row_keys(X):
    """Bytes of each row of a sparse matrix, which compare as those of the rows made dense do.

    An entry is the number of features from its own on, then its value, and the end of a row is 0:
    where one row has an entry and another none, the bytes of the one are larger, as any are than
    those of 0.
    """
    X = _canonical(X)
    entries = np.empty(X.nnz, dtype=[("place", ">u8"), ("value", X.dtype)])
    entries["place"], entries["value"] = X.shape[1] - X.indices, X.data
    bounds = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    return [entries[start:stop].tobytes() + bytes(8) for start, stop in bounds]


def dense_with_distances(X):
    """Dense rows with the same distances from each other, and at most one feature a distinct row.

    Parameters
    ----------
    X : sparse matrix of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples, n_features_out), float64
        The features that are not 0 everywhere; coordinates in the span of the rows where it has
        fewer dimensions. Equal rows are equal, and no order of the rows matters to a row.

    Notes
    -----
    O(n^2) memory at most, O(n^3) time where there are more features than the n distinct rows.
    """
    X = _canonical(X).astype(np.float64)
    if not X.nnz:
        return np.zeros((X.shape[0], 1))
    X = X[:, np.unique(X.indices)]
    numbers, first = {}, []
    keys = row_keys(X)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for row in order:
        if keys[row] not in numbers:
            numbers[keys[row]] = len(first)
            first.append(row)
    distinct = X[first]
    dense = distinct.toarray() if len(first) >= X.shape[1] else _coordinates(distinct)
    return dense[[numbers[key] for key in keys]]


def _canonical(X):
    """A copy with one entry a place, in order, and none that is 0."""
    X = sparse.csr_array(X, copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    return X


def _coordinates(X):
    """Rows with the same inner products."""
    values, vectors = eigh((X @ X.T).toarray())
    kept = values > len(values) * np.finfo(float).eps * values[-1]
    return vectors[:, kept] * np.sqrt(values[kept])
