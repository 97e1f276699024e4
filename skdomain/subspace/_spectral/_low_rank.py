"""Symmetric matrices that differ from the identity by low rank, and what rounding makes of sums."""

import numpy as np
from scipy.linalg import eigh, qr, svd
from scipy.linalg.blas import dsyr2k

EPS = np.finfo(np.float64).eps


def rounding(p):
    """Bound on the relative rounding error of sums and eigenvalues in p dimensions."""
    return 10 * p * EPS


def low_rank_eigh(V, G):
    """Q with orthonormal columns and g with ``V G V' = Q diag(g) Q'``, from a thin QR of V."""
    Q, R = qr(V, mode="economic", check_finite=False)
    g, E = eigh(R @ G @ R.T, check_finite=False)
    g[np.abs(g) < rounding(len(g)) * np.abs(g).max()] = 0
    return Q @ E, g


def inverse_root(g):
    """The f of ``(I + Q diag(g) Q')^-1/2 = I + Q diag(f) Q'``."""
    return 1 / np.sqrt(1 + g) - 1


def identity_plus(Q, f, Y):
    """``(I + Q diag(f) Q') Y``."""
    return Y + Q * f @ (Q.T @ Y)


def congruence(S, SQ, Q, f):
    """Lower triangle of ``(I + QfQ') S (I + QfQ')`` from that of S, overwritten, and S Q."""
    Y = SQ * f + Q * f @ (Q.T @ SQ * f) / 2
    return dsyr2k(1.0, Q, Y, beta=1.0, c=S, overwrite_c=True, lower=True)


def graded_pairs(E, Q, f, k):
    """The k largest eigenpairs of ``(I + QfQ') E'E (I + QfQ')``, as far as above rounding.

    From singular values, so that small ones keep the digits that squares would take from them.
    """
    _, s, Y = svd(E + E @ Q * f @ Q.T)
    kept = s[:k] > rounding(len(s)) * s[0]
    return s[:k][kept] ** 2, Y[:k][kept].T
