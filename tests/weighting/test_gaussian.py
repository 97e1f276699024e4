"""GaussianWeighting: the ratio of two normal densities in closed form."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal
from sklearn.covariance import (
    empirical_covariance,
    ledoit_wolf,
    ledoit_wolf_shrinkage,
    shrunk_covariance,
)

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import GaussianWeighting, gaussian_weights
from skdomain.weighting._ratio._normal_laws import (
    Normal,
    gaussian_ratio,
    gram_shrinkage,
    spanned_normal,
)

shapes = given(
    n_source=st.integers(2, 20),
    n_target=st.integers(2, 20),
    n_features=st.integers(1, 15),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, seed=0):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(n_features, n_features))
    Xs, Xt = rng.normal(size=(n_source, n_features)), rng.normal(0.5, 2, (n_target, n_features))
    return Xs @ mixing, Xt @ mixing


@shapes
def test_the_ratio_is_that_of_the_densities_with_covariances_of_ledoit_and_wolf(
    n_source, n_target, n_features, seed
):
    """In units of the standard deviation of the even mixture, plus 1e-6 on the diagonal."""
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    repeats = np.lcm(n_source, n_target) // np.array([n_source, n_target])
    even = np.concatenate([np.repeat(Xs, repeats[0], axis=0), np.repeat(Xt, repeats[1], axis=0)])
    Zs, Zt = ((X - even.mean(axis=0)) / even.std(axis=0) for X in (Xs, Xt))
    log_s, log_t = (
        multivariate_normal(Z.mean(axis=0), ledoit_wolf(Z)[0] + 1e-6 * np.eye(n_features)).logpdf(
            Zs
        )
        for Z in (Zs, Zt)
    )
    assert_allclose(gaussian_ratio(Xs, Xt).log(Xs), log_t - log_s, rtol=1e-6, atol=1e-6)


@given(n=st.integers(2, 20), more=st.integers(1, 30), seed=st.integers(0, 2**16))
def test_products_of_rows_give_the_intensity_of_ledoit_and_wolf(n, more, seed):
    Z = np.random.default_rng(seed).normal(size=(n, n + more))
    centred = Z - Z.mean(axis=0)
    assert gram_shrinkage(centred) == pytest.approx(ledoit_wolf_shrinkage(Z), abs=1e-12)


@given(n=st.integers(2, 12), more=st.integers(1, 20), seed=st.integers(0, 2**16))
def test_a_law_on_the_span_of_the_rows_is_that_of_the_whole_covariance(n, more, seed):
    """Near the rows, in their span and beside it."""
    rng = np.random.default_rng(seed)
    Z, shrinkage = rng.normal(size=(n, n + more)), rng.uniform(0.01, 1)
    covariance = shrunk_covariance(empirical_covariance(Z), shrinkage) + 1e-6 * np.eye(n + more)
    whole = Normal(Z.mean(axis=0), np.linalg.cholesky(covariance))
    X = np.vstack([Z, Z[:1] - Z[1:2], 3 * rng.normal(size=(5, n + more))])
    found = spanned_normal(Z, shrinkage).log_density(X)
    assert_allclose(found, whole.log_density(X), rtol=1e-9, atol=1e-9)


def test_many_features_of_few_rows_need_no_matrix_of_features():
    Xs, Xt = np.random.default_rng(0).normal(size=(2, 15, 3000))
    tracemalloc.start()
    log_ratio = gaussian_ratio(Xs, Xt).log(Xs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 3000**2 / 4
    assert np.isfinite(log_ratio).all()


def test_one_feature_solved_by_hand():
    """N(1, 1) over N(0, 1) is exp(x - 1/2); 1 is half of the mixture's variance 1 + 1/4."""
    ratio = gaussian_ratio(np.array([[-1.0], [1.0]]), np.array([[0.0], [2.0]]))
    X = np.array([[-3.0], [0.0], [0.5], [2.0]])
    assert_allclose(ratio.log(X), X[:, 0] - 0.5, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.2])
def test_the_ratio_of_normal_domains_is_found(scale):
    """The error is that of p = d (d + 3) / 2 = 5 fitted numbers: E[e^2] = p (1/n + 1/n)."""
    n = 20_000
    p = make_covariate_shift(n, n, scale=scale, random_state=0)
    error = gaussian_ratio(p.X[:n], p.X[n:]).log(p.X) - p.log_density_ratio
    # each domain's error counts where its own rows are, and 4 times over by the other's tails
    assert np.mean(np.square(error)) < 4 * 5 * 2 / n


@shapes
def test_swapping_the_domains_inverts_the_ratio(n_source, n_target, n_features, seed):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    there, back = gaussian_ratio(Xs, Xt).log(Xs), gaussian_ratio(Xt, Xs).log(Xs)
    assert_allclose(there, -back, rtol=1e-6, atol=1e-6)


@shapes
def test_shifting_and_scaling_features_changes_nothing(n_source, n_target, n_features, seed):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    scale = 10.0 ** np.random.default_rng(seed).integers(-6, 6, n_features)
    moved = gaussian_ratio(Xs * scale + 3 * scale, Xt * scale + 3 * scale)
    expected = gaussian_ratio(Xs, Xt).log(Xs)
    assert_allclose(moved.log(Xs * scale + 3 * scale), expected, rtol=1e-6, atol=1e-6)


def test_equal_domains_have_ratio_one():
    Xs, _ = draw(20, 5, 4)
    assert_allclose(gaussian_ratio(Xs, Xs)(draw(5, 5, 4, seed=1)[0]), 1, rtol=1e-9)
    assert_allclose(gaussian_weights(Xs, Xs), 1, rtol=1e-9)


def test_a_shrinkage_of_your_own_is_that_of_both_covariances():
    """At 1 both are the identity times the mean variance plus 1e-6; at 0 those of the rows."""
    Xs, Xt = draw(40, 30, 3)
    ratio = gaussian_ratio(Xs, Xt, 1.0)
    Zs, Zt = ratio.units(Xs), ratio.units(Xt)
    laws = [multivariate_normal(Z.mean(axis=0), Z.var(axis=0).mean() + 1e-6) for Z in (Zs, Zt)]
    assert_allclose(ratio.log(Xs), laws[1].logpdf(Zs) - laws[0].logpdf(Zs), rtol=1e-9, atol=1e-9)
    ratio, least = gaussian_ratio(Xs, Xt, 0), 1e-6 * np.eye(3)
    laws = [multivariate_normal(Z.mean(axis=0), empirical_covariance(Z) + least) for Z in (Zs, Zt)]
    assert_allclose(ratio.log(Xs), laws[1].logpdf(Zs) - laws[0].logpdf(Zs), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n_features", [3, 12])
def test_function_and_class_take_the_same_shrinkage(n_features):
    Xs, Xt = draw(8, 9, n_features)
    X, d = np.concatenate([Xs, Xt]), np.repeat([1, -2], [8, 9])
    for shrinkage in ("auto", 0.3):
        model = GaussianWeighting(shrinkage=shrinkage).fit(X, np.arange(17) % 2, sample_domain=d)
        expected = gaussian_weights(Xs, Xt, shrinkage=shrinkage)
        assert_allclose(model.raw_weights_, expected, rtol=1e-12)
    assert np.ptp(gaussian_weights(Xs, Xt) - expected) > 1e-3


def test_copies_of_rows_are_not_taken_for_information():
    """With few rows the shrinkage is what keeps the ratio at bay."""
    Xs, Xt = draw(8, 9, 12)
    often = np.tile(Xt, (50, 1))
    assert_allclose(gaussian_ratio(Xs, often).log(Xs), gaussian_ratio(Xs, Xt).log(Xs), rtol=1e-8)


def test_features_that_are_constant_in_both_domains_are_left_out():
    Xs, Xt = draw(20, 15, 3)
    widened = [np.insert(X, 1, 0.1, axis=1) for X in (Xs, Xt)]
    expected = gaussian_ratio(Xs, Xt).log(Xs)
    ratio = gaussian_ratio(*widened)
    assert_allclose(ratio.log(widened[0]), expected, rtol=1e-12, atol=1e-12)
    assert_allclose(ratio.log(np.insert(Xs, 1, 7, axis=1)), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore:the weights of .* source rows are worth:UserWarning")
@pytest.mark.parametrize("n_features", [1, 3])
def test_a_feature_that_is_constant_in_one_domain_leaves_all_finite(n_features):
    Xs, Xt = draw(20, 15, n_features)
    Xt[1:, 0] = Xt[0, 0]
    if n_features == 1:
        with pytest.raises(ValueError, match="the target rows are all equal: a normal law needs"):
            gaussian_weights(Xs, Xt)
        return
    y, d = np.arange(35) % 2, np.repeat([1, -2], [20, 15])
    for labels in (d, -d):
        model = GaussianWeighting().fit(np.concatenate([Xs, Xt]), y, sample_domain=labels)
        assert np.isfinite(model.weights_).all()
        assert np.isfinite(model.density_ratio(1e3 * Xs)).all()


def test_the_ratio_is_capped_where_it_would_overflow():
    X, d = np.array([[-1.0], [1.0], [999.0], [1001.0]]), [1, 1, -2, -2]
    model = GaussianWeighting().fit(X, [0, 1, 0, 0], sample_domain=d)
    found = model.density_ratio([[0.0], [1000.0], [1e6]])
    assert found[0] == 0 < 1e308 < found[1] < np.inf
    assert np.isfinite(found).all()
    assert model.weights_.mean() == pytest.approx(1)
