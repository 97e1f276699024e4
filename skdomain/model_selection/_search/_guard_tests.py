"""The tests of the guard: of a shift, of consistency, and of a better match."""

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from skdomain.metrics import (
    class_mixture_discrepancy,
    class_mixture_test,
    resampled_discrepancies,
)


def shift_pvalue(sides, n_bootstrap):
    """P-value of the hypothesis that only the proportions of the classes have changed.

    ``sides`` are source rows, their labels and target rows, as a model sees them.
    """
    return class_mixture_test(*sides, n_bootstrap=n_bootstrap, random_state=0).pvalue


def worse_pvalues(circular, share):
    """P-values of candidates being as consistent as the first, the baseline.

    Parameters
    ----------
    circular : ndarray of shape (n_candidates, n_splits)
    share : float
        Test rows over training rows.

    Returns
    -------
    ndarray of shape (n_candidates,)
        NaN of one that failed: it passes no test.
    """
    worse = np.array([paired_pvalue(circular[0] - row, share) for row in circular])
    worse[0] = 1  # equal by construction
    return worse


def as_consistent(circular, share, alpha):
    """Whether each of some candidates is not significantly worse than the best of them."""
    leader = circular[np.argmax(circular.mean(axis=1))] if len(circular) else None
    return [paired_pvalue(leader - row, share) >= alpha for row in circular]


def paired_pvalue(differences, share):
    """P-value of the hypothesis that the mean difference is at most 0.

    Student's t with the variance of Nadeau and Bengio for splits that overlap: ``1 / n_splits +
    n_test / n_train`` times the sample variance.
    """
    n, mean = len(differences), np.mean(differences)
    if np.isnan(mean):
        return np.nan
    error = np.sqrt((1 / n + share) * np.var(differences, ddof=1))
    if error <= 1e-12 * max(1, abs(mean)):
        return float(mean <= 1e-12)
    return float(student.sf(mean / error, n - 1))


def closer_pvalues(sides, n_candidates, n_bootstrap):
    """P-values of candidates being no closer than the baseline, and distances of all.

    Parameters
    ----------
    sides : dict of int to tuple
        What models say of source and target rows, or how they see them, by number of model; the
        baseline is 0.
    n_candidates, n_bootstrap : int

    Returns
    -------
    closer, distances : ndarray of shape (n_candidates,)
        NaN of candidates that are not among the sides.
    """
    closer, distances = np.full((2, n_candidates), np.nan)
    unadapted = _resampled(sides[0], n_bootstrap)
    for k, side in sides.items():
        distances[k], _ = class_mixture_discrepancy(*side)
        gain = unadapted - _resampled(side, n_bootstrap)
        p = norm.sf(gain.mean() / max(gain.std(), np.finfo(float).tiny))
        closer[k] = min(1, p * (len(sides) - 1))
    closer[0] = np.nan
    return closer, distances


def _resampled(side, n_bootstrap):
    return resampled_discrepancies(*side, n_bootstrap=n_bootstrap, random_state=0)
