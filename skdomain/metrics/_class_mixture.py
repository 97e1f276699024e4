"""How far the target is from a mixture of the classes of the source.

Distance in the kernel's feature space from the mean of the target rows to the nearest convex
combination of the class means of the source rows. Proportions of classes may differ between the
domains at no cost; whatever else differs costs.
"""

from itertools import islice
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import nnls
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d, gen_batches
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import assert_all_finite

from skdomain._domains import check_domains
from skdomain._kernels import fit_kernel, gamma_constraint
from skdomain._rows import stacked
from skdomain.metrics._finite import OVERFLOW, check_finite, scale_advice
from skdomain.metrics._row_order import lexicographic_order, sorted_rows

_BLOCK = 1000
_COLUMNS = 256  # of draws that are multiplied by a kernel matrix in one go
_PARAMETERS = {
    "Xs": ["array-like", "sparse matrix"],
    "ys": ["array-like"],
    "Xt": ["array-like", "sparse matrix"],
    "gamma": gamma_constraint(),
}


class MixtureTestResult(NamedTuple):
    """Statistic and p-value of :func:`class_mixture_test`."""

    statistic: float
    pvalue: float


@validate_params(_PARAMETERS, prefer_skip_nested_validation=True)
def class_mixture_discrepancy(
    Xs: Any, ys: ArrayLike, Xt: Any, *, gamma: str | float | None = "median"
) -> tuple[float, np.ndarray]:
    """Squared distance of the target to the mixtures of the source's classes.

    With the embedded means m_c of the source rows of class c and m_t of the target rows::

        min_p |sum_c p_c m_c - m_t|^2   subject to   p >= 0,  sum_c p_c = 1

    in the feature space of the kernel ``exp(-gamma |x - x'|^2)``.

    Parameters
    ----------
    Xs : array-like or sparse matrix of shape (n_source, n_features)
        Source rows.
    ys : array-like of shape (n_source,)
        Their classes.
    Xt : array-like or sparse matrix of shape (n_target, n_features)
        Target rows.
    gamma : float, "median", "scale" or None, default="median"
        Coefficient of the kernel, as in :func:`mmd`.

    Returns
    -------
    discrepancy : float
        The squared distance, at least 0 and at most 2.
    proportions : ndarray of shape (n_classes,)
        The minimising p, in the order of ``np.unique(ys)``: an estimate of the proportions of the
        classes in the target.

    Raises
    ------
    ValueError
        If the domains are not finite, differ in their features, ys does not fit Xs or misses a
        label, the distances of the rows overflow, or a parameter is out of its range.

    Notes
    -----
    O(n^2 d) time and O(n) memory with n rows of both domains. The minimum over the simplex is that
    of a non-negative least squares problem of one row more, divided by its sum.

    References
    ----------
    A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio estimation:
    convergence bounds and kernel selection", ICML.

    Examples
    --------
    >>> from skdomain.metrics import class_mixture_discrepancy
    >>> Xs, ys, Xt = [[0.0], [9.0]], ["a", "b"], [[0.0], [9.0], [9.0], [9.0]]
    >>> class_mixture_discrepancy(Xs, ys, Xt)
    (0.0, array([0.25, 0.75]))
    """
    Z, codes, kernel = _checked(Xs, ys, Xt, gamma)
    n, n_target = Z.shape[0], Z.shape[0] - len(codes)
    M = np.vstack([_class_means(codes), np.full((n_target, codes.max() + 1), -1 / n_target)])
    gram = sum(M[rows].T @ (kernel(Z[rows], Z) @ M) for rows in gen_batches(n, _BLOCK))
    return nearest_mixture(gram)


@validate_params(
    _PARAMETERS
    | {
        "n_bootstrap": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def class_mixture_test(
    Xs: Any,
    ys: ArrayLike,
    Xt: Any,
    *,
    gamma: str | float | None = "median",
    n_bootstrap: int = 200,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[float, float]:
    """Test of the hypothesis that the target is a mixture of the source's classes.

    Under it the domains differ in the proportions of the classes at most (label shift). The
    statistic is that of :func:`class_mixture_discrepancy`; its law under the hypothesis is drawn by
    sampling the source's classes with replacement, and as a target the fitted mixture of them. The
    p-value is ``(1 + #{draws >= statistic}) / (1 + n_bootstrap)``.

    Parameters
    ----------
    Xs : array-like or sparse matrix of shape (n_source, n_features)
        Source rows.
    ys : array-like of shape (n_source,)
        Their classes.
    Xt : array-like or sparse matrix of shape (n_target, n_features)
        Target rows.
    gamma : float, "median", "scale" or None, default="median"
        As in :func:`class_mixture_discrepancy`.
    n_bootstrap : int, default=200
        Number of draws, at least 1.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws, from the rows of each class in lexicographic order: the order in which
        they are passed does not matter.

    Returns
    -------
    statistic : float
        The discrepancy.
    pvalue : float
        Between 1 / (1 + n_bootstrap) and 1.

    Raises
    ------
    ValueError
        If the domains are not finite, differ in their features, ys does not fit Xs or misses a
        label, the distances of the rows overflow, or a parameter is out of its range.

    Notes
    -----
    O(n_source^2 (d + n_bootstrap n_classes)) time and O(n_source^2) memory.

    References
    ----------
    A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio estimation:
    convergence bounds and kernel selection", ICML.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.metrics import class_mixture_test
    >>> problem = make_label_shift(random_state=0)
    >>> source = problem.sample_domain > 0
    >>> Xs, ys, Xt = problem.X[source], problem.y[source], problem.X[~source]
    >>> class_mixture_test(Xs, ys, Xt, random_state=0).pvalue > 0.05
    True
    >>> class_mixture_test(Xs, ys, Xt + 2, random_state=0).pvalue < 0.05
    True
    """
    Z, codes, kernel = _checked(Xs, ys, Xt, gamma)
    n_source, n_target = len(codes), Z.shape[0] - len(codes)
    order = lexicographic_order(Z[:n_source], codes)
    Xs, Xt, codes = Z[:n_source][order], sorted_rows(Z[n_source:]), codes[order]
    statistic, proportions = class_mixture_discrepancy(Xs, codes, Xt, gamma=kernel.gamma)
    K = kernel(Xs)
    rng = check_random_state(random_state)
    draws = _distances(K, _drawn(codes, proportions, n_target, n_bootstrap, rng))
    # Equal but for rounding counts as reached.
    reached = np.count_nonzero(draws >= statistic * (1 - 1e-9))
    return MixtureTestResult(statistic, float((1 + reached) / (1 + n_bootstrap)))


def resampled_discrepancies(Xs, ys, Xt, *, n_bootstrap, random_state):
    """Discrepancies of bootstrap samples of the rows of each class and of the target.

    The sizes of the classes and the seed fix which rows are drawn, so that the discrepancies of the
    same rows under other features are paired with these.
    """
    Z, codes, kernel = _checked(Xs, ys, Xt, "median")
    members = [np.flatnonzero(codes == c) for c in range(codes.max() + 1)]
    target = np.arange(len(codes), Z.shape[0])
    rng, n = check_random_state(random_state), Z.shape[0]
    drawn = (
        np.column_stack([_shares(rows, len(rows), n, rng) for rows in members])
        - _shares(target, len(target), n, rng)[:, None]
        for _ in range(n_bootstrap)
    )
    return _distances(kernel(Z), drawn)


def _checked(Xs, ys, Xt, gamma):
    Xs, Xt = check_domains(Xs, Xt, accept_sparse=True)
    ys = column_or_1d(ys)
    check_consistent_length(Xs, ys)
    assert_all_finite(ys, input_name="ys")
    if any(label is None for label in ys):
        raise ValueError("ys has no label for some source row (None); pass labelled rows only.")
    codes = np.unique(ys, return_inverse=True)[1]
    with np.errstate(**OVERFLOW):
        reach = max(_squares(X).max() for X in (Xs, Xt))
    check_finite("the largest sum of squares of a row", reach, scale_advice(2))
    return stacked([Xs, Xt]), codes, fit_kernel("rbf", Xs, Xt, gamma=gamma)


def _squares(X):
    """Sum of the squares of each row."""
    return (X.multiply(X) if sparse.issparse(X) else np.square(X)).sum(axis=1)


def _class_means(codes):
    """Columns that average the rows of each class."""
    counts = np.bincount(codes)
    return np.eye(len(counts))[codes] / counts[codes, None]


def nearest_mixture(gram):
    """Minimum of p'Gp over the simplex, and where it is."""
    values, vectors = np.linalg.eigh(gram)
    proportions = nearest_to_zero(np.sqrt(np.maximum(values, 0))[:, None] * vectors.T)
    return float(max(proportions @ gram @ proportions, 0)), proportions


def nearest_to_zero(A):
    """Proportions p, at least 0 and of sum 1, that minimise ``|A p|``.

    ``|A p|^2 + (sum p - 1)^2`` over p >= 0 has its minimum at a multiple of them.
    """
    scaled, _ = nnls(np.vstack([A, np.ones(A.shape[1])]), np.append(np.zeros(len(A)), 1))
    return scaled / scaled.sum()


def _distances(K, drawn):
    """Distance of the nearest mixture, of each matrix M of some: that of M'KM."""
    found = []
    for first in drawn:
        several = np.stack([first, *islice(drawn, _COLUMNS // first.shape[1])], axis=1)
        images = (K @ several.reshape(len(K), -1)).reshape(several.shape)
        grams = several.transpose(1, 2, 0) @ images.transpose(1, 0, 2)
        found += [nearest_mixture(gram)[0] for gram in grams]
    return np.array(found)


def _drawn(codes, proportions, n_target, n_draws, rng):
    """Differences of class means and target mean, as columns over the source rows, of each draw."""
    counts, n = np.bincount(codes), len(codes)
    members = [np.flatnonzero(codes == c) for c in range(len(counts))]
    for _ in range(n_draws):
        means = np.column_stack([_shares(rows, len(rows), n, rng) for rows in members])
        sizes = rng.multinomial(n_target, proportions)
        target = sum(_counts(rows, k, n, rng) for rows, k in zip(members, sizes, strict=True))
        yield means - target[:, None] / n_target


def _shares(rows, n_draws, n, rng):
    """Share of each of n rows in so many draws of some of them."""
    return _counts(rows, n_draws, n, rng) / n_draws


def _counts(rows, n_draws, n, rng):
    return np.bincount(rows[rng.randint(len(rows), size=n_draws)], minlength=n)
