"""The largest eigenpairs of a symmetric matrix, without the others.

Few of many come from Lanczos iterations, which may miss an eigenvalue. So k + 1 pairs are asked
for, and the first k, with V of orthonormal columns and W their values, are taken if

* their residual is of rounding size: k eigenvalues of S are no smaller than these, up to rounding;
* ``sigma I - (S - V diag(W) V')`` has a Cholesky factor, with sigma halfway between the k-th value
  and the next. By Weyl's inequality a term of rank k lifts no more than k eigenvalues, so at most k
  of S are above sigma: none was missed.

What is not proved so is decomposed by the dense solver.
"""

import numpy as np
from scipy.linalg import eigh
from scipy.linalg.lapack import dpotrf
from scipy.sparse.linalg import ArpackError, eigsh

LANCZOS_SIZE = 500  # from where on Lanczos iterations pay
LANCZOS_SHARE = 0.05  # of the eigenvectors, up to which they do
SELECTED_SHARE = 0.15  # share of the eigenvectors, up to which selected ones are faster than all
LANCZOS_RESTARTS = 20  # which take about as long as the dense solver


def leading_pairs(S, k):
    """The k largest eigenvalues of S, in falling order, and their vectors.

    Parameters
    ----------
    S : ndarray of shape (p, p)
        Symmetric, positive semi-definite up to rounding, finite.
    k : int
        From 1 to p.

    Returns
    -------
    values : ndarray of shape (k,)
    vectors : ndarray of shape (p, k)
        Orthonormal columns.
    """
    few = len(S) >= LANCZOS_SIZE and k <= LANCZOS_SHARE * len(S)
    pairs = certified_pairs(S, k) if few else None
    return dense_pairs(S, k) if pairs is None else pairs


def dense_pairs(S, k):
    """The pairs of :func:`leading_pairs` from the tridiagonal form of S."""
    p = len(S)
    if k <= SELECTED_SHARE * p:
        values, vectors = eigh(S, subset_by_index=[p - k, p - 1], check_finite=False)
        if len(values) == k:  # LAPACK's selection may lose eigenvalues that lie in a cluster
            return values[::-1], vectors[:, ::-1]
    values, vectors = np.linalg.eigh(S)
    return values[: -k - 1 : -1], vectors[:, : -k - 1 : -1]


def certified_pairs(S, k):
    """The pairs of :func:`leading_pairs` by Lanczos iterations; None if they are not proved."""
    start = np.random.default_rng(0).standard_normal(len(S))
    try:
        values, vectors = eigsh(S, k + 1, v0=start, ncv=2 * k + 3, maxiter=LANCZOS_RESTARTS)
    except ArpackError:
        return None
    values, vectors = values[::-1], vectors[:, ::-1]
    proved = are_largest(S, values[:k], vectors[:, :k], values[k])
    return (values[:k], vectors[:, :k]) if proved else None


def are_largest(S, values, vectors, following):
    """Whether these are the largest eigenpairs of S, if the next eigenvalue is ``following``."""
    k, slack = len(values), 10 * len(S) * np.finfo(float).eps
    departure = np.linalg.norm(vectors.T @ vectors - np.eye(k))
    error = np.linalg.norm(S @ vectors - vectors * values) / values[0]
    half_gap = (values[-1] - following) / (2 * values[0])
    if not (departure <= slack and error <= slack and 2 * slack < half_gap):
        return False
    rest = vectors * values @ vectors.T - S
    rest[np.diag_indices(len(S))] += (values[-1] + following) / 2
    return dpotrf(rest, lower=True, overwrite_a=True)[1] == 0
