"""Axes along which rows vary most: distances along all others are mostly those of chance.

They are eigenvectors of the smaller scatter of the centred rows, ``X'X`` of many rows, summed over
blocks of them, and ``XX'`` of few. Squares have half of the digits, so few rows whose spread along
the last axis is small beside that along the first are decomposed themselves.
"""

from functools import reduce
from numbers import Integral
from operator import add
from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, svd
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval

from skdomain._rows import leading_pairs, moments

AXES_CONSTRAINTS: dict = {"n_components": [Interval(Integral, 1, None, closed="left"), None]}
_CLEAR = 1e-2  # smallest spread over the largest, down to which a scatter of few rows is taken
_BLOCK = 2**17  # numbers, so few that caches hold them


class Coordinates(NamedTuple):
    """Coordinates of rows on axes around an origin; the rows themselves where there are none."""

    origin: np.ndarray | None = None
    axes: np.ndarray | None = None

    def __call__(self, X):
        """Rows of k numbers, in the dtype of X."""
        if self.axes is None:
            return X
        Z = np.empty((len(X), self.axes.shape[1]), X.dtype)
        origin, axes = self.origin.astype(X.dtype), self.axes.astype(X.dtype)
        for rows in gen_batches(len(X), max(1, _BLOCK // X.shape[1])):
            np.matmul(X[rows] - origin, axes, out=Z[rows])
        return Z


def leading_axes(X, n_components):
    """Orthonormal columns along which centred rows vary most, in O(n d min(n, d)) time.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    n_components : int or None

    Returns
    -------
    ndarray of shape (n_features, k) or None
        float64; None for the whole space: if None are wanted or as many as there are features.
    """
    n, d = X.shape
    if n_components is None or n_components >= d:
        return None
    if n >= d:
        parts = gen_batches(n, max(4 * d, _BLOCK // d))
        scatter = reduce(add, (moments(X[rows]) for rows in parts)).scatter
        return leading_pairs(scatter, n_components)[1]
    X = X - X.mean(axis=0, dtype=np.float64)
    return _axes_of_few(X, n_components)


def _axes_of_few(X, k):
    """The first k axes of fewer centred rows than features."""
    if k < len(X):
        squares, vectors = leading_pairs(X @ X.T, k)
        if squares[-1] > _CLEAR**2 * squares[0]:
            return X.T @ (vectors / np.sqrt(squares))
    basis, R = qr(X.T, mode="economic", overwrite_a=True)
    return basis @ svd(R)[0][:, :k]


def distance_coordinates(X, n_components, metric):
    """:class:`Coordinates` on the leading axes of X, for squared distances alone."""
    axes = leading_axes(X, n_components) if metric == "sqeuclidean" else None
    return Coordinates() if axes is None else Coordinates(X.mean(axis=0, dtype=np.float64), axes)
