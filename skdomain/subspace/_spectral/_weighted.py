"""The spectral core with a weight on each row of A: ``lam tr(A'DA)`` in place of ``lam tr(A'A)``.

Only ``b = U'A`` matters to the embedding ``Z = FA``, with U the coordinates of the core in the
space of A. The A of least penalty is ``D^-1 U (U'D^-1 U)^-1 b``, so the penalty on b is the dense
matrix ``lam (U'D^-1 U)^-1``. It is never formed: with the thin QR ``D^-1/2 U = QR`` and
``b = R'y / sqrt(lam)``

    A = D^-1/2 Q y / sqrt(lam)        lam tr(A'DA) = tr(y'y)

and the pencil in y is that of the core, ``I + V G V'`` against ``E'E - c c'``, with V, c and
``E = diag(s) R'`` divided by sqrt(lam).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import qr, solve_triangular
from scipy.linalg.blas import dsyr2k, dsyrk
from scipy.linalg.lapack import dlauum, dormqr, dpocon, dpotrf

from skdomain.subspace._spectral._basis import check_variance
from skdomain.subspace._spectral._low_rank import (
    congruence,
    graded_pairs,
    identity_plus,
    inverse_root,
    low_rank_eigh,
    rounding,
)
from skdomain.subspace._spectral._pencil import (
    Solution,
    column_signs,
    largest_eigenpairs,
)

SQUARED = 100  # columns, from where on it pays to square them, and to heed triangles
DEFINITE = 1e-8  # reciprocal condition of the products of columns, from where on R has its digits
IN_PLACE = {"overwrite_a": True, "check_finite": False}


@dataclass(frozen=True, eq=False)
class WeightedSolution:
    """The k smallest eigenpairs of ``(F'MF + lam D, F'HF)``, scaled to ``A'F'HFA = I``.

    Parameters
    ----------
    A : ndarray of shape (n_rows, k)
        Eigenvectors.
    b : ndarray of shape (p, k)
        Their coordinates ``U'A``.
    eigenvalues : ndarray of shape (k,)
        Ascending.
    discrepancies : ndarray of shape (k,)
        Diagonal of ``A'F'MFA``.
    signal : float
        Spectral norm of ``V G V'`` relative to that of ``E'E``; 0 where the coupling sees nothing.
    """

    A: np.ndarray
    b: np.ndarray
    eigenvalues: np.ndarray
    discrepancies: np.ndarray
    signal: float

    def scaled(self, basis, scales):
        """As a solution of the core, with these factors on the columns."""
        b = self.b * scales
        coefficients = basis.coefficients(b)
        signs = column_signs(coefficients)
        return Solution(
            b=b * signs,
            coefficients=coefficients * signs,
            eigenvalues=self.eigenvalues,
            discrepancy=float(self.discrepancies.sum()),
            signal=self.signal,
        )


def sample_frame(basis):
    """U of a kernel's basis: orthonormal coordinates in the space of the fitted rows."""
    if basis.mix.ndim == 1:
        return basis.rows
    if basis.unmix is not None:
        return (basis.rows - basis.mean) @ basis.unmix[0] + basis.unmix[1]
    return basis.rows.astype(np.float64, copy=False) @ (basis.mix / np.sqrt(basis.energy))


class WeightedPencil:
    """One basis and one coupling, to be solved for many weights.

    Parameters
    ----------
    basis : skdomain.subspace._spectral.Basis
        With ``is_diagonal``.
    frame : ndarray of shape (n_rows, p)
        U, orthonormal columns: what the coordinates of the basis are in the space of A.
    coupling : skdomain.mmd.Coupling
        With positive semi-definite G.
    """

    def __init__(self, basis, frame, coupling):
        self.frame, self.G = frame, coupling.G
        self.V = basis.lift(coupling)
        self.c = basis.mean_scores(self.V, coupling)
        self.is_graded = basis.mean is not None
        self.roots = np.sqrt(basis.energy)
        check_variance(basis.energy, self.c)

    def solve(self, weights, *, lam, n_components):
        """Smallest eigenpairs with the weights D on the rows of A.

        Parameters
        ----------
        weights : ndarray of shape (n_rows,)
            Diagonal of D, > 0.
        lam : float
            Weight of the penalty, > 0.
        n_components : int
            Number k of eigenpairs wanted; fewer come back where the rank of the centred F is
            lower.

        Returns
        -------
        WeightedSolution

        Notes
        -----
        O(n_rows p^2) for R beside the tridiagonal reduction of one symmetric p x p matrix.
        """
        scales = 1 / np.sqrt(lam * weights)
        R, rotated = weighted_qr(self.frame, scales, squared=not self.is_graded)
        V, c = R @ self.V, R @ self.c
        Q, g = low_rank_eigh(V, self.G)
        E = np.asfortranarray(self.roots[:, None] * R.T)
        energy = np.einsum("ij,ij->j", E, E)
        p, f = len(R), inverse_root(g)
        k, floor = min(n_components, p), rounding(p) * energy.max()
        theta, y = (
            graded_pairs(E, Q, f, k)
            if self.is_graded
            else largest_eigenpairs(lambda: _reduced(E, c, Q, f), k, floor)
        )
        y = identity_plus(Q, f, y) / np.sqrt(theta)
        lifted = V.T @ y
        return WeightedSolution(
            A=scales[:, None] * rotated(y),
            b=R.T @ y,
            eigenvalues=1 / theta,
            discrepancies=np.sum(lifted * (self.G @ lifted), axis=0),
            signal=float(np.abs(g).max() / energy.max()),
        )


def weighted_qr(frame, scales, *, squared):
    """R of the thin QR of ``diag(scales) frame``, and the function ``y -> Qy``.

    With ``squared``, R is the Cholesky factor of the products of the columns, in half of the time,
    where these are so far from singular that R keeps its digits.
    """
    rows = scales[:, None] * frame
    R = _clear_factor(rows.T @ rows) if squared and rows.shape[1] >= SQUARED else None
    if R is not None:
        return R, lambda y: rows @ solve_triangular(R, y, check_finite=False)
    (reflectors, tau), R = qr(rows, mode="raw", **IN_PLACE)
    return R[: R.shape[1]], partial(_rotated, reflectors, tau)


def _clear_factor(P):
    """Cholesky factor of P, upper, or None where P is singular or near it."""
    norm = np.abs(P).sum(axis=0).max()
    R, info = dpotrf(P.T, lower=False, overwrite_a=True)
    return R if info == 0 and dpocon(R, norm)[0] > DEFINITE else None


def _rotated(reflectors, tau, y):
    """``Qy`` from the reflectors of a QR, of shape (n_rows, k)."""
    padded = np.zeros((len(reflectors), y.shape[1]), order="F")
    padded[: len(y)] = y
    work = 64 * max(1, y.shape[1])
    rotated, _, _ = dormqr("L", "N", reflectors, tau, padded, work, overwrite_c=True)
    return rotated


def _gram_of_lower(E):
    """Lower triangle of ``E'E`` for a lower triangular E: where it pays, in a third of the time."""
    return dlauum(E, lower=True)[0] if len(E) >= SQUARED else dsyrk(1.0, E, trans=True, lower=True)


def _reduced(E, c, Q, f):
    """Lower triangle of ``(I + QfQ')(E'E - c c')(I + QfQ')``."""
    S = _gram_of_lower(E)
    S = dsyr2k(-0.5, c, c, beta=1.0, c=S, overwrite_c=True, lower=True)
    SQ = E.T @ (E @ Q) - c @ (c.T @ Q)
    return congruence(S, SQ, Q, f)
