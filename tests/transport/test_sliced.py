"""Sliced transport: sorting in one feature, and what many rounds do in several."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.transport import SlicedTransport, sorted_plan
from skdomain.transport._sliced import moved_along, quantile_map


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
