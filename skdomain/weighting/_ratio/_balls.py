"""Rows in the ball that reaches to the k-th nearest source row, in memory for a block of rows.

Trees search few features. In more they visit nearly all rows, and squared distances by products,
``|x|^2 + |z|^2 - 2 x'z``, are faster. Their rounding error is bounded: where it could change a
count, the distance is computed anew as a sum of squared differences, so both count alike.
"""

from typing import NamedTuple

import numpy as np
from sklearn.neighbors import KDTree
from sklearn.utils import gen_batches

MANY_FEATURES = 8
BLOCK = 2**19  # numbers of an array
LEAST_ROWS = 16  # of a block: a product with fewer reads the other rows for little
REACH = 1 + 1e-12  # so that the k-th row is inside, whatever roots and squares round to


def balls(Xs, Xt):
    """Return what counts rows of both domains in balls."""
    kind = TreeBalls if Xs.shape[1] < MANY_FEATURES else ProductBalls
    return kind(*(kind.prepared(X) for X in (Xs, Xt)))


class TreeBalls(NamedTuple):
    """Trees of the rows of both domains."""

    source: KDTree
    target: KDTree

    prepared = KDTree

    def count(self, X, k):
        """Return the numbers of source and of target rows in the ball around each row of X."""
        blocks = gen_batches(len(X), max(1, BLOCK // k))
        return np.concatenate([self._count(X[rows], k) for rows in blocks], axis=1)

    def _count(self, X, k):
        radius = self.source.query(X, k=k)[0][:, -1] * REACH
        return [
            tree.query_radius(X, radius, count_only=True) for tree in (self.source, self.target)
        ]


class ProductBalls(NamedTuple):
    """Rows of both domains."""

    source: np.ndarray
    target: np.ndarray

    prepared = np.array

    def count(self, X, k):
        """Return the numbers of source and of target rows in the ball around each row of X."""
        n = max(len(self.source), len(self.target))
        blocks = gen_batches(len(X), max(LEAST_ROWS, BLOCK // n))
        centre = self.source.mean(axis=0)  # near the rows, products lose less
        sides = [Cloud.of(rows, centre) for rows in self]
        return np.concatenate([_counts(X[rows], centre, *sides, k) for rows in blocks], axis=1)


class Cloud(NamedTuple):
    """Rows z of one domain; ``(-2 z, |z|^2, 1)`` of the same about a centre, a column each."""

    rows: np.ndarray
    columns: np.ndarray
    largest: float

    @classmethod
    def of(cls, rows, centre):
        """Cloud of these rows."""
        centred, norms = _centred(rows, centre)
        columns = np.vstack([-2 * centred.T, norms, np.ones(len(rows))])
        return cls(rows, columns, norms.max())

    def rough(self, centred, norms):
        """Return squared distances by products, and for each row of X what bounds their error."""
        D = np.column_stack([centred, np.ones(len(norms)), norms]) @ self.columns
        terms = 4 * (centred.shape[1] + 4)
        return D, terms * np.finfo(float).eps * (norms + self.largest)[:, None]


def _centred(X, centre):
    centred = X - centre
    return centred, np.einsum("ij,ij->i", centred, centred)


def _counts(X, centre, source, target, k):
    centred = _centred(X, centre)
    D, error = source.rough(*centred)
    radius = _kth_smallest(X, source.rows, D, error, k) * REACH**2
    in_source = _count_within(X, source.rows, D, error, radius)
    return in_source, _count_within(X, target.rows, *target.rough(*centred), radius)


def _kth_smallest(X, Z, D, error, k):
    """Return the k-th smallest squared distance of each row of X, of those as near as errors go."""
    rough = np.partition(D, k - 1, axis=1)[:, k - 1, None] if k > 1 else D.min(axis=1)[:, None]
    n_below, i, j = _below_and_near(D, rough - 2 * error, rough + 2 * error)
    distances = _squared_distances(X, Z, i, j)
    starts = np.searchsorted(i, np.arange(len(X)))
    return distances[np.lexsort((distances, i))][starts + k - 1 - n_below]


def _count_within(X, Z, D, error, radius):
    radii = radius[:, None]
    inside, i, j = _below_and_near(D, radii - error, radii + error)
    near = i[_squared_distances(X, Z, i, j) <= radius[i]]
    return inside + np.bincount(near, minlength=len(X))


def _below_and_near(D, low, high):
    """Return how many of each row lie below `low`, and where those are that lie up to `high`."""
    below = low > D
    near = np.flatnonzero(below ^ (high >= D))
    return np.count_nonzero(below, axis=1), *np.divmod(near, D.shape[1])


def _squared_distances(X, Z, i, j):
    step = max(1, BLOCK // X.shape[1])
    parts = [slice(start, start + step) for start in range(0, len(i), step)]
    squares = [np.square(X[i[part]] - Z[j[part]]).sum(axis=1) for part in parts]
    return np.concatenate([np.empty(0), *squares])
