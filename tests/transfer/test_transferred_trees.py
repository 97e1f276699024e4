"""Transferred trees and forests as estimators: who is read, who votes, and what is left alone."""

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdomain import NoTargetWarning
from skdomain.transfer import (
    TransEMDT,
    TransferForestClassifier,
    TransferForestRegressor,
    TransferTreeClassifier,
    TransferTreeRegressor,
)

FORESTS = {
    "classes": (TransferForestClassifier, RandomForestClassifier(6, random_state=0)),
    "values": (TransferForestRegressor, RandomForestRegressor(6, random_state=0)),
}
ALL = {
    **FORESTS,
    "class": (TransferTreeClassifier, DecisionTreeClassifier(random_state=0)),
    "value": (TransferTreeRegressor, DecisionTreeRegressor(random_state=0)),
}


def said(model, X):
    return getattr(model, "predict_proba", model.predict)(X)


@pytest.fixture(scope="module")
def problem(make_domains):
    return make_domains(80, 30, n_classes=3)


@pytest.mark.parametrize("kind", ALL)
def test_a_pickled_model_does_without_the_source_rows(kind, problem):
    """Source-free: as with the source rows, where its model is trained alike."""
    (X, y, d), (cls, source) = problem, ALL[kind]
    own = d > 0
    order = np.lexsort((y[own], *X[own].astype(np.float32).T[::-1]))
    sent = pickle.dumps(clone(source).fit(X[own][order], y[own][order]))
    free = cls(FrozenEstimator(pickle.loads(sent)), random_state=5).fit(X[~own], y[~own])
    assert_array_equal(said(free.source_estimator_, X), said(pickle.loads(sent), X))
    with_rows = cls(FrozenEstimator(pickle.loads(sent)), random_state=5).fit(X, y, sample_domain=d)
    assert_array_equal(said(with_rows, X), said(free, X))
    assert_array_equal(said(pickle.loads(pickle.dumps(free)), X), said(free, X))


@pytest.mark.parametrize("kind", ALL)
def test_nothing_of_source_rows_is_read_where_their_model_is_fitted(kind, problem):
    (X, y, d), (cls, source) = problem, ALL[kind]
    model = cls(FrozenEstimator(source.fit(X[d > 0], y[d > 0])), random_state=5)
    told = said(model.fit(X, y, sample_domain=d), X)
    hidden = np.where(d > 0, np.nan, y)
    assert_array_equal(said(model.fit(X, hidden, sample_domain=d), X), told)


@pytest.mark.parametrize("kind", FORESTS)
@pytest.mark.parametrize("method", ["relabel", "ser", "strut"])
def test_a_forest_is_the_mean_of_its_trees(kind, method, problem):
    (X, y, d), (cls, source) = problem, FORESTS[kind]
    if method == "strut" and kind == "values":
        pytest.skip("STRUT is of classes")
    model = cls(source, method=method, random_state=0).fit(X, y, sample_domain=d)
    rows = X.astype(np.float32)
    each = [tree.value[tree.apply(rows)] for tree in model.trees_]
    assert len(each) == 6
    assert_allclose(said(model, X).reshape(len(X), -1), np.mean(each, axis=0), atol=1e-14)


def test_mix_is_the_vote_of_both_forests(problem):
    X, y, d = problem
    source = RandomForestClassifier(6, max_features=None, random_state=0).fit(X[d > 0], y[d > 0])
    shares = {
        method: TransferForestClassifier(FrozenEstimator(source), method=method, random_state=0)
        .fit(X, y, sample_domain=d)
        .predict_proba(X)
        for method in ("ser", "strut", "mix")
    }
    assert_allclose(shares["mix"], (shares["ser"] + shares["strut"]) / 2, atol=1e-14)
    assert np.any(shares["ser"] != shares["strut"])


@pytest.mark.parametrize("cls", [TransferTreeClassifier, TransferForestClassifier])
@pytest.mark.parametrize("method", ["relabel", "ser", "strut"])
def test_a_class_of_the_source_alone_and_one_of_the_target_alone(cls, method):
    """The first is in the way of nobody; the second is learnt."""
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(90, 2)), rng.normal(size=(40, 2))
    ys, yt = (
        np.array(["a", "b", "c"])[np.digitize(Xs[:, 0], [-0.5, 0.5])],
        np.where(Xt[:, 0] > 0, "d", "b"),
    )
    model = cls(method=method, unreached="prune", random_state=0)
    model.fit(np.vstack([Xs, Xt]), np.r_[ys, yt], sample_domain=np.repeat([1, -1], [90, 40]))
    assert_array_equal(model.classes_, ["a", "b", "c", "d"])
    assert model.predict_proba(Xt).shape == (40, 4)
    assert_allclose(model.predict_proba(Xt).sum(axis=1), 1)
    assert np.mean(model.predict(Xt) == yt) > 0.8
    if method != "relabel":
        assert_array_equal(np.unique(model.predict(Xs)), ["b", "d"])


@pytest.mark.parametrize("kind", ALL)
def test_a_weight_of_two_in_the_target_is_a_row_that_comes_twice(kind, problem):
    (X, y, d), (cls, source) = problem, ALL[kind]
    rng, X = np.random.default_rng(0), X[d < 0]
    y, weights = rng.integers(3, size=len(X)), rng.integers(0, 3, len(X))
    source = clone(source).set_params(max_depth=2).fit(X, y)
    model = cls(FrozenEstimator(source), method="relabel")
    weighted = said(model.fit(X, y, sample_weight=weights), X)
    repeated = said(model.fit(X.repeat(weights, 0), y.repeat(weights)), X)
    assert_allclose(weighted, repeated, atol=1e-12)
    assert np.any(weighted != said(model.fit(X, y), X))


def test_a_frozen_tree_is_searched_over(problem):
    X, y, d = problem
    tree = FrozenEstimator(DecisionTreeClassifier(random_state=0).fit(X[d > 0], y[d > 0]))
    grid = GridSearchCV(TransferTreeClassifier(tree), {"method": ["relabel", "ser", "strut"]}, cv=2)
    assert grid.fit(X[d < 0], y[d < 0]).best_score_ > 0.5
    scores = cross_val_score(TransferTreeClassifier(tree, random_state=0), X[d < 0], y[d < 0], cv=2)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("cls", [TransferTreeClassifier, TransEMDT])
def test_a_fitted_model_of_other_columns_is_refused(cls, problem):
    X, y, _ = problem
    tree = DecisionTreeClassifier().fit(X[:, :3], y)
    with pytest.raises(
        ValueError, match="X has 4 features, but DecisionTreeClassifier is expecting 3"
    ):
        cls(FrozenEstimator(tree)).fit(X, y)
    named = pd.DataFrame(X, columns=list("abcd"))
    tree = DecisionTreeClassifier().fit(named, y)
    with pytest.raises(ValueError, match="feature names should match"):
        cls(FrozenEstimator(tree)).fit(named[list("badc")], y)
    two = DecisionTreeClassifier().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="predicts 2 outputs"):
        cls(FrozenEstimator(two)).fit(X, y)


def test_labels_unlike_those_of_the_fitted_model_are_refused(problem):
    X, y, _ = problem
    tree = DecisionTreeClassifier().fit(X, y)
    with pytest.raises((ValueError, TypeError), match="Mix of label input types"):
        TransferTreeClassifier(FrozenEstimator(tree)).fit(X, np.array(["a", "b", "c"])[y])


def test_all_weights_zero_on_one_domain_are_refused(problem):
    X, y, d = problem
    for own, name in ((d > 0, "source"), (d < 0, "labelled target")):
        with pytest.raises(ValueError, match=f"zero on all {name} rows; give"):
            TransferTreeClassifier().fit(X, y, d, sample_weight=1.0 - own)


def test_no_target_is_a_warning_of_the_source_s_own_trees(problem):
    X, y, _ = problem
    with pytest.warns(NoTargetWarning, match="fitted without target rows"):
        model = TransferTreeClassifier(random_state=0).fit(X, y)
    assert_array_equal(model.predict(X), y)
    assert len(model.trees_) == 1


@pytest.mark.parametrize("kind", ALL)
def test_missing_values_are_taken_where_the_source_s_model_takes_them(kind, problem):
    (X, y, d), (cls, source) = problem, ALL[kind]
    X = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
    model = cls(source, random_state=0).fit(X, y, sample_domain=d)
    assert np.isfinite(said(model, X)).all()
    if kind in ("class", "value"):
        assert_array_equal(model.predict(X[d < 0]), y[d < 0])


def test_progress_is_told_tree_by_tree(problem, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    X, y, d = problem
    TransferForestClassifier(RandomForestClassifier(2), verbose=1).fit(X, y, sample_domain=d)
    told = capsys.readouterr().out.split("\n")
    assert told[0] == "TransferForestClassifier: iteration 1 of 4"
    assert len(told) == 5

    """One page of documentation serves all: same names, same order."""
    names = [list(inspect.signature(cls).parameters) for cls, _ in ALL.values()]
    assert names[0] == names[1] == names[2] == names[3]
