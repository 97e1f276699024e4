"""CORAL and LinearMonge of rows in blocks and in calls: the maps of all rows at once."""

import pickle
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone

from skdomain import NoTargetWarning
from skdomain._rows import RowBlocks
from skdomain.alignment import CORAL, LinearMonge, coral_map, linear_monge_map

METHODS = {"CORAL": CORAL(), "LinearMonge": LinearMonge(0.1)}
FUNCTIONS = {"CORAL": coral_map, "LinearMonge": linear_monge_map}
each = pytest.mark.parametrize("name", METHODS)
problems = given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(2, 30),
    n_cuts=st.integers(0, 9),
    seed=st.integers(0, 2**16),
)
no_target = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")


def parts(n_rows, n_cuts, seed):
    """Slices that cut the rows at random places."""
    cuts = np.random.default_rng(seed).integers(0, n_rows + 1, n_cuts)
    edges = np.unique([0, *cuts, n_rows])
    return [slice(*edge) for edge in pairwise(edges)]


def fit_in_calls(name, X, d, slices):
    model = clone(METHODS[name])
    for part in slices:
        model.partial_fit(X[part], sample_domain=d[part])
    return model


def assert_same_map(got, expected, *, tolerance=1e-10):
    A = expected.matrix()
    assert_allclose(got.matrix(), A, rtol=0, atol=tolerance * np.abs(A).max())
    assert_allclose(got.center, expected.center, rtol=tolerance, atol=tolerance)
    assert_allclose(got.shift, expected.shift, rtol=tolerance, atol=tolerance)


def fit(name, X, d):
    return clone(METHODS[name]).fit(X, sample_domain=d)


# -- Blocks -------------------------------------------------------------------------------------


@each
@problems
def test_blocks_give_what_the_array_gives_with_fewer_rows_than_features_too(
    name, make_domains, n_source, n_target, n_features, n_cuts, seed
):
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    rows = RowBlocks([X[part] for part in parts(len(X), n_cuts, seed)])
    model, expected = fit(name, rows, d), fit(name, X, d)
    assert_same_map(model.map_, expected.map_)
    blocks = list(model.transform(rows, sample_domain=d))
    assert len(blocks) == len(list(rows))
    expected = expected.transform(X, sample_domain=d)
    assert_allclose(np.concatenate(blocks), expected, atol=1e-9 * np.abs(expected).max())


@each
def test_transformed_blocks_are_rows_in_blocks_and_the_first_ones_stay(name, make_domains):
    X, _, d = make_domains()
    kept = X.copy()
    Z = clone(METHODS[name]).fit_transform(RowBlocks([X[:9], X[9:]]), sample_domain=d)
    assert isinstance(Z, RowBlocks)
    assert Z.shape == X.shape
    expected = fit(name, X, d).transform(X, sample_domain=d)
    assert_allclose(np.concatenate(list(Z)), expected, atol=1e-10)
    assert_array_equal(X, kept)


@each
def test_float32_blocks_stay_float32(name, make_domains):
    X, _, d = make_domains()
    single = X.astype(np.float32)
    rows = RowBlocks([single[:9], single[9:]])
    model = fit(name, rows, d)
    assert {block.dtype for block in model.transform(rows, sample_domain=d)} == {np.dtype("f4")}
    assert_same_map(model.map_, fit(name, single.astype(np.float64), d).map_)


@each
def test_blocks_without_a_domain_are_target_rows(name, make_domains):
    X, _, d = make_domains()
    model = fit(name, X, d)
    assert_array_equal(np.concatenate(list(model.transform(RowBlocks([X[:9], X[9:]])))), X)


@each
def test_blocks_without_a_target_are_left_alone(name, make_domains):
    X, _, _ = make_domains()
    with pytest.warns(NoTargetWarning, match=f"{name} is fitted without target rows"):
        model = clone(METHODS[name]).fit(RowBlocks([X]))
    assert_array_equal(model.map_.matrix(), np.eye(X.shape[1]))


@each
def test_bad_blocks_are_errors_that_say_why(name, make_domains):
    X, _, d = make_domains()
    with pytest.raises(ValueError, match=r"Xt has 1 row\(s\), at least 2 in each domain"):
        fit(name, RowBlocks([X]), np.where(np.arange(len(X)) == 3, -1, 1))
    bad = X.copy()
    bad[20, 1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        fit(name, RowBlocks([bad[:9], bad[9:]]), d)
    model = fit(name, X, d)
    with pytest.raises(ValueError, match=f"X has 3 features, but {name} is expecting 4"):
        model.transform(RowBlocks([X[:, 1:]]))
    with pytest.raises(ValueError, match="Input X contains NaN"):
        list(model.transform(RowBlocks([bad])))
    with pytest.raises(ValueError, match="sample_domain has shape"):
        model.transform(RowBlocks([X]), sample_domain=d[1:])


# -- partial_fit --------------------------------------------------------------------------------


@no_target
@each
@problems
def test_calls_in_any_cuts_give_what_all_rows_give_after_each_call(
    name, make_domains, n_source, n_target, n_features, n_cuts, seed
):
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    model = clone(METHODS[name])
    for part in parts(len(X), n_cuts, seed):
        model.partial_fit(X[part], sample_domain=d[part])
        seen = d[: part.stop]
        assert_array_equal(model.n_samples_seen_, [np.sum(seen > 0), np.sum(seen < 0)])
        if min(model.n_samples_seen_) < 2:
            assert_array_equal(model.map_.matrix(), np.eye(n_features))
        else:
            assert_same_map(model.map_, fit(name, X[: part.stop], seen).map_)


@no_target
@each
@pytest.mark.parametrize("first", [1, -1], ids=["source first", "target first"])
def test_one_row_a_call_and_one_domain_after_the_other(name, first, make_domains):
    X, _, d = make_domains()
    order = np.argsort(-first * d, kind="stable")
    model = fit_in_calls(name, X[order], d[order], [slice(i, i + 1) for i in range(len(X))])
    assert_same_map(model.map_, fit(name, X, d).map_)


@no_target
@each
def test_rows_far_from_zero_lose_nothing(name, make_domains):
    """A grid of 2^-10, so that the shift rounds nothing."""
    X, _, d = make_domains()
    X = np.round(X * 1024) / 1024
    model = fit_in_calls(name, X + 2.0**27, d, [slice(i, i + 3) for i in range(0, len(X), 3)])
    assert_allclose(model.map_.matrix(), fit(name, X, d).map_.matrix(), atol=1e-11)


@each
def test_before_two_target_rows_it_says_so_and_leaves_rows_alone(name, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name])
    with pytest.warns(NoTargetWarning, match=f"{name} has seen 5 source and 0 target") as caught:
        model.partial_fit(X[:5])
    assert caught[0].filename == __file__
    assert_array_equal(model.transform(X, sample_domain=d), X)
    with pytest.warns(NoTargetWarning, match="5 source and 1 target.*not adapt before 2 of each"):
        model.partial_fit(X[5:6], sample_domain=[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.partial_fit(X[6:8], sample_domain=[-1, -3])
    expected = FUNCTIONS[name](X[:5], X[5:8], reg=model.reg)
    assert_same_map(model.map_, expected)


@each
def test_a_call_that_fails_changes_nothing(name, make_domains):
    X, _, d = make_domains()
    model = fit_in_calls(name, X, d, [slice(0, 20)])
    before = vars(model).copy()
    bad = X[20:].copy()
    bad[-1, 0] = np.inf
    for rows, domains, text in (
        (bad, d[20:], "Input X contains infinity"),
        (X[20:, 1:], d[20:], "X has 3 features, but .* is expecting 4"),
        (X[20:], d[21:], "sample_domain has shape"),
        (X[20:], 0 * d[20:], "sample_domain is 0 in row 0"),
        (X[:0], d[:0], r"Found array with 0 sample\(s\)"),
    ):
        with pytest.raises(ValueError, match=text):
            model.partial_fit(rows, sample_domain=domains)
        assert vars(model) == before
    model.partial_fit(X[20:], sample_domain=d[20:])
    assert_same_map(model.map_, fit(name, X, d).map_)


@each
def test_a_first_call_that_fails_leaves_nothing(name, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name])
    with pytest.raises(ValueError, match="sample_domain has shape"):
        model.partial_fit(X, sample_domain=d[1:])
    assert vars(model) == vars(clone(METHODS[name]))


@each
def test_pickled_halfway_it_goes_on_and_cloned_it_begins_anew(name, make_domains):
    X, _, d = make_domains()
    halfway = fit_in_calls(name, X, d, [slice(0, 20)])
    on = pickle.loads(pickle.dumps(halfway)).partial_fit(X[20:], sample_domain=d[20:])
    assert_same_map(on.map_, fit(name, X, d).map_)
    anew = clone(halfway).partial_fit(X[4:], sample_domain=d[4:])
    assert_same_map(anew.map_, fit(name, X[4:], d[4:]).map_)
    assert anew.n_samples_seen_.sum() == len(X) - 4


@each
def test_fit_forgets_the_calls_and_calls_after_fit_begin_anew(name, make_domains):
    X, _, d = make_domains()
    model = fit_in_calls(name, X, d, [slice(0, 20)]).fit(X[4:], sample_domain=d[4:])
    assert not hasattr(model, "n_samples_seen_")
    assert_same_map(model.map_, fit(name, X[4:], d[4:]).map_)
    with pytest.warns(UserWarning, match=f"{name} was fitted by fit.*begins anew") as caught:
        model.partial_fit(X[:20], sample_domain=d[:20])
    assert caught[0].filename == __file__
    model.partial_fit(X[20:], sample_domain=d[20:])
    assert_same_map(model.map_, fit(name, X, d).map_)


@each
def test_labels_are_not_looked_at_and_domains_are_pooled(name, make_domains):
    X, _, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 3)
    model = clone(METHODS[name]).partial_fit(X, np.full(len(X), np.nan), sample_domain=several)
    assert_same_map(model.map_, fit(name, X, d).map_)


@each
def test_a_call_takes_blocks_and_float32(name, make_domains):
    X, _, d = make_domains()
    single = X.astype(np.float32)
    model = clone(METHODS[name]).partial_fit(RowBlocks([single[:9], single[9:20]]), None, d[:20])
    model.partial_fit(single[20:], sample_domain=d[20:])
    assert_same_map(model.map_, fit(name, single.astype(np.float64), d).map_)
    assert model.transform(single, sample_domain=d).dtype == np.float32


@each
def test_names_of_features_have_to_stay(name, frames, make_domains):
    X, _, d = make_domains()
    frame = frames.frame(X, "abcd")
    model = clone(METHODS[name]).partial_fit(frame[:20], sample_domain=d[:20])
    assert model.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        model.partial_fit(frames.frame(X[20:], "zbcd"), sample_domain=d[20:])


@each
def test_a_parameter_changed_between_calls_holds_from_the_next_on(name, make_domains):
    X, _, d = make_domains()
    model = fit_in_calls(name, X, d, [slice(0, 20)]).set_params(reg=0.5)
    model.partial_fit(X[20:], sample_domain=d[20:])
    assert_same_map(model.map_, clone(METHODS[name]).set_params(reg=0.5).fit(X, None, d).map_)
    with pytest.raises(ValueError, match="reg is -1; pass a finite ridge"):
        model.set_params(reg=-1).partial_fit(X, sample_domain=d)


@each
def test_memory_between_calls_does_not_grow_with_the_rows(name, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name])
    sizes = {len(pickle.dumps(model.partial_fit(X, sample_domain=d))) for _ in range(5)}
    assert max(sizes) - min(sizes) < 16


@each
def test_domains_are_routed_to_partial_fit(name):
    with config_context(enable_metadata_routing=True):
        request = METHODS[name].get_metadata_routing().partial_fit.requests
        assert request == {"sample_domain": True}
        METHODS[name].set_partial_fit_request(sample_domain=True)
