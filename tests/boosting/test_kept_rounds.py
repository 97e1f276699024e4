"""Boosting for values goes further than the balanced pool only where held-out rows ask for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ttest_rel
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from skdomain.boosting import TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.boosting._kept_rounds import (
    fewest_within_one_error,
    first_surely_better,
    is_boosting_better,
)
from skdomain.boosting._learners import default_classifier, default_regressor
from skdomain.boosting._training import boosting_rows
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


# -- Classes ------------------------------------------------------------------------------------


def contradicted(n_target=40, share=2 / 3, seed=0):
    """The first source rows follow the second feature, all others the first."""
    rng = np.random.default_rng(seed)
    X, d = rng.normal(size=(150 + n_target, 2)), np.repeat([1, -2], [150, n_target])
    y = (X[:, 0] > 0).astype(int)
    wrong = np.arange(len(X)) < share * 150
    return X, np.where(wrong, X[:, 1] > 0, y), d


def test_boosting_by_default_is_the_balanced_pool_unless_held_out_rows_are_better():
    X, y, d = contradicted(share=0)
    alike = TrAdaBoost().fit(X, y, sample_domain=d)
    pooled = Pooled(default_classifier()).fit(X, y, sample_domain=d)
    assert (alike.n_iter_, alike.termination_) == (1, "cross-validation")
    assert_array_equal(alike.predict(X), pooled.predict(X))
    X, y, d = contradicted(n_target=100)
    model, paper = (TrAdaBoost(n_folds=n).fit(X, y, sample_domain=d) for n in ("auto", None))
    assert model.n_iter_ == paper.n_iter_ > 1
    assert_array_equal(model.predict_proba(X), paper.predict_proba(X))


def test_an_estimator_of_your_own_is_not_judged_unless_asked():
    X, y, d = contradicted(share=0)
    own, asked = TrAdaBoost(default_classifier()), TrAdaBoost(default_classifier(), n_folds=5)
    assert own.fit(X, y, sample_domain=d).n_iter_ > 1
    assert asked.fit(X, y, sample_domain=d).n_iter_ == 1


def test_held_out_errors_are_those_of_boosting_on_the_other_rows():
    X, y, d = contradicted(n_target=9)
    s = np.random.default_rng(3).uniform(0.5, 2, len(y))
    model = TrAdaBoost(n_estimators=4, n_folds=3)
    every = TrAdaBoost(n_estimators=4, n_folds=None)
    seen = []

    def errors_on(rows, held_out):
        found = TrAdaBoost._errors_of_ends(every, rows, held_out)
        kept = np.isin(X[:, 0], rows.X[:, 0])
        assert_array_equal(np.isin(X[:, 0], held_out.X[:, 0]), ~kept)
        again = clone(every).fit(X[kept], y[kept], sample_domain=d[kept], sample_weight=s[kept])
        wrong = [said != y[~kept] for said in again.staged_predict(X[~kept])]
        assert_allclose(found, [np.average(w, weights=s[~kept]) for w in (wrong[0], wrong[-1])])
        seen.append(np.flatnonzero(~kept))
        return found

    every.fit(X, y, sample_domain=d, sample_weight=s)
    rows = boosting_rows(model, X, y, d, s, None, {})
    is_boosting_better(errors_on, rows, 3)
    assert_array_equal(np.sort(np.concatenate(seen)), np.flatnonzero(d < 0))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_target", [1, 2])
def test_of_one_target_row_or_of_the_only_rows_of_a_class_the_first_round_is_kept(n_target):
    X, y, d = contradicted(n_target=n_target)
    y[d > 0], y[d < 0] = 0, np.resize([1, 0], n_target)
    model = TrAdaBoost().fit(X, y, sample_domain=d)
    assert model.n_iter_ == 1
