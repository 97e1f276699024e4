"""Two maps, one for each domain: the eigenproblem of JGSA, in the dimensions of its numerator.

With F_s and F_t the rows of the domains, or their kernels, in p coordinates, and ``W = [A; B]``::

    max tr(W'NW) / tr(W'DW)                                                                  (1)
    N = [ beta S_b   0      ]    D = [ lam I + beta S_w   -lam I        ]  +  V G V'         (2)
        [ 0          mu S_t ]        [ -lam I             (lam + mu) I  ]

``S_b`` and ``S_w`` are the scatter between and within the classes of the source, ``S_t`` is that of
the target, and ``V G V'`` compares the means of groups of rows, with ``V`` (2p x r) the means of
source groups in its upper and of target groups in its lower half.

In coordinates in which ``S_w`` is diagonal, the first part of D is p matrices of 2 x 2, with a
closed ``L L'``, and ``D = L (I + Q diag(g) Q') L'`` with Q from a thin QR of ``L^-1 V``. With
``N = R R'`` the wanted W are ``D^-1 R y`` for the eigenvectors y of ``R'D^-1 R``, a symmetric
matrix with as many rows as there are classes and dimensions of the target, of which other groups
change no more than rank r.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag, eigh, qr

from skdomain.mmd import conditional_coupling, grouped_sums, marginal_coupling
from skdomain.subspace._spectral import (
    check_variance,
    column_signs,
    largest_eigenpairs,
    low_rank_eigh,
    rounding,
)


@dataclass(frozen=True, eq=False)
class TwoMaps:
    """The k largest eigenpairs of (N, D), eigenvalues falling.

    Parameters
    ----------
    source, target : ndarray of shape (p, k)
        A and B; the columns of [A; B] have unit norm.
    eigenvalues : ndarray of shape (k,)
        Their sum is the maximum of the objective.
    discrepancy : float
        ``tr(W'VGV'W)`` at ``W'DW = I``.
    """

    source: np.ndarray
    target: np.ndarray
    eigenvalues: np.ndarray
    discrepancy: float

    def of_features(self, basis):
        """The maps, in coordinates of a basis, as what rows or their kernel are multiplied with.

        The entry of largest size in each column of [A; B] is positive; both are given the signs.
        """
        A, B = basis.coefficients(self.source), basis.coefficients(self.target)
        signs = column_signs(np.concatenate([A, B]))
        signed = replace(self, source=self.source * signs, target=self.target * signs)
        return signed, FeatureMaps(B * signs, A * signs, self.eigenvalues)


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """Coefficients of target rows and of source rows, (n_features, k) each, and eigenvalues."""

    coefficients: np.ndarray
    source_coefficients: np.ndarray
    eigenvalues: np.ndarray


def jgsa_coupling(labels, source, *, n_classes):
    """What JGSA matches: ``M0 + sum_c Mc`` over the norm of M0 alone, as in its authors' program.

    M0 is C times the marginal matrix; without labels of the target there is no Mc.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), intp
        Class 0, ..., C - 1 of each row; -1 on target rows without a label.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_classes : int
        C.

    Returns
    -------
    skdomain.mmd.Coupling
    """
    coupling = conditional_coupling(labels, source, n_classes=n_classes, mu=0.5)
    halves = 2.0 if coupling.counts[-1] == 0 else 1.0  # with mu = 1/2 both terms are halved
    norm = n_classes * marginal_coupling(source).norm()
    return replace(coupling, G=coupling.G * halves / (norm or 1.0))


def class_scatter(Y, codes, n_classes):
    """Root of the scatter between the classes, (p, C), and the scatter within them, (p, p)."""
    counts = np.bincount(codes, minlength=n_classes)
    means = grouped_sums(Y, codes, n_classes) / counts[:, None]
    between = (means - Y.mean(axis=0)).T * np.sqrt(counts)
    rows = Y - means[codes]
    return between, rows.T @ rows


def scatter_root(Y):
    """R with ``R R' = Y'HY``, (p, min(n, p)); without columns where there are no rows."""
    if not len(Y):
        return np.zeros((Y.shape[1], 0))
    centred = Y - Y.mean(axis=0)
    n, p = centred.shape
    return centred.T if n <= p else qr(centred, mode="r", check_finite=False)[0][:p].T


class TwoMapPencil:
    """The problem (1) of some rows, to be solved for many couplings.

    Without target rows there is one map, ``A = B``, and D is ``mu I + beta S_w``: a linear
    discriminant analysis with a ridge.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, p), float64
        Rows of both domains.
    codes : ndarray of shape (n_source,), intp
        Classes of the source rows, 0, ..., C - 1, each with a row at least.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    lam, mu, beta : float
        Weights, > 0.

    Notes
    -----
    O(n_samples p^2 + p^3) time, and as much memory as Y.
    """

    def __init__(self, Y, codes, source, *, lam, mu, beta):
        check_variance(np.sum(Y**2, axis=0), np.sqrt(len(Y)) * Y.mean(axis=0))
        self.n_classes, self.is_one = codes.max() + 1, bool(source.all())
        between, within = class_scatter(Y[source], codes, self.n_classes)
        s, self.turn = eigh(within, check_finite=False)
        self.rows = Y @ self.turn
        self.lam, self.mu, self.s = lam, mu, beta * np.maximum(s, 0)[:, None]
        Rs = np.sqrt(beta) * (self.turn.T @ between)
        Rt = np.sqrt(mu) * scatter_root(self.rows[~source])
        R = Rs if self.is_one else block_diag(Rs, Rt)
        self.R = self._divide(R)
        self.S = self.R.T @ self.R

    def _roots(self):
        """Diagonals of the blocks of L, and the negative of its block below, where ``LL' = D``."""
        first = np.sqrt(self.lam + self.s)
        below = self.lam / first
        second = np.sqrt(self.lam * self.mu + self.s * (self.lam + self.mu)) / first
        return first, below, second

    def _divide(self, V):
        """``L^-1 V``."""
        if self.is_one:
            return V / np.sqrt(self.mu + self.s)
        first, below, second = self._roots()
        upper, lower = np.split(V, 2)
        upper = upper / first
        return np.concatenate([upper, (lower + below * upper) / second])

    def _divide_transposed(self, V):
        """``L^-T V``, its two halves."""
        if self.is_one:
            half = V / np.sqrt(self.mu + self.s)
            return half, half
        first, below, second = self._roots()
        upper, lower = np.split(V, 2)
        lower = lower / second
        return (upper + below * lower) / first, lower

    def solve(self, coupling, *, n_components):
        """Largest eigenpairs with one coupling.

        Parameters
        ----------
        coupling : skdomain.mmd.Coupling
            As :func:`jgsa_coupling` gives it.
        n_components : int
            Number k of eigenpairs wanted; fewer come back where N is of lower rank.

        Returns
        -------
        TwoMaps

        Notes
        -----
        O(n_samples p) for the means, beside k eigenpairs of a matrix of at most C + p rows.
        """
        V, G = self._divide(self._lift(coupling)), coupling.G
        Q, g = low_rank_eigh(V, G)
        h = g / (1 + g)  # (I + QgQ')^-1 = I - QhQ'
        QR = Q.T @ self.R
        S = self.S - QR.T * h @ QR
        floor = rounding(len(S)) * np.trace(S)
        k = min(n_components, len(S))
        theta, y = largest_eigenpairs(lambda: S.copy(order="F"), k, floor)
        u = self.R @ y - Q * h @ (QR @ y)
        means = V.T @ u / np.sqrt(theta)
        A, B = self._divide_transposed(u)
        norms = np.sqrt(np.sum(A**2, axis=0) + np.sum(B**2, axis=0))
        return TwoMaps(
            source=self.turn @ (A / norms),
            target=self.turn @ (B / norms),
            eigenvalues=theta,
            discrepancy=float(np.sum(means * (G @ means))),
        )

    def _lift(self, coupling):
        """V: means of source groups above, of target groups below."""
        means = coupling.means(self.rows).T
        if self.is_one:
            return means
        in_target = np.arange(len(coupling.counts)) >= self.n_classes
        return np.concatenate([means * ~in_target, means * in_target])
