"""The matrix of LinearMonge from Cholesky factors: what it promises, and when it is taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ortho_group

from skdomain._rows import domain_moments
from skdomain.alignment import LinearMonge, linear_monge_map
from skdomain.alignment._gaussian_barycenter import monge_matrix, row_covariance, spectrum
from skdomain.alignment._gaussian_pair import (
    cholesky_matrix,
    factored_pairs,
    pair_matrix,
    squared_pairs,
    squares_suffice,
)
from skdomain.alignment._linear_monge import linear_monge_map_of

WAYS = {"squared": squared_pairs, "factored": factored_pairs}
each_way = pytest.mark.parametrize("way", WAYS)


def covariance(d, rank, seed, steepness=1.0):
    """Of a rank, of eigenvalues from 1 down to 10^-steepness, along axes of its own."""
    Q = ortho_group.rvs(d, random_state=seed) if d > 1 else np.eye(1)
    values = np.logspace(0, -steepness, d) * (np.arange(d) < rank)
    C = (Q * values) @ Q.T
    return (C + C.T) / 2


def cholesky(Cs, Ct, reg, way):
    return cholesky_matrix(Cs.copy(), Ct.copy(), reg, WAYS[way])


def spectral(Cs, Ct, reg):
    return monge_matrix(*spectrum(Cs, len(Cs), reg), *spectrum(Ct, len(Ct), reg))


def way_taken(source, target, reg):
    """The way whose matrix, to the last bit, is the one that comes out."""
    (Cs, _), (Ct, _) = source, target
    ways = {way: cholesky(Cs, Ct, reg, way) for way in WAYS if reg > 0}
    ways["spectra"] = monge_matrix(*spectrum(*source, reg), *spectrum(*target, reg))
    found = pair_matrix(*((C.copy(), size) for C, size in (source, target)), reg)
    (taken,) = (way for way, A in ways.items() if np.array_equal(A, found))
    return taken


# -- The theorem, either way ----------------------------------------------------------------------


@each_way
@given(d=st.integers(1, 12), ranks=st.tuples(*[st.integers(0, 12)] * 2), seed=st.integers(0, 999))
def test_it_is_symmetric_and_positive_definite_and_takes_one_covariance_to_the_other(
    way, d, ranks, seed
):
    """A = A' > 0 and A (Cs + reg I) A = Ct + reg I, of singular covariances too."""
    Cs, Ct = (covariance(d, rank, seed + k) for k, rank in enumerate(ranks))
    A = cholesky(Cs, Ct, 0.01, way)
    ridge = 0.01 * np.eye(d)
    assert_array_equal(A, A.T)
    assert np.linalg.eigvalsh(A).min() > 0.05
    assert_allclose(A @ (Cs + ridge) @ A, Ct + ridge, rtol=0, atol=1e-12)


@each_way
@given(d=st.integers(1, 12), ranks=st.tuples(*[st.integers(0, 12)] * 2), seed=st.integers(0, 999))
def test_it_is_the_matrix_from_spectra(way, d, ranks, seed):
    Cs, Ct = (covariance(d, rank, seed + k) for k, rank in enumerate(ranks))
    A = spectral(Cs, Ct, 0.01)
    assert_allclose(cholesky(Cs, Ct, 0.01, way), A, rtol=0, atol=1e-12 * np.abs(A).max())


@each_way
def test_covariances_that_commute_are_the_roots_of_a_ratio(way):
    Q = ortho_group.rvs(5, random_state=0)
    s, t = np.random.default_rng(0).uniform(0, 4, size=(2, 5))
    A = cholesky(Q * s @ Q.T, Q * t @ Q.T, 0.5, way)
    assert_allclose(A, Q * np.sqrt((t + 0.5) / (s + 0.5)) @ Q.T, atol=1e-14)


@each_way
@pytest.mark.parametrize("scale", [1e-290, 1e290])
def test_squares_of_any_size_neither_vanish_nor_overflow(way, scale):
    Cs, Ct = (covariance(6, 6, seed) for seed in (0, 1))
    A = cholesky(scale * Cs, scale * Ct, scale * 0.01, way)
    assert_allclose(A, spectral(Cs, Ct, 0.01), rtol=0, atol=1e-12)


# -- When it is taken -----------------------------------------------------------------------------


def drawn(n_source, n_target, n_features, rank=10**6, steepness=0.0):
    """Covariances of rows of two domains whose features vary less and less."""
    rng = np.random.default_rng(0)
    scales = np.logspace(0, -steepness / 2, n_features) * (np.arange(n_features) < rank)
    rows = (rng.normal(size=(n, n_features)) * scales for n in (n_source, n_target))
    return [row_covariance(X - X.mean(axis=0)) for X in rows]


TAKEN = {
    "a ridge of a tenth": (drawn(60, 50, 20), 0.1, "squared"),
    "such a ridge, few rows": (drawn(20, 15, 30), 0.1, "squared"),
    "such a ridge, low rank": (drawn(60, 50, 20, rank=3), 0.1, "squared"),
    "a ridge of a 1000th": (drawn(60, 50, 20), 1e-3, "factored"),
    "low rank and a small ridge": (drawn(60, 50, 20, rank=3), 1e-4, "factored"),
    "a ridge of next to nothing": (drawn(60, 50, 20), 1e-9, "spectra"),
    "low rank and next to nothing": (drawn(60, 50, 20, rank=3), 1e-9, "spectra"),
    "one domain many times the other": (
        [*drawn(60, 50, 20)[:1], (1e8 * drawn(60, 50, 20)[1][0], 50)],
        0.1,
        "spectra",
    ),
    "no ridge": (drawn(60, 50, 20), 0, "spectra"),
    "no ridge, few rows": (drawn(20, 15, 30), 0, "spectra"),
    "no ridge, low rank": (drawn(60, 50, 20, rank=3), 0, "spectra"),
    "no ridge, nothing varies": (drawn(60, 50, 20, rank=0), 0, "spectra"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_the_ridge_says_which_way_is_taken(case):
    pair, reg, way = TAKEN[case]
    assert way_taken(*pair, reg) == way


@given(
    d=st.integers(1, 25),
    steepness=st.tuples(*[st.floats(0, 9)] * 2),
    reg=st.floats(-7, 1),
    seed=st.integers(0, 999),
)
def test_whichever_is_taken_no_digits_are_lost(d, steepness, reg, seed):
    """On eigenvalues down to 1e-9 of the largest and below all ridges."""
    Cs, Ct = (covariance(d, d, seed + k, steep) for k, steep in enumerate(steepness))
    A = spectral(Cs, Ct, 10**reg)
    found = pair_matrix((Cs, d), (Ct, d), 10**reg)
    assert_allclose(found, A, rtol=0, atol=2e-10 * np.abs(A).max())


def test_digits_would_be_lost_to_squares_that_are_not_taken():
    """Of equal domains A is I. Eigenvalues 1e5 apart: of their squares, 1e-10 is near rounding."""
    C, reg = covariance(25, 5, seed=0), 1e-5
    off = {way: np.abs(cholesky(C, C, reg, way) - np.eye(25)).max() for way in WAYS}
    assert off["squared"] > 1e-9 > 1e-11 > off["factored"]
    assert way_taken((C, 25), (C, 25), reg) == "factored"


def test_source_and_target_count_alike():
    """The map back is the inverse, of as many digits."""
    assert squares_suffice(9e3, 1.0)
    assert squares_suffice(1.0, 9e3)
    assert not squares_suffice(1.1e4, 1.0)
    assert not squares_suffice(1.0, 1.1e4)


# -- Around it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("reg", ["scale", 1e-3])
def test_moments_give_the_map_of_the_rows_and_stay_as_they_are(reg, make_domains):
    X, _, d = make_domains(60, 50, 8)
    moments = domain_moments(X, d > 0)
    before = [side.scatter.copy() for side in (moments.source, moments.target)]
    A = linear_monge_map_of(moments, reg=reg).matrix()
    assert_allclose(A, linear_monge_map(X[d > 0], X[d < 0], reg=reg).matrix(), rtol=0, atol=1e-12)
    assert_array_equal(A, A.T)
    for scatter, side in zip(before, (moments.source, moments.target), strict=True):
        assert_array_equal(side.scatter, scatter)


@pytest.mark.parametrize("n_features", [8, 300])
def test_by_default_the_matrix_is_symmetric_to_the_last_bit(n_features, make_domains):
    """As that of Cholesky factors is, and that of spectra is not."""
    X, _, d = make_domains(60, 50, n_features)
    model = LinearMonge().fit(X, sample_domain=d)
    assert (model.map_.basis is None) == (n_features == 8)
    assert_array_equal(model.map_.update, model.map_.update.T)
