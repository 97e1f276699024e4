"""Lanczos' method on kernel pencils against dense solutions."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from sklearn.metrics.pairwise import rbf_kernel

from skdomain.subspace._spectral import _lanczos, _pencil, kernel_basis
from skdomain.subspace._spectral._certificate import count_above_of_kernel
from skdomain.subspace._spectral._lanczos import certified_kernel_pairs
from skdomain.subspace._tca import tca_solution

drawn = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def pencils(draw):
    """K, c, Q, g, lam: K of several spectra, some with small negative eigenvalues."""
    n, q = draw(st.integers(60, 150)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    rank = np.arange(1, n + 1)
    shapes = {"power": rank**-1.0, "slow": rank**-0.3, "fast": 0.9**rank, "random": rng.random(n)}
    values = shapes[draw(st.sampled_from(sorted(shapes)))]
    values[-10:] *= draw(st.sampled_from([1.0, 0.0, -0.5]))
    U = np.linalg.qr(rng.normal(size=(n, n)))[0] * draw(st.sampled_from([1e-3, 1.0, 1e3]))
    K = U * values @ U.T
    u = rng.normal(size=n)  # K^2 - cc' is positive semi-definite for c = Ku, |u| at most 1
    c = K @ (u / np.linalg.norm(u)) * draw(st.sampled_from([0.0, 0.5, 0.999]))
    g = np.array([draw(st.sampled_from([-0.9, 0.0, 1e-17, 3.0, 1e3])) for _ in range(q)])
    lam = draw(st.sampled_from([0.1, 1.0, 100.0]))
    return (K + K.T) / 2, c, np.linalg.qr(rng.normal(size=(n, q)))[0], g, lam


def dense_eigenvalues(K, c, Q, g, lam):
    """In falling order."""
    B = np.eye(len(K)) + Q * g @ Q.T
    return eigh((K @ K - np.outer(c, c)) / lam, B, eigvals_only=True)[::-1]


def rbf_problem(n=600, shift=1.0):
    rng = np.random.default_rng(0)
    source = np.arange(n) < n // 3
    X = rng.normal(size=(n, 5)) * [3, 2, 1, 1, 1]
    X[source] += shift
    return X, source


@drawn
@given(pencil=pencils(), k=st.integers(1, 8))
def test_certified_pairs_are_the_largest(pencil, k):
    K, c, Q, g, lam = pencil
    pairs = certified_kernel_pairs(K.copy(), c, Q, g, lam, k, max_steps=10 * len(K))
    assume(pairs is not None)
    theta, w = pairs
    expected = dense_eigenvalues(*pencil)
    np.testing.assert_allclose(theta, expected[:k], rtol=1e-9, atol=1e-12 * expected[0])
    B = np.eye(len(K)) + Q * g @ Q.T
    np.testing.assert_allclose(w.T @ B @ w, np.eye(k), atol=1e-10)
    Cw = (K @ (K @ w) - np.outer(c, c @ w)) / lam
    np.testing.assert_allclose(Cw, B @ w * theta, atol=1e-8 * expected[0] * np.linalg.norm(B))


@drawn
@given(pencil=pencils(), place=st.integers(0, 30))
def test_count_is_that_of_the_dense_pencil(pencil, place):
    K, c, Q, g, lam = pencil
    values = dense_eigenvalues(*pencil)
    sigma = (values[place] + values[place + 1]) / 2
    assume(values[place] - sigma > 1e-6 * values[0])
    assume(sigma * lam > np.linalg.eigvalsh(K)[0] ** 2)
    assert count_above_of_kernel(K.T, c, Q[:, g != 0], g[g != 0], lam, sigma) == place + 1


def test_kernel_matrix_is_left_as_it_was():
    X, source = rbf_problem()
    K = rbf_kernel(X)
    K = np.tril(K) + np.tril(K, -1).T
    before = K.copy()
    tca_solution(kernel_basis(K, once=True), source, n_components=5, eigen_solver="iterative")
    np.testing.assert_array_equal(K, before)


def test_read_only_kernel_matrix_is_taken():
    X, source = rbf_problem()
    K = rbf_kernel(X)
    K.flags.writeable = False
    basis = kernel_basis(K, once=True)
    ours = tca_solution(basis, source, n_components=5, eigen_solver="iterative")
    dense = tca_solution(basis, source, n_components=5, eigen_solver="dense")
    np.testing.assert_allclose(ours.eigenvalues, dense.eigenvalues, rtol=1e-10)


@pytest.mark.parametrize("skipped", [0, 3])
def test_skipped_eigenvector_is_noticed(monkeypatch, skipped):
    X, _ = rbf_problem()
    K = rbf_kernel(X)
    values, vectors = eigh(K)  # without c, Q and g, of K^2 too
    wrong = np.delete(vectors[:, ::-1], skipped, axis=1)[:, :6]
    nothing = np.zeros(len(K)), np.empty((len(K), 0)), np.empty(0), 1.0
    monkeypatch.setattr(_lanczos, "converged_basis", lambda *_: wrong)
    assert certified_kernel_pairs(K, *nothing, 5, max_steps=1) is None
    right = vectors[:, :-7:-1]
    monkeypatch.setattr(_lanczos, "converged_basis", lambda *_: right)
    theta, _ = certified_kernel_pairs(K, *nothing, 5, max_steps=1)
    np.testing.assert_allclose(theta, values[:-6:-1] ** 2)


def test_inexact_eigenvector_is_noticed(monkeypatch):
    X, _ = rbf_problem()
    K = rbf_kernel(X)
    off = eigh(K)[1][:, :-7:-1] + 1e-7
    nothing = np.zeros(len(K)), np.empty((len(K), 0)), np.empty(0), 1.0
    monkeypatch.setattr(_lanczos, "converged_basis", lambda *_: np.linalg.qr(off)[0])
    assert certified_kernel_pairs(K, *nothing, 5, max_steps=1) is None


def test_large_negative_eigenvalue_is_left_to_the_dense_solver():
    rng = np.random.default_rng(0)
    U = np.linalg.qr(rng.normal(size=(80, 80)))[0]
    values = 0.9 ** np.arange(80)
    values[3] *= -1  # its square is among the largest
    K = U * values @ U.T
    K = (K + K.T) / 2
    nothing = np.zeros(80), np.empty((80, 0)), np.empty(0), 1.0
    assert certified_kernel_pairs(K, *nothing, 6, max_steps=800) is None
    basis, source = kernel_basis(K, once=True), np.arange(80) < 40
    asked = tca_solution(basis, source, n_components=6, eigen_solver="iterative")
    dense = tca_solution(basis, source, n_components=6, eigen_solver="dense")
    np.testing.assert_array_equal(asked.eigenvalues, dense.eigenvalues)


def low_rank(rng):
    L = rng.normal(size=(600, 3))
    return L @ L.T


AWKWARD = {
    "fewer positive eigenvalues than components": low_rank,
    "all eigenvalues equal": lambda _: np.eye(600),
    "the k-th and the next equal": lambda rng: np.diag(
        np.r_[3 * np.ones(5), 2 * np.ones(5), rng.random(590)]
    ),
    "indefinite": lambda rng: (lambda A: A + A.T)(rng.normal(size=(600, 600))),
    "far from 1": lambda rng: 1e50 * np.diag(rng.random(600)),
}


@pytest.mark.parametrize("make", AWKWARD.values(), ids=AWKWARD)
def test_awkward_kernel_matrices_are_solved_as_by_the_dense_solver(make):
    basis, source = kernel_basis(make(np.random.default_rng(0)), once=True), np.arange(600) < 200
    auto, dense = (
        tca_solution(basis, source, n_components=8, eigen_solver=solver)
        for solver in ("auto", "dense")
    )
    np.testing.assert_allclose(auto.eigenvalues, dense.eigenvalues, rtol=1e-9)


def test_search_that_does_not_converge_gives_nothing():
    X, _ = rbf_problem()
    K = np.eye(len(X)) + 1e-6 * rbf_kernel(X, gamma=100.0)
    nothing = np.zeros(len(K)), np.empty((len(K), 0)), np.empty(0), 1.0
    assert certified_kernel_pairs(K, *nothing, 5, max_steps=1) is None


def test_auto_searches_where_there_are_few_components_of_many_rows(monkeypatch):
    asked = []
    search = _pencil.certified_kernel_pairs

    def recording(K, *args, **options):
        asked.append(len(K))
        return search(K, *args, **options)

    monkeypatch.setattr(_pencil, "certified_kernel_pairs", recording)
    X, source = rbf_problem()
    for n, k, solver in [(600, 5, "auto"), (600, 100, "auto"), (100, 2, "auto"), (600, 5, "dense")]:
        rows = np.random.default_rng(1).permutation(600)[:n]
        basis = kernel_basis(rbf_kernel(X[rows]), once=True)
        tca_solution(basis, source[rows], n_components=k, eigen_solver=solver)
    assert asked == [600]
