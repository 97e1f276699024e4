"""Few rows of many features in coordinates of their own, in which a ridge costs the same."""

import numpy as np
from scipy import sparse


class RowSpan:
    """Coordinates Z of rows ``X = Z Q'`` with ``Q'Q = I``, as few as there are rows or features.

    A ridge leaves the minimiser in the span of the rows, ``w = Q u``, and ``|w| = |u|``.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
        Of sparse rows, the columns that hold something are made dense.

    Attributes
    ----------
    Z : ndarray of shape (n_samples, rank)
    """

    def __init__(self, X):
        self._n_features, self._columns, self._Q = X.shape[1], slice(None), None
        if sparse.issparse(X):
            self._columns = np.unique(X.tocsr().indices)
            X = X.tocsc()[:, self._columns].toarray()
        self.Z = X.astype(np.float64, copy=False)
        if len(self.Z) < self.Z.shape[1]:
            self._Q, triangle = np.linalg.qr(self.Z.T)
            self.Z = np.ascontiguousarray(triangle.T)

    def lifted(self, u):
        """Weights ``Q u`` of the features; of shape (n_features, n_outputs)."""
        w = np.zeros((self._n_features, u.shape[1]))
        w[self._columns] = u if self._Q is None else self._Q @ u
        return w
