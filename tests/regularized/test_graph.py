"""The Laplacian of the cosine graph is the one that its definition gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

from skdomain._kernels import fit_kernel
from skdomain.regularized import _graph
from skdomain.regularized._graph import Cosines, cosine_laplacian
from skdomain.regularized._loops import largest, nearest, sparse_product


def defined(X, n_neighbors):
    """I - D^-1/2 W D^-1/2 with W = max(W0, W0'), row after row."""
    n, S = len(X), np.clip(cosine_similarity(X), 0, 1)
    W0 = np.zeros((n, n))
    for i in range(n):
        others = [j for j in np.argsort(-S[i], kind="stable") if j != i][:n_neighbors]
        W0[i, others], W0[i, i] = S[i, others], 1
    W = np.maximum(W0, W0.T)
    roots = 1 / np.sqrt(W.sum(axis=1))
    return np.eye(n) - roots[:, None] * W * roots


@given(n=st.integers(2, 30), d=st.integers(1, 5), k=st.integers(1, 12), seed=st.integers(0, 2**16))
def test_laplacian_is_that_of_the_definition(n, d, k, seed):
    X = np.random.default_rng(seed).normal(size=(n, d)) + 0.5 * (d == 1)
    X = np.abs(X) if d == 1 else X  # of one feature all cosines are 1 or -1: any neighbour is one
    if d > 1:
        assert_allclose(cosine_laplacian(X, n_neighbors=k).toarray(), defined(X, k), atol=1e-12)
    L = cosine_laplacian(X, n_neighbors=k).toarray()
    values = np.linalg.eigvalsh(L)
    assert_allclose(L, L.T, atol=1e-15)
    assert values.min() > -1e-12
    assert values.max() < 2 + 1e-12


def test_three_rows_by_hand():
    """Cosines 0.8 and 0.6 and 0 with one neighbour each: a path."""
    X = np.array([[1, 0], [0.8, 0.6], [0, 2]])
    W = np.array([[1, 0.8, 0], [0.8, 1, 0.6], [0, 0.6, 1]])
    D = np.diag(1 / np.sqrt([1.8, 2.4, 1.6]))
    assert_allclose(cosine_laplacian(X, n_neighbors=1).toarray(), np.eye(3) - D @ W @ D, atol=1e-12)


def test_roots_of_the_degrees_are_what_the_laplacian_sends_to_nothing():
    """L D^1/2 1 = 0: a function in proportion to it costs nothing."""
    X = np.random.default_rng(0).normal(size=(40, 3))
    L = cosine_laplacian(X, n_neighbors=5)
    values, vectors = np.linalg.eigh(L.toarray())
    assert abs(values[0]) < 1e-12
    assert_allclose(L @ vectors[:, 0], 0, atol=1e-12)
    assert (vectors[:, 0] > 0).all() or (vectors[:, 0] < 0).all()


def test_lengths_of_the_rows_do_not_matter_and_a_row_of_zeros_stands_alone():
    X = np.random.default_rng(1).normal(size=(20, 3))
    X[7] = 0
    scales = np.exp(np.random.default_rng(2).normal(size=(20, 1)))
    L = cosine_laplacian(X, n_neighbors=4).toarray()
    assert_allclose(cosine_laplacian(scales * X, n_neighbors=4).toarray(), L, atol=1e-12)
    assert_allclose(L[7], 0, atol=1e-15)


def test_blocks_of_rows_give_what_all_rows_give(monkeypatch):
    X = np.random.default_rng(0).normal(size=(50, 4))
    whole = cosine_laplacian(X).toarray()
    monkeypatch.setattr(_graph, "COSINE_BYTES", 8 * 50 * 7)
    assert_allclose(cosine_laplacian(X).toarray(), whole, atol=1e-12)


@pytest.mark.parametrize("kernel", ["rbf", "linear", "cosine", "poly"])
@pytest.mark.parametrize("length", [1, 3])
def test_kernel_from_cosines_is_the_kernel(kernel, length):
    X = length * normalize(np.random.default_rng(0).normal(size=(30, 5)))
    K = fit_kernel(kernel, X, gamma=0.7)
    cosines = Cosines(X)
    L = cosines.laplacian(3)
    assert cosines.unit == (length == 1)
    assert_allclose(L.toarray(), cosine_laplacian(X, n_neighbors=3).toarray(), atol=1e-12)
    assert_allclose(cosines.kernel(K, X), K(X), atol=1e-12)


def test_the_nearest_row_by_cosine_is_that_of_the_distance():
    X = normalize(np.random.default_rng(0).normal(size=(40, 3)))
    X[[7, 30]] = X[3]  # of equal rows the first
    rows, others = np.arange(1, 40, 2), np.arange(0, 40, 2)
    distances = np.linalg.norm(X[rows][:, None] - X[others], axis=2)
    found = Cosines(X).nearest(rows, others)
    np.testing.assert_array_equal(found, others[np.round(distances, 9).argmin(axis=1)])


def test_compiled_search_is_the_plain_one():
    S = cosine_similarity(np.random.default_rng(0).normal(size=(12, 3)))
    found = [(np.empty((6, 4)), np.empty((6, 4), dtype=np.intp)) for _ in range(2)]
    nearest(S[6:], 6, *found[0])
    nearest.py_func(S[6:], 6, *found[1])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    rows, columns = np.array([5, 0, 7]), np.array([2, 3, 11])
    places = largest(S, rows, columns)
    np.testing.assert_array_equal(places, S[rows][:, columns].argmax(axis=1))
    np.testing.assert_array_equal(places, largest.py_func(S, rows, columns))


@pytest.mark.parametrize("loop", [sparse_product, sparse_product.py_func])
def test_product_in_stripes_is_the_product(loop):
    """Rows of no, one and many entries, and more columns than a stripe has."""
    rng = np.random.default_rng(0)
    S = rng.normal(size=(11, 11)) * (rng.uniform(size=(11, 11)) < np.linspace(0, 1, 11)[:, None])
    K, sparse_S = rng.normal(size=(11, 300)), sparse.csr_array(S)
    product = np.full((11, 300), np.nan)
    loop(sparse_S.indptr, sparse_S.indices, sparse_S.data, K, product)
    assert_allclose(product, S @ K, atol=1e-13)
