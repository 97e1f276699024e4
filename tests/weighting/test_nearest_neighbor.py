"""NearestNeighborWeighting: target rows in the balls of source rows."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import NearestNeighborWeighting, nearest_neighbor_weights
from skdomain.weighting._nearest_neighbor import fit_ratio
from skdomain.weighting._ratio import _balls


def by_definition(X, Xs, Xt, k, smoothing):
    """All distances; integers, so that ties are exact."""
    to_source, to_target = (np.square(X[:, None] - rows[None]).sum(axis=2) for rows in (Xs, Xt))
    radius = np.sort(to_source, axis=1)[:, k - 1, None]
    s, t = (to_source <= radius).sum(axis=1), (to_target <= radius).sum(axis=1)
    return (t * len(Xs) / len(Xt) + smoothing) / (s + smoothing)


@given(
    n_source=st.integers(1, 40),
    n_target=st.integers(1, 40),
    n_features=st.integers(1, 20),
    k=st.integers(1, 40),
    smoothing=st.sampled_from([0.0, 1.0, 0.3]),
    seed=st.integers(0, 2**16),
)
@pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning")
def test_counts_are_those_of_all_distances_ties_included(
    n_source, n_target, n_features, k, smoothing, seed
):
    rng = np.random.default_rng(seed)
    Xs, Xt, X = (rng.integers(-3, 4, (n, n_features)) for n in (n_source, n_target, 10))
    k = min(k, n_source)
    ratio, values = fit_ratio(*(1.0 * X for X in (Xs, Xt)), k, smoothing)
    assert_allclose(values, by_definition(Xs, Xs, Xt, k, smoothing), rtol=1e-12)
    assert_allclose(ratio(1.0 * X), by_definition(X, Xs, Xt, k, smoothing), rtol=1e-12)


@given(
    n_features=st.integers(1, 30),
    k=st.integers(1, 25),
    seed=st.integers(0, 2**16),
    decimals=st.integers(0, 3),
    offset=st.sampled_from([0.0, 1e3, 1e6]),
    block=st.sampled_from([1, 30, 2**20]),
)
def test_products_count_what_trees_count(n_features, k, seed, decimals, offset, block):
    """Ties, a mean that dwarfs the distances and any size of blocks included."""
    rng = np.random.default_rng(seed)
    Xs, Xt, X = (rng.normal(size=(n, n_features)).round(decimals) + offset for n in (25, 17, 9))
    X = np.concatenate([X, Xs[:5]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_balls, "BLOCK", block)
        patch.setattr(_balls, "LEAST_ROWS", 1)
        trees, products = (
            kind(kind.prepared(Xs), kind.prepared(Xt)).count(X, k)
            for kind in (_balls.TreeBalls, _balls.ProductBalls)
        )
    assert_array_equal(products, trees)


@pytest.mark.parametrize("n_features", [2, 20])
def test_memory_is_that_of_a_block_whatever_the_number_of_neighbours(n_features, monkeypatch):
    n, k = 2000, 1500
    Xs, Xt = np.random.default_rng(0).normal(size=(2, n, n_features))
    monkeypatch.setattr(_balls, "BLOCK", 2**14)
    tracemalloc.start()
    fit_ratio(Xs, Xt, k, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * n * k / 4


def test_a_problem_solved_by_hand():
    """Balls of 2 source rows hold 1 and 3 of 4 target rows; a smoothing of 1 draws them to 1."""
    Xs, Xt = [[0.0], [1.0], [8.0], [9.0]], [[0.2], [8.2], [8.4], [8.6]]
    ratio, values = fit_ratio(np.array(Xs), np.array(Xt), 2, 1.0)
    assert_allclose(values, np.array([2, 2, 4, 4]) / 3)
    assert_allclose(ratio(np.array([[8.5], [100.0]])), [4 / 3, 4 / 3])
    raw = nearest_neighbor_weights(Xs, Xt, n_neighbors=2, smoothing=0)
    assert_allclose(raw, [0.5, 0.5, 1.5, 1.5])


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_equal_domains_have_weights_of_exactly_one(smoothing, offset):
    """Each ball holds as many rows of both, that at its border included."""
    X = np.random.default_rng(0).normal(size=(50, 3)) + offset
    weights = nearest_neighbor_weights(X, X, n_neighbors=7, smoothing=smoothing)
    assert_array_equal(weights, np.ones(50))


def test_without_a_number_of_neighbours_it_grows_with_the_rows(make_domains):
    X, y, d = make_domains(n_source=27)
    model = NearestNeighborWeighting().fit(X, y, sample_domain=d)
    same = NearestNeighborWeighting(n_neighbors=9).fit(X, y, sample_domain=d)
    assert_array_equal(model.weights_, same.weights_)


def test_the_error_falls_as_rows_grow():
    """Consistency, at k = n^(2/3): k grows and k / n falls."""
    errors = []
    for n in (200, 6400):
        p = make_covariate_shift(n, n, n_features=1, random_state=0)
        _, values = fit_ratio(p.X[:n], p.X[n:], None, 1.0)
        errors.append(np.mean(np.abs(values - p.density_ratio[:n])))
    assert errors[1] < errors[0] / 2


def test_more_smoothing_draws_weights_to_one():
    p = make_covariate_shift(random_state=0)
    Xs, Xt = p.X[:200], p.X[200:]
    spreads = [np.std(nearest_neighbor_weights(Xs, Xt, smoothing=a)) for a in (0, 1, 10, 1e6)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < 1e-3


def test_domains_that_do_not_overlap_are_a_warning_and_leave_weights_at_one(make_domains):
    X, y, d = make_domains()
    X = X + 1e3 * (d < 0)[:, None]
    text = "no target row lies as near to a source row as its 3 nearest .* raise n_neighbors"
    with pytest.warns(UserWarning, match=text):
        model = NearestNeighborWeighting(n_neighbors=3).fit(X, y, sample_domain=d)
    assert_array_equal(model.weights_, 1)
    with (
        pytest.warns(UserWarning, match=text),
        pytest.raises(ValueError, match=r"largest weight of a source row is 0\.0: .*smooth more"),
    ):
        NearestNeighborWeighting(n_neighbors=3, smoothing=0).fit(X, y, sample_domain=d)


def test_functions_check_their_parameters():
    Xs = [[0.0], [1.0]]
    with pytest.raises(ValueError, match="n_neighbors=3 is more than the 2 source row"):
        nearest_neighbor_weights(Xs, Xs, n_neighbors=3)
    with pytest.raises(ValueError, match="The 'smoothing' parameter of nearest_neighbor_weights"):
        nearest_neighbor_weights(Xs, Xs, smoothing=-1)
