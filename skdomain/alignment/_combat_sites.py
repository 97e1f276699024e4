"""Location and scale of each site by empirical Bayes, from what its standardised rows hold.

A row x of site i with covariates c is ``x = a + c B + s (g_i + d_i e)``, feature by feature. What
all sites share is a :class:`SiteModel`; of one site, ``fitted_site`` finds g and d.
"""

from typing import NamedTuple

import numpy as np

from skdomain.alignment._source_map import FLOAT


class SiteModel(NamedTuple):
    """What all sites share: ``level + C coef`` is the mean of a row, ``unit`` its spread."""

    level: np.ndarray
    coef: np.ndarray
    unit: np.ndarray
    varies: np.ndarray  # features with a spread; of the others the unit is 1

    def split(self, X, C):
        """Means of rows, and the rows standardised."""
        means = self.level + C @ self.coef
        return means, (X - means) / self.unit


def site_model(X, C, sites, reference=None):
    """Pooled mean, coefficients of the covariates and spread of features, or those of one site.

    Coefficients are those of least squares with an intercept a site. The mean is that of the
    intercepts, weighed by rows, and the spread is of what is left, divisor n.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    C : ndarray of shape (n_samples, n_covariates)
    sites : list of ndarray of int
        Numbers of the rows of each site, which together are all.
    reference : int or None
        Number of the site whose own mean and spread are taken.
    """
    (rows, means), (given, given_means) = within(X, sites), within(C, sites)
    coef = _coefficients(given, C, rows)
    left = rows - given @ coef
    intercepts = means - given_means @ coef
    if reference is None:
        level, kept = np.array([*map(len, sites)]) @ intercepts / len(X), left
    else:
        level, kept = intercepts[reference], left[sites[reference]]
    unit = root_mean_square(kept)
    varies = unit > len(X) * FLOAT.eps * np.abs(rows).max(axis=0)
    if not np.isfinite(unit).all() or not np.isfinite(level).all():
        raise ValueError("X has rows so far apart that means overflow; divide the features.")
    return SiteModel(level, coef, np.where(varies, unit, 1.0), varies)


def within(X, sites):
    """Rows less the mean of their site, exactly 0 where these are equal, and the means."""
    rows, means = np.empty_like(X), np.empty((len(sites), X.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        for i, site in enumerate(sites):
            first = X[site[0]]
            part = X[site] - first
            offset = part.mean(axis=0)
            rows[site], means[i] = part - offset, first + offset
    return rows, means


def root_mean_square(rows):
    """Of each column, whatever its size."""
    peak = np.abs(rows).max(axis=0)
    peak = np.where(peak > 0, peak, 1.0)
    with np.errstate(invalid="ignore"):
        return peak * np.sqrt(np.mean((rows / peak) ** 2, axis=0))


def _coefficients(given, C, rows):
    """Least squares of rows on covariates, both centred by site, in units of the covariates."""
    around = within(C, [np.arange(len(C))])[0]
    unit = np.linalg.norm(around, axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    if _rank(given / unit) < _rank(around / unit):
        raise ValueError(
            "the covariates cannot be told from the domains: some combination of them differs "
            "between domains and in none of them, so that what it does could be either's. Leave "
            "such covariates out, or pass domains in which they vary."
        )
    return np.linalg.lstsq(given / unit, rows, rcond=FLOAT.eps * max(C.shape))[0] / unit[:, None]


def _rank(A):
    """Rank of columns that are of length 1 at most, up to rounding."""
    return np.linalg.matrix_rank(A, tol=FLOAT.eps * max(A.shape) * 10) if A.size else 0


class Site(NamedTuple):
    """Location g and scale d of one site, in units of the pooled spread."""

    location: np.ndarray
    scale: np.ndarray
    n_iter: int = 1
    converged: bool = True

    def harmonised(self, Z):
        """Standardised rows of the site as they would be elsewhere."""
        return (Z - self.location) / self.scale


def fitted_site(Z, varies, strength, *, max_iter, tol):
    """The site whose standardised rows these are.

    Features that do not vary within sites are moved by all of their mean, and not scaled.
    """
    rows, (location,) = within(Z, [np.arange(len(Z))])
    scale, mean, square = np.ones(Z.shape[1]), location[varies], (rows**2).sum(axis=0)[varies]
    if len(mean) < 2:
        strength = 0.0  # of one feature there is no spread over features
    location[varies], variance, *ended = shrunk_moments(
        len(Z), mean, square, strength, max_iter=max_iter, tol=tol
    )
    scale[varies] = np.sqrt(np.where(variance > 0, variance, 1.0))
    return Site(location, scale, *ended)


def shrunk_moments(n, mean, square, strength=1.0, *, max_iter=1000, tol=1e-10):
    """Locations g and variances v of the features of one site, shrunk to those of the others.

    The fixed point of the paper's iteration::

        g = (n t2 mean + k v gbar) / (n t2 + k v)                                  (1)
        v = (square / 2 + n (mean - g)^2 / 2 + k (l - 1) vbar) / (n / 2 + k (l - 1))   (2)

    with gbar and t2 the mean and the variance (divisor less 1) of the means over the features, vbar
    and s2 those of ``square / (n - 1)``, ``l - 1 = 1 + vbar^2 / s2`` and k the strength.

    Parameters
    ----------
    n : int
        Number of rows. Of one row, v is 1.
    mean, square : ndarray of shape (n_features,)
        Mean of each feature and sum of squares around it, in units of the pooled spread.
    strength : float
        0 takes mean and ``square / n`` as they are, 1 is the paper's.
    max_iter, tol
        As in :class:`ComBat`.

    Returns
    -------
    location, variance : ndarray of shape (n_features,)
    n_iter : int
        Number of rounds.
    converged : bool
        Whether they sufficed.
    """
    variance = square / n if n > 1 else np.ones_like(mean)
    if strength == 0:
        return mean, variance, 1, True
    towards, t2 = mean.mean(), mean.var(ddof=1)
    pooled, trust = _scale_prior(n, square, strength)
    location = mean
    for n_iter in range(1, max_iter + 1):
        with np.errstate(divide="ignore", over="ignore"):
            share = 1 / (1 + n * t2 / (strength * variance)) if t2 > 0 else 1.0
        new = mean + share * (towards - mean)  # (1)
        found = square / n + (mean - new) ** 2
        spread = found + trust * (pooled - found) if n > 1 else variance  # (2)
        change = max(np.abs(new - location).max(), np.abs(spread - variance).max())
        location, variance = new, spread
        if change <= tol:
            return location, variance, n_iter, True
    return location, variance, max_iter, False


def _scale_prior(n, square, strength):
    """Mean of the prior of a variance, and its share in what is found."""
    if n == 1:
        return 1.0, 1.0
    variances = square / (n - 1)
    pooled, s2 = variances.mean(), variances.var(ddof=1)
    return pooled, 1 / (1 + n * s2 / (2 * strength * (s2 + pooled**2))) if pooled > 0 else 1.0
