"""Kernel ridge on one-hot classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from skdomain.regularized import KernelRidgeClassifier
from skdomain.subspace import DJPMMD
from skdomain.weighting import KMM


def problem(n=30, d=4, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    X = rng.normal(size=(n, d))
    X[:, 0] += 2 * y
    return X, y, rng.uniform(0.1, 2, size=n)


@given(n=st.integers(4, 40), n_classes=st.integers(2, 4), seed=st.integers(0, 2**16))
def test_coefficients_solve_the_weighted_normal_equations(n, n_classes, seed):
    """(W K + eta I) beta = W Y."""
    X, y, w = problem(n, n_classes=n_classes, seed=seed)
    model = KernelRidgeClassifier(gamma=0.4, eta=0.3).fit(X, y, sample_weight=w)
    K, W, Y = rbf_kernel(X, gamma=0.4), np.diag(w), np.eye(n_classes)[y]
    assert_allclose((W @ K + 0.3 * np.eye(n)) @ model.coef_.T, W @ Y, atol=1e-9)


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "laplacian"])
def test_scores_are_those_of_scikit_learn(kernel):
    X, y, w = problem()
    new = problem(seed=1)[0]
    model = KernelRidgeClassifier(kernel=kernel, gamma=0.2, eta=0.5).fit(X, y, w)
    ridge = KernelRidge(alpha=0.5, kernel=kernel, gamma=0.2).fit(X, np.eye(3)[y], w)
    assert_allclose(model.decision_function(new), ridge.predict(new), atol=1e-8)
    assert_array_equal(model.predict(new), ridge.predict(new).argmax(axis=1))


def test_linear_kernel_keeps_weights_of_the_features_with_few_rows_or_many():
    for n in (3, 40):
        X, y, _ = problem(n, d=6)
        model = KernelRidgeClassifier(kernel="linear").fit(X, y)
        assert (model.coef_.shape, model.X_fit_) == ((3, 6), None)
        w = np.linalg.solve(X.T @ X + 0.1 * np.eye(6), X.T @ np.eye(3)[y])
        assert_allclose(model.coef_, w.T, atol=1e-9)


def test_weights_of_whole_numbers_are_rows_that_come_so_often():
    X, y, _ = problem()
    times = np.random.default_rng(0).integers(0, 4, size=len(X))
    weighted = KernelRidgeClassifier().fit(X, y, times)
    repeated = KernelRidgeClassifier().fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    new = problem(seed=1)[0]
    assert_allclose(weighted.decision_function(new), repeated.decision_function(new), atol=1e-10)
    assert weighted.gamma_ == repeated.gamma_


def test_two_classes_have_one_decision_value_whose_sign_is_the_class():
    X, y, _ = problem(n_classes=2)
    model = KernelRidgeClassifier().fit(X, np.array(["no", "yes"])[y])
    decisions, probabilities = model.decision_function(X), model.predict_proba(X)
    assert decisions.shape == (30,)
    assert_array_equal(model.predict(X) == "yes", decisions > 0)
    assert_allclose(probabilities[:, 1], np.clip((1 + decisions) / 2, 0, 1), atol=1e-12)


def test_it_serves_inside_other_methods(make_domains):
    X, y, d = make_domains()
    inner = KernelRidgeClassifier()
    for model in (DJPMMD(2, estimator=inner, init="estimator"), KMM(inner)):
        assert model.fit(X, y, sample_domain=d).predict_proba(X).shape == (32, 2)


@pytest.mark.parametrize(
    ("weights", "y", "text"),
    [
        (np.zeros(30), None, "Sample weights must contain at least one non-zero number"),
        (-np.ones(30), None, "Negative values in data passed to `sample_weight`"),
        (None, np.zeros(30), "at least 2 classes, got only one class, 0.0; check y"),
        (None, np.linspace(0, 1, 30), "Unknown label type: continuous"),
    ],
)
def test_bad_input_is_an_error_that_says_why(weights, y, text):
    X, classes, _ = problem()
    with pytest.raises(ValueError, match=text):
        KernelRidgeClassifier().fit(X, classes if y is None else y, weights)
