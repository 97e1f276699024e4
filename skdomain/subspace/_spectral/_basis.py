"""Coordinates in which the matrix F'F of the features is diagonal, found once a fit.

With F the rows (primal) or their kernel matrix and orthonormal coordinates ``A = Wb`` in which F'F
is diagonal, ``Y = FW`` has ``Y'Y = diag(s^2)``. Whatever is matched, W stays the same.

Where the mean m of the rows dwarfs their spread, the variance of Y would be a small difference of
large sums. Then the centred rows ``X - 1m' = U diag(s) W'`` are decomposed, to coordinates in which
``Y'HY`` is diagonal. Primal, these are W. Linear, ``F = XX'`` has ``A = U0 b`` with
``U0 = [U, 1/sqrt(n)]``, orthonormal, and

    X'U0 = [W diag(s), sqrt(n) m]        HXX'U0 = UT,  T = [diag(s^2), sqrt(n) diag(s) W'm]

so with ``T = P diag(t) R'`` it is ``U0 R``. F itself is not centred, as the ridge on A, and
couplings to which a constant is not nothing, would no more be those of the papers.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.linalg import eigh, svd
from scipy.sparse.linalg import aslinearoperator

from skdomain._rows import shared
from skdomain.subspace._spectral._column_sums import (
    column_energy,
    refuse_overflow,
    scatter,
    uncentred_sums,
)
from skdomain.subspace._spectral._low_rank import EPS, rounding

FAR = 100  # mean squared norm of the mean over that about it, from where on rows are centred


@dataclass(frozen=True, eq=False)
class Basis:
    """Coordinates b of the coefficients in which the pencil is solved.

    A vector in place of a matrix stands for a diagonal one.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_columns) or RowBlocks
        ``Y = rows @ mix``: the embedding of the fitted rows is ``rows @ (mix @ b)``.
    mix : ndarray of shape (n_columns, p) or (p,)
    coefs : ndarray or linear operator of shape (n_features, p), or ndarray of shape (p,)
        Turns b into what new rows (or their kernel with the fitted rows) are multiplied with.
    energy : ndarray of shape (p,)
        Diagonal of ``Y'Y``.
    is_diagonal : bool, default=True
        Whether that is all of ``Y'Y``; False where no decomposition was made and Y is ``rows``.
    is_symmetric : bool, default=False
        Whether Y is a symmetric matrix.
    mean : ndarray of shape (n_columns,), default=None
        Mean of the rows, where ``energy`` is the diagonal of ``Y'HY``, not of ``Y'Y``.
    unmix : tuple of ndarrays of shape (n_columns, p) and (p,), default=None
        Of a linear kernel with a mean: ``U0 R = (rows - mean) @ unmix[0] + unmix[1]``.
    unit : float, default=1.0
        In which F is measured where the ridge is to follow its scale: of a kernel the mean size of
        its diagonal, of rows the root of their mean squared distance from their mean.
    """

    rows: np.ndarray
    mix: np.ndarray
    coefs: np.ndarray
    energy: np.ndarray
    is_diagonal: bool = True
    is_symmetric: bool = False
    mean: np.ndarray | None = None
    unmix: tuple | None = None
    unit: float = 1.0

    def in_units(self, unit):
        """The basis of F over this number."""
        scaled = {"mix": self.mix / unit, "coefs": self.coefs / unit}
        return replace(self, **scaled, energy=self.energy / unit**2, unit=self.unit / unit)

    def of(self, X):
        """The same where it was found without the rows that it holds."""
        rows, coefs = self.rows, self.coefs
        if rows is None:
            rows = X if self.mean is None else _dense(X)
        if coefs is None:
            coefs = X.astype(np.float64, copy=False).T
        return replace(self, rows=rows, coefs=coefs)

    def lift(self, coupling):
        """``V = Y'N`` of shape (p, r), in one pass over the rows.

        Where the mean is known, that of centred rows, if it has the same ``V G V'``.
        """
        means = coupling.means(self.rows)
        if self.mean is not None and coupling.ignores_constants():
            means = np.where(coupling.counts[:, None] > 0, means - self.mean, 0)
        return _product(self.mix.T, means.T)

    def mean_scores(self, V, coupling):
        """The c of ``Y'HY = diag(energy) - c c'``, (p, 1), from V."""
        if self.mean is not None:
            return np.zeros((len(V), 1))
        # the groups partition the rows
        return V @ coupling.counts[:, None] / np.sqrt(len(self.rows))

    def coordinates(self):
        """``Y = FW`` of the fitted rows, (n_samples, p), in float64."""
        rows = np.asarray(self.rows, dtype=np.float64)
        return rows * self.mix if self.mix.ndim == 1 else rows @ self.mix

    def without_constants(self, V, c):
        """V off the coefficients whose embedding is constant; c as ``mean_scores`` gives it."""
        if self.mean is not None:
            return np.where(self.energy[:, None] > 0, V, 0)
        b = c / self.energy[:, None]
        b /= np.linalg.norm(b) or 1.0
        return V - b @ (b.T @ V)

    def embed(self, b):
        """Embedding of the fitted rows, (n_samples, k), in their dtype."""
        return self.rows @ _product(self.mix, b).astype(self.rows.dtype, copy=False)

    def weights(self, solution):
        """What the fitted rows are multiplied with, (n_columns, k), in their dtype."""
        shared = self.mix is self.coefs
        weights = solution.coefficients if shared else _product(self.mix, solution.b)
        return weights.astype(self.rows.dtype, copy=False)

    def coefficients(self, b):
        """Coefficients for new rows, (n_features, k)."""
        return _product(self.coefs, b)


def primal_basis(X, *, once=False):
    """Basis of ``F = X``; ``once`` skips the decomposition, for a single definite coupling."""
    return shared(_primal_basis, X, once=once).of(X)


def _primal_basis(X, *, once):
    n, d = X.shape
    S, squares, mean = uncentred_sums(X, with_scatter=d <= n and not once)
    variance = squares.sum() / n - mean @ mean
    if is_far(mean, variance):
        return _far_primal_basis(_dense(X), mean)
    unit = unit_of(variance)
    if d > n:
        X64 = X.astype(np.float64, copy=False)
        s2, U = positive_eigh(_dense(X64 @ X64.T))
        s = np.sqrt(s2)
        return Basis(U, s, _combined(X64, U / s), s2, unit=unit)
    if once:
        return _plain_basis(None, squares, unit)
    s2, W = positive_eigh(S)
    return Basis(None, W, W, s2, unit=unit)


def unit_of(variance, mean=None):
    """The ``unit`` of rows whose features have variances of this sum; of a linear kernel, by mean.

    1 where it would be 0.
    """
    unit = np.sqrt(max(variance, 0.0)) if mean is None else variance + mean @ mean
    return float(unit) or 1.0


def linear_basis(X, *, once=False):
    """Basis of ``F = XX'``, not formed when n > d; its coefficients apply to X itself."""
    return shared(_linear_basis, X, once=once).of(X)


def _linear_basis(X, *, once):
    n, d = X.shape
    S, squares, mean = uncentred_sums(X, with_scatter=d <= n)
    with np.errstate(over="ignore"):
        refuse_overflow(np.square(squares.sum()))  # F'F has the features' unit to the power of 4
    unit = unit_of(squares.sum() / n, np.zeros(1))
    if is_far(mean, squares.sum() / n - mean @ mean):
        return replace(_far_linear_basis(_dense(X), mean), unit=unit)
    if d > n:
        X64 = X.astype(np.float64, copy=False)
        kernel = kernel_basis(_dense(X64 @ X64.T), once=once)
        return replace(kernel, coefs=None if once else _combined(X64, kernel.coefs))
    s2, W = positive_eigh(S, power=2)
    mix = W * np.sqrt(s2)
    return Basis(None, mix, mix, s2**2, unit=unit)


def _dense(X):
    return X.toarray() if sparse.issparse(X) else X


def _combined(X, U):
    """``X'U``, of a sparse X as an operator: as an array it is as large as X were."""
    return aslinearoperator(X.T) @ aslinearoperator(U) if sparse.issparse(X) else X.T @ U


def is_far(mean, variance):
    """Whether the mean dwarfs the spread, variance being the sum of those of the features."""
    return mean @ mean > FAR * variance


def uncentred_coordinates(s2, W, mean, n):
    """Coordinates of the features in which ``T'T`` is diagonal, as the module says.

    Returns
    -------
    mix : ndarray of shape (d, p + 1)
    energy : ndarray of shape (p + 1,)
        Of the last one, which is constant on the rows, 0.
    R : ndarray of shape (p + 1, p + 1)
        Transposed.
    """
    s = np.sqrt(s2)
    _, t, R = svd(np.column_stack([np.diag(s2), np.sqrt(n) * s * (W.T @ mean)]))
    mix = np.column_stack([W * s, np.sqrt(n) * mean]) @ R.T
    return mix, np.append(t, 0) ** 2, R


def _far_primal_basis(X, mean):
    s2, W = centred_eigh(X, mean)
    rest = mean - W @ (W.T @ mean)
    if W.shape[1] < len(mean) and rest @ rest > EPS * (mean @ mean):
        # a direction without variance, on which the means of some groups may depend
        s2, W = np.append(s2, 0), np.column_stack([W, rest / np.linalg.norm(rest)])
    return Basis(None, W, W, s2, mean=mean, unit=unit_of(s2.sum() / len(X)))


def _far_linear_basis(X, mean):
    s2, W = centred_eigh(X, mean, power=2)
    n = len(X)
    mix, energy, R = uncentred_coordinates(s2, W, mean, n)
    unmix = W / np.sqrt(s2) @ R.T[:-1], R.T[-1] / np.sqrt(n)
    return Basis(None, mix, mix, energy, mean=mean, unmix=unmix)


def centred_eigh(X, mean, power=1):
    """Squared singular values of the centred rows, and their right singular vectors."""
    n, d = X.shape
    if d <= n:
        s2, W = positive_eigh(scatter(X, mean), power)
    else:
        centred = X - mean
        s2, U = positive_eigh(centred @ centred.T, power)
        W = centred.T @ (U / np.sqrt(s2))
    kept = s2 > n * (4 * EPS) ** 2 * (mean @ mean)  # what rounding makes of equal rows
    check_variance(s2[kept])
    return s2[kept], W[:, kept]


def check_variance(energy, c=0.0):
    """Refuse rows whose ``Y'HY``, that is ``diag(energy) - c c'``, is 0 up to rounding."""
    total = energy.sum()
    if not total - np.sum(c * c) > rounding(len(energy)) * total:
        raise ValueError(
            "the rows of X are all equal up to rounding, so no embedding has any variance; pass "
            "rows that differ (check gamma, if the kernel has one, and centre features whose mean "
            "dwarfs their spread)."
        )


def kernel_basis(K, *, once=False):
    """Basis of a symmetric kernel matrix ``F = K``, (n, n), which is overwritten unless once."""
    unit = float(np.abs(np.diag(K)).mean()) or 1.0
    if once:
        return replace(_plain_basis(K, column_energy(K), unit), is_symmetric=True)
    return shared(_kernel_eigh, K, unit=unit)


def _kernel_eigh(K, *, unit):
    k, U = eigh(K.T, overwrite_a=True, check_finite=False, driver="evd")
    kept = _significant(k**2)
    U = np.ascontiguousarray(U[:, kept])
    return Basis(U, k[kept], U, k[kept] ** 2, unit=unit)


def _plain_basis(F, energy, unit):
    ones = np.ones(len(energy))
    return Basis(F, ones, ones, energy, is_diagonal=False, unit=unit)


def positive_eigh(S, power=1):
    """Eigenpairs of a scatter matrix whose eigenvalues to this power are more than rounding."""
    w, U = eigh(S, overwrite_a=True, check_finite=False, driver="evd")
    kept = _significant(np.maximum(w, 0.0) ** power)
    return w[kept], np.ascontiguousarray(U[:, kept])


def _significant(values):
    return values > len(values) * EPS * values.max(initial=0.0)


def _product(mix, b):
    return mix[:, None] * b if mix.ndim == 1 else mix @ b
