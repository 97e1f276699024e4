"""The median over all pairs of rows, without sorting what lies far from it."""

import numpy as np

_SAMPLE = 8192  # values that bracket the median
_REACH = 200  # of them on either side: more than four standard deviations of its rank among them


def pair_values(matrix, places):
    """``matrix[i, j]`` for all pairs i, j of these rows, each pair once."""
    return np.concatenate([matrix[i].take(places[:k]) for k, i in enumerate(places)])


def median_of(values):
    """``np.median(values)``, to the last bit.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Notes
    -----
    O(n). A sample brackets the median; what lies between its ends is partitioned, unless the
    median turns out to lie beyond them.
    """
    n = len(values)
    if n < 8 * _SAMPLE or not np.isfinite(values.sum()):
        return np.median(values)
    sample = np.sort(values[:: n // _SAMPLE])
    half = len(sample) // 2
    low, high = sample[half - _REACH], sample[half + _REACH]
    between = values[(low <= values) & (values <= high)]
    first = (n - 1) // 2 - np.count_nonzero(values < low)
    if not 0 <= first < len(between) - 1:
        return np.median(values)
    return np.median(np.partition(between, [first, first + 1])[first : first + 1 + (n % 2 == 0)])
