"""Entropic transport, balanced or not, by Sinkhorn's iterations that cannot underflow.

M. Cuturi (2013), "Sinkhorn distances: lightspeed computation of optimal transport", NeurIPS 26;
L. Chizat, G. Peyré, B. Schmitzer and F.-X. Vialard (2018), "Scaling algorithms for unbalanced
optimal transport problems", Mathematics of Computation 87(314), 2563-2609.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import warn_caller
from skdomain.transport._plans import TransportPlan, check_cost, check_mass, round_plan
from skdomain.transport._scaling import ClassCosts, Marginals, Scaling

_LEAST = 1e-11  # of the largest cost: rounded potentials tell no smaller reg
_TINY = float(np.finfo(np.float64).tiny)  # the smallest number whose inverse is one
_FLOAT32_TOL = 2e-6  # rounding of a sum of float32 masses: no smaller error can be told


def sinkhorn_plan(
    M: Any,
    a: ArrayLike | None = None,
    b: ArrayLike | None = None,
    *,
    reg: float,
    unbalanced: float | None = None,
    max_iter: int = 10000,
    tol: float = 1e-9,
    start: Any = None,
) -> TransportPlan:
    """Entropic transport plan of a cost matrix.

    Minimises over G >= 0, with ``KL(G|ab') = sum_ij G_ij log(G_ij / (a_i b_j)) - G_ij + a_i b_j``::

        <G, M> + reg KL(G|ab')

    subject to row sums a and column sums b; or, unbalanced, with ``rho KL(G 1|a)`` and
    ``rho KL(G'1|b)`` added instead.

    Parameters
    ----------
    M : array-like of shape (n_source, n_target), float32 or float64
        Cost; the plan is of its dtype.
    a : array-like of shape (n_source,), default=None
        Masses of the source rows, >= 0, divided by their sum; None: equal ones.
    b : array-like of shape (n_target,), default=None
        Masses of the target rows, likewise.
    reg : float
        Weight of the entropy, > 0, in units of M; 1e-11 of the largest cost stands for any smaller
        one, which rounding would hide.
    unbalanced : float, default=None
        rho, > 0, in units of M: what it costs to have other sums. None: they have to hold.
    max_iter : int, default=10000
        Largest number of iterations.
    tol : float, default=1e-9
        Iterations end where the sums are wrong by at most this mass, of 1 in all (unbalanced: the
        next step would change them by at most this). Of float32, at least 2e-6.
    start : tuple of ndarrays (f, g), default=None
        Potentials to start from, in units of M.

    Returns
    -------
    TransportPlan
        Balanced, the sums of its ``plan`` are a and b up to rounding, whether tol was met or not:
        the mass that was still wrong, ``error``, has been moved.

    Raises
    ------
    ValueError
        If M is not finite, a or b do not fit it or are negative, or reg is not above 0.

    Warns
    -----
    ConvergenceWarning
        If tol is not met within max_iter: the plan is not the best one.

    Notes
    -----
    An iteration reads one matrix once: O(n_source n_target). Beside M, memory is taken for the plan
    alone. Potentials are absorbed into the kernel where scalings grow, so that no reg is too small
    for floating-point numbers; the number of iterations grows as reg falls.

    References
    ----------
    M. Cuturi (2013), "Sinkhorn distances: lightspeed computation of optimal transport", NeurIPS 26.

    L. Chizat, G. Peyré, B. Schmitzer and F.-X. Vialard (2018), "Scaling algorithms for unbalanced
    optimal transport problems", Mathematics of Computation 87(314), 2563-2609.

    Examples
    --------
    >>> from skdomain.transport import sinkhorn_plan
    >>> found = sinkhorn_plan([[0.0, 1.0], [1.0, 0.0]], reg=0.1)
    >>> found.plan.round(5)
    array([[5.0e-01, 2.0e-05],
           [2.0e-05, 5.0e-01]])
    """
    return warned(
        unwarned_plan(
            M, a, b, reg=reg, unbalanced=unbalanced, max_iter=max_iter, tol=tol, start=start
        ),
        tol,
    )


def warned(found, tol):
    """A plan, and a warning if its error is above what was wanted."""
    if found.error > tol_of(found.plan.dtype, tol):
        warn_caller(
            f"after {found.n_iter} iterations {found.error:.1g} of the mass is still in the "
            f"wrong place, more than tol={tol:g}, so the plan is not the best one; raise reg, "
            "max_iter or tol.",
            ConvergenceWarning,
        )
    return found


def tol_of(dtype, tol):
    """The tolerance that can be met with numbers of this kind."""
    return max(tol, _FLOAT32_TOL) if dtype == np.float32 else tol


def unwarned_plan(M, a=None, b=None, *, reg, unbalanced=None, max_iter, tol, start=None):
    """:func:`sinkhorn_plan` for who looks at the error, or at what comes of it."""
    M = check_cost(M)
    options = {"unbalanced": unbalanced, "max_iter": max_iter, "tol": tol, "start": start}
    a, b = (check_mass(mass, n, name) for mass, n, name in zip((a, b), M.shape, "ab", strict=True))
    return Sinkhorn(M, a, b, reg=reg, **options).plan()


class Sinkhorn:
    """Plans one after another, each in the memory of the one before and from its potentials.

    Parameters
    ----------
    M, a, b : ndarray
        Cost and masses, checked.
    reg, unbalanced, max_iter, tol, start
        As in :func:`sinkhorn_plan`.
    """

    def __init__(self, M, a, b, *, reg, unbalanced=None, max_iter=10000, tol=1e-9, start=None):
        rho = np.inf if unbalanced is None else unbalanced
        _check_above_zero(reg, rho)
        self.shape, self.rows, self.columns = M.shape, np.flatnonzero(a), np.flatnonzero(b)
        self.whole = (len(self.rows), len(self.columns)) == M.shape
        f, g = (np.zeros(n) for n in M.shape) if start is None else map(np.array, start)
        self.f, self.g, self.a, self.b = f, g, a[self.rows], b[self.columns]
        self.scaling = Scaling(
            M if self.whole else M[np.ix_(self.rows, self.columns)],
            Marginals(np.log(self.a), np.log(self.b), rho),
            f[self.rows],
            g[self.columns],
        )
        self.largest = float(max(M.max(), -M.min()))
        self.reg, self.max_iter, self.tol = reg, max_iter, tol

    def plan(self, added=None):
        """The plan of the cost with what is added to it, :class:`ClassCosts` of all rows."""
        scaling, largest = self.scaling, self.largest
        if added is not None:
            largest += float(abs(added.table).max())
            scaling.added = ClassCosts(added.table[:, self.columns], added.codes[self.rows])
        reg = max(self.reg, _LEAST * largest, _TINY)
        scaling.run(reg, tol_of(scaling.M.dtype, self.tol), self.max_iter)
        P = self._scaled()
        scaling.absorb(reg)
        self.f[self.rows], self.g[self.columns] = scaling.f, scaling.g
        if not self.whole:
            P = _among_all(P, self.shape, self.rows, self.columns)
        return TransportPlan(P, self.f, self.g, scaling.error, scaling.n_iter)

    def _scaled(self):
        """The plan in the memory of the kernel."""
        K, u, v = self.scaling.K, *map(np.exp, (self.scaling.log_u, self.scaling.log_v))
        if self.scaling.marginals.balanced:
            return round_plan(K, self.a, self.b, u, v)
        K *= u[:, None].astype(K.dtype)
        K *= v.astype(K.dtype)
        return K


def _check_above_zero(reg, rho):
    if not reg > 0:
        raise ValueError(f"reg is {reg}; pass a number above 0, or take exact_plan for 0.")
    if not rho > 0:
        raise ValueError(f"unbalanced is {rho}; pass a number above 0, or None.")


def _among_all(P, shape, rows, columns):
    """A plan of some rows and columns, the others without mass."""
    whole = np.zeros(shape, dtype=P.dtype)
    whole[np.ix_(rows, columns)] = P
    return whole
