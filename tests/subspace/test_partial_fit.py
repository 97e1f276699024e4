"""TCA in calls: the components of all rows so far."""

import pickle
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skdomain import NoTargetWarning
from skdomain._rows import RowBlocks
from skdomain.subspace import TCA

METHODS = {
    "primal": TCA(2, kernel="primal"),
    "linear": TCA(2, kernel="linear"),
    "primal whitened": TCA(2, kernel="primal", whiten=True, lam=0.1),
    "linear whitened": TCA(2, kernel="linear", whiten=True, lam=10.0),
}
each = pytest.mark.parametrize("name", METHODS)
problems = given(
    n_source=st.integers(2, 20),
    n_target=st.integers(2, 20),
    n_features=st.integers(3, 12),
    n_cuts=st.integers(0, 9),
    seed=st.integers(0, 2**16),
)
no_target = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
few = pytest.mark.filterwarnings("ignore:n_components=:UserWarning")


def parts(n_rows, n_cuts, seed):
    """Slices that cut the rows at random places."""
    cuts = np.random.default_rng(seed).integers(0, n_rows + 1, n_cuts)
    edges = np.unique([0, *cuts, n_rows])
    return [slice(*edge) for edge in pairwise(edges)]


def fit(name, X, d):
    return clone(METHODS[name]).fit(X, sample_domain=d)


def fit_in_calls(name, X, d, slices):
    model = clone(METHODS[name])
    for part in slices:
        model.partial_fit(X[part], sample_domain=d[part])
    return model


def assert_same_fit(got, expected, *, tolerance=1e-10):
    assert_allclose(got.eigenvalues_, expected.eigenvalues_, rtol=tolerance)
    A, B = got.components_, expected.components_
    assert_allclose(A, B, rtol=0, atol=tolerance * np.abs(B).max())


# -- What a call does ---------------------------------------------------------------------------


@no_target
@few
@each
@problems
def test_calls_in_any_cuts_give_what_all_rows_give_after_each_call(
    name, make_domains, n_source, n_target, n_features, n_cuts, seed
):
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    X *= 1 + np.arange(n_features)  # variances apart, so that components are determined
    model = clone(METHODS[name])
    for part in parts(len(X), n_cuts, seed):
        model.partial_fit(X[part], sample_domain=d[part])
        seen = d[: part.stop]
        assert_array_equal(model.n_samples_seen_, [np.sum(seen > 0), np.sum(seen < 0)])
        if len(seen) > 1 and (seen > 0).any():
            assert_same_fit(model, fit(name, X[: part.stop], seen))


@no_target
@few
@each
@pytest.mark.parametrize("first", [1, -1], ids=["source first", "target first"])
def test_one_row_a_call_and_one_domain_after_the_other(name, first, make_domains):
    X, _, d = make_domains()
    order = np.argsort(-first * d, kind="stable")
    model = fit_in_calls(name, X[order], d[order], [slice(i, i + 1) for i in range(len(X))])
    assert_same_fit(model, fit(name, X, d))


@no_target
@few
def test_rows_far_from_zero_lose_nothing(make_domains):
    """With F = X the mean of all rows does not matter; on a grid of 2^-10 the shift is exact."""
    X, _, d = make_domains()
    X = np.round(X * 1024) / 1024
    slices = [slice(i, i + 3) for i in range(0, len(X), 3)]
    assert_same_fit(fit_in_calls("primal", X + 2.0**27, d, slices), fit("primal", X, d))


@each
def test_before_a_target_row_it_is_pca_and_says_so(name, make_domains):
    X, _, _ = make_domains()
    model = clone(METHODS[name])
    with pytest.warns(NoTargetWarning, match="TCA has seen 20 source and 0 target row"):
        model.partial_fit(X[:20])
    with pytest.warns(NoTargetWarning):
        expected = clone(METHODS[name]).fit(X[:20])
    assert_same_fit(model, expected)
    domains = np.where(np.arange(len(X)) < 20, 1, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.partial_fit(X[20:], sample_domain=domains[20:])
    assert_same_fit(model, fit(name, X, domains))


@no_target
@few
@each
def test_until_two_rows_differ_it_is_not_fitted_but_counts(name, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name])
    for _ in range(2):
        model.partial_fit(X[:1], sample_domain=[-1])
        with pytest.raises(NotFittedError):
            model.transform(X)
    model.partial_fit(X, sample_domain=d)
    again = np.concatenate([X[:1], X[:1], X]), np.concatenate([[-1, -1], d])
    assert_same_fit(model, fit(name, *again))
    assert model.transform(X).shape == (len(X), 2)


@each
def test_equal_means_are_said_to_leave_nothing_to_match(name, make_domains):
    X, _, d = make_domains()
    for domain in (1, -2):
        X[d == domain] -= X[d == domain].mean(axis=0)
    with pytest.warns(UserWarning, match="equal means under kernel=.* nothing to match"):
        clone(METHODS[name]).partial_fit(X, sample_domain=d)


def test_components_beyond_the_rank_are_a_warning_that_gives_it(make_domains):
    X, _, d = make_domains()
    with pytest.warns(UserWarning, match="n_components=9 is more than the rank 4"):
        assert TCA(9).partial_fit(X, sample_domain=d).transform(X).shape == (32, 4)


# -- State --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", ["rbf", "poly", "precomputed", lambda x, y: x @ y])
def test_kernels_of_all_pairs_have_no_partial_fit_and_say_why(kernel, make_domains):
    X, _, d = make_domains()
    model = TCA(2, kernel=kernel)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="no attribute 'partial_fit'") as caught:
        model.partial_fit(X, sample_domain=d)
    assert "partial_fit needs kernel='primal' or 'linear'" in str(caught.value.__cause__)


@each
def test_a_call_that_fails_changes_nothing(name, make_domains):
    X, _, d = make_domains()
    model = fit_in_calls(name, X, d, [slice(0, 20)])
    before = vars(model).copy()
    bad = X[20:].copy()
    bad[-1, 0] = np.nan
    for rows, domains, text in (
        (bad, d[20:], "Input X contains NaN"),
        (X[20:, 1:], d[20:], "X has 3 features, but TCA is expecting 4"),
        (X[20:], d[21:], "sample_domain has shape"),
    ):
        with pytest.raises(ValueError, match=text):
            model.partial_fit(rows, sample_domain=domains)
        assert vars(model).keys() == before.keys()
        assert all(value is before[key] for key, value in vars(model).items())
    model.partial_fit(X[20:], sample_domain=d[20:])
    assert_same_fit(model, fit(name, X, d))


@each
def test_pickled_halfway_it_goes_on_and_cloned_it_begins_anew(name, make_domains):
    X, _, d = make_domains()
    halfway = fit_in_calls(name, X, d, [slice(0, 20)])
    on = pickle.loads(pickle.dumps(halfway)).partial_fit(X[20:], sample_domain=d[20:])
    assert_same_fit(on, fit(name, X, d))
    anew = clone(halfway).partial_fit(X[4:], sample_domain=d[4:])
    assert_same_fit(anew, fit(name, X[4:], d[4:]))


@each
def test_fit_forgets_the_calls_and_calls_after_fit_begin_anew(name, make_domains):
    X, _, d = make_domains()
    model = fit_in_calls(name, X, d, [slice(0, 20)]).fit(X[4:], sample_domain=d[4:])
    assert not hasattr(model, "n_samples_seen_")
    with pytest.warns(UserWarning, match="TCA was fitted by fit.*begins anew"):
        model.partial_fit(X[[0, 0]], sample_domain=[1, -1])
    with pytest.raises(NotFittedError):
        model.transform(X)
    model.partial_fit(X, sample_domain=d)
    X, d = X[np.r_[0, 0, : len(X)]], np.r_[1, -1, d]
    assert_same_fit(model, fit(name, X, d))


@each
def test_calls_take_blocks_frames_and_float32(name, make_domains):
    X, _, d = make_domains()
    single = X.astype(np.float32)
    expected = fit(name, single.astype(np.float64), d)
    model = clone(METHODS[name]).partial_fit(RowBlocks([single[:9], single[9:20]]), None, d[:20])
    model.partial_fit(pd.DataFrame(single[20:]), sample_domain=d[20:])
    assert model.components_.dtype == model.transform(single).dtype == np.float32
    assert_allclose(model.eigenvalues_, expected.eigenvalues_, rtol=1e-10)
    assert_allclose(model.components_, expected.components_, rtol=1e-6)


@each
def test_parameters_changed_between_calls_hold_from_the_next_on(name, make_domains):
    X, _, d = make_domains()
    changes = {"kernel": "primal", "lam": 0.3, "n_components": 3}
    model = fit_in_calls(name, X, d, [slice(0, 20)]).set_params(**changes)
    model.partial_fit(X[20:], sample_domain=d[20:])
    assert_same_fit(model, clone(METHODS[name]).set_params(**changes).fit(X, None, d))
