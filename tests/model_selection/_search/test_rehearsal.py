"""Rehearsals are made of source rows alone, in the proportions and with the moments asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.label_shift import finite_numbers
from skdomain.metrics import resampled_discrepancies
from skdomain.model_selection._search._guard_tests import (
    allowed,
    bonferroni,
    chosen,
    closer_pvalues,
    ranks_above,
    what_is_lacking,
)
from skdomain.model_selection._search._rehearsal import (
    halves,
    in_proportions,
    moments_of,
    rehearsals,
    rehearsed_accuracy,
)

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed=0, n_target=30):
    """Rows, labels hidden on the target, domains, and the sides as they are."""
    rng = np.random.default_rng(seed)
    d = np.repeat([1, -2], [40, n_target])
    X, y = rng.normal(size=(len(d), 3)), np.resize([0, 1, 1, 2], len(d))
    X[:, 0] += 8 * y
    hidden = np.where(d > 0, y, None)
    return X, hidden, d, (X[d > 0], y[d > 0], X[d < 0])


@given(SEEDS)
def test_halves_hold_half_of_each_class(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, 25)
    first = halves(y, rng)
    for label in np.unique(y):
        assert first[y == label].sum() == (1 + (y == label).sum()) // 2


@given(SEEDS)
def test_rows_are_drawn_in_the_proportions_and_as_few_twice_as_can_be(seed):
    rng = np.random.default_rng(seed)
    y, shares = rng.permutation(np.repeat([0, 1, 2], [5, 9, 30])), rng.dirichlet([1, 1, 1])
    rows = in_proportions(y, ([0, 1, 2], shares), 40, rng)
    counts = np.bincount(y[rows], minlength=3)
    assert_array_equal(counts, np.round(40 * shares).astype(int))
    times = np.bincount(rows, minlength=len(y))
    for label in range(3):
        assert np.ptp(times[y == label]) <= 1


@given(SEEDS)
def test_moved_features_have_the_moments_of_the_target(seed):
    rng = np.random.default_rng(seed)
    rows, wanted = rng.normal(size=(9, 3)), rng.normal(3, 5, size=(7, 3))
    moved = moments_of(rows, wanted)
    assert_allclose(moved.mean(axis=0), wanted.mean(axis=0), atol=1e-9)
    assert_allclose(moved.std(axis=0), wanted.std(axis=0))
    assert_array_equal(moments_of(np.ones((4, 3)), wanted), np.tile(wanted.mean(axis=0), (4, 1)))


def test_of_the_target_no_row_and_no_label_is_rehearsed():
    X, hidden, d, sides = problem()
    kinds = rehearsals(X, hidden, d, sides)
    assert [len(kind) for kind in kinds] == [2, 2]
    for one in [rehearsal for kind in kinds for rehearsal in kind]:
        target = one.domains < 0
        assert all(label is None for label in one.hidden[target])
        assert len(one.truth) == target.sum()
        assert not (one.X[:, None] == X[d < 0]).all(axis=2).any()
    for one, other in zip(kinds[0], kinds[0][::-1], strict=True):
        assert (one.X[:, None] == X[d > 0]).all(axis=2).any(axis=1).all()
        assert_array_equal(one.X[one.domains < 0], other.X[other.domains > 0])
    for one in kinds[1]:
        assert abs(np.count_nonzero(one.domains < 0) - 30) <= 3
        assert_allclose(one.X[one.domains < 0].mean(axis=0), X[d < 0].mean(axis=0))


def test_the_labels_of_the_target_are_not_read():
    X, hidden, d, sides = problem()
    other = hidden.copy()
    other[d < 0] = "?"
    for one, same in zip(
        rehearsals(X, hidden, d, sides), rehearsals(X, other, d, sides), strict=True
    ):
        for a, b in zip(one, same, strict=True):
            assert_array_equal(a.X, b.X)
            assert_array_equal(a.truth, b.truth)


def test_classes_apart_are_told_where_nothing_differs():
    X, hidden, d, sides = problem()
    alike, *_ = rehearsals(X, hidden, d, sides)
    model = SourceOnly(LogisticRegression())
    assert rehearsed_accuracy(model, alike) == 1


def test_features_of_sparse_rows_and_texts_are_not_moved():
    X, hidden, d, (Xs, ys, Xt) = problem()
    sides = sparse.csr_array(Xs), ys, sparse.csr_array(Xt)
    assert [len(kind) for kind in rehearsals(sparse.csr_array(X), hidden, d, sides)] == [2]
    assert finite_numbers(np.array(["a", "b"])) is None
    assert finite_numbers(np.array([[np.nan]])) is None


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ([0, -0.01], True),
        ([-0.01, 0.5], True),
        ([0.5, -0.011], False),
        ([-0.011, 0.5], False),
        ([0, np.nan], False),
        ([np.nan, np.nan], False),
    ],
)
def test_no_rehearsal_may_harm(gains, expected):
    assert allowed(np.array([gains])).item() == expected
    gains = np.array([[0.0, 0], gains])
    assert chosen(np.array([0.4, 0.6]), gains) == expected


def test_the_baseline_is_no_candidate_and_the_highest_rank_wins():
    assert chosen(np.array([0.9, 0.6, 0.7]), np.zeros((3, 1))) == 2
    assert chosen(np.array([0.9]), np.zeros((1, 2))) == 0


@given(SEEDS)
def test_what_says_the_same_is_no_closer_and_distances_count_alone(seed):
    rng = np.random.default_rng(seed)
    Xs, y, Xt = rng.normal(size=(20, 2)), np.resize([0, 1], 20), rng.normal(4, size=(15, 2))
    near = Xs, y, Xs[:15]
    found = closer_pvalues({0: [(Xs, y, Xt)], 2: [(Xs, y, Xt)], 3: [near]}, 4, 20)
    assert np.isnan(found[:2]).all()
    assert found[2] == 0.5
    assert found[3] < found[2]
    assert_array_equal(bonferroni(found), np.minimum(1, 2 * found))


def test_several_splits_have_the_mean_of_their_gains_and_of_their_spreads():
    rng = np.random.default_rng(0)
    y, n = np.resize([0, 1], 30), 30
    far, near = (
        [(rng.normal(size=(n, 2)) + y[:, None], y, rng.normal(c, size=(20, 2))) for _ in range(3)]
        for c in (0.9, 0.8)
    )
    options = {"n_bootstrap": n, "random_state": 0}
    drawn = [[resampled_discrepancies(*side, **options) for side in sides] for sides in (far, near)]
    gains = [one - other for one, other in zip(*drawn, strict=True)]
    z = np.mean([gain.mean() for gain in gains]) / np.mean([gain.std() for gain in gains])
    assert_allclose(closer_pvalues({0: far, 1: near}, 2, n)[1], norm.sf(z))


@pytest.mark.parametrize(
    ("closer", "gain", "text"),
    [
        (np.nan, [np.nan] * 2, "no candidate ranks above the baseline on every split"),
        (0.05, [np.nan] * 2, "none that ranks above the baseline brings it closer"),
        (0.04, [np.nan, 0.1], "what brings it closer to one fails in rehearsals"),
        (0.04, [-0.3, 0.2], "closer to one loses 30.0 points in a rehearsal"),
    ],
)
def test_what_is_lacking_is_said(closer, gain, text):
    gains = np.array([[0.0, 0], gain])
    assert text in what_is_lacking(np.array([np.nan, closer]), gains, 0.05)


def test_one_split_on_which_a_candidate_does_not_rank_above_the_baseline_is_enough():
    ranks = [[0.4, 0.6, 0.7, np.nan], [0.5, 0.6, 0.8, 0.9], [0.5, 0.5, 0.6, 0.9]]
    assert_array_equal(ranks_above(ranks), [False, False, True, False])
