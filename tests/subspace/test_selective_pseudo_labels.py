"""Selective pseudo-labels: the steps with all matrices written out, and what is selected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import normalize

from skdomain import NoTargetWarning
from skdomain.subspace import SelectivePseudoLabels
from skdomain.subspace._selective import (
    class_probabilities,
    cluster_means,
    slpp_projection,
    surest_rows,
    unit_class_means,
)

problems = given(
    n_source=st.integers(4, 20),
    n_target=st.integers(3, 20),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    seed=st.integers(0, 2**16),
)


# -- The projection -----------------------------------------------------------------------------


def graph(labels):
    """W, and D - W, of rows with the same label."""
    W = ((labels[:, None] == labels) & (labels >= 0)).astype(float)
    return np.diag(W.sum(axis=1)), np.diag(W.sum(axis=1)) - W


@settings(max_examples=30)
@problems
def test_projection_solves_the_pencil_of_the_graph(make_domains, n_source, n_target, lam, seed):
    F, labels, d = make_domains(n_source, n_target, 5, n_classes=3, seed=seed)
    labels[np.flatnonzero(d < 0)[::2]] = -1
    D, L = graph(labels)
    P, theta = slpp_projection(F, labels, n_classes=3, n_components=3, lam=lam)
    extent, within = F.T @ D @ F, F.T @ L @ F + lam * np.eye(5)
    assert_allclose(extent @ P, within @ P * theta, atol=1e-9 * theta[0] * np.linalg.norm(within))
    assert_allclose(P.T @ within @ P, np.eye(3), atol=1e-9)
    assert_allclose(theta, eigh(extent, within, eigvals_only=True)[:1:-1], rtol=1e-9)


@problems
def test_the_laplacian_is_the_scatter_of_each_class_times_its_size(
    make_domains, n_source, n_target, lam, seed
):
    F, labels, _ = make_domains(n_source, n_target, 5, n_classes=3, seed=seed)
    labels[::4] = -1
    rows = [F[labels == c] for c in range(3)]
    _, L = graph(labels)
    scatter = sum(len(r) ** 2 * np.cov(r.T, bias=True) for r in rows if len(r))
    assert_allclose(F.T @ L @ F, scatter, atol=1e-10)


def test_directions_without_labelled_rows_are_left_out(make_domains):
    F, labels, d = make_domains(n_features=6)
    labels = np.where(np.cumsum(d > 0) <= 3, np.where(d > 0, labels, -1), -1)
    P, theta = slpp_projection(F, labels, n_classes=2, n_components=6)
    assert P.shape == (6, 3)
    assert theta.min() > 0


# -- Clusters and probabilities -----------------------------------------------------------------


@given(n_clusters=st.integers(1, 5), n=st.integers(1, 30), seed=st.integers(0, 2**16))
def test_clusters_are_a_fixed_point_of_assignment_and_means(n_clusters, n, seed):
    rng = np.random.default_rng(seed)
    Z, start = rng.normal(size=(n, 3)), rng.normal(size=(n_clusters, 3))
    found = cluster_means(Z, start)
    nearest = np.linalg.norm(Z[:, None] - found, axis=2).argmin(axis=1)
    for c in np.unique(nearest):
        assert_allclose(found[c], Z[nearest == c].mean(axis=0))
    assert np.isfinite(found).all()


def test_a_cluster_without_rows_stays_where_it_is():
    found = cluster_means(np.array([[0.0], [1.0]]), np.array([[0.2], [50.0]]))
    assert_array_equal(found, [[0.5], [50.0]])


def test_probabilities_by_hand():
    """Distances 0, 2 and 1 from a row to the means."""
    p = class_probabilities(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]))
    assert_allclose(p, np.exp([[0, -2, -1]]) / np.exp([0, -2, -1]).sum())


# -- The selection ------------------------------------------------------------------------------

predictions = given(
    codes=arrays(int, 40, elements=st.integers(0, 4)),
    seed=st.integers(0, 2**16),
    more=st.floats(0, 0.99),
    less=st.floats(0, 0.99),
)


@settings(max_examples=50)
@predictions
def test_selection_takes_the_same_share_of_each_class(codes, seed, more, less):
    confidences = np.random.default_rng(seed).permutation(40) / 40
    selected = surest_rows(codes, confidences, more)
    for c in np.unique(codes):
        n, n_selected = np.sum(codes == c), np.sum(selected[codes == c])
        assert n * (1 - more) - 1 - 1e-9 <= n_selected <= n * (1 - more) + 1e-9
        if n_selected:
            left = confidences[(codes == c) & ~selected]
            assert confidences[(codes == c) & selected].min() > left.max()


@settings(max_examples=50)
@predictions
def test_selection_grows_as_less_is_left_out(codes, seed, more, less):
    """Ties included: no row that was trusted is dropped while its class and confidence stay."""
    confidences = np.random.default_rng(seed).integers(0, 12, 40) / 12
    few, many = (surest_rows(codes, confidences, q) for q in (max(more, less), min(more, less)))
    assert np.all(many[few])


@predictions
def test_selection_depends_on_no_order(codes, seed, more, less):
    rng = np.random.default_rng(seed)
    confidences, order = rng.integers(0, 9, 40) / 9, rng.permutation(40)
    selected = surest_rows(codes, confidences, more)
    assert_array_equal(surest_rows(codes[order], confidences[order], more), selected[order])


@settings(max_examples=15)
@problems
@pytest.mark.parametrize("structured", [True, False])
def test_rounds_trust_a_share_that_grows_to_all(
    make_domains, structured, n_source, n_target, lam, seed
):
    X, y, d = make_domains(n_source, n_target, 5, n_classes=3, seed=seed)
    model = SelectivePseudoLabels(structured=structured, lam=lam, max_iter=6)
    model.fit(X, y, sample_domain=d)
    share = np.minimum(np.arange(1, 7) / 5, 1)
    selected = model.history_["selected"]
    assert np.all(selected <= n_target * share + 1e-9)
    assert np.all(selected >= n_target * share - 3 - 1e-9)


# -- The estimator ------------------------------------------------------------------------------


def textbook(X, y, d, *, structured, n_rounds, lam):
    """Predictions of each round, with matrices of n x n and a loop over the classes."""
    source, C = d > 0, y.max() + 1
    X = normalize(X)
    F = normalize(X @ PCA().fit(X).components_.T)
    labels = np.where(source, y, -1)
    for t in range(1, n_rounds + 1):
        D, L = graph(labels)
        theta, P = eigh(F.T @ D @ F, F.T @ L @ F + lam * np.eye(F.shape[1]))
        P = P[:, theta > 1e-10 * theta[-1]]
        Z = normalize(F @ P - (F @ P).mean(axis=0))
        means = normalize(np.array([Z[source & (y == c)].mean(axis=0) for c in range(C)]))
        p = class_probabilities(Z[~source], means)
        if structured:
            centres = normalize(cluster_means(Z[~source], means))
            p = np.maximum(p, class_probabilities(Z[~source], centres))
        predicted, labels = p.argmax(axis=1), np.where(source, y, -1)
        for c in range(C):
            members = np.flatnonzero(predicted == c)
            order = members[np.argsort(p[members].max(axis=1))]
            kept = order[int(np.floor(len(members) * max(0, 1 - t / (n_rounds - 1)))) + 1 :]
            labels[np.flatnonzero(~source)[kept]] = c
    return predicted


@settings(max_examples=25)
@problems
@pytest.mark.parametrize("structured", [True, False])
def test_rounds_are_those_of_the_textbook(make_domains, structured, n_source, n_target, lam, seed):
    X, y, d = make_domains(n_source, n_target, 5, n_classes=3, seed=seed)
    expected = textbook(X, y, d, structured=structured, n_rounds=5, lam=lam)
    model = SelectivePseudoLabels(structured=structured, max_iter=5, lam=lam)
    model.fit(X, y, sample_domain=d)
    assert_array_equal(model.pseudo_labels_, expected)
    assert_array_equal(model.predict(X[d < 0]), expected)


def test_the_embedding_is_what_the_fitted_attributes_say(make_domains):
    X, y, d = make_domains(n_classes=3)
    model = SelectivePseudoLabels(2).fit(X, y, sample_domain=d)
    F = normalize(normalize(X) @ model.axes_.T)
    Z = normalize(F @ model.components_.T - model.mean_)
    assert_allclose(model.transform(X), Z, atol=1e-12)
    assert_allclose((F @ model.components_.T).mean(axis=0), model.mean_, atol=1e-12)
    assert_allclose(model.class_means_, unit_class_means(Z[d > 0], y[d > 0], 3), atol=1e-12)
    assert_allclose(np.linalg.norm(model.cluster_means_, axis=1), 1)
    p = np.maximum(*(class_probabilities(Z, m) for m in (model.class_means_, model.cluster_means_)))
    assert_allclose(model.predict_proba(X), p / p.sum(axis=1, keepdims=True), atol=1e-12)
    assert_allclose(model.predict_log_proba(X), np.log(model.predict_proba(X)))
    assert model.history_["confidence"][-1] == pytest.approx(p[d < 0].max(axis=1).mean())


@pytest.mark.parametrize("inner", [LogisticRegression(), GaussianNB()])
@pytest.mark.parametrize("structured", [True, False])
def test_a_classifier_takes_the_place_of_the_class_means(make_domains, inner, structured):
    X, y, d = make_domains(n_classes=3)
    names = np.array(["c", "a", "b"])
    model = SelectivePseudoLabels(2, estimator=inner, structured=structured)
    model.fit(X, names[y], sample_domain=d)
    Z = model.transform(X)
    p = model.estimator_.predict_proba(Z)
    if structured:
        p = np.maximum(p, class_probabilities(Z, model.cluster_means_))
    assert_allclose(model.predict_proba(X), p / p.sum(axis=1, keepdims=True), atol=1e-12)
    assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])
    assert not hasattr(model, "decision_function")


def test_clusters_correct_what_class_means_of_the_source_get_wrong():
    """Target classes that are compact, but halfway to another class of the source."""
    rng = np.random.default_rng(0)
    y, d = np.tile([0, 1], 100), np.repeat([1, -2], 100)
    centres = np.where(d > 0, 0.0, 0.7) + y * np.pi / 2
    angle = centres + 0.1 * rng.normal(size=200)
    X = np.c_[np.cos(angle), np.sin(angle), 0.2 * rng.normal(size=(200, 2))]
    with_clusters = SelectivePseudoLabels(max_iter=2).fit(X, y, sample_domain=d)
    without = SelectivePseudoLabels(max_iter=2, structured=False).fit(X, y, sample_domain=d)
    assert without.cluster_means_ is None
    assert with_clusters.history_["confidence"][0] > without.history_["confidence"][0]
    assert with_clusters.score(X, y, sample_domain=d) >= without.score(X, y, sample_domain=d)


def test_without_target_there_is_one_round_and_the_nearest_class_mean(make_domains):
    X, y, _ = make_domains(n_classes=3)
    with pytest.warns(NoTargetWarning):
        model = SelectivePseudoLabels(2).fit(X, y)
    assert (model.n_iter_, model.termination_, len(model.pseudo_labels_)) == (1, "converged", 0)
    assert model.cluster_means_ is None
    D, L = graph(y)
    F = normalize(normalize(X) @ model.axes_.T)
    theta = eigh(F.T @ D @ F, F.T @ L @ F + np.eye(F.shape[1]), eigvals_only=True)
    assert_allclose(model.eigenvalues_, theta[:-3:-1], rtol=1e-9)
    distances = np.linalg.norm(model.transform(X)[:, None] - model.class_means_, axis=2)
    assert_array_equal(model.predict(X), distances.argmin(axis=1))


@given(scales=arrays(float, 32, elements=st.floats(0.1, 10)))
def test_the_length_of_a_row_does_not_matter(make_domains, scales):
    X, y, d = make_domains()
    model = SelectivePseudoLabels(2).fit(X, y, sample_domain=d)
    scaled = SelectivePseudoLabels(2).fit(X * scales[:, None], y, sample_domain=d)
    assert_array_equal(scaled.pseudo_labels_, model.pseudo_labels_)
    assert_allclose(scaled.transform(X), model.transform(X), atol=1e-8)


def test_few_axes_are_kept_where_few_are_wanted(make_domains):
    X, y, d = make_domains(n_features=6)
    model = SelectivePseudoLabels(n_axes=3).fit(X, y, sample_domain=d)
    assert model.axes_.shape == (3, 6)
    assert model.components_.shape == (3, 3)
    assert_allclose(model.axes_ @ model.axes_.T, np.eye(3), atol=1e-10)
    expected = PCA(3).fit(normalize(X)).components_
    assert_allclose(np.abs(np.sum(expected * model.axes_, axis=1)), 1)


def test_more_components_than_there_are_is_a_warning(make_domains):
    X, y, d = make_domains()
    with pytest.warns(UserWarning, match="n_components=9 is more than the 4 directions in which"):
        assert SelectivePseudoLabels(9).fit(X, y, sample_domain=d).transform(X).shape == (32, 4)


def test_one_round_trusts_none_but_source_rows(make_domains):
    X, y, d = make_domains()
    model = SelectivePseudoLabels(max_iter=1).fit(X, y, sample_domain=d)
    labels = np.where(d > 0, y, -1)
    F = normalize(normalize(X) @ model.axes_.T)
    P, _ = slpp_projection(F, labels, n_classes=2, n_components=4)
    assert_allclose(model.components_, P.T)
    assert model.n_iter_ == 1
