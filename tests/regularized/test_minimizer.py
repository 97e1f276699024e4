"""What is returned minimises loss + ridge + MMD + graph term, however it was found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from skdomain.mmd import conditional_coupling
from skdomain.regularized._graph import cosine_laplacian
from skdomain.regularized._minimizer import Minimizer

drawn = given(
    n=st.integers(6, 40),
    n_classes=st.integers(2, 4),
    lam=st.sampled_from([0.0, 0.3, 10.0]),
    rho=st.sampled_from([0.0, 0.5, 3.0]),
    mu=st.floats(0, 1),
    seed=st.integers(0, 2**16),
)


class Problem:
    """Rows of two domains with classes, and the parts of the objective as dense matrices."""

    def __init__(self, n, n_classes, mu, seed, d=3):
        self.rng, self.n, self.n_classes, self.mu = np.random.default_rng(seed), n, n_classes, mu
        self.X = self.rng.normal(size=(n, d))
        self.source = np.arange(n) < n // 2
        self.labels = self.rng.integers(n_classes, size=n)
        self.Y = np.eye(n_classes)[self.labels] * self.source[:, None]
        self.E = np.diag(self.source.astype(float))
        self.L = cosine_laplacian(self.X, n_neighbors=3)
        self.eta = 0.1

    def coupling(self, labels=None):
        labels = self.labels if labels is None else labels
        return conditional_coupling(
            labels, self.source, n_classes=self.n_classes, mu=self.mu
        ).normalized()

    def relabelled(self):
        guesses = self.rng.integers(self.n_classes, size=self.n)
        return np.where(self.source, self.labels, guesses)

    def minimizer(self, F, rho, *, primal=False):
        return Minimizer(F, self.Y, self.source, self.L, eta=self.eta, rho=rho, primal=primal)

    def objective(self, beta, K, M, lam, rho):
        F = K @ beta
        loss = np.sum((self.Y - self.E @ F) ** 2) + self.eta * np.sum(beta * F)
        return loss + lam * np.sum(F * (M @ F)) + rho * np.sum(F * (self.L @ F))

    def gradient(self, beta, K, M, lam, rho):
        F = K @ beta
        inner = self.E @ F - self.Y + self.eta * beta + lam * (M @ F) + rho * (self.L @ F)
        return 2 * K @ inner


def solved(minimizer, coupling, lam):
    scores, figures = minimizer.minimum(coupling, lam=lam)
    return minimizer.coefs(), scores, figures


@drawn
def test_gradient_is_zero_and_the_minimum_is_the_value_told(n, n_classes, lam, rho, mu, seed):
    p = Problem(n, n_classes, mu, seed)
    K, coupling = rbf_kernel(p.X, gamma=0.5), p.coupling()
    beta, scores, figures = solved(p.minimizer(K, rho), coupling, lam)
    M = coupling.dense()
    assert np.linalg.norm(p.gradient(beta, K, M, lam, rho)) < 1e-9
    assert_allclose(scores, (K @ beta)[~p.source], atol=1e-9)
    least = p.objective(beta, K, M, lam, rho)
    assert figures["objective"] == pytest.approx(least, abs=1e-9)
    assert figures["mmd"] == pytest.approx(np.sum(K @ beta * (M @ K @ beta)), abs=1e-9)
    for _ in range(3):
        step = 1e-2 * p.rng.normal(size=beta.shape)
        assert p.objective(beta + step, K, M, lam, rho) > least


@drawn
def test_it_solves_the_dense_normal_equations(n, n_classes, lam, rho, mu, seed):
    """((E + lam M + rho L)K + eta I) beta = E Y, with every matrix formed."""
    p = Problem(n, n_classes, mu, seed)
    K, coupling = rbf_kernel(p.X, gamma=0.5), p.coupling()
    A = (p.E + lam * coupling.dense() + rho * p.L.toarray()) @ K + p.eta * np.eye(n)
    beta, _, _ = solved(p.minimizer(K, rho), coupling, lam)
    assert_allclose(beta, np.linalg.solve(A, p.Y), rtol=0, atol=1e-9)


@drawn
def test_low_rank_updates_of_one_factorisation_are_new_factorisations(
    n, n_classes, lam, rho, mu, seed
):
    """Round after round, of labels that change in part."""
    p = Problem(n, n_classes, mu, seed)
    K, one = rbf_kernel(p.X, gamma=0.5), None
    one = p.minimizer(K, rho)
    for _ in range(4):
        coupling = p.coupling(p.relabelled())
        expected = solved(p.minimizer(K, rho), coupling, lam)[0]
        A = (p.E + lam * coupling.dense() + rho * p.L.toarray()) @ K + p.eta * np.eye(n)
        found = solved(one, coupling, lam)[0]
        assert_allclose(found, expected, atol=1e-8)
        assert_allclose(found, np.linalg.solve(A, p.Y), atol=1e-8)


@drawn
def test_primal_form_has_the_minimiser_of_the_linear_kernel(n, n_classes, lam, rho, mu, seed):
    """w = X'beta, from d x d matrices."""
    p = Problem(n, n_classes, mu, seed)
    coupling = p.coupling()
    w, scores, figures = solved(p.minimizer(p.X, rho, primal=True), coupling, lam)
    beta, same, told = solved(p.minimizer(p.X @ p.X.T, rho), coupling, lam)
    assert_allclose(w, p.X.T @ beta, atol=1e-9)
    assert_allclose(scores, same, atol=1e-9)
    assert figures == pytest.approx(told, abs=1e-9)


def test_with_neither_mmd_nor_graph_it_is_kernel_ridge_on_the_source():
    p = Problem(40, 3, 0.5, seed=0)
    K, s = rbf_kernel(p.X, gamma=0.5), p.source
    beta, scores, _ = solved(p.minimizer(K, 0.0), p.coupling(), 0.0)
    ridge = KernelRidge(alpha=p.eta, kernel="rbf", gamma=0.5).fit(p.X[s], p.Y[s])
    assert_allclose(beta[s], ridge.dual_coef_, atol=1e-12)
    assert_allclose(beta[~s], 0, atol=1e-15)
    assert_allclose(scores, ridge.predict(p.X[~s]), atol=1e-12)


def test_groups_whose_rows_stay_are_not_solved_again():
    p = Problem(40, 3, 0.5, seed=0)
    minimizer = p.minimizer(rbf_kernel(p.X), 1.0)
    columns, inverse = [], minimizer._inverse
    for name in ("scores", "target_scores"):
        solve = getattr(inverse, name)
        counted = lambda sums, solve=solve: columns.append(sums.shape[1]) or solve(sums)  # noqa: E731
        setattr(inverse, name, counted)
    labels = p.labels.copy()
    minimizer.minimum(p.coupling(labels), lam=1.0)
    minimizer.minimum(p.coupling(labels), lam=1.0)
    moved = np.flatnonzero(~p.source & (labels == 0))[0]
    labels[moved] = 1  # from the target's class 0 to its class 1
    minimizer.minimum(p.coupling(labels), lam=1.0)
    assert columns == [3, 3, 0, 0, 0, 2]
