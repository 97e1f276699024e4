"""Kernels and their widths."""

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

_MEDIAN_ROWS = 2000


def median_squared_distance(Z):
    """Median of the squared distances of all pairs of rows, or of the pairs of 2000 of them."""
    if len(Z) > _MEDIAN_ROWS:
        # In an order of the rows' values, so that neither their order nor their domain matters.
        spaced = np.linspace(0, len(Z) - 1, _MEDIAN_ROWS).astype(int)
        Z = Z[np.lexsort(Z.T[::-1])[spaced]]
    median = np.median(euclidean_distances(Z, squared=True)[np.triu_indices(len(Z), 1)])
    # Between equal rows, scikit-learn's distance may be rounding error instead of zero.
    if median <= 1e-12 * np.median(np.square(Z).sum(axis=1)):
        raise ValueError(
            "the median distance of pairs of rows is zero: at least half of the pairs are equal. "
            "Pass a number for gamma."
        )
    return median


def median_gamma(Xs, Xt):
    """1 over the median squared distance of two distinct rows of either domain.

    Distinct, so that rows that come twice do not count twice; 1 if there is only one row.
    """
    rows = np.unique(np.concatenate([Xs, Xt]), axis=0)
    return 1 / median_squared_distance(rows) if len(rows) > 1 else 1.0
