"""Proof that k eigenpairs of a pencil are the largest: a residual and a count, by whatever found.

*Residual.* With ``V = B^1/2 w`` orthonormal, a theorem of Kahan says that k different eigenvalues
lie within the norm of ``B^-1/2 (Cw - Bw theta)`` of the k thetas; where V is orthonormal only
nearly, within that norm over the least singular value of V. So at least k exceed any sigma that is
below the least theta by more than that.

*Inertia.* By Sylvester's law ``C - sigma B`` has as many positive eigenvalues as the pencil has
above sigma. If these are exactly k, they are the ones that were found. The count is that of an E
which is easy to count, and what a term of low rank adds to it:

    diag(e) - cc' against I + QgQ':         E = diag(e) - sigma
    (K^2 - cc') / lam against I + QgQ':     E = (K - s)(K + s),  s^2 = sigma lam

If K + s has a Cholesky factor, the second E has as many positive eigenvalues as K - s, which the
factorisation LDL' counts. Both factors together solve the systems that the low rank needs.
"""

from contextlib import contextmanager

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dsysv, dsysv_lwork

from skdomain.subspace._spectral._low_rank import inverse_root, rounding

ACCURACY = 1e-10  # of residuals, relative to the least eigenvalue, and of lengths and angles
PANEL = 512  # rows and columns that are mirrored at a time


def is_certified(e, c, Q, g, theta, w):
    """Whether the columns of w belong to the largest eigenvalues; theta has one more than w."""
    k = w.shape[1]
    if len(theta) <= k:  # LAPACK's selection may lose eigenvalues that lie in a cluster
        return False
    error, departure = residual_norms(e, c, Q, g, theta[:k], w)
    lost = np.sqrt((1 + g.max(initial=0)) / (1 + g.min(initial=0)))  # digits, in products with B
    if departure > max(ACCURACY, lost * rounding(len(e))):
        return False
    slack = rounding(len(e)) * theta[0]
    room = gap_below(theta[k - 1], theta[k], error / (1 - departure), slack, lost)
    if not room:
        return False
    candidates = theta[k] + room * np.linspace(0.25, 0.75, 9)
    sigma = candidates[np.abs(candidates[:, None] - e).min(axis=1).argmax()]  # no e is near it
    return count_above(e, c, Q, g, sigma) == k


def gap_below(last, after, error, slack, lost=1.0):
    """Width of the gap above ``after`` in which a sigma proves that ``last`` is the k-th; or 0.

    Parameters
    ----------
    last, after : float
        The k-th value found and the next.
    error : float
        Norm of the residual of the k pairs.
    slack : float
        What rounding makes of the largest value.
    lost : float, default=1.0
        By which the error may lack digits more.
    """
    if error > max(ACCURACY * last, slack):
        return 0.0
    return max(last - after - error - slack * lost, 0.0)


def residual_norms(e, c, Q, g, theta, w):
    """Norms of ``B^-1/2 (Cw - Bw theta)`` and of ``w'Bw - I``."""
    Qw = Q.T @ w
    R = np.subtract.outer(e, theta)
    R *= w
    R -= low_rank_side(c, Q, theta, c @ w, g[:, None] * Qw)
    R += Q * inverse_root(g) @ (Q.T @ R)
    gram = w.T @ w + Qw.T @ (g[:, None] * Qw)
    return np.linalg.norm(R), np.linalg.norm(gram - np.eye(len(gram)))


def low_rank_side(c, Q, theta, cw, gQw):
    """``[c, Q] v``, from ``c'w`` and ``g * Q'w``."""
    return np.outer(c, cw) + Q @ (gQw * theta)


def count_above(e, c, Q, g, sigma):
    """Number of eigenvalues above sigma; None where rounding leaves it open."""
    W, h = np.column_stack([c, Q]), np.concatenate([[-1.0], -sigma * g])
    W = W * np.sqrt(np.abs(h))
    scaled = W / (e - sigma)[:, None]
    # rounding errors are a share of the same sum with |e - sigma|, whose norm the trace bounds
    doubt = rounding(len(e)) * (1 + np.sum(np.abs(W * scaled)))
    added = added_count(W, h, scaled, doubt)
    return None if added is None else np.count_nonzero(e > sigma) + added


def count_above_of_kernel(A, c, Q, g, lam, sigma):
    """That of the pencil of K, whose lower triangle is in A and is restored."""
    s = np.sqrt(sigma * lam)
    W, h = np.column_stack([c, Q]), np.concatenate([[-1.0], -(s**2) * g])
    W = W * np.sqrt(np.abs(h))
    Z = definite_solve(A, s, W)
    count, X = (None, None) if Z is None else counting_solve(A, -s, Z)
    if X is None:
        return None
    # how far W'X is off if A + s and A - s were off by what rounding makes of their sums
    doubt = rounding(len(A)) * (np.linalg.norm(A) + s)
    doubt *= np.linalg.norm(X) * (np.linalg.norm(Z) + np.linalg.norm(Z + 2 * s * X))
    added = added_count(W, h, X, doubt)
    return None if added is None else count + added


def definite_solve(A, shift, W):
    """``(A + shift)^-1 W``, or None where that matrix is not positive definite."""
    with shifted(A, shift):
        factor, info = dpotrf(A, lower=True, clean=False, overwrite_a=True)
        return None if info else dpotrs(factor, W, lower=True)[0]


def counting_solve(A, shift, W):
    """Number of positive eigenvalues of ``A + shift``, and ``(A + shift)^-1 W`` or None."""
    with shifted(A, shift):
        lwork = int(dsysv_lwork(len(A), lower=True)[0])
        factor, pivots, X, info = dsysv(A, W, lower=True, lwork=lwork, overwrite_a=True)
        # a block of two rows, marked by negative pivots, has one eigenvalue of each sign
        count = np.count_nonzero(np.where(pivots > 0, np.diag(factor), 0) > 0)
        count += np.count_nonzero(pivots < 0) // 2
        return count, None if info else X


@contextmanager
def shifted(A, shift):
    """A with the shift on its diagonal; whatever is done to the lower triangle is undone."""
    diagonal = np.diag(A).copy()
    np.fill_diagonal(A, diagonal + shift)
    try:
        yield
    finally:
        for start in range(0, len(A), PANEL):
            panel = slice(start, start + PANEL)
            A[panel, :start] = A[:start, panel].T
            block = A[panel, panel]
            block[:] = np.triu(block, 1) + np.triu(block, 1).T
        np.fill_diagonal(A, diagonal)


def added_count(W, h, solved, doubt):
    """Positive eigenvalues that ``E + W diag(h) W'`` has more than E; None where that is open.

    By Sylvester's law the difference of the inertias is that of ``-1/h - W' E^-1 W`` less that of
    ``-1/h``. Both sides of the small matrix are multiplied with ``|h|^1/2``, so that an h of
    rounding size does no harm.

    Parameters
    ----------
    W : ndarray of shape (p, q)
        The columns times ``|h|^1/2``.
    h : ndarray of shape (q,)
        Not 0.
    solved : ndarray of shape (p, q)
        ``E^-1 W``.
    doubt : float
        Bound on the rounding errors of ``W' solved``, in the spectral norm.

    Returns
    -------
    int or None
    """
    values = np.linalg.eigvalsh(np.diag(np.sign(h)) + W.T @ solved)
    if not np.abs(values).min() > doubt:
        return None
    return np.count_nonzero(values < 0) - np.count_nonzero(h < 0)
