"""Axes along which rows vary most: distances along all others are mostly those of chance."""

from numbers import Integral

import numpy as np
from scipy.linalg import eigh, qr, svd
from sklearn.utils._param_validation import Interval

AXES_CONSTRAINTS: dict = {"n_components": [Interval(Integral, 1, None, closed="left"), None]}


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
    X = X - X.mean(axis=0, dtype=np.float64)
    if n < d:
        basis, R = qr(X.T, mode="economic", overwrite_a=True)
        return basis @ svd(R)[0][:, :n_components]
    return eigh(X.T @ X, subset_by_index=[d - n_components, d - 1])[1][:, ::-1]


def distance_axes(X, n_components, metric):
    """:func:`leading_axes` for squared distances; None for another metric, of all features."""
    return leading_axes(X, n_components) if metric == "sqeuclidean" else None
