"""Class-regularised transport: a target row gets its mass from few classes of the source.

N. Courty, R. Flamary, D. Tuia and A. Rakotomamonjy (2017), "Optimal transport for domain
adaptation", IEEE Transactions on Pattern Analysis and Machine Intelligence 39(9), 1853-1865.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skdomain.transport._exact import exact_plan
from skdomain.transport._plans import TransportPlan, cached_batches, check_cost, check_mass
from skdomain.transport._scaling import ClassCosts
from skdomain.transport._sinkhorn import Sinkhorn, warned

_TINY = np.finfo(np.float64).tiny  # for 0, whose logarithm counts nothing
_EPSILON = 1e-3  # of the authors' program, which keeps the slope of the root finite


class ClassPlan(NamedTuple):
    """A class-regularised plan and what it took.

    Attributes
    ----------
    found : TransportPlan
        The plan of the last round, which says nothing of potentials where it is exact.
    objective : ndarray of shape (n_rounds,)
        What is minimised, after each round.
    """

    found: TransportPlan
    objective: np.ndarray


def class_plan(
    M: Any,
    labels: ArrayLike,
    a: ArrayLike | None = None,
    b: ArrayLike | None = None,
    *,
    reg: float | None,
    class_reg: float,
    unbalanced: float | None = None,
    max_rounds: int = 10,
    **options: Any,
) -> ClassPlan:
    """Transport plan whose target rows get mass from few classes of source rows.

    With ``s_cj`` the share of class c in the mass of target row j, minimises::

        <G, M> + reg KL(G|ab') + class_reg sum_j b_j sum_c sqrt(s_cj + 0.001)

    by majorisation: each round replaces the root by its tangent, which is a cost, so the objective
    never rises.

    Parameters
    ----------
    M : array-like of shape (n_source, n_target), float32 or float64
        Cost; the plan is of its dtype.
    labels : array-like of shape (n_source,)
        Classes of the source rows.
    a : array-like of shape (n_source,), default=None
        Masses of the source rows, >= 0, divided by their sum; None: equal ones.
    b : array-like of shape (n_target,), default=None
        Masses of the target rows, likewise.
    reg : float or None
        Weight of the entropy, > 0, in units of M; None: none, by :func:`exact_plan`.
    class_reg : float
        Weight of the class term, >= 0, in units of M.
    unbalanced : float, default=None
        As in :func:`sinkhorn_plan`; s_cj is still a share of b_j then.
    max_rounds : int, default=10
        Largest number of rounds; they end where the objective falls by less than 1e-7 of itself.
    **options : dict
        max_iter and tol of :func:`sinkhorn_plan`.

    Returns
    -------
    ClassPlan
        With ``found``, a TransportPlan, and ``objective``, an entry a round.

    Raises
    ------
    ValueError
        If M is not finite, labels, a or b do not fit it, or a weight is out of its range.

    Notes
    -----
    The authors take the root of the mass itself, which is the smaller the more target rows there
    are; shares mean the same whatever their number.

    References
    ----------
    N. Courty, R. Flamary, D. Tuia and A. Rakotomamonjy (2017), "Optimal transport for domain
    adaptation", IEEE Transactions on Pattern Analysis and Machine Intelligence 39(9), 1853-1865.

    Examples
    --------
    >>> from skdomain.transport import class_plan
    >>> M = [[0.0, 1.0, 0.5], [1.0, 0.0, 0.5]]
    >>> result = class_plan(M, ["a", "b"], reg=0.1, class_reg=0.1)
    >>> result.found.plan.sum(axis=1)
    array([0.5, 0.5])
    """
    M = check_cost(M)
    a, b = (check_mass(mass, n, name) for mass, n, name in zip((a, b), M.shape, "ab", strict=True))
    check_consistent_length(M, labels)
    if class_reg < 0:
        raise ValueError(f"class_reg is {class_reg}; pass a number of at least 0.")
    classes, codes = np.unique(column_or_1d(labels), return_inverse=True)
    Y, tangent, objective = np.eye(len(classes))[codes], np.zeros((len(classes), len(b))), []
    solve = _solver(M, a, b, reg, unbalanced=unbalanced, **options)
    for _ in range(max_rounds):
        found = solve(ClassCosts(tangent, codes))
        shares = (Y.T @ found.plan) / np.where(b > 0, b, 1.0)
        roots = np.sqrt(shares + _EPSILON)
        objective.append(
            plan_objective(found.plan, M, a, b, reg=reg, unbalanced=unbalanced)
            + class_reg * float(roots.sum(axis=0) @ b)
        )
        if len(objective) > 1 and objective[-2] - objective[-1] <= 1e-7 * abs(objective[-1]):
            break
        tangent = class_reg / (2 * roots)
    return ClassPlan(found, np.array(objective))


def plan_objective(P, M, a, b, *, reg, unbalanced=None):
    """What a plan is chosen to minimise: its cost, entropy and, unbalanced, wrong sums."""
    value = float(np.vdot(P, M))
    if reg is not None:
        value += reg * product_divergence(P, a, b)
    if unbalanced is not None:
        value += unbalanced * (divergence(P.sum(axis=1), a) + divergence(P.sum(axis=0), b))
    return value


def product_divergence(P, a, b):
    """``KL(P|ab')``, which needs of ab' the logarithms of a and b, at the sums of P, alone."""
    sums, value = (P.sum(axis=k, dtype=np.float64) for k in (1, 0)), a.sum() * b.sum() - P.sum()
    for rows in cached_batches(*P.shape):
        block = P[rows].astype(np.float64, copy=False)
        value += np.vdot(block, np.log(np.maximum(block, _TINY)))
    for mass, wanted in zip(sums, (a, b), strict=True):
        value -= mass @ np.log(np.where(wanted > 0, wanted, 1.0))
    return float(value)


def divergence(p, q):
    """``KL(p|q) = sum p log(p / q) - p + q`` of masses that need not have the same sum."""
    some = p > 0
    return float(np.sum(p[some] * np.log(p[some] / q[some])) - p.sum() + q.sum())


def _solver(M, a, b, reg, **options):
    """Function that gives the plan of M and :class:`ClassCosts`."""
    if reg is None:
        return partial(_exact, M, a, b)
    plans = Sinkhorn(M, a, b, reg=reg, **options)
    return lambda added: warned(plans.plan(added), plans.tol)


def _exact(M, a, b, added):
    plan = exact_plan(M + added.table[added.codes].astype(M.dtype, copy=False), a, b)
    return TransportPlan(plan, np.zeros(len(a)), np.zeros(len(b)), 0.0, 0)
