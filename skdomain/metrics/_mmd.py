"""Maximum mean discrepancy: the distance of the domain means in the feature space of a kernel.

Gretton et al., "A kernel two-sample test", JMLR 13 (2012).
"""

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from skdomain._domains import check_domains
from skdomain._kernels import fit_kernel, kernel_constraints
from skdomain.metrics._dealt_rows import DealtRows
from skdomain.metrics._finite import OVERFLOW, check_finite
from skdomain.metrics._pair_sums import feature_sums, kernel_sums, landmark_features

_PARAMETERS = {
    "Xs": ["array-like"],
    "Xt": ["array-like"],
    "unbiased": ["boolean"],
    "n_landmarks": [Interval(Integral, 1, None, closed="left"), None],
} | kernel_constraints("gamma", "kernel_params")


@validate_params(_PARAMETERS, prefer_skip_nested_validation=True)
def mmd(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    kernel: str | Callable[..., Any] = "rbf",
    gamma: str | float | None = None,
    kernel_params: dict[Any, Any] | None = None,
    unbiased: bool = False,
    n_landmarks: int | None = None,
) -> float:
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
    n_landmarks : int or None, default=None
        Take Nystroem's approximation of the kernel, ``C W^+ C'`` with C the kernel of all rows and
        this many landmarks, and W that of the landmarks: distinct rows of either domain, evenly
        spaced in lexicographic order. None: the kernel itself. The linear kernel needs none.

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
    for the others, O(n m (d + m)) with m landmarks. These are summed in tiles of at most 1024 x
    1024, or what fits scikit-learn's ``working_memory``, so the n x n matrix is never in memory.
    All arithmetic is in float64. For "linear" the
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
    options = kernel, gamma, kernel_params, unbiased, n_landmarks
    values, _ = _mmd_values(np.concatenate([Xs, Xt]), DealtRows(len(Xs), len(Xt)), *options)
    return float(values[0])


def _check_statistic(Xs, Xt, unbiased):
    if not unbiased:
        return check_domains(Xs, Xt)
    reason = "unbiased=True averages over pairs of different rows; pass more rows or unbiased=False"
    return check_domains(Xs, Xt, min_rows=2, reason=reason)


def _mmd_values(Z, deals, kernel, gamma, kernel_params, unbiased, n_landmarks):
    """Return the squared MMD for each of the deals, and a bound on its rounding error."""
    kernel = fit_kernel(kernel, Z, gamma=gamma, kernel_params=kernel_params)
    with np.errstate(**OVERFLOW):
        sums = _sums(kernel, Z, deals, n_landmarks)
        values = sums.mmd(deals.n_source, deals.n_target, unbiased)
    advice = "the sum of the kernel overflows; divide the features of both domains first."
    check_finite("the MMD", values, advice)
    return values, 1e-12 * sums.scale


def _sums(kernel, Z, deals, n_landmarks):
    if kernel.function == "linear":
        centre = Z.mean(axis=0)
        return feature_sums(lambda rows: rows - centre, Z, deals, np.ones(Z.shape[1]))
    if n_landmarks is None:
        return kernel_sums(kernel, Z, deals)
    features, signs = landmark_features(kernel, Z, n_landmarks)
    return feature_sums(features, Z, deals, signs)
