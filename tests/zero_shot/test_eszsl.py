"""ESZSL's V is where its objective is flat, and the solution of the dense normal equations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import RidgeClassifier

from skdomain.zero_shot import ESZSL, eszsl_map


def draw(seed, n, d, z, a):
    rng = np.random.default_rng(seed)
    Y = 2 * np.eye(z)[rng.integers(z, size=n)] - 1
    return rng.normal(size=(n, d)), Y, rng.normal(size=(z, a))


shapes = given(
    seed=st.integers(0, 2**16),
    n=st.integers(1, 12),
    d=st.integers(1, 8),
    z=st.integers(2, 6),
    a=st.integers(1, 7),
    eta=st.floats(0.01, 10),
    mu=st.floats(0.01, 10),
)


@shapes
def test_it_solves_the_dense_normal_equations(seed, n, d, z, a, eta, mu):
    """``(S'S + mu I) kron (X'X + eta I)`` times vec V is ``vec X'Y S``."""
    X, Y, S = draw(seed, n, d, z, a)
    left = np.kron(S.T @ S + mu * np.eye(a), X.T @ X + eta * np.eye(d))
    expected = np.linalg.solve(left, (X.T @ Y @ S).ravel(order="F")).reshape((d, a), order="F")
    V = eszsl_map(X, Y, S, eta=eta, eta_attributes=mu)
    assert_allclose(V, expected, atol=1e-8 * np.abs(expected).max())


@shapes
def test_any_step_raises_the_objective(seed, n, d, z, a, eta, mu):
    X, Y, S = draw(seed, n, d, z, a)

    def objective(V):
        terms = (X @ V @ S.T - Y, eta**0.5 * V @ S.T, mu**0.5 * X @ V, (eta * mu) ** 0.5 * V)
        return sum(np.sum(term**2) for term in terms)

    V = eszsl_map(X, Y, S, eta=eta, eta_attributes=mu)
    for step in np.random.default_rng(seed).normal(size=(4, d, a)):
        up, down, curved = objective(V + step), objective(V - step), eta * mu * np.sum(step**2)
        assert up - objective(V) >= curved * (1 - 1e-6)
        assert_allclose(up, down, rtol=1e-8)  # no slope


def test_a_case_by_hand():
    """X'X = 2, S'S = 2, X'Y S = 4: V = 4 / (2 + 1) / (2 + 2)."""
    V = eszsl_map([[1.0], [-1.0]], [[1, -1], [-1, 1]], [[1.0], [-1.0]], eta=1, eta_attributes=2)
    assert_allclose(V, [[1 / 3]])


def test_without_attributes_it_is_ridge_on_one_hot_classes(make_domains):
    """S = I: V = ``(X'X + eta I)^-1 X'Y`` over 1 + mu, and no intercept."""
    X, y, _ = make_domains(30, 30, n_classes=3)
    ridge = RidgeClassifier(alpha=2.0, fit_intercept=False).fit(X, y)
    model = ESZSL(eta=2.0, eta_attributes=0.5).fit(X, y)
    assert_allclose(model.coef_ * 1.5, ridge.coef_, rtol=1e-7)
    assert_allclose(model.decision_function(X) * 1.5, ridge.decision_function(X), rtol=1e-7)


def test_the_class_is_the_function(make_domains):
    X, y, d = make_domains(n_classes=3)
    S = np.random.default_rng(0).normal(size=(4, 2))
    model = ESZSL(S, eta=0.3, eta_attributes=0.7).fit(X, y, sample_domain=d)
    Y = 2 * np.eye(3)[y[d > 0]] - 1
    V = eszsl_map(X[d > 0], Y, S[:3], eta=0.3, eta_attributes=0.7)
    assert_allclose(model.decision_function(X), X @ V @ S.T)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_units_do_not_matter_where_the_ridge_has_them_too(scale):
    X, Y, S = draw(0, 9, 4, 3, 2)
    V = eszsl_map(X, Y, S, eta=0.5)
    scaled = eszsl_map(X * scale, Y, S, eta=max(0.5 * scale**2, 1e-320))
    assert_allclose(scaled * scale, V, rtol=1e-6)
