"""LinearMonge: optimal transport between Gaussians, by its moments and its optimality."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import sqrtm
from scipy.stats import norm, ortho_group

from skdomain.alignment import linear_monge_map

shapes = given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(1, 15),
    rank=st.integers(1, 15),
    reg=st.sampled_from([1e-6, 1e-3, 1.0]),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, rank=99, seed=0):
    """Rows of two domains, each in a subspace of its own of at most the given rank."""
    rng = np.random.default_rng(seed)
    rank = min(rank, n_features)
    return tuple(
        rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n_features)) + rng.normal()
        for n in (n_source, n_target)
    )


def covariance(X, reg=0.0):
    return np.atleast_2d(np.cov(X.T)) + reg * np.eye(X.shape[1])


def square_root(C):
    values, vectors = np.linalg.eigh(C)
    return vectors * np.sqrt(values.clip(0)) @ vectors.T


def bures(Cs, Ct):
    """Largest trace of a cross-covariance of variables that have these covariances."""
    return np.linalg.svd(square_root(Cs) @ square_root(Ct), compute_uv=False).sum()


@shapes
def test_covariance_is_matched_by_a_positive_definite_matrix(
    n_source, n_target, n_features, rank, reg, seed
):
    """A Cs A = Ct and A = A' > 0: what makes the map optimal (Brenier), and unique."""
    Xs, Xt = draw(n_source, n_target, n_features, rank, seed)
    A = linear_monge_map(Xs, Xt, reg=reg).matrix()
    Cs, Ct = covariance(Xs, reg), covariance(Xt, reg)
    assert_allclose(A, A.T, rtol=0, atol=1e-8 * np.abs(A).max())
    assert np.linalg.eigvalsh(A).min() > -1e-8 * np.abs(A).max()
    tolerance = 1e-13 * np.linalg.norm(A) ** 2 * np.linalg.norm(Cs) + 1e-9 * np.abs(Ct).max()
    assert_allclose(A @ Cs @ A, Ct, rtol=0, atol=tolerance)


@shapes
def test_the_factored_form_is_the_dense_one(n_source, n_target, n_features, rank, reg, seed):
    """Columns of zeros make more features than rows, and change nothing else."""
    Xs, Xt = (np.tile(X, (9, 1)) for X in draw(n_source, n_target, n_features, rank, seed))
    dense = linear_monge_map(Xs, Xt, reg=reg)
    factored = linear_monge_map(*(np.pad(X, ((0, 0), (0, 300))) for X in (Xs, Xt)), reg=reg)
    assert (dense.basis is None, factored.basis is None) == (True, False)
    A = np.eye(n_features + 300)
    A[:n_features, :n_features] = dense.matrix()
    assert_allclose(factored.matrix(), A, rtol=0, atol=1e-7 * np.abs(A).max())


@pytest.mark.parametrize("n_features", [4, 25])
def test_mapped_rows_have_mean_and_covariance_of_the_target(n_features):
    """Without a ridge, as soon as the source has the rank of the target."""
    Xs, Xt = draw(14, 10, n_features)
    mapped = linear_monge_map(Xs, Xt, reg=0).apply(Xs)
    assert_allclose(mapped.mean(axis=0), Xt.mean(axis=0), atol=1e-9)
    assert_allclose(covariance(mapped), covariance(Xt), atol=1e-9)


@pytest.mark.parametrize("n_features", [4, 25])
def test_no_map_to_the_same_covariance_moves_the_rows_less(n_features):
    """The cross-covariance of rows and mapped rows has the largest trace that there is."""
    Xs, Xt = draw(14, 10, n_features)
    mapped = linear_monge_map(Xs, Xt, reg=0).apply(Xs)
    trace = np.sum((Xs - Xs.mean(axis=0)) * mapped) / (len(Xs) - 1)
    assert trace == pytest.approx(bures(covariance(Xs), covariance(Xt)), rel=1e-7)


def test_the_map_is_that_of_the_formula():
    Xs, Xt = draw(30, 40, 4)
    Cs, Ct = covariance(Xs, 1e-3), covariance(Xt, 1e-3)
    root = sqrtm(Cs)
    inverse = np.linalg.inv(root)
    A = inverse @ sqrtm(root @ Ct @ root) @ inverse
    found = linear_monge_map(Xs, Xt, reg=1e-3)
    assert_allclose(found.matrix(), A, atol=1e-9)
    assert_allclose(found.apply(Xs), Xt.mean(axis=0) + (Xs - Xs.mean(axis=0)) @ A, atol=1e-9)


def test_a_problem_solved_by_hand():
    """Variance 2 of the source at (1, 0) and 18 of the target at (0, 5): three times as wide."""
    Xs = np.array([[0.0, -1], [2, 1], [0, 1], [2, -1]])
    Xt = 3 * (Xs - [1, 0]) + [0, 5]
    mapped = linear_monge_map(Xs, Xt, reg=0)
    assert_allclose(mapped.matrix(), 3 * np.eye(2), atol=1e-14)
    assert_allclose(mapped.apply([[1, 0], [2, 1]]), [[0, 5], [3, 8]], atol=1e-14)


def test_on_a_line_it_is_the_quantile_map_of_gaussians():
    """x -> Ft^(-1)(Fs(x))."""
    Xs, Xt = draw(20, 30, 1)
    source, target = (norm(X.mean(), X.std(ddof=1)) for X in (Xs, Xt))
    expected = target.ppf(source.cdf(Xs))
    assert_allclose(linear_monge_map(Xs, Xt, reg=0).apply(Xs), expected, atol=1e-9)


@pytest.mark.parametrize("reg", [0, 1e-6, 1.0])
@pytest.mark.parametrize("n_features", [3, 40])
def test_equal_domains_are_left_alone(n_features, reg):
    X, _ = draw(12, 2, n_features)
    assert_allclose(linear_monge_map(X, X[::-1], reg=reg).apply(X), X, atol=1e-8)


def test_there_and_back_again_is_where_it_began():
    Xs, Xt = draw(14, 14, 4)
    mapped = linear_monge_map(Xs, Xt, reg=0).apply(Xs)
    assert np.abs(mapped - Xs).max() > 1
    assert_allclose(linear_monge_map(Xt, Xs, reg=0).apply(mapped), Xs, atol=1e-9)


@pytest.mark.parametrize("n_features", [3, 40])
def test_rotating_and_moving_the_features_does_so_with_what_is_mapped(n_features):
    Xs, Xt = draw(12, 9, n_features)
    Q = ortho_group.rvs(n_features, random_state=0)
    moved = linear_monge_map(Xs @ Q + 3, Xt @ Q - 5, reg=0.1)
    expected = linear_monge_map(Xs, Xt, reg=0.1).apply(Xs) @ Q - 5
    assert_allclose(moved.apply(Xs @ Q + 3), expected, atol=1e-9)


def test_what_no_row_spans_is_left_alone_and_without_ridge_is_zero():
    Xs, Xt = draw(4, 5, 20)
    other = np.linalg.svd(np.vstack([Xs - Xs.mean(0), Xt - Xt.mean(0)]))[2][-3:]
    for reg, factor in ((0.5, 1), (0, 0)):
        A = linear_monge_map(Xs, Xt, reg=reg).matrix()
        assert_allclose(other @ A, factor * other, atol=1e-12)


@pytest.mark.parametrize("n_features", [2, 30])
def test_a_source_of_equal_rows_goes_to_the_mean_of_the_target(n_features):
    Xs, Xt = np.full((3, n_features), 0.1), draw(2, 6, n_features)[1]
    for reg in (0, 1.0):
        mapped = linear_monge_map(Xs, Xt, reg=reg).apply(Xs)
        assert_allclose(mapped, np.tile(Xt.mean(axis=0), (3, 1)), atol=1e-12)


def test_features_of_very_different_scales_keep_the_covariance():
    """Variances are 1e10 apart; of their products, the smallest would be lost to rounding."""
    Xs, Xt = draw(30, 40, 3)
    scales = np.array([1.0, 1e-2, 1e3])
    mapped = linear_monge_map(Xs * scales, Xt * scales, reg=0).apply(Xs * scales)
    assert_allclose(covariance(mapped / scales), covariance(Xt), rtol=1e-3)
