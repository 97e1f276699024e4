"""The quadratic program of kernel mean matching: a box, and a mean within eps of 1."""

import numpy as np

from skdomain.weighting._qp._box import minimize_in_box, violations

_RHO = 10.0


class RaisedGram:
    """``K + rho 1 1'``: a penalty ``rho / 2 (1'w)^2``."""

    def __init__(self, K, rho):
        self.K, self.rho = K, rho
        self.direct_rows = K.direct_rows

    def product(self, rows, coefs):
        """``(K + rho 1 1')[:, rows] @ coefs``."""
        return self.K.product(rows, coefs) + self.rho * coefs.sum()

    def block(self, rows):
        """Entries of these rows and columns."""
        return self.K.block(rows) + self.rho

    def factor(self, rows):
        """Factor of the matrix of these rows, nearly."""
        Phi = self.K.factor(rows)
        return np.column_stack([Phi, np.full(len(Phi), np.sqrt(self.rho))])


def minimize_near_mean(K, kappa, ridge, B, eps, tol, max_iter):
    """Minimise ``1/2 w'Kw - kappa'w + ridge/2 |w - 1|^2``, 0 <= w <= B, ``|mean(w) - 1| <= eps``.

    Returns
    -------
    w : ndarray of shape (n,)
        The constraints hold exactly, in floating point.
    violation : float
        Largest violation of the optimality conditions.
    n_iter : int
        Newton steps.
    """
    n, upper, multiplier = len(kappa), B, 0.0
    start, steps = K.start(kappa + ridge, ridge, B, max_iter)
    box = {"ridge": ridge, "tol": tol}
    # The box alone, as the mean hardly ever leaves its bounds.
    w, _, _, n_iter = minimize_in_box(
        K, kappa + ridge, start=start, upper=B, max_iter=max_iter - steps, **box
    )
    n_iter += steps
    if abs(w.mean() - 1) > eps:
        side = np.sign(w.mean() - 1)
        unit, total = grid(n, eps, side)
        upper = B - np.fmod(B, unit)
        w, multiplier, steps = minimize_at_sum(
            K, kappa + ridge, np.minimum(w, upper), total, upper, max_iter - n_iter, **box
        )
        w, n_iter = with_sum(w, total, upper, unit), n_iter + steps
    support = np.flatnonzero(w)
    gradient = K.product(support, w[support]) + ridge * (w - 1) - kappa - multiplier
    return w, float(violations(w, gradient, upper).max()), n_iter


def minimize_at_sum(K, linear, w, total, upper, max_iter, *, ridge, tol):
    """Minimiser in the box with this sum, the constraint's multiplier, and Newton steps.

    The method of multipliers: ``rho / 2 (1'w - total)^2`` and a multiple of 1'w are added.
    """
    raised, multiplier, n_iter = RaisedGram(K, _RHO), 0.0, 0
    while n_iter < max_iter:
        found = minimize_in_box(
            raised,
            linear + (_RHO * total + multiplier),
            upper=upper,
            ridge=ridge,
            start=w,
            tol=tol,
            max_iter=max_iter - n_iter,
        )
        w, n_iter, excess = found.w, n_iter + found.n_iter, found.w.sum() - total
        multiplier -= _RHO * excess
        if abs(excess) <= tol / 10:
            break
        n_iter += 1
    return w, multiplier, n_iter


def grid(n, eps, side):
    """A power of two, of whose multiples all sums up to `total` are exact, and that total.

    The total is that of n numbers whose mean is ``1 + side eps`` and, in floating point, not more
    than eps from 1.
    """
    unit = 2.0 ** (np.ceil(np.log2(n * (1 + eps))) - 52)
    units = np.rint(n * (1 + side * eps) / unit)
    while abs(units * unit / n - 1) > eps:
        units -= side
    return unit, units * unit


def with_sum(w, total, upper, unit):
    """W with this sum, its entries multiples of `unit` in [0, upper].

    Variables inside the box are moved, in proportion to their room, and the others where that is
    too little. Then w is cut to whole units, and those that are missing go to the largest rests.
    """
    inside = (w > 0) & (w < upper)
    for moved in (inside, np.ones(len(w), dtype=bool)):
        off = total - w.sum()
        if abs(off) <= len(w) * unit:
            break
        room = np.where(moved, upper - w if off > 0 else w, 0)
        w = np.clip(w + room * (off / max(room.sum(), abs(off))), 0, upper)
    units = np.floor(w / unit)
    rest = w / unit - units
    while abs(missing := total / unit - units.sum()) >= 1:
        free = units < upper / unit if missing > 0 else units > 0
        free = np.flatnonzero(free & inside if (free & inside).any() else free)
        if not len(free):
            break  # upper is 1 - eps, but for rounding
        nearest = free[np.argsort(-np.sign(missing) * rest[free], kind="stable")]
        units[nearest[: int(abs(missing))]] += np.sign(missing)
    return units * unit
