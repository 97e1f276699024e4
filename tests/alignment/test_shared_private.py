"""Shared and private subspaces are those of which the rows were made; parts are at right angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import orth, subspace_angles
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdomain import NoTargetWarning
from skdomain.alignment import SharedPrivateSubspaces
from skdomain.compose import SourceOnly

WHOLE = 1 - 1e-12  # all of the variance, up to rounding


def draw(shared=2, private=(1, 2, 1), n_features=9, noise=0.0, seed=0, counts=None):
    """Rows of domains with a common subspace and one of its own each, and the truth."""
    rng = np.random.default_rng(seed)
    names = [1, -2, 3, -4][: len(private)]
    counts = counts or [30] * len(private)
    J = orth(rng.normal(size=(n_features, shared)))
    off = np.eye(n_features) - J @ J.T
    B = {
        k: orth(off @ rng.normal(size=(n_features, p))) for k, p in zip(names, private, strict=True)
    }
    d, mean = np.repeat(names, counts), rng.normal(size=n_features)
    S = rng.normal(size=(len(d), shared)) * np.arange(2, 2 + shared) @ J.T
    P = np.zeros((len(d), n_features))
    for k in names:
        own = d == k
        P[own] = rng.normal(size=(own.sum(), B[k].shape[1])) * 3 @ B[k].T
        S[own] -= S[own].mean(axis=0)
        P[own] -= P[own].mean(axis=0)
    E = noise * rng.normal(size=P.shape)
    order = rng.permutation(len(d))
    return (mean + S + P + E)[order], d[order], (J, B, mean, S[order], P[order])


@given(
    shared=st.integers(1, 3),
    private=st.lists(st.integers(1, 2), min_size=2, max_size=4),
    seed=st.integers(0, 2**16),
)
def test_what_rows_without_noise_were_made_of_is_found_exactly(shared, private, seed):
    X, d, (J, B, mean, S, P) = draw(shared, private, seed=seed)
    model = SharedPrivateSubspaces(0.999, n_components=WHOLE).fit(X, sample_domain=d)
    assert_allclose(model.mean_, mean, atol=1e-10)
    assert len(model.shared_components_) == shared
    assert subspace_angles(model.shared_components_.T, J).max() < 1e-7
    assert_allclose(model.agreements_[:shared], 1, atol=1e-10)
    parts = model.parts(X, d)
    assert_allclose(parts.shared, S, atol=1e-7)
    assert_allclose(parts.private, P, atol=1e-7)
    assert_allclose(parts.residual, 0, atol=1e-7)
    for k, axes in model.private_components_.items():
        assert subspace_angles(axes.T, B[k]).max() < 1e-7


def test_the_error_falls_with_the_noise():
    errors = []
    for noise in (1e-1, 1e-2, 1e-3):
        X, d, (J, *_) = draw(private=(1, 1, 1), noise=noise, counts=[200] * 3)
        model = SharedPrivateSubspaces(2, n_components=3).fit(X, sample_domain=d)
        errors.append(subspace_angles(model.shared_components_.T, J).max())
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1] / 5


@given(
    n_shared=st.one_of(st.integers(1, 6), st.floats(0.1, 1)),
    n_components=st.one_of(st.integers(1, 6), st.floats(0.1, 0.99)),
    seed=st.integers(0, 2**16),
)
@pytest.mark.filterwarnings("ignore:n_shared=:UserWarning")
@pytest.mark.filterwarnings("ignore:n_components=:UserWarning")
def test_the_parts_of_any_rows_add_up_at_right_angles(n_shared, n_components, seed):
    rng = np.random.default_rng(seed)
    X, d = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6)), rng.choice([1, 2, -3], 40)
    model = SharedPrivateSubspaces(n_shared, n_components=n_components).fit(X, sample_domain=d)
    parts = model.parts(X, d)
    assert_allclose(model.mean_ + sum(parts), X, atol=1e-10)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert_allclose(np.sum(parts[i] * parts[j], axis=1), 0, atol=1e-9)
    J = model.shared_components_
    assert_allclose(J @ J.T, np.eye(len(J)), atol=1e-10)
    assert_allclose(parts.shared, model.transform(X) @ J, atol=1e-10)
    for B in model.private_components_.values():
        assert_allclose(B @ B.T, np.eye(len(B)), atol=1e-10)
        assert_allclose(B @ J.T, 0, atol=1e-7)


def test_private_axes_are_at_right_angles_to_shared_ones_that_lie_far_from_the_domain():
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(60, 8)), np.repeat([1, -2, 3], 20)
    model = SharedPrivateSubspaces(2, n_components=3).fit(X, sample_domain=d)
    least = []
    for k, B in model.private_components_.items():
        V = np.linalg.svd(X[d == k] - X[d == k].mean(axis=0))[2][:3]
        least.append(np.linalg.svd(V @ model.shared_components_.T)[1][-1])
        assert len(B) == 1
        assert_allclose(B @ model.shared_components_.T, 0, atol=1e-12)
        assert_allclose(B @ V.T @ V, B, atol=1e-12)
    assert 1e-3 < min(least) < 0.5


def test_shared_axes_are_leading_eigenvectors_of_the_mean_projector():
    X, d, _ = draw(noise=0.5)
    model = SharedPrivateSubspaces(2, n_components=4).fit(X, sample_domain=d)
    P = np.zeros((9, 9))
    for k in np.unique(d):
        V = np.linalg.svd(X[d == k] - X[d == k].mean(axis=0))[2][:4].T
        P += V @ V.T / 3
    values, vectors = np.linalg.eigh(P)
    assert_allclose(model.agreements_[:9], values[::-1], atol=1e-10)
    assert subspace_angles(model.shared_components_.T, vectors[:, -2:]).max() < 1e-7
    within = sum(np.cov(X[d == k].T, bias=True) for k in np.unique(d))
    spreads = np.einsum("ij,jk,ik->i", J := model.shared_components_, within, J)
    assert spreads[0] > spreads[1]


def test_two_domains_by_hand():
    """At the angle arccos 0.6, the mean of the projectors has the eigenvalues (1 +- 0.6) / 2."""
    a = np.array([[-1.0], [1.0]])
    X = np.concatenate([a * [1.0, 0.0], a * [0.6, 0.8]])
    model = SharedPrivateSubspaces(1, n_components=1).fit(X, sample_domain=[1, 1, -2, -2])
    assert_allclose(model.agreements_, [0.8, 0.2])
    assert_allclose(model.shared_components_, [[2 / 5**0.5, 1 / 5**0.5]])
    assert all(len(B) == 0 for B in model.private_components_.values())
    assert_allclose(model.transform(X)[:2, 0], [-2 / 5**0.5, 2 / 5**0.5])


def test_names_and_order_of_the_domains_change_nothing():
    X, d, _ = draw(noise=0.3)
    names = {1: 7, -2: -5, 3: 1}
    model = SharedPrivateSubspaces(2).fit(X, sample_domain=d)
    order = np.argsort(d, kind="stable")[::-1]
    other = SharedPrivateSubspaces(2).fit(X[order], sample_domain=[names[k] for k in d[order]])
    assert_allclose(other.transform(X), model.transform(X), atol=1e-10)
    for old, new in names.items():
        assert_allclose(other.private_components_[new], model.private_components_[old], atol=1e-9)


def test_a_large_domain_counts_no_more_than_a_small_one():
    X, d, _ = draw(noise=0.3)
    model = SharedPrivateSubspaces(2).fit(X, sample_domain=d)
    twice = np.concatenate([X, X[d == -2]]), np.concatenate([d, d[d == -2]])
    other = SharedPrivateSubspaces(2).fit(twice[0], sample_domain=twice[1])
    shared = other.shared_components_.T, model.shared_components_.T
    assert subspace_angles(*shared).max() < 1e-7


def test_a_rotation_of_the_features_rotates_the_axes():
    X, d, _ = draw(noise=0.3)
    Q = orth(np.random.default_rng(1).normal(size=(9, 9)))
    Z = SharedPrivateSubspaces(2).fit_transform(X, sample_domain=d)
    turned = SharedPrivateSubspaces(2).fit_transform(X @ Q, sample_domain=d)
    assert_allclose(np.abs(turned), np.abs(Z), atol=1e-9)


def test_without_a_target_it_is_pca():
    X, _, _ = draw(noise=0.3)
    with pytest.warns(NoTargetWarning):
        model = SharedPrivateSubspaces(n_components=3).fit(X)
    assert_allclose(np.abs(model.transform(X)), np.abs(PCA(3).fit_transform(X)), atol=1e-9)
    assert len(model.private_components_[1]) == 0


def test_domains_without_a_common_direction_keep_one_and_say_so():
    X, d, _ = draw(shared=1)
    own = X - X.mean(axis=0)
    apart = np.zeros((len(X), 6))
    for i, k in enumerate((1, -2, 3)):
        apart[d == k, 2 * i : 2 * i + 2] = own[d == k, :2]
    model = SharedPrivateSubspaces()
    with pytest.warns(UserWarning, match=r"largest is 0.333; 1 is kept. Lower n_shared, raise"):
        model.fit(apart, sample_domain=d)
    assert_allclose(model.agreements_, 1 / 3)
    assert model.transform(apart).shape == (90, 1)


def test_rows_of_a_domain_that_was_not_fitted_have_no_private_part():
    X, d, _ = draw(noise=0.3)
    model = SharedPrivateSubspaces(2).fit(X, sample_domain=d)
    parts = model.parts(X, -9)
    assert_array_equal(parts.private, 0)
    assert_allclose(parts.shared, model.parts(X, d).shared)
    assert_allclose(model.mean_ + sum(parts), X)


def test_a_domain_without_spread_is_an_error_that_names_it():
    X, d, _ = draw()
    X[d == -2] = 1.0
    with pytest.raises(ValueError, match="the domain -2 rows are all equal up to rounding"):
        SharedPrivateSubspaces().fit(X, sample_domain=d)


def test_it_is_routed_through_a_pipeline():
    X, d, (_, _, _, S, _) = draw(noise=0.1)
    y = (S[:, 0] > 0).astype(int)
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(SharedPrivateSubspaces(2), SourceOnly(LogisticRegression()))
        pipe.fit(X, y, sample_domain=d)
    assert list(pipe[0].private_components_) == [-2, 1, 3]
