"""gaussian_weights of rows that are passed over are those of the array."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdomain import RowBlocks
from skdomain.weighting import KMM, GaussianWeighting, gaussian_weights
from skdomain.weighting._ratio._normal_sums import row_keys


def two_domains(n_source=40, n_target=30, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), rng.normal(0.4, 1.3, (n_target, n_features))


def cut(X, *at):
    return RowBlocks(np.split(X, sorted(at)))


@settings(deadline=None, max_examples=50)
@given(
    n_features=st.integers(1, 6),
    at=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    copies=st.integers(0, 15),
    constant=st.booleans(),
    shrinkage=st.sampled_from(["auto", 0.0, 0.3, 1.0]),
    seed=st.integers(0, 99),
)
def test_blocks_give_the_weights_of_the_array(n_features, at, copies, constant, shrinkage, seed):
    """Wherever they are cut, and where rows come twice: copies are no more information."""
    Xs, Xt = two_domains(n_features=n_features, seed=seed)
    Xs[:copies], Xt[:copies] = Xs[20 : 20 + copies], Xt[15 : 15 + copies]
    if constant:
        Xs, Xt = (np.column_stack([X, np.full(len(X), 0.1)]) for X in (Xs, Xt))
    expected = gaussian_weights(Xs, Xt, shrinkage=shrinkage)
    weights = gaussian_weights(cut(Xs, *at), cut(Xt, at[0] // 2), shrinkage=shrinkage)
    assert_allclose(weights, expected, rtol=1e-9)


def test_one_domain_may_be_an_array_and_the_other_far_from_zero():
    Xs, Xt = (X + 1e6 for X in two_domains())
    expected = gaussian_weights(Xs, Xt)
    for pair in ((cut(Xs, 7), Xt), (Xs, cut(Xt, 9))):
        assert_allclose(gaussian_weights(*pair), expected, rtol=1e-6)


def test_dask_arrays_give_the_weights_of_the_array():
    da = pytest.importorskip("dask.array")
    Xs, Xt = two_domains()
    Xs[3] = Xs[30]
    weights = gaussian_weights(da.from_array(Xs, chunks=(11, 2)), da.from_array(Xt, chunks=(7, 4)))
    assert isinstance(weights, np.ndarray)
    assert_allclose(weights, gaussian_weights(Xs, Xt), rtol=1e-9)


def test_equal_rows_have_equal_keys_and_others_have_not():
    """Small integers differ in the highest bits alone."""
    grid = np.stack(np.meshgrid(*3 * [np.arange(-12.0, 13)]), axis=-1).reshape(-1, 3)
    keys = row_keys(grid)
    assert len(np.unique(keys)) == len(grid)
    assert_array_equal(row_keys(grid[::-1].astype(np.float32)), keys[::-1])
    assert_array_equal(row_keys(np.zeros((1, 2))), row_keys(-np.zeros((1, 2))))


@pytest.mark.parametrize(
    ("Xs", "Xt", "message"),
    [
        (np.ones((5, 2)), np.eye(5, 2), "the source rows are all equal"),
        (np.eye(5, 2), np.eye(5, 3), "must have the same columns, got 2 in Xs and 3 in Xt"),
        (np.full((5, 2), np.nan), np.eye(5, 2), "contains NaN"),
        (two_domains(3, 9)[0], two_domains(3, 9)[1], "the source has 3 rows in blocks and 4 feat"),
        (1e200 * np.eye(5, 2), np.eye(5, 2), "the variance of a feature overflows"),
    ],
)
def test_bad_blocks_are_named(Xs, Xt, message):
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=message):
        gaussian_weights(RowBlocks([Xs]), RowBlocks([Xt]))


@pytest.mark.parametrize("method", [GaussianWeighting(), KMM()])
def test_a_method_around_an_estimator_says_who_takes_blocks(method):
    X = np.concatenate(two_domains())
    with pytest.raises(TypeError, match=r"got RowBlocks; pass X.to_array.*gaussian_weights"):
        method.fit(RowBlocks([X]), X[:, 0] > 0, sample_domain=np.repeat([1, -1], [40, 30]))
