"""Rows whose mean dwarfs their spread: years, kelvins, pascals, metres of a map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from skdomain import RowBlocks
from skdomain.mmd import conditional_coupling, marginal_coupling
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.subspace._spectral import _basis, linear_basis, primal_basis, solve

inner = KNeighborsClassifier(1)
MODELS = {
    "TCA": TCA(3),
    "TCA whitened": TCA(3, whiten=True),
    "TJM": TJM(3, max_iter=3, tol=0),
    "JDA": JDA(3, estimator=inner, max_iter=3),
    "JDA weighted": JDA(3, estimator=inner, max_iter=3, weighted=True, mu=1.0),
    "DJPMMD": DJPMMD(3, estimator=inner, max_iter=3, mu=0.1),
}
each = pytest.mark.parametrize("name", MODELS)
kernels = pytest.mark.parametrize("kernel", ["linear", "primal"])
converging = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = np.array(
    [
        *([7, 3, 0], [-4, -4, -9], [-8, -9, -6], [6, 3, 8], [0, 2, 9], [4, 3, 1]),
        *([5, 8, -4], [10, 3, -9], [2, 7, 1], [-5, 5, 4], [11, -6, -8], [11, -9, 1]),
    ]
)
DOMAINS = np.repeat([1, -2], 6)
# Of the pencil in features, (X'MX + lam (X'X)^-1, X'HX) or with lam I, by mpmath in 60 digits.
EIGENVALUES = {
    ("linear", 0): [3.315834315055e-06, 1.237221877526e-05, 0.25954348135],
    ("linear", 300): [1.181929388978e-06, 4.367770127953e-06, 0.2595444822895],
    ("linear", 10**4): [1.142810099062e-06, 4.362839549631e-06, 0.2595444671727],
    ("linear", 10**6): [1.141652549577e-06, 4.362706575626e-06, 0.2595444667005],
    ("linear", 10**8): [1.141640986392e-06, 4.362705251239e-06, 0.2595444666958],
    **{
        ("primal", offset): [0.001820436426364, 0.003435277291566, 0.2621860686935]
        for offset in (0, 300, 10**4, 10**6, 10**8)
    },
}


def atmosphere(n=200):
    """Pressure in pascals, temperature in kelvins and an index, of two classes."""
    rng = np.random.default_rng(0)
    y, d = np.arange(n) % 2, np.repeat([1, -2], n // 2)
    pressure, temperature = rng.normal(101325, 8, n) + 10 * y, rng.normal(293, 2, n) + 3 * y
    return np.column_stack([pressure, temperature, rng.normal(size=n)]), y, d


@pytest.mark.parametrize(("kernel", "offset"), EIGENVALUES)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_eigenvalues_are_those_of_60_digits(kernel, offset, method):
    """The error is that of rounding times mean over spread, not times its square."""
    X = ROWS + offset * np.array([1.0, -1.0, 0.0])
    tca = getattr(TCA(3, lam=1.0, kernel=kernel), method)(X, sample_domain=DOMAINS)
    tolerance = 1e-9 + 1000 * offset * np.finfo(float).eps
    assert_allclose(tca.eigenvalues_, EIGENVALUES[kernel, offset], rtol=tolerance)


@each
@kernels
@converging
@pytest.mark.parametrize("shape", [(40, 4), (12, 30)])
def test_centred_coordinates_solve_the_same_problem(name, kernel, shape, make_domains, monkeypatch):
    """At a mean that both ways can bear, to which not all couplings are blind."""
    X, y, d = make_domains(shape[0] // 2, shape[0] // 2, shape[1])
    model = clone(MODELS[name]).set_params(kernel=kernel)
    expected = clone(model).fit(X + 2, y, sample_domain=d)
    monkeypatch.setattr(_basis, "FAR", -1)
    found = clone(model).fit(X + 2, y, sample_domain=d)
    assert_allclose(found.eigenvalues_, expected.eigenvalues_, rtol=1e-8)
    assert_allclose(found.components_, expected.components_, atol=1e-7)


@given(far=st.sampled_from([-1, np.inf]), n_unlabelled=st.integers(0, 9), seed=st.integers(0, 99))
@kernels
def test_rank_deficient_rows_and_missing_classes_are_solved_as_by_the_dense_pencil(
    kernel, far, n_unlabelled, seed
):
    """A class without target rows is drawn to the origin, which a constant moves."""
    rng = np.random.default_rng(seed)
    X = 3 + rng.normal(size=(24, 3)) @ rng.normal(size=(3, 5))
    source, labels = np.arange(24) < 12, np.arange(24) % 3
    labels[12:][(labels[12:] == 2) | (np.arange(12) < n_unlabelled)] = -1
    coupling = conditional_coupling(labels, source, n_classes=3, mu=1.0, weighted=True)
    F = X @ X.T if kernel == "linear" else X
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_basis, "FAR", far)
        basis = linear_basis(X) if kernel == "linear" else primal_basis(X)
    solution = solve(basis, coupling.normalized(), lam=0.5, n_components=3)
    B = F.T @ coupling.normalized().dense() @ F + 0.5 * np.eye(F.shape[1])
    centred = F - F.mean(axis=0)
    theta = np.linalg.eigvals(np.linalg.solve(B, centred.T @ centred)).real
    assert_allclose(1 / solution.eigenvalues, np.sort(theta)[::-1][:3], rtol=1e-6)


@each
@kernels
@converging
def test_no_component_is_lost_and_rows_need_not_be_centred(name, kernel):
    X, y, d = atmosphere()
    model = clone(MODELS[name]).set_params(kernel=kernel).fit(X, y, sample_domain=d)
    assert model.transform(X).shape == (200, 3)
    assert np.isfinite(model.eigenvalues_).all()
    assert np.linalg.matrix_rank(model.transform(X) - model.transform(X).mean(axis=0)) == 3


@pytest.mark.parametrize("offset", [1e4, 1e6])
def test_primal_components_are_those_of_centred_rows(offset, make_domains):
    X, _, d = make_domains(n_features=3)
    X = np.round(X * 2**10) / 2**10  # so that the offset rounds nothing away
    expected = TCA(2, kernel="primal").fit(X, sample_domain=d)
    found = TCA(2, kernel="primal").fit(X + offset, sample_domain=d)
    assert_allclose(found.components_, expected.components_, atol=1e-14 * offset)
    Z, Z_expected = found.transform(X + offset), expected.transform(X)
    shift = Z.mean(axis=0) - Z_expected.mean(axis=0)
    assert_allclose(Z, Z_expected + shift, atol=1e-13 * offset)


@kernels
@converging
@pytest.mark.parametrize("name", ["TCA", "JDA", "DJPMMD"])
def test_blocks_of_far_rows_give_what_an_array_gives(name, kernel):
    X, y, d = atmosphere()
    model = clone(MODELS[name]).set_params(kernel=kernel, n_components=2)
    expected = clone(model).fit(X, y, sample_domain=d)
    found = clone(model).fit(RowBlocks([X[:70], X[70:]]), y, sample_domain=d)
    assert_allclose(found.eigenvalues_, expected.eigenvalues_, rtol=1e-7)
    assert_allclose(found.components_, expected.components_, atol=1e-7)


@each
@kernels
def test_equal_rows_are_named_however_far_they_are(name, kernel):
    X = np.full((20, 3), 1 / 3) * [1e9, 1, 1e-9]
    model = clone(MODELS[name]).set_params(kernel=kernel)
    with pytest.raises(ValueError, match="the rows of X are all equal up to rounding"):
        model.fit(X, np.arange(20) % 2, sample_domain=np.repeat([1, -2], 10))


@each
@kernels
def test_squares_that_overflow_are_named(name, kernel, make_domains):
    X, y, d = make_domains()
    model = clone(MODELS[name]).set_params(kernel=kernel)
    with pytest.raises(ValueError, match="squares of the features of X overflow; divide all"):
        model.fit(1e200 * X, y, sample_domain=d)


def test_only_couplings_of_differences_ignore_constants():
    source = np.arange(12) < 6
    assert marginal_coupling(source).ignores_constants()
    labels = np.arange(12) % 3
    assert conditional_coupling(labels, source, n_classes=3).ignores_constants()
    labels[6:] = np.where(labels[6:] == 2, 1, labels[6:])
    assert not conditional_coupling(labels, source, n_classes=3).ignores_constants()
