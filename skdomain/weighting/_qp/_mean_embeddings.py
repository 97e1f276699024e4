"""KMM's K and kappa: of the kernel itself and, for many rows, of its Nystroem approximation."""

import numpy as np
from scipy.linalg import eigh

from skdomain._kernels import row_batches
from skdomain._rows import distinct_rows
from skdomain.weighting._qp._box import (
    DIRECT_ROWS,
    EVEN_RIDGE,
    DenseGram,
    even_start,
    weighted_rows,
)
from skdomain.weighting._qp._interior import interior_start

_LANDMARKS = 1000
_MANY = 3  # rows a landmark, from which on interior points are worth their products


class FactoredGram:
    """The matrix ``K = Phi Phi'``, not formed; least_ridge as in DenseGram."""

    least_ridge = 1e-6  # below, the preconditioner, else exact, is lost in rounding

    def __init__(self, Phi):
        self.Phi = Phi

    def direct_rows(self, ridge):
        """Most rows for which Cholesky is faster than conjugate gradients."""
        return max(2 * self.Phi.shape[1], DIRECT_ROWS)

    def product(self, rows, coefs):
        """``K[:, rows] @ coefs``."""
        return self.Phi @ weighted_rows(self.Phi, rows, coefs)

    def block(self, rows):
        """``K[rows, rows]``."""
        return self.Phi[rows] @ self.Phi[rows].T

    def factor(self, rows):
        """``Phi[rows]``."""
        return self.Phi[rows]

    def start(self, linear, ridge, upper, max_iter):
        """Where to start, and the Newton steps that it took."""
        if ridge >= EVEN_RIDGE or len(self.Phi) < _MANY * self.Phi.shape[1]:
            return even_start(linear, ridge, upper), 0
        return interior_start(self.Phi, linear, ridge, upper, max_iter)


def landmark_moments(Xs, Xt, k):
    """K, kappa, scale and variance, as :class:`KMM` has them, of a kernel that is k on landmarks.

    Landmarks are evenly spaced distinct source rows.
    """
    n, distinct = Xs.shape[0], distinct_rows(Xs)[0]
    last = distinct.shape[0] - 1
    spaced = np.linspace(0, last, min(_LANDMARKS, last + 1)).astype(int)
    landmarks = distinct[spaced]
    values, vectors = eigh(k(landmarks))
    kept = values > 1e-12 * values[-1]
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    Phi = np.empty((n, kept.sum()))
    for rows in row_batches(n, len(spaced)):
        Phi[rows] = k(Xs[rows], landmarks) @ whiten
    target = k.row_sums(landmarks, Xt) @ whiten
    scale = np.vdot(Phi, Phi) / n
    if scale > 0:
        Phi, target = np.divide(Phi, np.sqrt(scale), out=Phi), target / np.sqrt(scale)
    means = Phi @ Phi.mean(axis=0)
    variance = np.square(Phi.T @ Phi).sum() / n**2 - np.square(means).mean()
    return FactoredGram(Phi), Phi @ target * (n / Xt.shape[0]), scale, variance


def kernel_moments(Xs, Xt, k):
    """K, kappa, the mean of K's diagonal that both are divided by, and the variance of K's rows."""
    n = Xs.shape[0]
    K, kappa = k(Xs), k.row_sums(Xs, Xt)
    scale = K.diagonal().mean()
    if scale > 0 and scale != 1:
        K, kappa = np.divide(K, scale, out=K), kappa / scale
    variance = np.vdot(K, K) / n**2 - np.square(K.mean(axis=1)).mean()
    return DenseGram(np.ascontiguousarray(K)), kappa * (n / Xt.shape[0]), scale, variance
