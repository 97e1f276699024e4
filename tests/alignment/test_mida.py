"""MIDA is its eigenproblem, its limits, and reads domain features and source labels, no others."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn import config_context
from sklearn.decomposition import PCA, KernelPCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import NoTargetWarning
from skdomain.alignment import MIDA
from skdomain.alignment._mida_components import standard_factors
from skdomain.compose import SourceOnly


def draw(counts=(12, 9, 7), n_features=5, seed=0):
    rng = np.random.default_rng(seed)
    d = np.repeat([1, 2, -3][: len(counts)], counts)
    y = np.arange(len(d)) % 3
    X = rng.normal(size=(len(d), n_features)) * np.arange(1, n_features + 1)
    X += rng.normal(size=(5, n_features))[d] + 2 * rng.normal(size=(3, n_features))[y]
    order = rng.permutation(len(d))
    return X[order], y[order], d[order]


def one_hot(values):
    return (np.asarray(values)[:, None] == np.unique(values)) * 1.0


def dense(K, Kd, *, mu, eta=0.0, Ky=None):
    """Eigenpairs of the sheet's matrix, largest first, K centred."""
    n = len(K)
    H = np.eye(n) - 1 / n
    K = H @ K @ H
    M = -H @ Kd @ H + mu * H + (0 if Ky is None else eta * H @ Ky @ H)
    values, vectors = eigh(K @ M @ K)
    return values[::-1], vectors[:, ::-1], K


def assert_columns_agree(Z, expected, tolerance=1e-7):
    """Up to the sign of each column."""
    signs = np.sign(np.sum(Z * expected, axis=0))
    assert_allclose(Z * signs, expected, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("eta", [0.0, 3.0])
@pytest.mark.parametrize("factors", [None, "time"])
def test_it_solves_the_dense_eigenproblem(kernel, eta, factors):
    """The paper's mu and eta are ours times largest eigenvalues of the kernels of D and y."""
    X, y, d = draw()
    n, D = len(X), one_hot(d)
    if factors:
        D = np.random.default_rng(1).normal(size=(n, 2)) * [1, 60]
    model = MIDA(3, mu=0.5, eta=eta, kernel=kernel, gamma=0.05)
    Z = model.fit_transform(X, y, sample_domain=d, domain_features=D if factors else None)
    Y = np.zeros((n, 3))
    Y[d > 0] = one_hot(y)[d > 0] - one_hot(y)[d > 0].mean(axis=0)
    Dc = D - D.mean(axis=0)
    most, most_y = np.linalg.norm(Dc, 2) ** 2, np.linalg.norm(Y, 2) ** 2
    K = X @ X.T if kernel == "linear" else rbf_kernel(X, gamma=0.05)
    values, W, K = dense(K, D @ D.T, mu=0.5 * most / n, eta=eta * most / most_y, Ky=Y @ Y.T)
    assert_columns_agree(Z, (K @ W)[:, :3])
    assert_allclose(model.eigenvalues_, values[:3] * n / most / eigh(K)[0][-1] ** 2, rtol=1e-8)
    assert_allclose(model.coefficients_.T @ model.coefficients_, np.eye(3), atol=1e-10)
    assert_allclose(Z.mean(axis=0), 0, atol=1e-9 * np.abs(Z).max())


def test_with_two_domains_a_component_counts_its_variance_and_its_correlation():
    """``n var(z) (mu - n corr(z, d)^2)`` for each, and no product for two of them."""
    X, _, d = draw((14, 11))
    model = MIDA(4, mu=2.0).fit(X, sample_domain=np.where(d == 1, 1, -2))
    Z, n = model.transform(X), len(X)
    rho = np.array([np.corrcoef(z, d)[0, 1] for z in Z.T])
    largest = eigh((X - X.mean(axis=0)) @ (X - X.mean(axis=0)).T)[0][-1]
    expected = n * Z.var(axis=0) * (2.0 - n * rho**2)
    assert_allclose(model.eigenvalues_ * largest**2, expected, rtol=1e-9)


def test_a_case_by_hand():
    """Two uncorrelated features, spreads 3 and 2, the first of which is the domain.

    Weights 9 n (mu - n) and 4 n mu: the second comes first, and the first is negative.
    """
    X = np.array([[3.0, 2.0], [3.0, -2.0], [-3.0, 2.0], [-3.0, -2.0]])
    model = MIDA(2).fit(X, sample_domain=[1, 1, -2, -2])
    # K = X X' has the eigenvalues 36 and 16: w are unit columns of X, z = K w
    assert_allclose(np.abs(model.transform(X)), [[8, 18]] * 4)
    assert_allclose(model.eigenvalues_, [16**2 / 36**2, 1 - 4], atol=1e-12)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_a_large_weight_of_the_variance_gives_kernel_pca(kernel):
    X, _, d = draw()
    model = MIDA(3, mu=1e9, kernel=kernel, gamma=0.05).fit(X, sample_domain=d)
    pca = KernelPCA(3, kernel=kernel, gamma=0.05).fit(X)
    new = np.random.default_rng(1).normal(size=(6, 5))
    for rows in (X, new):  # of unit coefficients, where kernel PCA has those of unit functions
        expected = pca.transform(rows) * np.sqrt(pca.eigenvalues_)
        assert_columns_agree(model.transform(rows), expected, 1e-5)


def test_without_a_target_it_is_kernel_pca():
    X, _, _ = draw()
    with pytest.warns(NoTargetWarning):
        Z = MIDA(3).fit_transform(X)
    pca = PCA(3).fit(X)
    assert_columns_agree(Z, pca.transform(X) * pca.singular_values_)


def test_a_small_weight_makes_components_independent_of_the_domains():
    X, _, d = draw()
    correlations = []
    for mu in (1e3, 1.0, 1e-3, 1e-6):
        Z = MIDA(1, mu=mu).fit_transform(X, sample_domain=d)
        gaps = [Z[d == k].mean() for k in np.unique(d)]
        correlations.append(np.ptp(gaps) / Z.std())
    assert sorted(correlations, reverse=True) == correlations
    assert correlations[-1] < 1e-5


@given(seed=st.integers(0, 2**16), unit=st.floats(1e-6, 1e6), offset=st.floats(-100, 100))
def test_units_of_the_factors_and_of_the_rows_do_not_matter(seed, unit, offset):
    X, _, d = draw(seed=seed)
    time = np.random.default_rng(seed).normal(size=len(X))
    model = MIDA(2).fit(X, sample_domain=d, domain_features=time)
    other = MIDA(2).fit(X, sample_domain=d, domain_features=(time + offset) * unit)
    assert_columns_agree(other.transform(X), model.transform(X))
    rows = (X + offset) * unit
    other = MIDA(2).fit(rows, sample_domain=d, domain_features=time)
    assert_columns_agree(other.transform(rows) / unit**2, model.transform(X))
    assert_allclose(other.eigenvalues_, model.eigenvalues_, rtol=1e-6, atol=1e-9)


def test_factors_may_be_one_column_or_several_and_a_frame():
    X, _, d = draw()
    time = np.linspace(0, 1, len(X))
    expected = MIDA(2).fit(X, sample_domain=d, domain_features=time).transform(X)
    for form in (time[:, None], time.tolist(), pd.DataFrame({"time": time})):
        assert_array_equal(MIDA(2).fit_transform(X, None, d, form), expected)


def test_the_default_factors_are_the_indicators_of_the_domains():
    X, _, d = draw()
    expected = MIDA(2).fit_transform(X, sample_domain=d)
    got = MIDA(2).fit_transform(X, sample_domain=d, domain_features=one_hot(d))
    assert_allclose(got, expected)


def test_factors_are_enough_without_a_target():
    """No NoTargetWarning: it does adapt."""
    X, _, d = draw()
    time = np.linspace(0, 1, len(X)) ** 2
    Z = MIDA(2).fit_transform(X, domain_features=time)
    assert_array_equal(MIDA(2).fit_transform(X, None, abs(d), time), Z)


def test_constant_factors_say_nothing():
    X, _, d = draw()
    Z = MIDA(2).fit_transform(X, sample_domain=d, domain_features=np.full(len(X), 0.1))
    with pytest.warns(NoTargetWarning):
        assert_array_equal(Z, MIDA(2).fit_transform(X))


def test_labels_draw_components_to_the_classes():
    X, y, d = draw((60, 50))
    d = np.where(d == 1, 1, -2)
    Z = [MIDA(1, eta=eta).fit_transform(X, y, d)[:, 0] for eta in (0.0, 100.0)]
    told = [sum(np.mean(z[(y == c) & (d > 0)]) ** 2 for c in range(3)) / z.var() for z in Z]
    assert told[1] > told[0]


def test_values_are_read_as_one_column():
    X, y, d = draw()
    values = y + np.linspace(0, 0.5, len(y))
    model = MIDA(2, eta=2.0)
    Z = model.fit_transform(X, values, d)
    assert_allclose(model.fit_transform(X, 60 * values + 7, d), Z)
    assert not np.allclose(model.fit_transform(X, -(values**4), d), Z)


@pytest.mark.parametrize(
    ("features", "text"),
    [
        (np.ones(5), r"inconsistent numbers of samples: \[28, 5\]"),
        (np.full(28, np.nan), "Input domain_features contains NaN"),
        (
            np.full(28, "dose"),
            "could not convert string to float",
        ),
    ],
    ids=["length", "NaN", "words"],
)
def test_factors_that_do_not_fit_are_errors(features, text):
    X, _, d = draw()
    with pytest.raises(ValueError, match=text):
        MIDA(2).fit(X, sample_domain=d, domain_features=features)


def test_factors_are_routed_through_a_pipeline():
    X, y, d = draw()
    time = np.linspace(0, 1, len(X))
    Z = StandardScaler().fit_transform(X)
    Z = MIDA(2).fit(Z, sample_domain=d, domain_features=time).transform(Z)
    expected = SourceOnly(LogisticRegression()).fit(Z, y, sample_domain=d).predict(Z)
    pipe = make_pipeline(StandardScaler(), MIDA(2), SourceOnly(LogisticRegression()))
    with config_context(enable_metadata_routing=True):
        pipe.fit(X, y, sample_domain=d, domain_features=time)
        assert_array_equal(pipe.predict(X), expected)
    pipe.fit(X, y, mida__sample_domain=d, mida__domain_features=time, sourceonly__sample_domain=d)
    assert_array_equal(pipe.predict(X), expected)


def test_standard_factors_have_variance_one_along_their_widest_line():
    D = np.random.default_rng(0).normal(size=(40, 3)) * [1, 5, 1e-3] + 9
    assert_allclose(eigh(np.cov(standard_factors(D).T, bias=True))[0][-1], 1)
    assert_allclose(standard_factors(one_hot([0, 0, 1])).T @ np.ones(3), 0, atol=1e-12)
