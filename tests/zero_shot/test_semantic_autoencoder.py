"""The semantic autoencoder's W solves its Sylvester equation, by whatever way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import solve_sylvester
from sklearn.metrics.pairwise import cosine_similarity

from skdomain.zero_shot import SemanticAutoencoder, semantic_autoencoder_map

shapes = given(
    seed=st.integers(0, 2**16),
    n=st.integers(1, 14),
    d=st.integers(1, 6),
    a=st.integers(1, 5),
    lam=st.floats(0.01, 10),
)


def draw(seed, n, d, a):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(n, a))


@shapes
def test_the_residual_of_the_sylvester_equation_is_rounding(seed, n, d, a, lam):
    X, S = draw(seed, n, d, a)
    W = semantic_autoencoder_map(X, S, lam=lam)
    right = (1 + lam) * S.T @ X
    assert_allclose(S.T @ S @ W + lam * W @ X.T @ X, right, atol=1e-10 * np.abs(right).max())


@given(seed=st.integers(0, 2**16), lam=st.floats(0.1, 10))
def test_it_is_the_solution_of_the_general_solver(seed, lam):
    X, S = draw(seed, 20, 5, 3)
    expected = solve_sylvester(S.T @ S, lam * X.T @ X, (1 + lam) * S.T @ X)
    assert_allclose(semantic_autoencoder_map(X, S, lam=lam), expected, atol=1e-9)


@shapes
def test_it_is_where_the_objective_is_flat(seed, n, d, a, lam):
    X, S = draw(seed, n, d, a)

    def objective(W):
        return np.sum((X - S @ W) ** 2) + lam * np.sum((X @ W.T - S) ** 2)

    W = semantic_autoencoder_map(X, S, lam=lam)
    for step in np.random.default_rng(seed).normal(size=(4, a, d)):
        up, down = objective(W + step), objective(W - step)
        assert_allclose(up, down, rtol=1e-8)
        assert up >= objective(W)


def test_collinear_attributes_and_features_give_the_solution_of_least_norm():
    """Where the general solver divides by zero: W has no part that neither term sees."""
    X, S = draw(0, 12, 4, 3)
    X, S = X[:, [0, 1, 1, 1]], S[:, [0, 0, 1]]
    W = semantic_autoencoder_map(X, S)
    assert_allclose(S.T @ S @ W + W @ X.T @ X, 2 * S.T @ X, atol=1e-10)
    assert_allclose(W[:, 1], W[:, 2])
    assert_allclose(W[0], W[1])


def test_a_case_by_hand():
    """S'S = 2, X'X = 8, S'X = 4: W = 2 * 4 / (2 + 8), and with lam = 3, 4 * 4 / (2 + 24)."""
    X, S = [[2.0], [-2.0]], [[1.0], [-1.0]]
    assert_allclose(semantic_autoencoder_map(X, S), [[0.8]])
    assert_allclose(semantic_autoencoder_map(X, S, lam=3.0), [[16 / 26]])


def test_its_ends_are_the_regressions_of_either_on_the_other():
    X, S = draw(1, 20, 4, 3)
    encoding, decoding = (np.linalg.lstsq(*pair, rcond=None)[0] for pair in ((X, S), (S, X)))
    assert_allclose(semantic_autoencoder_map(X, S, lam=1e9), encoding.T, atol=1e-7)
    assert_allclose(semantic_autoencoder_map(X, S, lam=1e-9), decoding, atol=1e-7)


@pytest.mark.parametrize("space", ["attributes", "features"])
def test_scores_are_cosines(space, make_domains):
    X, y, d = make_domains(n_classes=3)
    S = np.random.default_rng(0).normal(size=(4, 2))
    model = SemanticAutoencoder(S, lam=0.4, space=space).fit(X, y, sample_domain=d)
    W = semantic_autoencoder_map(X[d > 0], S[y[d > 0]], lam=0.4)
    pairs = {"attributes": (X @ W.T, S), "features": (X, S @ W)}
    assert_allclose(model.decision_function(X), cosine_similarity(*pairs[space]), atol=1e-12)


def test_a_class_without_any_attribute_scores_zero(make_domains):
    X, y, _ = make_domains()
    for space in ("attributes", "features"):
        model = SemanticAutoencoder([[1, 0], [0, 1], [0, 0]], space=space).fit(X, y)
        assert_allclose(model.decision_function(X)[:, 2], 0)
