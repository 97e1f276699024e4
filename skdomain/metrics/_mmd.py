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
from skdomain._kernels import fit_kernel
from skdomain.metrics._dealt_rows import DealtRows
from skdomain.metrics._finite import OVERFLOW, check_finite
from skdomain.metrics._pair_sums import PairSums, feature_sums, kernel_sums, landmark_features
from skdomain.metrics._several_kernels import SEVERAL_KERNELS, check_kernel_weights, several_kernels

_PARAMETERS = {
    "Xs": ["array-like"],
    "Xt": ["array-like"],
    "unbiased": ["boolean"],
    "n_landmarks": [Interval(Integral, 1, None, closed="left"), None],
} | SEVERAL_KERNELS


@validate_params(_PARAMETERS, prefer_skip_nested_validation=True)
def mmd(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    kernel: str | Callable[..., Any] | list[str | Callable[..., Any]] = "rbf",
    gamma: str | float | list[Any] | None = None,
    kernel_params: dict[Any, Any] | list[Any] | None = None,
    unbiased: bool = False,
    n_landmarks: int | None = None,
    kernel_weights: ArrayLike | None = None,
) -> float:
    """Squared maximum mean discrepancy of two domains.

    The biased statistic (V-statistic) is the squared distance of the two mean embeddings,
    cf. Eq. 5 in [1]_::

        sum_ij k(s_i, s_j) / ns^2 + sum_ij k(t_i, t_j) / nt^2 - 2 sum_ij k(s_i, t_j) / (ns nt)

    and the unbiased one (U-statistic, cf. Eq. 3 in [1]_) leaves the pairs i = j out of the first
    two sums, which it divides by ns (ns - 1) and nt (nt - 1). Of several kernels it is that of
    their convex combination ``k = b_1 k_1 + b_2 k_2 + ...``, cf. [2]_.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str, callable or list of these, default="rbf"
        Name of a kernel in :mod:`sklearn.metrics.pairwise`, or a symmetric function of two rows
        that returns a number. A callable is evaluated pair by pair and hence slow. A list means
        several kernels.
    gamma : float, "median", "scale", None or list of these, default=None
        Coefficient of the kernels that have one, in units of 1 / features^2 for "rbf". None is
        ``1 / n_features``, for "chi2" 1; "median" is 1 over the median squared distance of two
        distinct rows of either domain, of at most 2000 of them (evenly spaced in lexicographic
        order, so always the same ones); "scale" is 1 / (n_features times the variance of all
        entries). A list holds one for each kernel, or means several kernels of one name.
    kernel_params : dict, None or list of these, default=None
        Further arguments of the kernel, such as ``degree`` and ``coef0``, or ``gamma`` if that is
        None. What is no list holds for each of several kernels.
    unbiased : bool, default=False
        Whether to return the U-statistic, whose mean is zero when both domains have the same
        distribution and which may hence be negative.
    n_landmarks : int or None, default=None
        Take Nystroem's approximation of the kernel, ``C W^+ C'`` with C the kernel of all rows and
        this many landmarks, and W that of the landmarks: distinct rows of either domain, evenly
        spaced in lexicographic order. None: the kernel itself. The linear kernel needs none. Of
        several kernels, each is approximated by itself.
    kernel_weights : array-like of shape (n_kernels,), default=None
        Weights b of several kernels, at least 0 and of sum 1, such as those of
        :func:`mmd_kernel_weights`; None: equal ones.

    Returns
    -------
    float
        The squared discrepancy, in units of the kernel. The biased one is at least 0 (a negative
        value, due to rounding or to an indefinite kernel, is returned as 0).

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, if the numbers of columns differ, if ``unbiased`` and
        a domain has fewer than two rows, if the kernel or its sum is not finite, if
        ``kernel_params`` holds what the kernel does not take, or if lists of kernels and of what
        belongs to them differ in length.

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
    .. [2] Gretton, Sriperumbudur, Sejdinovic, Strathmann, Balakrishnan, Pontil and Fukumizu,
       "Optimal kernel choice for large-scale two-sample tests", Advances in Neural Information
       Processing Systems 25 (2012).

    Examples
    --------
    >>> from skdomain.metrics import mmd
    >>> Xs, Xt = [[0.0], [2.0]], [[3.0], [5.0]]
    >>> mmd(Xs, Xt, kernel="linear")  # the means are 1 and 4
    9.0
    >>> mmd(Xs, Xt, kernel="linear", unbiased=True)
    7.0
    >>> round(mmd(Xs, Xt, gamma=[0.1, 1.0]), 3)  # half of each
    0.802
    """
    Xs, Xt = _check_statistic(Xs, Xt, unbiased)
    kernels = several_kernels(kernel, gamma, kernel_params)
    weights = check_kernel_weights(kernel_weights, len(kernels))
    options = kernels, weights, unbiased, n_landmarks
    values, _ = _mmd_values(np.concatenate([Xs, Xt]), DealtRows(len(Xs), len(Xt)), *options)
    return float(values[0])


def _check_statistic(Xs, Xt, unbiased):
    if not unbiased:
        return check_domains(Xs, Xt)
    reason = "unbiased=True averages over pairs of different rows; pass more rows or unbiased=False"
    return check_domains(Xs, Xt, min_rows=2, reason=reason)


def _mmd_values(Z, deals, kernels, weights, unbiased, n_landmarks):
    """Return the squared MMD for each of the deals, and a bound on its rounding error."""
    kernels = [fit_kernel(kernel.pop("kernel"), Z, **kernel) for kernel in map(dict, kernels)]
    with np.errstate(**OVERFLOW):
        sums = [_sums(kernel, Z, deals, n_landmarks) for kernel in kernels]
        sums = PairSums.combined(sums, weights)
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
