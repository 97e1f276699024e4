"""Central moment discrepancy: the distance of the first moments of two domains.

W. Zellinger, T. Grubinger, E. Lughofer, T. Natschlaeger and S. Saminger-Platz (2017), "Central
moment discrepancy (CMD) for domain-invariant representation learning".
"""

from math import comb
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval, validate_params

from skdomain._domains import check_domains
from skdomain.metrics._finite import OVERFLOW, check_finite

_BLOCK = 2**16  # numbers of an array that stays in the cache


@validate_params(
    {
        "Xs": ["array-like"],
        "Xt": ["array-like"],
        "order": [Interval(Integral, 1, None, closed="left")],
        "bounds": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def cmd(Xs: ArrayLike, Xt: ArrayLike, *, order: int = 5, bounds: Any = None) -> float:
    """Central moment discrepancy of two domains.

    cf. Eq. 4 and 5 in [1]_, with all features in the interval [a, b]::

        |E(Xs) - E(Xt)|_2 / |b - a|  +  sum over k = 2..order of  |c_k(Xs) - c_k(Xt)|_2 / |b - a|^k

    where c_k(X) = E((X - E(X))^k) holds the k-th central moment of each feature. Moments across
    features (covariances) are not compared. The value is unchanged when both domains, and the
    bounds, are translated alike, or multiplied by the same number.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    order : int, default=5
        The highest moment. 1 compares the means only.
    bounds : tuple (a, b) or None, default=None
        An interval that holds all values, such as (0, 1) for the output of a sigmoid. None takes
        the smallest and the largest pooled value, so that one outlier lowers the discrepancy; pass
        bounds to compare several pairs of domains on one scale.

    Returns
    -------
    float
        The discrepancy, at least 0, without unit.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, if the numbers of columns differ, if ``bounds``
        are not two increasing numbers that hold all values, or if the width of the values is too
        large for a number.

    Notes
    -----
    O(n d order) time and O(n d) memory with n pooled rows. The expectations are sample means, so
    central moments are divided by n. The values are divided by b - a before they are raised to a
    power: a high order does not overflow.

    References
    ----------
    .. [1] Zellinger, Grubinger, Lughofer, Natschlaeger and Saminger-Platz, "Central moment
       discrepancy (CMD) for domain-invariant representation learning", International Conference on
       Learning Representations (2017).

    Examples
    --------
    >>> from skdomain.metrics import cmd
    >>> cmd([[0.0], [0.5]], [[0.5], [1.0]])  # the means differ by 1/2, no other moment does
    0.5
    """
    Xs, Xt = check_domains(Xs, Xt)
    width = _interval_width(Xs, Xt, bounds)
    if width == 0:
        return 0.0
    moments = zip(_moments(Xs / width, order), _moments(Xt / width, order), strict=True)
    return float(sum(np.linalg.norm(source - target) for source, target in moments))


def _interval_width(Xs, Xt, bounds):
    low, high = min(Xs.min(), Xt.min()), max(Xs.max(), Xt.max())
    if bounds is None:
        with np.errstate(**OVERFLOW):
            return check_finite("the width of the values", high - low, "scale the features.")
    if np.shape(bounds) != (2,) or not (bounds[0] < bounds[1] and np.isfinite(bounds).all()):
        raise ValueError(f"bounds must be finite numbers (a, b) with a < b, got {bounds!r}.")
    if low < bounds[0] or high > bounds[1]:
        raise ValueError(
            f"bounds={bounds!r} do not hold all values, which reach from {low:.6g} to {high:.6g}. "
            "Pass wider bounds, or None to take those of the data."
        )
    return float(bounds[1] - bounds[0])


def _moments(X, order):
    """Yield the means of the columns, then their central moments of order 2, 3, ..."""
    mean = X.mean(axis=0)
    yield mean
    centred = X - mean
    power = centred.copy()
    for _ in range(order - 1):
        power *= centred
        yield power.mean(axis=0)


def cmds(Z, deals, order=5):
    """Return `cmd` for each of the deals of the rows of Z."""
    Z = (Z - Z.mean(axis=0)) / (np.ptp(Z) or 1)
    squares = np.zeros((order, deals.n_choices))
    for features in gen_batches(Z.shape[1], max(1, _BLOCK // deals.n_choices)):
        squares += _squared_differences(Z[:, features], deals, order)
    return np.sqrt(squares).sum(axis=0)


def _squared_differences(Z, deals, order):
    """Squared differences of the moments of order 1, 2, ..., summed over the features."""
    source, total = 0.0, 0.0
    for rows, P in deals.blocks():
        powers = np.array([Z[rows] ** k for k in range(1, order + 1)])
        source, total = source + powers.transpose(0, 2, 1) @ P, total + powers.sum(axis=1)
    target = total[:, :, None] - source
    moments = [
        _central([sums / n for sums in side])
        for side, n in ((source, deals.n_source), (target, deals.n_target))
    ]
    return [np.square(s - t).sum(axis=0) for s, t in zip(*moments, strict=True)]


def _central(raw):
    """Yield the mean and the central moments of raw moments (the binomial theorem)."""
    yield raw[0]
    for k in range(2, len(raw) + 1):
        # sum_j C(k, j) E(z^j) (-m)^(k - j) by Horner's rule
        central = k * raw[0] - raw[0]
        for j in range(2, k + 1):
            central *= -raw[0]
            central += comb(k, j) * raw[j - 1]
        yield central
