"""What minimises loss + ridge + MMD + graph term, for one coupling after another.

Over ``f(x) = k(x, X) beta`` in the kernel's space, with E the indicator of source rows, Y their
one-hot classes, M an MMD matrix and L the Laplacian of a graph, the objective is

    |E(Y - K beta)|^2 + eta tr(beta'K beta) + lam tr(beta'K M K beta) + rho tr(beta'K L K beta)

and its minimiser, for the squared loss of Long, Wang, Ding, Pan and Yu (2014), "Adaptation
regularization: a general framework for transfer learning", IEEE TKDE 26(5),

    beta = ((E + lam M + rho L)K + eta I)^-1 E Y                               (1)

With ``M = N G N'`` of rank r and ``A = (E + rho L)K + eta I``, which no pseudo-label changes,

    beta = B - Q (I + lam G N'K Q)^-1 lam G N'K B,   B = A^-1 E Y,   Q = A^-1 N   (2)

so one factorisation serves all rounds. In the primal form, ``f(x) = x'w`` and ``K = XX'``, the
same minimiser is found from d x d matrices, with ``w = X'beta`` in the place of beta:

    A = X'(E + rho L)X + eta I,   B = A^-1 X'E Y,   Q = A^-1 X'N,   N'X for N'K   (3)
"""

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lu_factor, lu_solve


class Minimizer:
    """The objective with everything fixed but the coupling.

    Parameters
    ----------
    F : ndarray of shape (n_samples, p)
        K, or X in the primal form: the scores of the rows are ``F @ coefficients``.
    Y : ndarray of shape (n_samples, n_classes)
        One-hot classes of source rows, rows of zeros for target rows.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    L : sparse array of shape (n_samples, n_samples) or None
        Laplacian; None is 0.
    eta : float
        Weight of the ridge, > 0.
    rho : float
        Weight of the graph term.
    primal : bool
        Whether F holds the rows.

    Notes
    -----
    O(n_samples^3) for the kernel's LU factors, O(n_samples p^2 + p^3) for the primal Cholesky
    factor. Each coupling then takes O(p^2) a group whose rows have changed.
    """

    def __init__(self, F, Y, source, L=None, *, eta, rho=0.0, primal=False):
        self.F, self.Y, self.primal = F, Y, primal
        S = sparse.diags_array(source.astype(np.float64), format="csr")
        S = S if L is None else (S + rho * L).tocsr()
        self._solve = _primal_solver(F, S, eta) if primal else _kernel_solver(F, S, eta)
        self._B = self._solve(F.T @ Y if primal else Y)
        self._FB = F @ self._B
        self._sides = None

    def minimum(self, coupling, *, lam):
        """Coefficients, scores and figures of the minimum with ``lam`` times this coupling."""
        coefs, scores = self._minimum(coupling, lam)
        means = coupling.means(scores)
        figures = {
            # the minimum: (1), multiplied by beta'K, takes the other terms away
            "objective": float(np.sum(self.Y * (self.Y - scores))),
            "mmd": float(np.sum(means * (coupling.G @ means))),
        }
        return coefs, scores, figures

    def _minimum(self, coupling, lam):
        self._respond(coupling.means(self.F).T if self.primal else coupling.memberships())
        small = lam * coupling.G
        inner = np.eye(len(small)) + small @ coupling.means(self._FQ)
        inner = np.linalg.solve(inner, small @ coupling.means(self._FB))
        return self._B - self._Q @ inner, self._FB - self._FQ @ inner  # (2)

    def _respond(self, sides):
        """Solve for Q and F Q; columns that are as they were are not solved again."""
        if self._sides is None:
            self._sides, self._Q = np.zeros_like(sides), np.zeros_like(sides)
            self._FQ = np.zeros((len(self.F), sides.shape[1]))
        new = (sides != self._sides).any(axis=0)
        self._Q[:, new] = self._solve(sides[:, new])
        self._FQ[:, new] = self.F @ self._Q[:, new]
        self._sides = sides


def _kernel_solver(K, S, eta):
    A = S @ K
    A[np.diag_indices_from(A)] += eta
    # the transpose is in the order that LAPACK factorises in place
    factors = lu_factor(A.T, overwrite_a=True, check_finite=False)
    return lambda b: lu_solve(factors, b, trans=1, check_finite=False)


def _primal_solver(X, S, eta):
    A = X.T @ (S @ X)
    A[np.diag_indices_from(A)] += eta
    try:
        factor = cho_factor(A, overwrite_a=True, check_finite=False)
    except LinAlgError:
        raise ValueError(
            f"eta={eta} is lost to rounding beside squares of the features of {np.trace(A):.3g} "
            "in sum; scale the features, or raise eta."
        ) from None
    return lambda b: cho_solve(factor, b, check_finite=False)
