"""Weights raised to a power between 0 and 1, which trades bias for variance.

H. Shimodaira (2000), "Improving predictive inference under covariate shift by weighting the
log-likelihood function", Journal of Statistical Planning and Inference 90.
"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.sparsefuncs import min_max_axis

from skdomain._domains import warn_caller
from skdomain.weighting._mean_one import mean_one_of_log

FLATTEN = [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both"), None]
_N_HALVINGS = 40


class Flattened(NamedTuple):
    """Weights that are used, of mean 1, and the power that made them."""

    weights: np.ndarray
    tau: float


def n_effective(weights):
    """``(sum w)^2 / sum w^2`` of weights of mean 1."""
    return float(len(weights) / np.square(weights).mean())


def least_share(n, n_features):
    """Share of n rows that "auto" leaves effective: half, and more below ten rows a feature.

    Of d features a linear model's variance is d / ESS times that of the noise, d / n without
    weights. What weights add stays below 1/10 where 1 / ESS <= 1 / n + 1 / (10 d).
    """
    return 1 / (1 + min(n / (10 * n_features), 1))


def n_varying(X):
    """Number of features that are not the same in all rows, at least 1."""
    low, high = min_max_axis(X, 0) if sparse.issparse(X) else (X.min(axis=0), X.max(axis=0))
    return max(np.count_nonzero(high > low), 1)


def flattened(weights, flatten, n_features):
    """Weights of mean 1 to the power that `flatten` asks for; to the power 1 they are left alone.

    Otherwise those below 1/n count as 1/n. n rows do not tell smaller ratios from 0, and a zero
    would stay one at every power.
    """
    if flatten == "auto":
        flatten = largest_tau(weights, least_share(len(weights), n_features))
    if flatten is None or flatten == 1:
        return Flattened(weights, 1.0)
    return Flattened(power(floored_log(weights), flatten), float(flatten))


def floored_log(weights):
    """Logarithm of weights of mean 1, at least that of 1/n."""
    return np.log(np.maximum(weights, 1 / len(weights)))


def power(log_weights, tau):
    """Weights of mean 1, proportional to ``w^tau``."""
    return mean_one_of_log(tau * log_weights)


def largest_tau(weights, share):
    """Largest power that leaves a share of the rows effective, by bisection.

    ``log ESS(w^tau) = 2 K(tau) - K(2 tau)`` with ``K(t) = log sum w^t``. K is convex, so the
    derivative ``2 K'(tau) - 2 K'(2 tau)`` is not above 0: ESS falls as tau rises.
    """
    enough = share * len(weights)
    if n_effective(weights) >= enough:
        return 1.0
    log_weights, low, high = floored_log(weights), 0.0, 1.0
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        if n_effective(power(log_weights, middle)) >= enough:
            low = middle
        else:
            high = middle
    return low


def warn_of_few_rows(weights, used, tau):
    """Say that the method's weights let almost no source row count, and what is trained on."""
    n, n_raw = len(weights), n_effective(weights)
    if n_raw > max(n / 50, min(2, n / 10)):
        return
    warn_caller(
        f"the weights of {n} source rows are worth {n_raw:.3g} rows of equal weight: as far as "
        "this method sees, the domains hardly overlap. Training is on weights to the power "
        f"tau={tau:.3g}, worth {n_effective(used):.3g} rows. {_REMEDY[tau < 1]}"
    )


_REMEDY = {
    False: 'Set flatten="auto" to flatten them, or compare with SourceOnly.',
    True: "Compare with SourceOnly: what no source row shows, weights cannot teach.",
}
