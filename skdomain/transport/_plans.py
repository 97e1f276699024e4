"""What every plan is: a matrix of masses with the sums that are wanted, and how it was found."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.utils import check_array, gen_batches

PLAN_DTYPES = [np.float64, np.float32]
_BLOCK = 2**16  # numbers, so few that caches hold them


def cached_batches(n, width):
    """Slices of n rows of so many numbers, each so few that caches hold them."""
    return gen_batches(n, max(1, _BLOCK // width))


class TransportPlan(NamedTuple):
    """A plan that iterations have found.

    Attributes
    ----------
    plan : ndarray of shape (n_source, n_target)
        Mass that goes from a row to another, in the dtype of the cost.
    source_potential : ndarray of shape (n_source,), float64
        f, in units of the cost.
    target_potential : ndarray of shape (n_target,), float64
        g, in units of the cost.
    error : float
        By how much mass the sums were wrong when the iterations ended.
    n_iter : int
        Number of iterations.
    """

    plan: np.ndarray
    source_potential: np.ndarray
    target_potential: np.ndarray
    error: float
    n_iter: int


def check_cost(M):
    """The cost as a finite matrix of float32 or float64, contiguous."""
    return check_array(M, dtype=PLAN_DTYPES, order="C", input_name="M")


def check_mass(mass, n, name):
    """Masses of the rows of one side, in float64 and of sum 1; equal ones where None are given."""
    if mass is None:
        return np.full(n, 1 / n)
    mass = check_array(mass, ensure_2d=False, dtype=np.float64, input_name=name)
    if mass.shape != (n,):
        raise ValueError(
            f"{name} has shape {mass.shape} but the cost has {n} rows on that side; pass one mass "
            "a row."
        )
    if mass.min() < 0 or not mass.sum() > 0:
        raise ValueError(
            f"{name} has a smallest entry of {mass.min()} and a sum of {mass.sum()}; pass masses "
            "of at least 0, some of them above."
        )
    return mass / mass.sum()


def round_plan(K, a, b, u=1.0, v=1.0):
    """Give ``diag(u) K diag(v)`` these sums, in the memory of K, moving no more than was wrong.

    Rows, then columns, are scaled down to what they may hold; what is missing then is added as a
    product (J. Altschuler, J. Weed and P. Rigollet (2017), "Near-linear time approximation
    algorithms for optimal transport via Sinkhorn iteration", NeurIPS 30, algorithm 2).
    """
    u, v, sums = u * np.ones_like(a), v * np.ones_like(b), np.zeros_like(b)
    batches = list(cached_batches(*K.shape))
    for rows in batches:
        block = K[rows].astype(np.float64, copy=False)
        u[rows] *= _at_most(u[rows] * (block @ v), a[rows])
        sums += u[rows] @ block
    sums *= v
    factors = _at_most(sums, b)
    v, wanting = v * factors, np.maximum(b - factors * sums, 0)
    wanting /= max(wanting.sum(), np.finfo(np.float64).tiny)
    for rows in batches:
        block = K[rows].astype(np.float64, copy=False)
        missing = np.maximum(a[rows] - u[rows] * (block @ v), 0)
        block *= u[rows, None]
        block *= v
        block += np.outer(missing, wanting)
        K[rows] = block
    return K


def _at_most(sums, wanted):
    """Factors of at most 1 that leave no sum larger than wanted."""
    return np.divide(wanted, sums, out=np.ones_like(sums), where=sums > wanted)


def class_masses(P, Y):
    """Mass of each class that a target row gets, as shares: ``G'Y`` with rows of sum 1.

    Parameters
    ----------
    P : ndarray of shape (n_source, n_target)
    Y : ndarray of shape (n_source, n_outputs)
        One-hot classes, or values, of the source rows.

    Returns
    -------
    ndarray of shape (n_target, n_outputs), float64
        A target row that gets no mass has the mean over all.
    """
    sums = P.sum(axis=0, dtype=np.float64)[:, None]
    shares = np.asarray(P.T @ Y, dtype=np.float64)
    mean = shares.sum(axis=0) / max(sums.sum(), np.finfo(np.float64).tiny)
    return np.where(sums > 0, shares / np.where(sums > 0, sums, 1.0), mean)


def barycentric_rows(plan: ArrayLike, Xs: ArrayLike, Xt: ArrayLike) -> np.ndarray:
    """Mean of the target rows that each source row is sent to, weighted by the mass it sends.

    Parameters
    ----------
    plan : ndarray of shape (n_source, n_target)
        Masses.
    Xs : ndarray of shape (n_source, n_features)
        Source rows.
    Xt : ndarray of shape (n_target, n_features)
        Target rows.

    Returns
    -------
    ndarray of shape (n_source, n_features), float64
        ``sum_j G_ij xt_j / sum_j G_ij``; a row that sends no mass stays where it is.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.transport import barycentric_rows
    >>> plan, Xs = np.array([[0.25, 0.25], [0.0, 0.0]]), np.array([[5.0], [7.0]])
    >>> barycentric_rows(plan, Xs, np.array([[1.0], [3.0]]))
    array([[2.],
           [7.]])
    """
    mass = plan.sum(axis=1, dtype=np.float64)
    sent = mass > 0
    images = np.asarray(_few_entries(plan) @ Xt, dtype=np.float64)
    images /= np.where(sent, mass, 1.0)[:, None]
    images[~sent] = Xs[~sent]
    return images


def _few_entries(plan):
    """The plan, as a sparse array where it has no more entries than an exact one."""
    n, m = plan.shape
    places = np.flatnonzero(plan)
    if len(places) > n + m:
        return plan
    starts = np.searchsorted(places, m * np.arange(n + 1))
    return sparse.csr_array((plan.ravel()[places], places % m, starts), shape=plan.shape)
