"""Values cut into groups, which take the place of classes where a regressor is judged."""

from math import ceil, log2

import numpy as np
from sklearn.utils import column_or_1d


def value_groups(values):
    """Number of the group of each value: ``1 + ceil(log2 n)`` groups of equally many rows each.

    The number is Sturges' rule for a histogram of n values, the borders are quantiles that values
    take, so that a change of units, or any increasing map, changes no group. Equal values stay
    together, and so fewer groups may come out.
    """
    values = column_or_1d(values, dtype=np.float64)
    n_groups = 1 + ceil(log2(len(values)))
    shares = np.arange(1, n_groups) / n_groups
    borders = np.quantile(values, shares, method="inverted_cdf")
    return np.searchsorted(np.unique(borders), values, side="left")
