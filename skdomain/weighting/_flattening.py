"""Weights raised to a power between 0 and 1, which trades bias for variance.

H. Shimodaira (2000), "Improving predictive inference under covariate shift by weighting the
log-likelihood function", Journal of Statistical Planning and Inference 90.
"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._domains import warn_caller
from skdomain.weighting._mean_one import mean_one_of_log

FLATTEN = [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both"), None]
LEAST_SHARE = 0.5  # of the rows that "auto" leaves effective

_N_HALVINGS = 40


class Flattened(NamedTuple):
    """Weights that are used, of mean 1, and the power that made them."""

    weights: np.ndarray
    tau: float


def n_effective(weights):
    """``(sum w)^2 / sum w^2`` of weights of mean 1."""
    return float(len(weights) / np.square(weights).mean())


def flattened(weights, flatten):
    """Weights of mean 1 to the power that `flatten` asks for; to the power 1 they are left alone.

    Otherwise those below 1/n count as 1/n. n rows do not tell smaller ratios from 0, and a zero
    would stay one at every power.
    """
    tau = largest_tau(weights) if flatten == "auto" else flatten
    if tau is None or tau == 1:
        return Flattened(weights, 1.0)
    return Flattened(power(floored_log(weights), tau), float(tau))


def floored_log(weights):
    """Logarithm of weights of mean 1, at least that of 1/n."""
    return np.log(np.maximum(weights, 1 / len(weights)))


def power(log_weights, tau):
    """Weights of mean 1, proportional to ``w^tau``."""
    return mean_one_of_log(tau * log_weights)


def largest_tau(weights):
    """Largest power that leaves ``LEAST_SHARE`` of the rows effective, by bisection.

    ``log ESS(w^tau) = 2 K(tau) - K(2 tau)`` with ``K(t) = log sum w^t``. K is convex, so the
    derivative ``2 K'(tau) - 2 K'(2 tau)`` is not above 0: ESS falls as tau rises.
    """
    enough = LEAST_SHARE * len(weights)
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
