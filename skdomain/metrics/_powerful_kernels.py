"""Weights of kernels with which the two-sample test has the most power.

Gretton et al., "Optimal kernel choice for large-scale two-sample tests", NIPS 25 (2012).
"""

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls
from sklearn.utils._param_validation import Interval, validate_params

from skdomain._domains import check_domains
from skdomain._kernels import fit_kernel
from skdomain.metrics._several_kernels import SEVERAL_KERNELS, several_kernels


@validate_params(
    {
        "Xs": ["array-like"],
        "Xt": ["array-like"],
        "reg": [Interval(Real, 0, None, closed="neither")],
    }
    | {name: SEVERAL_KERNELS[name] for name in ("kernel", "gamma", "kernel_params")},
    prefer_skip_nested_validation=True,
)
def mmd_kernel_weights(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    kernel: str | Callable[..., Any] | list[str | Callable[..., Any]] = "rbf",
    gamma: str | float | list[Any] | None = None,
    kernel_params: dict[Any, Any] | list[Any] | None = None,
    reg: float = 1e-4,
) -> np.ndarray:
    """Weights of several kernels that maximise the power of the test with their combination.

    With eta the unbiased MMD of each kernel and Q the covariance of these estimates, the power for
    many rows rises with ``eta'b / sqrt(b'(Q + l I)b)``. Its largest value is found by, cf. [1]_::

        min b'(Q + l I)b   subject to   eta'b = 1,  b >= 0

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str, callable or list of these, default="rbf"
        The kernels, as in :func:`mmd`.
    gamma : float, "median", "scale", None or list of these, default=None
        Their coefficients, as in :func:`mmd`.
    kernel_params : dict, None or list of these, default=None
        Their further arguments, as in :func:`mmd`.
    reg : float, default=1e-4
        Ridge l, as a share of the mean of Q's diagonal.

    Returns
    -------
    ndarray of shape (n_kernels,)
        Weights b, at least 0 and of sum 1. Equal ones where no kernel's MMD is above 0: none sees
        a shift.

    Raises
    ------
    ValueError
        As :func:`mmd` does, or if a domain has fewer than two rows.

    Notes
    -----
    A test on the rows that chose its weights would find shifts where there are none: choose on one
    part of each domain and test on the rest, or take ``mmd_test(aggregate=True)``, which needs no
    second part.

    The estimates here are those of all pairs of rows, in place of the paper's, which takes
    each row once: more is seen in few rows, and no order of the rows matters. Q is the covariance
    of the leading term, ``4 cov_s(f_u, f_v) / ns + 4 cov_t(f_u, f_v) / nt``, where ``f_u(x)`` is
    the mean of ``k_u(x, .)`` over the other source rows less that over the other target rows.
    O(n^2 d) time and O(n^2) memory a kernel with n pooled rows.

    References
    ----------
    .. [1] Gretton, Sriperumbudur, Sejdinovic, Strathmann, Balakrishnan, Pontil and Fukumizu,
       "Optimal kernel choice for large-scale two-sample tests", Advances in Neural Information
       Processing Systems 25 (2012).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import mmd_kernel_weights
    >>> Xs = np.random.default_rng(0).normal(size=(80, 1))
    >>> mmd_kernel_weights(Xs, Xs + 1, gamma=[0.1, 10.0])  # seen from afar
    array([1., 0.])
    >>> mmd_kernel_weights(Xs, np.round(Xs), gamma=[0.1, 10.0])  # seen from near
    array([0., 1.])
    """
    reason = "pairs of different rows are averaged; pass more rows"
    Xs, Xt = check_domains(Xs, Xt, min_rows=2, reason=reason)
    Z = np.concatenate([Xs, Xt])
    kernels = several_kernels(kernel, gamma, kernel_params)
    fitted = [fit_kernel(one.pop("kernel"), Z, **one) for one in map(dict, kernels)]
    eta, Q = moments_of_estimates((one(Z) for one in fitted), len(Xs))
    return most_powerful(eta, Q, reg)


def moments_of_estimates(kernels, n_source):
    """Return the unbiased MMD of each kernel matrix, and their covariance, as the Notes say."""
    witnesses = [_witness(K, n_source) for K in kernels]
    source, target = (np.array(part) for part in zip(*witnesses, strict=True))
    eta = source.mean(axis=1) - target.mean(axis=1)
    return eta, sum(4 * np.atleast_2d(np.cov(f)) / f.shape[1] for f in (source, target))


def _witness(K, n_source):
    """Return what each source row, and each target row, adds to the unbiased MMD on average."""
    nt = len(K) - n_source
    np.fill_diagonal(K, 0.0)
    to_source, to_target = K[:, :n_source].sum(axis=1), K[:, n_source:].sum(axis=1)
    source = to_source[:n_source] / (n_source - 1) - to_target[:n_source] / nt
    return source, to_source[n_source:] / n_source - to_target[n_source:] / (nt - 1)


def most_powerful(eta, Q, reg):
    """Weights of sum 1 that maximise ``eta'b / sqrt(b'(Q + l I)b)``, equal ones if eta <= 0.

    But for its scale, b minimises ``|L'b - L^-1 eta|`` over b >= 0 with ``L L' = Q + l I``: both
    problems have the conditions that ``(Q + l I)b - eta`` is at least 0, and 0 where b is not.
    """
    equal = np.full(len(eta), 1 / len(eta))
    size = np.trace(Q) / len(Q)
    if eta.max() <= 0 or size == 0:
        return equal
    # In units of Q and of eta, so that nothing here depends on these.
    L = cholesky(Q / size + reg * np.eye(len(Q)), lower=True)
    weights, _ = nnls(L.T, solve_triangular(L, eta / eta.max(), lower=True))
    return weights / weights.sum()
