"""The graph of nearest neighbours and its normalised Laplacian, sparse.

``tr(F'LF)`` sums ``W_ij |f_i / sqrt(d_i) - f_j / sqrt(d_j)|^2`` over the edges, so a classifier
with a small value of it says the same of neighbours, whatever their domain.
"""

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches

from skdomain.regularized._loops import largest, nearest

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


class Cosines:
    """Cosines of all rows with all rows, found once for whatever is a function of them.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float64

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_samples)
        The cosines; :meth:`kernel` may write over them.
    unit : bool
        Whether the rows have length 1, so that cosines tell distances, too.
    """

    def __init__(self, X):
        self.unit = bool(np.abs(np.einsum("ij,ij->i", X, X) - 1).max() <= LENGTH_ONE)
        rows = X if self.unit else _unit(X)
        self.values = rows @ rows.T

    def laplacian(self, n_neighbors):
        """What :func:`cosine_laplacian` is of these rows."""
        return _laplacian([self.values], len(self.values), n_neighbors)

    def kernel(self, kernel, X):
        """A kernel's matrix of the rows X, from the cosines where it is a function of them."""
        K = kernel.of_cosines(self.values) if self.unit else None
        return kernel(X) if K is None else K

    def nearest(self, rows, others):
        """Which of the others has the largest cosine with each of the rows, all by their number."""
        return others[largest(self.values, rows, others)]


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
