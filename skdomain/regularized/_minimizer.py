"""What minimises loss + ridge + MMD + graph term, for one coupling after another.

Over ``f(x) = k(x, X) beta`` in the kernel's space, with E the indicator of source rows, Y their
one-hot classes, M an MMD matrix and L the Laplacian of a graph, the objective is

    |E(Y - K beta)|^2 + eta tr(beta'K beta) + lam tr(beta'K M K beta) + rho tr(beta'K L K beta)

and its minimiser, for the squared loss of Long, Wang, Ding, Pan and Yu (2014), "Adaptation
regularization: a general framework for transfer learning", IEEE TKDE 26(5),

    beta = ((E + lam M + rho L)K + eta I)^-1 E Y                               (1)

With ``M = N G N'`` of rank r, ``A = (E + rho L)K + eta I``, which no pseudo-label changes, and
source rows that N groups by class, so that ``E Y = N R``, that is

    beta = A^-1 N T,   T = (I + lam G N'P N)^-1 R,   P = K A^-1                (2)

so one factorisation serves all rounds. P, which maps what is asked of rows to their scores, is
symmetric, the inverse of ``E + rho L + eta K^-1`` where that exists. Hence ``P N = A'^-1 K N``:
the scores ``P N T`` of a round take one solution for sums of rows of K, of which only the target's
part is asked for where a group is of the target, and beta is asked for at the end alone. In the
primal form, ``f(x) = x'w`` and ``K = XX'``, the same minimiser is found from
d x d matrices, with ``w = X'beta`` in the place of beta:

    A = X'(E + rho L)X + eta I,   w = A^-1 X'N T,   P = X A^-1 X'              (3)
"""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lu_factor, lu_solve
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dlaswp

from skdomain.mmd import grouped_sums
from skdomain.regularized._loops import sparse_product


class Minimizer:
    """The objective with everything fixed but the coupling.

    Parameters
    ----------
    F : ndarray of shape (n_samples, p)
        K, or X in the primal form: the scores of the rows are ``F @ coefficients``.
    Y : ndarray of shape (n_samples, n_classes)
        One-hot classes of source rows, rows of zeros for target rows.
    source : ndarray of shape (n_samples,), bool
        True for source rows, which come first.
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
        self.F, self.Y = F, Y
        self._n_source = np.count_nonzero(source)
        S = sparse.diags_array(source.astype(np.float64), format="csr")
        S = S if L is None else (S + rho * L).tocsr()
        self._inverse = (Primal if primal else Dual)(F, S, eta, self._n_source)
        self._groups = None

    def minimum(self, coupling, *, lam):
        """Scores of the target rows and figures of the minimum with ``lam`` times this coupling.

        Its groups have source rows of one class, or target rows.
        """
        NPN = self._respond(coupling)
        R = coupling.counts[:, None] * coupling.means(self.Y)
        inner = np.eye(len(R)) + lam * coupling.G @ NPN
        self._coupling, self._T = coupling, np.linalg.solve(inner, R)  # (2)
        means = NPN @ self._T
        return self._PN[self._n_source :] @ self._T, {
            # the minimum: (1), multiplied by beta'K, takes the other terms away
            "objective": float(np.sum(self.Y) - np.sum(R * means)),
            "mmd": float(np.sum(means * (coupling.G @ means))),
        }

    def coefs(self):
        """Coefficients of the last minimum."""
        return self._inverse.coefs(self._coupling.memberships() @ self._T)

    def _sums(self, coupling):
        """``F'N``; rows that stay in their group are not read again."""
        groups, n_groups = coupling.groups, len(coupling.counts)
        if self._groups is None:
            self._by_group = grouped_sums(self.F, groups, n_groups)
            self._FN = np.zeros_like(self._by_group.T)
            self._PN = np.zeros((len(groups), n_groups))
        else:
            moved = np.flatnonzero(groups != self._groups)
            rows, left = self.F[moved], self._groups[moved]
            self._by_group += grouped_sums(rows, groups[moved], n_groups)
            self._by_group -= grouped_sums(rows, left, n_groups)
        self._groups = groups
        return replace(coupling, sums=self._by_group).means(self.F).T

    def _respond(self, coupling):
        """Solve for P N and return N'P N; columns that are as they were are not solved again."""
        FN, n = self._sums(coupling), self._n_source
        new, of_source = (FN != self._FN).any(axis=0), (coupling.memberships()[:n] > 0).any(axis=0)
        whole, part = new & of_source, new & ~of_source
        self._PN[:, whole] = self._inverse.scores(FN[:, whole])
        self._PN[n:, part] = self._inverse.target_scores(FN[:, part])
        self._FN, NPN = FN, coupling.means(self._PN)
        return np.where(of_source[:, None] & ~of_source, NPN.T, NPN)


class Dual:
    """``A = S K + eta I``, factorised: what follows from sums of rows of K and from rows."""

    def __init__(self, K, S, eta, n_source):
        A = np.empty_like(K, order="C")
        sparse_product(S.indptr, S.indices, S.data, K, A)
        A[np.diag_indices_from(A)] += eta
        # the transpose is in the order that LAPACK factorises in place
        self._factors = lu_factor(A.T, overwrite_a=True, check_finite=False)
        self._last = np.asfortranarray(self._factors[0][n_source:, n_source:])

    def scores(self, sums):
        """``P b`` from ``K b``."""
        return lu_solve(self._factors, sums, check_finite=False)

    def target_scores(self, sums):
        """The last rows of the same, which take the last rows of U alone."""
        if not sums.size:
            return sums[len(sums) - len(self._last) :]
        factors, pivots = self._factors
        forward = dtrsm(1.0, factors, dlaswp(sums, pivots), lower=1, diag=1)
        return dtrsm(1.0, self._last, forward[-len(self._last) :])

    def coefs(self, sides):
        """``A^-1 b``."""
        return lu_solve(self._factors, sides, trans=1, check_finite=False)


class Primal:
    """``A = X'S X + eta I``, factorised, in the same roles."""

    def __init__(self, X, S, eta, n_source):
        self._X, self._n_source = X, n_source
        A = X.T @ (S @ X)
        A[np.diag_indices_from(A)] += eta
        try:
            self._factor = cho_factor(A, overwrite_a=True, check_finite=False)
        except LinAlgError:
            raise ValueError(
                f"eta={eta} is lost to rounding beside squares of the features of "
                f"{np.trace(A):.3g} in sum; scale the features, or raise eta."
            ) from None

    def scores(self, sums):
        """``P b`` from ``X'b``."""
        return self._X @ cho_solve(self._factor, sums, check_finite=False)

    def target_scores(self, sums):
        """The last rows of the same."""
        return self.scores(sums)[self._n_source :]

    def coefs(self, sides):
        """``A^-1 X'b``."""
        return cho_solve(self._factor, self._X.T @ sides, check_finite=False)
