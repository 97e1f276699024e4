"""Maximum mean discrepancy: the distance of the domain means in the feature space of a kernel.

Everything is a quadratic form of the pooled kernel matrix K: with p the 0/1 indicator of the source
rows, p'Kp, p'K1 and 1'K1 give the three sums of the statistic, for one p or for a thousand
permutations of it. Gretton et al., "A kernel two-sample test", JMLR 13 (2012).
"""

import numpy as np
from sklearn import get_config
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import validate_params

from skdomain._domains import check_domains
from skdomain._kernels import fit_kernel, kernel_constraints
from skdomain.metrics._finite import OVERFLOW, check_finite

_PARAMETERS = {
    "Xs": ["array-like"],
    "Xt": ["array-like"],
    "unbiased": ["boolean"],
} | kernel_constraints("gamma", "kernel_params")


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
    gamma : float, "median", "scale" or None, default=None
        Coefficient of the kernels that have one, in units of 1 / features^2 for "rbf". None is
        ``1 / n_features``, for "chi2" 1; "median" is 1 over the median squared distance of two
        distinct rows of either domain, of at most 2000 of them (evenly spaced in lexicographic
        order, so always the same ones); "scale" is 1 / (n_features times the variance of all
        entries).
    kernel_params : dict or None, default=None
        Further arguments of the kernel, such as ``degree`` and ``coef0``, or ``gamma`` if that is
        None.
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
        a domain has fewer than two rows, if the kernel or its sum is not finite, or if
        ``kernel_params`` holds what the kernel does not take.

    Notes
    -----
    With n pooled rows: O(n d) time for the linear kernel, which needs only means, and O(n^2 d) time
    for the others. These are summed in blocks of rows that fit scikit-learn's ``working_memory``,
    so the n x n matrix is never in memory. All arithmetic is in float64. For "linear" the
    pooled mean is subtracted first, and for "rbf" the medians of the features where rows are far
    from 0: this changes no value, only its rounding.

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
    kernel = fit_kernel(kernel, Z, gamma=gamma, kernel_params=kernel_params)
    with np.errstate(**OVERFLOW):
        if kernel.function == "linear":
            quadratic, row_sums, diagonal = _linear_sums(Z - Z.mean(axis=0), P)
        else:
            quadratic, row_sums, diagonal = _kernel_sums(kernel, Z, P)
        values = _mmd_from_sums(quadratic, row_sums, diagonal, P, unbiased)
    advice = "the sum of the kernel overflows; divide the features of both domains first."
    check_finite("the MMD", values, advice)
    return values, 1e-12 * np.abs(diagonal).mean()


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


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is refused in the end
def _kernel_sums(kernel, Z, P):
    """Return diag(P'KP), K1 and diag(K) of K = kernel(Z, Z), a block of rows at a time.

    Only H is computed, the upper block triangle with half of each diagonal block: K = H + H'.
    """
    n, n_columns = P.shape
    quadratic, row_sums, diagonal = np.zeros(n_columns), np.zeros(n), np.empty(n)
    for rows in gen_batches(n, _block_rows(n, n_columns)):
        onwards = slice(rows.start, n)
        H = kernel.unchecked(Z[rows], Z[onwards])
        diagonal[rows] = H.diagonal()
        H[:, : len(H)] /= 2
        quadratic += 2 * np.einsum("ij,ij->j", P[rows], H @ P[onwards])
        row_sums[rows] += H.sum(axis=1)
        row_sums[onwards] += H.sum(axis=0)
    kernel.check(row_sums)
    return quadratic, row_sums, diagonal


def _block_rows(n, n_columns):
    # scikit-learn's kernels hold up to three arrays of the block's size.
    row_bytes = 8 * (3 * n + n_columns)
    return max(1, min(n, int(get_config()["working_memory"] * 2**20 // row_bytes)))
