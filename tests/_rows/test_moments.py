"""Moments: those of all rows, whatever the parts they come in and however far they lie from 0."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdomain._rows import RowBlocks, domain_moments, moments

cuts = given(
    sizes=st.lists(st.integers(0, 7), min_size=1, max_size=8).filter(sum),
    n_features=st.integers(1, 6),
    mean=st.sampled_from([0.0, 1.0, -1e8]),
    seed=st.integers(0, 2**16),
)


def draw(sizes, n_features, mean=0.0, seed=0):
    """Rows on a grid of 2^-10, so that a shift by an integer rounds nothing; and their parts."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(sum(sizes), n_features)) * 1024) / 1024
    return X, np.split(X + mean, np.cumsum(sizes)[:-1])


def added(parts):
    total = moments(parts[0])
    for part in parts[1:]:
        total = total + moments(part)
    return total


@cuts
def test_parts_add_up_to_the_moments_of_all_rows_far_from_zero_too(sizes, n_features, mean, seed):
    X, parts = draw(sizes, n_features, mean, seed)
    total, scale = added(parts), 1 + np.square(X).sum()
    centred = X - X.mean(axis=0)
    assert total.n == len(X)
    assert_allclose(total.scatter, centred.T @ centred, rtol=0, atol=1e-13 * scale)
    assert_allclose((total.origin - mean) + total.offset, X.mean(axis=0), rtol=0, atol=1e-13)
    assert_allclose(total.mean, X.mean(axis=0) + mean, rtol=1e-15, atol=1e-13)


@cuts
def test_the_order_of_the_parts_does_not_matter(sizes, n_features, mean, seed):
    X, parts = draw(sizes, n_features, mean, seed)
    forth, back = added(parts), added(parts[::-1])
    assert_allclose(forth.scatter, back.scatter, rtol=0, atol=1e-13 * (1 + np.square(X).sum()))
    assert_allclose(forth - back, 0, atol=1e-13)


def test_two_parts_by_hand():
    """Rows 0 and 2, then 7: mean 3, squares 9 + 1 + 16."""
    total = moments(np.array([[0.0], [2.0]])) + moments(np.array([[7.0]]))
    assert (total.n, total.mean.tolist()) == (3, [3.0])
    assert_allclose(total.scatter, [[26.0]], rtol=1e-15)


@pytest.mark.parametrize("value", [0.1, 1e8 / 3])
def test_equal_rows_have_no_scatter_at_all(value):
    rows = np.full((5, 3), value)
    total = moments(rows) + moments(rows[:2])
    assert not total.scatter.any()
    assert_array_equal(total.mean, rows[0])


def test_single_precision_is_added_up_in_double():
    """A float32 sum of the squares would be off by some 1e-4 of it."""
    X = np.random.default_rng(0).normal(size=(20_000, 2)).astype(np.float32)
    total = moments(X)
    expected = np.cov(X.astype(np.float64).T) * (len(X) - 1)
    assert total.scatter.dtype == total.mean.dtype == np.float64
    assert_allclose(total.scatter, expected, rtol=1e-12, atol=1e-12 * expected.max())


@cuts
def test_domains_of_blocks_are_those_of_the_array(sizes, n_features, mean, seed):
    X, parts = draw(sizes, n_features, mean, seed)
    source = np.random.default_rng(seed).random(len(X)) < 0.5
    blocks = domain_moments(RowBlocks(parts), source)
    for found, rows in (
        (blocks.source, X[source]),
        (blocks.target, X[~source]),
        (blocks.pooled(), X),
    ):
        expected = moments(rows)
        assert found.n == expected.n
        assert_allclose(found.scatter, expected.scatter, rtol=0, atol=1e-12 * (1 + (X**2).sum()))
    if 0 < source.sum() < len(X):
        difference = X[~source].mean(axis=0) - X[source].mean(axis=0)
        assert_allclose(blocks.target - blocks.source, difference, atol=1e-13)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("make", [np.asarray, lambda X: RowBlocks([X[:3], X[3:]])])
def test_values_that_are_not_finite_are_found_in_the_same_pass(make, value):
    X = np.zeros((5, 2))
    X[4, 1] = value
    with pytest.raises(ValueError, match="Input X contains"):
        domain_moments(make(X), np.arange(5) < 2)


def test_moments_pickle():
    X, _ = draw([9], 3)
    before = domain_moments(X, np.arange(9) < 4)
    after = pickle.loads(pickle.dumps(before)) + before
    assert after.source.n == 8
    assert_allclose(after.pooled().scatter, 2 * before.pooled().scatter, rtol=1e-12)
