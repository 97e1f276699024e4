"""Weighted conformal thresholds: what no larger share of the target's scores exceeds.

R. J. Tibshirani, R. Foygel Barber, E. J. Candès and A. Ramdas (2019), "Conformal prediction under
covariate shift", NeurIPS.
"""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import check_consistent_length

LEVEL = [Interval(Real, 0, 1, closed="neither")]


@validate_params(
    {
        "scores": ["array-like"],
        "weights": ["array-like", None],
        "new_weights": ["array-like", Interval(Real, 0, None, closed="left")],
        "confidence_level": LEVEL,
    },
    prefer_skip_nested_validation=True,
)
def conformal_thresholds(
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    new_weights: float | ArrayLike = 1.0,
    *,
    confidence_level: float = 0.9,
) -> Any:
    """Thresholds of scores that hold for new rows, from the scores of calibration rows.

    The calibration row i has the score s_i and the weight w_i, a new row the weight w. Its
    threshold is the quantile of the scores in which the new row itself counts as one of infinite
    score::

        t = min { s :  sum_{i: s_i <= s} w_i  >=  confidence_level (sum_i w_i + w) }     (1)

    and infinite where no score reaches that. If the weights are the ratio of the law of the new
    rows to that of the calibration rows, up to a factor, the score of a new row is at most t with
    a probability of at least ``confidence_level``, whatever the laws and the score are.

    Parameters
    ----------
    scores : array-like of shape (n_calibration,)
        Scores, the larger the less a label conforms with its row.
    weights : array-like of shape (n_calibration,), default=None
        Their weights, at least 0 and finite. None: all 1.
    new_weights : float or array-like, default=1.0
        Weights of new rows, at least 0, infinite where no calibration row can stand for one.
    confidence_level : float, default=0.9
        The probability that is promised, between 0 and 1.

    Returns
    -------
    float or ndarray of the shape of new_weights
        Thresholds.

    Raises
    ------
    ValueError
        If scores are NaN, or weights are negative, NaN or not as many as the scores.

    Notes
    -----
    With equal weights t is the k-th smallest of n scores, k = ceil(confidence_level (n + 1)), and
    infinite if k > n: that of split conformal prediction. Sums are compared up to the bound of
    their rounding, so that the unit of the weights does not matter. Of m new rows thresholds take
    O((n + m) log n) time.

    References
    ----------
    R. J. Tibshirani, R. Foygel Barber, E. J. Candès and A. Ramdas (2019), "Conformal prediction
    under covariate shift", NeurIPS.

    Examples
    --------
    >>> from skdomain.conformal import conformal_thresholds
    >>> scores = [0.1, 0.2, 0.3, 0.4]
    >>> conformal_thresholds(scores, confidence_level=0.6)
    0.3
    >>> conformal_thresholds(scores, [1, 1, 1, 3], [1.0, 20.0], confidence_level=0.6)
    array([0.4, inf])
    """
    scores, weights = _checked(scores, weights)
    new = np.asarray(new_weights, dtype=np.float64)
    check_new_weights(new, "new_weights")
    order = np.argsort(scores, kind="stable")
    unit = max(weights.max(initial=0.0), np.finfo(float).tiny)
    reached = np.cumsum(weights[order] / unit)
    with np.errstate(over="ignore"):
        total = reached[-1:].sum() + new / unit
    rounding = 2 * (len(scores) + 2) * np.finfo(float).eps
    place = np.searchsorted(reached, confidence_level * total * (1 - rounding))
    place = np.where(total > 0, place, len(scores))  # weights that are all 0 say nothing
    thresholds = np.append(scores[order], np.inf)[place]
    return thresholds if new.ndim else float(thresholds)


def check_new_weights(weights, name):
    """Refuse weights that are negative or NaN."""
    wrong = weights[~(weights >= 0)]
    if len(wrong):
        raise ValueError(
            f"{name} holds {wrong[0]}, and {len(wrong)} of {weights.size} weights are negative or "
            "NaN; pass ratios of densities or of proportions, which are at least 0."
        )


def check_weights_of_scores(weights, name):
    """Refuse weights of calibration rows that are no finite numbers of at least 0."""
    check_new_weights(weights, name)
    if np.isinf(weights).any():
        raise ValueError(
            f"{name} holds inf for {np.isinf(weights).sum()} of {len(weights)} calibration rows; "
            "these rows have been seen in the source, so their ratio is finite."
        )


def _checked(scores, weights):
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or np.isnan(scores).any():
        raise ValueError(
            f"scores have shape {scores.shape} and {np.isnan(scores).sum()} NaN; pass one number "
            "a calibration row."
        )
    weights = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    check_consistent_length(scores, weights)
    check_weights_of_scores(weights, "weights")
    return scores, weights


def n_effective_rows(weights):
    """``(sum w)^2 / sum w^2``, 0 for weights that are all 0."""
    largest = weights.max(initial=0.0)
    if not largest:
        return 0.0
    shares = weights / largest
    return float(shares.sum() ** 2 / np.square(shares).sum())
