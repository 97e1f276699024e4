"""Features in units of their spread over both domains, each domain weighing one half."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils import gen_batches
from sklearn.utils.sparsefuncs import mean_variance_axis, min_max_axis

from skdomain._rows import stacked

_NUMBERS = 2**16  # numbers of a block of rows
_SMALL = 1e-8  # of the mean's square: rounding makes no such variance of equal values


class StandardUnits(NamedTuple):
    """Mean and standard deviation of the features in the even mixture of both domains.

    A feature that is constant in both has an infinite scale: it is 0 at all rows. Sparse rows are
    scaled and not centred, with the centre 0.
    """

    centre: np.ndarray
    scale: np.ndarray

    def __call__(self, X):
        """Rows of X in these units."""
        if not sparse.issparse(X):
            return (X - self.centre) / self.scale
        if self.centre.any():
            return self(X.toarray())
        return sparse.csr_array(X.multiply(1 / self.scale))

    @property
    def n_varying(self):
        """Number of features that are not constant in both domains, at least 1."""
        return max(np.count_nonzero(np.isfinite(self.scale)), 1)

    def stacked(self, *chosen):
        """Chosen rows of arrays on top of each other in these units, from pairs of X and places."""
        if any(sparse.issparse(X) for X, _ in chosen):
            return stacked([self(X[places]) for X, places in chosen])
        Z = np.empty((sum(len(places) for _, places in chosen), len(self.centre)))
        start = 0
        for X, places in chosen:
            for part in _parts(len(places), X.shape[1]):
                rows = Z[start : start + part.stop - part.start]
                X.take(places[part], axis=0, out=rows, mode="clip")
                rows -= self.centre
                rows /= self.scale
                start += len(rows)
        return Z


def _parts(n_rows, n_features):
    """Slices of rows that fit caches."""
    return gen_batches(n_rows, max(1, _NUMBERS // n_features))


def standard_units(Xs, Xt):
    """Units for rows of both domains, which copies of all rows of a domain do not change."""
    with np.errstate(over="ignore", invalid="ignore"):
        means, variances = zip(*(_mean_variance(X) for X in (Xs, Xt)), strict=True)
        variance = sum(variances) / 2 + np.square(means[1] - means[0]) / 4
    if not np.isfinite(variance).all():
        raise ValueError(
            f"the variance of {np.count_nonzero(~np.isfinite(variance))} feature(s) overflows, "
            f"first of feature {np.argmin(np.isfinite(variance))}; divide the features by their "
            "largest value."
        )
    centre = np.zeros(Xs.shape[1]) if sparse.issparse(Xs) else sum(means) / 2
    varies = (variance > 0) & ~_constant(Xs, Xt, variance, np.maximum(*map(np.abs, means)))
    return StandardUnits(centre, np.sqrt(np.where(varies, variance, np.inf)))


def _mean_variance(X):
    if sparse.issparse(X):
        return mean_variance_axis(X, 0)
    mean, squares = X.mean(axis=0), np.zeros(X.shape[1])
    for part in _parts(*X.shape):
        squares += np.square(X[part] - mean).sum(axis=0)
    return mean, squares / len(X)


def _constant(Xs, Xt, variance, size):
    """Which features are the same in all rows: a variance that is not small for them shows not."""
    constant = ~(variance > _SMALL * np.square(size))
    if not constant.any():
        return constant
    low, high = zip(*(_range(X[:, constant]) for X in (Xs, Xt)), strict=True)
    constant[constant] = np.maximum(*high) <= np.minimum(*low)
    return constant


def _range(X):
    return min_max_axis(X, 0) if sparse.issparse(X) else (X.min(axis=0), X.max(axis=0))
