"""The hinge loss over attributes is at its minimum: by its duality gap, and by other solvers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from skdomain.zero_shot import AttributeHinge, hinge_map
from skdomain.zero_shot._attribute_dual import hinge_objective, move_weight, sweep_rows


def draw(seed=0, n=20, d=3, z=4, a=3, noise=0.5):
    rng = np.random.default_rng(seed)
    S, codes = rng.normal(size=(z, a)), np.r_[:z, rng.integers(z, size=n - z)]
    return S[codes] @ rng.normal(size=(a, d)) + noise * rng.normal(size=(n, d)), codes, S


def loss(W, X, codes, S, eta, margin):
    """The objective, word by word."""
    total = eta / 2 * np.sum(W**2)
    for x, c in zip(X, codes, strict=True):
        f = [x @ W @ s for s in S]
        worst = max(f[m] for m in range(len(S)) if m != c)
        total += max(0, margin - f[c] + worst)
    return total


problems = given(seed=st.integers(0, 2**16), margin=st.floats(0.1, 3), eta=st.floats(2, 20))


@settings(max_examples=3)
@problems
def test_the_gap_is_that_of_primal_and_dual_and_closes(seed, margin, eta):
    X, codes, S = draw(seed)
    found = hinge_map(X, codes, S, eta=eta, margin=margin, tol=1e-6, max_iter=2000)
    assert_allclose(found.objective, loss(found.W, X, codes, S, eta, margin))
    own = np.arange(len(X)), codes
    assert (found.dual >= 0).all()
    assert_allclose(found.dual.sum(axis=1), 1)
    assert_allclose(found.W, X.T @ (S[codes] - found.dual @ S) / eta, atol=1e-9)
    dual = margin * (1 - found.dual[own]).sum() - eta / 2 * np.sum(found.W**2)
    assert_allclose(found.gap, found.objective - dual, atol=1e-9)
    assert -1e-9 <= found.gap <= 1e-6 * margin * len(X)


@settings(max_examples=3)
@problems
def test_zero_is_nearly_a_subgradient(seed, margin, eta):
    """``eta W`` is the sum of ``x (s_y - s_m)`` over classes m whose loss is the row's largest."""
    X, codes, S = draw(seed)
    found = hinge_map(X, codes, S, eta=eta, margin=margin, tol=1e-8, max_iter=5000)
    losses = X @ found.W @ S.T + margin * (np.arange(len(S)) != codes[:, None])
    slack = losses.max(axis=1, keepdims=True) - losses
    assert np.sum(found.dual * slack) <= 1e-8 * margin * len(X)


@pytest.mark.parametrize("eta", [0.5, 5.0])
def test_it_is_what_a_general_solver_finds(eta):
    """The problem as a quadratic program in W and a slack for each row, by SLSQP."""
    X, codes, S = draw(1, n=9, d=2, z=3, a=2)
    n = len(X)
    pairs = [(i, m) for i in range(n) for m in range(3) if m != codes[i]]
    rows = np.array([np.outer(X[i], S[codes[i]] - S[m]).ravel() for i, m in pairs])
    slack = np.eye(n)[[i for i, _ in pairs]]
    A = np.vstack([np.hstack([rows, slack]), np.hstack([np.zeros((n, 4)), np.eye(n)])])
    b = np.r_[np.ones(len(pairs)), np.zeros(n)]
    found = minimize(
        lambda v: eta / 2 * v[:4] @ v[:4] + v[4:].sum(),
        np.r_[np.zeros(4), np.ones(n)],
        jac=lambda v: np.r_[eta * v[:4], np.ones(n)],
        constraints={"type": "ineq", "fun": lambda v: A @ v - b, "jac": lambda v: A},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )
    ours = hinge_map(X, codes, S, eta=eta, tol=1e-11, max_iter=50000)
    assert_allclose(ours.objective, found.fun, rtol=1e-7)
    assert_allclose(ours.W.ravel(), found.x[:4], atol=1e-4)


# Of this solver liblinear does not set the number of iterations that scikit-learn warns by.
@pytest.mark.filterwarnings("ignore:Liblinear failed to converge")
def test_without_attributes_it_is_the_machine_of_crammer_and_singer(make_domains):
    X, y, _ = make_domains(20, 20, n_classes=3)
    svm = LinearSVC(
        multi_class="crammer_singer",
        C=0.5,
        fit_intercept=False,
        tol=1e-5,
        max_iter=100000,
        random_state=0,
    )
    model = AttributeHinge(eta=2.0, tol=1e-9, max_iter=20000).fit(X, y)
    assert_allclose(model.coef_, svm.fit(X, y).coef_, atol=1e-3)


def test_a_case_by_hand():
    """Of two rows, margin 1 asks for 4 W >= 2 in all: W = 1/2 unless eta holds it back.

    The dual is ``2 t - (4 t)^2 / (2 eta)`` over weights t <= 1 of both rows, ``W = 4 t / eta``.
    """
    X, S = [[1.0], [-1.0]], [[1.0], [-1.0]]
    for eta, W, objective in [(0.1, 0.5, 0.0125), (8.0, 0.5, 1.0), (16.0, 0.25, 1.5)]:
        found = hinge_map(X, [0, 1], S, eta=eta, tol=1e-12)
        assert_allclose([found.W[0, 0], found.objective], [W, objective], atol=1e-9)


def test_the_margin_is_a_matter_of_units():
    """k and eta: k times the W, and k times the objective, of 1 and ``k eta``."""
    X, codes, S = draw(2)
    two = hinge_map(X, codes, S, eta=1.5, margin=2.0, tol=1e-11, max_iter=50000)
    one = hinge_map(X, codes, S, eta=3.0, tol=1e-11, max_iter=50000)
    assert_allclose(two.W, 2 * one.W, atol=1e-5)
    assert_allclose(two.objective, 2 * one.objective)


def test_classes_of_equal_attributes_lose_the_margin():
    X, codes, _ = draw(3)
    found = hinge_map(X, codes, np.ones((4, 2)), tol=1e-9)
    assert_array_equal(found.W, 0)
    assert found.objective == len(X)


def test_rows_of_zeros_lose_the_margin():
    found = hinge_map(np.zeros((3, 2)), [0, 1, 1], np.eye(2))
    assert (found.W == 0).all()
    assert found.objective == 3


@settings(max_examples=3)
@given(seed=st.integers(0, 2**16))
def test_compiled_loops_do_what_python_does(seed):
    X, codes, S = draw(seed)
    results = []
    for sweep in (sweep_rows, sweep_rows.py_func):
        alpha, W = np.eye(len(S))[codes], np.zeros((3, 3))
        sweep(X, codes, S, alpha, W, np.arange(len(X)), 1.0, 2.0)
        results.append((alpha, W))
    for got, expected in zip(*results, strict=True):
        assert_allclose(got, expected, atol=1e-12)


def test_a_move_of_weight_is_exact():
    """Gradients 3 and 1 and a bend of 4: a half moves; and all there is where that is too much."""
    for bend, moved in ((4.0, 0.5), (1.0, 1.0)):
        own, gradient = np.array([1.0, 0.0]), np.array([1.0, 3.0])
        move_weight.py_func(gradient, own, np.diag([bend / 2, bend / 2]))
        assert_allclose(own, [1 - moved, moved])
        assert_allclose(gradient, [1 + moved * bend / 2, 3 - moved * bend / 2])


def test_sweeps_never_lower_the_dual():
    X, codes, S = draw(5)
    alpha, W = np.eye(len(S))[codes], np.zeros((3, 3))
    values = []
    for _ in range(15):
        sweep_rows(X, codes, S, alpha, W, np.arange(len(X)), 1.0, 0.5)
        values.append((1 - alpha[np.arange(len(X)), codes]).sum() - 0.25 * np.sum(W**2))
    assert (np.diff(values) >= -1e-12).all()
    assert values[-1] > values[0] > 0


def test_the_class_is_the_function(make_domains):
    X, y, d = make_domains(n_classes=3)
    S = np.random.default_rng(0).normal(size=(4, 2))
    model = AttributeHinge(S, eta=3.0, margin=2.0, tol=1e-9).fit(X, y, sample_domain=d)
    found = hinge_map(X[d > 0], y[d > 0], S[:3], eta=3.0, margin=2.0, tol=1e-9)
    assert_array_equal(model.coef_, found.W.T)
    assert (model.gap_, model.objective_, model.n_iter_) == (
        found.gap,
        found.objective,
        found.n_iter,
    )
    assert_allclose(model.decision_function(X), X @ found.W @ S.T)
    assert_allclose(
        hinge_objective(found.W, X[d > 0], y[d > 0], S[:3], eta=3.0, margin=2.0), found.objective
    )


def test_a_fit_that_is_cut_short_says_by_how_much(make_domains, capsys):
    X, y, _ = make_domains()
    model = AttributeHinge(eta=1e-3, max_iter=1, tol=1e-9, verbose=True)
    with pytest.warns(ConvergenceWarning, match="max_iter=1 sweeps with the objective up to"):
        model.fit(X, y)
    assert model.n_iter_ == 1
    assert "hinge" in "".join(capsys.readouterr())
