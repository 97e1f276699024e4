"""What the two ratios made of bumps promise alike."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.linear_model import Ridge

from skdomain import stack_domains
from skdomain.datasets import make_covariate_shift
from skdomain.weighting import KLIEP, RuLSIF, kliep_weights, rulsif_weights
from skdomain.weighting._ratio import _bumps
from skdomain.weighting._ratio._bumps import spaced, squared_distances

WEIGHTS = {"kliep": kliep_weights, "rulsif": rulsif_weights}
FIXED = {"kliep": {"gamma": 0.3}, "rulsif": {"gamma": 0.3, "lam": 0.1}}
CLASSES = {"kliep": KLIEP, "rulsif": RuLSIF}

either = pytest.mark.parametrize("method", WEIGHTS)
problems = given(
    n_source=st.integers(5, 25),
    n_target=st.integers(5, 25),
    n_features=st.integers(1, 5),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, seed=0):
    rng = np.random.default_rng(seed)
    Xs = rng.normal(size=(n_source, n_features))
    return Xs, rng.normal(0.5, 0.8, size=(n_target, n_features))


def gaussian_pair(n, seed, **kwargs):
    problem = make_covariate_shift(n, n, random_state=seed, **kwargs)
    return problem.X[:n], problem.X[n:]


@either
@pytest.mark.parametrize("seed", range(3))
def test_the_weighted_source_mean_nears_that_of_the_target(method, seed):
    Xs, Xt = gaussian_pair(500, seed)
    gap = np.linalg.norm(Xs.mean(axis=0) - Xt.mean(axis=0))
    weights = WEIGHTS[method](Xs, Xt)
    assert np.linalg.norm(weights @ Xs / len(Xs) - Xt.mean(axis=0)) < gap / 3


@either
@pytest.mark.parametrize("n_features", [2, 10])
def test_without_shift_the_weights_are_nearly_constant(method, n_features):
    Xs, Xt = gaussian_pair(1000, 0, n_features=n_features, shift=0)
    assert WEIGHTS[method](Xs, Xt).std() < 0.1


@either
@problems
def test_row_order_and_copies_of_a_whole_domain_change_nothing(
    method, n_source, n_target, n_features, seed
):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    weights = WEIGHTS[method](Xs, Xt)
    order = np.random.default_rng(seed).permutation
    rows = order(n_source)
    shuffled = WEIGHTS[method](Xs[rows], order(np.concatenate([Xt, Xt, Xt])))
    assert_allclose(shuffled, weights[rows], rtol=1e-10, atol=1e-12)
    copied = WEIGHTS[method](np.concatenate([Xs, Xs]), Xt)
    assert_allclose(copied, np.tile(weights, 2), rtol=1e-10, atol=1e-12)


@either
@problems
def test_units_and_origin_of_the_features_do_not_matter(
    method, n_source, n_target, n_features, seed
):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    moved = WEIGHTS[method](1e3 * Xs - 50, 1e3 * Xt - 50)
    assert_allclose(moved, WEIGHTS[method](Xs, Xt), rtol=1e-5, atol=1e-6)


@either
def test_one_bump_on_one_target_row_weighs_by_its_height(method):
    Xs = np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    heights = np.exp(-0.3 * np.array([1.0, 4.0, 0.0]))
    weights = WEIGHTS[method](Xs, np.zeros((1, 2)), **FIXED[method])
    assert_allclose(weights, heights / heights.mean(), rtol=1e-12)


@either
def test_the_class_gives_the_weights_and_ratio_of_the_function(method):
    Xs, Xt = draw(30, 20, 3)
    X, y, d = stack_domains((Xs, Xs[:, 0]), Xt)
    order = np.random.default_rng(1).permutation(len(X))
    X, y, d = X[order], y[order], d[order]
    model = pickle.loads(pickle.dumps(CLASSES[method](Ridge()).fit(X, y, sample_domain=d)))
    assert_array_equal(model.raw_weights_, WEIGHTS[method](X[d > 0], X[d < 0]))
    ratio = model.density_ratio(X)
    assert_allclose(ratio[d > 0] / ratio[d > 0].mean(), model.raw_weights_, rtol=1e-12)
    bumps = np.exp(-model.gamma_ * np.square(X[:, None] - model.ratio_.centers).sum(axis=2))
    assert_allclose(ratio, np.maximum(bumps @ model.ratio_.coef, 0), rtol=1e-8, atol=1e-10)


@either
def test_the_median_width_is_one_over_the_median_squared_distance(method):
    Xs, Xt = np.array([[0.0], [1.0], [1.0]]), np.array([[3.0]])
    rest = {"lam": 0.1} if method == "rulsif" else {}
    expected = WEIGHTS[method](Xs, Xt, gamma=1 / 4, **rest)  # of 1, 4 and 9
    assert_array_equal(WEIGHTS[method](Xs, Xt, gamma="median", **rest), expected)


@pytest.mark.parametrize(
    ("n_wanted", "expected"), [(1, [5]), (3, [1, 5, 8]), (5, [1, 3, 5, 7, 9]), (100, range(10))]
)
def test_centers_are_evenly_spaced(n_wanted, expected):
    assert_array_equal(spaced(10, n_wanted), expected)


@either
@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"gamma": "medain"}, r"The 'gamma' parameter of \w+_weights must be.*Got 'medain'"),
        ({"gamma": 0.0}, r"The 'gamma' parameter of \w+_weights must be.*Got 0.0"),
        ({"n_centers": 0}, r"The 'n_centers' parameter of \w+_weights must be.*Got 0"),
    ],
)
def test_parameters_that_make_no_sense_are_named(method, kwargs, message):
    with pytest.raises(ValueError, match=message):
        WEIGHTS[method](*draw(5, 5, 2), **kwargs)


@either
def test_one_distinct_row_leaves_nothing_to_choose_a_width_by(method):
    with pytest.raises(ValueError, match=r"at least 2 distinct rows.*the target has 1.*a number"):
        WEIGHTS[method](np.eye(3), np.ones((4, 3)))


@either
def test_domains_out_of_reach_of_each_other_are_an_error(method):
    with pytest.raises(ValueError, match="overlap"):
        WEIGHTS[method](np.zeros((4, 1)), np.full((4, 1), 1e3), **FIXED[method])


@given(
    n_features=st.integers(1, 40),
    reach=st.sampled_from([1e-3, 1.0, 100.0]),
    offset=st.sampled_from([0.0, 1e3, 1e8]),
    far=st.sampled_from([1.0, 1e4]),
    seed=st.integers(0, 2**16),
)
def test_bumps_by_products_are_those_by_differences(n_features, reach, offset, far, seed):
    """Near and far from zero, of rows on centers and of rows out of reach."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(7, n_features)) + offset
    X = np.concatenate([centers, rng.normal(size=(9, n_features)) * far + offset])
    gamma = reach / n_features
    found = np.exp(-gamma * squared_distances(X, centers, gamma))
    expected = np.exp(-gamma * cdist(X, centers, "sqeuclidean"))
    assert_allclose(found, expected, rtol=0, atol=2e-12)


def test_centers_too_far_apart_for_products_are_told_from_their_differences(monkeypatch):
    """Two groups, far apart in units of the bumps' width: products would lose all digits."""
    rng = np.random.default_rng(0)
    X = 1e9 * np.repeat([-1.0, 1.0], 10)[:, None] + rng.normal(size=(20, 10))
    assert_array_equal(squared_distances(X, X, 1.0), cdist(X, X, "sqeuclidean"))
    monkeypatch.setattr(_bumps, "_NEAR", np.inf)
    assert np.abs(squared_distances(X, X, 1.0) - cdist(X, X, "sqeuclidean")).max() > 1
