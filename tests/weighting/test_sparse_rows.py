"""Sparse rows give the weights of the same rows in an array, and are not made dense."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import MultinomialNB

from skdomain import weighting
from skdomain._kernels import median_gamma, scale_gamma
from skdomain._rows import distinct_rows
from skdomain.weighting import KLIEP, KMM, ClassifierWeighting, RuLSIF
from skdomain.weighting._ratio._units import standard_units

METHODS = {
    "KMM rbf": KMM(),
    "KMM linear": KMM(kernel="linear"),
    "KMM poly": KMM(kernel="poly", gamma="scale"),
    "KMM landmarks": KMM(max_kernel_rows=8),
    "KLIEP": KLIEP(),
    "RuLSIF": RuLSIF(),
    "ClassifierWeighting": ClassifierWeighting(),
}
FORMATS = [sparse.csr_array, sparse.csc_matrix, sparse.coo_array]

# The logistic regression stops at a gradient of 1e-4, from another start where rows are centred.
TOLERANCE = {"ClassifierWeighting": 0.03}


def draw(seed, n_rows, n_features):
    """Few values and many zeros, so that rows come twice; and a row of zeros."""
    rng = np.random.default_rng(seed)
    X = (
        rng.integers(-2, 3, size=(n_rows, n_features))
        / 2
        * (rng.random((n_rows, n_features)) < 0.4)
    )
    X[0] = 0
    return X


def problem(n_features=6, n=40):
    X = draw(0, 2 * n, n_features)
    X[n:, 0] += 0.5 * (np.arange(n) % 2)
    return X, np.arange(2 * n) % 2, np.repeat([1, -2], n)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("n_features", [6, 90])
@pytest.mark.parametrize("name", METHODS)
def test_weights_are_those_of_dense_rows(name, n_features, form):
    X, y, d = problem(n_features)
    model, rtol = clone(METHODS[name]), TOLERANCE.get(name, 1e-9)
    dense = model.fit(X, y, sample_domain=d).weights_
    model.fit(form(X), y, sample_domain=d)
    assert_allclose(model.weights_, dense, rtol=rtol, atol=rtol)
    assert_array_equal(model.predict(form(X)), model.predict(X))
    if hasattr(model, "density_ratio"):
        assert_allclose(model.density_ratio(form(X)), model.density_ratio(X), rtol=1e-6)


@pytest.mark.parametrize(
    "name", ["kmm_weights", "kliep_weights", "rulsif_weights", "classifier_weights"]
)
def test_functions_take_sparse_rows_as_classes_do(name):
    X, _, d = problem()
    weights = getattr(weighting, name)
    sparse_rows = (sparse.csr_array(X[rows]) for rows in (d > 0, d < 0))
    assert_allclose(weights(*sparse_rows), weights(X[d > 0], X[d < 0]), atol=0.03)


@pytest.mark.parametrize("name", ["KMM rbf", "KMM linear", "KLIEP", "RuLSIF"])
def test_sparse_rows_are_not_made_dense(name):
    """80 rows of 20 million features: 13 GB, were they dense."""
    places = np.random.default_rng(0).integers(0, 30, size=400)
    entries = np.ones(400), (np.repeat(np.arange(80), 5), places * 600_000)
    X, d = sparse.csr_array(entries, shape=(80, 2 * 10**7)), np.repeat([1, -2], 40)
    model = clone(METHODS[name]).set_params(estimator=DummyClassifier())
    wide = model.fit(X, np.arange(80) % 2, sample_domain=d).weights_
    narrow = sparse.csr_array((entries[0], (entries[1][0], places)), shape=(80, 30)).toarray()
    expected = model.fit(narrow, np.arange(80) % 2, sample_domain=d).weights_
    assert_allclose(wide, expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["GaussianWeighting", "NearestNeighborWeighting"])
def test_where_rows_have_to_be_dense_the_error_names_who_takes_sparse_ones(name):
    X, y, d = problem()
    model = getattr(weighting, name)()
    text = (
        f"(?s)dense data is required.*{name} finds weights on dense rows; sparse ones are taken by "
        "KMM, KLIEP, RuLSIF and ClassifierWeighting. Or set transformer=TruncatedSVD"
    )
    with pytest.raises(TypeError, match=text):
        model.fit(sparse.csr_array(X), y, sample_domain=d)
    with pytest.raises(TypeError, match="dense data is required"):
        model.fit(X, y, sample_domain=d).density_ratio(sparse.csr_array(X))
    svd = TruncatedSVD(2, random_state=0)
    model.set_params(transformer=svd, estimator=MultinomialNB())
    counts = sparse.csr_array(np.abs(X))
    expected = type(model)().fit(svd.fit_transform(counts), y, sample_domain=d)
    assert_array_equal(model.fit(counts, y, sample_domain=d).weights_, expected.weights_)


# -- What it rests on ---------------------------------------------------------------------------


@given(st.integers(0, 2**16), st.integers(1, 30), st.integers(1, 6))
def test_distinct_sparse_rows_come_in_the_order_of_dense_ones(seed, n_rows, n_features):
    X = draw(seed, n_rows, n_features)
    expected, found = distinct_rows(X), distinct_rows(sparse.csr_array(X))
    assert_array_equal(found[0].toarray(), expected[0])
    assert_array_equal(found[1], expected[1])
    assert_array_equal(found[2], expected[2])
    assert_array_equal(expected[0][expected[1]], X)


def test_zeros_and_sums_that_are_written_out_do_not_tell_rows_apart():
    X = sparse.csr_array(([1.0, 0.0, 1.0, 0.5, 0.5], [0, 1, 0, 0, 0], [0, 2, 3, 5]), shape=(3, 2))
    rows, places, counts = distinct_rows(X)
    assert rows.toarray().tolist() == [[1.0, 0.0]]
    assert places.tolist() == [0, 0, 0]
    assert counts.tolist() == [3]
    assert X.nnz == 5


@pytest.mark.parametrize("gamma", [median_gamma, scale_gamma])
def test_widths_are_those_of_dense_rows(gamma):
    X, _, d = problem()
    sparse_rows = (sparse.csr_array(X[rows]) for rows in (d > 0, d < 0))
    assert_allclose(gamma(*sparse_rows), gamma(X[d > 0], X[d < 0]), rtol=1e-13)


def test_units_scale_sparse_rows_as_dense_ones_and_leave_zero_where_it_is():
    X, _, d = problem()
    X[:, 1] = 3
    rows = [X[d > 0], X[d < 0]]
    dense, found = standard_units(*rows), standard_units(*map(sparse.csr_array, rows))
    assert_allclose(found.scale, dense.scale, rtol=1e-13)
    assert not found.centre.any()
    assert_allclose(found(sparse.csr_array(X)).toarray(), X / dense.scale, rtol=1e-13)
    assert_allclose(dense(sparse.csr_array(X)), dense(X), rtol=1e-13)
