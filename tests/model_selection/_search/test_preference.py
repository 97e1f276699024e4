"""Who may replace the baseline of a search by ranks: agreement of the criteria, then a match."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.model_selection._expected._unseen import Unseen
from skdomain.model_selection._search._guard_tests import closer_pvalues
from skdomain.model_selection._search._preference import _spaced, match_pvalues, preferred
from skdomain.model_selection._search._views import class_log_odds

N_SOURCE, N_TARGET = 40, 30
HIDDEN = np.append(np.arange(N_SOURCE) % 2, [None] * N_TARGET).astype(object)


def says(seed, moved, n_splits=2):
    """Posteriors of a model on each split; the target lies elsewhere by so much."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(n_splits):
        rows = np.sort(rng.permutation(N_SOURCE)[: N_SOURCE // 2])
        odds = 2.0 * HIDDEN[rows].astype(float) - 1 + rng.normal(size=len(rows))
        target = 2.0 * (np.arange(N_TARGET) % 2) - 1 + rng.normal(size=N_TARGET) + moved
        P, Q = (
            np.column_stack([1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))]) for z in (odds, target)
        )
        found.append(Unseen(rows, P, P.argmax(axis=1), Q, Q.argmax(axis=1)))
    return found


def table(ranks, pvalues, n_criteria=9):
    """Of a search: ranks in all and on each of two splits."""
    names = ["trimmed_rank", "split0_trimmed_rank", "split1_trimmed_rank"]
    criteria = {f"mean_test_{k}": np.zeros(len(pvalues)) for k in range(n_criteria)}
    ranks = {name: np.array(one) for name, one in zip(names, ranks, strict=True)}
    return criteria | ranks | {"better_pvalue": np.array([np.nan, *pvalues[1:]])}


BASE, FAR, NEAR = says(0, 4), says(1, 4.1), says(2, 0)


def test_who_says_what_a_mixture_of_the_classes_would_is_a_match_and_who_does_not_is_none():
    found = match_pvalues(np.array([False, True, True, False]), [BASE, FAR, NEAR, NEAR], HIDDEN)
    assert np.isnan(found[[0, 3]]).all()
    assert found[2] < 0.01 < found[1]
    assert match_pvalues(np.array([False, True]), [NEAR, BASE], HIDDEN)[1] > 0.99


def test_the_pvalue_is_bonferronis_of_that_of_the_log_odds():
    def side(one):
        labels = HIDDEN[one.rows].astype(int)
        return class_log_odds(one.posteriors), labels, class_log_odds(one.target_posteriors)

    sides = [list(map(side, each)) for each in (BASE, FAR, NEAR)]
    expected = 2 * closer_pvalues(dict(enumerate(sides)), 3, 50)
    found = match_pvalues(np.array([False, True, True]), [BASE, FAR, NEAR], HIDDEN)
    assert_allclose(found, np.minimum(expected, 1))


@pytest.mark.parametrize("sure", [0, 1])
def test_who_is_sure_of_every_row_or_has_no_answer_is_no_match(sure):
    certain = [one._replace(posteriors=one.posteriors.round()) for one in says(2, 0)]
    for silent in (certain, [None, says(2, 0)[1]]):
        answers = [silent if k == sure else [BASE, NEAR][k] for k in range(2)]
        assert np.isnan(match_pvalues(np.array([False, True]), answers, HIDDEN)).all()


def test_who_passes_either_test_may_replace_the_baseline():
    answers = [BASE, FAR, NEAR, FAR]
    allowed, matched = preferred(
        table([[0.1, 0.5, 0.6, 0.9]] * 3, [1, 0.04, 0.2, 0.06]), answers, HIDDEN, 0.05
    )
    assert_array_equal(allowed, [False, True, True, False])
    assert matched[2] < 0.05 < min(matched[1], matched[3])


def test_of_many_rows_some_are_compared_the_first_and_the_last_among_them():
    rows = _spaced(np.zeros(1001))
    assert (len(rows), rows[0], rows[-1]) == (300, 0, 1000)
    assert_array_equal(_spaced(np.zeros(300)), np.arange(300))


def test_a_match_counts_only_of_who_ranks_above_the_baseline_on_every_split():
    answers = [BASE, NEAR, NEAR]
    ranks = [[0.4, 0.6, 0.6], [0.4, 0.6, 0.6], [0.4, 0.6, 0.4]]
    allowed, matched = preferred(table(ranks, [1, 0.2, 0.2]), answers, HIDDEN, 0.05)
    assert_array_equal(allowed, [False, True, False])
    assert np.isnan(matched[[0, 2]]).all()
    assert matched[1] < 0.05


def test_of_few_criteria_all_have_to_agree():
    ranks, answers = [[0.5, 0.5]] * 3, [BASE, BASE]
    for n_criteria, allowed in ((4, True), (5, False)):
        found = preferred(table(ranks, [1, 0.0625], n_criteria), answers, HIDDEN, 0.05)
        assert found[0][1] == allowed
