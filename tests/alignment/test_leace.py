"""After LEACE no linear classifier tells the domains, and no map that achieves it changes less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import pinvh, sqrtm
from sklearn import config_context
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import NoTargetWarning
from skdomain.alignment import LEACE, leace_map
from skdomain.compose import SourceOnly


def draw(counts=(40, 30, 20), n_features=5, seed=0, rank=None):
    """Correlated rows of domains with other means, in mixed order; of this rank."""
    rng = np.random.default_rng(seed)
    d = np.repeat([1, 2, -3, -4][: len(counts)], counts)
    k = rank or n_features
    Z = rng.normal(size=(len(d), k)) + 2 * rng.normal(size=(5, k))[d]
    X = Z @ rng.normal(size=(k, n_features)) + 3
    order = rng.permutation(len(d))
    return X[order], d[order]


def one_hot(d):
    return (d[:, None] == np.unique(d)) * 1.0


def cross(X, d):
    """Covariance of rows and domains."""
    D = one_hot(d)
    return (X - X.mean(axis=0)).T @ (D - D.mean(axis=0)) / len(X)


rows = given(seed=st.integers(0, 2**16), n_features=st.integers(1, 8), n_domains=st.integers(2, 4))


@rows
def test_rows_and_domains_are_uncorrelated_afterwards(seed, n_features, n_domains):
    X, d = draw((9, 12, 5, 7)[:n_domains], n_features, seed=seed)
    erasure = leace_map(X, d)
    assert_allclose(cross(erasure.apply(X), d), 0, atol=1e-12 * np.abs(X).max())
    assert len(erasure.predictors) == min(n_domains - 1, n_features)


@rows
def test_it_is_the_formula_of_the_paper(seed, n_features, n_domains):
    """``x - W^+ P W (x - m)`` with ``W = S^(-1/2)`` and P the projector onto ``W cov(x, D)``."""
    X, d = draw((9, 12, 5, 7)[:n_domains], n_features, seed=seed)
    S = np.cov(X.T, bias=True).reshape(n_features, n_features)
    root = np.real(sqrtm(S))
    W = np.linalg.inv(root)
    U, s, _ = np.linalg.svd(W @ cross(X, d), full_matrices=False)
    U = U[:, s > 1e-10]
    expected = X - (X - X.mean(axis=0)) @ (root @ U @ U.T @ W).T
    assert_allclose(leace_map(X, d).apply(X), expected, atol=1e-8 * np.abs(X).max())


def test_a_case_by_hand():
    """Means 0 and 3 of the first feature; both spread as the second, so it takes all of the gap.

    S = [[3.25, 1], [1, 1]], A ~ (1, 0): S^-1 A ~ (1, -1), so x1 loses (x1 - 1.5) - (x2 - 1).
    """
    X = np.array([[-1.0, 0.0], [1.0, 2.0], [2.0, 0.0], [4.0, 2.0]])
    erasure = leace_map(X, [1, 1, -2, -2])
    assert_allclose(erasure.matrix(), [[0, 0], [1, 1]], atol=1e-12)
    assert_allclose(erasure.apply([[7.0, 5.0]]), [[5.5, 5.0]])


@pytest.mark.parametrize("counts", [(40, 30), (40, 30, 20)])
def test_the_best_linear_classifiers_of_domains_are_at_chance(counts):
    X, d = draw(counts)
    Z = leace_map(X, d).apply(X)
    shares = np.array([np.mean(d == k) for k in np.unique(d)])
    assert LinearRegression().fit(X, one_hot(d)).score(X, one_hot(d)) > 0.2
    assert abs(LinearRegression().fit(Z, one_hot(d)).score(Z, one_hot(d))) < 1e-12
    model = LogisticRegression(C=1e6, tol=1e-10, max_iter=1000).fit(Z, d)
    assert_allclose(model.predict_proba(Z), np.tile(shares, (len(Z), 1)), atol=1e-5)
    gradient = Z.T @ (one_hot(d) - shares)  # of the logistic loss where all weights are 0
    assert_allclose(gradient, 0, atol=1e-10)


def change(A, X, M):
    """Mean of ``r'Mr`` over the rows, with r what the map A of centred rows changes."""
    r = (X - X.mean(axis=0)) @ (A - np.eye(len(A)))
    return np.einsum("ij,jk,ik->", r, M, r) / len(X)


def norms(X, seed=0):
    """Euclid's, Mahalanobis' and two random ones."""
    rng, d = np.random.default_rng(seed), X.shape[1]
    yield from (np.eye(d), np.linalg.inv(np.cov(X.T)))
    for _ in range(2):
        B = rng.normal(size=(d, d))
        yield B @ B.T


def test_no_other_map_that_guards_changes_the_rows_less():
    X, d = draw()
    A, rng = leace_map(X, d).matrix(), np.random.default_rng(1)
    B = cross(X, d)
    off = np.eye(5) - B @ np.linalg.pinv(B)  # what is orthogonal to the differences of the means
    others = [off, *(off @ rng.normal(size=(5, 5)) for _ in range(20))]
    others += [A + eps * off @ rng.normal(size=(5, 5)) for eps in (1e-3, 1e-1, 1) for _ in range(9)]
    assert all(np.allclose(B.T @ other, 0) for other in [A, *others])
    for M in norms(X):
        least = change(A, X, M)
        assert all(change(other, X, M) > least for other in others)


def test_a_solver_of_the_constrained_problem_finds_the_same_map():
    """min E r'Mr subject to B'A = 0, by its Lagrange conditions: a linear system in A."""
    X, d = draw((30, 20), 3)
    S, B = np.cov(X.T, bias=True), cross(X, d)
    B = np.linalg.svd(B)[0][:, :1]
    for M in norms(X):
        # d/dA: 2 S (A - I) M + B L = 0, B'A = 0, as columns stacked
        system = np.block(
            [
                [np.kron(2 * M.T, S), np.kron(np.eye(3), B)],
                [np.kron(np.eye(3), B.T), np.zeros((3, 3))],
            ]
        )
        right = np.concatenate([(2 * S @ M).T.ravel(), np.zeros(3)])
        A = np.linalg.solve(system, right)[:9].reshape(3, 3).T
        assert_allclose(leace_map(X, d).matrix(), A, atol=1e-10)


def test_erasing_twice_is_erasing_once():
    X, d = draw()
    erasure = leace_map(X, d)
    Z = erasure.apply(X)
    assert_allclose(erasure.apply(Z), Z, atol=1e-12)
    again = leace_map(Z, d)
    assert len(again.predictors) == 0
    assert_array_equal(again.apply(Z), Z)
    assert_allclose(erasure.predictors @ erasure.patterns.T, np.eye(2), atol=1e-12)
    scores = (X - X.mean(axis=0)) @ erasure.predictors.T
    assert_allclose(scores.T @ scores / len(X), np.eye(2), atol=1e-12)


@pytest.mark.parametrize("rank", [1, 3])
def test_directions_without_variance_stay_so(rank):
    """The covariance is singular: the formula holds with its pseudo-inverse."""
    X, d = draw((40, 30), 6, rank=rank)
    Z = leace_map(X, d).apply(X)
    assert_allclose(cross(Z, d), 0, atol=1e-12)
    S, A = np.cov(X.T, bias=True), cross(X, d)
    inverse = pinvh(S, atol=1e-9)
    E = A @ np.linalg.pinv(A.T @ inverse @ A, rcond=1e-8) @ A.T @ inverse
    assert_allclose(Z, X - (X - X.mean(axis=0)) @ E.T, atol=1e-8)
    assert np.linalg.matrix_rank(Z - Z.mean(axis=0), tol=1e-8) == rank - 1


def test_with_more_features_than_rows_each_domain_is_centred():
    X, d = draw((6, 5, 4), 40)
    Z = leace_map(X, d).apply(X)
    for k in np.unique(d):
        expected = X[d == k] - X[d == k].mean(axis=0) + X.mean(axis=0)
        assert_allclose(Z[d == k], expected, atol=1e-10)


def test_uncorrelated_features_lose_what_tells_the_domains_alone():
    """The second feature is of mean 0 in each domain and uncorrelated: it stays."""
    X = np.array([[-1.0, 1], [-3, -1], [-3, 1], [-1, -1], [1, 1], [3, -1], [3, 1], [1, -1]])
    Z = LEACE().fit_transform(X, sample_domain=np.repeat([1, -2], 4))
    assert_allclose(Z[:, 1], X[:, 1], atol=1e-12)
    assert_allclose(Z[:, 0], 0, atol=1e-12)


def test_equal_means_are_left_alone():
    X, _ = draw((40,))
    both, d = np.concatenate([X, X[::-1]]), np.repeat([1, -2], 40)
    model = LEACE().fit(both, sample_domain=d)
    assert model.n_erased_ == 0
    assert_array_equal(model.transform(both), both)


def test_a_single_domain_is_left_alone():
    X, _ = draw()
    with pytest.warns(NoTargetWarning):
        model = LEACE().fit(X)
    assert_array_equal(model.transform(X), X)


@pytest.mark.parametrize("X", [np.full((6, 2), 0.1), np.ones((6, 1))])
def test_equal_rows_are_left_alone(X):
    assert_array_equal(LEACE().fit_transform(X, sample_domain=[1, 1, 1, -2, -2, -2]), X)


def test_linear_maps_of_the_rows_are_followed():
    """``leace(X B + c) = leace(X) B + c`` for any invertible B: units do not matter."""
    X, d = draw()
    rng = np.random.default_rng(2)
    B, c = rng.normal(size=(5, 5)) * 10.0 ** np.arange(-3, 2), rng.normal(size=5)
    expected = leace_map(X, d).apply(X) @ B + c
    got = leace_map(X @ B + c, d).apply(X @ B + c)
    assert_allclose((got - expected) / np.abs(expected).max(axis=0), 0, atol=1e-9)


def test_the_class_is_the_function():
    X, d = draw()
    erasure, model = leace_map(X, d), LEACE().fit(X, sample_domain=d)
    assert_array_equal(model.transform(X), erasure.apply(X))
    assert_allclose(
        erasure.apply(X), X.mean(axis=0) + (X - X.mean(axis=0)) @ erasure.matrix(), atol=1e-12
    )
    assert model.n_erased_ == 2


def test_bad_rows_of_the_function_are_errors():
    with pytest.raises(ValueError, match="Input X contains NaN"):
        leace_map([[np.nan], [1.0]], [1, -2])
    with pytest.raises(ValueError, match=r"sample_domain has shape \(1,\) but X has 2 rows"):
        leace_map([[2.0], [1.0]], [1])
    with pytest.raises(ValueError, match="far apart that their mean overflows; divide the feat"):
        leace_map([[1.7e308], [-1.7e308]], [1, -2])


def test_it_is_routed_through_a_pipeline():
    X, d = draw()
    y = np.arange(len(d)) % 2
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(StandardScaler(), LEACE(), SourceOnly(LogisticRegression()))
        pipe.fit(X, y, sample_domain=d)
    assert pipe["leace"].n_erased_ == 2
