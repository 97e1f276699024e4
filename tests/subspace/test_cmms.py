"""Centroid matching: its closed forms against their definitions, with all matrices written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from skdomain import NoTargetWarning
from skdomain.subspace import CMMS
from skdomain.subspace._centroid_matching import (
    ClassGroups,
    NeighborGraph,
    best_centroids,
    centroid_norm,
    centroid_scatter,
    cmms_projection,
    manifold_scatter,
    simplex_projection,
)

pytestmark = pytest.mark.filterwarnings("ignore:n_components=:UserWarning")
problems = given(
    n_source=st.integers(4, 20),
    n_target=st.integers(3, 20),
    alpha=st.sampled_from([0.1, 1.0, 10.0]),
    seed=st.integers(0, 2**16),
)


def indicators(labels, rows, n_classes):
    """One-hot classes on the rows given, zero elsewhere."""
    onehot = np.zeros((len(labels), n_classes))
    onehot[np.flatnonzero(rows), labels[rows]] = 1
    return onehot


def textbook_matrix(labels, source, n_classes, alpha):
    """R of the paper: n x n, from E, V, G and ``U = (alpha G'G + I)^-1``."""
    onehot = indicators(labels, source, n_classes)
    E, G = onehot / onehot.sum(axis=0), indicators(labels, ~source, n_classes)
    V, U = np.diag(1.0 * ~source), np.linalg.inv(alpha * G.T @ G + np.eye(n_classes))
    N = E + alpha * V @ G
    return E @ E.T - E @ U @ N.T + alpha * V @ V.T - alpha * V @ G @ U @ N.T, E, G, U


# -- Centroids ----------------------------------------------------------------------------------


@settings(max_examples=30)
@problems
def test_scatter_is_that_of_the_matrix_of_all_rows(make_domains, n_source, n_target, alpha, seed):
    """X'RX = sum_c w_c (differences of class means) + alpha (scatter within target classes)."""
    X, y, d = make_domains(n_source, n_target, 5, n_classes=4, seed=seed)
    source = d > 0
    R, *_ = textbook_matrix(y, source, 4, alpha)
    groups = [ClassGroups.of(X[rows], y[rows], 4) for rows in (source, ~source)]
    norm = np.linalg.norm(R)
    assert centroid_norm(groups[0].counts, groups[1].counts, alpha) == pytest.approx(norm)
    assert_allclose(centroid_scatter(*groups, alpha=alpha), X.T @ R @ X / norm, atol=1e-10)


@problems
def test_centroids_minimise_the_objective(make_domains, n_source, n_target, alpha, seed):
    """|Z'E - F|^2 + alpha |Z_t' - FG'|^2 has no gradient there, and its value is tr(Z'RZ)."""
    Z, y, d = make_domains(n_source, n_target, 3, n_classes=4, seed=seed)
    source = d > 0
    R, E, G, U = textbook_matrix(y, source, 4, alpha)
    groups = [ClassGroups.of(Z[rows], y[rows], 4) for rows in (source, ~source)]
    F = best_centroids(*groups, alpha=alpha)
    residual = Z[~source] - G[~source] @ F
    gradient = (F - E.T @ Z) - alpha * G[~source].T @ residual
    assert_allclose(gradient, 0, atol=1e-10)
    value = np.sum((E.T @ Z - F) ** 2) + alpha * np.sum(residual**2)
    assert value == pytest.approx(np.trace(Z.T @ R @ Z))
    assert_allclose(F, U @ (E + alpha * G).T @ Z, atol=1e-10)


def test_without_target_rows_nothing_is_matched(make_domains):
    X, y, _ = make_domains()
    groups = ClassGroups.of(X, y, 2), ClassGroups.of(X[:0], y[:0], 2)
    assert_array_equal(centroid_scatter(*groups, alpha=0.1), np.zeros((4, 4)))
    assert_array_equal(best_centroids(*groups, alpha=0.1), groups[0].means)


# -- The graph ----------------------------------------------------------------------------------


@given(V=arrays(float, (6, 5), elements=st.floats(-3, 3)))
def test_projection_onto_the_simplex_is_the_nearest_point(V):
    """``(v - x)'(u - x) <= 0`` for all corners u, which says that x is nearest to v."""
    X = simplex_projection(V)
    assert_allclose(X.sum(axis=1), 1)
    assert X.min() >= 0
    slack = V - X
    assert np.all(slack.max(axis=1) <= np.sum(slack * X, axis=1) + 1e-9)


def dense_laplacian(Z, k, r):
    """Laplacian of the learned weights, row by row; r None: the first graph."""
    n, S = len(Z), np.zeros((len(Z), len(Z)))
    D = np.sum((Z[:, None] - Z) ** 2, axis=2)
    slacks = []
    for i in range(n):
        order = np.argsort(np.where(np.arange(n) == i, -1, D[i]))[1:]
        d = D[i, order]
        slacks.append((k * d[k] - d[:k].sum()) / 2)
        S[i, order[:k]] = simplex_projection(-d[None, :k] / (2 * (r or slacks[-1])))
    S = (S + S.T) / 2
    L = np.diag(S.sum(axis=1)) - S
    return L / np.linalg.norm(L), np.mean(slacks)


@given(n=st.integers(4, 30), n_neighbors=st.integers(1, 12), seed=st.integers(0, 2**16))
def test_graphs_are_those_of_the_definition(n, n_neighbors, seed):
    rng = np.random.default_rng(seed)
    rows, Z = rng.normal(size=(n, 4)), rng.normal(size=(n, 3))
    graph, k = NeighborGraph(rows, n_neighbors), min(n_neighbors, n - 2)
    first, r = dense_laplacian(rows, k, None)
    assert_allclose(graph.laplacian.toarray(), first, atol=1e-10)
    assert graph.r == pytest.approx(r)
    graph.learn(Z)
    assert_allclose(graph.laplacian.toarray(), dense_laplacian(Z, k, r)[0], atol=1e-10)
    assert_allclose(graph.scatter(rows), rows.T @ graph.laplacian.toarray() @ rows, atol=1e-10)


def test_rows_all_at_one_distance_share_the_weight():
    graph = NeighborGraph(np.eye(5), 3)
    assert np.isfinite(graph.laplacian.toarray()).all()
    graph.learn(np.zeros((5, 2)))
    assert np.isfinite(graph.laplacian.toarray()).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_two_rows_have_no_graph(n):
    graph = NeighborGraph(np.eye(3)[:n], 10)
    graph.learn(np.eye(2)[:n])
    assert graph.scatter(np.eye(3)[:n]) is None


def test_both_graphs_count_alike(make_domains):
    """L = diag(L_s, L_t), each of unit norm, over its norm; L_s = I - Y D^-1 Y'."""
    X, y, d = make_domains(n_classes=3)
    source = d > 0
    onehot = indicators(y, source, 3)[source]
    Ls = np.eye(len(onehot)) - onehot @ np.linalg.inv(onehot.T @ onehot) @ onehot.T
    graph = NeighborGraph(X[~source], 4)
    L = np.zeros((len(X), len(X)))
    L[np.ix_(source, source)] = Ls / np.linalg.norm(Ls)
    L[np.ix_(~source, ~source)] = graph.laplacian.toarray()
    groups = ClassGroups.of(X[source], y[source], 3)
    found = manifold_scatter(groups, graph.scatter(X[~source]))
    assert_allclose(found, X.T @ L @ X / np.linalg.norm(L), atol=1e-10)
    alone = manifold_scatter(groups, None)
    assert_allclose(alone, X[source].T @ Ls @ X[source] / np.linalg.norm(Ls), atol=1e-10)
    single = ClassGroups.of(X[source][:3], np.arange(3), 3)
    assert_array_equal(manifold_scatter(single, None), np.zeros((4, 4)))


# -- The projection and the rounds ----------------------------------------------------------------


@problems
def test_projection_solves_the_pencil(make_domains, n_source, n_target, alpha, seed):
    X, _, _ = make_domains(n_source, n_target, 5, seed=seed)
    scatter = alpha * np.cov(np.random.default_rng(seed).normal(size=(9, 5)).T)
    P, theta = cmms_projection(X, scatter, lam=0.2, n_components=3)
    B, H = scatter + 0.2 * np.eye(5), np.eye(len(X)) - 1 / len(X)
    C = X.T @ H @ X
    assert_allclose(B @ P, C @ P * theta, atol=1e-9 * np.linalg.norm(B))
    assert_allclose(theta, eigh(B, C, eigvals_only=True)[:3], rtol=1e-8)
    assert_allclose(np.linalg.norm(P, axis=0), 1)


def textbook(X, y, d, *, n_rounds, k, lam, alpha, rho, n_neighbors):
    """Pseudo-labels with matrices of n x n."""
    source, C, n = d > 0, y.max() + 1, len(X)
    X, labels, H = normalize(X), y.copy(), np.eye(len(X)) - 1 / len(X)
    svm = LinearSVC(dual=False, tol=1e-6).fit(X[source], y[source])
    labels[~source] = svm.predict(X[~source])
    onehot = indicators(labels, source, C)[source]
    Ls = np.eye(len(onehot)) - onehot @ np.linalg.inv(onehot.T @ onehot) @ onehot.T
    p = min(n_neighbors, np.sum(~source) - 2)
    Lt, r = dense_laplacian(X[~source], p, None)
    for _ in range(n_rounds):
        R, E, G, U = textbook_matrix(labels, source, C, alpha)
        L = np.zeros((n, n))
        L[np.ix_(source, source)], L[np.ix_(~source, ~source)] = Ls / np.linalg.norm(Ls), Lt
        M = R / np.linalg.norm(R) + rho * L / np.linalg.norm(L)
        theta, P = eigh(X.T @ M @ X + lam * np.eye(X.shape[1]), X.T @ H @ X)
        P = P[:, :k] / np.linalg.norm(P[:, :k], axis=0)
        Z = normalize(H @ X @ P)
        F = U @ (E + alpha * G).T @ Z
        distances = np.linalg.norm(Z[~source][:, None] - F, axis=2)
        labels[~source] = distances.argmin(axis=1)
        Lt, _ = dense_laplacian(Z[~source], p, r)
    return theta[:k], labels[~source]


@settings(max_examples=20)
@given(
    n_source=st.integers(8, 20),
    n_target=st.integers(4, 20),
    alpha=st.sampled_from([0.1, 1.0]),
    rho=st.sampled_from([0.0, 1.0, 5.0]),
    n_rounds=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_rounds_are_those_of_the_textbook(
    make_domains, n_source, n_target, alpha, rho, n_rounds, seed
):
    X, y, d = make_domains(n_source, n_target, 5, n_classes=3, seed=seed)
    weights = {"lam": 0.2, "alpha": alpha, "rho": rho, "n_neighbors": 3}
    theta, labels = textbook(X, y, d, n_rounds=n_rounds, k=3, **weights)
    model = CMMS(3, max_iter=n_rounds, **weights).fit(X, y, sample_domain=d)
    assert_allclose(model.eigenvalues_, theta, rtol=1e-6)
    assert_array_equal(model.pseudo_labels_, labels)
    assert_array_equal(model.predict(X[d < 0]), labels)


# -- The estimator ------------------------------------------------------------------------------


@pytest.mark.parametrize("n_features", [4, 60])
def test_the_embedding_is_what_the_fitted_attributes_say(make_domains, n_features):
    X, y, d = make_domains(n_features=n_features, n_classes=3)
    model = CMMS(2).fit(X, y, sample_domain=d)
    projected = normalize(X) @ model.components_.T
    assert_allclose(projected.mean(axis=0), model.mean_, atol=1e-12)
    assert_allclose(model.transform(X), normalize(projected - model.mean_), atol=1e-12)
    assert_allclose(np.linalg.norm(model.components_, axis=1), 1)
    assert model.history_["objective"][-1] == pytest.approx(model.eigenvalues_.sum())


def test_decisions_are_distances_to_the_centroids(make_domains):
    X, y, d = make_domains(n_classes=3)
    model = CMMS(2).fit(X, y, sample_domain=d)
    distances = np.sum((model.transform(X)[:, None] - model.centroids_) ** 2, axis=2)
    assert_allclose(model.decision_function(X), -distances, atol=1e-12)
    two = CMMS(2).fit(X, np.minimum(y, 1), sample_domain=d)
    decisions = two.decision_function(X)
    assert decisions.shape == (32,)
    assert_array_equal(two.predict(X), (decisions > 0).astype(int))
    assert not hasattr(model, "predict_proba")


def test_the_first_labels_are_those_of_the_classifier_given(make_domains):
    X, y, d = make_domains(n_classes=3, shift=2)
    model = CMMS(2, estimator=LogisticRegression(), max_iter=1).fit(X, y, sample_domain=d)
    U = normalize(X)
    first = LogisticRegression().fit(U[d > 0], y[d > 0]).predict(U[d < 0])
    changes = np.sum(model.pseudo_labels_ != first)
    assert model.history_["label_changes"].tolist() == [changes]
    assert model.termination_ == ("max_iter" if changes else "converged")


def test_without_target_there_is_one_round_and_the_class_means(make_domains):
    X, y, _ = make_domains(n_classes=3)
    with pytest.warns(NoTargetWarning):
        model = CMMS(2).fit(X, y)
    assert (model.n_iter_, model.termination_, len(model.pseudo_labels_)) == (1, "converged", 0)
    Z = model.transform(X)
    assert_allclose(model.centroids_, [Z[y == c].mean(axis=0) for c in range(3)], atol=1e-12)


@given(scales=arrays(float, 32, elements=st.floats(0.1, 10)))
def test_the_length_of_a_row_does_not_matter(make_domains, scales):
    X, y, d = make_domains()
    model = CMMS(2).fit(X, y, sample_domain=d)
    scaled = CMMS(2).fit(X * scales[:, None], y, sample_domain=d)
    assert_array_equal(scaled.pseudo_labels_, model.pseudo_labels_)
    assert_allclose(scaled.transform(X), model.transform(X), atol=1e-8)


@pytest.mark.filterwarnings("error:n_components=:UserWarning")
def test_more_components_than_there_are_is_a_warning(make_domains):
    X, y, d = make_domains()
    with pytest.warns(UserWarning, match="n_components=9 is more than the rank 4 of the centred"):
        assert CMMS(9).fit(X, y, sample_domain=d).transform(X).shape == (32, 4)
