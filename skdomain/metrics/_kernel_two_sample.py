"""The kernel two-sample test: the MMD against those of random permutations of the rows."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics.pairwise import KERNEL_PARAMS
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._kernels import gamma_of
from skdomain.metrics._dealt_rows import DealtRows
from skdomain.metrics._mmd import _PARAMETERS, _check_statistic, _mmd_values
from skdomain.metrics._row_order import sorted_rows
from skdomain.metrics._several_kernels import (
    check_kernel_weights,
    is_several,
    several_kernels,
    widths_around,
)

_EXACT_ROWS, _LANDMARKS = 20_000, 1000


class _StatisticAndPvalue(NamedTuple):
    statistic: float
    pvalue: float


class MMDTestResult(_StatisticAndPvalue):
    """Statistic and p-value of `mmd_test`; ``n_landmarks`` says of which kernel.

    After ``aggregate=True``, ``pvalues`` holds those of the kernels, each by itself.
    """

    n_landmarks = pvalues = None


@validate_params(
    _PARAMETERS
    | {
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "n_landmarks": [*_PARAMETERS["n_landmarks"], StrOptions({"auto"})],
        "random_state": ["random_state"],
        "aggregate": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def mmd_test(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    kernel: str | Callable[..., Any] | list[str | Callable[..., Any]] = "rbf",
    gamma: str | float | list[Any] | None = None,
    kernel_params: dict[Any, Any] | list[Any] | None = None,
    unbiased: bool = True,
    n_permutations: int = 1000,
    random_state: int | np.random.RandomState | None = None,
    n_landmarks: str | int | None = "auto",
    kernel_weights: ArrayLike | None = None,
    aggregate: bool = False,
) -> MMDTestResult:
    """Permutation test of the hypothesis that both domains have the same distribution.

    The statistic is that of `mmd`. Its null distribution is drawn by dealing the pooled rows at
    random to two domains of the given sizes, and the p-value, cf. [2]_, is::

        (1 + #{permutations with a statistic >= the observed one}) / (1 + n_permutations)

    With ``aggregate=True`` the test is MMDAgg [4]_: it needs no choice of a kernel and no rows to
    choose it on. With p_u the p-value of kernel u and w_u its weight, the statistic is::

        min_u p_u / w_u

    small where any of the kernels sees a shift, and its null distribution is drawn by the same
    permutations, each of which takes the place of the observed domains in turn.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str, callable or list of these, default="rbf"
        The kernel, or several, as in `mmd`.
    gamma : float, "median", "scale", None or list of these, default=None
        The kernel's coefficient, or several, as in `mmd`. With ``aggregate=True`` and one kernel,
        1/16, 1/4, 1, 4, ..., 256 times the coefficient that is named, None being "median" then.
    kernel_params : dict, None or list of these, default=None
        Further arguments of the kernel, as in `mmd`.
    unbiased : bool, default=True
        Whether the statistic is the U-statistic.
    n_permutations : int, default=1000
        Number of permutations; the smallest possible p-value is ``1 / (1 + n_permutations)``.
    random_state : int, RandomState instance or None, default=None
        Draws the permutations, of the rows of each domain in lexicographic order: the order in
        which they are passed does not matter.
    n_landmarks : int, None or "auto", default="auto"
        Landmarks of Nystroem's approximation of the kernel, as in `mmd`; None: the kernel itself.
        "auto" is None up to 20,000 rows of both domains together, and 1000 beyond, or None for the
        linear kernel.
    kernel_weights : array-like of shape (n_kernels,), default=None
        Weights of several kernels, at least 0 and of sum 1, None: equal ones. The test is that of
        their convex combination, as in `mmd`; with ``aggregate=True``, they say how the level is
        divided among the kernels. They must not be chosen by a look at these rows' domains.
    aggregate : bool, default=False
        Whether to test with each of several kernels and to take the smallest p-value, corrected
        for how many there are.

    Returns
    -------
    MMDTestResult
        A named tuple ``(statistic, pvalue)``. Beside these, its attribute ``n_landmarks`` is the
        number that was asked for, None where the statistic is that of the kernel itself, and
        ``pvalues`` those of each kernel, None without ``aggregate``.

    Raises
    ------
    ValueError
        As `mmd` does, or if ``aggregate=True`` gets one kernel that has no ``gamma``.

    Notes
    -----
    MMDAgg in [4]_ draws other permutations for the law of the minimum than for the p_u, and finds
    the threshold of one level by bisection. With the same permutations for both, observed and
    permuted domains are exchangeable, so the level is kept at any number of permutations, and the
    p-value is that of all levels at once. As kernels may each have another most extreme deal, the
    smallest p-value is up to n_kernels / (1 + n_permutations): do not save on permutations.

    With landmarks, too, the test has its level in samples of any size: they are chosen from the
    pooled rows without a look at the domains, so that the approximate kernel is the same for all
    permutations. [3]_ shows that its power can have the rate of the kernel's own, with a number of
    landmarks of the order of ``sqrt(n) log(n)``.

    With n pooled rows and B permutations: the kernel is evaluated once, O(n^2 d), and each tile of
    it is multiplied with all permutations, O(n^2 B). m landmarks take O(n m (d + m + B)) time. In
    memory are tiles, B n bits, and with landmarks O(m (m + B)) numbers. The linear kernel takes
    O(n d B) time, the order of the rows O(d n log n). Statistics that differ by rounding only count
    as equal.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).
    .. [2] Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications
       in Genetics and Molecular Biology 9 (2010).
    .. [3] Chatalic, Letizia, Schreuder and Rosasco, "A scalable Nystrom-based kernel two-sample
       test with permutations", arXiv:2502.13570 (2025).
    .. [4] Schrab, Kim, Albert, Laurent, Guedj and Gretton, "MMD aggregated two-sample test",
       Journal of Machine Learning Research 24 (194), 1-81 (2023).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import mmd_test
    >>> Xs = np.random.default_rng(0).normal(size=(40, 2))
    >>> mmd_test(Xs, Xs + 2, n_permutations=99, random_state=0).pvalue
    0.01
    >>> rounded = np.round(np.random.default_rng(1).normal(size=(40, 2)))  # a fine difference
    >>> mmd_test(Xs, rounded, gamma="median", random_state=0).pvalue > 0.05
    True
    >>> result = mmd_test(Xs, rounded, aggregate=True, random_state=0)
    >>> result.pvalue < 0.05, result.pvalues.round(2)
    (True, array([0.55, 0.69, 0.76, 0.85, 0.01, 0.  , 0.  ]))
    """
    Xs, Xt = map(sorted_rows, _check_statistic(Xs, Xt, unbiased))
    if n_landmarks == "auto":
        n_landmarks = auto_landmarks(kernel, len(Xs) + len(Xt))
    deals = DealtRows(len(Xs), len(Xt), n_permutations, check_random_state(random_state))
    Z = np.concatenate([Xs, Xt])
    if aggregate and not (is_several(kernel) or is_several(gamma) or is_several(kernel_params)):
        gamma = _widths(kernel, gamma, kernel_params, Z)
    kernels = several_kernels(kernel, gamma, kernel_params)
    weights = check_kernel_weights(kernel_weights, len(kernels))
    options = unbiased, n_landmarks
    if aggregate:
        result = _aggregated(Z, deals, kernels, weights, *options)
    else:
        values, rounding = _mmd_values(Z, deals, kernels, weights, *options)
        result = MMDTestResult(float(values[0]), float(_exceeded(values, rounding)[0]))
    result.n_landmarks = n_landmarks
    return result


def _widths(kernel, gamma, kernel_params, Z):
    if callable(kernel) or "gamma" not in KERNEL_PARAMS.get(kernel, ()):
        raise ValueError(
            f"aggregate=True tests with several kernels, and kernel={kernel!r} has no gamma to "
            "vary; pass a list of kernels."
        )
    if "gamma" in (kernel_params or {}):
        raise ValueError(
            f"aggregate=True varies gamma, which kernel_params={kernel_params} holds; pass it as "
            "gamma."
        )
    return widths_around(gamma_of("median" if gamma is None else gamma, Z, kernel=kernel))


def _aggregated(Z, deals, kernels, weights, unbiased, n_landmarks):
    """Return the result of MMDAgg: kernels of weight 0 take no part."""
    values, roundings = zip(
        *(_mmd_values(Z, deals, [kernel], [1.0], unbiased, n_landmarks) for kernel in kernels),
        strict=True,
    )
    smallest, pvalue, each = aggregated_pvalue(values, weights, roundings)
    result = MMDTestResult(smallest, pvalue)
    result.pvalues = each
    return result


def aggregated_pvalue(values, weights, roundings):
    """Smallest weighted p-value of several statistics, and the p-value of that.

    Parameters
    ----------
    values : sequence of ndarray of shape (1 + n_permutations,)
        Each kernel's statistics, that of the observed domains first.
    weights : ndarray of shape (n_kernels,)
        At least 0.
    roundings : sequence of float
        Differences of each kernel's statistics that count as none.

    Returns
    -------
    smallest, pvalue : float
    pvalues : ndarray of shape (n_kernels,)
        Of the observed domains.
    """
    ranks = np.array([_exceeded(*pair) for pair in zip(values, roundings, strict=True)])
    with np.errstate(divide="ignore"):
        smallest = (ranks / np.asarray(weights)[:, None]).min(axis=0)
    return float(smallest[0]), float(np.mean(smallest <= smallest[0])), ranks[:, 0]


def _exceeded(values, rounding):
    """Return for each value how many are at least as large, as a share of all: its p-value."""
    return (len(values) - np.searchsorted(np.sort(values), values - rounding)) / len(values)


def auto_landmarks(kernel, n_rows):
    """Return the number of landmarks that "auto" stands for."""
    return None if kernel == "linear" or n_rows <= _EXACT_ROWS else _LANDMARKS
