"""Exact transport: an assignment, a network simplex, or sorting.

G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in Machine
Learning 11(5-6), 355-607, chapters 2 and 3.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.utils import check_array

from skdomain.transport._plans import check_cost, check_mass

_MAX_STEPS = 10**7  # of POT's network simplex, whose own default is too small for 1000 rows


def exact_plan(M: Any, a: ArrayLike | None = None, b: ArrayLike | None = None) -> np.ndarray:
    """Transport plan of least cost: ``min <G, M>`` with row sums a and column sums b.

    Parameters
    ----------
    M : array-like of shape (n_source, n_target), float32 or float64
        Cost; the plan is of its dtype.
    a : array-like of shape (n_source,), default=None
        Masses of the source rows, >= 0, divided by their sum; None: equal ones.
    b : array-like of shape (n_target,), default=None
        Masses of the target rows, likewise.

    Returns
    -------
    ndarray of shape (n_source, n_target)
        G, of at most ``n_source + n_target - 1`` entries above 0.

    Raises
    ------
    ValueError
        If M is not finite, or a or b do not fit it or are negative.
    ImportError
        If the masses of the two sides are not one number and POT is not installed.

    Notes
    -----
    As many rows of equal mass on both sides are an assignment, which SciPy solves; all else goes to
    the network simplex of POT, ``pip install skdomain[ot]``. Either takes O(n^3) time at worst.

    References
    ----------
    G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in
    Machine Learning 11(5-6), 355-607.

    Examples
    --------
    >>> from skdomain.transport import exact_plan
    >>> exact_plan([[3.0, 1.0], [2.0, 4.0]])
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    M = check_cost(M)
    a, b = (check_mass(mass, n, name) for mass, n, name in zip((a, b), M.shape, "ab", strict=True))
    if len(a) == len(b) and np.ptp(a) == np.ptp(b) == 0:
        plan = np.zeros_like(M)
        plan[linear_sum_assignment(M)] = a[0]
        return plan
    plan = _network_simplex()(a, b, M.astype(np.float64, copy=False), numItermax=_MAX_STEPS)
    return plan.astype(M.dtype, copy=False)


def _network_simplex():
    try:
        from ot import emd
    except ImportError as error:
        raise ImportError(
            "an exact plan between domains of different size, or of rows that do not have the same "
            "mass, needs POT: pip install skdomain[ot]. Without it, pass a number for reg, such as "
            "0.05, which gives an entropic plan."
        ) from error
    return emd


def sorted_plan(
    xs: ArrayLike, xt: ArrayLike, a: ArrayLike | None = None, b: ArrayLike | None = None
) -> Any:
    """Optimal plan between numbers, for every cost that is a convex function of their difference.

    Parameters
    ----------
    xs : array-like of shape (n_source,)
        Numbers of the source.
    xt : array-like of shape (n_target,)
        Numbers of the target.
    a : array-like of shape (n_source,), default=None
        Masses of the source rows, >= 0, divided by their sum; None: equal ones.
    b : array-like of shape (n_target,), default=None
        Masses of the target rows, likewise.

    Returns
    -------
    csr_array of shape (n_source, n_target)
        The plan that moves sorted masses in their order.

    Raises
    ------
    ValueError
        If numbers are not finite, or a or b do not fit them or are negative.

    Notes
    -----
    O(n log n) time and O(n) memory.

    References
    ----------
    G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in
    Machine Learning 11(5-6), 355-607, remark 2.28.

    Examples
    --------
    >>> from skdomain.transport import sorted_plan
    >>> sorted_plan([3.0, 1.0], [10.0, 30.0]).toarray()
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    xs, xt = (
        check_array(x, ensure_2d=False, dtype=np.float64, input_name=name)
        for x, name in ((xs, "xs"), (xt, "xt"))
    )
    orders = np.argsort(xs, kind="stable"), np.argsort(xt, kind="stable")
    masses = check_mass(a, len(xs), "a"), check_mass(b, len(xt), "b")
    ends = [np.cumsum(mass[order]) for mass, order in zip(masses, orders, strict=True)]
    # the last of a cumulated sum is 1 but for rounding, and no mass lies behind it
    cuts = np.minimum(np.unique(np.concatenate(ends)), min(ends[0][-1], ends[1][-1]))
    mass = np.diff(cuts, prepend=0.0)
    places = [
        order[np.minimum(np.searchsorted(end, cuts), len(end) - 1)]
        for order, end in zip(orders, ends, strict=True)
    ]
    kept = mass > 0
    entries = mass[kept], (places[0][kept], places[1][kept])
    return sparse.coo_array(entries, shape=(len(xs), len(xt))).tocsr()
