"""Distinct rows, and the median over their pairs, are NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist

from skdomain._rows import _pairs, distinct_rows, median_of, median_square, pair_values


def test_values_of_all_pairs_each_once():
    matrix = np.arange(36).reshape(6, 6)
    places = np.array([4, 0, 5])
    expected = sorted([matrix[0, 4], matrix[5, 4], matrix[5, 0]])
    assert sorted(pair_values(matrix, places)) == expected


@pytest.mark.parametrize("n", [2, 70_000, 70_001, 100_000])
@pytest.mark.parametrize("kind", ["drawn", "sorted", "tied", "periodic", "infinite", "missing"])
def test_the_median_of_many_values_is_the_median(n, kind):
    """Also where a sample of every n-th one says nothing of the others."""
    values = np.random.default_rng(n).normal(size=n)
    values = {
        "drawn": values,
        "sorted": np.sort(values),
        "tied": np.round(values),
        "periodic": values + 9.0 * (np.arange(n) % max(1, n // 8192) == 0),
        "infinite": np.where(values > 1, np.inf, values),
        "missing": np.where(np.arange(n) == 1, np.nan, values),
    }[kind]
    assert_array_equal(median_of(values), np.median(values))


@pytest.mark.parametrize("n", [725, 726, 727, 728])
@pytest.mark.parametrize("kind", ["drawn", "tied", "offset", "clusters", "tiny", "heavy"])
@pytest.mark.parametrize("d", [1, 30])
def test_a_median_from_float32_is_that_of_all_pairs_or_none(n, d, kind):
    """Of an odd and an even number of pairs; where float32 does not tell enough, it says so."""
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, d))
    X = {
        "drawn": X,
        "tied": np.round(X),
        "offset": X + 1e9,
        "clusters": X + 1e7 * np.arange(n)[:, None] // (n - 3) * 1.0,
        "tiny": 1e-100 * X,
        "heavy": X * np.exp(3 * rng.normal(size=(n, 1))),
    }[kind]
    found = median_square(X)
    if kind in ("drawn", "tiny"):
        assert found is not None
    if found is not None:
        assert_allclose(found, np.median(pdist(X, "sqeuclidean")), rtol=1e-14)


def test_what_float32_cannot_tell_is_found_in_float64(monkeypatch):
    """Errors as large as they may be: half of the pairs lie on the wrong side of the median."""
    X = np.random.default_rng(0).normal(size=(800, 2))
    rough = _pairs._rough_squares

    def worse(rows):
        values, norms = rough(rows)
        sums = (norms[:, None] + norms)[np.tril_indices(len(norms), -1)]
        error = 0.9 * 10 * np.finfo(np.float32).eps * sums
        return values + error * np.random.default_rng(1).choice([-1, 1], size=len(values)), norms

    monkeypatch.setattr(_pairs, "_rough_squares", worse)
    assert_allclose(median_square(X), np.median(pdist(X, "sqeuclidean")), rtol=1e-14)


@given(
    n=st.integers(1, 40), d=st.integers(1, 60), levels=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_distinct_rows_are_numpys(n, d, levels, seed):
    """Whether the first features tell them apart or not."""
    rng = np.random.default_rng(seed)
    X = rng.integers(levels, size=(n, d)) * rng.choice([0.0, -1.0, 1.0], size=d)
    X[:, : rng.choice([0, 8, 33, 50])] *= rng.integers(2)
    options = {"axis": 0, "return_inverse": True, "return_counts": True}
    for found, expected in zip(distinct_rows(X), np.unique(X, **options), strict=True):
        assert_array_equal(found, expected.reshape(found.shape))
