"""The low-rank core against dense solutions of the textbook problem."""

import tracemalloc
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.linalg import eig, eigh, null_space, subspace_angles
from sklearn.metrics.pairwise import rbf_kernel, sigmoid_kernel

from skdomain.mmd import (
    conditional_coupling,
    discriminative_coupling,
    joint_coupling,
    marginal_coupling,
)
from skdomain.subspace._spectral import (
    UnboundedObjectiveError,
    _basis,
    kernel_basis,
    linear_basis,
    primal_basis,
    solve,
)

drawn = settings(max_examples=40, deadline=None, derandomize=True)

# name: (F of the rows, its basis)
FEATURES = {
    "primal": (lambda X: X, primal_basis),
    "linear": (lambda X: X @ X.T, linear_basis),
    "rbf": (rbf_kernel, lambda X: kernel_basis(rbf_kernel(X))),
    "rank-deficient kernel": (lambda X: X @ X.T, lambda X: kernel_basis(X @ X.T)),
    "indefinite kernel": (sigmoid_kernel, lambda X: kernel_basis(sigmoid_kernel(X))),
    "primal once": (lambda X: X, lambda X: primal_basis(X, once=True)),
    "linear once": (lambda X: X @ X.T, lambda X: linear_basis(X, once=True)),
    "rbf once": (rbf_kernel, lambda X: kernel_basis(rbf_kernel(X), once=True)),
}

DEFINITE = {
    "marginal": lambda labels, source, n, mu: marginal_coupling(source),
    "conditional": lambda labels, source, n, mu: conditional_coupling(
        labels, source, n_classes=n, mu=mu
    ),
    "weighted": lambda labels, source, n, mu: conditional_coupling(
        labels, source, n_classes=n, mu=mu, weighted=True
    ),
    "joint": lambda labels, source, n, mu: joint_coupling(labels, source, n_classes=n),
}


@st.composite
def problems(draw):
    """Rows and labels: single-row classes, classes the target lacks, d above and below n."""
    n_classes = draw(st.integers(2, 4))
    source_labels = [*range(n_classes), *draw(st.lists(st.integers(0, n_classes - 1), max_size=9))]
    target_labels = draw(st.lists(st.integers(0, n_classes - 1), min_size=1, max_size=9))
    labels = np.array(source_labels + target_labels)
    source = np.arange(len(labels)) < len(source_labels)
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    order = rng.permutation(len(labels))
    X = rng.normal(size=(len(labels), draw(st.sampled_from([1, 2, 5, 12, 40]))))
    X += draw(st.sampled_from([0.0, 1.0])) * ~source[order][:, None]
    if draw(st.booleans()):
        X[-1] = X[0]
    if draw(st.booleans()):
        labels = np.where(source, labels, -1)
    return X, labels[order], source[order], n_classes


def dense_pencil(F, coupling, lam):
    """B and C with M and the centring matrix H formed."""
    n = len(F)
    H = np.eye(n) - 1 / n
    return F.T @ coupling.dense() @ F + lam * np.eye(F.shape[1]), F.T @ H @ F


def assert_same_solution(solution, Z, F, eigenvalues, A, rtol=1e-8):
    """Eigenvalues agree, and the embeddings span the same space where it is well determined."""
    k = len(solution.eigenvalues)
    np.testing.assert_allclose(solution.eigenvalues, eigenvalues[:k], rtol=rtol)
    eigenvalues = np.append(eigenvalues, np.inf)
    gaps = np.diff(eigenvalues[: k + 1]) / np.abs(eigenvalues[:k])
    cut = np.flatnonzero(gaps > 1e-2)
    if len(cut):
        m = cut[-1] + 1
        ours, dense = (E[:, :m] - E[:, :m].mean(axis=0) for E in (Z, F @ A))
        assert subspace_angles(ours, dense).max() < 1e-6


@pytest.mark.parametrize(
    ("features", "kind"),
    [(f, kind) for f in FEATURES for kind in DEFINITE if "once" not in f or kind == "marginal"],
)
@drawn
@given(
    problem=problems(),
    mu=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    lam=st.sampled_from([0.01, 1.0, 100.0]),
    k=st.integers(1, 5),
)
def test_core_equals_the_dense_generalised_eigenproblem(features, kind, problem, mu, lam, k):
    # textbook: largest eigenvalues theta of (F'HF, F'MF + lam I) are 1/w
    X, labels, source, n_classes = problem
    to_features, to_basis = FEATURES[features]
    F = to_features(X)
    coupling = DEFINITE[kind](labels, source, n_classes, mu).normalized()
    B, C = dense_pencil(F, coupling, lam)
    theta, A = eigh(C, B)
    theta, A = theta[::-1], A[:, ::-1]
    k = min(k, int((theta > 1e-6 * theta[0]).sum()))
    basis = to_basis(X)
    solution = solve(basis, coupling, lam=lam, n_components=k)
    Z = basis.embed(solution.b)
    with np.errstate(divide="ignore"):
        assert_same_solution(solution, Z, F, 1 / np.maximum(theta, 1e-300), A)


@pytest.mark.parametrize("features", [name for name in FEATURES if "once" not in name])
@drawn
@given(
    problem=problems(),
    mu=st.sampled_from([0.1, 0.5, 1.0, 2.0]),
    lam=st.sampled_from([0.01, 0.1, 1.0]),
    k=st.integers(1, 5),
)
def test_indefinite_coupling_equals_a_dense_solution_of_the_pencil(features, problem, mu, lam, k):
    # QZ gives every eigenvalue w of (B, C), the infinite ones of the singular C included
    X, labels, source, n_classes = problem
    to_features, to_basis = FEATURES[features]
    F = to_features(X)
    coupling = discriminative_coupling(labels, source, n_classes=n_classes, mu=mu)
    B, C = dense_pencil(F, coupling, lam)
    try:
        solution = solve(to_basis(X), coupling, lam=lam, n_components=k)
    except UnboundedObjectiveError:  # constant embeddings are off by rounding
        solution = None
    if solution is None or not solution.is_bounded:
        assert _negative_on_null_space(B, C)
        return
    (alpha, beta), A = eig(B, C, homogeneous_eigvals=True)
    finite = np.abs(beta) > 1e-7 * np.abs(beta).max()
    assume(np.all((alpha * beta.conj())[~finite].real >= 0))  # else huge and negative, or rounding
    w, A = (alpha[finite] / beta[finite]).real, A[:, finite].real
    order = np.argsort(w)
    k = min(k, len(w), len(solution.eigenvalues))
    basis = to_basis(X)
    trimmed = solve(basis, coupling, lam=lam, n_components=k)
    assert_same_solution(trimmed, basis.embed(trimmed.b), F, w[order], A[:, order], rtol=1e-6)


def _negative_on_null_space(B, C):
    values, vectors = np.linalg.eigh(C)
    null = vectors[:, values < 1e-9 * values[-1]]
    return null.shape[1] > 0 and np.linalg.eigvalsh(null.T @ B @ null)[0] < 1e-6


@pytest.mark.parametrize("features", FEATURES)
@drawn
@given(problem=problems(), whiten=st.booleans())
def test_solution_satisfies_its_definition(features, problem, whiten):
    X, _labels, source, _n_classes = problem
    to_features, to_basis = FEATURES[features]
    F, basis = to_features(X), to_basis(X)
    coupling = marginal_coupling(source).normalized()
    B, C = dense_pencil(F, coupling, 1.0)
    solution = solve(basis, coupling, lam=1.0, n_components=3, whiten=whiten)
    w, A = solution.eigenvalues, solution.coefficients
    assume(w[-1] < 1e6 * w[0])
    if features.startswith("linear"):  # those of the rows, of least norm as the ridge wants it
        A = np.linalg.pinv(F, rcond=1e-9) @ X @ A
    Z = F @ A
    assert np.all(np.diff(w) >= -1e-9 * np.abs(w[1:]))
    np.testing.assert_allclose(B @ A, C @ A * w, atol=1e-6 * np.abs(B).max() * np.abs(A).max())
    if whiten:
        np.testing.assert_allclose(A.T @ C @ A, np.eye(len(w)), atol=1e-6)
        discrepancy = np.trace(Z.T @ coupling.dense() @ Z)
        assert solution.discrepancy == pytest.approx(discrepancy, rel=1e-6, abs=1e-8)
        ridge = np.sum(A * A)
        assert w.sum() == pytest.approx(discrepancy + ridge, rel=1e-6)
    else:
        np.testing.assert_allclose(np.linalg.norm(A, axis=0), 1, rtol=1e-6)
    coefficients = solution.coefficients
    largest = np.abs(coefficients).argmax(axis=0)
    assert np.all(coefficients[largest, np.arange(len(w))] > 0)


@pytest.mark.parametrize("features", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("d", [3, 60])
def test_coefficients_reproduce_the_embedding(features, d):
    X = np.random.default_rng(0).normal(size=(20, d))
    to_features, to_basis = FEATURES[features]
    rows = X if features in ("primal", "linear") else to_features(X)
    basis = to_basis(X)
    coupling = marginal_coupling(np.arange(20) < 8).normalized()
    solution = solve(basis, coupling, lam=1.0, n_components=2)
    np.testing.assert_allclose(rows @ solution.coefficients, basis.embed(solution.b), atol=1e-9)


def test_infinite_ridge_gives_principal_components():
    # B -> lam I: the solutions are the eigenvectors of X'HX
    X = np.random.default_rng(0).normal(size=(50, 4)) * [4, 3, 2, 1]
    coupling = marginal_coupling(np.arange(50) < 20).normalized()
    basis = primal_basis(X)
    solution = solve(basis, coupling, lam=1e9, n_components=2)
    _, _, Vt = np.linalg.svd(X - X.mean(axis=0))
    np.testing.assert_allclose(
        np.abs(np.sum(solution.coefficients.T * Vt[:2], axis=1)), 1, atol=1e-6
    )


def test_no_ridge_leaves_the_direction_without_shift():
    # the domains differ along the first axis alone, the axis of most variance
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    X -= X.mean(axis=0)
    source = np.arange(200) < 100
    X[source] -= X[source].mean(axis=0)
    X[~source] -= X[~source].mean(axis=0)
    X[source, 0] += 10
    basis = primal_basis(X)
    solution = solve(basis, marginal_coupling(source).normalized(), lam=1e-6, n_components=1)
    np.testing.assert_allclose(np.abs(solution.coefficients.ravel()), [0, 1], atol=1e-6)


def unequal_classes():
    source = np.arange(20) < 10
    labels = np.array([0] * 9 + [1] + [0] * 9 + [1])
    return labels, source


def test_an_unbounded_objective_is_met_off_constant_embeddings():
    """F = I has constants in its range, where C is 0 and M is negative: A'1 = 0 is what is left."""
    labels, source = unequal_classes()
    coupling = discriminative_coupling(labels, source, n_classes=2, mu=1.0)
    solution = solve(kernel_basis(np.eye(20)), coupling, lam=1e-3, n_components=2)
    assert not solution.is_bounded
    np.testing.assert_allclose(solution.coefficients.sum(axis=0), 0, atol=1e-9)
    off = null_space(np.ones((1, 20)))  # C is the identity there
    expected = np.linalg.eigvalsh(off.T @ coupling.dense() @ off + 1e-3 * np.eye(19))[:2]
    np.testing.assert_allclose(solution.eigenvalues, expected, rtol=1e-9, atol=1e-12)
    assert solve(kernel_basis(np.eye(20)), coupling, lam=1.0, n_components=2).is_bounded


def test_eigenvalues_below_zero_are_the_smallest():
    labels, source = unequal_classes()
    X = np.random.default_rng(0).normal(size=(20, 3))
    coupling = discriminative_coupling(labels, source, n_classes=2, mu=1.0)
    solution = solve(primal_basis(X), coupling, lam=1e-3, n_components=3)
    assert solution.eigenvalues[0] < 0
    assert np.all(np.diff(solution.eigenvalues) > 0)


@pytest.mark.parametrize(
    "to_basis",
    [
        primal_basis,
        linear_basis,
        partial(primal_basis, once=True),
        partial(linear_basis, once=True),
        lambda X: kernel_basis(rbf_kernel(X) / 3, once=True),
    ],
)
@pytest.mark.parametrize(
    "rows", [np.zeros((5, 3)), np.ones((5, 3)), np.full((3, 5), 0.1), np.full((9, 4), 1e-5)]
)
def test_rows_without_variance_are_told(to_basis, rows):
    source = np.arange(len(rows)) < 2
    with pytest.raises(ValueError, match="rows of X are all equal"):
        solve(to_basis(rows), marginal_coupling(source), lam=1.0, n_components=1)


def test_clustered_eigenvalues_are_all_found():
    # K = I: all eigenvalues but that of the constants are equal, and LAPACK's selection loses them
    coupling = marginal_coupling(np.arange(32) < 18).normalized()
    for once in (False, True):
        basis = kernel_basis(np.eye(32), once=once)
        solution = solve(basis, coupling, lam=1.0, n_components=5)
        np.testing.assert_allclose(solution.eigenvalues, 1, rtol=1e-9)


@pytest.mark.parametrize("to_basis", [primal_basis, linear_basis])
def test_rounding_does_not_make_a_coupling_indefinite(to_basis):
    # group means of 1e5 with lam = 1: rounding of V G V' is above lam, its sign is not
    X = 1e5 * np.random.default_rng(0).normal(size=(40, 3))
    X[:20] += 1e6
    coupling = conditional_coupling(
        np.arange(40) % 4, np.arange(40) < 20, n_classes=4, mu=0.5
    ).normalized()
    solution = solve(to_basis(X), coupling, lam=1.0, n_components=2)
    assert np.all(solution.eigenvalues > 0)


def test_rank_bounds_the_number_of_components():
    X = np.random.default_rng(0).normal(size=(30, 2)) @ np.ones((2, 6))
    solution = solve(primal_basis(X), marginal_coupling(np.arange(30) < 9), lam=1.0, n_components=9)
    assert len(solution.eigenvalues) == 1


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_signal_vanishes_with_the_difference_of_the_means(offset):
    X = np.random.default_rng(0).normal(size=(40, 3))
    source = np.arange(40) < 20
    X[~source] += X[source].mean(axis=0) - X[~source].mean(axis=0)
    X += offset
    basis = primal_basis(X)
    coupling = marginal_coupling(source).normalized()
    assert solve(basis, coupling, lam=1.0, n_components=1).signal < 1e-25
    X[source] += 1e-3
    assert solve(primal_basis(X), coupling, lam=1.0, n_components=1).signal > 1e-12


@pytest.mark.parametrize("mu", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("d", [4, 40])
def test_signal_is_the_spectral_norm_of_the_coupling_seen_relative_to_that_of_the_rows(mu, d):
    """Of an indefinite coupling too, whose largest eigenvalue in size is negative at large mu."""
    rng = np.random.default_rng(0)
    labels, source = np.arange(24) % 3, np.arange(24) < 12
    X = rng.normal(size=(24, d)) + 3 * rng.normal(size=(3, d))[labels]
    coupling = discriminative_coupling(labels, source, n_classes=3, mu=mu)
    M = X.T @ coupling.dense() @ X
    values = np.linalg.eigvalsh(M)
    assert (-values[0] > values[-1]) == (mu >= 1)
    solution = solve(primal_basis(X), coupling, lam=1e4, n_components=1)
    expected = np.linalg.norm(M, 2) / np.linalg.norm(X, 2) ** 2
    assert solution.signal == pytest.approx(expected, rel=1e-9)


def test_features_are_decomposed_once_for_any_number_of_couplings(monkeypatch):
    sizes = []

    def counting_eigh(a, **options):
        if "subset_by_index" not in options:
            sizes.append(len(a))
        return eigh(a, **options)

    monkeypatch.setattr(_basis, "eigh", counting_eigh)
    X = np.random.default_rng(0).normal(size=(60, 40))
    basis = kernel_basis(rbf_kernel(X))
    for n_source in (10, 20, 30):
        coupling = marginal_coupling(np.arange(60) < n_source)
        solve(basis, coupling, lam=1.0, n_components=2)
    assert sizes.count(60) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_square_matrix_of_the_rows_is_formed(dtype):
    n = 20_000  # n x n would take 3.2 GB
    X = np.random.default_rng(0).normal(size=(n, 10)).astype(dtype)
    labels = np.arange(n) % 3
    coupling = conditional_coupling(labels, np.arange(n) < n // 3, n_classes=3).normalized()
    tracemalloc.start()
    basis = primal_basis(X)
    solution = solve(basis, coupling, lam=1.0, n_components=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert basis.embed(solution.b).dtype == dtype
    assert peak < 4 * X.size * 8


def test_kernel_methods_peak_at_four_kernel_matrices():
    n = 500
    X = np.random.default_rng(0).normal(size=(n, 5))
    coupling = conditional_coupling(np.arange(n) % 2, np.arange(n) < 200, n_classes=2).normalized()
    for once in (False, True):
        tracemalloc.start()
        basis = kernel_basis(rbf_kernel(X), once=once)
        for _ in range(2):
            solve(basis, coupling, lam=1.0, n_components=10)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * n * n * 8


@example(scale=1e-6)
@example(scale=1e6)
@drawn
@given(scale=st.floats(1e-6, 1e6))
def test_scaling_rows_and_ridge_together_changes_nothing(scale):
    # X -> sX and lam -> s^2 lam leave the eigenvectors as they are
    X = np.random.default_rng(0).normal(size=(30, 4))
    coupling = marginal_coupling(np.arange(30) < 12).normalized()
    plain = solve(primal_basis(X), coupling, lam=1.0, n_components=2)
    scaled = solve(primal_basis(scale * X), coupling, lam=scale**2, n_components=2)
    np.testing.assert_allclose(scaled.coefficients, plain.coefficients, atol=1e-9)
    np.testing.assert_allclose(scaled.eigenvalues, plain.eigenvalues, rtol=1e-9)
