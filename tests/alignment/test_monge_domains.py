"""LinearMonge of several domains: each to the target, or all to the barycenter of Gaussians."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import ortho_group

from skdomain import NoTargetWarning, RowBlocks
from skdomain.alignment import LinearMonge
from skdomain.alignment._gaussian_barycenter import gaussian_barycenter, monge_matrix, spectrum

REFERENCES = "target", "barycenter"


def root(C):
    values, vectors = np.linalg.eigh(C)
    return (vectors * np.sqrt(values.clip(0))) @ vectors.T


def covariances(n, d, seed=0, power=1):
    rng = np.random.default_rng(seed)
    axes = ortho_group.rvs(d, size=n, random_state=seed).reshape(n, d, d)
    return [(Q * rng.uniform(0.1, 3.0, d) ** power) @ Q.T for Q in axes]


def barycenter(*Cs, **options):
    found = gaussian_barycenter([spectrum(C, len(C), 0.0) for C in Cs], **options)
    assert found.converged
    return (found.vectors * found.values) @ found.vectors.T


def drawn(n_features=4, labels=(1, 2, -3), n=30, seed=0):
    """Rows of domains of different means and covariances, shuffled."""
    rng = np.random.default_rng(seed)
    d = rng.permutation(np.repeat(labels, n))
    X = rng.normal(size=(len(d), n_features))
    for k in labels:
        X[d == k] = X[d == k] @ rng.normal(size=(n_features, n_features)) + 5 * rng.normal()
    return X, d


# -- The barycenter ------------------------------------------------------------------------------


@given(n=st.integers(1, 5), d=st.integers(2, 6), power=st.integers(1, 4), seed=st.integers(0, 99))
def test_it_is_the_fixed_point(n, d, power, seed):
    """S = 1/K sum_k (S^(1/2) C_k S^(1/2))^(1/2) (Agueh and Carlier)."""
    Cs = covariances(n, d, seed, power)
    S = barycenter(*Cs)
    half = root(S)
    assert_allclose(sum(root(half @ C @ half) for C in Cs) / n, S, atol=1e-9 * np.trace(S))


def test_that_of_two_is_the_midpoint_of_the_geodesic():
    """((I + A) / 2) C ((I + A) / 2), with A the map of the first onto the second."""
    first, second = covariances(2, 5)
    A = monge_matrix(*spectrum(first, 5, 0.0), *spectrum(second, 5, 0.0))
    half = (np.eye(5) + A) / 2
    assert_allclose(barycenter(first, second), half @ first @ half, atol=1e-10)


def test_roots_of_covariances_that_commute_are_averaged():
    Q = ortho_group.rvs(4, random_state=0)
    values = np.random.default_rng(0).uniform(0, 4, size=(3, 4))
    S = barycenter(*((Q * w) @ Q.T for w in values))
    assert_allclose(S, (Q * np.sqrt(values).mean(axis=0) ** 2) @ Q.T, atol=1e-12)


def test_it_is_the_mean_square_nearest_of_all_near_it():
    """Of squared distances ``tr S + tr C - 2 tr (S^(1/2) C S^(1/2))^(1/2)``."""
    Cs, rng = covariances(3, 3), np.random.default_rng(0)

    def spread(S):
        half = root(S)
        return sum(np.trace(S) + np.trace(C) - 2 * np.trace(root(half @ C @ half)) for C in Cs)

    S = barycenter(*Cs)
    for _ in range(20):
        move = 0.02 * rng.normal(size=(3, 3))
        assert spread(S + move + move.T) > spread(S)


def test_it_is_that_of_pot():
    ot = pytest.importorskip("ot")
    Cs = covariances(4, 3)
    _, S = ot.gaussian.bures_wasserstein_barycenter(np.zeros((4, 3)), np.stack(Cs), eps=1e-12)
    assert_allclose(barycenter(*Cs), S, atol=1e-8)


def test_rounds_that_end_early_say_so():
    spectra = [spectrum(C, 4, 0.0) for C in covariances(3, 4)]
    found = gaussian_barycenter(spectra, max_iter=1)
    assert (found.n_iter, found.converged) == (1, False)


def test_singular_covariances_have_one_too():
    """Of two lines at a right angle, S is the mean of half the roots: no map needs an inverse."""
    S = barycenter(np.diag([4.0, 0.0]), np.diag([0.0, 16.0]))
    assert_allclose(S, np.diag([1.0, 4.0]), atol=1e-12)


# -- Each domain moves ---------------------------------------------------------------------------


@pytest.mark.parametrize("n_features", [3, 200])
def test_to_the_target_each_source_goes_as_if_alone(n_features):
    X, d = drawn(n_features)
    Z = LinearMonge(reference="target").fit_transform(X, sample_domain=d)
    assert_array_equal(Z[d < 0], X[d < 0])
    for k in (1, 2):
        pair = (d == k) | (d < 0)
        alone = LinearMonge().fit_transform(X[pair], sample_domain=d[pair])
        assert_array_equal(Z[pair], alone)


@pytest.mark.parametrize("n_features", [3, 200])
def test_of_one_source_and_one_target_nothing_is_new(n_features):
    X, d = drawn(n_features, (1, -2))
    new, old = LinearMonge(reference="target"), LinearMonge()
    assert_array_equal(*(m.fit_transform(X, sample_domain=d) for m in (new, old)))
    assert_array_equal(new.maps_[1].matrix(), old.map_.matrix())


def test_at_the_barycenter_means_and_covariances_agree():
    X, d = drawn(labels=(1, 2, -3, -4))
    Z = LinearMonge(reg=0, reference="barycenter").fit_transform(X, sample_domain=d)
    S = barycenter(*(np.cov(X[d == k].T) for k in np.unique(d)))
    mean = np.mean([X[d == k].mean(axis=0) for k in np.unique(d)], axis=0)
    for k in np.unique(d):
        assert_allclose(Z[d == k].mean(axis=0), mean, atol=1e-9)
        assert_allclose(np.cov(Z[d == k].T), S, rtol=1e-8, atol=1e-8)


def test_maps_of_all_domains_have_the_identity_as_the_mean_of_their_inverses():
    """What ends the rounds: the mean of the maps of S onto each C_k is I."""
    X, d = drawn()
    model = LinearMonge(reference="barycenter").fit(X, sample_domain=d)
    back = sum(m.inverse().matrix() for m in model.maps_.values()) / len(model.maps_)
    assert_allclose(back, np.eye(4), atol=1e-6)
    assert model.n_iter_ > 1
    for source_map in model.maps_.values():
        A = source_map.matrix()
        assert_allclose(A, A.T, atol=1e-8)


def test_fewer_rows_than_features_are_the_same_in_their_span():
    X, d = drawn(5, n=10)
    wide = np.pad(X, ((0, 0), (0, 95)))
    options = {"reg": 0.1, "reference": "barycenter"}
    narrow = LinearMonge(**options).fit_transform(X, sample_domain=d)
    model = LinearMonge(**options).fit(wide, sample_domain=d)
    assert model.maps_[1].basis is not None
    assert_allclose(model.transform(wide, sample_domain=d)[:, :5], narrow, atol=1e-8)


@pytest.mark.parametrize("reference", REFERENCES)
def test_domains_equal_to_the_others_are_left_alone(reference):
    X = drawn(labels=(1,))[0]
    both, d = np.concatenate([X, X[::-1], X]), np.repeat([1, 2, -3], len(X))
    Z = LinearMonge(reference=reference).fit_transform(both, sample_domain=d)
    assert_allclose(Z, both, atol=1e-8)


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_order_of_rows_and_the_names_of_domains_do_not_matter(reference):
    X, d = drawn()
    Z = LinearMonge(reference=reference).fit_transform(X, sample_domain=d)
    order = np.random.default_rng(1).permutation(len(X))
    names = np.select([d == 1, d == 2], [9, 4], -1)
    again = LinearMonge(reference=reference).fit(X[order], sample_domain=names[order])
    assert_allclose(again.transform(X[order], sample_domain=names[order]), Z[order], atol=1e-9)


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_way_back_undoes_it(reference):
    X, d = drawn()
    model = LinearMonge(reference=reference).fit(X, sample_domain=d)
    Z = model.transform(X, sample_domain=d)
    assert_allclose(model.inverse_transform(Z, sample_domain=d), X, atol=1e-8)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("rows", [lambda X: RowBlocks([X[:40], X[40:]]), sparse.csr_array])
def test_blocks_and_sparse_rows_give_the_same_maps(reference, rows):
    X, d = drawn()
    model = LinearMonge(reference=reference)
    Z = model.fit_transform(X, sample_domain=d)
    maps = model.maps_
    model.fit(rows(X), sample_domain=d)
    for k, source_map in model.maps_.items():
        assert_allclose(source_map.matrix(), maps[k].matrix(), atol=1e-8)
    found = model.transform(rows(X), sample_domain=d)
    found = found if isinstance(found, np.ndarray) else np.concatenate([*found])
    assert_allclose(found, Z, atol=1e-8)


# -- Domains that were not fitted, and what is refused --------------------------------------------


def test_unknown_domains_are_refused_and_other_targets_stay_with_a_target():
    X, d = drawn()
    model = LinearMonge(reference="target").fit(X, sample_domain=d)
    assert_array_equal(model.transform(X, sample_domain=-9), X)
    assert_array_equal(model.transform(X), X)
    with pytest.raises(ValueError, match=r"fitted to the domains \[1, 2\] and has no map of \[7\]"):
        model.transform(X, sample_domain=7)
    model = LinearMonge(reference="barycenter").fit(X, sample_domain=d)
    assert_array_equal(model.transform(X), model.transform(X, sample_domain=-3))
    with pytest.raises(ValueError, match=r"\[-3, 1, 2\] and has no map of \[-9, 8\]"):
        model.transform(X, sample_domain=np.where(d > 0, 8, -9))
    X, d = drawn(labels=(1, -2, -3))
    model = LinearMonge(reference="barycenter").fit(X, sample_domain=d)
    with pytest.raises(ValueError, match=r"target domains \[-3, -2\].* pass sample_domain"):
        model.transform(X)


@pytest.mark.parametrize("reference", REFERENCES)
def test_without_target_rows_none_moves(reference):
    X, d = drawn(labels=(1, 2))
    model = LinearMonge(reference=reference)
    with pytest.warns(NoTargetWarning):
        model.fit(X, sample_domain=d)
    assert_array_equal(model.transform(X, sample_domain=d), X)
    assert_array_equal(model.transform(X), X)


def test_what_cannot_be_is_told():
    X, d = drawn()
    with pytest.raises(AttributeError, match="has no attribute 'partial_fit'") as caught:
        LinearMonge(reference="target").partial_fit(X, sample_domain=d)
    assert "two sides, not of each domain" in str(caught.value.__cause__)
    d[:] = np.where(np.arange(len(d)) == 0, 5, -1)
    with pytest.raises(ValueError, match=r"domain 5 has 1 row\(s\), at least 2"):
        LinearMonge(reference="barycenter").fit(X, sample_domain=d)
    model = LinearMonge(reference="target").fit(*drawn()[:1], sample_domain=drawn()[1])
    model.set_params(reference=None).fit(*drawn()[:1], sample_domain=drawn()[1])
    assert not hasattr(model, "maps_")
