"""Columns of a frame or an array as numbers: codes for categories, NaN where a value is missing."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array
from sklearn.utils._missing import is_pandas_na, is_scalar_nan


class Columns(NamedTuple):
    """Values of shape (n_samples, n_features), and which features are codes of categories."""

    values: np.ndarray
    is_category: np.ndarray

    def sorted(self, sample_domain):
        """Return the columns and the domains with the rows in lexicographic order."""
        order = np.lexsort((sample_domain < 0, *self.values.T[::-1]))
        return Columns(self.values[order], self.is_category), sample_domain[order]

    def encoded(self):
        """Return finite numbers that know of no domain.

        A category becomes a column of 0 and 1. A missing number becomes the mean of those present,
        and a column more says where, in standard deviations of these.
        """
        if not (self.is_category.any() or np.isnan(self.values).any()):
            return self.values
        pairs = zip(self.values.T, self.is_category, strict=True)
        return np.column_stack(
            [_indicators(x) if category else _filled(x) for x, category in pairs]
        )


def as_columns(X):
    """Return the columns of a frame, or those of an array of numbers."""
    if not hasattr(X, "columns"):
        values = _numbers(X)
        return Columns(values, np.zeros(values.shape[1], dtype=bool))
    columns = [
        _column(X.iloc[:, j] if hasattr(X, "iloc") else X[name], name)
        for j, name in enumerate(X.columns)
    ]
    if not columns:
        return Columns(_numbers(X), np.zeros(0, dtype=bool))
    values, is_category = zip(*columns, strict=True)
    return Columns(_numbers(np.column_stack(values)), np.array(is_category))


def _numbers(X):
    return check_array(X, dtype=np.float64, ensure_all_finite="allow-nan", input_name="X")


def _column(column, name):
    """Return numbers or codes of a column of a frame, and whether they are codes."""
    values, is_category = column.to_numpy(), str(column.dtype).lower().startswith("categor")
    if values.dtype.kind in "biuf" and not is_category:
        return values.astype(np.float64), False
    if values.dtype.kind not in "biufOUST":
        raise ValueError(
            f"column {name!r} of X has dtype {column.dtype}, which is neither a number nor a "
            "category; turn it into one of them or leave it out."
        )
    missing = np.array([_is_missing(value) for value in values])
    present = values[~missing]
    is_category = is_category or not _are_numbers(present)
    numbers = np.full(len(values), np.nan)
    numbers[~missing] = _codes(present) if is_category else present.astype(np.float64)
    return numbers, is_category


def _is_missing(value):
    return value is None or is_scalar_nan(value) or is_pandas_na(value)


def _are_numbers(values):
    return all(isinstance(value, Real) for value in values)


def _codes(labels):
    """Return the ranks of labels, which may be of several types, among the distinct ones."""
    names = sorted({(type(label).__name__, str(label)) for label in labels})
    rank = {name: i for i, name in enumerate(names)}
    return np.array([rank[type(label).__name__, str(label)] for label in labels], dtype=float)


def _indicators(codes):
    distinct, codes = np.unique(codes, return_inverse=True)
    return np.eye(len(distinct))[codes]


def _filled(x):
    missing = np.isnan(x)
    if not missing.any():
        return x[:, None]
    present = x[~missing]
    mean, unit = (present.mean(), present.std()) if len(present) else (0.0, 0.0)
    return np.column_stack([np.where(missing, mean, x), missing * (unit or 1.0)])
