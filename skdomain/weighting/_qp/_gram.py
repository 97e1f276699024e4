"""Symmetric positive semi-definite matrices, as an active set method uses them.

Products with a few columns, blocks of a few rows, and low-rank factors to precondition by.
"""

import numpy as np
from scipy.linalg import eigh

from skdomain._estimators import compiled

_DIRECT_ROWS = 300
_LARGE_RIDGE = 0.1
_LANDMARKS = 50


@compiled
def weighted_rows(K, rows, coefs):
    """``coefs @ K[rows]`` without a copy of the rows; float64 of length K.shape[1]."""
    total = np.zeros(K.shape[1])
    for i in range(rows.shape[0]):
        row = K[rows[i]]
        for j in range(K.shape[1]):
            total[j] += coefs[i] * row[j]
    return total


class DenseGram:
    """A symmetric matrix K in memory; K + ridge I is factorisable from `least_ridge` on."""

    least_ridge = 1e-10

    def __init__(self, K):
        self.K = K

    def direct_rows(self, ridge):
        """Most rows for which Cholesky is faster than conjugate gradients."""
        return np.inf if ridge < _LARGE_RIDGE else _DIRECT_ROWS

    def product(self, rows, coefs):
        """``K[:, rows] @ coefs``."""
        return weighted_rows(self.K, rows, coefs)

    def block(self, rows):
        """``K[rows, rows]``, a copy."""
        return self.K[np.ix_(rows, rows)]

    def factor(self, rows):
        """Phi with ``K[rows, rows]`` near ``Phi Phi'``, from evenly spaced rows among them."""
        landmarks = rows[np.linspace(0, len(rows) - 1, min(_LANDMARKS, len(rows))).astype(int)]
        values, vectors = eigh(self.block(landmarks))
        kept = values > 1e-10 * values[-1]
        return self.K[landmarks][:, rows].T @ (vectors[:, kept] / np.sqrt(values[kept]))


class FactoredGram:
    """The matrix ``K = Phi Phi'``, not formed; least_ridge as in DenseGram."""

    least_ridge = 1e-6  # below, the preconditioner, else exact, is lost in rounding

    def __init__(self, Phi):
        self.Phi = Phi

    def direct_rows(self, ridge):
        """Most rows for which Cholesky is faster than conjugate gradients."""
        return max(2 * self.Phi.shape[1], _DIRECT_ROWS)

    def product(self, rows, coefs):
        """``K[:, rows] @ coefs``."""
        return self.Phi @ weighted_rows(self.Phi, rows, coefs)

    def block(self, rows):
        """``K[rows, rows]``."""
        return self.Phi[rows] @ self.Phi[rows].T

    def factor(self, rows):
        """``Phi[rows]``."""
        return self.Phi[rows]


class RaisedGram:
    """``K + rho 1 1'``: a penalty ``rho / 2 (1'w)^2``."""

    def __init__(self, gram, rho):
        self.gram, self.rho = gram, rho
        self.direct_rows = gram.direct_rows

    def product(self, rows, coefs):
        """``(K + rho 1 1')[:, rows] @ coefs``."""
        return self.gram.product(rows, coefs) + self.rho * coefs.sum()

    def block(self, rows):
        """Entries of these rows and columns."""
        return self.gram.block(rows) + self.rho

    def factor(self, rows):
        """Factor of the matrix of these rows, nearly."""
        Phi = self.gram.factor(rows)
        return np.column_stack([Phi, np.full(len(Phi), np.sqrt(self.rho))])
