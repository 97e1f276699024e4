"""Several domains as Gaussians, each mapped to the target or all of them to their barycenter.

P. C. Álvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos and C. Matrán (2016), "A fixed-point
approach to barycenters in Wasserstein space", Journal of Mathematical Analysis and Applications
441(2), 744-762.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh, qr
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import warn_caller
from skdomain.alignment._source_map import (
    SourceMap,
    check_moments,
    ridge_of_moments,
    ridge_of_rows,
)

MONGE_SHARE = 0.1  # of the mean variance, that reg="scale" is
MAX_ROUNDS = 1000
TOL = 1e-12  # largest change of the covariance, of its norm, at which rounds end


class Barycenter(NamedTuple):
    """Positive eigenvalues of a covariance, their vectors, and the rounds that found it."""

    values: np.ndarray
    vectors: np.ndarray
    n_iter: int
    converged: bool


def coordinates(*domains):
    """Orthonormal basis of centred rows, and their coordinates in it.

    The basis is None, for all features, unless there are fewer rows than features.
    """
    sizes = [len(X) for X in domains]
    if sum(sizes) >= domains[0].shape[1]:
        return None, *domains
    rows = np.concatenate(domains)
    basis, R = qr(rows.T, mode="economic", overwrite_a=True, check_finite=False)
    return basis, *np.split(R.T, np.cumsum(sizes[:-1]))


def row_covariance(Z):
    """Covariance of centred rows, and the size of the sums that it is made of."""
    covariance = Z.T @ Z
    covariance /= len(Z) - 1
    return covariance, max(Z.shape)


def moment_covariance(domain):
    """:func:`row_covariance` of the moments of a domain."""
    return domain.scatter / (domain.n - 1), max(domain.n, len(domain.scatter))


def spectrum(covariance, size, reg, *, overwrite=False):
    """Eigenvalues and eigenvectors of ``covariance + reg I``, without zeros up to rounding.

    The size is that of the sums of which rounding is the error. To overwrite a symmetric matrix
    without a copy, it is its transpose, in the order of LAPACK, that is decomposed.
    """
    values, vectors = eigh(covariance.T, driver="evd", overwrite_a=overwrite, check_finite=False)
    noise = np.finfo(float).eps * size * values[-1]
    values = np.where(values > noise, values, 0.0) + reg
    first = np.count_nonzero(values <= 0)
    return values[first:], vectors[:, first:]


def turn(ws, Vs, wt, Vt):
    """W, the orthogonal polar factor of ``Cs^(1/2) Ct^(1/2)``, in the eigenvectors of both."""
    U, _, Vh = np.linalg.svd(np.sqrt(ws)[:, None] * (Vs.T @ Vt) * np.sqrt(wt), full_matrices=False)
    return U @ Vh


def monge_matrix(ws, Vs, wt, Vt):
    """A as ``Cs^(-1/2) W Ct^(1/2)`` with W = UV' of ``Cs^(1/2) Ct^(1/2) = U S V'``.

    As ``(Cs^(1/2) Ct Cs^(1/2))^(1/2) = U S U'`` and ``S U' Cs^(-1/2) = V' Ct^(1/2)``, this is the
    A of the theory, but no root is taken of what has been squared, and A'Cs A = Ct holds whatever
    the rounding of W. The decomposition is one in the eigenvectors of Cs and Ct.
    """
    W = turn(ws, Vs, wt, Vt)  # before other matrices are there: it takes the most memory
    return (Vs / np.sqrt(ws)) @ W @ (Vt * np.sqrt(wt)).T


def monge_map(A, center, shift, basis=None, outside=1.0):
    """The map of this matrix in the basis and ``outside`` across it; overwrites the matrix."""
    if basis is not None:
        A[np.diag_indices_from(A)] -= outside
    return SourceMap(A, basis, outside, center=center, shift=shift)


def gaussian_barycenter(spectra, *, max_iter=MAX_ROUNDS, tol=TOL):
    """Covariance nearest to all of these, in the mean of squared Bures-Wasserstein distances.

    With ``A_k`` the map of the Gaussian of covariance S onto that of C_k, and A their mean, a round
    is ``S <- A S A``: F'F of the mean F of all ``S^(1/2) A_k = W_k C_k^(1/2)``, of which no inverse
    and no square is taken. Where S ends, A is the identity.

    Parameters
    ----------
    spectra : list of tuple of ndarray
        Positive eigenvalues and eigenvectors of each covariance.
    max_iter : int
        Rounds at most.
    tol : float
        Change of S, of its norm, at which they end.

    Returns
    -------
    Barycenter
    """
    roots = [(V * np.sqrt(w)).T for w, V in spectra]
    S = sum(root.T @ root for root in roots) / len(roots)
    values, vectors = spectrum(S, len(S), 0.0)
    for n_iter in range(1, max_iter + 1):
        mean = sum(
            turn(values, vectors, *pair) @ root for pair, root in zip(spectra, roots, strict=True)
        )
        _, sizes, Vh = np.linalg.svd(mean / len(roots), full_matrices=False)
        values, vectors = np.square(sizes), Vh.T
        kept = values > np.finfo(float).eps * len(S) * values.max(initial=0.0)
        values, vectors = values[kept], vectors[:, kept]
        before, S = S, (vectors * values) @ vectors.T
        if np.linalg.norm(S - before) <= tol * np.linalg.norm(S):
            return Barycenter(values, vectors, n_iter, True)
    return Barycenter(values, vectors, max_iter, False)


def barycenter_maps(spectra, means, basis, outside):
    """Maps of all domains to the barycenter of their Gaussians, and the rounds that found it.

    Parameters
    ----------
    spectra : list of tuple of ndarray
        As in :func:`gaussian_barycenter`, of covariances in the basis.
    means : list of ndarray of shape (n_features,)
    basis : ndarray of shape (n_features, k) or None
    outside : float
        Factor of what is orthogonal to the basis.

    Returns
    -------
    tuple of list of SourceMap and int
    """
    end = gaussian_barycenter(spectra)
    if not end.converged:
        warn_caller(
            f"the barycenter of {len(spectra)} domains still changed after {end.n_iter} rounds; "
            "raise reg.",
            ConvergenceWarning,
        )
    shift, pair = np.mean(means, axis=0), (end.values, end.vectors)
    maps = [
        monge_map(monge_matrix(*start, *pair), mean, shift, basis, outside)
        for start, mean in zip(spectra, means, strict=True)
    ]
    return maps, end.n_iter


def row_barycenter(domains, reg):
    """:func:`barycenter_maps` of centred rows and means, as ``centred_domains`` gives them."""
    rows, means = zip(*domains, strict=True)
    reg = ridge_of_rows(reg, MONGE_SHARE, *rows)
    basis, *rows = coordinates(*rows)
    spectra = [spectrum(*row_covariance(Z), reg, overwrite=True) for Z in rows]
    return barycenter_maps(spectra, means, basis, float(reg > 0))


def moment_barycenter(domains, reg, names):
    """:func:`barycenter_maps` of moments."""
    domains = check_moments(domains, reg, names)
    means = [domain.mean for domain in domains]
    reg = ridge_of_moments(reg, MONGE_SHARE, *domains)
    spectra = [spectrum(*moment_covariance(domain), reg, overwrite=True) for domain in domains]
    return barycenter_maps(spectra, means, None, 1.0)
