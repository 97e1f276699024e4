"""Proportions of a mixture of known densities that make rows most likely."""

from typing import NamedTuple

import numpy as np


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
    theta, z = np.full(A.shape[1], 1 / A.shape[1]), np.ones(A.shape[1])
    for n_iter in range(1, max_iter + 1):
        W = A / (A @ theta)[:, None]
        g = share @ W
        gap = float(g.max() * theta.sum() - 1)
        if gap <= tol or n_iter == max_iter:
            break
        mu = 0.1 * (theta @ z) / len(theta)
        newton = (W * share[:, None]).T @ W + np.diag(z / theta)
        step = np.linalg.solve(newton, g - 1 + mu / theta)
        z_step = mu / theta - z - z / theta * step
        theta, z = theta + inside(theta, step) * step, z + inside(z, z_step) * z_step
    return Proportions(theta / theta.sum(), max(gap, 0.0), n_iter)


def inside(values, step):
    """Length of the step, at most 1, that keeps positive values positive."""
    falling = step < 0
    return min(1.0, 0.99 * np.min(-values[falling] / step[falling], initial=2.0))
