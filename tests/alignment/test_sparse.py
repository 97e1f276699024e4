"""Sparse rows: the map is that of the dense ones, and what it gives is dense."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone

from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment

METHODS = {"CORAL": CORAL(), "LinearMonge": LinearMonge(0.1)}
each = pytest.mark.parametrize("name", METHODS)


def draw(n_rows, n_features, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)) * (rng.uniform(size=(n_rows, n_features)) < 0.3)
    return X, np.where(np.arange(n_rows) % 2, 1, -2)


@each
@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
@given(n_rows=st.integers(4, 40), n_features=st.integers(2, 40), seed=st.integers(0, 2**16))
def test_sparse_rows_give_the_map_of_dense_rows(name, container, n_rows, n_features, seed):
    """More rows than features, by moments, and fewer."""
    X, d = draw(n_rows, n_features, seed)
    dense, thin = clone(METHODS[name]), clone(METHODS[name])
    expected = dense.fit_transform(X, sample_domain=d)
    Z = thin.fit_transform(container(X), sample_domain=d)
    tolerance = 1e-9 * max(1, np.abs(expected).max())
    assert isinstance(Z, np.ndarray)
    assert_allclose(Z, expected, rtol=0, atol=tolerance)
    assert_array_equal(Z[d < 0], X[d < 0])
    back = thin.inverse_transform(container(Z), sample_domain=d)
    assert_allclose(back, X, rtol=0, atol=10 * tolerance)


@each
def test_calls_take_sparse_rows(name):
    X, d = draw(60, 5)
    model = clone(METHODS[name]).partial_fit(sparse.csr_array(X[:20]), sample_domain=d[:20])
    model.partial_fit(sparse.coo_array(X[20:]), sample_domain=d[20:])
    expected = clone(METHODS[name]).fit(X, sample_domain=d).map_.matrix()
    assert_allclose(model.map_.matrix(), expected, atol=1e-12)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_fit_to_sparse_rows_makes_no_dense_copy_of_them(name, dtype):
    X = sparse.random(20_000, 50, density=0.02, random_state=0, dtype=dtype, format="csr")
    d = np.where(np.arange(20_000) % 2, 1, -2)
    model = clone(METHODS[name])
    with config_context(working_memory=0.1):
        model.fit(X, sample_domain=d)
        tracemalloc.start()
        try:
            model.fit(X, sample_domain=d)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 20_000 * 50 * 8 / 4


@each
def test_bad_sparse_rows_are_errors(name):
    X, d = draw(60, 5)
    bad = sparse.csr_array(X)
    bad.data[3] = np.nan
    for method in ("fit", "partial_fit"):
        model = clone(METHODS[name])
        with pytest.raises(ValueError, match="Input X contains NaN"):
            getattr(model, method)(bad, sample_domain=d)
        assert not hasattr(model, "map_")


@pytest.mark.parametrize("estimator", [SubspaceAlignment(2), GFK(2)], ids=["SA", "GFK"])
def test_what_takes_no_sparse_rows_says_what_does(estimator):
    X, d = draw(40, 5)
    text = r"required by \w+. Use '.toarray\(\)', or TruncatedSVD before it; CORAL, LinearMonge, S"
    with pytest.raises(TypeError, match=text):
        clone(estimator).fit(sparse.csr_array(X), sample_domain=d)
    with pytest.raises(TypeError, match=text):
        clone(estimator).fit(X, sample_domain=d).transform(sparse.csr_array(X))
