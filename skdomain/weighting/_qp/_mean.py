"""The quadratic program of kernel mean matching: a box, and a mean within a distance of 1."""

import numpy as np

from skdomain.weighting._qp._box import minimize_in_box
from skdomain.weighting._qp._gram import RaisedGram

_RHO = 10.0


def minimize_near_mean(gram, kappa, ridge, B, eps, tol, max_iter):
    """Minimiser, multiplier of the mean constraint, and Newton steps.

    Where the mean constraint binds, the method of multipliers adds ``rho / 2 (1'w - total)^2``.
    """
    n = len(kappa)
    start = np.full(n, min(1.0, B)) if ridge >= 1e-3 else np.zeros(n)
    box = {"upper": B, "ridge": ridge, "tol": tol}
    best = minimize_in_box(gram, kappa + ridge, start=start, max_iter=max_iter, **box)
    off, multiplier, n_iter = best.w.mean() - 1, 0.0, best.n_iter
    if abs(off) <= eps:
        return best.w, multiplier, n_iter
    total = n * (1 + np.sign(off) * eps)
    raised = RaisedGram(gram, _RHO)
    while n_iter < max_iter:
        linear = kappa + ridge + _RHO * total + multiplier
        best = minimize_in_box(raised, linear, start=best.w, max_iter=max_iter - n_iter, **box)
        excess, n_iter = best.w.sum() - total, n_iter + best.n_iter
        multiplier -= _RHO * excess
        if abs(excess) <= tol / 10:
            break
        n_iter += 1
    return with_mean(best.w, total / n, B, eps), multiplier, n_iter


def with_mean(w, mean, B, eps):
    """W with this mean, up to what rounding asks for: within eps of 1 and w in [0, B], exactly.

    Only variables inside the box are moved, if there are any.
    """
    inside = np.flatnonzero((w > 0) & (w < B))
    moved = inside if len(inside) else np.flatnonzero(w)
    w = w.copy()
    off = len(w) * (mean - w.mean())
    room = B - w[moved] if off > 0 else w[moved]
    w[moved] = np.clip(w[moved] + room * (off / max(room.sum(), abs(off))), 0, B)
    within = max(eps - 2 * np.finfo(float).eps, 0)
    for i in range(200):
        if abs(w.mean() - 1) <= eps:
            break
        edge = min(max(w.mean(), 1 - within), 1 + within)
        j = moved[i % len(moved)]
        w[j] = min(max(w[j] + (1 + i % 7 / 4) * len(w) * (edge - w.mean()), 0), B)
    return w
