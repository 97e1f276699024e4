"""The one eigenproblem of the subspace family, solved without ever forming M or H.

``min tr(A'(F'MF + lam I)A)`` subject to ``A'F'HFA = I``, with ``F`` the rows (primal) or their
kernel matrix, ``M = N G N'`` a coupling of rank r and H the centring matrix; the embedding is
``Z = FA``.

With orthonormal coordinates ``A = Wb`` in which F'F is diagonal, ``Y = FW`` has ``Y'Y = diag(s^2)``
and the pencil becomes

    B = lam I + V G V',  V = Y'N        C = diag(s^2) - c c',  c = Y'1 / sqrt(n)

so B has a closed-form inverse root and each solve is one symmetric eigenproblem in rank(F)
dimensions. W is found once a fit, whatever the number of couplings tried.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import block_diag, eigh
from scipy.linalg.blas import dsymm, dsyr2k

from skdomain.subspace._spectral._basis import check_variance
from skdomain.subspace._spectral._column_sums import scatter
from skdomain.subspace._spectral._lanczos import certified_kernel_pairs
from skdomain.subspace._spectral._low_rank import (
    congruence,
    graded_pairs,
    identity_plus,
    inverse_root,
    low_rank_eigh,
    rounding,
)
from skdomain.subspace._spectral._rational_ritz import certified_eigenpairs

OWN_UNIT = "scale"
MARGIN = 1e-3  # B is shifted unless its eigenvalues are at least lam times this
MAX_DOUBLINGS = 30  # of tau; what needs more is unbounded up to rounding
WORTHWHILE = 0.6  # of p: a subspace that fills more is no faster than the dense solver
LARGE, FEW = 500, 0.04  # p, and share of p that k may be, for Lanczos iterations to pay
DENSE_STEPS = 0.25  # of p: Lanczos steps that take as long as half of the dense solution


class UnboundedObjectiveError(ValueError):
    """The objective falls without bound: the coupling outweighs the ridge on constant scores."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The k smallest eigenpairs of (B, C), eigenvalues ascending.

    Parameters
    ----------
    b : ndarray of shape (p, k)
        Eigenvectors: columns of unit norm, or with ``b'Cb = I``.
    coefficients : ndarray of shape (n_features, k)
        What new rows are multiplied with; the entry of largest size in each column is positive.
    eigenvalues : ndarray of shape (k,)
        Their sum is the minimum of the objective.
    discrepancy : float
        The part of that sum that is due to the coupling, ``tr(A'F'MFA)`` at ``A'F'HFA = I``.
    signal : float
        Spectral norm of ``F'MF`` relative to that of F'F; 0 where the coupling sees nothing.
    """

    b: np.ndarray
    coefficients: np.ndarray
    eigenvalues: np.ndarray
    discrepancy: float
    signal: float
    is_bounded: bool = True


def solve(basis, coupling, *, lam, n_components, whiten=False, eigen_solver="auto"):
    """Solve the pencil of a basis and a coupling for its smallest eigenpairs.

    Parameters
    ----------
    basis : Basis
    coupling : Coupling
    lam : float or "scale"
        Ridge, > 0. ``"scale"`` is 1 for F in its units, ``F / basis.unit``; columns of A are then
        scaled by :func:`widened`, unless ``whiten``.
    n_components : int
        Number k of eigenpairs wanted; fewer come back where the rank of the centred F is lower.
    whiten : bool, default=False
        Scale to ``b'Cb = I``, the papers' constraint, instead of columns of unit norm, the
        scaling of the authors' programs.
    eigen_solver : {"auto", "dense", "iterative"}, default="auto"
        Whether to try ``certified_eigenpairs`` on a decomposed basis, ``certified_kernel_pairs`` on
        a kernel matrix: where it pays, never, or always. Where that gives nothing, the dense
        solver does.

    Returns
    -------
    Solution

    Raises
    ------
    UnboundedObjectiveError
        If no multiple of C makes B positive definite, up to rounding, though constant embeddings
        are left out.
    ValueError
        If all rows are equal.

    Notes
    -----
    Dense: O(p^2 (r + k)) beside the tridiagonal reduction of one symmetric p x p matrix, and
    O(p^2) memory.
    """
    V = basis.lift(coupling)
    c = basis.mean_scores(V, coupling)
    check_variance(basis.energy, c)
    follows = lam == OWN_UNIT and not whiten
    lam = basis.unit**2 if lam == OWN_UNIT else float(lam)
    Q, g = low_rank_eigh(V / np.sqrt(lam), coupling.G)
    signal, is_bounded = lam * np.abs(g).max() / basis.energy.max(), True
    try:
        tau, D, Q, g = _definite(V, coupling.G, c, basis.energy, lam, Q, g)
    except UnboundedObjectiveError:
        V, is_bounded = basis.without_constants(V, c), False
        Q, g = low_rank_eigh(V / np.sqrt(lam), coupling.G)
        tau, D, Q, g = _definite(V, coupling.G, c, basis.energy, lam, Q, g)
    floor = rounding(len(D)) * (basis.energy / D).max()
    theta, w = _largest_pairs(basis, c, D, Q, g, min(n_components, len(D)), floor, eigen_solver)
    b = w / np.sqrt(D)[:, None]
    lifted = V.T @ b / np.sqrt(theta)
    scales = 1 / (np.sqrt(theta) if whiten else np.linalg.norm(b, axis=0))
    b *= widened(scales, theta * scales**2 / coupling.counts.sum()) if follows else scales
    coefficients = basis.coefficients(b)
    signs = column_signs(coefficients)
    return Solution(
        b=b * signs,
        coefficients=coefficients * signs,
        eigenvalues=1 / theta - tau,
        discrepancy=float(np.sum(lifted * (coupling.G @ lifted))),
        signal=float(signal),
        is_bounded=is_bounded,
    )


def _definite(V, G, c, energy, lam, Q, g):
    """tau, D, Q and g of ``B + tau C``, with Q and g those of B; tau is 0 where that will do."""
    if g.min() >= MARGIN - 1:
        return 0.0, np.full(len(V), lam), Q, g
    return _definite_shift(V, G, c, energy, lam, lam * max(MARGIN, -1 - g.min()))


def _largest_pairs(basis, c, D, Q, g, k, floor, eigen_solver):
    """The k largest eigenpairs of (C, B + tau C) as far as above the floor, in ``w = D^1/2 b``."""
    if basis.mean is not None:
        f = inverse_root(g)
        theta, y = graded_pairs(np.diag(np.sqrt(basis.energy / D)), Q, f, k)
        return theta, identity_plus(Q, f, y)
    if eigen_solver != "dense":
        pairs = _certified_pairs(basis, c.ravel(), D, Q, g, k, eigen_solver == "iterative")
        if pairs is not None and pairs[0][-1] > floor:
            return pairs
    # L = D^-1/2 (I + Q diag(f) Q') has L'(B + tau C)L = I, so that L'CL carries the eigenvalues
    f = inverse_root(g)
    theta, y = largest_eigenpairs(partial(_reduced, basis, c, D, Q, f), k, floor)
    return theta, identity_plus(Q, f, y)


def _certified_pairs(basis, c, D, Q, g, k, always):
    """What the iterative solver for this basis finds, if it is asked always or may pay."""
    p = len(D)
    if basis.is_diagonal:
        share = 1.0 if always else WORTHWHILE
        return certified_eigenpairs(basis.energy / D, c / np.sqrt(D), Q, g, k, max_share=share)
    if basis.is_symmetric and k + 1 < p and (always or (p >= LARGE and k <= FEW * p)):
        steps = p if always else p * DENSE_STEPS
        return certified_kernel_pairs(basis.rows, c, Q, g, D[0], k, max_steps=int(steps))
    return None


def _definite_shift(V, G, c, energy, lam, deficit):
    """tau, D, Q and g with ``B + tau C = D^1/2 (I + Q diag(g) Q') D^1/2`` positive definite.

    C is positive semi-definite, so (B + tau C, C) has the eigenvectors of (B, C) and eigenvalues
    larger by tau. No tau below ``deficit / max eig(C)`` can do, with deficit = -min eig(B); twice
    the first that does keeps B + tau C away from singularity.
    """

    def factor(tau):
        D = lam + tau * energy
        Q, g = low_rank_eigh(np.hstack([V, c]) / np.sqrt(D)[:, None], block_diag(G, -tau))
        return tau, D, Q, g

    tau = deficit / energy.max()
    for _ in range(MAX_DOUBLINGS):
        tau *= 2
        if 1 + factor(tau)[-1].min() > rounding(len(V)):
            return factor(2 * tau)
    raise UnboundedObjectiveError(
        f"the objective is unbounded below: with lam={lam} the coupling outweighs the ridge on "
        "embeddings without variance; raise lam or lower mu."
    )


def _reduced(basis, c, D, Q, f):
    """Lower triangle of ``(I + QfQ') D^-1/2 C D^-1/2 (I + QfQ')``; D is constant if C is dense."""
    if basis.is_diagonal:
        c = c / np.sqrt(D)[:, None]
        S = np.zeros((len(D), len(D)), order="F")
        np.fill_diagonal(S, basis.energy / D)
        SQ = (basis.energy / D)[:, None] * Q - c @ (c.T @ Q)
        S = dsyr2k(-0.5, c, c, beta=1.0, c=S, overwrite_c=True, lower=True)
    else:
        S = scatter(basis.rows, c.ravel() / np.sqrt(len(basis.rows)), scale=1 / D[0])
        SQ = dsymm(1.0, S, Q, lower=True)
    return congruence(S, SQ, Q, f)


def largest_eigenpairs(make_matrix, k, floor):
    """The k largest eigenpairs of a lower triangle, in falling order, as far as above the floor."""
    S = make_matrix()
    wanted = [len(S) - k, len(S) - 1]
    options = {"lower": True, "overwrite_a": True, "check_finite": False}
    theta, y = eigh(S, subset_by_index=wanted, **options)
    if len(theta) < k:  # LAPACK's selection may lose eigenvalues that lie in a cluster
        theta, y = eigh(make_matrix(), driver="evd", **options)
        theta, y = theta[-k:], y[:, -k:]
    kept = np.flatnonzero(theta > floor)[::-1]
    return theta[kept], y[:, kept]


def widened(scales, variances):
    """Factors of columns, larger by one number if these variances have a mean below 1: then 1."""
    return scales / np.sqrt(min(variances.mean(), 1.0))


def column_signs(A):
    """Sign of the entry of largest size in each column."""
    return np.where(A[np.abs(A).argmax(axis=0), np.arange(A.shape[1])] < 0, -1.0, 1.0)
