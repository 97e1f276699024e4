"""Proportions of a mixture of known densities that make rows most likely."""

from typing import NamedTuple

import numpy as np
from scipy.linalg.lapack import dposv


class Proportions(NamedTuple):
    """Weights of a mixture, of sum 1, and how near to the most likely ones they are."""

    theta: np.ndarray
    gap: float
    n_iter: int


def mixture_proportions(A, share, *, max_iter, tol):
    """Maximise ``sum_j share_j log (A theta)_j`` over ``theta >= 0, sum(theta) = 1``.

    A primal-dual interior point method on the same problem without the sum, whose place a term
    ``-sum(theta)`` takes: with ``g = A'(share / A theta)`` and multipliers z, each step is one of
    Newton's towards ``1 - g = z, theta z = mu``. The objective is concave and ``g'theta = 1`` at
    any theta of sum 1, so what theta lacks in likelihood is at most ``max(g) - 1``.
    """
    A = A / A.max(axis=1, keepdims=True)  # changes the objective by a constant; no row is zero
    theta, z = np.full(A.shape[1], 1 / A.shape[1]), np.ones(A.shape[1])
    scaled = np.empty_like(A)
    for n_iter in range(1, max_iter + 1):
        density = A @ theta
        g = (share / density) @ A
        gap = float(g.max() * theta.sum() - 1)
        if gap <= tol or n_iter == max_iter:
            break
        mu = 0.1 * (theta @ z) / len(theta)
        np.multiply(A, (np.sqrt(share) / density)[:, None], out=scaled)
        step = _solve(scaled.T @ scaled, z / theta, g - 1 + mu / theta)
        z_step = mu / theta - z - z / theta * step
        theta, z = theta + inside(theta, step) * step, z + inside(z, z_step) * z_step
    return Proportions(theta / theta.sum(), max(gap, 0.0), n_iter)


def _solve(H, diagonal, b):
    """``(H + diag(diagonal))^-1 b``, of H positive semi-definite, which is written over."""
    H.ravel()[:: len(H) + 1] += diagonal
    x, failed = dposv(H, b, lower=True)[1:]
    return np.linalg.solve(H, b) if failed else x  # indefinite by rounding


def inside(values, step):
    """Length of the step, at most 1, that keeps positive values positive."""
    fastest = np.max(-step / values)
    return 1.0 if fastest <= 0.99 else 0.99 / fastest
