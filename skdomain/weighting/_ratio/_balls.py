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
SAMPLE = 64  # rows that tell whether float32 does
CLEAR_SHARE = 1 / 200  # of distances that may be computed anew where it does
LEAST_SIZE = 1e-9  # of a domain in the unit: below, squares leave the range of float32
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
        frame = Frame.of(X, *self)
        sides = [Cloud.of(rows, frame) for rows in self]
        if len(X) and not _is_clear(X[:: len(X) // SAMPLE + 1], frame, *sides, k):
            frame = frame._replace(dtype=np.float64)
            sides = [Cloud.of(rows, frame) for rows in self]
        return np.concatenate([_counts(X[rows], frame, *sides, k) for rows in blocks], axis=1)


class Frame(NamedTuple):
    """Centre and unit in which products are taken, and the type of their numbers."""

    centre: np.ndarray
    unit: float
    dtype: type

    @classmethod
    def of(cls, X, source, target):
        """Frame of these rows: the unit a power of two, so that no digit is lost by it."""
        centre = source.mean(axis=0)  # near the rows, products lose less
        sizes = [np.abs(rows - centre).max(initial=0) for rows in (X, source, target)]
        unit = 2.0 ** np.floor(np.log2(max(sizes))) if 0 < max(sizes) < np.inf else 1.0
        single = min(sizes[1:]) > LEAST_SIZE * unit
        return cls(centre, unit, np.float32 if single else np.float64)

    def __call__(self, X):
        """Rows in this frame, in float64, and their squared norms."""
        Z = (X - self.centre) / self.unit
        return Z, np.einsum("ij,ij->i", Z, Z)


class Cloud(NamedTuple):
    """Rows z of one domain; ``(-2 z, |z|^2, 1)`` of the same about a centre, a column each."""

    rows: np.ndarray
    columns: np.ndarray
    largest: float

    @classmethod
    def of(cls, rows, frame):
        """Cloud of these rows."""
        Z, norms = frame(rows)
        columns = np.vstack([-2 * Z.T, norms, np.ones(len(rows))])
        return cls(rows, columns.astype(frame.dtype), norms.max())

    def rough(self, Z, norms):
        """Return squared distances by products, and for each row what bounds their error."""
        dtype = self.columns.dtype
        D = np.column_stack([Z, np.ones(len(norms)), norms]).astype(dtype) @ self.columns
        terms = 4 * (Z.shape[1] + 4)
        return D, terms * np.finfo(dtype).eps * (norms + self.largest)[:, None]


def _is_clear(X, frame, source, target, k):
    """Whether few distances to the rows of X are so near their k-th that rounding hides it."""
    D, error = source.rough(*frame(X))
    rough = np.partition(D, k - 1, axis=1)[:, k - 1, None]
    near = (np.abs(D - rough) <= 2 * error).mean()
    D, error = target.rough(*frame(X))
    return max(near, (np.abs(D - rough) <= 3 * error).mean()) <= CLEAR_SHARE


def _counts(X, frame, source, target, k):
    Z = frame(X)
    D, error = source.rough(*Z)
    radius = _kth_smallest(X, source.rows, D, error, k) * REACH**2
    near = radius, (radius / frame.unit / frame.unit)[:, None]
    in_source = _count_within(X, source.rows, D, error, *near)
    return in_source, _count_within(X, target.rows, *target.rough(*Z), *near)


def _kth_smallest(X, Z, D, error, k):
    """Return the k-th smallest squared distance of each row of X, of those as near as errors go."""
    rough = np.partition(D, k - 1, axis=1)[:, k - 1, None] if k > 1 else D.min(axis=1)[:, None]
    n_below, i, j = _below_and_near(D, rough - 2 * error, rough + 2 * error)
    distances = _squared_distances(X, Z, i, j)
    starts = np.searchsorted(i, np.arange(len(X)))
    return distances[np.lexsort((distances, i))][starts + k - 1 - n_below]


def _count_within(X, Z, D, error, radius, scaled):
    inside, i, j = _below_and_near(D, scaled - error, scaled + error)
    near = i[_squared_distances(X, Z, i, j) <= radius[i]]
    return inside + np.bincount(near, minlength=len(X))


def _below_and_near(D, low, high):
    """Return how many of each row lie below `low`, and where those are that lie up to `high`."""
    below = low.astype(D.dtype) > D
    near = np.flatnonzero(below ^ (high.astype(D.dtype) >= D))
    return np.count_nonzero(below, axis=1), *np.divmod(near, D.shape[1])


def _squared_distances(X, Z, i, j):
    step = max(1, BLOCK // X.shape[1])
    parts = [slice(start, start + step) for start in range(0, len(i), step)]
    squares = [np.square(X[i[part]] - Z[j[part]]).sum(axis=1) for part in parts]
    return np.concatenate([np.empty(0), *squares])
