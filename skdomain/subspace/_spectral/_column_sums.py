"""Sums over the rows of products of their columns, in one pass and in float64."""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg.blas import dsyrk
from sklearn.utils import gen_batches

from skdomain._rows import RowBlocks

BLOCK_BYTES = 2**24  # rows are centred and converted to float64 in blocks of this size


def uncentred_sums(X, *, with_scatter):
    """Lower triangle of X'X or None, its diagonal, and the mean of the rows, in one pass."""
    sums = partial(_array_sums, with_scatter=with_scatter)
    products, total = X.sum_of(sums) if isinstance(X, RowBlocks) else sums(X)
    squares = np.diag(products) if with_scatter else products
    refuse_overflow(squares)
    return products if with_scatter else None, squares, total / X.shape[0]


def refuse_overflow(squares):
    if not np.isfinite(squares).all():
        raise ValueError(
            "squares of the features of X overflow; divide all features by the largest value of X."
        )


class _Sums(NamedTuple):
    """Products of the columns and their sums, of all rows or of a block."""

    products: np.ndarray
    total: np.ndarray

    def __add__(self, other):
        return _Sums(self.products + other.products, self.total + other.total)


def _array_sums(X, with_scatter):
    with np.errstate(over="ignore"):
        products = _array_scatter(X, 0.0, 1.0) if with_scatter else column_energy(X)
        return _Sums(products, X.sum(axis=0, dtype=np.float64))


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


def column_energy(F):
    if sparse.issparse(F):
        return F.astype(np.float64).power(2).sum(axis=0)
    return np.einsum("ij,ij->j", F, F, dtype=np.float64)
