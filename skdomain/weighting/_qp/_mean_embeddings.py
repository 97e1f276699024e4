"""The quadratic program of matched means in the feature space of a kernel: its K and kappa.

``K_ij = k(xs_i, xs_j)`` and ``kappa_i = n_s / n_t sum_j k(xs_i, xt_j)``, over the mean of K's
diagonal: in memory, or as an approximation from landmarks.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh
from sklearn import get_config
from sklearn.metrics.pairwise import KERNEL_PARAMS, pairwise_kernels
from sklearn.utils import gen_batches

from skdomain._kernels import median_gamma
from skdomain.weighting._qp._gram import DenseGram, FactoredGram

_LANDMARKS = 1000


class KernelMoments(NamedTuple):
    """K, kappa, the mean of K's diagonal that both are divided by, and the noise of K's rows."""

    gram: DenseGram | FactoredGram
    kappa: np.ndarray
    scale: float
    noise: float


def kernel_moments(Xs, Xt, *, kernel, gamma, max_rows):
    """K and kappa of the rows of both domains, from landmarks where source rows exceed max_rows.

    Returns
    -------
    KernelMoments

    Raises
    ------
    ValueError
        If the kernel has values that are not finite or a negative diagonal.
    """
    params = {}
    if isinstance(kernel, str) and "gamma" in KERNEL_PARAMS[kernel]:
        params["gamma"] = median_gamma(Xs, Xt) if gamma == "median" else gamma
    k = partial(pairwise_kernels, metric=kernel, **params)
    moments = (dense_moments if len(Xs) <= max_rows else landmark_moments)(Xs, Xt, k)
    finite = np.isfinite([*moments.kappa, moments.scale, moments.noise]).all()
    if not finite or moments.scale < 0:
        raise ValueError(
            "the kernel must be finite and have a positive diagonal, got a mean of "
            f"{moments.scale} on it; scale the features or take another kernel."
        )
    return moments


def dense_moments(Xs, Xt, k):
    """Moments of a function k of two blocks of rows, with K in memory."""
    n = len(Xs)
    K, kappa = k(Xs), np.zeros(n)
    for rows in _batches(len(Xt), n):
        kappa += k(Xs, Xt[rows]).sum(axis=1)
    scale = K.diagonal().mean()
    if scale > 0:
        K, kappa = np.divide(K, scale, out=K), kappa / scale
    variance = np.vdot(K, K) / n**2 - np.square(K.mean(axis=1)).mean()
    gram = DenseGram(np.ascontiguousarray(K))
    return KernelMoments(gram, kappa * (n / len(Xt)), scale, _noise(n, variance))


def landmark_moments(Xs, Xt, k):
    """The same of the kernel that agrees with k on landmarks, evenly spaced distinct rows."""
    n, distinct = len(Xs), np.unique(Xs, axis=0)
    spaced = np.linspace(0, len(distinct) - 1, min(_LANDMARKS, len(distinct))).astype(int)
    landmarks = distinct[spaced]
    values, vectors = eigh(k(landmarks))
    kept = values > 1e-12 * values[-1]
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    Phi, target = np.empty((n, kept.sum())), np.zeros(kept.sum())
    for rows in _batches(n, len(landmarks)):
        Phi[rows] = k(Xs[rows], landmarks) @ whiten
    for rows in _batches(len(Xt), len(landmarks)):
        target += k(Xt[rows], landmarks).sum(axis=0) @ whiten
    scale = np.vdot(Phi, Phi) / n
    if scale > 0:
        Phi, target = np.divide(Phi, np.sqrt(scale), out=Phi), target / np.sqrt(scale)
    means = Phi @ Phi.mean(axis=0)
    variance = np.square(Phi.T @ Phi).sum() / n**2 - np.square(means).mean()
    kappa = Phi @ target * (n / len(Xt))
    return KernelMoments(FactoredGram(Phi), kappa, scale, _noise(n, variance))


def _batches(n_rows, n_columns):
    # scikit-learn's kernels hold up to three arrays of the block's size
    rows = int(get_config()["working_memory"] * 2**20 // (24 * n_columns))
    return gen_batches(n_rows, max(1, min(n_rows, rows, 4096)))


def _noise(n, variance):
    """Standard error of a row's mean kernel value, times n; 1 where that is all rounding."""
    return 1.0 if variance <= 1e-14 else float(np.sqrt(n * variance))
