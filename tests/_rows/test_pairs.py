"""Distinct rows, and the median over their pairs, are NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdomain._rows import distinct_rows, median_of, pair_values


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


@given(
    n=st.integers(1, 40), d=st.integers(1, 12), levels=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_distinct_rows_are_numpys(n, d, levels, seed):
    """Whether the first features tell them apart or not."""
    rng = np.random.default_rng(seed)
    X = rng.integers(levels, size=(n, d)) * rng.choice([0.0, -1.0, 1.0], size=d)
    X[:, :8] *= rng.integers(2)
    options = {"axis": 0, "return_inverse": True, "return_counts": True}
    for found, expected in zip(distinct_rows(X), np.unique(X, **options), strict=True):
        assert_array_equal(found, expected.reshape(found.shape))
