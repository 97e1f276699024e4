"""Weights reach what is trained on them, through whatever passes them on, or rows are drawn."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context, get_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from skdomain._estimators import check_takes_weights, fit_weighted, takes_weights
from skdomain._estimators._inner_fit import drawn_rows

LR = LogisticRegression
PIPE = make_pipeline(StandardScaler(), LR())
GRID = {"C": [0.01, 1.0]}
PASS_ON = {
    "Pipeline": PIPE,
    "Pipeline in a Pipeline": make_pipeline(MinMaxScaler(), PIPE),
    "VotingClassifier": VotingClassifier([("lr", LR()), ("svc", SVC())]),
    "StackingClassifier": StackingClassifier([("lr", LR()), ("svc", SVC())]),
    "GridSearchCV": GridSearchCV(LR(), GRID),
    "GridSearchCV of names": GridSearchCV(LR(), GRID, scoring=["accuracy", "f1"], refit="f1"),
    "GridSearchCV of a Pipeline": GridSearchCV(PIPE, {"logisticregression": [LR(C=0.1), SVC()]}),
    "OneVsRestClassifier": OneVsRestClassifier(LR()),
    "OneVsOneClassifier": OneVsOneClassifier(PIPE),
    "TransformedTargetRegressor": TransformedTargetRegressor(Ridge()),
}
TAKE_NONE = {
    "KNeighborsClassifier": KNeighborsClassifier(),
    "Pipeline": make_pipeline(StandardScaler(), KNeighborsClassifier()),
    "VotingClassifier": VotingClassifier([("lr", LR()), ("knn", KNeighborsClassifier())]),
    "GridSearchCV": GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}),
}

each = pytest.mark.parametrize("model", PASS_ON.values(), ids=PASS_ON)
routed = pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=120) > 0.5).astype(int)
    return X, y, rng.uniform(0, 3, size=120) * (X[:, 1] > 0) + 1e-3


# -- Passing on ---------------------------------------------------------------------------------


@routed
@each
def test_equal_weights_change_nothing_and_others_do(model, routing, rows):
    X, y, w = rows
    with config_context(enable_metadata_routing=routing):
        assert takes_weights(model)
        plain = clone(model).fit(X, y).predict(X)
        equal = fit_weighted(clone(model), X, y, np.ones(len(y))).predict(X)
        weighted = fit_weighted(clone(model), X, y, w).predict(X)
    assert_array_equal(equal, plain)
    assert np.mean(weighted != plain) > 0.01


@routed
def test_a_pipeline_hands_weights_to_its_last_step_alone(routing, rows):
    X, y, w = rows
    with config_context(enable_metadata_routing=routing):
        model = fit_weighted(clone(PIPE), X, y, w)
    expected = clone(PIPE).fit(X, y, logisticregression__sample_weight=w)
    assert_array_equal(model[-1].coef_, expected[-1].coef_)
    assert_array_equal(model[0].mean_, X.mean(axis=0))


def test_a_vote_and_a_regressor_of_transformed_values_are_scikit_learns_own(rows):
    X, y, w = rows
    for name in ("VotingClassifier", "StackingClassifier", "TransformedTargetRegressor"):
        expected = clone(PASS_ON[name]).fit(X, y, sample_weight=w)
        model = fit_weighted(clone(PASS_ON[name]), X, y, w)
        assert_array_equal(model.predict(X), expected.predict(X))


@pytest.mark.parametrize("scoring", [None, "accuracy"])
def test_a_search_weighs_its_scores(scoring, rows):
    X, y, w = rows
    split = [(np.arange(80), np.arange(80, 120))]
    search = GridSearchCV(LR(), {"C": [1.0]}, scoring=scoring, cv=split)
    found = fit_weighted(clone(search), X, y, w).cv_results_["mean_test_score"][0]
    model = LR().fit(X[:80], y[:80], sample_weight=w[:80])
    expected = accuracy_score(y[80:], model.predict(X[80:]), sample_weight=w[80:])
    assert found == pytest.approx(expected, rel=1e-14)


def test_what_was_asked_for_stays_as_it_was(rows):
    X, y, w = rows
    with config_context(enable_metadata_routing=True):
        deaf = make_pipeline(StandardScaler(), LR().set_fit_request(sample_weight=False))
        scaled = make_pipeline(StandardScaler().set_fit_request(sample_weight=True), LR())
        assert not takes_weights(deaf)
        model = fit_weighted(clone(scaled), X, y, w)
    np.testing.assert_allclose(model[0].mean_, np.average(X, axis=0, weights=w), atol=1e-12)


def test_neither_the_settings_nor_the_estimator_given_are_changed(rows):
    X, y, w = rows
    model, before = clone(PIPE), get_config()
    takes_weights(model)
    fit_weighted(clone(model), X, y, w)
    assert get_config() == before
    with config_context(enable_metadata_routing=True):
        assert model[-1].get_metadata_routing().fit.requests == {"sample_weight": None}


class Noting(ClassifierMixin, BaseEstimator):
    """Keeps what it is fitted with."""

    def fit(self, X, y, sample_weight=None, note=None):
        """Keep all."""
        self.classes_ = np.unique(y)
        self.got_ = SimpleNamespace(X=X, y=y, sample_weight=sample_weight, note=note)
        return self

    def predict(self, X):
        """Predict the first class."""
        return np.full(len(X), self.classes_[0])


@routed
def test_further_parameters_come_with_the_weights(routing, rows):
    X, y, w = rows
    with config_context(enable_metadata_routing=True):
        asking = Noting().set_fit_request(note=True)
    with config_context(enable_metadata_routing=routing):
        name = "note" if routing else "noting__note"
        pipe = make_pipeline(StandardScaler(), asking if routing else Noting())
        for model, key in ((pipe, name), (Noting(), "note")):
            fitted = fit_weighted(clone(model), X, y, w, {key: y})
            got = (fitted if model is not pipe else fitted[-1]).got_
            assert_array_equal(got.sample_weight, w)
            assert_array_equal(got.note, y)


# -- Drawing rows -------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(any), st.integers(0, 99))
def test_each_row_comes_as_often_as_its_weight_says_up_to_rounding(weights, seed):
    weights = np.array(weights)
    rows = drawn_rows(weights, np.random.RandomState(seed))
    counts = np.bincount(rows, minlength=len(weights))
    assert len(rows) == len(weights)
    assert np.all(np.abs(counts - weights / weights.sum() * len(weights)) < 1 + 1e-9)
    assert not counts[weights == 0].any()


def test_rows_come_in_proportion_to_their_weights_on_average():
    weights = np.array([0.2, 0.0, 1.3, 2.5])
    draws = [drawn_rows(weights, np.random.RandomState(seed)) for seed in range(2000)]
    means = np.bincount(np.concatenate(draws), minlength=4) / len(draws)
    np.testing.assert_allclose(means, weights, atol=0.05)


def test_rows_of_equal_weight_come_once_each():
    for seed in range(50):
        rows = drawn_rows(np.full(31, 0.1), np.random.RandomState(seed))
        assert_array_equal(rows, np.arange(31))


def test_rows_are_drawn_only_for_what_takes_no_weights(rows):
    X, y, w = rows
    draw = np.random.RandomState(0)
    knn = fit_weighted(KNeighborsClassifier(), X, y, w, draw=draw)
    drawn = drawn_rows(w, np.random.RandomState(0))
    assert_array_equal(knn.predict(X), KNeighborsClassifier().fit(X[drawn], y[drawn]).predict(X))
    state = draw.get_state()[1].copy()
    fit_weighted(LR(), X, y, w, draw=draw)
    assert_array_equal(draw.get_state()[1], state)


# -- Refusing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [LR(), RandomForestClassifier(), PIPE], ids=str)
def test_estimators_that_take_weights_are_let_through(model):
    assert check_takes_weights(SimpleNamespace(resample=False), model, "any") is None


@pytest.mark.parametrize("model", TAKE_NONE.values(), ids=TAKE_NONE)
def test_estimators_that_take_no_weights_are_named_with_what_to_do(model):
    text = (
        rf"^SimpleNamespace trains on weighted rows, but {type(model).__name__}.fit takes no "
        r"sample_weight; wrap an estimator that does, such as SVC\(\), or a pipeline, a vote or a "
        "search over such; or set resample=True"
    )
    with pytest.raises(ValueError, match=text):
        check_takes_weights(SimpleNamespace(resample=False), model, "SVC()")
    assert check_takes_weights(SimpleNamespace(resample=True), model, "SVC()") is None
