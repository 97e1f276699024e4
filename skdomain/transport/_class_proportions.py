"""Plans from several sources whose classes get the mass that the target asks for.

I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
adaptation under target shift", AISTATS, 849-858.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skdomain._domains import warn_caller
from skdomain.transport._plans import TransportPlan, check_cost
from skdomain.transport._scaling import Marginals, Scaling, log_column_sums, log_row_sums
from skdomain.transport._sinkhorn import tol_of


class ProportionPlans(NamedTuple):
    """Proportions of the classes in the target, and the plan of each source.

    Attributes
    ----------
    proportions : ndarray of shape (n_classes,)
        In the order of the sorted classes, of sum 1.
    plans : list of TransportPlan
        One a source; ``error`` is the mass that was in wrong columns when iterations ended.
    """

    proportions: np.ndarray
    plans: list


def jcpot_plans(
    costs: Sequence[Any],
    labels: Sequence[ArrayLike],
    *,
    reg: float,
    max_iter: int = 1000,
    tol: float = 1e-9,
) -> ProportionPlans:
    """Transport plans of several sources with proportions h of the classes that none of them sets.

    Looks for h and plans of least ``sum_k <G_k, M_k> + reg KL(G_k|1)`` whose columns have equal
    sums, and in which each of the ``n_kc`` rows of class c in source k sends ``h_c / n_kc``. From
    ``G_k = exp(-M_k / reg)``, in turn (proposition 4 of the paper)::

        columns of each G_k are scaled to 1 / n_target
        h_c = prod_k (mass of class c in G_k)^(1/K)
        rows of each G_k are scaled to h_c / n_kc

    Parameters
    ----------
    costs : list of array-like of shape (n_source_k, n_target), float32 or float64
        Cost of each source.
    labels : list of array-like of shape (n_source_k,)
        Classes of its rows. A class that a source lacks takes no part in its plan: the others
        share all mass there, and the mean is over those that have it.
    reg : float
        Weight of the entropy, > 0, in units of the costs.
    max_iter : int, default=1000
        Largest number of iterations.
    tol : float, default=1e-9
        Iterations end where no more than this mass of a plan is in wrong columns. Of float32, at
        least 2e-6.

    Returns
    -------
    ProportionPlans
        With ``proportions`` and ``plans``, one a source.

    Raises
    ------
    ValueError
        If a cost is not finite, there is none, labels do not fit, or reg is not above 0.

    Warns
    -----
    ConvergenceWarning
        If tol is not met within max_iter.

    Notes
    -----
    An iteration takes O(n_source n_target). The mean is one of class masses, as in the paper;
    plans of any proportions that hold them are left alone by the iteration, so that where it ends
    depends on the kernel that it starts from.

    References
    ----------
    I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
    adaptation under target shift", AISTATS, 849-858.

    Examples
    --------
    >>> from skdomain.transport import jcpot_plans
    >>> near, far = [0.0, 0.0, 0.0, 9.0], [9.0, 9.0, 9.0, 0.0]
    >>> jcpot_plans([[near, far]], [["a", "b"]], reg=1.0).proportions.round(3)
    array([0.75, 0.25])
    """
    sides = _sides(costs, labels, reg)
    tol, n_iter, error = tol_of(sides[0].scaling.M.dtype, tol), 0, np.inf
    while error > tol and n_iter < max_iter:
        masses = np.array([side.fill_columns() for side in sides])
        present = np.isfinite(masses)
        log_h = np.where(present, masses, 0.0).sum(axis=0) / present.sum(axis=0)
        for side in sides:
            side.fill_rows(log_h - logsumexp(log_h))
        error, n_iter = max(side.error() for side in sides), n_iter + 1
    if error > tol:
        warn_caller(
            f"after {n_iter} iterations {error:.1g} of the mass is still in the wrong place, more "
            f"than tol={tol:g}; raise reg, max_iter or tol.",
            ConvergenceWarning,
        )
    return ProportionPlans(softmax(log_h), [side.result(n_iter) for side in sides])


def _sides(costs, labels, reg):
    """What is scaled, of each source."""
    if not reg > 0:
        raise ValueError(f"reg is {reg}; pass a number above 0.")
    check_consistent_length(costs, labels)
    if not len(costs):
        raise ValueError("costs is empty; pass the cost matrix of at least one source.")
    labels = [column_or_1d(own) for own in labels]
    classes = np.unique(np.concatenate(labels))
    sides = [
        SourceSide(check_cost(M), own[:, None] == classes, reg)
        for M, own in zip(costs, labels, strict=True)
    ]
    for side in sides:
        check_consistent_length(side.scaling.M, side.Y)
        check_consistent_length(side.scaling.M.T, sides[0].scaling.M.T)
    return sides


class SourceSide:
    """Plan of one source, whose columns and rows are scaled in turn to what they should hold.

    Parameters
    ----------
    M : ndarray of shape (n_source, n_target)
        Cost.
    Y : ndarray of shape (n_source, n_classes), bool
        Classes of its rows.
    reg : float
    """

    def __init__(self, M, Y, reg):
        log_b = np.full(M.shape[1], -np.log(M.shape[1]))
        self.Y, self.reg, self.log_rows = Y, reg, np.empty(len(M))
        self.share = 0.0  # logarithm of the mass that its classes have in the target
        self.scaling = Scaling(M, Marginals(None, log_b, np.inf), *(np.zeros(n) for n in M.shape))
        self._absorb()

    def fill_columns(self):
        """Scale columns to equal sums; logarithms of the masses that the classes have then."""
        scaling, log_b = self.scaling, self.scaling.marginals.log_b
        column = self._column()
        if (column > 0).all():
            scaling.log_v = log_b - np.log(column)
            rows = scaling.K @ np.exp(scaling.log_v).astype(scaling.K.dtype)
        if (column > 0).all() and (rows > 0).all():
            self.log_rows = scaling.log_u + np.log(rows)
        else:
            self._fill_from_costs()
        return np.array([self.share + _log_sum(self.log_rows[own]) for own in self.Y.T])

    def fill_rows(self, log_h):
        """Scale rows to equal shares of the masses of their classes."""
        self.share = logsumexp(log_h[self.Y.any(axis=0)])
        wanted = log_h - self.share - np.log(np.maximum(self.Y.sum(axis=0), 1))
        scaling = self.scaling
        scaling.log_u += wanted[self.Y.argmax(axis=1)] - self.log_rows
        if max(abs(scaling.log_u).max(), abs(scaling.log_v).max()) > scaling.limit:
            self._absorb()

    def error(self):
        """Mass that is in wrong columns."""
        scaling = self.scaling
        sums = np.exp(scaling.log_v) * self._column()
        return float(np.abs(sums - np.exp(scaling.marginals.log_b)).sum())

    def result(self, n_iter):
        """The plan at the end."""
        self._absorb()
        scaling = self.scaling
        return TransportPlan(scaling.K, scaling.f, scaling.g, self.error(), n_iter)

    def _column(self):
        scaling = self.scaling
        return np.exp(scaling.log_u).astype(scaling.K.dtype) @ scaling.K

    def _fill_from_costs(self):
        """The same from the costs themselves, where the kernel has rows or columns of zeros."""
        scaling, reg = self.scaling, self.reg
        scaling.log_v[:] = 0.0
        scaling.absorb(reg)
        column = log_column_sums(scaling.M, scaling.f, scaling.g, reg)
        scaling.g += reg * (scaling.marginals.log_b - column)
        self.log_rows = log_row_sums(scaling.M, scaling.f, scaling.g, reg)
        scaling.rebuild(reg)

    def _absorb(self):
        self.scaling.absorb(self.reg)
        self.scaling.rebuild(self.reg)


def _log_sum(logs):
    """Of nothing, -inf."""
    return logsumexp(logs) if len(logs) else -np.inf
