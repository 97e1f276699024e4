"""The symmetric matrix that takes one covariance to another, the quickest way that has the digits.

With a ridge that is no tiny part of the covariances, their Cholesky factors do: the singular values
and vectors of the product of both are all that it takes, and where the ridge is larger, the
eigenvalues and eigenvectors of a product that is symmetric, the square of that. Without a ridge
there may be no such factors, and spectra of the covariances themselves are taken.
"""

from itertools import chain

import numpy as np
from scipy.linalg import eigh, norm, svd
from scipy.linalg.blas import dtrmm
from scipy.linalg.lapack import dpotrf, dsygst, dtrtrs

from skdomain.alignment._gaussian_barycenter import monge_matrix, spectrum

MOST_SPREAD = 1e6  # of covariances over their ridge, for their factors
MOST_SQUARED = 1e6  # and for the square of the product of these, as squares_suffice weighs them


def pair_matrix(source, target, reg):
    """A of the covariances of source and target, each with the size of its sums; overwrites both.

    Parameters
    ----------
    source, target : tuple of ndarray of shape (k, k) and int
        As ``row_covariance`` gives them.
    reg : float
        Ridge of both.

    Returns
    -------
    ndarray of shape (k, k)
    """
    norms = [norm(C, "fro", check_finite=False) + reg for C, _ in (source, target)]
    if max(norms) < MOST_SPREAD * reg:
        singular = squared_pairs if squares_suffice(*np.divide(norms, reg)) else factored_pairs
        return cholesky_matrix(source[0], target[0], reg, singular)
    spectra = (spectrum(*pair, reg, overwrite=True) for pair in (source, target))
    return monge_matrix(*chain.from_iterable(spectra))


def squares_suffice(ks, kt):
    """Whether :func:`squared_pairs` have the digits, with bounds of the conditions of Cs and Ct.

    Rounding of ``L'Ct L`` moves its root by ``eps |Cs| |Ct| / 2`` at most, over its least singular
    value, and A by that over the least eigenvalue of Cs: ``eps ks^(3/2) kt^(1/2) / 2`` of the norm
    of A, up to a constant, and likewise its inverse, with s and t exchanged. At the limit that is
    1e-10; on real rows the difference was found to be a tenth of it or less.
    """
    return max(ks, kt) ** 1.5 * min(ks, kt) ** 0.5 < MOST_SQUARED


def cholesky_matrix(Cs, Ct, reg, singular):
    """A as ``L'^(-1) (L'Ct L)^(1/2) L^(-1)`` with ``Cs = LL'``, ridges included; overwrites both.

    It is symmetric and positive definite, and ``A LL' A = Ct``. Both covariances are divided by the
    ridge, which changes nothing, so that no product underflows and no eigenvalue is below 1. They
    are symmetric: their transposes, in the order of LAPACK, are overwritten without a copy.
    """
    for C in (Cs, Ct):
        C /= reg
        C[np.diag_indices_from(C)] += 1
    L, _ = dpotrf(Cs.T, lower=1, overwrite_a=1)
    values, vectors = singular(L, Ct.T)
    vectors *= np.sqrt(values)
    root, _ = dtrtrs(L, vectors, lower=1, trans=1, overwrite_b=1)
    return root @ root.T


def squared_pairs(L, Ct):
    """Singular values and left vectors of ``L'K``, ``Ct = KK'``, of its square; overwrites Ct."""
    square, _ = dsygst(Ct, L, itype=2, lower=1, overwrite_a=1)
    squares, vectors = eigh(square, driver="evd", overwrite_a=True, check_finite=False)
    return np.sqrt(squares), vectors


def factored_pairs(L, Ct):
    """:func:`squared_pairs` without the square, in more time."""
    K, _ = dpotrf(Ct, lower=1, overwrite_a=1)
    product = dtrmm(1.0, L, K, lower=1, trans_a=1, overwrite_b=1)
    vectors, values, _ = svd(product, overwrite_a=True, check_finite=False)
    return values, vectors
