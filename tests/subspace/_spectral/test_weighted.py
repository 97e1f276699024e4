"""The pencil with a weight on each row of A against the dense generalised eigenproblem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from sklearn.metrics.pairwise import rbf_kernel

from skdomain.mmd import marginal_coupling
from skdomain.subspace._spectral import (
    WeightedPencil,
    kernel_basis,
    linear_basis,
    primal_basis,
    sample_frame,
    solve,
)

FEATURES = {
    "primal": (lambda X: X, primal_basis),
    "linear": (lambda X: X @ X.T, linear_basis),
    "rbf": (rbf_kernel, lambda X: kernel_basis(rbf_kernel(X))),
}
each = pytest.mark.parametrize("features", FEATURES)


def problem(features, d, seed):
    """F, its basis and the frame in the space of A, and a coupling of two domains."""
    rng = np.random.default_rng(seed)
    X, source = rng.normal(size=(16, d)), np.arange(16) < 7
    X[source] += 1
    to_features, to_basis = FEATURES[features]
    basis = to_basis(X)
    frame = basis.coefs if features == "primal" else sample_frame(basis)
    return to_features(X), basis, frame, marginal_coupling(source).normalized()


@each
@settings(max_examples=20)
@given(
    d=st.sampled_from([3, 6, 40]), lam=st.sampled_from([0.1, 1.0, 10.0]), seed=st.integers(0, 2**16)
)
def test_solution_is_that_of_the_dense_pencil_with_weights(features, d, lam, seed):
    F, basis, frame, coupling = problem(features, d, seed)
    weights = np.random.default_rng(seed).uniform(0.1, 10, len(frame))
    solution = WeightedPencil(basis, frame, coupling).solve(weights, lam=lam, n_components=2)
    M, H = coupling.dense(), np.eye(len(F)) - 1 / len(F)
    B, C = F.T @ M @ F + lam * np.diag(weights), F.T @ H @ F
    np.testing.assert_allclose(
        1 / solution.eigenvalues, eigh(C, B, eigvals_only=True)[:-3:-1], rtol=1e-8
    )
    A, w = solution.A, solution.eigenvalues
    np.testing.assert_allclose(A.T @ C @ A, np.eye(2), atol=1e-8)
    np.testing.assert_allclose(B @ A, C @ A * w, atol=1e-8 * np.abs(B).max() * np.abs(A).max())
    np.testing.assert_allclose(solution.discrepancies, np.diag(A.T @ F.T @ M @ F @ A), atol=1e-8)
    np.testing.assert_allclose(frame.T @ A, solution.b, atol=1e-8 * np.abs(A).max())


@each
@pytest.mark.parametrize("d", [3, 40])
def test_equal_weights_give_the_core_with_that_ridge(features, d):
    _, basis, frame, coupling = problem(features, d, 0)
    pencil = WeightedPencil(basis, frame, coupling)
    weighted = pencil.solve(np.full(len(frame), 2.0), lam=0.5, n_components=2)
    plain = solve(basis, coupling, lam=1.0, n_components=2, whiten=True)
    np.testing.assert_allclose(weighted.eigenvalues, plain.eigenvalues, rtol=1e-10)
    scaled = weighted.scaled(basis, np.ones(2))
    np.testing.assert_allclose(scaled.coefficients, plain.coefficients, atol=1e-8)
    assert weighted.signal == pytest.approx(2 * 0.5 * plain.signal)
