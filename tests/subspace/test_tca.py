"""Transfer components against the textbook's eigenproblem, and the analyses that they become."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import eigh
from sklearn.decomposition import PCA, KernelPCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import KernelCenterer

from skdomain import NoTargetWarning
from skdomain.mmd import mmd_matrix
from skdomain.subspace import TCA
from skdomain.subspace._spectral import kernel_basis
from skdomain.subspace._tca import tca_solution

KERNELS = ("primal", "linear", "rbf")
no_target = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")


def pencil(F, d, lam):
    """``F'MF + lam I`` and ``F'HF`` with M over its norm, both n x n matrices formed."""
    M = mmd_matrix(d)
    H = np.eye(len(F)) - 1 / len(F)
    return F.T @ M @ F / np.linalg.norm(M) + lam * np.eye(F.shape[1]), F.T @ H @ F


@settings(max_examples=30)
@given(
    n_source=st.integers(3, 20),
    n_target=st.integers(3, 20),
    lam=st.sampled_from([0.01, 1.0, 100.0]),
    whiten=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_components_are_the_smallest_eigenvectors_of_the_textbook_pencil(
    make_domains, n_source, n_target, lam, whiten, seed
):
    X, _, d = make_domains(n_source, n_target, 3, seed=seed)
    tca = TCA(2, kernel="primal", lam=lam, whiten=whiten).fit(X, sample_domain=d)
    B, C = pencil(X, d, lam)
    w, A = eigh(B, C)  # A'F'HFA = I
    assert_allclose(tca.eigenvalues_, w[:2], rtol=1e-8)
    A = A[:, :2] if whiten else A[:, :2] / np.linalg.norm(A[:, :2], axis=0)
    signs = np.sign(np.sum(tca.components_.T * A, axis=0))
    gap = np.min(np.diff(w[:3]) / w[1:3])
    assert_allclose(tca.components_.T, A * signs, atol=1e-10 / gap * np.abs(A).max())


@pytest.mark.parametrize("kernel", KERNELS)
def test_no_other_subspace_has_a_smaller_objective(kernel, make_domains):
    """tr(A'(F'MF + lam I)A) at A'F'HFA = I, for A that are drawn near and far."""
    X, _, d = make_domains(shift=2)
    tca = TCA(2, lam=1.0, kernel=kernel, gamma=0.1, whiten=True).fit(X, sample_domain=d)
    F = {"primal": X, "linear": X @ X.T, "rbf": rbf_kernel(X, gamma=0.1)}[kernel]
    A = tca.components_.T
    if kernel == "linear":  # weights of the features: those of the rows have least norm
        A = np.linalg.pinv(X @ X.T, rcond=1e-10) @ X @ A
    B, C = pencil(F, d, 1.0)
    assert_allclose(A.T @ C @ A, np.eye(2), atol=1e-8)
    assert np.trace(A.T @ B @ A) == pytest.approx(tca.eigenvalues_.sum(), rel=1e-8)
    rng = np.random.default_rng(0)
    for scale in np.geomspace(1e-6, 1, 20):
        other = A + scale * np.abs(A).max() * rng.normal(size=A.shape)
        other = other @ np.linalg.inv(np.linalg.cholesky(other.T @ C @ other)).T
        assert np.trace(other.T @ B @ other) > tca.eigenvalues_.sum()


def test_the_paper_s_mu_is_lam_times_the_norm_of_its_matrix(make_domains):
    """min tr(W'KLKW) + mu tr(W'W) has the solution of lam = mu / (1/n_s + 1/n_t)."""
    X, _, d = make_domains(20, 30)
    K, mu = rbf_kernel(X, gamma=0.1), 0.3
    n_s, n_t = np.sum(d > 0), np.sum(d < 0)
    H = np.eye(len(K)) - 1 / len(K)
    theta = eigh(K @ H @ K, K @ mmd_matrix(d) @ K + mu * np.eye(len(K)), eigvals_only=True)
    tca = TCA(2, kernel="rbf", gamma=0.1, lam=mu / (1 / n_s + 1 / n_t)).fit(X, sample_domain=d)
    assert_allclose(1 / tca.eigenvalues_, theta[:-3:-1] * (1 / n_s + 1 / n_t), rtol=1e-8)


def test_the_direction_of_the_shift_is_dropped():
    """By hand: domains one unit apart along x, which has the larger variance, and alike in y."""
    X = np.array([[0.0, 1.0], [0.0, -1.0], [9.0, 1.0], [9.0, -1.0]])
    tca = TCA(1, kernel="primal", lam=1e-3).fit(X, sample_domain=[1, 1, -2, -2])
    assert_allclose(tca.components_, [[0, 1]], atol=1e-12)
    assert_allclose(tca.eigenvalues_, 1e-3 / 4)  # lam over the sum of squares of y
    ridge = TCA(1, kernel="primal", lam=1e6).fit(X, sample_domain=[1, 1, -2, -2])
    assert_allclose(ridge.components_, [[1, 0]], atol=1e-12)


def test_the_class_is_the_function_on_a_basis(make_domains):
    X, _, d = make_domains()
    K = rbf_kernel(X, gamma=0.1)
    tca = TCA(3, kernel="precomputed", lam=2.0).fit(K, sample_domain=d)
    solution = tca_solution(kernel_basis(K.copy(), once=True), d > 0, n_components=3, lam=2.0)
    np.testing.assert_array_equal(tca.components_, solution.coefficients.T)
    np.testing.assert_array_equal(tca.eigenvalues_, solution.eigenvalues)


# -- Without a difference, or without a target, it is the analysis of the variance alone


def assert_same_up_to_scale(Z, expected):
    """Columns equal but for mean, sign and scale."""
    Z, expected = (S - S.mean(axis=0) for S in (Z, expected))
    cosines = np.sum(Z * expected, axis=0)
    cosines /= np.linalg.norm(Z, axis=0) * np.linalg.norm(expected, axis=0)
    assert_allclose(np.abs(cosines), 1, rtol=1e-8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_equal_domains_leave_tca_with_pca(kernel, make_domains):
    """N'F has equal rows, so F'MF = 0 and the pencil is that of the variance alone."""
    X = make_domains()[0]
    X -= X.mean(axis=0)
    X, d = np.repeat(X, 2, axis=0), np.tile([1, -2], len(X))
    with pytest.warns(UserWarning, match="equal means under kernel=.* reduces to PCA"):
        Z = TCA(2, kernel=kernel).fit(X, sample_domain=d).transform(X)
    with pytest.warns(NoTargetWarning):
        alone = TCA(2, kernel=kernel).fit(X).transform(X)
    assert_allclose(Z, alone, atol=1e-8 * np.abs(Z).max())
    if kernel != "rbf":
        assert_same_up_to_scale(Z, PCA(2).fit_transform(X))


@no_target
def test_without_target_primal_tca_is_pca(make_domains):
    X = make_domains()[0]
    tca, pca = TCA(3, lam=1.0, kernel="primal").fit(X), PCA(3).fit(X)
    signs = np.sign(np.sum(tca.components_ * pca.components_, axis=1))
    assert_allclose(tca.components_, signs[:, None] * pca.components_, atol=1e-10)
    assert_allclose(tca.eigenvalues_, 1 / (pca.explained_variance_ * (len(X) - 1)))


@no_target
@pytest.mark.parametrize("whiten", [False, True])
def test_without_target_tca_of_a_centred_kernel_is_kernel_pca(whiten, make_domains):
    X = make_domains()[0]
    K = KernelCenterer().fit_transform(rbf_kernel(X, gamma=0.1))
    Z = TCA(3, kernel="precomputed", whiten=whiten).fit_transform((K + K.T) / 2)
    assert_same_up_to_scale(Z, KernelPCA(3, kernel="rbf", gamma=0.1).fit_transform(X))
    if whiten:  # A'KHKA = I: the columns of Z are centred here and have unit norm
        assert_allclose(Z.T @ Z, np.eye(3), atol=1e-8)


# -- Two ways to the embedding


def rbf_problem(n=600, shift=1.0):
    rng = np.random.default_rng(0)
    source = np.arange(n) < n // 3
    X = rng.normal(size=(n, 5)) * [3, 2, 1, 1, 1]
    X[source] += shift
    return X, source


@pytest.mark.parametrize("eigen_solver", ["auto", "dense", "iterative"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kernel", ["rbf", "linear", "primal", "precomputed"])
def test_fit_transform_equals_fit_and_transform(kernel, dtype, eigen_solver):
    X, source = rbf_problem()
    X = (rbf_kernel(X) if kernel == "precomputed" else X).astype(dtype)
    domains = {"sample_domain": np.where(source, 1, -1)}
    tca = TCA(4, kernel=kernel, eigen_solver=eigen_solver)
    Z = tca.fit_transform(X, **domains)
    expected = TCA(4, kernel=kernel, eigen_solver="dense").fit(X, **domains).transform(X)
    assert Z.dtype == dtype
    tolerance = 1e-8 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(Z, expected, atol=tolerance * np.abs(expected).max())
    np.testing.assert_allclose(tca.transform(X), Z, atol=tolerance * np.abs(expected).max())
