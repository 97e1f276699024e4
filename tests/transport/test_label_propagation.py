"""Labels that go with the mass."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skdomain.transport import JCPOT, OTLabelPropagation


def problem(dtype=np.float64):
    rng = np.random.default_rng(0)
    y = np.arange(70) % 3
    X = rng.normal(size=(70, 4)) + 4 * np.eye(4)[y]
    d = np.where(rng.uniform(size=70) < 0.5, 1, -1)
    X[d < 0] += [50, -20, 0, 3]
    return X.astype(dtype), np.array(["a", "b", "c"])[y], d


@pytest.mark.parametrize("metric", ["sqeuclidean", "cityblock"])
def test_fitted_target_rows_have_the_shares_of_the_plan(metric):
    X, y, d = problem()
    model = OTLabelPropagation(metric=metric, unbalanced=None, tol=1e-9, max_iter=20000)
    model.fit(X, y, sample_domain=d)
    G, one_hot = model.plan_, (y[d > 0][:, None] == ["a", "b", "c"]).astype(float)
    assert_allclose(model.predict_proba(X[d < 0]), (G.T @ one_hot) * np.sum(d < 0), atol=1e-6)
    assert_array_equal(model.predict(X[d < 0]), model.classes_[(G.T @ one_hot).argmax(axis=1)])


def test_a_moved_target_gets_the_labels_of_the_source():
    X, y, d = problem()
    model = OTLabelPropagation(unbalanced=None).fit(X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) > 0.9
    double = np.concatenate([X, X + 1000.0])
    domains = np.repeat([1, -1], len(X))
    copied = OTLabelPropagation(reg=0.01, unbalanced=None)
    copied.fit(double, np.tile(y, 2), sample_domain=domains)
    assert_array_equal(copied.predict(X + 1000.0), y)


def test_probabilities_are_probabilities_and_a_large_reg_gives_proportions():
    X, y, d = problem()
    model = OTLabelPropagation(reg=1e6, unbalanced=None).fit(X, y, sample_domain=d)
    proportions = np.mean(y[d > 0][:, None] == ["a", "b", "c"], axis=0)
    assert_allclose(model.predict_proba(X), np.tile(proportions, (len(X), 1)), atol=1e-4)
    assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))
    assert not hasattr(model, "decision_function")


def test_shares_are_those_of_what_arrives_where_mass_may_stay():
    X, y, d = problem()
    X[d < 0] -= [50, -20, 0, 3]
    model = OTLabelPropagation(tol=1e-10, max_iter=20000).fit(X, y, sample_domain=d)
    arrived = model.plan_.T @ (y[d > 0][:, None] == ["a", "b", "c"])
    assert arrived.sum() < 0.99
    shares = arrived / arrived.sum(axis=1, keepdims=True)
    assert_allclose(model.predict_proba(X[d < 0]), shares, atol=1e-6)


def test_classes_may_have_other_proportions_unless_all_mass_has_to_arrive():
    rng = np.random.default_rng(0)
    y = np.concatenate([np.arange(60) < 6, np.arange(60) < 54]).astype(int)
    X, d = 0.5 * rng.normal(size=(120, 2)) + 6 * y[:, None], np.repeat([1, -2], 60)
    assert OTLabelPropagation().fit(X, y, sample_domain=d).score(X, y, sample_domain=d) == 1
    whole = OTLabelPropagation(unbalanced=None).fit(X, y, sample_domain=d)
    assert whole.score(X, y, sample_domain=d) < 0.5


def test_float32_rows_are_classified_as_their_doubles():
    X, y, d = problem(np.float32)
    single = OTLabelPropagation().fit(X, y, sample_domain=d)
    double = OTLabelPropagation().fit(X.astype(np.float64), y, sample_domain=d)
    assert single.plan_.dtype == np.float32
    assert_allclose(single.predict_proba(X), double.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize(
    "model", [OTLabelPropagation(), OTLabelPropagation(unbalanced=None), JCPOT()]
)
def test_distances_are_those_along_the_leading_axes(model):
    """Fitted to rows in their coordinates on the axes it is the same, for new rows too."""
    rng = np.random.default_rng(0)
    X, y, d = problem()
    X = np.concatenate([X, 0.5 * rng.normal(size=(70, 40))], axis=1)
    axes = np.linalg.svd(X - X.mean(axis=0))[2][:6].T
    model = clone(model).set_params(n_components=6, tol=1e-9, max_iter=50000)
    wide = model.fit(X, y, sample_domain=d).predict_proba(X)
    narrow = clone(model).fit(X @ axes, y, sample_domain=d).predict_proba(X @ axes)
    assert_allclose(wide, narrow, atol=1e-6)
    every = clone(model).set_params(n_components=None).fit(X, y, sample_domain=d)
    assert abs(every.predict_proba(X) - wide).max() > 1e-3
    other = [
        clone(model).set_params(metric="cityblock", n_components=k).fit(X, y, sample_domain=d)
        for k in (None, 2)
    ]
    assert_array_equal(*(each.predict_proba(X) for each in other))


@pytest.mark.parametrize("model", [OTLabelPropagation(), JCPOT()])
def test_few_features_are_all_axes(model):
    X, y, d = problem()
    every = clone(model).set_params(n_components=None).fit(X, y, sample_domain=d)
    model = clone(model).fit(X, y, sample_domain=d)
    assert_array_equal(model.predict_proba(X), every.predict_proba(X))
