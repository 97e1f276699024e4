"""Sparse rows are ordered, told apart and as far from each other as dense rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.spatial.distance import cdist

from skdomain._rows import dense_with_distances, row_keys


@st.composite
def dense_rows(draw):
    """Mostly zeros, both signs, some rows twice; fewer rows than features or more."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    n, d = draw(st.integers(2, 12)), draw(st.integers(1, 20))
    X = rng.integers(-2, 3, (n, d)) * (rng.random((n, d)) < draw(st.sampled_from([0.1, 0.5])))
    return X[rng.integers(n, size=n + 2)] * np.array([1.0, 0.7])[rng.integers(2, size=d)]


@given(X=dense_rows(), dtype=st.sampled_from([np.float32, np.float64]))
def test_keys_compare_as_the_bytes_of_dense_rows_do(X, dtype):
    X = X.astype(dtype)
    keys, expected = row_keys(sparse.csr_array(X)), [row.tobytes() for row in X + 0.0]
    for i in range(len(X)):
        for j in range(len(X)):
            assert (keys[i] < keys[j]) == (expected[i] < expected[j])


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
@given(X=dense_rows())
def test_distances_are_kept_and_equal_rows_stay_equal(form, X):
    Z = dense_with_distances(form(X))
    assert Z.shape[1] <= max(1, min(X.shape[1], len(np.unique(X, axis=0))))
    assert_allclose(cdist(Z, Z), cdist(X, X), atol=1e-6)
    same = (X[:, None] == X[None]).all(axis=2)
    assert_array_equal((Z[:, None] == Z[None]).all(axis=2) | ~same, True)


@given(X=dense_rows(), seed=st.integers(0, 2**16))
def test_the_order_of_the_rows_and_entries_that_are_zero_change_no_bit(X, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    expected = dense_with_distances(sparse.csr_array(X))
    assert_array_equal(dense_with_distances(sparse.csr_array(X[order])), expected[order])
    where = np.nonzero(np.ones_like(X))
    explicit = sparse.csr_array((X.ravel(), where), shape=X.shape)
    assert explicit.nnz == X.size
    assert_array_equal(dense_with_distances(explicit), expected)
    assert row_keys(explicit) == row_keys(sparse.csr_array(X))
