"""Maximum mean discrepancy: the distance of the domain means in the feature space of a kernel.

Everything is a quadratic form of the pooled kernel matrix K: with p the 0/1 indicator of the source
rows, p'Kp, p'K1 and 1'K1 give the three sums of the statistic, for one p or for a thousand
permutations of it. Gretton et al., "A kernel two-sample test", JMLR 13 (2012).
"""

from functools import partial
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.metrics.pairwise import (
    KERNEL_PARAMS,
    PAIRWISE_KERNEL_FUNCTIONS,
    pairwise_kernels,
)
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._domains import check_domains
from skdomain._kernels import median_squared_distance
from skdomain.metrics._finite import OVERFLOW, check_finite, scale_advice
from skdomain.metrics._row_order import sorted_rows

_TRANSLATION_INVARIANT = ("linear", "rbf", "laplacian")
_PARAMETERS = {
    "Xs": ["array-like"],
    "Xt": ["array-like"],
    "kernel": [StrOptions(set(PAIRWISE_KERNEL_FUNCTIONS)), callable],
    "gamma": [Interval(Real, 0, None, closed="neither"), StrOptions({"median"}), None],
    "kernel_params": [dict, None],
    "unbiased": ["boolean"],
}


class MMDTestResult(NamedTuple):
    """Statistic and p-value of `mmd_test`."""

    statistic: float
    pvalue: float


@validate_params(_PARAMETERS, prefer_skip_nested_validation=True)
def mmd(Xs, Xt, *, kernel="rbf", gamma=None, kernel_params=None, unbiased=False):
    """Squared maximum mean discrepancy of two domains.

    The biased statistic (V-statistic) is the squared distance of the two mean embeddings,
    cf. Eq. 5 in [1]_::

        sum_ij k(s_i, s_j) / ns^2 + sum_ij k(t_i, t_j) / nt^2 - 2 sum_ij k(s_i, t_j) / (ns nt)

    and the unbiased one (U-statistic, cf. Eq. 3 in [1]_) leaves the pairs i = j out of the first
    two sums, which it divides by ns (ns - 1) and nt (nt - 1).

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str or callable, default="rbf"
        Name of a kernel in :mod:`sklearn.metrics.pairwise`, or a symmetric function of two rows
        that returns a number. A callable is evaluated pair by pair and hence slow.
    gamma : float, "median" or None, default=None
        Coefficient of the kernels that have one, in units of 1 / features^2 for "rbf". None is
        ``1 / n_features``; "median" is 1 over the median squared distance of two pooled rows, taken
        on at most 2000 of them (evenly spaced in lexicographic order, so always the same ones).
    kernel_params : dict or None, default=None
        Further arguments of the kernel, such as ``degree`` and ``coef0``.
    unbiased : bool, default=False
        Whether to return the U-statistic, whose mean is zero when both domains have the same
        distribution and which may hence be negative.

    Returns
    -------
    float
        The squared discrepancy, in units of the kernel. The biased one is at least 0 (a negative
        value, due to rounding or to an indefinite kernel, is returned as 0).

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, if the numbers of columns differ, if ``unbiased`` and
        a domain has fewer than two rows, if ``gamma="median"`` meets a median of zero, or if the
        kernel gives numbers that are not finite.

    Notes
    -----
    With n pooled rows: O(n d) time for the linear kernel, which needs only means, and O(n^2 d) time
    for the others. These are summed in blocks of rows that fit scikit-learn's ``working_memory``,
    so the n x n matrix is never in memory. All arithmetic is in float64. For "linear", "rbf" and
    "laplacian" the pooled mean is subtracted first: this changes no value, only its rounding.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).

    Examples
    --------
    >>> from skdomain.metrics import mmd
    >>> Xs, Xt = [[0.0], [2.0]], [[3.0], [5.0]]
    >>> mmd(Xs, Xt, kernel="linear")  # the means are 1 and 4
    9.0
    >>> mmd(Xs, Xt, kernel="linear", unbiased=True)
    7.0
    """
    Xs, Xt = _check_statistic(Xs, Xt, unbiased)
    P = _source_indicators(len(Xs), len(Xt))
    values, _ = _mmd_values(np.concatenate([Xs, Xt]), P, kernel, gamma, kernel_params, unbiased)
    return float(values[0])


@validate_params({"Xs": ["array-like"], "Xt": ["array-like"]}, prefer_skip_nested_validation=True)
def linear_mmd(Xs, Xt):
    """Squared distance of the means of two domains, the MMD of the linear kernel.

    ``|mean(Xs) - mean(Xt)|^2``, cf. Eq. 5 in [1]_ with k(x, y) = x'y. Translating or rotating both
    domains changes nothing; multiplying both by c multiplies it by c^2.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.

    Returns
    -------
    float
        The squared distance, in squared units of the features. It equals
        ``mmd(Xs, Xt, kernel="linear")`` up to rounding.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, if the numbers of columns differ, or if the distance
        is too large for a number.

    Notes
    -----
    O(n d) time with n pooled rows.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).

    Examples
    --------
    >>> from skdomain.metrics import linear_mmd
    >>> linear_mmd([[0.0], [2.0]], [[3.0], [5.0]])  # the means are 1 and 4
    9.0
    """
    Xs, Xt = check_domains(Xs, Xt)
    with np.errstate(**OVERFLOW):
        value = float(np.square(Xs.mean(axis=0) - Xt.mean(axis=0)).sum())
    return check_finite("linear_mmd", value, scale_advice(2))


@validate_params(
    _PARAMETERS
    | {
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def mmd_test(
    Xs,
    Xt,
    *,
    kernel="rbf",
    gamma=None,
    kernel_params=None,
    unbiased=True,
    n_permutations=1000,
    random_state=None,
):
    """Permutation test of the hypothesis that both domains have the same distribution.

    The statistic is that of `mmd`. Its null distribution is drawn by dealing the pooled rows at
    random to two domains of the given sizes, and the p-value, cf. [2]_, is::

        (1 + #{permutations with a statistic >= the observed one}) / (1 + n_permutations)

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str or callable, default="rbf"
        The kernel, as in `mmd`.
    gamma : float, "median" or None, default=None
        The kernel's coefficient, as in `mmd`.
    kernel_params : dict or None, default=None
        Further arguments of the kernel, as in `mmd`.
    unbiased : bool, default=True
        Whether the statistic is the U-statistic.
    n_permutations : int, default=1000
        Number of permutations; the smallest possible p-value is ``1 / (1 + n_permutations)``.
    random_state : int, RandomState instance or None, default=None
        Draws the permutations, of the rows of each domain in lexicographic order: the order in
        which they are passed does not matter.

    Returns
    -------
    MMDTestResult
        A named tuple ``(statistic, pvalue)``.

    Raises
    ------
    ValueError
        As `mmd` does.

    Notes
    -----
    With n pooled rows and B permutations: the kernel is evaluated once, O(n^2 d), and each block of
    it is multiplied with all permutations, O(n^2 B). Memory is O(block x n + n x B). The linear
    kernel takes O(n d B) time, the order of the rows O(d n log n). Statistics that differ by
    rounding only count as equal.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).
    .. [2] Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications
       in Genetics and Molecular Biology 9 (2010).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import mmd_test
    >>> Xs = np.random.default_rng(0).normal(size=(40, 2))
    >>> mmd_test(Xs, Xs + 2, n_permutations=99, random_state=0).pvalue
    0.01
    """
    Xs, Xt = map(sorted_rows, _check_statistic(Xs, Xt, unbiased))
    P = _source_indicators(len(Xs), len(Xt), n_permutations, check_random_state(random_state))
    values, rounding = _mmd_values(
        np.concatenate([Xs, Xt]), P, kernel, gamma, kernel_params, unbiased
    )
    n_above = np.count_nonzero(values[1:] >= values[0] - rounding)
    return MMDTestResult(float(values[0]), float((1 + n_above) / (1 + n_permutations)))


def _check_statistic(Xs, Xt, unbiased):
    if not unbiased:
        return check_domains(Xs, Xt)
    reason = "unbiased=True averages over pairs of different rows; pass more rows or unbiased=False"
    return check_domains(Xs, Xt, min_rows=2, reason=reason)


def _source_indicators(ns, nt, n_permutations=0, rng=None):
    """Return 0/1 columns: the source rows as given, then ``n_permutations`` random choices."""
    P = np.zeros((ns + nt, 1 + n_permutations))
    P[:ns, 0] = 1
    for column in P.T[1:]:
        column[rng.permutation(ns + nt)[:ns]] = 1
    return P


def _mmd_values(Z, P, kernel, gamma, kernel_params, unbiased):
    """Return the squared MMD for each column of P, and a bound on its rounding error."""
    with np.errstate(**OVERFLOW):
        values, diagonal = _any_values(Z, P, kernel, gamma, kernel_params, unbiased)
    check_finite(
        f"the MMD with kernel={kernel!r}",
        values,
        "the kernel of some pair of rows is not, or their sum overflows. A fractional degree needs "
        "products above zero; otherwise lower the kernel's parameters, or divide the features of "
        "both domains by their largest value first.",
    )
    return values, 1e-12 * np.abs(diagonal).mean()


def _any_values(Z, P, kernel, gamma, kernel_params, unbiased):
    if kernel in _TRANSLATION_INVARIANT:
        Z -= Z.mean(axis=0)
    if kernel == "linear":
        quadratic, row_sums, diagonal = _linear_sums(Z, P)
    else:
        quadratic, row_sums, diagonal = _kernel_sums(
            _block_kernel(kernel, gamma, kernel_params, Z), Z, P
        )
    return _mmd_from_sums(quadratic, row_sums, diagonal, P, unbiased), diagonal


def _mmd_from_sums(quadratic, row_sums, diagonal, P, unbiased):
    """Return Eq. 3 (unbiased) or Eq. 5 in [1] from diag(P'KP), K1 and diag(K)."""
    ns = P[:, 0].sum()
    nt = len(P) - ns
    source_rows = row_sums @ P
    cross = (source_rows - quadratic) / (ns * nt)
    target = row_sums.sum() - 2 * source_rows + quadratic
    if not unbiased:
        return np.maximum(quadratic / ns**2 + target / nt**2 - 2 * cross, 0)
    source_diagonal = diagonal @ P
    source = (quadratic - source_diagonal) / (ns * (ns - 1))
    target = (target - (diagonal.sum() - source_diagonal)) / (nt * (nt - 1))
    return source + target - 2 * cross


def _linear_sums(Z, P):
    quadratic = np.square(Z.T @ P).sum(axis=0)
    return quadratic, Z @ Z.sum(axis=0), np.square(Z).sum(axis=1)


def _kernel_sums(kernel, Z, P):
    """Return diag(P'KP), K1 and diag(K) of K = kernel(Z, Z), a block of rows at a time.

    Only H is computed, the upper block triangle with half of each diagonal block: K = H + H'.
    """
    n, n_columns = P.shape
    quadratic, row_sums, diagonal = np.zeros(n_columns), np.zeros(n), np.empty(n)
    for rows in gen_batches(n, _block_rows(n, n_columns)):
        onwards = slice(rows.start, n)
        H = kernel(Z[rows], Z[onwards])
        diagonal[rows] = H.diagonal()
        H[:, : len(H)] /= 2
        quadratic += 2 * np.einsum("ij,ij->j", P[rows], H @ P[onwards])
        row_sums[rows] += H.sum(axis=1)
        row_sums[onwards] += H.sum(axis=0)
    return quadratic, row_sums, diagonal


def _block_rows(n, n_columns):
    # scikit-learn's kernels hold up to three arrays of the block's size.
    row_bytes = 8 * (3 * n + n_columns)
    return max(1, min(n, int(get_config()["working_memory"] * 2**20 // row_bytes)))


def _block_kernel(kernel, gamma, kernel_params, Z):
    """Return the function that evaluates the kernel between two blocks of rows."""
    params = dict(kernel_params or {})
    if isinstance(kernel, str) and "gamma" in KERNEL_PARAMS[kernel]:
        params.setdefault("gamma", _kernel_gamma(gamma, Z))
    return partial(pairwise_kernels, metric=kernel, **params)


def _kernel_gamma(gamma, Z):
    if gamma is None:
        return 1 / Z.shape[1]
    return 1 / median_squared_distance(Z) if gamma == "median" else gamma
