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
    _weighted,
    kernel_basis,
    linear_basis,
    primal_basis,
    sample_frame,
    solve,
)
from skdomain.subspace._spectral._weighted import _clear_factor, _gram_of_lower, weighted_qr

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


# -- The factor of the weighted frame -----------------------------------------------------------


def framed(n, p, seed, spread=1.0):
    """Orthonormal columns, and scales of the rows that differ by powers of ten."""
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(n, p)))[0], 10 ** rng.uniform(-spread, 0, n)


@given(n=st.integers(8, 40), p=st.integers(1, 8), seed=st.integers(0, 999))
def test_cholesky_factor_of_the_squares_does_what_the_qr_does(n, p, seed):
    """``R'R = P`` and the rows ``Q R'^-1 b`` are the same, whatever the signs of R."""
    frame, scales = framed(n, p, seed)
    b = np.random.default_rng(seed).normal(size=(p, 2))
    rows = scales[:, None] * frame
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_weighted, "SQUARED", 1)
        factors = [weighted_qr(frame, scales, squared=squared) for squared in (True, False)]
    assert (np.diag(factors[0][0]) > 0).all()
    for R, rotated in factors:
        np.testing.assert_allclose(R, np.triu(R))
        np.testing.assert_allclose(R.T @ R, rows.T @ rows, atol=1e-13)
        spanned = rotated(np.linalg.solve(R.T, b))
        np.testing.assert_allclose(rows.T @ spanned, b, atol=1e-9)
        expected = rows @ np.linalg.solve(rows.T @ rows, b)
        np.testing.assert_allclose(spanned, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


def test_frame_that_scales_make_nearly_singular_is_not_squared(monkeypatch):
    """Five rows that weigh anything for eight columns: squares keep one digit of the others."""
    monkeypatch.setattr(_weighted, "SQUARED", 1)
    frame, _ = framed(20, 8, 0)
    rows = np.where(np.arange(20) < 5, 1.0, 1e-7)[:, None] * frame
    assert _clear_factor(frame.T @ frame) is not None
    assert _clear_factor(rows.T @ rows) is None
    R, _ = weighted_qr(frame, np.where(np.arange(20) < 5, 1.0, 1e-7), squared=True)
    values = [np.linalg.svd(matrix, compute_uv=False) for matrix in (R, rows)]
    np.testing.assert_allclose(*values, rtol=1e-7)


@each
def test_squares_give_the_solution_of_the_qr(features, monkeypatch):
    _, basis, frame, coupling = problem(features, 6, 0)
    weights = np.random.default_rng(0).uniform(0.1, 10, len(frame))
    pencil, found = WeightedPencil(basis, frame, coupling), []
    for squared in (1, 1000):
        monkeypatch.setattr(_weighted, "SQUARED", squared)
        found.append(pencil.solve(weights, lam=0.5, n_components=3))
    squares, qr = found
    np.testing.assert_allclose(squares.eigenvalues, qr.eigenvalues, rtol=1e-11)
    signs = np.sign(np.sum(squares.A * qr.A, axis=0))
    np.testing.assert_allclose(squares.A * signs, qr.A, atol=1e-10 * np.abs(qr.A).max())


def test_product_of_a_triangle_is_that_of_any_matrix():
    E = np.asfortranarray(np.tril(np.random.default_rng(0).normal(size=(120, 120))))
    kept = E.copy()
    np.testing.assert_allclose(np.tril(_gram_of_lower(E)), np.tril(E.T @ E), atol=1e-12)
    np.testing.assert_array_equal(E, kept)
