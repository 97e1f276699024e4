"""The median over all pairs of rows, without sorting, or finding exactly, what lies far from it."""

import numpy as np
from sklearn.utils import gen_batches

_SAMPLE = 8192  # values that bracket the median
_REACH = 200  # of them on either side: more than four standard deviations of its rank among them


# How far a median in float32 may be off, which is verified, and more than pairs near it are apart.
_SLACK = 256 * np.finfo(np.float32).eps
_CANDIDATES = 200  # at most one pair in so many may need float64, or all are found in it
_NUMBERS = 2**16  # numbers of an array of differences


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


def median_square(rows):
    """Median squared distance of two of these distinct rows, None where float64 finds it faster.

    Parameters
    ----------
    rows : ndarray of shape (n, n_features), float64

    Notes
    -----
    Products in float32 tell which pairs lie below and above the median, except for few that they
    place within rounding of it. The distances of these are found anew, as sums of squared
    differences. Half the time and memory of products in float64, and more exact.
    """
    n_pairs = len(rows) * (len(rows) - 1) // 2
    centred = rows - rows.mean(axis=0)
    largest = np.abs(centred).max()
    if n_pairs < 32 * _SAMPLE or not 0 < largest < np.inf:
        return None
    values, norms = _rough_squares((centred / largest).astype(np.float32))
    middle = float(median_of(values))
    slack = _SLACK * (middle + 2 * norms.mean())
    low, high = middle - slack, middle + slack
    # What a pair's value may be off, the sum of its rows'.
    error = (rows.shape[1] + 8) * np.finfo(np.float32).eps * norms
    n_below, i, j = _undecided(values, error, low, high)
    if not 0 < len(i) <= n_pairs // _CANDIDATES:
        return None
    squares = _squares(rows, i, j)
    inside = (low * largest**2 <= squares) & (squares <= high * largest**2)
    first, last = (n_pairs - 1) // 2 - n_below, n_pairs // 2 - n_below
    if not 0 <= first <= last < len(squares):
        return None
    order = np.argsort(squares)[[first, last]]
    return squares[order].mean() if inside[order].all() else None


def _undecided(values, error, low, high):
    """How many pairs lie below `low`, and the rows i and j of those that may lie in between."""
    reach = 2 * error.max()
    n_below = np.count_nonzero(values < low - reach)
    near = np.flatnonzero((values >= low - reach) & (values <= high + reach))
    i, j = _pair_of(near, len(error))
    error, near = error[i] + error[j], values[near]
    below = near + error < low
    kept = ~below & (near - error <= high)
    return n_below + np.count_nonzero(below), i[kept], j[kept]


def squares_by_products(X, Z, norms):
    """``|x|^2 + |z|^2 - 2 x'z`` of all rows, with the squared norms of Z: below 0 by rounding."""
    squares = X @ Z.T
    squares *= -2
    squares += (norms if Z is X else np.einsum("ij,ij->i", X, X))[:, None]
    squares += norms
    return squares


def _squares(rows, i, j):
    """Squared distances of rows i and j, in parts that fit caches."""
    parts = gen_batches(len(i), max(1, _NUMBERS // rows.shape[1]))
    differences = (rows[i[part]] - rows[j[part]] for part in parts)
    return np.concatenate([np.einsum("ij,ij->i", D, D) for D in differences])


def _rough_squares(rows):
    """Squared distances of all pairs of rows by products, and the squared norms of the rows."""
    norms = np.einsum("ij,ij->i", rows, rows)
    squares = squares_by_products(rows, rows, norms)
    values = np.concatenate([squares[i, :i] for i in range(len(rows))])
    return values, norms.astype(np.float64)


def _pair_of(places, n):
    """Rows i and j of the pairs that are at these places of ``pair_values``."""
    starts = np.arange(n) * np.arange(-1, n - 1) // 2
    i = np.searchsorted(starts, places, side="right") - 1
    return i, places - starts[i]
