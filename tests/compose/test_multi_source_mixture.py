"""MultiSource: a model each source, and weights that are what they are said to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdomain import NoTargetWarning
from skdomain.alignment import CORAL
from skdomain.compose import MultiSource, PerDomain, Pooled, SourceOnly
from skdomain.compose._source_weights import (
    discrepancy_weights,
    gain_weights,
    inverse_weights,
    stacked_weights,
)
from skdomain.metrics import mmd

ALIGNED = make_pipeline(PerDomain(), CORAL(), SourceOnly(LogisticRegression()))
WAYS = ("accuracy", "stacked", "mmd")


def several(seed=0, n=30, n_classes=2):
    """Sources 2, 5 and 7, of which 5 has labels at random, and a target; a third is labelled."""
    rng = np.random.default_rng(seed)
    d = np.repeat([2, 5, 7, -1], n)
    X = rng.normal(size=(4 * n, 3)) + 0.3 * d[:, None]
    y = np.digitize(X[:, 0] - 0.3 * d + 0.7 * rng.normal(size=4 * n), [0, 0.7][: n_classes - 1])
    y[d == 5] = rng.integers(n_classes, size=n)
    order = rng.permutation(4 * n)
    labelled = np.zeros(4 * n, dtype=bool)
    labelled[np.flatnonzero(d[order] < 0)[: n // 3]] = True
    return X[order], y[order], d[order], labelled


def fitted(model, seed=0, **options):
    X, y, d, labelled = several(seed, **options)
    return model.fit(X, y, sample_domain=d, labelled=labelled)


# -- The models ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "inner", [LogisticRegression(), ALIGNED, Ridge()], ids=["plain", "aligned", "ridge"]
)
def test_with_one_source_it_is_the_estimator(inner, way, make_domains):
    X, y, d = make_domains()
    model = MultiSource(inner, weights=way).fit(X, y, sample_domain=d)
    if inner is ALIGNED:
        told = {"perdomain__sample_domain": d, "coral__sample_domain": d}
        alone = inner.fit(X, y, **told, sourceonly__sample_domain=d)
        assert_array_equal(model.predict(X[d < 0]), alone.predict(X[d < 0]))
    else:
        alone = inner.fit(X[d > 0], y[d > 0])
        assert_array_equal(model.predict(X), alone.predict(X))
    assert_array_equal(model.weights_, [1.0])
    assert model.weighted_by_ == "equal"


def test_each_model_is_fitted_to_its_source_and_the_target():
    X, y, d, labelled = several()
    model = MultiSource(SourceOnly(LogisticRegression())).fit(
        X, y, sample_domain=d, labelled=labelled
    )
    assert_array_equal(model.sources_, [2, 5, 7])
    for source, each in zip(model.sources_, model.estimators_, strict=True):
        own = LogisticRegression().fit(X[d == source], y[d == source])
        assert_array_equal(each.predict_proba(X), own.predict_proba(X))


def test_the_prediction_is_the_weighted_mean_of_the_probabilities():
    X, y, d, labelled = several(n_classes=3)
    model = MultiSource(weights="stacked").fit(X, y, sample_domain=d, labelled=labelled)
    mean = sum(
        w * m.predict_proba(X) for w, m in zip(model.weights_, model.estimators_, strict=True)
    )
    assert_allclose(model.predict_proba(X), mean, rtol=1e-14)
    assert_array_equal(model.predict(X), model.classes_[mean.argmax(axis=1)])
    assert_allclose(model.predict_log_proba(X), np.log(mean), rtol=1e-12)


def test_values_are_a_weighted_mean_too():
    X, y, d, labelled = several()
    values = X[:, 1] + y
    model = MultiSource(Ridge()).fit(X, values, sample_domain=d, labelled=labelled)
    said = np.array([each.predict(X) for each in model.estimators_])
    assert_allclose(model.predict(X), model.weights_ @ said, rtol=1e-14)
    losses = np.square(said - values)[:, labelled].mean(axis=1)
    assert_allclose(model.weights_, (1 / losses) / (1 / losses).sum(), rtol=1e-12)


def test_a_class_that_one_source_lacks_is_one_of_all():
    X, y, d, labelled = several(n_classes=3)
    kept = (d != 2) | (y != 1)
    model = MultiSource().fit(X[kept], y[kept], sample_domain=d[kept], labelled=labelled[kept])
    assert_array_equal(model.estimators_[0].classes_, [0, 2])
    assert_array_equal(model.classes_, [0, 1, 2])
    only = MultiSource().fit(X[kept], y[kept], sample_domain=d[kept], labelled=labelled[kept])
    only.weights_ = np.array([1.0, 0, 0])
    assert_array_equal(only.predict_proba(X)[:, 1], 0)
    assert_array_equal(only.predict(X), model.estimators_[0].predict(X))


def test_a_model_without_probabilities_votes():
    model = fitted(MultiSource(LinearSVC()), n_classes=3)
    X = several(1, n_classes=3)[0]
    votes = np.zeros((len(X), 3))
    for weight, each in zip(model.weights_, model.estimators_, strict=True):
        votes[np.arange(len(X)), each.predict(X)] += weight
    assert_allclose(model.predict_proba(X), votes, atol=1e-15)


# -- The weights --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("inner", [LogisticRegression(), Ridge()], ids=["logistic", "ridge"])
@given(seed=st.integers(0, 2**16))
def test_weights_are_of_sum_1_whatever_the_order_and_the_names_of_the_sources(inner, way, seed):
    X, y, d, labelled = several(seed)
    model = MultiSource(inner, weights=way).fit(X, y, sample_domain=d, labelled=labelled)
    assert model.weights_.min() >= 0
    assert model.weights_.sum() == pytest.approx(1, abs=1e-14)
    names = {2: 9, 5: 3, 7: 4, -1: -8}
    renamed = np.array([names[number] for number in d])
    other = MultiSource(inner, weights=way).fit(X, y, sample_domain=renamed, labelled=labelled)
    assert_array_equal(other.sources_, [3, 4, 9])
    assert_allclose(other.weights_, model.weights_[[1, 2, 0]], atol=1e-9)
    assert_allclose(other.predict(X), model.predict(X), atol=1e-9)


def test_accuracy_weights_by_hand():
    """Two classes, accuracies 1, 3/4, 1/4: gains over chance 1/2, 1/4 and none."""
    right = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 0]], dtype=bool)
    assert_allclose(gain_weights(right, 2), [2 / 3, 1 / 3, 0])
    assert_allclose(gain_weights(right[2:].repeat(2, axis=0), 2), [1 / 2, 1 / 2])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_accuracy_weights_are_those_of_the_labelled_rows_alone(n_classes):
    X, y, d, labelled = several(3, n_classes=n_classes)
    model = MultiSource().fit(X, y, sample_domain=d, labelled=labelled)
    accuracies = np.array([m.score(X[labelled], y[labelled]) for m in model.estimators_])
    gains = np.maximum(accuracies - 1 / n_classes, 0)
    assert_allclose(model.weights_, gains / gains.sum(), rtol=1e-12)


def test_inverse_weights_by_hand():
    assert_allclose(inverse_weights(np.array([1.0, 2.0, 4.0])), [4 / 7, 2 / 7, 1 / 7])
    assert_allclose(inverse_weights(np.array([1.0, 0.0, 0.0])), [0, 1 / 2, 1 / 2])


@given(n_sources=st.integers(1, 5), n_values=st.integers(1, 12), seed=st.integers(0, 2**16))
def test_stacked_weights_meet_the_conditions_of_the_optimum(n_sources, n_values, seed):
    """Of ``w'Gw`` on the simplex: (Gw)_k = w'Gw where w_k > 0, and not below it elsewhere."""
    R = np.random.default_rng(seed).normal(size=(n_sources, n_values)) + 0.5
    w = stacked_weights(R)
    G = R @ R.T
    G += 1e-8 * np.trace(G) / n_sources * np.eye(n_sources)
    slack = G @ w - w @ G @ w
    assert w.sum() == pytest.approx(1, abs=1e-14)
    assert w.min() >= 0
    assert slack.min() >= -1e-9 * np.trace(G)
    assert abs(slack @ w) <= 1e-12 * np.trace(G)


def test_stacked_weights_by_hand():
    """Residuals 1 and -3 of one row: 3/4 and 1/4 leave none."""
    assert_allclose(stacked_weights(np.array([[1.0], [-3.0]])), [3 / 4, 1 / 4], rtol=1e-6)
    assert_allclose(stacked_weights(np.array([[1.0], [3.0]])), [1, 0], atol=1e-12)


def test_models_that_agree_share_their_weight_alike():
    r = np.random.default_rng(0).normal(size=8)
    assert_allclose(stacked_weights(np.array([r, r, r])), np.full(3, 1 / 3), rtol=1e-6)
    assert_allclose(stacked_weights(np.zeros((2, 3))), [0.5, 0.5])


def test_stacking_is_never_worse_on_the_labelled_rows_than_any_source():
    X, y, d, labelled = several(5)
    model = MultiSource(weights="stacked").fit(X, y, sample_domain=d, labelled=labelled)

    def loss(said):
        return np.square(said - (y[labelled][:, None] == model.classes_)).sum()

    mixed = loss(model.predict_proba(X[labelled]))
    assert mixed <= min(loss(m.predict_proba(X[labelled])) for m in model.estimators_) + 1e-6


def test_discrepancy_weights_are_inverse_squared_discrepancies_with_one_width():
    X, _, d, _ = several()
    sources, Xt = [X[d == name] for name in (2, 5, 7)], X[d < 0]
    pairs = np.sum((X[:, None] - X[None]) ** 2, axis=2)[np.triu_indices(len(X), 1)]
    inverse = np.array([1 / mmd(Xs, Xt, gamma=1 / np.median(pairs)) for Xs in sources])
    assert_allclose(discrepancy_weights(sources, Xt), inverse / inverse.sum(), rtol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_without_target_labels_weights_are_by_discrepancy(way):
    X, y, d, _ = several()
    model = MultiSource(weights=way).fit(X, np.where(d < 0, np.nan, y), sample_domain=d)
    expected = discrepancy_weights([X[d == name] for name in (2, 5, 7)], X[d < 0])
    assert model.weighted_by_ == "mmd"
    assert_allclose(model.weights_, expected)


def test_without_target_rows_sources_count_the_same():
    X, y, d, _ = several()
    with pytest.warns(NoTargetWarning):
        model = MultiSource().fit(X, y, sample_domain=abs(d))
    assert_array_equal(model.weights_, np.full(4, 0.25))


# -- Labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner", [LogisticRegression(), Pooled(), ALIGNED], ids=["plain", "pooled", "aligned"]
)
@pytest.mark.parametrize("way", WAYS)
def test_labels_of_unlabelled_target_rows_are_never_read(inner, way):
    X, y, d, labelled = several()
    hidden = np.where((d < 0) & ~labelled, None, y.astype(object))
    wrong = np.where((d < 0) & ~labelled, 1 - y, y)
    models = [
        MultiSource(inner, weights=way).fit(X, labels, sample_domain=d, labelled=labelled)
        for labels in (y, hidden, wrong)
    ]
    for model in models[1:]:
        assert_array_equal(model.weights_, models[0].weights_)
        assert_array_equal(model.predict_proba(X), models[0].predict_proba(X))


def test_a_model_that_learns_from_labels_is_judged_by_rows_it_has_not_seen():
    """Two folds: the labelled rows of each class in turn, as their probabilities rise."""
    X, y, d, labelled = several(2)
    model = MultiSource(Pooled(), n_folds=2).fit(X, y, sample_domain=d, labelled=labelled)
    rows = np.flatnonzero(labelled)
    accuracies = []
    for source, each in zip((2, 5, 7), model.estimators_, strict=True):
        own = (d == source) | (d < 0)
        told = Pooled().fit(X[own], y[own], sample_domain=d[own], labelled=labelled[own])
        assert_array_equal(each.predict_proba(X), told.predict_proba(X))
        order = rows[np.lexsort((told.predict_proba(X[rows])[:, 1], y[rows]))]
        right = []
        for fold in (order[::2], order[1::2]):
            seen = labelled & ~np.isin(np.arange(len(d)), fold)
            one = Pooled().fit(X[own], y[own], sample_domain=d[own], labelled=seen[own])
            right += (one.predict(X[fold]) == y[fold]).tolist()
        accuracies.append(np.mean(right))
    gains = np.maximum(np.array(accuracies) - 1 / 2, 0)
    assert_allclose(model.weights_, gains / gains.sum(), rtol=1e-12)


def test_rows_of_any_source_are_taken_by_models_that_know_their_own_alone():
    X, y, d, labelled = several()
    model = MultiSource(ALIGNED).fit(X, y, sample_domain=d, labelled=labelled)
    assert model.predict(X, sample_domain=d).shape == y.shape
    assert_array_equal(
        model.predict(X, sample_domain=d)[d < 0], model.predict(X[d < 0], sample_domain=-1)
    )
