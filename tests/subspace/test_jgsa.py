"""JGSA: its pencil and its rounds with all matrices written out, and what two maps are for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import block_diag, eigh
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain import NoTargetWarning
from skdomain.mmd import mmd_matrix
from skdomain.subspace import JGSA
from skdomain.subspace._two_maps import (
    TwoMapPencil,
    class_scatter,
    jgsa_coupling,
    scatter_root,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# -- The pencil ---------------------------------------------------------------------------------


def centring(n):
    return np.eye(n) - 1 / n


def dense_pencil(Y, y, d, M, *, lam, mu, beta):
    """N and D with every matrix written out, the domains in two blocks."""
    Xs, Xt, p = Y[d > 0], Y[d < 0], Y.shape[1]
    onehot = np.eye(y.max() + 1)[y[d > 0]]
    between_rows = onehot @ np.linalg.inv(onehot.T @ onehot) @ onehot.T  # P: class means of rows
    Sw = Xs.T @ (np.eye(len(Xs)) - between_rows) @ Xs
    Sb = Xs.T @ (between_rows - 1 / len(Xs)) @ Xs
    N = block_diag(beta * Sb, mu * Xt.T @ centring(len(Xt)) @ Xt)
    ridge = np.kron([[lam, -lam], [-lam, lam + mu]], np.eye(p))
    F = np.zeros((len(Y), 2 * p))
    F[d > 0, :p], F[d < 0, p:] = Xs, Xt
    return N, ridge + block_diag(beta * Sw, np.zeros((p, p))) + F.T @ M @ F


def textbook_matrix(d, labels, n_classes):
    """(C M0 + sum_c Mc) / |C M0|, the class-wise terms where there are labels."""
    M0 = n_classes * mmd_matrix(d)
    M = M0
    if labels is not None:
        M = M0 + mmd_matrix(d, labels, coupling="conditional", mu=1)
    return M / np.linalg.norm(M0)


problems = given(
    n_source=st.integers(5, 15),
    n_target=st.integers(2, 15),
    p=st.integers(1, 6),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    mu=st.sampled_from([0.2, 1.0, 5.0]),
    beta=st.sampled_from([0.1, 1.0]),
    seed=st.integers(0, 2**16),
)


@settings(max_examples=40)
@problems
@pytest.mark.parametrize("labelled", [True, False])
def test_maps_solve_the_pencil(make_domains, labelled, n_source, n_target, p, lam, mu, beta, seed):
    """N w = theta D w for the largest theta, checked with all matrices written out."""
    X, y, d = make_domains(n_source, n_target, 7, n_classes=3, seed=seed)
    Y, source, weights = X[:, :p], d > 0, {"lam": lam, "mu": mu, "beta": beta}
    N, D = dense_pencil(Y, y, d, textbook_matrix(d, y if labelled else None, 3), **weights)
    expected = eigh(N, D, eigvals_only=True)[::-1]
    labels = np.where(source | labelled, y, -1)
    pencil = TwoMapPencil(Y, y[source], source, **weights)
    maps = pencil.solve(jgsa_coupling(labels, source, n_classes=3), n_components=4)
    W, theta = np.concatenate([maps.source, maps.target]), maps.eigenvalues
    assert len(theta) == min(4, np.linalg.matrix_rank(N))
    assert_allclose(theta, expected[: len(theta)], rtol=1e-7, atol=1e-10 * theta[0])
    scale = np.linalg.norm(N) + np.linalg.norm(D) * theta[0]
    assert_allclose(N @ W, D @ W * theta, atol=1e-9 * scale)
    assert_allclose(np.linalg.norm(W, axis=0), 1)


def test_discrepancy_is_the_part_of_the_matrix_that_compares_means(make_domains):
    X, y, d = make_domains(n_classes=3)
    source, weights = d > 0, {"lam": 1.0, "mu": 2.0, "beta": 0.3}
    M = textbook_matrix(d, y, 3)
    _, D = dense_pencil(X, y, d, M, **weights)
    _, without = dense_pencil(X, y, d, 0 * M, **weights)
    pencil = TwoMapPencil(X, y[source], source, **weights)
    maps = pencil.solve(jgsa_coupling(y, source, n_classes=3), n_components=3)
    W = np.concatenate([maps.source, maps.target])
    W = W / np.sqrt(np.sum(W * (D @ W), axis=0))
    assert_allclose(W.T @ D @ W, np.eye(3), atol=1e-10)
    assert maps.discrepancy == pytest.approx(np.trace(W.T @ (D - without) @ W))


def test_the_matrix_is_divided_by_the_norm_of_its_marginal_part(make_domains):
    _, y, d = make_domains(n_classes=3)
    coupling = jgsa_coupling(y, d > 0, n_classes=3)
    assert_allclose(coupling.dense(), textbook_matrix(d, y, 3), atol=1e-15)
    unlabelled = jgsa_coupling(np.where(d > 0, y, -1), d > 0, n_classes=3)
    assert_allclose(unlabelled.dense(), textbook_matrix(d, None, 3), atol=1e-15)
    assert unlabelled.norm() == pytest.approx(1)


def test_a_class_without_target_rows_keeps_its_source_half(make_domains):
    _, y, d = make_domains(n_classes=3)
    labels = np.where(d > 0, y, np.minimum(y, 1))
    M0 = 3 * mmd_matrix(d)
    M = M0.copy()
    for c in range(3):
        e = np.where((d > 0) & (y == c), 1 / np.sum((d > 0) & (y == c)), 0)
        e -= np.where((d < 0) & (labels == c), 1 / max(np.sum((d < 0) & (labels == c)), 1), 0)
        M += np.outer(e, e)
    coupling = jgsa_coupling(labels, d > 0, n_classes=3)
    assert_allclose(coupling.dense(), M / np.linalg.norm(M0), atol=1e-15)


def test_without_target_rows_one_map_solves_a_discriminant_analysis(make_domains):
    X, y, _ = make_domains(n_classes=3)
    source = np.ones(len(X), dtype=bool)
    pencil = TwoMapPencil(X, y, source, lam=3.0, mu=2.0, beta=0.5)
    maps = pencil.solve(jgsa_coupling(y, source, n_classes=3), n_components=4)
    between, within = class_scatter(X, y, 3)
    theta = eigh(0.5 * between @ between.T, 0.5 * within + 2 * np.eye(4), eigvals_only=True)
    assert_allclose(maps.eigenvalues, theta[:1:-1], rtol=1e-10)
    assert_allclose(maps.source, maps.target)


@problems
def test_scatters_between_and_within_add_up_to_all(
    make_domains, n_source, n_target, p, lam, mu, beta, seed
):
    X, y, _ = make_domains(n_source, n_target, 7, n_classes=3, seed=seed)
    Y = X[:, :p]
    between, within = class_scatter(Y, y, 3)
    everything = Y.T @ centring(len(Y)) @ Y
    assert_allclose(between @ between.T + within, everything, atol=1e-10)
    assert_allclose(
        np.trace(within), sum(len(Y[y == c]) * Y[y == c].var(0).sum() for c in range(3))
    )
    R = scatter_root(Y)
    assert_allclose(R @ R.T, everything, atol=1e-10)
    assert R.shape == (p, min(p, len(Y)))
    assert scatter_root(Y[:0]).shape == (p, 0)


# -- The estimator ------------------------------------------------------------------------------


def nearest(Z, y, new):
    return KNeighborsClassifier(1).fit(Z, y).predict(new)


def textbook_jgsa(F, X, y, d, *, k, n_rounds, **weights):
    """Eigenvalues and pseudo-labels, with n x n matrices and a dense generalised eigensolver."""
    source, p, labels = d > 0, F.shape[1], y.copy()
    labels[~source] = nearest(X[source], y[source], X[~source])
    for _ in range(n_rounds):
        theta, W = eigh(*dense_pencil(F, y, d, textbook_matrix(d, labels, 3), **weights))
        W = W[:, : -k - 1 : -1]
        W /= np.linalg.norm(W, axis=0)
        labels[~source] = nearest(F[source] @ W[:p], y[source], F[~source] @ W[p:])
    return theta[: -k - 1 : -1], labels[~source]


@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@settings(max_examples=15)
@given(
    n_source=st.integers(6, 20),
    n_target=st.integers(3, 20),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    mu=st.sampled_from([0.2, 1.0]),
    beta=st.sampled_from([0.1, 1.0]),
    n_rounds=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_rounds_are_those_of_the_textbook(
    make_domains, kernel, n_source, n_target, lam, mu, beta, n_rounds, seed
):
    X, y, d = make_domains(n_source, n_target, 4, n_classes=3, seed=seed)
    F = {"primal": X, "linear": X @ X.T, "rbf": rbf_kernel(X, gamma=0.1)}[kernel]
    weights = {"lam": lam, "mu": mu, "beta": beta}
    eigenvalues, labels = textbook_jgsa(F, X, y, d, k=2, n_rounds=n_rounds, **weights)
    model = JGSA(2, kernel=kernel, gamma=0.1, max_iter=n_rounds, **weights)
    model.fit(X, y, sample_domain=d)
    assert_allclose(model.eigenvalues_, eigenvalues, rtol=1e-7)
    assert_array_equal(model.pseudo_labels_, labels)


@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("n_features", [4, 50])
def test_each_domain_is_projected_by_its_own_map(make_domains, kernel, n_features):
    X, y, d = make_domains(n_features=n_features)
    model = JGSA(2, kernel=kernel, gamma=0.1).fit(X, y, sample_domain=d)
    F = {"primal": X, "linear": X, "rbf": rbf_kernel(X, gamma=0.1)}[kernel]
    source, target = F @ model.source_components_.T, F @ model.components_.T
    assert not np.allclose(source, target)
    assert_allclose(model.transform(X, sample_domain=1), source, atol=1e-12)
    assert_allclose(model.transform(X), target, atol=1e-12)
    mixed = np.where((d > 0)[:, None], source, target)
    assert_allclose(model.transform(X, sample_domain=d), mixed, atol=1e-12)
    inner = KNeighborsClassifier(1).fit(mixed[d > 0], y[d > 0])
    assert_array_equal(model.predict(X, sample_domain=d), inner.predict(mixed))
    assert_array_equal(model.predict(X), inner.predict(target))
    assert_array_equal(model.pseudo_labels_, model.predict(X[d < 0]))


def test_a_heavy_weight_on_their_difference_makes_the_maps_one(make_domains):
    X, y, d = make_domains()
    gaps = []
    for lam in (1e-2, 1.0, 1e2, 1e8):
        model = JGSA(2, lam=lam).fit(X, y, sample_domain=d)
        gaps.append(np.linalg.norm(model.components_ - model.source_components_))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-6 < gaps[0]


def test_the_map_of_a_rotated_target_turns_with_it():
    rng = np.random.default_rng(0)
    y, d = np.tile([0, 1], 100), np.repeat([1, -2], 100)
    X = np.c_[6.0 * y, np.zeros(200)] + rng.normal(size=(200, 2))
    X[d > 0] -= X[d > 0].mean(axis=0)
    X[d < 0] -= X[d < 0].mean(axis=0)
    angle = 0.8
    X[d < 0] = X[d < 0] @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    model = JGSA(1, lam=1e-2, beta=1.0).fit(X, y, sample_domain=d)
    A, B = (normalize(C)[0] for C in (model.source_components_, model.components_))
    assert abs(A[0]) > 0.95
    assert abs(B @ [np.cos(angle), np.sin(angle)]) > 0.95


@pytest.mark.parametrize("kernel", ["primal", "rbf"])
def test_without_target_both_domains_have_the_map_of_a_discriminant_analysis(kernel, make_domains):
    X, y, _ = make_domains(n_classes=3)
    with pytest.warns(NoTargetWarning):
        model = JGSA(2, kernel=kernel).fit(X, y)
    assert_array_equal(model.source_components_, model.components_)
    assert (model.n_iter_, model.termination_, len(model.pseudo_labels_)) == (1, "converged", 0)
    inner = KNeighborsClassifier(1).fit(model.transform(X), y)
    new = make_domains(n_classes=3, seed=1)[0]
    assert_array_equal(model.predict(new), inner.predict(model.transform(new)))


def test_components_beyond_the_classes_and_the_target_are_not_there(make_domains):
    """The numerator has rank C - 1 + rank(St)."""
    X, y, d = make_domains(n_features=6)
    few = (d > 0) | (np.cumsum(d < 0) <= 3)
    with pytest.warns(UserWarning, match="is more than the rank 3 of what is maximised; 3 comp"):
        model = JGSA(30).fit(X[few], y[few], sample_domain=d[few])
    assert model.transform(X).shape == (32, 3)


@pytest.mark.parametrize("inner", [LogisticRegression(), GaussianNB()])
def test_confidences_are_those_of_the_inner_classifier(make_domains, inner):
    X, y, d = make_domains(n_classes=3)
    model = JGSA(2, estimator=inner).fit(X, y, sample_domain=d)
    expected = model.predict_proba(X[d < 0]).max(axis=1).mean()
    assert model.history_["confidence"][-1] == pytest.approx(expected)
    assert "confidence" not in JGSA(2).fit(X, y, sample_domain=d).history_


def test_the_objective_is_the_sum_of_the_eigenvalues(make_domains):
    X, y, d = make_domains()
    model = JGSA(2).fit(X, y, sample_domain=d)
    assert model.history_["objective"][-1] == pytest.approx(model.eigenvalues_.sum())
    assert np.all(np.diff(model.eigenvalues_) <= 0)
    assert {len(entries) for entries in model.history_.values()} == {model.n_iter_}


def test_unit_rows_are_a_parameter(make_domains):
    X, y, d = make_domains()
    plain = JGSA(2).fit(X, y, sample_domain=d)
    scaled = JGSA(2, normalize=True, max_iter=1).fit(X, y, sample_domain=d)
    once = JGSA(2, max_iter=1).fit(X, y, sample_domain=d)
    assert_allclose(scaled.transform(X), normalize(once.transform(X)))
    assert np.ptp(np.linalg.norm(plain.transform(X), axis=1)) > 0.1


def test_no_first_labels_means_the_marginal_term_alone(make_domains):
    X, y, d = make_domains(n_classes=3)
    weights = {"lam": 1.0, "mu": 1.0, "beta": 0.1}
    theta = eigh(*dense_pencil(X, y, d, textbook_matrix(d, None, 3), **weights), eigvals_only=True)
    model = JGSA(2, init="none", max_iter=1).fit(X, y, sample_domain=d)
    assert_allclose(model.eigenvalues_, theta[:-3:-1], rtol=1e-10)
