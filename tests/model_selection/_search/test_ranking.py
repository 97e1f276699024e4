"""Trimmed mean ranks: what cannot change them, and how far one criterion can."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import rankdata, trim_mean, wilcoxon

from skdomain.model_selection import trimmed_ranks
from skdomain.model_selection._search._ranking import (
    better_pvalues,
    mean_ranks,
    prefers,
    signed_rank_pvalue,
)

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


@given(SEEDS, st.integers(1, 9))
def test_without_ties_the_pvalue_is_that_of_wilcoxons_exact_test(seed, n):
    rng = np.random.default_rng(seed)
    d = rng.permutation(np.arange(1, n + 1)) * rng.choice([-1, 1], n)
    expected = wilcoxon(d, alternative="greater", method="exact").pvalue
    assert_allclose(signed_rank_pvalue(d / 7), expected, rtol=1e-12)


@given(SEEDS)
def test_under_chance_signs_the_level_is_kept_whatever_the_ties(seed):
    """P(p <= a) <= a over all signs of the same differences, for every a."""
    rng = np.random.default_rng(seed)
    d = rng.integers(0, 4, rng.integers(1, 7)) / 3
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(d))).reshape(len(d), -1).T
    p = np.array([signed_rank_pvalue(one) for one in signs * d])
    assert all(np.mean(p <= a) <= a + 1e-12 for a in p)


@given(SEEDS)
def test_criteria_in_another_order_and_increasing_transformations_change_no_pvalue(seed):
    values, rng = drawn(seed)
    other = np.exp(2 * values)[:, :, rng.permutation(values.shape[2])]
    assert_allclose(better_pvalues(other), better_pvalues(values))


def test_the_pvalue_is_small_where_all_prefer_the_candidate_and_not_where_all_prefer_the_baseline():
    values = np.broadcast_to(np.array([1.0, 2, 0])[:, None, None], (3, 2, 9))
    assert_allclose(better_pvalues(values), [np.nan, 2.0**-9, 1])


@given(SEEDS)
def test_one_criterion_decides_no_more_than_a_vote(seed):
    """Of nine that all prefer a candidate one may say what it will; p stays below .05."""
    values, rng = drawn(seed, 9)
    values = np.concatenate([values[:1], values[:1] + 1])
    values[:, :, rng.integers(9)] = rng.random(values.shape[:2])
    assert better_pvalues(values)[1] <= 0.05


def test_who_cannot_win_has_no_pvalue_and_a_copy_that_of_its_like():
    values = np.random.default_rng(0).random((4, 2, 5))
    values[2] = values[1]
    values[3, 0, 0] = np.nan
    found = better_pvalues(values)
    assert np.isnan(found[[0, 3]]).all()
    assert found[1] == found[2] == better_pvalues(values[:2])[1]
    assert np.isnan(mean_ranks(values)[3]).all()


def test_of_few_criteria_all_have_to_prefer_a_candidate():
    assert_array_equal(prefers(np.array([np.nan, 0.05, 0.06]), 9, 0.05), [False, True, False])
    assert_array_equal(prefers(np.array([np.nan, 0.0625, 0.125]), 4, 0.05), [False, True, False])
    assert prefers(np.array([1.0]), 9, 1.0).all()
