"""Where rows go that no plan was made for: as their nearest row does, or by a fitted map."""

from functools import cached_property

import numpy as np
from scipy import sparse
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors

from skdomain._kernels import median_gamma
from skdomain._rows import distinct_places

_RIDGE = 0.01  # of the mean variance, by which a fitted linear map shrinks towards a translation
_KERNEL_RIDGE = 0.1  # of a kernel whose diagonal is 1


class Displacement:
    """How far rows move: what was found for fitted rows, and an extension to all others.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Fitted rows.
    moves : ndarray of shape (n_samples, n_features)
        How far each of them moves; of equal rows the mean counts, which is put in their place.
    how : {"nearest", "linear", "kernel"}
        As the nearest fitted row, or by ridge or kernel ridge on the moves of all.
    """

    def __init__(self, X, moves, how):
        self.rows, self.moves, self.how = X.copy(), moves, how
        _move_alike(X, moves)

    def mapped(self, which=slice(None)):
        """The fitted rows, or a slice of these, moved, in their dtype."""
        return (self.rows[which] + self.moves[which]).astype(self.rows.dtype, copy=False)

    @cached_property
    def known(self):
        """A place of each fitted row by its bytes."""
        return {row.tobytes(): place for place, row in enumerate(self.rows + 0.0)}

    @cached_property
    def extend(self):
        """Function that gives the moves of rows that were not fitted.

        It is made of the fitted rows in the order of their values: theirs does not count.
        """
        order = distinct_places(self.rows)[0]
        make = {"nearest": _Nearest, "linear": _linear, "kernel": _kernel}[self.how]
        return make(self.rows[order], self.moves[order])

    def of(self, X):
        """Moves of rows of the same dtype, float64."""
        places = np.array([self.known.get(row.tobytes(), -1) for row in X + 0.0], dtype=np.intp)
        moves = self.moves[places]
        if (places < 0).any():
            moves[places < 0] = self.extend(X[places < 0].astype(np.float64, copy=False))
        return moves


def _move_alike(X, moves):
    """Put the mean of the moves of equal rows in their place: of equal rows, sums are equal."""
    with np.errstate(over="ignore", invalid="ignore"):
        _, sums, counts = np.unique(X.sum(axis=1), return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[sums] > 1)
    if not len(rows):
        return
    places = distinct_places(X[rows])[1]
    counts = np.bincount(places)
    rows, places = rows[counts[places] > 1], places[counts[places] > 1]
    ones, shape = np.ones(len(rows)), (len(counts), len(rows))
    members = sparse.csr_array((ones, (places, np.arange(len(rows)))), shape=shape)
    moves[rows] = (members @ moves[rows])[places] / counts[places, None]


def _linear(rows, moves):
    alpha = max(_RIDGE * len(rows) * float(rows.var(axis=0).mean()), 1e-300)
    return Ridge(alpha=alpha).fit(rows.astype(np.float64), moves).predict


def _kernel(rows, moves):
    gamma, mean = median_gamma(rows), moves.mean(axis=0)
    model = KernelRidge(alpha=_KERNEL_RIDGE, kernel="rbf", gamma=gamma)
    return _Around(model.fit(rows.astype(np.float64), moves - mean), mean)


class _Nearest:
    """Moves of the nearest fitted rows."""

    def __init__(self, rows, moves):
        self.index, self.moves = NearestNeighbors(n_neighbors=1).fit(rows), moves

    def __call__(self, X):
        return self.moves[self.index.kneighbors(X, return_distance=False)[:, 0]]


class _Around:
    """What a model predicts, and a mean."""

    def __init__(self, model, mean):
        self.model, self.mean = model, mean

    def __call__(self, X):
        return self.mean + self.model.predict(X)
