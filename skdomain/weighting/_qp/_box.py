"""Convex quadratic programs in a box, by an active set and Newton steps.

``min 1/2 w'Qw - b'w`` subject to ``0 <= w <= upper`` with ``Q = K + ridge I``: Newton steps on the
free variables, cut where they leave the box. Variables that leave are fixed at their bound; of the
fixed ones, those whose gradient points inwards are freed, at most half as many as are free at a
time. So K is factorised on the free rows only, which are few where K is nearly of low rank.

Where they are many, all variables that leave are fixed at once, and what is found is kept if it
lowers the objective; if not, fewer variables are freed. Where there is no telling so, and on few
rows, each step lowers it. Every round ends at a lower minimum of a face of the box, so they end.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh
from scipy.linalg.blas import dsymv

from skdomain._estimators import compiled, few_threads

_BOLD_ROWS = 200  # from here on a factorisation costs more than a try that may spare many
_FEWEST = 4  # rows to free at a time
_CG_STEPS = 200
DIRECT_ROWS = 300  # and ridge: from here on conjugate gradients are faster than Cholesky
_LARGE_RIDGE = 0.1
EVEN_RIDGE = 1e-3
_PRECONDITIONER_ROWS = 50


class BoxSolution(NamedTuple):
    """Minimiser, its gradient, the largest violation of the optimality conditions, Newton steps."""

    w: np.ndarray
    gradient: np.ndarray
    residual: float
    n_iter: int


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
        return np.inf if ridge < _LARGE_RIDGE else DIRECT_ROWS

    def product(self, rows, coefs):
        """``K[:, rows] @ coefs``."""
        if len(rows) < len(self.K) // 3:
            return weighted_rows(self.K, rows, coefs)
        everywhere = np.zeros(len(self.K))
        everywhere[rows] = coefs
        with few_threads(0):  # memory is what it waits for
            return dsymv(1.0, self.K.T, everywhere)  # reads one half of K

    def block(self, rows):
        """``K[rows, rows]``, a copy."""
        return self.K[np.ix_(rows, rows)]

    def factor(self, rows):
        """Phi with ``K[rows, rows]`` near ``Phi Phi'``, from evenly spaced rows among them."""
        count = min(_PRECONDITIONER_ROWS, len(rows))
        spaced = rows[np.linspace(0, len(rows) - 1, count).astype(int)]
        values, vectors = eigh(self.block(spaced))
        kept = values > 1e-10 * values[-1]
        return self.K[spaced][:, rows].T @ (vectors[:, kept] / np.sqrt(values[kept]))

    def start(self, linear, ridge, upper, max_iter):
        """Where to start, and the Newton steps that it took."""
        return even_start(linear, ridge, upper), 0


def even_start(linear, ridge, upper):
    """All 1 where the ridge holds most variables near that, 0 where few will be free."""
    return np.full(len(linear), min(1.0, upper) if ridge >= EVEN_RIDGE else 0.0)


@compiled
def step_to_bound(w, direction, upper):
    """Largest step in [0, 1] that keeps ``w + step direction`` in the box, and its first bound.

    The bound is the index of the variable that limits the step, -1 if the step is 1.
    """
    step, first = 1.0, -1
    for i in range(w.shape[0]):
        limit = np.inf
        if direction[i] < 0:
            limit = -w[i] / direction[i]
        elif direction[i] > 0:
            limit = (upper - w[i]) / direction[i]
        if limit < step:
            step, first = limit, i
    return step, first


class _DirectBlock:
    """``Q[rows, rows]`` in memory, solved by Cholesky."""

    def __init__(self, K, ridge, rows):
        self.Q = K.block(rows)
        self.Q[np.diag_indices(len(rows))] += ridge

    def product(self, free, coefs):
        return self.Q[:, free] @ coefs

    def solve(self, free, b):
        Q = self.Q if len(free) == len(self.Q) else self.Q[np.ix_(free, free)]
        return cho_solve(cho_factor(Q, lower=True, check_finite=False), b, check_finite=False)


class _IterativeBlock:
    """``Q[rows, rows]`` by its products, solved by preconditioned conjugate gradients."""

    def __init__(self, K, ridge, rows):
        self.K, self.ridge, self.rows = K, ridge, rows

    def product(self, free, coefs):
        product = self.K.product(self.rows[free], coefs)[self.rows]
        product[free] += self.ridge * coefs
        return product

    def solve(self, free, b):
        with few_threads(0):
            return self._solve(free, b)

    def _solve(self, free, b):
        precondition = _woodbury(self.K.factor(self.rows[free]), self.ridge)
        x, residual = np.zeros(len(b)), b.copy()
        z = precondition(residual)
        p, rz, enough = z, residual @ z, 1e-8 * np.linalg.norm(b)
        for _ in range(_CG_STEPS):
            Qp = self.product(free, p)[free]
            curvature = p @ Qp
            if curvature <= 0:
                raise LinAlgError
            x += (rz / curvature) * p
            residual -= (rz / curvature) * Qp
            if np.linalg.norm(residual) <= enough:
                break
            z = precondition(residual)
            rz, before = residual @ z, rz
            p = z + (rz / before) * p
        return x


def _woodbury(Phi, ridge):
    """Function that multiplies with the inverse of ``Phi Phi' + ridge I``."""
    inner = Phi.T @ Phi
    inner[np.diag_indices(len(inner))] += ridge
    factor = cho_factor(inner, lower=True, overwrite_a=True, check_finite=False)
    return lambda b: (b - Phi @ cho_solve(factor, Phi.T @ b, check_finite=False)) / ridge


def violations(w, gradient, upper):
    """What each variable violates of the optimality conditions: its projected gradient.

    ``|g|`` inside the box, ``max(-g, 0)`` where w is 0 and ``max(g, 0)`` where it is `upper`.
    """
    return np.where(
        w <= 0,
        np.maximum(-gradient, 0),
        np.where(w >= upper, np.maximum(gradient, 0), np.abs(gradient)),
    )


def minimize_in_box(K, linear, *, upper, ridge, start, tol, max_iter):
    """Minimise ``1/2 w'(K + ridge I)w - linear'w`` subject to ``0 <= w <= upper``.

    Parameters
    ----------
    K : DenseGram, FactoredGram or RaisedGram
        Symmetric and positive semi-definite.
    linear : ndarray of shape (n,)
    upper : float
        Bound of all variables, > 0.
    ridge : float
        > 0; it makes the minimiser unique.
    start : ndarray of shape (n,)
        Point of the box to start from: variables strictly inside are free at first.
    tol : float
        Largest violation of the optimality conditions to stop at.
    max_iter : int
        Most Newton steps.

    Returns
    -------
    BoxSolution

    Raises
    ------
    scipy.linalg.LinAlgError
        If K is seen not to be positive semi-definite.
    """
    w, n_iter, share = start.copy(), 0, 2
    free = (w > 0) & (w < upper)
    while True:
        support = np.flatnonzero(w)
        gradient = K.product(support, w[support]) + ridge * w - linear
        violation = violations(w, gradient, upper)
        residual = float(violation.max())
        if residual <= tol or n_iter >= max_iter:
            return BoxSolution(w, gradient, residual, n_iter)
        count = max(_FEWEST, free.sum() // share)
        freed = _worst(np.where(free, 0, violation), tol, count)
        rows, retry = np.flatnonzero(free | freed), freed.sum() > _FEWEST
        found, steps = _minimize_on(
            K, ridge, rows, w[rows], gradient[rows], upper, max_iter - n_iter, retry
        )
        n_iter += steps
        if found is None:
            share *= 4
            continue
        w[rows], share = found, max(2, share // 2)
        free = (w > 0) & (w < upper)


def _worst(violation, tol, count):
    """Mask of the largest violations, `count` at most, of those above tol."""
    worst = np.argsort(-violation, kind="stable")[:count]
    mask = np.zeros(len(violation), dtype=bool)
    mask[worst[violation[worst] > tol]] = True
    return mask


def _minimize_on(K, ridge, rows, w, gradient, upper, max_iter, retry):
    """Newton steps on these rows alone until one stays in the box; rows that leave stay out.

    Bold steps where rows are many. If they end higher, the point is None in case the caller will
    retry with fewer rows, and safe steps follow else.
    """
    direct = len(rows) <= K.direct_rows(ridge)
    block = (_DirectBlock if direct else _IterativeBlock)(K, ridge, rows)
    n_iter = 0
    if len(rows) > _BOLD_ROWS:
        found, n_iter = _newton_steps(block, w, gradient, upper, max_iter, _bold_step)
        moved = found - w
        if gradient @ moved + moved @ block.product(np.arange(len(rows)), moved) / 2 < 0:
            return found, n_iter
        if retry or n_iter == max_iter:
            return None, n_iter
    found, steps = _newton_steps(block, w, gradient, upper, max_iter - n_iter, _safe_step)
    return found, n_iter + steps


def _newton_steps(block, w, gradient, upper, max_iter, step):
    w, free = w.copy(), np.arange(len(w))
    for n_iter in range(1, max_iter + 1):
        direction = -block.solve(free, gradient[free])
        before = w[free]
        w[free], stays = step(block, free, before, direction, gradient[free], upper)
        if stays.all():
            return w, n_iter
        gradient = gradient + block.product(free, w[free] - before)
        free = free[stays]
        if len(free) == 0:
            break
    return w, n_iter


def _bold_step(block, free, w, direction, gradient, upper):
    """The Newton step cut to the box: it may raise the objective, but takes out many rows."""
    cut = np.clip(w + direction, 0, upper)
    return cut, (cut > 0) & (cut < upper)


def _safe_step(block, free, w, direction, gradient, upper):
    """Point that the Newton step leads to, and which variables remain free.

    The step is cut to the box if this lowers the objective; else it ends at the first bound in its
    way, which always does.
    """
    step, first = step_to_bound(w, direction, upper)
    if first < 0:
        return np.clip(w + direction, 0, upper), np.ones(len(w), dtype=bool)
    cut = np.clip(w + direction, 0, upper)
    slope = gradient @ (cut - w)
    curvature = (cut - w) @ block.product(free, cut - w)[free]
    if slope + curvature / 2 < 0.01 * slope < 0:
        return cut, ~(((cut <= 0) & (direction < 0)) | ((cut >= upper) & (direction > 0)))
    end = np.clip(w + step * direction, 0, upper)
    end[first] = 0 if direction[first] < 0 else upper
    stays = np.ones(len(w), dtype=bool)
    stays[first] = False
    return end, stays
