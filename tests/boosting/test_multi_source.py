"""MultiSourceTrAdaBoost: the best source of each round, the weights, the vote of all rounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.tree import DecisionTreeClassifier

from skdomain import NoTargetWarning
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost

STUMP = DecisionTreeClassifier(max_depth=1)


class Scripted(ClassifierMixin, BaseEstimator):
    """Its t-th fit predicts column t of X."""

    fits = 0

    def fit(self, X, y, sample_weight):
        self.classes_, self.column_ = np.unique(y), type(self).fits
        self.X_, self.weight_ = X, sample_weight
        type(self).fits += 1
        return self

    def predict(self, X):
        return X[:, self.column_].astype(int)


def several_domains(seed=0, n=40):
    """Source 1 with labels at random, source 4 like the target, source 9 with labels swapped."""
    rng = np.random.default_rng(seed)
    d = np.repeat([1, 4, 9, -2], [n, n, n, n // 2])
    X = rng.normal(size=(len(d), 3))
    y = (X[:, 0] + 0.5 * rng.normal(size=len(d)) > 0).astype(int)
    y[d == 1] = rng.integers(2, size=n)
    y[d == 9] = 1 - y[d == 9]
    order = rng.permutation(len(d))
    return X[order], y[order], d[order]


@pytest.fixture
def worked(monkeypatch):
    """Rows 1 and 2 are of source 3, rows 3 and 4 of source 7, rows 5 to 8 of the target."""
    monkeypatch.setattr(Scripted, "fits", 0)
    d, y = np.array([3, 3, 7, 7, -2, -2, -2, -2]), np.arange(8) % 2
    wrong = [
        [0, 0, 0, 0, 1, 1, 0, 0],  # round 1, source 3: eps = 1/2
        [1, 0, 1, 0, 1, 0, 0, 0],  # round 1, source 7: eps = 1/4
        [0, 0, 1, 0, 0, 1, 0, 0],  # round 2, source 3: eps = 1/6
        [0, 0, 0, 0, 1, 0, 0, 0],  # round 2, source 7: eps = 1/2
    ]
    X = y[:, None] ^ np.array(wrong).T
    return (
        MultiSourceTrAdaBoost(Scripted(), pool=False, n_estimators=2).fit(X, y, sample_domain=d),
        X,
        d,
    )


def test_two_rounds_worked_by_hand(worked):
    """beta = 1 / (1 + sqrt(2 ln 4 / 2)) = 1 / 2.177410 = 0.459261, of the four source rows.

    Round 1 takes source 7: eps = 1/4, so its target row 5 triples, and rows 1 and 3, of either
    source, are discounted. Round 2 takes source 3: eps = (1/4) / (3/4 + 3/4) = 1/6.
    """
    model, _, _ = worked
    beta = 0.4592612
    second = np.array([beta, 1, beta, 1, 3, 1, 1, 1])
    assert_array_equal(model.source_of_round_, [7, 3])
    assert_allclose(model.estimator_errors_, [1 / 4, 1 / 6])
    assert_allclose(model.estimator_weights_, [np.log(3) / 2, np.log(5) / 2])
    assert_allclose(model.weight_history_, [np.full(8, 1 / 8), second / second.sum()], rtol=1e-6)
    assert (model.termination_, model.n_iter_) == ("n_estimators", 2)


def test_learners_train_on_their_source_and_the_target(worked):
    model, X, d = worked
    for learner, name, p in zip(model.estimators_, [7, 3], model.weight_history_, strict=True):
        own = (d == name) | (d < 0)
        assert_array_equal(learner.X_, X[own])
        assert_allclose(learner.weight_, 6 * p[own] / p[own].sum(), rtol=1e-6)


def test_all_rounds_vote(worked):
    """The learners read columns 1 and 2; their votes are ln(3)/2 and ln(5)/2."""
    model, _, _ = worked
    rows = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0]])
    share = np.array([np.log(3) / np.log(15), np.log(5) / np.log(15), 0, 1])
    assert_allclose(model.predict_proba(rows)[:, 1], share, atol=1e-11)
    assert_array_equal(model.predict(rows), [0, 1, 0, 1])
    assert_array_equal(list(model.staged_predict(rows)), [[1, 0, 0, 1], [0, 1, 0, 1]])


@given(seed=st.integers(0, 2**16))
def test_one_source_differs_from_tradaboost_by_the_vote_alone(seed):
    X, y, d = several_domains(seed)
    d = np.sign(d)
    single = TrAdaBoost(STUMP, n_estimators=5, random_state=0).fit(X, y, sample_domain=d)
    several = MultiSourceTrAdaBoost(STUMP, pool=False, n_estimators=5, random_state=0)
    several.fit(X, y, sample_domain=d)
    assert_array_equal(several.weight_history_, single.weight_history_)
    assert_array_equal(several.estimator_errors_, single.estimator_errors_)
    assert_array_equal(several.estimator_weights_, single.estimator_weights_ / 2)
    assert several.termination_ == single.termination_
    assert_array_equal(np.unique(several.source_of_round_), [1])


@given(seed=st.integers(0, 2**16))
def test_the_bound_of_adaboost_holds_on_the_target(seed):
    """All rounds vote, so the error on the target is at most prod_t 2 sqrt(eps_t (1 - eps_t))."""
    X, y, d = several_domains(seed)
    model = MultiSourceTrAdaBoost(STUMP, pool=False, n_estimators=6, random_state=0)
    model.fit(X, y, sample_domain=d)
    errors = model.estimator_errors_
    missed = np.mean(model.predict(X)[d < 0] != y[d < 0])
    assert missed <= np.prod(2 * np.sqrt(errors * (1 - errors))) + 1e-12


def test_a_swapped_source_loses_its_weight_and_is_hardly_used():
    X, y, d = several_domains(n=100)
    model = MultiSourceTrAdaBoost(STUMP, pool=False, n_estimators=10, random_state=0)
    model.fit(X, y, sample_domain=d)
    assert model.source_of_round_[0] == 4
    shares = [model.weight_history_[-1][d == name].sum() for name in (4, 1, 9)]
    assert shares == sorted(shares, reverse=True)


def test_of_equal_errors_the_smaller_on_the_own_rows_is_taken(monkeypatch):
    monkeypatch.setattr(Scripted, "fits", 0)
    d, y = np.array([3, 3, 7, 7, -2, -2, -2, -2]), np.arange(8) % 2
    wrong = np.array([[1, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0]])
    X = y[:, None] ^ wrong.T
    model = MultiSourceTrAdaBoost(Scripted(), pool=False, n_estimators=1).fit(X, y, sample_domain=d)
    assert_array_equal(model.source_of_round_, [7])


def test_where_they_tie_the_learner_of_all_sources_is_taken(monkeypatch):
    """Of the three candidates, the third is of all rows: eps is 1/4 of each."""
    monkeypatch.setattr(Scripted, "fits", 0)
    d, y = np.array([3, 3, 7, 7, -2, -2, -2, -2]), np.arange(8) % 2
    wrong = np.array([[0, 0, 0, 0, 1, 0, 0, 0], [0] * 5 + [1, 0, 0], [1, 1, 1, 0, 0, 0, 1, 0]])
    X = y[:, None] ^ wrong.T
    model = MultiSourceTrAdaBoost(Scripted(), n_estimators=1).fit(X, y, sample_domain=d)
    assert_array_equal(model.source_of_round_, [0])
    assert_array_equal(model.estimators_[0].X_, X)


def test_a_source_that_errs_less_than_all_together_is_taken(monkeypatch):
    monkeypatch.setattr(Scripted, "fits", 0)
    d, y = np.array([3, 3, 7, 7, -2, -2, -2, -2]), np.arange(8) % 2
    wrong = np.array([[0, 0, 0, 0, 1, 1, 0, 0], [0] * 5 + [1, 0, 0], [0, 0, 0, 0, 1, 0, 1, 0]])
    X = y[:, None] ^ wrong.T
    model = MultiSourceTrAdaBoost(Scripted(), n_estimators=1).fit(X, y, sample_domain=d)
    assert_array_equal(model.source_of_round_, [7])


def test_one_source_is_not_asked_twice():
    X, y, d = several_domains()
    boosted = MultiSourceTrAdaBoost(STUMP, n_estimators=3).fit(X, y, sample_domain=np.sign(d))
    alone = TrAdaBoost(STUMP, n_estimators=3).fit(X, y, sample_domain=np.sign(d))
    assert_array_equal(boosted.weight_history_, alone.weight_history_)


def test_without_a_target_all_rows_are_boosted_as_one():
    X, y, d = several_domains()
    several = MultiSourceTrAdaBoost(STUMP, pool=False, n_estimators=4, random_state=0)
    with pytest.warns(NoTargetWarning):
        several.fit(X, y, sample_domain=abs(d))
    with pytest.warns(NoTargetWarning):
        single = TrAdaBoost(STUMP, n_estimators=4, random_state=0).fit(X, y)
    assert_array_equal(several.predict_proba(X), single.predict_proba(X))
    assert_array_equal(several.source_of_round_, np.zeros(several.n_iter_))
