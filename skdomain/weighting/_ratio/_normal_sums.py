"""Normal laws of domains that are passed over, of sums over their rows."""

from functools import partial

import numpy as np
from sklearn.utils import check_array

from skdomain._rows import RowBlocks, check_finite_block, is_streamed, moments, sum_over
from skdomain.weighting._ratio._normal_laws import (
    GaussianRatio,
    check_distinct,
    shrinkage_of_sums,
    shrunk_normal,
)
from skdomain.weighting._ratio._units import StandardUnits

_GOLDEN, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def summed_gaussian_ratio(Xs, Xt, shrinkage):
    """The source as rows that are passed over, and the ratio of the normal laws."""
    Xs, Xt = _as_blocks(Xs, "Xs"), _as_blocks(Xt, "Xt")
    if Xs.shape[1] != Xt.shape[1]:
        raise ValueError(
            f"Xs and Xt must have the same columns, got {Xs.shape[1]} in Xs and {Xt.shape[1]} in "
            "Xt. Bring both domains to the same features."
        )
    source, target = (sum_over(X, _finite_moments) for X in (Xs, Xt))
    units = units_of(source, target)
    return Xs, GaussianRatio(
        units,
        _law(Xs, source, units, "source", shrinkage),
        _law(Xt, target, units, "target", shrinkage),
    )


def _as_blocks(X, name):
    return X if is_streamed(X) else RowBlocks(check_array(X, dtype=np.float64, input_name=name))


def _finite_moments(block):
    return moments(check_finite_block(block))


def units_of(source, target):
    """The :class:`StandardUnits` of both domains by their moments.

    About a row, the scatter of a feature that is constant is 0 without rounding.
    """
    variances = [np.diag(m.scatter) / m.n for m in (source, target)]
    variance = sum(variances) / 2 + np.square(target - source) / 4
    if not np.isfinite(variance).all():
        raise ValueError("the variance of a feature overflows; divide by its largest value.")
    scale = np.sqrt(np.where(variance > 0, variance, np.inf))
    return StandardUnits((source.mean + target.mean) / 2, scale)


def _law(rows, m, units, name, shrinkage):
    check_distinct(m.scatter.any(), name)
    varies = np.isfinite(units.scale)
    if m.n < np.count_nonzero(varies):
        raise ValueError(
            f"the {name} has {m.n} rows in blocks and {np.count_nonzero(varies)} features that "
            "vary; pass so few rows as an array, by to_array()."
        )
    if shrinkage == "auto":
        shrinkage = _intensity(rows, m, units, varies)
    mean = ((m.mean - units.centre) / units.scale)[varies]
    return shrunk_normal(mean, _covariance(m, units, varies), shrinkage)


def _covariance(m, units, varies):
    scale = units.scale[varies]
    return m.scatter[np.ix_(varies, varies)] / m.n / np.outer(scale, scale)


def _intensity(rows, m, units, varies):
    """Intensity of Ledoit and Wolf of the distinct rows."""
    keys = np.asarray(rows.concatenated(row_keys))
    first = np.unique(keys, return_index=True)[1]
    if len(first) < len(keys):
        rows = rows.select(np.isin(np.arange(len(keys)), first))
        m = sum_over(rows, moments)
    S = _covariance(m, units, varies)
    fourth = sum_over(rows, partial(_fourth_powers, mean=m.mean, scale=units.scale)) / m.n**2
    return shrinkage_of_sums(np.square(S).sum(), np.trace(S), fourth, m.n, len(S))


def _fourth_powers(block, *, mean, scale):
    """``sum_k |x_k|^4`` of centred rows in standard units."""
    return np.square(np.square((block - mean) / scale).sum(axis=1)).sum()


def row_keys(block):
    """An integer of 64 bits for each row, by which equal rows are found wherever they lie.

    Rows that differ have the same one with probability 2^-64.
    """
    bits = (block.astype(np.float64) + 0.0).view(np.uint64)  # 0 has no sign
    bits += _GOLDEN * np.arange(1, bits.shape[1] + 1, dtype=np.uint64)
    bits ^= bits >> np.uint64(30)
    bits *= _MIX
    bits ^= bits >> np.uint64(27)
    bits *= _GOLDEN
    bits ^= bits >> np.uint64(31)
    return bits.sum(axis=1, dtype=np.uint64)
