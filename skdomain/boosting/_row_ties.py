"""An order of the rows that does not depend on how they come."""

import numpy as np
from scipy import sparse
from sklearn.utils import _safe_indexing

from skdomain._rows import is_frame


def row_order(X, y, weights):
    """Order of the rows by y, ties by X, then weight: the same however the rows come."""
    numbers = _numbers(X)
    form = numbers @ np.cos(np.arange(1, numbers.shape[1] + 1))
    return np.lexsort((weights, form, y))


def _numbers(X):
    """Rows as numbers: where an entry is none, its place among the sorted ones of its column."""
    if sparse.issparse(X):
        return X
    if not is_frame(X):
        X = np.asarray(X).reshape(len(X), -1)
        if X.dtype.kind in "biuf":
            return _without_missing(X)
    return np.column_stack([_codes(_safe_indexing(X, j, axis=1)) for j in range(X.shape[1])])


def _codes(column):
    values = np.asarray(column)
    try:
        return _without_missing(values.astype(np.float64))
    except (TypeError, ValueError):
        return np.unique(values.astype(str), return_inverse=True)[1].astype(np.float64)


def _without_missing(values):
    return values if np.isfinite(values).all() else np.nan_to_num(values)
