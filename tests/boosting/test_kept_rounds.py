"""Boosting for values goes further than the balanced pool only where held-out rows ask for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ttest_rel
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from skdomain.boosting import TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.boosting._kept_rounds import fewest_within_one_error, first_surely_better
from skdomain.boosting._learners import default_regressor
from skdomain.compose import Pooled


def domains(n_source=40, n_target=9, seed=0):
    rng = np.random.default_rng(seed)
    X, d = rng.normal(size=(n_source + n_target, 3)), np.repeat([1, -2], [n_source, n_target])
    return X, X[:, 0] + 0.3 * X[:, 1] * np.sign(d) + 0.3 * rng.normal(size=len(X)), d


def test_the_first_choice_within_one_standard_error_of_the_least_by_hand():
    """Means 5, 3, 2; of the last the folds have 1 and 3, of standard error 1: 3 is within."""
    errors = np.array([[5.0, 5.0], [3.0, 3.0], [1.0, 3.0]])
    assert fewest_within_one_error(errors) == 1
    assert fewest_within_one_error(errors - [[0], [-0.1], [0]]) == 2
    assert fewest_within_one_error(errors[:1]) == 0


def test_the_first_choice_that_is_better_beyond_chance_by_hand():
    """Gains 1, 2, 3 have mean 2 and standard error 0.577: t = 3.46 > 2.92 of 2 degrees, 5 %."""
    first = np.array([5.0, 7.0, 6.0])
    surely, perhaps = first - [1, 2, 3], first - [0, 2, 4]  # of the second, t = 1.73
    assert first_surely_better(np.array([first, perhaps, surely, first - 3])) == 2
    assert first_surely_better(np.array([first, perhaps])) == 0
    assert first_surely_better(np.array([first, perhaps]), level=0.2) == 1
    assert first_surely_better(np.array([first, first, 2 * first])) == 0


@given(st.integers(0, 2**16), st.integers(2, 6), st.integers(2, 8))
def test_what_is_taken_beats_the_first_choice_by_the_test_of_scipy(seed, n_choices, n_folds):
    errors = np.random.default_rng(seed).exponential(size=(n_choices, n_folds)).cumsum(axis=1)
    errors -= np.arange(n_choices)[:, None]
    better = [ttest_rel(errors[0], own, alternative="greater").pvalue < 0.05 for own in errors[1:]]
    assert first_surely_better(errors) == (1 + better.index(True) if any(better) else 0)


def test_two_stages_by_default_are_the_balanced_pool_or_a_later_step_that_is_better():
    X, y, d = domains(n_target=20)
    model = TwoStageTrAdaBoostR2().fit(X, y, sample_domain=d)
    pooled = Pooled(default_regressor()).fit(X, y, sample_domain=d)
    assert (model.n_iter_, len(model.step_weights_), model.best_step_) == (1, 5, 0)
    assert_allclose(model.predict(X), pooled.predict(X), rtol=1e-8)
    opposite = np.where(d > 0, -y, y)
    left = TwoStageTrAdaBoostR2().fit(X, opposite, sample_domain=d)
    assert left.best_step_ > 0
    assert left.cv_errors_[left.best_step_] < left.cv_errors_[0]


def test_rounds_by_default_are_many_for_an_estimator_of_your_own():
    X, y, d = domains(n_target=4)
    tree = DecisionTreeRegressor(max_depth=1)
    options = {"n_steps": 2, "n_folds": 2, "random_state": 0}
    model = TwoStageTrAdaBoostR2(tree, **options).fit(X, y, sample_domain=d)
    fifty = TwoStageTrAdaBoostR2(tree, n_estimators=50, **options).fit(X, y, sample_domain=d)
    assert model.n_iter_ > 1
    assert_array_equal(model.predict(X), fifty.predict(X))


@pytest.mark.parametrize("method", [TrAdaBoostR2, TwoStageTrAdaBoostR2])
def test_boosting_starts_from_the_balanced_pool(method):
    X, y, d = domains()
    model = method(Ridge(), n_estimators=2).fit(X, y, sample_domain=d)
    weights = getattr(model, "step_weights_", model.weight_history_)[0]
    assert_allclose(weights, np.where(d > 0, 1 / 80, 1 / 18), rtol=1e-12)


def test_one_round_of_r2_is_the_balanced_pool():
    X, y, d = domains()
    model = TrAdaBoostR2(Ridge(), n_estimators=1).fit(X, y, sample_domain=d)
    pooled = Pooled(Ridge()).fit(X, y, sample_domain=d)
    assert_allclose(model.predict(X), pooled.predict(X), rtol=1e-10)


def test_of_a_single_labelled_row_one_round_is_kept():
    X, y, d = domains(n_target=1)
    model = TrAdaBoostR2(Ridge(), n_estimators=5).fit(X, y, sample_domain=d)
    assert model.n_iter_ == 1


def test_rounds_that_are_kept_are_the_first_of_all_rounds():
    X, y, d = domains(n_target=20)
    every = TrAdaBoostR2(Ridge(), n_estimators=8, n_folds=None).fit(X, y, sample_domain=d)
    kept = TrAdaBoostR2(Ridge(), n_estimators=8).fit(X, y, sample_domain=d)
    assert 1 <= kept.n_iter_ <= every.n_iter_
    assert_array_equal(kept.weight_history_, every.weight_history_[: kept.n_iter_])
    assert (kept.termination_ == "cross-validation") == (kept.n_iter_ < every.n_iter_)


def test_the_step_is_the_first_that_is_surely_better_or_the_best():
    X, y, d = domains(n_target=20)
    options = {"n_estimators": 2, "n_steps": 4, "n_folds": 4}
    cautious = TwoStageTrAdaBoostR2(Ridge(), **options).fit(X, y, sample_domain=d)
    best = TwoStageTrAdaBoostR2(Ridge(), cautious=False, **options).fit(X, y, sample_domain=d)
    assert_allclose(cautious.cv_errors_, best.cv_errors_)
    assert best.best_step_ == np.argmin(best.cv_errors_)
    least = cautious.cv_errors_[cautious.best_step_]
    assert cautious.best_step_ == 0 or least < cautious.cv_errors_[0]
