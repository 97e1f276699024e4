"""The largest eigenpairs of the pencil of a kernel matrix, by Lanczos iterations, certified.

A kernel matrix K that serves one coupling only is not worth decomposing. Its pencil is
``C = (K^2 - cc') / lam`` against ``B = I + Q diag(g) Q'``, Q of a few columns, and a Lanczos step
takes two products with K. What comes back is certified as in the module beside this one
that searches rational Krylov spaces: the residual shows that k eigenvalues are near the k thetas,
the inertia of ``C - sigma B`` that there are no others above a sigma between the k-th and the next.
With ``s^2 = sigma lam``,

    lam (C - sigma B) = (K - s)(K + s) + [c, Q] diag(-1, -s^2 g) [c, Q]'

If K + s has a Cholesky factor, the first term has as many positive eigenvalues as K - s, which the
factorisation LDL' counts. Both factors together give what the second term adds to the count.
"""

from contextlib import contextmanager

import numpy as np
from scipy.linalg import eigh, qr
from scipy.linalg.blas import dsymm, dsymv
from scipy.linalg.lapack import dpotrf, dpotrs, dsysv, dsysv_lwork
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from skdomain.subspace._spectral._low_rank import added_count, identity_plus, inverse_root, rounding
from skdomain.subspace._spectral._rational_ritz import ACCURACY

PANEL = 512  # rows and columns that are mirrored at a time


def certified_kernel_pairs(K, c, Q, g, lam, k, *, max_steps):
    """The k largest eigenpairs of ``((K^2 - cc') / lam, I + Q diag(g) Q')``, or None.

    Parameters
    ----------
    K : ndarray of shape (n, n)
        Symmetric. Factorised in place and restored.
    c : ndarray of shape (n,)
        With ``K^2 - cc'`` positive semi-definite.
    Q : ndarray of shape (n, q)
        With orthonormal columns.
    g : ndarray of shape (q,)
        Above -1.
    lam : float
    k : int
    max_steps : int
        After which the search is given up.

    Returns
    -------
    theta : ndarray of shape (k,)
        In falling order.
    w : ndarray of shape (n, k)
        With ``w'(I + Q diag(g) Q')w = I``.

    None stands for both where the search did not converge or the eigenpairs are not certified.
    """
    Q, g = Q[:, g != 0], g[g != 0]
    f = inverse_root(g)
    A = np.require(K.T, np.float64, ["F", "W"])

    def reduced(y):
        w = identity_plus(Q, f, y)
        Cw = (product(A, product(A, w)) - np.outer(c, c @ w)) / lam
        return identity_plus(Q, f, Cw)

    y = converged_basis(reduced, len(A), k + 1, max_steps)
    if y is None:
        return None
    Sy = reduced(y)
    theta, u = eigh(y.T @ Sy, check_finite=False)
    after, theta, u = theta[0], theta[:0:-1], u[:, :0:-1]
    y = y @ u
    error, slack = np.linalg.norm(Sy @ u - y * theta), rounding(len(A)) * theta[0]
    room = theta[-1] - after - error - slack
    if error > max(ACCURACY * theta[-1], slack) or room <= 0:
        return None
    if count_above(A, c, Q, g, lam, after + room / 2) != k:
        return None
    return theta, identity_plus(Q, f, y)


def product(A, Y):
    """``A @ Y`` from the lower triangle of A alone: a single column takes half the time so."""
    if Y.shape[1] == 1:
        return dsymv(1.0, A, Y[:, 0], lower=True)[:, None]
    return dsymm(1.0, A, Y, lower=True)


def converged_basis(operator, n, k, max_steps):
    """Orthonormal basis of the k leading eigenvectors of an operator on columns, or None."""
    start = np.random.default_rng(0).standard_normal(n)
    matrix = LinearOperator((n, n), lambda y: operator(y.reshape(n, 1)).ravel(), dtype=np.float64)
    ncv = min(n, 2 * k + 1)
    restarts = max(1, max_steps // (ncv - k))
    try:
        y = eigsh(matrix, k, which="LA", v0=start, ncv=ncv, tol=ACCURACY, maxiter=restarts)[1]
    except ArpackError:
        return None
    return qr(y, mode="economic", check_finite=False)[0]


def count_above(A, c, Q, g, lam, sigma):
    """Number of eigenvalues above sigma; None where rounding leaves it open."""
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
