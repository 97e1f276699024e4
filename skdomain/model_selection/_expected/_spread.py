"""Draws of expected confusions, and the intervals that they and several methods give."""

import numpy as np
from scipy.stats import t as student

from skdomain.label_shift import bootstrap_interval, finite_numbers, resample_counts


def confusion_draws(told, confusions, n_draws, rng):
    """Confusions of rows that are drawn again, of shape (n_methods, n_draws, n_classes, n_classes).

    Source rows are drawn within their classes, target rows from all of them, both in an order that
    does not depend on the one in which they came; every method sees the same draws.
    """
    rows = [finite_numbers(X) for X in (told.source_rows, told.target_rows)]
    if any(X is None for X in rows):
        rows = told.raw_source, told.raw_target
    drawn = resample_counts(rows[0], told.codes, rows[1], n_draws, rng)
    return np.array(
        [[confusion(*pair) for pair in zip(*drawn, strict=True)] for confusion in confusions]
    )


def labelled_draws(draws, n_rows, rng):
    """What is seen of so many rows whose pairs of true and predicted class are drawn from each."""
    K = draws.shape[-1]
    generator = np.random.default_rng(rng.randint(2**31 - 1))
    return generator.multinomial(n_rows, draws.reshape(-1, K * K)).reshape(draws.shape) / n_rows


def quantile_interval(draws, level, *, estimate=None, n_rows=None):
    """Equation (8), quantiles ``(1 -+ level) / 2`` of draws; of a share, with Jeffreys's within."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return np.nan, np.nan
    share = {} if estimate is None else {"estimate": np.array([estimate]), "n_rows": n_rows}
    return tuple(bootstrap_interval(draws[:, None], level, **share).ravel().tolist())


def prediction_interval(value, draws, values, level):
    """Interval for one more method, were the methods drawn from a law of methods.

    With k values v of variance T^2 around their mean and draws of variance s^2 it is [1]_::

        value -+ t_{k-1} sqrt(s^2 + T^2 (1 + 1/k))                                  (9)

    The truth is taken to be such a further value: methods rest on assumptions of which none holds
    exactly, and differ by as much as these are wrong.

    References
    ----------
    .. [1] J. P. T. Higgins, S. G. Thompson and D. J. Spiegelhalter (2009), "A re-evaluation of
       random-effects meta-analysis", Journal of the Royal Statistical Society A 172.
    """
    values, draws = values[np.isfinite(values)], draws[np.isfinite(draws)]
    k = len(values)
    if k < 2 or not len(draws):
        return np.nan, np.nan
    variance = draws.var() + values.var(ddof=1) * (1 + 1 / k)
    half = student.ppf((1 + level) / 2, k - 1) * np.sqrt(variance)
    return float(value - half), float(value + half)
