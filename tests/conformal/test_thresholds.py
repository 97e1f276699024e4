"""Thresholds of scores: a quantile, with the new row itself at infinity, and what that promises."""

from itertools import permutations, product
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdomain.conformal import conformal_thresholds

LEVELS = st.floats(0.01, 0.99)
WEIGHTS = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12)


def slow_threshold(scores, weights, new, level):
    """Equation (1), score by score, in exact sums of whole numbers; the level is in percent."""
    for s in sorted(scores):
        below = sum(w for t, w in zip(scores, weights, strict=True) if t <= s)
        if 100 * below >= level * (sum(weights) + new) > 0:
            return s
    return np.inf


# -- The formula --------------------------------------------------------------------------------


@given(
    weights=st.lists(st.integers(0, 9), min_size=1, max_size=12),
    new=st.integers(0, 20),
    level=st.integers(1, 99),
    seed=st.integers(0, 99),
)
def test_it_is_the_formula_transcribed(weights, new, level, seed):
    scores = np.random.default_rng(seed).integers(6, size=len(weights)) / 4
    got = conformal_thresholds(scores, weights, new, confidence_level=level / 100)
    assert got == slow_threshold(scores, weights, new, level)


@pytest.mark.parametrize("n", [1, 4, 9, 30, 49, 99])
def test_equal_weights_give_the_order_statistic_of_split_conformal_prediction(n):
    """Whatever the unit of the weights; also where level (n + 1) is a whole number."""
    scores = np.random.default_rng(n).permutation(n).astype(float)
    for level in range(1, 100):
        k = -(-level * (n + 1) // 100)
        expected = k - 1.0 if k <= n else np.inf
        for unit in (1.0, 0.1, 1e-300, 1e300):
            weights = np.full(n, unit)
            got = conformal_thresholds(scores, weights, unit, confidence_level=level / 100)
            assert got == expected
        assert conformal_thresholds(scores, confidence_level=level / 100) == expected


@given(
    weights=WEIGHTS, new=st.floats(0, 1e3), levels=st.tuples(LEVELS, LEVELS), unit=st.floats(0.1, 9)
)
def test_it_rises_with_the_level_and_the_new_weight_and_knows_no_unit(weights, new, levels, unit):
    scores, (low, high) = np.arange(len(weights))[::-1], sorted(levels)
    weights = np.array(weights)

    def threshold(new, level, unit=1.0):
        return conformal_thresholds(scores, unit * weights, unit * new, confidence_level=level)

    assert threshold(new, low) <= threshold(new, high)
    assert threshold(new, low) <= threshold(2 * new + 1, low)
    for factor in (2.0**-900, 2.0**900):  # exact, so that no sum is rounded another way
        assert threshold(new, low) == threshold(new, low, factor)
    order = np.random.default_rng(0).permutation(len(weights))
    assert threshold(new, low) == conformal_thresholds(
        scores[order], weights[order], new, confidence_level=low
    )
    near = threshold(new, low * (1 - 1e-9)), threshold(new, low * (1 + 1e-9))
    assert near[0] <= threshold(new, low, unit) <= near[1]


def test_it_is_infinite_exactly_where_the_new_row_outweighs_the_others():
    """Finite as long as w <= sum w_i (1 - level) / level."""
    weights = np.array([1.0, 2.0, 5.0])
    for level in (0.2, 0.5, 0.9):
        limit = weights.sum() * (1 - level) / level
        new = limit * np.array([0, 0.5, 1 - 1e-9, 1 + 1e-9, 2, np.inf])
        new[0] = 0
        got = conformal_thresholds([1, 2, 3], weights, new[:, None], confidence_level=level)
        assert_array_equal(np.isinf(got[:, 0]), [False, False, False, True, True, True])


def test_weights_that_are_all_zero_or_rows_that_are_none_allow_no_threshold():
    assert conformal_thresholds([1, 2], [0, 0], 0) == np.inf
    assert conformal_thresholds([1, 2], [0, 0], 1) == np.inf
    assert conformal_thresholds([], []) == np.inf


def test_weights_may_be_as_large_as_numbers_are():
    largest = np.finfo(float).max
    assert conformal_thresholds([1, 2, 3, 4], [largest] * 4, largest, confidence_level=0.5) == 3


def test_rows_of_weight_zero_are_as_if_absent():
    for new in (0.1, 1.0, 4.0):
        some = conformal_thresholds([0, 1, 2, 3], [0, 1, 0, 2], new, confidence_level=0.4)
        assert some == conformal_thresholds([1, 3], [1, 2], new, confidence_level=0.4)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (([0, np.nan], None), r"shape \(2,\) and 1 NaN; pass one number"),
        (([[0]], None), r"shape \(1, 1\)"),
        (([0, 1], [1]), "inconsistent numbers"),
        (([0, 1], [1, -2]), "weights holds -2.0, and 1 of 2 weights are negative or NaN; pass"),
        (([0, 1], [1, np.inf]), "holds inf for 1 of 2 calibration rows"),
        (([0, 1], [1, 1], [np.nan]), "new_weights holds nan"),
    ],
)
def test_bad_weights_are_named(arguments, text):
    with pytest.raises(ValueError, match=text):
        conformal_thresholds(*arguments)


# -- The promise --------------------------------------------------------------------------------


def test_of_exchangeable_scores_exactly_k_of_n_plus_1_are_covered():
    """All orders of n + 1 distinct scores: coverage is k / (n + 1), within 1 / (n + 1) above."""
    for n, level in product(range(1, 5), (0.3, 0.5, 0.75, 0.9)):
        covered = [
            order[-1] <= conformal_thresholds(order[:-1], confidence_level=level)
            for order in permutations(range(n + 1))
        ]
        k = ceil(round(level * (n + 1), 9))
        assert np.mean(covered) == pytest.approx(min(k / (n + 1), 1))
        assert level <= np.mean(covered) + 1e-12 < level + 1 / (n + 1) + 1e-9


SCORE = np.array([[0.1, 0.3, 0.7], [0.3, 0.2, 0.9], [0.5, 0.3, 0.6]])  # of x and y
SOURCE_X, TARGET_X = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
GIVEN_X = np.array([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4], [0.1, 0.7, 0.2]])  # p(y | x)
SOURCE_Y, TARGET_Y = np.array([0.5, 0.4, 0.1]), np.array([0.1, 0.3, 0.6])
GIVEN_Y = np.array([[0.6, 0.2, 0.1], [0.3, 0.3, 0.3], [0.1, 0.5, 0.6]])  # p(x | y) in its columns


def expected_coverage(source, target, ratio, level, n):
    """Coverage in expectation, over every draw of n source pairs and one target pair."""
    pairs, total = list(product(range(3), range(3))), 0.0
    new = np.array([ratio[pair] for pair in pairs])
    for drawn in product(pairs, repeat=n):
        scores = [SCORE[pair] for pair in drawn]
        weights = [ratio[pair] for pair in drawn]
        t = conformal_thresholds(scores, weights, new, confidence_level=level)
        covered = np.array([SCORE[pair] for pair in pairs]) <= t
        probability = np.prod([source[pair] for pair in drawn])
        total += probability * covered @ np.array([target[pair] for pair in pairs])
    return total


SHIFTS = {
    "covariate": (
        SOURCE_X[:, None] * GIVEN_X,
        TARGET_X[:, None] * GIVEN_X,
        np.tile((TARGET_X / SOURCE_X)[:, None], 3),
    ),
    "label": (GIVEN_Y * SOURCE_Y, GIVEN_Y * TARGET_Y, np.tile(TARGET_Y / SOURCE_Y, (3, 1))),
}


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_true_ratio_covers_as_promised_by_enumeration(shift):
    """Every draw from a discrete law is counted with its probability, so nothing is left to luck.

    The scores are tied and the laws far apart; equal weights do break the promise.
    """
    source, target, ratio = SHIFTS[shift]
    assert [law.sum() for law in (source, target)] == pytest.approx([1, 1])
    for level in (0.3, 0.5, 0.7):
        assert expected_coverage(source, target, ratio, level, 2) >= level
    assert expected_coverage(source, target, 7 * ratio, 0.5, 3) >= 0.5


def test_equal_weights_break_the_promise_under_a_shift():
    source, target, ratio = SHIFTS["label"]
    failing = expected_coverage(source, target, np.ones_like(ratio), 0.6, 2)
    assert failing < 0.6 <= expected_coverage(source, target, ratio, 0.6, 2)
