"""Normal laws of both domains, and the ratio of their densities.

O. Ledoit and M. Wolf (2004), "A well-conditioned estimator for large-dimensional covariance
matrices", Journal of Multivariate Analysis 88.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from sklearn.covariance import empirical_covariance, ledoit_wolf_shrinkage, shrunk_covariance

from skdomain.weighting._mean_one import ratio_of_log
from skdomain.weighting._ratio._units import StandardUnits, standard_units

# Least variance of a feature in a domain, as a share of that of both.
_LEAST_VARIANCE = 1e-6


class Normal(NamedTuple):
    """Normal law: mean, and lower Cholesky factor of the covariance."""

    mean: np.ndarray
    factor: np.ndarray

    def log_density(self, X):
        """Log density at the rows of X, up to the constant -d/2 log(2 pi)."""
        standard = solve_triangular(self.factor, (X - self.mean).T, lower=True)
        return -0.5 * np.square(standard).sum(axis=0) - np.log(np.diag(self.factor)).sum()


class SpannedNormal(NamedTuple):
    """Normal law on the span of few axes, with independent features of one variance beside it."""

    mean: np.ndarray
    axes: np.ndarray
    within: Normal
    rest: float

    def log_density(self, X):
        """Log density at the rows of X, up to the constant -d/2 log(2 pi)."""
        X = X - self.mean
        coordinates = X @ self.axes
        beside = np.square(X - coordinates @ self.axes.T).sum(axis=1)
        n_beside = len(self.axes) - self.axes.shape[1]
        density = self.within.log_density(coordinates)
        return density - (beside / self.rest + n_beside * np.log(self.rest)) / 2


class GaussianRatio(NamedTuple):
    """Ratio of two normal densities of the features that vary."""

    units: StandardUnits
    source: Normal | SpannedNormal
    target: Normal | SpannedNormal

    def log(self, X):
        """Log ratio at the rows of X."""
        Z = varying(X, self.units)
        return self.target.log_density(Z) - self.source.log_density(Z)

    def __call__(self, X):
        """Ratio at the rows of X."""
        return ratio_of_log(self.log(X))


def gaussian_ratio(Xs, Xt, shrinkage="auto"):
    """Fit a normal law to each domain."""
    units = standard_units(Xs, Xt)
    source, target = (
        fit_normal(varying(X, units), name, shrinkage)
        for X, name in ((Xs, "source"), (Xt, "target"))
    )
    return GaussianRatio(units, source, target)


def varying(X, units):
    """Features that are not constant, in standard units."""
    return units(X)[:, np.isfinite(units.scale)]


def fit_normal(Z, name, shrinkage):
    """Normal law of rows whose covariance is shrunk to a multiple of the identity."""
    distinct = np.unique(Z, axis=0)
    check_distinct(len(distinct) > 1, name)
    if shrinkage == "auto":
        shrinkage = intensity(distinct, len(Z) < Z.shape[1])
    if len(Z) < Z.shape[1]:
        return spanned_normal(Z, shrinkage)
    return shrunk_normal(Z.mean(axis=0), empirical_covariance(Z), shrinkage)


def shrunk_normal(mean, covariance, shrinkage):
    """Normal law of this mean, whose covariance is shrunk to a multiple of the identity."""
    covariance = shrunk_covariance(covariance, shrinkage)
    covariance.flat[:: len(covariance) + 1] += _LEAST_VARIANCE
    return Normal(mean, cholesky(covariance, lower=True))


def check_distinct(any_differ, name):
    """Refuse a domain whose rows are all equal."""
    if not any_differ:
        raise ValueError(
            f"the {name} rows are all equal: a normal law needs at least 2 rows that differ in "
            "each domain; pass more rows, or take a method that asks for less, such as KMM."
        )


def intensity(Z, by_rows):
    """Intensity of Ledoit and Wolf, from products of rows or of features."""
    if by_rows:
        return gram_shrinkage(Z - Z.mean(axis=0))
    return max(ledoit_wolf_shrinkage(Z), 0.0)  # rounding can make it negative


def spanned_normal(Z, shrinkage):
    """The same law where there are fewer rows than features, in O(n^2 d) time and O(n d) memory."""
    n, d = Z.shape
    mean = Z.mean(axis=0)
    axes, R = np.linalg.qr((Z - mean).T)
    # X'X / n = axes (R R' / n) axes', which is shrunk to a multiple of the d x d identity
    rest = shrinkage * np.square(R).sum() / (n * d) + _LEAST_VARIANCE
    covariance = (1 - shrinkage) / n * (R @ R.T)
    covariance.flat[:: n + 1] += rest
    within = Normal(np.zeros(n), cholesky(covariance, lower=True))
    return SpannedNormal(mean, axes, within, rest)


def gram_shrinkage(centred):
    """Intensity of Ledoit and Wolf from products of rows, in O(n^2 d) time."""
    gram = centred @ centred.T / len(centred)
    fourth = np.square(np.diag(gram)).sum()
    return shrinkage_of_sums(np.square(gram).sum(), np.trace(gram), fourth, *centred.shape)


def shrinkage_of_sums(squares, trace, fourth, n, d):
    """Intensity of Ledoit and Wolf from |S|^2, tr(S) and ``sum_k |x_k|^4 / n^2``, cf. Eq. 14 on.

    With d features, ``m = tr(S) / d``, ``d^2 = |S - m I|^2 / d`` and ``b^2 = sum_k |x_k x_k' -
    S|^2 / (n^2 d)``, of which at most d^2 counts, it is ``b^2 / d^2``.
    """
    distance = squares - trace**2 / d
    error = fourth - squares / n
    return min(max(error, 0.0), distance) / distance if distance > 0 else 0.0
