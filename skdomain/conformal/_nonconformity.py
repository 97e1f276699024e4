"""Scores of classes: the larger, the less a class conforms with what a model says of a row."""

import numpy as np


def lac_scores(P):
    """``1 - p_c``: the sets of least mean size, if the probabilities are right.

    M. Sadinle, J. Lei and L. Wasserman (2019), "Least ambiguous set-valued classifiers with bounded
    error levels", Journal of the American Statistical Association 114.
    """
    return 1 - P


def aps_scores(P):
    """Probability of the class and of all that are at least as likely: ``1 - sum_{p_k < p_c} p_k``.

    Y. Romano, M. Sesia and E. J. Candès (2020), "Classification with valid and adaptive coverage",
    NeurIPS; without their draw, so that a row always gets the same set, at the price of larger
    ones.
    """
    order = np.argsort(P, axis=1)
    ascending = np.take_along_axis(P, order, axis=1)
    below = np.cumsum(ascending, axis=1) - ascending
    scores = np.empty_like(P)
    np.put_along_axis(scores, order, 1 - _least_of_ties(ascending, below), axis=1)
    return scores


def _least_of_ties(ascending, below):
    """The sums below, those of equal probabilities all as that of the first of them."""
    first = np.ones(ascending.shape, dtype=bool)
    first[:, 1:] = np.diff(ascending, axis=1) > last_bits(ascending)
    return np.maximum.accumulate(np.where(first, below, 0), axis=1)


SCORES = {"lac": lac_scores, "aps": aps_scores}


def last_bits(values):
    """What numbers of this type and of size 1 may differ by where equal rows are predicted."""
    dtype = values.dtype if values.dtype.kind == "f" else np.float64
    return 64 * np.finfo(dtype).eps
