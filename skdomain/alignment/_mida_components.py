"""The eigenproblem of MIDA, and what the components are not to depend on, standardised."""

import numpy as np
from scipy.linalg import eigh

from skdomain.alignment._principal_axes import limit_to_rank, turned
from skdomain.alignment._source_map import FLOAT

CONSTANT = 1e-12  # spread of a factor, over its size, below which it is constant up to rounding


def mida_components(K, D, *, n_components, mu=1.0, Y=None, eta=0.0):
    """Coefficients of the rows: leading eigenvectors of ``K (mu H - D D' + eta Y Y') K``.

    Parameters
    ----------
    K : ndarray of shape (n_samples, n_samples)
        Kernel matrix of the rows; it is centred first.
    D : ndarray of shape (n_samples, n_factors)
        What the components are not to depend on: standardised by :func:`standard_factors`.
    n_components, mu, eta
        As in :class:`MIDA`.
    Y : ndarray of shape (n_samples, n_outputs) or None
        What they are to depend on, standardised, 0 where that is not known.

    Returns
    -------
    W : ndarray of shape (n_samples, k)
        Orthonormal columns that add up to 0; k is n_components, or the rank of K where that is
        lower.
    values : ndarray of shape (k,)
        Eigenvalues, descending, of the problem with K divided by its largest eigenvalue.

    Raises
    ------
    ValueError
        If the rows are all equal up to rounding.
    """
    means = K.mean(axis=0)
    s, V = eigh(K - means - means[:, None] + means.mean(), check_finite=False)
    kept = s > len(K) * FLOAT.eps * max(s[-1], np.abs(K).max())
    if not kept.any():
        raise ValueError(
            "the rows of X are all equal up to rounding under the kernel, so nothing is left to "
            "find; pass rows that differ, and check gamma if the kernel has one."
        )
    s, V = s[kept] / s[-1], V[:, kept]
    P = np.diag(mu * s**2)  # in the range of K, where H is the identity
    for sign, N in ((-1.0, D), (eta, Y)):
        if N is not None:
            inside = s[:, None] * (V.T @ N)
            P += sign * (inside @ inside.T)
    k = limit_to_rank(n_components, len(s))
    values, B = eigh(P, subset_by_index=[len(s) - k, len(s) - 1], check_finite=False)
    return turned(V @ B[:, ::-1]), values[::-1]


def standard_factors(N):
    """Columns centred and divided by one number, so that the largest variance along any line is 1.

    Columns that are constant up to rounding give zeros.
    """
    size = np.abs(N).max(initial=0)
    N = N / (size or 1.0)
    N = N - N.mean(axis=0)
    spread = np.linalg.norm(N, 2) / np.sqrt(len(N))
    return N / spread if spread > CONSTANT else np.zeros_like(N)


def indicators(values):
    """One column for each distinct value."""
    names, codes = np.unique(values, return_inverse=True)
    return np.eye(len(names))[codes]
