"""Methods by their names: from what is told to a function of weights that gives the confusion."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from skdomain.label_shift import PRIORS, finite_numbers, likelihood_draws
from skdomain.model_selection._expected._doubts import (
    doubts_of_mixture,
    doubts_of_weights,
    no_doubts,
    score_weights,
)
from skdomain.model_selection._expected._opinion import second_opinion
from skdomain.model_selection._expected._right import (
    calibrated_confusion,
    counted_confusion,
    mixture_confusion,
    negative_entropy,
    residual_confusion,
    right_confusion,
    scaled_right,
    shifted_accuracy,
    thresholded_right,
)


class Expectation(NamedTuple):
    """A method: what it goes by, how it is prepared, and what it takes for granted."""

    family: str
    prepare: Any  # told -> Prepared
    assumes: str


class Prepared(NamedTuple):
    """A method that knows what is told.

    ``confusion(u, v)`` is that of source and target rows of these weights, None for all 1, and
    ``doubts(level, rng)`` are sentences.
    """

    confusion: Any
    doubts: Any = no_doubts


def _calibrated(told):
    """Equation (1) by the posteriors of the classifier."""
    return _by_posteriors(told, told.source, told.target)


def _by_posteriors(told, here, there):
    """Equation (1); in draws of the rows with how (2) differs from what it is of all rows."""
    source = here, told.codes, told.source_predicted
    of_all = residual_confusion(*source)

    def confusion(u=None, v=None):
        found = calibrated_confusion(there, told.target_predicted, v)
        return found if u is None else valid(found + residual_confusion(*source, u) - of_all)

    return Prepared(confusion)


def _thresholded(told):
    """Equation (5), by negative entropies of calibrated posteriors."""
    scores, target_scores = map(negative_entropy, (told.source, told.target))

    def confusion(u=None, v=None):
        right = thresholded_right(scores, told.right, target_scores, u)
        return right_confusion(told.target, told.target_predicted, right, v)

    return Prepared(confusion)


def _difference(told):
    """Equation (6), by the posteriors as the classifier gives them."""
    here = told.raw_source[np.arange(len(told.codes)), told.source_predicted]
    there = told.raw_target[np.arange(len(told.target)), told.target_predicted]

    def confusion(u=None, v=None):
        means = [np.average(told.right, weights=u), np.average(here, weights=u)]
        mean = shifted_accuracy(*means, np.average(there, weights=v))
        right = scaled_right(there, mean, v)
        return right_confusion(told.target, told.target_predicted, right, v)

    return Prepared(confusion)


def _weighted(told):
    """Equation (3), weights known."""
    found = score_weights(told)

    def confusion(u=None, v=None):
        w = found.weights if u is None else found.weights * u
        return counted_confusion(told.codes, told.source_predicted, told.n_classes, w)

    return Prepared(confusion, partial(doubts_of_weights, found))


def _mixture(told):
    """Equation (4), with the most likely priors."""
    priors = PRIORS["em"](told.source, told.codes, told.target)

    def confusion(u=None, v=None):
        q = priors if u is None else likelihood_draws(told, priors, [u], [v])[0]
        return mixture_confusion(told.codes, told.source_predicted, q, u)

    return Prepared(confusion, partial(doubts_of_mixture, told))


def _reverse(told):
    """Equation (3) of the source rows by the way back from what is predicted of the target."""
    if told.returned is None:
        raise ValueError('method="reverse" needs rows that are finite numbers.')

    def confusion(u=None, v=None):
        return counted_confusion(told.codes, told.returned, told.n_classes, u)

    return Prepared(confusion)


def _opinion(told):
    """Equation (1) by the posteriors of a rule of another kind, that was not adapted."""
    here, there = map(finite_numbers, (told.source_rows, told.target_rows))
    if here is None or there is None:
        raise ValueError('method="opinion" needs rows that are finite numbers.')
    return _by_posteriors(told, *second_opinion(here, told.codes, there, told.n_classes))


def valid(confusion):
    """The matrix without what is negative, of sum 1."""
    confusion = np.maximum(confusion, 0)
    return confusion / confusion.sum()


CONFIDENCE, COMPOSITION, RETURN, OPINION = "confidence", "composition", "return", "opinion"
EXPECTATIONS = {
    "calibrated": Expectation(
        CONFIDENCE,
        _calibrated,
        "posteriors that say in the source how often they are right say so in the target, too",
    ),
    "thresholded": Expectation(
        CONFIDENCE,
        _thresholded,
        "a row is right where the classifier is surer than a threshold, the same in both domains",
    ),
    "difference": Expectation(
        CONFIDENCE,
        _difference,
        "as the mean confidence falls from source to target, so does the accuracy",
    ),
    "importance": Expectation(
        COMPOSITION,
        _weighted,
        "rows of which the classifier says the same are as often right in both domains, and the "
        "source has rows wherever the target has",
    ),
    "mixture": Expectation(
        COMPOSITION,
        _mixture,
        "only the proportions of the classes differ: each class is predicted as in the source",
    ),
    "reverse": Expectation(
        RETURN,
        _reverse,
        "one linear rule holds in both domains, and is learnt from what is predicted of the target",
    ),
    "opinion": Expectation(
        OPINION,
        _opinion,
        "rows mean in the target what they mean in the source, so that a rule which was not "
        "adapted is as right as it is sure",
    ),
}
