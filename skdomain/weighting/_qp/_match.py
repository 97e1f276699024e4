"""Kernel mean matching: the quadratic program that its parameters mean, and its solution."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import warn_caller
from skdomain._kernels import fit_kernel
from skdomain.weighting._qp._mean import minimize_near_mean
from skdomain.weighting._qp._mean_embeddings import kernel_moments, landmark_moments


class MeanMatch(NamedTuple):
    """Raw optimum of kernel mean matching and how it was found."""

    solution: np.ndarray
    kkt_residual: float
    n_iter: int
    reg: float
    gamma: float | None


def match_means(Xs, Xt, kernel, gamma, reg, B, eps, tol, max_iter, max_kernel_rows):
    """The MeanMatch of the problem of :class:`KMM`: Eq. (12) in the paper, and reg."""
    n = Xs.shape[0]
    eps = _checked_eps(eps, n, B)
    k = fit_kernel(kernel, Xs, Xt, gamma=gamma)
    moments = kernel_moments if n <= max_kernel_rows else landmark_moments
    K, kappa, scale, variance = _checked(*moments(Xs, Xt, k))
    if reg == "auto" or (reg is None and isinstance(gamma, str)):
        noise = np.sqrt(n * variance) if variance > 1e-14 else 1.0  # 1 where that is all rounding
    else:
        noise = (reg or 0.0) / (scale or 1.0)
    ridge = max(float(noise), K.least_ridge)
    try:
        w, violation, n_iter = minimize_near_mean(K, kappa, ridge, B, eps, tol * n / 2, max_iter)
    except LinAlgError as error:
        raise ValueError(
            "the kernel is not positive semi-definite on the source rows, so the problem is not "
            "convex; take a kernel that is, such as 'rbf' or 'laplacian', or raise reg."
        ) from error
    if violation / n > tol:
        _warn_of(violation / n, n_iter, tol, max_iter)
    return MeanMatch(w, violation / n, max(1, n_iter), ridge * scale, k.gamma)


def _checked_eps(eps, n, B):
    """How far the mean may be from 1; None is the paper's ``(sqrt(n) - 1) / sqrt(n)``."""
    eps = (np.sqrt(n) - 1) / np.sqrt(n) if eps is None else eps
    if 1 - eps > B:
        raise ValueError(
            f"B={B} is below 1 - eps = {1 - eps:.3g}, so weights of at most B cannot have a mean "
            "within eps of 1; raise B or eps."
        )
    return eps


def _checked(K, kappa, scale, variance):
    if scale < 0 or not np.isfinite([*kappa, scale, variance]).all():
        raise ValueError(
            "the kernel must have finite sums and a positive diagonal, got a mean of "
            f"{scale} on it; scale the features or take another kernel."
        )
    return K, kappa, scale, variance


def _warn_of(residual, n_iter, tol, max_iter):
    warn_caller(
        f"kernel mean matching stopped after {n_iter} Newton steps at a KKT residual of "
        f"{residual:.1e}, above tol={tol}; raise max_iter={max_iter} or tol, raise reg (a larger "
        "one is easier to solve), or narrow the kernel.",
        ConvergenceWarning,
    )
