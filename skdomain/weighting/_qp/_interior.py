"""Interior points of a box for a matrix ``Phi Phi' + ridge I`` of low rank, a start for others.

Where the ridge is tiny and more variables are free than Phi has columns, steps on a face of the box
change its free variables back and forth. A primal-dual interior point method takes some twenty
steps whatever is free, each O(n m^2) by Woodbury's identity, and its last point tells what is free.

S. Mehrotra (1992), "On the implementation of a primal-dual interior point method", SIAM Journal on
Optimization 2, 575-601.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

_STEPS = 60
_GAP = 1e-15  # mean product of a slack and its multiplier to stop at
_INSIDE = 0.995  # of the way to the border


class Point(NamedTuple):
    """Slacks to both bounds, w and upper - w, and their multipliers, all positive."""

    slacks: np.ndarray  # of shape (2, n), as are the multipliers
    multipliers: np.ndarray

    @property
    def gap(self):
        """Mean product of slacks and multipliers."""
        return np.vdot(self.slacks, self.multipliers) / self.slacks.size

    def moved(self, moves, share):
        """The point that part of the way along a step; a negative slack or multiplier is none."""
        return Point(self.slacks + share * moves[0], self.multipliers + share * moves[1])

    def room(self, moves):
        """How far a step can go until the first slack or multiplier is zero."""
        fastest = max(np.max(-moves[0] / self.slacks), np.max(-moves[1] / self.multipliers))
        return 1 / max(fastest, 1e-300)


def interior_start(Phi, linear, ridge, upper, max_iter):
    """Point near the minimiser of ``w'(Phi Phi' + ridge I)w / 2 - linear'w``, 0 <= w <= upper.

    Returns
    -------
    w : ndarray of shape (n,)
        At a bound where it is nearer to that than the bound's multiplier is to zero.
    n_iter : int
        Newton steps.
    """
    n, scaled = len(linear), np.empty_like(Phi)
    w, z = np.full(n, min(0.5, upper / 2)), np.ones(n)
    point = Point(np.stack([w, upper - w]), np.stack([z, 1e-3 * z]))
    for n_iter in range(min(_STEPS, max_iter)):  # noqa: B007
        gradient = Phi @ (Phi.T @ point.slacks[0]) + ridge * point.slacks[0] - linear
        if point.gap < _GAP:
            break
        try:
            step = _newton(Phi, scaled, ridge, point, gradient)
            ahead = step(-point.slacks * point.multipliers)
            target = point.moved(ahead, min(1, point.room(ahead))).gap ** 3 / point.gap**2
            moves = step(target - point.slacks * point.multipliers - ahead[0] * ahead[1])
        except LinAlgError:
            break
        point = point.moved(moves, min(1, _INSIDE * point.room(moves)))
    low, high = point.multipliers > point.slacks
    w = np.clip(point.slacks[0], 0, upper)
    return np.where(low, 0.0, np.where(high, upper, w)), n_iter


def _newton(Phi, scaled, ridge, point, gradient):
    """Function from the wanted change of the products to the moves of slacks and multipliers."""
    slacks, multipliers = point
    diagonal = ridge + (multipliers / slacks).sum(axis=0)
    np.multiply(Phi, 1 / np.sqrt(diagonal)[:, None], out=scaled)
    inner = scaled.T @ scaled
    inner[np.diag_indices(len(inner))] += 1
    factor = cho_factor(inner, lower=True, overwrite_a=True, check_finite=False)

    def step(change):
        b = change[0] / slacks[0] - change[1] / slacks[1]
        b += multipliers[0] - multipliers[1] - gradient
        b /= diagonal
        w = b - (Phi @ cho_solve(factor, Phi.T @ b, check_finite=False)) / diagonal
        moved = np.stack([w, -w])
        return moved, (change - multipliers * moved) / slacks

    return step
