"""Coordinates in which the matrix F'F of the features is diagonal, found once a fit.

With F the rows (primal) or their kernel matrix and orthonormal coordinates ``A = Wb`` in which F'F
is diagonal, ``Y = FW`` has ``Y'Y = diag(s^2)``. Whatever is matched, W stays the same.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.linalg import eigh
from scipy.linalg.blas import dsyrk
from sklearn.utils import gen_batches

from skdomain._rows import RowBlocks
from skdomain.subspace._spectral._low_rank import UNIT

BLOCK_BYTES = 2**24  # rows are centred and converted to float64 in blocks of this size


@dataclass(frozen=True, eq=False)
class Basis:
    """Coordinates b of the coefficients in which the pencil is solved.

    A vector in place of a matrix stands for a diagonal one.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_columns) or RowBlocks
        ``Y = rows @ mix``: the embedding of the fitted rows is ``rows @ (mix @ b)``.
    mix : ndarray of shape (n_columns, p) or (p,)
    coefs : ndarray of shape (n_features, p) or (p,)
        Turns b into what new rows (or their kernel with the fitted rows) are multiplied with.
    energy : ndarray of shape (p,)
        Diagonal of ``Y'Y``.
    is_diagonal : bool, default=True
        Whether that is all of ``Y'Y``; False where no decomposition was made and Y is ``rows``.
    is_symmetric : bool, default=False
        Whether Y is a symmetric matrix.
    """

    rows: np.ndarray
    mix: np.ndarray
    coefs: np.ndarray
    energy: np.ndarray
    is_diagonal: bool = True
    is_symmetric: bool = False

    def lift(self, coupling):
        """``V = Y'N`` of shape (p, r), in one pass over the rows."""
        return _product(self.mix.T, coupling.means(self.rows).T)

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
    n, d = X.shape
    if d > n:
        X64 = X.astype(np.float64, copy=False)
        s2, U = _positive_eigh(X64 @ X64.T)
        s = np.sqrt(s2)
        return Basis(U, s, X64.T @ (U / s), s2)
    if once:
        return _plain_basis(X)
    s2, W = _positive_eigh(scatter(X))
    return Basis(X, W, W, s2)


def linear_basis(X, *, once=False):
    """Basis of ``F = XX'``, not formed when n > d; its coefficients apply to X itself."""
    n, d = X.shape
    if d > n:
        X64 = X.astype(np.float64, copy=False)
        kernel = kernel_basis(X64 @ X64.T, once=once)
        return replace(kernel, coefs=X64.T if once else X64.T @ kernel.coefs)
    s2, W = _positive_eigh(scatter(X), power=2)
    mix = W * np.sqrt(s2)
    return Basis(X, mix, mix, s2**2)


def kernel_basis(K, *, once=False):
    """Basis of a symmetric kernel matrix ``F = K``, (n, n), which is overwritten unless once."""
    if once:
        return replace(_plain_basis(K), is_symmetric=True)
    k, U = eigh(K.T, overwrite_a=True, check_finite=False, driver="evd")
    kept = _significant(k**2)
    U = np.ascontiguousarray(U[:, kept])
    return Basis(U, k[kept], U, k[kept] ** 2)


def _plain_basis(F):
    ones = np.ones(F.shape[1])
    energy = F.sum_of(_column_energy) if isinstance(F, RowBlocks) else _column_energy(F)
    return Basis(F, ones, ones, energy, is_diagonal=False)


def _column_energy(F):
    return np.einsum("ij,ij->j", F, F, dtype=np.float64)


def _positive_eigh(S, power=1):
    """Eigenpairs of a scatter matrix whose eigenvalues to this power are more than rounding."""
    w, U = eigh(S, overwrite_a=True, check_finite=False, driver="evd")
    kept = _significant(np.maximum(w, 0.0) ** power)
    return w[kept], np.ascontiguousarray(U[:, kept])


def _significant(values):
    return values > len(values) * UNIT * values.max(initial=0.0)


def scatter(X, mean=0.0, *, scale=1.0):
    """Lower triangle of ``scale (X - mean)'(X - mean)`` in float64, from blocks of rows."""
    if isinstance(X, RowBlocks):
        return X.sum_of(partial(_array_scatter, mean=mean, scale=scale))
    return _array_scatter(X, mean, scale)


def _array_scatter(X, mean, scale):
    n, d = X.shape
    S = np.zeros((d, d), order="F")
    part = np.empty((min(n, max(1, BLOCK_BYTES // (8 * d))), d))
    for block in gen_batches(n, len(part)):
        rows = np.subtract(X[block], mean, out=part[: block.stop - block.start])
        S = dsyrk(scale, rows.T, beta=1.0, c=S, overwrite_c=True, lower=True)
    return S


def _product(mix, b):
    return mix[:, None] * b if mix.ndim == 1 else mix @ b
