"""The largest eigenpairs of the pencil of a kernel matrix, by Lanczos iterations, certified.

A kernel matrix K that serves one coupling only is not worth decomposing. Its pencil is
``C = (K^2 - cc') / lam`` against ``B = I + Q diag(g) Q'``, Q of a few columns, and a Lanczos step
takes two products with K. What comes back is certified.
"""

import numpy as np
from scipy.linalg import eigh, qr
from scipy.linalg.blas import dsymm, dsymv
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from skdomain.subspace._spectral._certificate import (
    ACCURACY,
    count_above_of_kernel,
    gap_below,
)
from skdomain.subspace._spectral._low_rank import identity_plus, inverse_root, rounding


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
    room = gap_below(theta[-1], after, error, slack)
    if not room or count_above_of_kernel(A, c, Q, g, lam, after + room / 2) != k:
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
