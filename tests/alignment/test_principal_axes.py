"""The first principal axes alone are those of the whole decomposition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdomain.alignment import _principal_axes
from skdomain.alignment._principal_axes import principal_axes


def rows_of(n, d, seed, spreads=None):
    rng = np.random.default_rng(seed)
    spreads = 0.8 ** np.arange(d) if spreads is None else spreads
    return rng.normal(size=(n, d)) * spreads + 3


@given(n=st.integers(12, 40), d=st.integers(12, 40), k=st.integers(1, 3), seed=st.integers(0, 999))
def test_first_axes_are_those_of_all(n, d, k, seed):
    X = rows_of(n, d, seed)
    first, every = principal_axes(X, "source", k), principal_axes(X, "source")
    assert first.rank == k < every.rank
    assert_allclose(first.spreads, every.spreads[:k], rtol=1e-10)
    # of spreads that come near one another only the plane of both axes is sure
    assert_allclose(first.axes.T @ first.axes, np.eye(k), atol=1e-10)
    gaps = every.spreads[:k] / every.spreads[1 : k + 1]
    if gaps.min() > 1.01:
        assert_allclose(first.axes, every.axes[:, :k], atol=1e-8)


@pytest.mark.parametrize(
    "X",
    [
        rows_of(20, 16, 0, spreads=np.r_[1, 1e-5, np.zeros(14)]),
        rows_of(20, 16, 0, spreads=np.r_[1, np.zeros(15)]),
        rows_of(20, 16, 0) * 1e160,
    ],
    ids=["small spread", "rank", "large"],
)
def test_axes_that_a_scatter_does_not_tell_are_those_of_the_rows(X):
    first, every = (principal_axes(X, "source", k) for k in (2, "all"))
    assert first.rank == every.rank
    np.testing.assert_array_equal(first.axes, every.axes)


def test_rows_that_are_equal_up_to_rounding_have_no_axes():
    X = np.full((20, 16), 0.1) + 1e7 * np.ones(16)
    with pytest.raises(ValueError, match="the source rows are all equal up to rounding"):
        principal_axes(X + np.spacing(1e7) * np.eye(20, 16), "source", 2)


def test_few_axes_of_many_are_found_without_the_others(monkeypatch):
    monkeypatch.setattr(_principal_axes, "svd", None)
    assert principal_axes(rows_of(40, 20, 0), "source", 5).rank == 5
