"""Rows in an order of their values, so that the one in which they came cannot matter."""

import numpy as np
from scipy import sparse

from skdomain._rows import distinct_rows


def sorted_rows(X):
    """Return the rows in lexicographic order."""
    return X[lexicographic_order(X)]


def lexicographic_order(X, *groups):
    """Where the rows stand in lexicographic order, behind that of the groups, sparse or not."""
    keys = distinct_rows(X)[1][None] if sparse.issparse(X) else X.T[::-1]
    return np.lexsort((*keys, *groups))
