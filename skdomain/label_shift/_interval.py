"""Bootstrap of priors: both domains are drawn again, as weights of their rows.

Source rows are drawn within their class, as label shift says nothing of how many there are of each,
and target rows from all of them.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import beta
from sklearn.utils import check_random_state

from skdomain.metrics import lexicographic_order


class Resamples(NamedTuple):
    """How often each row was drawn: a draw in each row."""

    source: np.ndarray  # of shape (n_draws, n_source)
    target: np.ndarray  # of shape (n_draws, n_target)


def resample_counts(source, codes, target, n_draws, random_state=None):
    """Counts of bootstrap draws.

    Parameters
    ----------
    source, target : ndarray or sparse matrix of shape (n, n_features), (m, n_features)
        Features of the rows, such as posteriors. Draws are made from the rows in lexicographic
        order of them: the order in which they came does not matter.
    codes : ndarray of shape (n,), int
        Classes of the source rows.
    n_draws : int
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    Resamples
    """
    rng = check_random_state(random_state)
    by_class = np.zeros((n_draws, len(codes)))
    order = lexicographic_order(source, codes)
    start = 0
    for count in np.bincount(codes):
        rows = order[start : start + count]
        by_class[:, rows] = _counts(rng, count, n_draws)
        start += count
    m = target.shape[0]
    of_target = np.empty((n_draws, m))
    of_target[:, lexicographic_order(target)] = _counts(rng, m, n_draws)
    return Resamples(by_class, of_target)


def _counts(rng, n, n_draws):
    return rng.multinomial(n, np.full(n, 1 / n), size=n_draws)


def redrawn_priors(method, evidence, drawn):
    """Priors by a method of the weighted rows of each draw, of shape (n_draws, n_classes)."""
    return np.array(
        [
            method(*evidence[:3], source_weight=w, target_weight=v)
            for w, v in zip(*drawn, strict=True)
        ]
    )


def bootstrap_interval(draws, level=0.95, *, estimate=None, n_rows=None):
    """Percentile intervals of each class: quantiles ``(1 -+ level) / 2`` of the draws.

    Where no target row is taken for a class, it is in no draw either, and yet may be in the target.
    With an estimate, the interval is widened to hold it and the interval of Jeffreys [1]_ for a
    share that was counted among the target rows: nobody knows the priors better than who knows the
    class of each row.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, n_classes)
    level : float, default=0.95
    estimate : ndarray of shape (n_classes,), default=None
        Priors.
    n_rows : int, default=None
        Number of target rows, where an estimate is given.

    Returns
    -------
    ndarray of shape (2, n_classes)
        Lower and upper ends.

    References
    ----------
    .. [1] L. D. Brown, T. T. Cai and A. DasGupta (2001), "Interval estimation for a binomial
       proportion", Statistical Science 16.
    """
    lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    if estimate is None:
        return np.array([lower, upper])
    least, most = counted_interval(estimate, n_rows, level)
    return np.array([np.minimum(lower, least), np.maximum(upper, most)])


def counted_interval(share, n_rows, level):
    """Interval of Jeffreys for a share of n_rows, with the share itself in it, 0 and 1 too."""
    found = np.clip(share, 0, 1) * n_rows + 0.5
    tails = np.array([[(1 - level) / 2], [(1 + level) / 2]])
    lower, upper = beta.ppf(tails, found, n_rows + 1 - found)
    return np.minimum(lower, share) * (share > 0), np.maximum(upper, share)
