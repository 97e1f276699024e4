"""Coordinates in which F'F is diagonal, against the matrices themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import rbf_kernel, sigmoid_kernel

from skdomain import RowBlocks
from skdomain.mmd import conditional_coupling
from skdomain.subspace._spectral import kernel_basis, linear_basis, primal_basis

drawn = settings(max_examples=30, deadline=None, derandomize=True)

# name: (F of the rows, its basis)
FEATURES = {
    "primal": (lambda X: X, primal_basis),
    "linear": (lambda X: X @ X.T, linear_basis),
    "rbf": (rbf_kernel, lambda X: kernel_basis(rbf_kernel(X))),
    "indefinite kernel": (sigmoid_kernel, lambda X: kernel_basis(sigmoid_kernel(X))),
}
each = pytest.mark.parametrize("features", FEATURES)


@each
@drawn
@given(n=st.integers(2, 15), d=st.integers(1, 15), seed=st.integers(0, 2**16))
def test_coordinates_span_the_features_and_make_their_squares_diagonal(features, n, d, seed):
    """Y = FW: Y'Y = diag(s^2), and YY' = FF' as W is orthonormal and leaves nothing out."""
    to_features, to_basis = FEATURES[features]
    X = np.random.default_rng(seed).normal(size=(n, d))
    F, basis = to_features(X), to_basis(X)
    Y = basis.embed(np.eye(len(basis.energy)))
    tolerance = 1e-10 * np.abs(F @ F.T).max()
    np.testing.assert_allclose(Y.T @ Y, np.diag(basis.energy), atol=tolerance)
    np.testing.assert_allclose(Y @ Y.T, F @ F.T, atol=tolerance)


@each
def test_lifting_is_a_product_with_the_normalised_memberships(features):
    _, to_basis = FEATURES[features]
    X = np.random.default_rng(0).normal(size=(20, 6))
    labels, source = np.arange(20) % 3, np.arange(20) < 11
    coupling = conditional_coupling(labels, source, n_classes=3)
    N = np.eye(7)[coupling.groups]
    N /= np.maximum(N.sum(axis=0), 1)
    basis = to_basis(X)
    Y = basis.embed(np.eye(len(basis.energy)))
    np.testing.assert_allclose(basis.lift(coupling), Y.T @ N, atol=1e-12)


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("to_basis", [primal_basis, linear_basis])
def test_blocks_have_the_basis_of_the_array(to_basis, once):
    X = np.random.default_rng(0).normal(size=(30, 4))
    whole, blocks = to_basis(X, once=once), to_basis(RowBlocks([X[:11], X[11:]]), once=once)
    np.testing.assert_allclose(blocks.energy, whole.energy)
    np.testing.assert_allclose(np.abs(blocks.mix), np.abs(whole.mix), atol=1e-12)
    assert blocks.is_diagonal == whole.is_diagonal == (not once or to_basis is linear_basis)


@pytest.mark.parametrize("to_basis", [primal_basis, linear_basis])
@pytest.mark.parametrize(("n", "d"), [(300, 200), (200, 300)])
@pytest.mark.parametrize("rank", [1, 5])
def test_rounding_of_a_scatter_adds_no_direction_to_a_basis(to_basis, n, d, rank):
    """Eigenvalues that are 0 come out of ``eigh`` as the rounding unit times their number."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, d))
    assert len(to_basis(X).energy) == rank
