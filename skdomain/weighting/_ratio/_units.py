"""Features in units of their spread over both domains, each domain weighing one half."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis, min_max_axis


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
    low, high = zip(*(_range(X) for X in (Xs, Xt)), strict=True)
    varies = (np.maximum(*high) > np.minimum(*low)) & (variance > 0)
    centre = np.zeros(Xs.shape[1]) if sparse.issparse(Xs) else sum(means) / 2
    return StandardUnits(centre, np.sqrt(np.where(varies, variance, np.inf)))


def _mean_variance(X):
    return mean_variance_axis(X, 0) if sparse.issparse(X) else (X.mean(axis=0), X.var(axis=0))


def _range(X):
    return min_max_axis(X, 0) if sparse.issparse(X) else (X.min(axis=0), X.max(axis=0))
