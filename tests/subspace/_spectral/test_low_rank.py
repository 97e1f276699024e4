"""Closed forms of matrices that are the identity plus low rank, against dense ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from skdomain.subspace._spectral._low_rank import (
    congruence,
    identity_plus,
    inverse_root,
    low_rank_eigh,
)

drawn = settings(max_examples=40, deadline=None, derandomize=True)
shapes = given(p=st.integers(1, 12), r=st.integers(1, 12), seed=st.integers(0, 2**16))


def draw(p, r, seed):
    rng = np.random.default_rng(seed)
    G = rng.normal(size=(r, r))
    return rng, rng.normal(size=(p, r)), G + G.T


@drawn
@shapes
def test_eigenpairs_are_those_of_the_product(p, r, seed):
    _, V, G = draw(p, r, seed)
    Q, g = low_rank_eigh(V, G)
    scale = np.abs(V @ G @ V.T).max()
    np.testing.assert_allclose(Q * g @ Q.T, V @ G @ V.T, atol=1e-12 * p * r * scale)
    np.testing.assert_allclose(Q.T @ Q, np.eye(len(g)), atol=1e-12)


def test_eigenvalues_of_rounding_size_are_zero():
    v = np.random.default_rng(0).normal(size=(9, 1))
    _, g = low_rank_eigh(v @ [[1.0, 2.0, 3.0]], np.eye(3))
    assert np.count_nonzero(g) == 1


@drawn
@shapes
def test_the_root_is_that_of_the_dense_inverse(p, r, seed):
    rng, V, G = draw(p, r, seed)
    Q, g = low_rank_eigh(V, G @ G.T)
    dense = np.linalg.inv(np.real(sqrtm(np.eye(p) + Q * g @ Q.T)))
    Y = rng.normal(size=(p, 2))
    np.testing.assert_allclose(identity_plus(Q, inverse_root(g), Y), dense @ Y, atol=1e-7)


@drawn
@shapes
def test_a_congruence_multiplies_from_both_sides(p, r, seed):
    rng, V, G = draw(p, r, seed)
    Q, g = low_rank_eigh(V, G @ G.T)
    f = inverse_root(g)
    S = rng.normal(size=(p, p))
    S += S.T
    outer = np.eye(p) + Q * f @ Q.T
    lower = congruence(np.array(S, order="F"), S @ Q, Q, f)
    np.testing.assert_allclose(np.tril(lower), np.tril(outer @ S @ outer), atol=1e-10)
