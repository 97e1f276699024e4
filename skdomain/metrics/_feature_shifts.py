"""The shift of each feature by itself."""

import numpy as np
from sklearn.utils import Bunch, gen_batches

from skdomain.metrics._feature_tests import feature_pvalues, have_two_values

_BLOCK = 2**18  # numbers of a block of features


def feature_shifts(values, is_target, is_category):
    """Return the contributions of a report, each of shape (n_features,).

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_features)
        Numbers, codes of categories, or NaN where missing.
    is_target : ndarray of shape (n_samples,), bool
    is_category : ndarray of shape (n_features,), bool
        Features of codes, whose order and distances mean nothing.
    """
    blocks = [*gen_batches(values.shape[1], max(1, _BLOCK // len(values)))]
    ks = np.concatenate([_ks_statistics(values[:, block], is_target) for block in blocks])
    has_two = np.concatenate([have_two_values(values[:, block]) for block in blocks])
    for j in np.flatnonzero(is_category):
        ks[j] = _total_variation(values[:, j], is_target)
    difference, log_ratio = _standardised_moments(values, is_target)
    difference[is_category] = log_ratio[is_category] = np.nan
    return Bunch(
        mean_difference=difference,
        log_variance_ratio=log_ratio,
        ks_statistic=ks,
        **feature_pvalues(values, is_target, is_category, has_two, ks),
    )


def _ks_statistics(values, is_target):
    """Largest distances of both distribution functions, missing values being the largest.

    In units of 1 / (n_source n_target) all steps are integers, so nothing is rounded.
    """
    n_target = np.count_nonzero(is_target)
    n_source = len(is_target) - n_target
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    distances = np.abs(np.cumsum(np.where(is_target[order], -n_source, n_target), axis=0))
    present = ~np.isnan(ranked)
    is_last = present[:-1] & (ranked[:-1] != ranked[1:])  # of its value
    return np.where(is_last, distances[:-1], 0).max(axis=0) / (n_source * n_target)


def _total_variation(codes, is_target):
    """Half the sum of the differences of the shares of all categories, a missing one among them."""
    codes = np.unique(codes, return_inverse=True)[1]
    n = codes.max() + 1
    source, target = (np.bincount(codes[rows], minlength=n) for rows in (~is_target, is_target))
    n_source, n_target = source.sum(), target.sum()
    return np.abs(source * n_target - target * n_source).sum() / (2 * n_source * n_target)


def _standardised_moments(values, is_target):
    """Differences of the means in standard deviations, and logarithms of ratios of variances."""
    largest = np.fmax.reduce(np.abs(values), axis=0, initial=0.0)
    values = np.ldexp(values, -np.frexp(largest)[1])  # exact, and no square overflows
    (mean_s, var_s), (mean_t, var_t) = (
        _mean_variance(values[rows]) for rows in (~is_target, is_target)
    )
    difference = mean_t - mean_s
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = np.where(difference == 0, 0.0, difference / np.sqrt((var_s + var_t) / 2))
        log_ratio = np.where(var_s == var_t, 0.0, np.log(var_t) - np.log(var_s))
    return standardised, log_ratio


def _mean_variance(X):
    """Return both of the present values of each column, without rounding error if they are equal.

    NaN where there are too few of them, none for the mean and less than two for the variance.
    """
    present = ~np.isnan(X)
    n = np.count_nonzero(present, axis=0)
    low, high = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(low == high, low, np.where(present, X, 0).sum(axis=0) / n)
        variance = np.square(np.where(present, X - mean, 0)).sum(axis=0) / (n - 1)
    return mean, np.where(n < 2, np.nan, np.where(low == high, 0, variance))
