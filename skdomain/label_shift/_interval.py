"""Bootstrap of priors: both domains are drawn again, as weights of their rows.

Source rows are drawn within their class, as label shift says nothing of how many there are of each,
and target rows from all of them.
"""

from typing import NamedTuple

import numpy as np
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


def bootstrap_interval(draws, level=0.95):
    """Percentile intervals of each class: quantiles ``(1 -+ level) / 2`` of the draws.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, n_classes)
    level : float, default=0.95

    Returns
    -------
    ndarray of shape (2, n_classes)
        Lower and upper ends.
    """
    return np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
