"""Which source rows are held out to calibrate with: a draw that the order of the rows is not in."""

from numbers import Integral

import numpy as np
from scipy import sparse

from skdomain._rows import distinct_places


def places_of(X, y):
    """Numbers of the rows in the order of their values, of equal rows in that of their labels.

    Rows that are not numbers stay in the order in which they came.
    """
    rows = X if sparse.issparse(X) else np.asarray(X)
    if rows.dtype.kind not in "buif":
        return np.arange(rows.shape[0])
    flat = rows if sparse.issparse(rows) else rows.reshape(rows.shape[0], -1)
    return np.lexsort((y, distinct_places(flat)[1]))


def n_held_out(size, n_rows):
    """Number of rows to calibrate with, of a share or a number: one row at least trains."""
    if n_rows < 2:
        raise ValueError(
            "at least 2 source rows are needed, one to train on and one to calibrate with, got "
            f"n_samples={n_rows}; pass more, or a fitted estimator in FrozenEstimator."
        )
    n_held = size if isinstance(size, Integral) else max(int(size * n_rows), 1)
    if n_held >= n_rows:
        raise ValueError(
            f"calibration_size={size} leaves no row to train on of {n_rows} source rows; lower it, "
            "or pass a fitted estimator in FrozenEstimator."
        )
    return n_held


def held_out_rows(X, y, size, groups, rng):
    """Which rows are held out: drawn at random, all alike.

    Parameters
    ----------
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Source rows.
    y : ndarray of shape (n_samples,)
        Their labels or values.
    size : float or int
        Share of the rows, rounded down, or their number.
    groups : ndarray of shape (n_samples,), int
        Classes of the rows. Of one that the draw leaves no row to train on, the row drawn last
        trains.
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_samples,), bool
    """
    n_held = n_held_out(size, len(y))
    drawn = places_of(X, y)[rng.permutation(len(y))]
    held = np.zeros(len(y), dtype=bool)
    held[drawn[:n_held]] = True
    last = np.full(groups.max() + 1, -1)
    last[groups[drawn]] = drawn  # the later one stays
    held[last[last >= 0]] = False
    return held
