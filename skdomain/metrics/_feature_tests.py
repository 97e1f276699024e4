"""Tests of each feature by itself, and their p-values adjusted for the number of features.

The hypothesis is that both domains have one distribution of the feature. Then any choice of which
rows are target rows is as likely as any other, and numbers are tested by the Kolmogorov-Smirnov
statistic, whose law is that of a random walk on a lattice; J. L. Hodges (1958), "The significance
probability of the Smirnov two-sample test", Arkiv foer Matematik 3.
"""

from math import gcd

import numpy as np
from scipy.stats import chi2_contingency, false_discovery_control, hypergeom, kstwo
from sklearn.utils import Bunch

_MOST_POINTS = 10_000  # of the lattice, up to which its paths are counted


def feature_pvalues(values, is_target, is_category, has_two, ks_statistic):
    """Return p-values of the features, each of shape (n_features,), plain and adjusted.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_features)
        Numbers, codes of categories, or NaN where missing, which is a value of its own.
    is_target : ndarray of shape (n_samples,), bool
    is_category, has_two : ndarray of shape (n_features,), bool
        Features of categories, and features of at most two values.
    ks_statistic : ndarray of shape (n_features,)
        As in :func:`feature_shifts`.
    """
    n_target = np.count_nonzero(is_target)
    n_source = len(is_target) - n_target
    steps = np.rint(ks_statistic * n_source * n_target)
    numbers = ~(has_two | is_category)
    pvalues = np.ones(values.shape[1])
    pvalues[numbers] = ks_pvalues(steps[numbers], n_source, n_target)
    for j in np.flatnonzero(has_two):
        n_first = np.count_nonzero(values[:, j] == np.fmin.reduce(values[:, j]))
        pvalues[j] = share_pvalue(steps[j], n_first, n_source, n_target)
    for j in np.flatnonzero(is_category & ~has_two):
        pvalues[j] = _categories_pvalue(values[:, j], is_target)
    return Bunch(pvalue=pvalues, adjusted_pvalue=adjusted(pvalues))


def adjusted(pvalues):
    """Return p-values adjusted by Benjamini and Hochberg (1995), the false discovery rate."""
    return false_discovery_control(pvalues) if len(pvalues) else pvalues


def ks_pvalues(steps, n_source, n_target):
    """P-values of Kolmogorov-Smirnov statistics in units of 1 / (n_source n_target).

    Exact for values that are all different, and not too small for others, where the lattice has at
    most 10,000 points; else by the law of one sample of ``n_source n_target / n_samples`` rows,
    half a step of the statistic earlier, as that law is continuous and the statistic is not.
    """
    points = n_source * n_target
    if points > _MOST_POINTS:
        earlier = np.maximum(steps - gcd(n_source, n_target) / 2, 0)
        return kstwo.sf(earlier / points, np.rint(points / (n_source + n_target)))
    steps, where = np.unique(steps, return_inverse=True)
    return _hitting_probabilities(steps, *sorted([n_source, n_target]))[where]


def _hitting_probabilities(steps, n, m):
    """Probabilities that ``|i m - j n|`` reaches given numbers, i of n and j of m rows being drawn.

    O((n + m) n) time for each of the numbers.
    """
    drawn = np.arange(n + 1)[:, None]
    inside, hit = np.zeros((n + 1, len(steps))), np.zeros(len(steps))
    inside[0] = 1.0
    for total in range(1, n + m + 1):
        left = n + m + 1 - total
        of_n = inside * ((n - drawn) / left)
        inside *= np.maximum(m - (total - 1 - drawn), 0) / left
        inside[1:] += of_n[:-1]
        outside = np.abs(drawn * m - (total - drawn) * n) >= steps
        hit += np.where(outside, inside, 0.0).sum(axis=0)
        inside[outside] = 0.0
    return np.minimum(np.where(steps <= 0, 1.0, hit), 1.0)


def share_pvalue(steps, n_first, n_source, n_target):
    """P-value of the difference of the shares of the first of two values, exact.

    The number of source rows with it is hypergeometric.
    """
    in_source = np.arange(max(0, n_first - n_target), min(n_first, n_source) + 1)
    difference = np.abs(in_source * n_target - (n_first - in_source) * n_source)
    law = hypergeom.pmf(in_source, n_source + n_target, n_first, n_source)
    return min(1.0, law[difference >= steps].sum())


def _categories_pvalue(codes, is_target):
    """P-value of the chi-squared test of the shares of all categories, a missing one among them."""
    codes = np.unique(codes, return_inverse=True)[1]
    counts = np.zeros((2, codes.max() + 1))
    np.add.at(counts, (is_target.astype(int), codes), 1)
    return chi2_contingency(counts, correction=False).pvalue


def have_two_values(values):
    """True for features of at most two values, a missing one being a value."""
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    missing = np.isnan(values)
    ends = ((values == low) | (values == high) | missing).all(axis=0)
    return ends & (~missing.any(axis=0) | (low == high) | np.isnan(low))
