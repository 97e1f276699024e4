"""Sinkhorn's iterations on an absorbed kernel: one pass over the matrix an iteration, no underflow.

The plan is ``G = diag(u) K diag(v)`` with ``K = exp((f + g - M) / reg)``: potentials f and g hold
what of the scalings is large (B. Schmitzer (2019), "Stabilized sparse scaling algorithms for
entropy regularized transport problems", SIAM Journal on Scientific Computing 41(3), A1443-A1481),
u and v the rest. Steps are relaxed (A. Thibault, L. Chizat, C. Dossal and N. Papadakis (2021),
"Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal transport", Algorithms 14(5), 143).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from skdomain._estimators import compiled
from skdomain.transport._plans import cached_batches

_LIMITS = {"float64": (100.0, -460.0), "float32": (20.0, -69.0)}  # of |log u|, and of log K
_WINDOW = 10  # iterations over which a rate is measured
_LARGEST = 1.98  # relaxation; convergence ends at 2
_PATIENCE = 100  # iterations without a smaller error, after which steps are not relaxed for a while
_FALLING = 1 - 1e-5  # a rate of errors that fall
_CLEARLY = 0.1  # of what a rate can be above that of the best step
_STAGE_TOL, _STAGE_ITER, _STAGE = 1e-2, 50, 4.0  # of each larger reg that leads to the one wanted


class Marginals(NamedTuple):
    """Logarithms of the row and column sums that are wanted, and the power of a step.

    The power is ``rho / (rho + reg)`` where sums cost rho times their KL divergence, 1 where they
    have to hold.
    """

    log_a: np.ndarray
    log_b: np.ndarray
    rho: float

    @property
    def balanced(self):
        return self.rho == np.inf

    def power(self, reg):
        return 1.0 if self.balanced else self.rho / (self.rho + reg)


class ClassCosts(NamedTuple):
    """What is added to the cost, a row for each class, and the class of each source row."""

    table: np.ndarray
    codes: np.ndarray


@compiled
def sweep(K, log_u, v, log_a, offset, power, omega, column, balanced):
    """New u, and ``K'u`` into column, in one pass; returns by how much mass u was wrong, or NaN.

    A row of K that is all zeros has no mass, where it may have none; else the result is NaN, as it
    is where a sum is larger than numbers of its kind.
    Rows are taken so few at a time that a cache holds them between the two products.
    """
    n, m = K.shape
    size = max(1, 65536 // m)
    column[:] = 0.0
    error = 0.0
    for start in range(0, n, size):
        rows = K[start : start + size]
        totals = np.dot(rows, v)
        u = np.empty_like(totals)
        for k in range(len(totals)):
            i = start + k
            if not totals[k] < np.inf or (balanced and not totals[k] > 0.0):
                return np.nan
            if not totals[k] > 0.0:
                u[k] = 0.0
                continue
            full = log_a[i] - power * np.log(totals[k]) + offset[i]
            error += abs(np.exp(full) - np.exp(log_u[i])) * totals[k]
            log_u[i] += omega * (full - log_u[i])
            u[k] = np.exp(log_u[i])
        column += np.dot(u, rows)
    return error


@compiled
def fill_columns(column, log_v, v, log_b, offset, power, omega, balanced):
    """New v of the sums ``K'u``; returns by how much mass v was wrong, or NaN.

    Columns of zeros and sums that are too large are as in :func:`sweep`.
    """
    if not column.max() < np.inf or (balanced and not column.min() > 0.0):
        return np.nan
    error = 0.0
    for j in range(len(column)):
        if column[j] > 0.0:
            full = log_b[j] - power * np.log(column[j]) + offset[j]
            error += abs(np.exp(full) - v[j]) * column[j]
            log_v[j] += omega * (full - log_v[j])
    return error


@compiled
def farthest_from_zero(logs):
    """The largest absolute value, for which NumPy takes five times as long where rows are 100."""
    largest = 0.0
    for number in logs:
        largest = max(largest, abs(number))
    return largest


def exponents(M, f, g, reg, added=None):
    """Yield ``(f + g - M) / reg`` in float64, few rows at a time, after a slice of the rows.

    All blocks are in one memory: who takes the next has done with the one before.
    """
    batches = list(cached_batches(*M.shape))
    memory, per_reg = np.empty((batches[0].stop, M.shape[1])), 1 / reg
    columns = None if added is None else g - added.table
    for rows in batches:
        block = memory[: rows.stop - rows.start]
        np.subtract(f[rows, None], M[rows], out=block)
        block += g if added is None else columns[added.codes[rows]]
        block *= per_reg
        yield rows, block


def log_row_sums(M, f, g, reg, added=None):
    """Logarithms of the row sums of ``exp((f + g - M) / reg)``, without underflow."""
    logs = np.empty(len(M))
    for rows, block in exponents(M, f, g, reg, added):
        largest = block.max(axis=1)
        block -= largest[:, None]
        np.exp(block, out=block)
        logs[rows] = np.log(block.sum(axis=1)) + largest
    return logs


def log_column_sums(M, f, g, reg, added=None):
    """Logarithms of the column sums of the same."""
    sums, largest = np.zeros(M.shape[1]), np.full(M.shape[1], -np.inf)
    for _, block in exponents(M, f, g, reg, added):
        before, largest = largest, np.maximum(largest, block.max(axis=0))
        sums *= np.exp(before - largest)
        block -= largest
        np.exp(block, out=block)
        sums += block.sum(axis=0)
    return np.log(sums) + largest


class Scaling:
    """Potentials, scalings and the kernel that they are absorbed in.

    Parameters
    ----------
    M : ndarray of shape (n_source, n_target), float32 or float64
        Cost; the kernel K is of its dtype and the only matrix that is allocated.
    marginals : Marginals
    f, g : ndarray of shape (n_source,) and (n_target,)
        Potentials to start from; changed in place.

    Attributes
    ----------
    added : ClassCosts or None
        What is added to M by classes.
    error : float
        By how much mass the sums were wrong before the last step.
    n_iter : int
        Steps so far.
    """

    def __init__(self, M, marginals, f, g):
        self.M, self.marginals, self.f, self.g = M, marginals, f, g
        self.K, self.added = np.empty_like(M), None
        self.log_u, self.log_v = np.zeros(len(f)), np.zeros(len(g))
        self.limit, self.least = _LIMITS[M.dtype.name]
        self.error, self.n_iter = np.inf, 0

    def run(self, reg, tol, max_iter):
        """Iterate until the error is at most tol, from larger regs down to the one wanted.

        From potentials that are not 0, at once with that. Scalings are left to be absorbed.
        """
        self.n_iter, warm = 0, self.f.any() or self.g.any()
        stage = reg if warm else max(reg, float(np.ptp(self.M)) / 64)
        while stage > _STAGE * reg and self.n_iter < max_iter / 2:
            self._steps(stage, max(tol, _STAGE_TOL), min(self.n_iter + _STAGE_ITER, max_iter // 2))
            self.absorb(stage)
            stage /= _STAGE
        self._steps(reg, tol, max_iter)

    def _steps(self, reg, tol, max_iter):
        """Iterate at one reg."""
        self.rebuild(reg) if self.marginals.balanced else self._log_step(reg)
        relaxation, column = Relaxation(), np.empty(len(self.g))
        self.error = np.inf
        while self.error > tol and self.n_iter < max_iter:
            self.error = self._step(reg, relaxation.omega, column)
            self.n_iter += 1
            if np.isnan(self.error):
                self._log_step(reg)
                relaxation, self.error = Relaxation(), np.inf
            elif max(map(farthest_from_zero, (self.log_u, self.log_v))) > self.limit:
                self.absorb(reg)
                self.rebuild(reg)
            relaxation.take(self.error)

    def _step(self, reg, omega, column):
        wanted, balanced = self.marginals, self.marginals.balanced
        power = wanted.power(reg)
        v = np.exp(self.log_v).astype(self.K.dtype, copy=False)
        rest = (power - 1) / reg
        args = self.K, self.log_u, v, wanted.log_a, rest * self.f, power, omega, column
        error = sweep(*args, balanced)
        args = column, self.log_v, v, wanted.log_b, rest * self.g, power, omega
        error += fill_columns(*args, balanced) if error < np.inf else 0.0
        if not error < np.inf:
            return np.nan
        self._translate(reg)
        return error

    def _translate(self, reg):
        """Move what is added to f and taken from g, which leaves the plan alone, to its best.

        Unbalanced steps alone would find it the more slowly the larger rho is (T. Séjourné,
        F.-X. Vialard and G. Peyré (2022), "Faster unbalanced optimal transport: translation
        invariant Sinkhorn and 1-D Frank-Wolfe", AISTATS).
        """
        wanted = self.marginals
        if wanted.balanced:
            return
        share = reg / wanted.rho
        f = wanted.log_a * (1 + share) - self.f / wanted.rho - self.log_u * share
        g = wanted.log_b * (1 + share) - self.g / wanted.rho - self.log_v * share
        shift = (logsumexp(f) - logsumexp(g)) / (2 * share)
        self.log_u += shift
        self.log_v -= shift

    def _log_step(self, reg):
        """A step from the cost itself, each sum from its largest term; nothing can underflow."""
        self.absorb(reg)
        power, wanted = self.marginals.power(reg), self.marginals
        rows = log_row_sums(self.M, self.f, self.g, reg, self.added)
        self.f += reg * (wanted.log_a - power * rows) + (power - 1) * self.f
        columns = log_column_sums(self.M, self.f, self.g, reg, self.added)
        self.g += reg * (wanted.log_b - power * columns) + (power - 1) * self.g
        self.rebuild(reg)

    def absorb(self, reg):
        """Move scalings into the potentials."""
        self.f += reg * self.log_u
        self.g += reg * self.log_v
        self.log_u[:] = self.log_v[:] = 0.0

    def rebuild(self, reg):
        """The kernel of the potentials, in place; what is too large for numbers is infinite."""
        for rows, block in exponents(self.M, self.f, self.g, reg, self.added):
            gone = block < self.least if block.min() < self.least else None
            np.maximum(block, self.least, out=block)
            with np.errstate(over="ignore"):
                np.exp(block, out=self.K[rows], casting="same_kind")
            if gone is not None:
                self.K[rows][gone] = 0.0


class Relaxation:
    """How far a step goes, from how fast errors fell: Young's rule for successive relaxation.

    Of errors that fall by a rate r an iteration with relaxation w, unrelaxed ones would fall by
    ``(r + w - 1)^2 / (r w^2)``; for a rate of t, ``2 / (1 + sqrt(1 - t))`` is best.
    """

    def __init__(self):
        self.omega, self.errors, self.best, self.worse = 1.0, [], np.inf, 0

    def take(self, error):
        """Note an error and choose the next step."""
        self.errors.append(error)
        better = error < _FALLING * self.best
        self.best, self.worse = (error, 0) if better else (self.best, self.worse + 1)
        if self.worse > _PATIENCE:
            self.__init__()
        if len(self.errors) > _WINDOW and self.errors[-_WINDOW - 1] < np.inf:
            self._adapt((error / self.errors[-_WINDOW - 1]) ** (1 / _WINDOW))

    def _adapt(self, rate):
        # at the best step the rate is omega - 1, on a plateau 1: near these rounding would decide
        if not self.omega - 1 + _CLEARLY * (2 - self.omega) < rate < _FALLING:
            return
        plain = min(1.0, (rate + self.omega - 1) ** 2 / (rate * self.omega**2))
        best = 2 / (1 + np.sqrt(1 - plain))
        self.omega = round(min(_LARGEST, best, 1 + self.omega / 2), 3)
        self.errors.clear()
