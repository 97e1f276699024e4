"""Sparse rows are projected as the same rows in an array, and are not made dense."""

import functools
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skdomain.subspace import DJPMMD, JDA, TCA, TJM

METHODS = [TCA, JDA, DJPMMD]
KERNELS = ["primal", "linear", "rbf", "poly", "cosine", "laplacian"]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FORMATS = [sparse.csr_array, sparse.csr_matrix, sparse.coo_array]


def problem(n_features, dtype=np.float64):
    rng = np.random.default_rng(0)
    X = rng.poisson(0.4, size=(60, n_features)).astype(dtype)
    y, d = np.arange(60) % 2, np.repeat([1, -2], 30)
    X[:, 0] += 4 * y
    X[30:, 1] += 2
    return X, y, d


@functools.cache
def dense_fit(method, kernel, n_features):
    X, y, d = problem(n_features)
    return method(3, kernel=kernel).fit(X, y, sample_domain=d)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("n_features", [6, 90])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("method", METHODS)
def test_the_projection_is_that_of_dense_rows(method, kernel, n_features, form):
    X, y, d = problem(n_features)
    dense = dense_fit(method, kernel, n_features)
    found = method(3, kernel=kernel).fit(form(X), y, sample_domain=d)
    assert_allclose(found.eigenvalues_, dense.eigenvalues_, rtol=1e-8)
    assert_allclose(found.components_, dense.components_, atol=1e-7)
    assert_allclose(found.transform(form(X)), dense.transform(X), atol=1e-6)
    together = method(3, kernel=kernel).fit_transform(form(X), y, sample_domain=d)
    assert isinstance(together, np.ndarray)
    assert_allclose(together, dense.transform(X), atol=1e-6)
    assert_allclose(found.transform(X), dense.transform(X), atol=1e-6)
    if method is not TCA:
        assert_array_equal(found.pseudo_labels_, dense.pseudo_labels_)
        assert_array_equal(found.predict(form(X)), dense.predict(X))
        assert found.score(form(X), y, sample_domain=d) == dense.score(X, y, sample_domain=d)


@pytest.mark.parametrize("n_features", [6, 90])
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
def test_float32_stays_float32(kernel, n_features):
    X, _, d = problem(n_features, np.float32)
    model = TCA(2, kernel=kernel)
    assert model.fit_transform(sparse.csr_array(X), sample_domain=d).dtype == np.float32


@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("method", METHODS)
def test_many_features_are_not_made_dense(method, kernel):
    """An array of the rows would take 192 MB, the two components take 3 MB."""
    rng, y, d = np.random.default_rng(0), np.arange(120) % 2, np.repeat([1, -2], 60)
    places = rng.integers(0, 200_000, size=(120, 20))
    places[:, 0], places[:, 1] = y, 2 + (d > 0)
    entries = np.ones(places.size), (np.repeat(np.arange(120), 20), places.ravel())
    X = sparse.csr_array(entries, shape=(120, 200_000))
    tracemalloc.start()
    Z = method(2, kernel=kernel).fit_transform(X, y, sample_domain=d)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert Z.shape == (120, 2)
    assert peak < 40e6


def test_where_the_mean_dwarfs_the_spread_rows_are_centred():
    X, _, d = problem(90)
    X[:, 5] += 3000
    dense = TCA(3).fit(X, sample_domain=d)
    found = TCA(3).fit(sparse.csr_array(X), sample_domain=d)
    assert_allclose(found.components_, dense.components_, atol=1e-9)


@pytest.mark.parametrize(
    "model", [TJM(2), TCA(2, kernel="chi2"), JDA(2, kernel=np.dot), TCA(2, kernel="precomputed")]
)
def test_what_takes_no_sparse_rows_names_what_does(model):
    X, y, d = problem(6)
    text = (
        rf"Sparse data was passed for X, but dense data is required by {type(model).__name__} .*"
        "'.toarray\\(\\)', or put sklearn.decomposition.TruncatedSVD before it; TCA, JDA and DJPMMD"
    )
    with pytest.raises(TypeError, match=text):
        model.fit(sparse.csr_array(X), y, sample_domain=d)
