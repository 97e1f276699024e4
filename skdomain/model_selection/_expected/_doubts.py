"""What speaks against an expectation: assumptions that rows without labels can refute."""

from typing import NamedTuple

import numpy as np

from skdomain.label_shift import drawn_by_class, finite_numbers, log_odds_of
from skdomain.metrics import class_mixture_test

_MOST_ROWS = 1000
_N_BOOTSTRAP = 100


class ScoreWeights(NamedTuple):
    """Weights of source rows that are used, the power that made them, and rows they are worth."""

    weights: np.ndarray
    tau: float
    n_rows: float


def score_weights(told):
    """Density ratio of the calibrated log-odds at the source rows, flattened.

    What the classifier says of a row is all that its being right is taken to depend on, and has as
    many features as there are classes, less one. The ratio is that of
    :func:`skdomain.weighting.classifier_weights`, flattened as the weighting methods do.
    """
    from skdomain.weighting import classifier_weights, flattened, n_effective, n_varying

    sides = log_odds_of(told.source), log_odds_of(told.target)
    raw = classifier_weights(*sides)
    used = flattened(raw, "auto", n_varying(sides[0]))
    return ScoreWeights(used.weights, used.tau, n_effective(raw))


def no_doubts(level, rng):
    """None that rows without labels could raise."""
    return []


def doubts_of_weights(found, level, rng):
    """That the domains overlap so little that the weights had to be flattened."""
    if found.tau == 1:
        return []
    return [
        f"the {len(found.weights)} weighted source rows are worth {found.n_rows:.0f}, and were "
        f"flattened to the power {found.tau:.2f}: the domains overlap little"
    ]


def doubts_of_mixture(told, level, rng):
    """That the target, as the classifier sees it, is no mixture of the source's classes."""
    S, T = map(finite_numbers, told.seen or (None, None))
    if S is None or T is None:
        return []
    kept = drawn_by_class(S, told.codes, _MOST_ROWS, rng)
    others = drawn_by_class(T, np.zeros(T.shape[0], dtype=int), _MOST_ROWS, rng)
    seed = rng.randint(2**31 - 1)
    pvalue = class_mixture_test(
        S[kept], told.codes[kept], T[others], n_bootstrap=_N_BOOTSTRAP, random_state=seed
    ).pvalue
    if pvalue + level >= 1:
        return []
    return [f"more than the proportions of the classes has changed (p = {pvalue:.2g})"]


def doubts_of_predictions(told):
    """That all target rows are predicted to be of one class, of which nothing can be learnt."""
    found = np.unique(told.target_predicted)
    if len(found) > 1:
        return []
    return [f"all target rows are predicted as {told.classes[found].tolist()[0]!r}"]


def disagreement(names, intervals):
    """The pair of methods whose intervals are furthest apart, if any are."""
    low, high = np.asarray(intervals).T
    gap = low[:, None] - high[None]
    i, j = np.unravel_index(np.argmax(gap), gap.shape)
    if not gap[i, j] > 0:
        return []
    return [
        f"the methods disagree by more than their intervals: {names[j]} expects {high[j]:.2f} at "
        f"most, {names[i]} {low[i]:.2f} at least"
    ]
