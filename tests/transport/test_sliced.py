"""Sliced transport: sorting in one feature, and what many rounds do in several."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.transport import SlicedTransport, sorted_plan
from skdomain.transport._leading_axes import leading_axes
from skdomain.transport._sliced import chance_distance, moved_along, quantile_map


def domains(n, n_features, seed=0):
    rng = np.random.default_rng(seed)
    Xs = rng.normal(size=(n, n_features))
    Xt = rng.exponential(size=(n, n_features)) @ rng.normal(size=(n_features, n_features)) + 3
    return np.concatenate([Xs, Xt]), np.repeat([1, -2], n)


def test_in_one_feature_rows_are_sorted():
    X, d = domains(40, 1)
    moved = SlicedTransport(1, random_state=0).fit_transform(X, sample_domain=d)
    plan = sorted_plan(X[d > 0, 0], X[d < 0, 0])
    assert_allclose(moved[d > 0, 0], (plan @ X[d < 0, 0]) * 40)


def test_equal_domains_are_left_alone():
    X, _ = domains(30, 3)
    both, d = np.concatenate([X, X]), np.repeat([1, -1], len(X))
    model = SlicedTransport(5, random_state=0).fit(both, sample_domain=d)
    assert_allclose(model.transform(both, sample_domain=d), both, atol=1e-10)
    assert_allclose(model.history_["distance"], 0, atol=1e-12)


def test_a_translation_is_found_in_one_round():
    X, move = domains(30, 3)[0], np.array([1.0, -5.0, 9.0])
    both, d = np.concatenate([X, X + move]), np.repeat([1, -1], len(X))
    moved = SlicedTransport(1, random_state=0).fit_transform(both, sample_domain=d)
    assert_allclose(moved[d > 0], X + move, atol=1e-10)


def test_rounds_leave_less_and_less_of_the_distance():
    X, d = domains(2000, 4)
    model = SlicedTransport(30, random_state=0).fit(X, sample_domain=d)
    left = model.history_["distance"]
    assert len(left) == model.n_iter_
    assert left[-1] < 0.05 * left[0]
    Z = model.transform(X, sample_domain=d)
    assert_array_equal(Z[d < 0], X[d < 0])
    assert_allclose(Z[d > 0].mean(axis=0), Z[d < 0].mean(axis=0), atol=0.05)
    assert_allclose(np.cov(Z[d > 0].T), np.cov(Z[d < 0].T), atol=0.3)


def test_a_round_gives_each_direction_the_quantiles_of_the_target():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(50, 2)), rng.exponential(size=(50, 2))
    theta = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    moved, moves = moved_along(Xs, theta, quantile_map(Xs @ theta, Xt @ theta, 50))
    assert_allclose(np.sort(moved @ theta, axis=0), np.sort(Xt @ theta, axis=0), atol=1e-12)
    assert_allclose(Xs + moves @ theta.T, moved)


def test_rows_beyond_the_fitted_ones_move_as_the_last_of_these():
    model = SlicedTransport(1, random_state=0)
    model.fit([[0.0], [1.0], [10.0], [13.0]], sample_domain=[1, 1, -1, -1])
    assert_allclose(model.transform([[-5.0], [0.5], [9.0]], sample_domain=1), [[5], [11.5], [21]])


# -- Axes, and what chance makes -----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
def test_axes_are_those_of_the_largest_variance(shape):
    X = np.random.default_rng(0).normal(size=shape) * np.arange(1, shape[1] + 1) + 7
    axes = leading_axes(X, 3)
    assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    wanted = np.linalg.svd(X - X.mean(axis=0))[2][:3]
    assert_allclose(abs(wanted @ axes), np.eye(3), atol=1e-8)


def test_few_rows_keep_the_digits_that_squares_would_lose():
    """A spread of 1e-9 beside one of 1 has none in the scatter of the rows."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(n, 3)))[0] for n in (12, 40))
    left -= left.mean(axis=0)
    axes = leading_axes(left * [1, 1e-5, 1e-9] @ right.T, 3)
    assert_allclose(axes @ (axes.T @ right), right, atol=1e-5)


def test_equal_rows_have_axes_too():
    for shape in ((3, 9), (9, 3)):
        axes = leading_axes(np.ones(shape), 2)
        assert_allclose(axes.T @ axes, np.eye(2), atol=1e-12)
    assert leading_axes(np.ones((3, 9)), 9) is leading_axes(np.ones((3, 9)), None) is None


@pytest.mark.parametrize("n", [12, 60])
def test_across_the_axes_rows_keep_their_places(n):
    X, d = domains(n, 30)
    model = SlicedTransport(3, n_components=4, random_state=0).fit(X, sample_domain=d)
    moves = (model.transform(X, sample_domain=d) - X)[d > 0]
    assert model.axes_.shape == (30, 4)
    assert abs(moves).max() > 1
    assert_allclose(moves @ model.axes_ @ model.axes_.T, moves, atol=1e-10)


def test_in_the_span_of_the_axes_nothing_is_new():
    """Columns of zeros add no axis; a turn of the axes is one more random turn."""
    X, d = domains(200, 3)
    wide = np.pad(X, ((0, 0), (0, 5)))
    options = {"max_iter": 20, "tol": 0.0, "random_state": 0}
    some = SlicedTransport(n_components=3, **options).fit(wide, sample_domain=d)
    Z = some.transform(wide, sample_domain=d)
    assert_allclose(Z[:, 3:], 0, atol=1e-9)
    every = SlicedTransport(n_components=None, **options).fit_transform(wide, sample_domain=d)
    for z in (Z, every):
        assert_allclose(z[d > 0].mean(axis=0), X[d < 0].mean(axis=0).tolist() + [0] * 5, atol=0.05)
    assert SlicedTransport(1, n_components=8).fit(wide, sample_domain=d).axes_ is None


def test_a_move_of_all_rows_is_found_whatever_the_axes():
    """A move that is large beside the spread is the first of the axes of all rows."""
    X, move = domains(20, 60)[0][:20], np.zeros(60)
    move[[3, 50]] = 200, -300
    both, d = np.concatenate([X, X + move]), np.repeat([1, -1], 20)
    model = SlicedTransport(1, n_components=5, random_state=0)
    moved = model.fit_transform(both, sample_domain=d)
    assert_allclose(moved[d > 0], X + move, atol=0.02 * 300)


@pytest.mark.parametrize("sizes", [(50, 80), (1000, 100), (2000, 3000)])
def test_two_samples_of_one_law_are_left_alone(sizes):
    rng = np.random.default_rng(0)
    d = np.repeat([1, -1], sizes)
    X = rng.normal(size=(sum(sizes), 20))
    model = SlicedTransport(tol=5, random_state=0).fit(X, sample_domain=d)
    assert model.n_iter_ == 1
    assert len(model.directions_) == 0
    assert_array_equal(model.transform(X, sample_domain=d), X)
    left = model.history_["distance"][0] / chance_distance(X[d > 0], X[d < 0])
    assert 1 < left**2 < 5


def test_rounds_end_where_chance_is_left_or_never():
    X, d = domains(100, 4)
    model = SlicedTransport(random_state=0).fit(X, sample_domain=d)
    *before, last = model.history_["distance"]
    assert len(model.directions_) == len(model.quantiles_) == len(before) == model.n_iter_ - 1
    assert 0 < len(before) < 30
    Z = model.transform(X, sample_domain=d)
    unit = np.sqrt(3.0) * chance_distance(Z[d > 0], Z[d < 0])
    assert last <= unit < min(before)
    every = SlicedTransport(30, tol=0, random_state=0).fit(X, sample_domain=d)
    assert every.n_iter_ == len(every.directions_) == 30
    assert_allclose(every.history_["distance"][: model.n_iter_], [*before, last])


def test_units_and_the_order_of_the_rows_change_nothing():
    X, d = domains(100, 4)
    model = SlicedTransport(random_state=0)
    Z = model.fit_transform(X, sample_domain=d)
    order = np.random.default_rng(1).permutation(len(X))
    assert_allclose(model.fit_transform(X[order], sample_domain=d[order]), Z[order], atol=1e-9)
    assert_allclose(model.fit_transform(X * 1e-3, sample_domain=d), Z * 1e-3, atol=1e-9)
