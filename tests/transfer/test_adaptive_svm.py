"""A-SVM: optimality by the duality gap and the KKT conditions, and what the source keeps."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC

from skdomain.transfer import AdaptiveSVM
from skdomain.transfer._hinge_dual import ascend, hinge_fit


@pytest.fixture
def rows():
    """Rows, labels of 1 and -1, scores and weights of the losses."""
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(30, 4))
    y = np.where(Z[:, 0] + rng.normal(size=30) > 0, 1.0, -1.0)
    return Z, y, rng.normal(size=30), rng.uniform(0.2, 2, 30)


def test_the_optimality_conditions_hold(rows):
    Z, y, f, C = rows
    found = hinge_fit(Z, y, f, C, tol=1e-12, max_iter=10000)
    margins = y * (f + Z @ found.w)
    assert found.converged
    assert_allclose(found.w, (found.a * y) @ Z, atol=1e-12)
    assert ((found.a >= 0) & (found.a <= C)).all()
    assert (margins[found.a == 0] >= 1 - 1e-6).all()
    assert (margins[found.a == C] <= 1 + 1e-6).all()
    inside = (found.a > 0) & (found.a < C)
    assert inside.any()
    assert_allclose(margins[inside], 1, atol=1e-6)


def test_the_dual_is_that_of_a_generic_solver(rows):
    Z, y, f, C = rows
    found, Q = hinge_fit(Z, y, f, C, tol=1e-12, max_iter=10000), Z * y[:, None]

    def negative(a):
        return np.sum((a @ Q) ** 2) / 2 - a @ (1 - y * f), Q @ (a @ Q) - (1 - y * f)

    bounds = [(0, c) for c in C]
    other = minimize(negative, C / 2, jac=True, bounds=bounds, options={"ftol": 1e-15})
    assert_allclose(found.w, other.x @ Q, atol=1e-4)
    assert negative(found.a)[0] <= other.fun + 1e-12


def test_the_compiled_loop_is_the_plain_one(rows):
    Z, y, f, C = rows
    squares, states = np.sum(Z**2, axis=1), []
    for loop in (ascend, getattr(ascend, "py_func", ascend)):
        a, w = np.zeros(30), np.zeros(4)
        loop(Z, y, f, C, squares, a, w, 3)
        states.append(np.append(a, w))
    assert_allclose(*states, atol=1e-12)


def test_from_a_source_that_says_nothing_it_is_a_linear_svc(make_domains):
    X, y, d = make_domains(40, 40)
    X = X + np.random.default_rng(0).normal(scale=2, size=X.shape)
    nothing = FrozenEstimator(LogisticRegression(C=1e-13).fit(X, 1 - (np.arange(len(y)) % 2)))
    model = AdaptiveSVM(nothing, C=0.7).fit(X[d < 0], y[d < 0])
    svc = LinearSVC(C=0.7, loss="hinge", tol=1e-8, max_iter=1_000_000)
    svc.fit(X[d < 0], y[d < 0])
    assert_allclose(model.added_coef_, svc.coef_, atol=1e-3)
    assert_allclose(model.added_intercept_, svc.intercept_, atol=1e-3)


def test_a_source_that_is_right_by_a_margin_is_left_alone():
    X, y = np.array([[-3.0], [-2.0], [2.0], [3.0]]), np.array(["a", "a", "b", "b"])
    source = FrozenEstimator(LinearSVC(C=100).fit(X / 2, y))
    model = AdaptiveSVM(source, C=100).fit(X, y)
    assert_array_equal(model.added_coef_, 0)
    assert_array_equal(model.decision_function(X), source.decision_function(X))


@pytest.mark.parametrize("source", [LinearSVC(), SVC(), LogisticRegression()])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_small_weight_is_the_source_and_a_large_one_the_target(make_domains, source, n_classes):
    X, y, d = make_domains(40, 30, n_classes=n_classes)
    y = np.where(d < 0, (y + 1) % n_classes, y)
    model = AdaptiveSVM(source, C=1e-8).fit(X, y, sample_domain=d)
    assert_array_equal(model.predict(X), model.source_estimator_.predict(X))
    assert (model.coef_ is None) == isinstance(source, SVC)
    assert AdaptiveSVM(source, C=1e3).fit(X, y, sample_domain=d).score(X, y, sample_domain=d) > 0.95


def test_no_source_rows_are_needed_with_a_shipped_model(make_domains):
    X, y, d = make_domains()
    shipped = pickle.loads(pickle.dumps(LinearSVC(tol=1e-8).fit(X[d > 0], y[d > 0])))
    both = AdaptiveSVM(LinearSVC(tol=1e-8)).fit(X, y, sample_domain=d)
    alone = AdaptiveSVM(FrozenEstimator(shipped)).fit(X[d < 0], y[d < 0])
    assert_allclose(alone.decision_function(X), both.decision_function(X), atol=1e-8)


def test_a_class_that_only_the_target_knows_is_learned(make_domains):
    X, y, d = make_domains(45, 30, n_classes=3)
    kept = (d < 0) | (y != 2)
    model = AdaptiveSVM(C=10).fit(X[kept], y[kept], sample_domain=d[kept])
    assert (model.predict(X)[y == 2] == 2).mean() > 0.8


def test_it_says_that_it_has_not_converged(make_domains):
    X, y, d = make_domains(40, 40)
    X = X + np.random.default_rng(0).normal(scale=3, size=X.shape)
    with pytest.warns(ConvergenceWarning, match="stopped after 1 passes with a duality gap"):
        AdaptiveSVM(max_iter=1, C=100).fit(X, y, sample_domain=d)
