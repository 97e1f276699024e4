"""The graph of nearest neighbours and its normalised Laplacian, sparse.

``tr(F'LF)`` sums ``W_ij |f_i / sqrt(d_i) - f_j / sqrt(d_j)|^2`` over the edges, so a classifier
with a small value of it says the same of neighbours, whatever their domain.
"""

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches

from skdomain._estimators import compiled

COSINE_BYTES = 2**26
LENGTH_ONE = 1e-12  # distance from 1, up to which rows are taken to have that length


def cosine_laplacian(X, *, n_neighbors=10):
    """Normalised Laplacian of the cosine graph of nearest neighbours.

    ``L = I - D^-1/2 W D^-1/2`` with ``W = max(W0, W0')``: row i of W0 holds the cosines of x_i with
    its ``n_neighbors`` nearest rows and with itself, D the row sums of W ([1]_). Negative cosines
    count as 0.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Rows of both domains; a row of zeros has no neighbour but itself.
    n_neighbors : int, default=10
        Neighbours of a row besides itself; all others where there are fewer.

    Returns
    -------
    csr_array of shape (n_samples, n_samples), float64
        Symmetric and positive semi-definite, with eigenvalues in [0, 2].

    Notes
    -----
    O(n_samples^2 n_features) time; a block of the cosines at a time is held, and the graph.

    References
    ----------
    .. [1] Long, Wang, Ding, Pan and Yu (2014), "Adaptation regularization: a general framework for
       transfer learning", IEEE TKDE 26(5).
    """
    unit = _unit(X)
    n = len(unit)
    batches = gen_batches(n, max(1, COSINE_BYTES // (8 * n)))
    return _laplacian((unit[rows] @ unit.T for rows in batches), n, n_neighbors)


def kernel_and_laplacian(kernel, X, *, n_neighbors):
    """A kernel's matrix and the Laplacian of the same rows, from one product where that does.

    For rows of length 1 the cosines are what the kernel is a function of.
    """
    unit = _unit(X)
    cosines = unit @ unit.T
    L = _laplacian([cosines], len(X), n_neighbors)
    if np.abs(np.einsum("ij,ij->i", X, X) - 1).max() > LENGTH_ONE:
        return kernel(X), L
    K = kernel.of_cosines(cosines)
    return (kernel(X) if K is None else K), L


def _unit(X):
    return normalize(X.astype(np.float64, copy=False))


def _laplacian(blocks, n, n_neighbors):
    """Laplacian from the cosines of all rows with all rows, in blocks of rows."""
    k = min(n_neighbors, n - 1) + 1
    values, columns = np.empty((n, k)), np.zeros((n, k), dtype=np.intp)
    start = 0
    for cosines in blocks:
        stop = start + len(cosines)
        nearest(cosines, start, values[start:stop], columns[start:stop])
        start = stop
    np.clip(values, 0.0, 1.0, out=values)
    W0 = sparse.csr_array((values.ravel(), columns.ravel(), np.arange(0, n * k + 1, k)), (n, n))
    W = W0.maximum(W0.T).tocsr()
    roots = sparse.diags_array(1 / np.sqrt(W.sum(axis=1)))
    return (sparse.eye_array(n) - roots @ W @ roots).tocsr()


@compiled
def nearest(cosines, start, values, columns):
    """The largest cosines of each row, falling, and where; row i is row start + i of all.

    A row comes first in its own list, as of length 1 it has the cosine 1 with itself.
    """
    k = values.shape[1]
    for i in range(cosines.shape[0]):
        values[i, 0], columns[i, 0] = 1.0, start + i
        values[i, 1:] = -2.0
        for j in range(cosines.shape[1]):
            cosine = cosines[i, j]
            if j == start + i or not cosine > values[i, k - 1]:
                continue
            at = k - 1
            while at > 1 and values[i, at - 1] < cosine:
                values[i, at], columns[i, at] = values[i, at - 1], columns[i, at - 1]
                at -= 1
            values[i, at], columns[i, at] = cosine, j
