"""Trimmed mean ranks: what cannot change them, and how far one criterion can."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import rankdata, trim_mean

from skdomain.model_selection import trimmed_ranks

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed, n_criteria=None):
    """Values with ties, of some candidates by some criteria on some splits; and the generator."""
    rng = np.random.default_rng(seed)
    k = n_criteria or rng.integers(3, 10)
    return rng.integers(0, 6, size=(rng.integers(2, 9), rng.integers(1, 4), k)) / 5, rng


@given(SEEDS)
def test_they_are_trimmed_means_of_ranks(seed):
    values, _ = drawn(seed)
    values = values[np.unique(values, axis=0, return_index=True)[1]]
    ranks = ((rankdata(values, axis=0) - 0.5) / len(values)).mean(axis=1)
    k = ranks.shape[1]
    expected = trim_mean(ranks, 1.001 / k, axis=1)
    assert_allclose(trimmed_ranks(values), expected, atol=1e-12)


@given(SEEDS)
def test_copies_of_a_candidate_change_no_score(seed):
    values, rng = drawn(seed)
    copied = rng.integers(len(values), size=rng.integers(1, 5))
    scores = trimmed_ranks(np.concatenate([values, values[copied]]))
    assert_array_equal(scores, np.append(trimmed_ranks(values), trimmed_ranks(values)[copied]))


@given(SEEDS)
def test_increasing_transformations_of_a_criterion_change_nothing(seed):
    values, rng = drawn(seed)
    other = values.copy()
    split, criterion = rng.integers(values.shape[1]), rng.integers(values.shape[2])
    other[:, split, criterion] = np.exp(3 * other[:, split, criterion]) - 7
    assert_array_equal(trimmed_ranks(other), trimmed_ranks(values))


@given(SEEDS)
def test_one_criterion_moves_a_score_no_further_than_to_the_ends_of_the_others(seed):
    """Between the means of the k - 2 lowest and of the k - 2 highest ranks by the others."""
    values, rng = drawn(seed)
    liar = rng.integers(values.shape[2])
    values += 0.01 * np.arange(len(values))[:, None, None]  # no copies
    values[:, :, liar] = rng.random(values.shape[:2])
    ranks = ((rankdata(values, axis=0) - 0.5) / len(values)).mean(axis=1)
    others = np.sort(np.delete(ranks, liar, axis=1), axis=1)
    scores = trimmed_ranks(values)
    assert (scores >= others[:, :-1].mean(axis=1) - 1e-12).all()
    assert (scores <= others[:, 1:].mean(axis=1) + 1e-12).all()


@given(SEEDS)
@settings(max_examples=50)
def test_a_candidate_that_cannot_win_changes_no_score(seed):
    values, rng = drawn(seed)
    failed = np.full((1, *values.shape[1:]), np.nan)
    failed[0, 0, 0] = rng.random()
    scores = trimmed_ranks(np.concatenate([failed, values]))
    assert np.isnan(scores[0])
    assert_array_equal(scores[1:], trimmed_ranks(values))


def test_the_best_by_every_criterion_wins_with_all_but_its_own_half():
    values = np.arange(4.0)[:, None, None] * np.ones((4, 2, 5))
    assert_array_equal(trimmed_ranks(values), [1 / 8, 3 / 8, 5 / 8, 7 / 8])
    assert_array_equal(trimmed_ranks(values[:1]), [0.5])
    assert np.isnan(trimmed_ranks(np.full((2, 3, 4), np.nan))).all()


def test_of_two_criteria_none_is_left_out():
    assert_allclose(trimmed_ranks([[[1, 0]], [[0, 0]]]), [(0.75 + 0.5) / 2, (0.25 + 0.5) / 2])


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"have shape \(2, 2\); pass \(n_candidates, n_splits, n_"):
        trimmed_ranks(np.eye(2))
