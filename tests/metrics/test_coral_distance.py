import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ortho_group
from sklearn import config_context

from skdomain.metrics import coral_distance
from skdomain.metrics._coral_distance import coral_distances
from skdomain.metrics._dealt_rows import DealtRows


def two_domains(n_source=9, n_target=7, n_features=3, *, scale=1.0, seed=0):
    """Normal rows around means that differ; target features are stretched."""
    rng = np.random.default_rng(seed)
    Xs = rng.normal(size=(n_source, n_features))
    Xt = rng.normal(size=(n_target, n_features)) * np.linspace(1, 2, n_features) + 3
    return scale * Xs, scale * Xt


def by_definition(Xs, Xt):
    """Eq. 1 of Sun and Saenko with the covariances that numpy makes."""
    Cs, Ct = (np.atleast_2d(np.cov(X, rowvar=False)) for X in (Xs, Xt))
    return np.linalg.norm(Cs - Ct) ** 2 / (4 * Xs.shape[1] ** 2)


def some_permutations(ns, nt):
    return DealtRows(ns, nt, 4, np.random.default_rng(0))


shapes = given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(1, 40),
    scale=st.sampled_from([1e-3, 1.0, 1e4]),
    seed=st.integers(0, 99),
)


@shapes
def test_equals_its_definition_with_more_rows_or_more_features(
    n_source, n_target, n_features, scale, seed
):
    Xs, Xt = two_domains(n_source, n_target, n_features, scale=scale, seed=seed)
    assert coral_distance(Xs, Xt) == pytest.approx(by_definition(Xs, Xt), rel=1e-9)


def test_hand_worked_case():
    """The covariances are diag(2, 0) and diag(0, 8): (4 + 64) / (4 * 4)."""
    Xs, Xt = [[-1.0, 0.0], [1.0, 0.0]], [[0.0, -2.0], [0.0, 2.0]]
    assert coral_distance(Xs, Xt) == pytest.approx(68 / 16)


@shapes
def test_each_permutation_gives_the_distance_of_its_domains(
    n_source, n_target, n_features, scale, seed
):
    Xs, Xt = two_domains(n_source, n_target, n_features, scale=scale, seed=seed)
    Z, deals = np.concatenate([Xs, Xt]), some_permutations(n_source, n_target)
    expected = np.array([by_definition(Z[source], Z[~source]) for source in deals.masks()])
    assert_allclose(coral_distances(Z, deals), expected, rtol=1e-8, atol=1e-10 * scale**4)


@pytest.mark.parametrize("n_features", [3, 20])
@pytest.mark.parametrize("working_memory", [0, 0.01, 1])
def test_blocks_of_any_size_give_the_same(n_features, working_memory):
    """With more rows than squared features, covariances are made instead."""
    Z, deals = np.concatenate(two_domains(60, 50, n_features)), some_permutations(60, 50)
    expected = [by_definition(Z[source], Z[~source]) for source in deals.masks()]
    with config_context(working_memory=working_memory):
        assert_allclose(coral_distances(Z, deals), expected, rtol=1e-8)


@pytest.mark.parametrize("n_features", [3, 40])
def test_identical_samples_are_at_distance_zero(n_features):
    Xs, _ = two_domains(9, 7, n_features)
    assert coral_distance(Xs, Xs) < 1e-30
    assert coral_distance(Xs, Xs[::-1]) < 1e-30


@pytest.mark.parametrize("n_features", [3, 40])
def test_symmetric_and_blind_to_means_rotation_and_order_of_rows(n_features):
    Xs, Xt = two_domains(9, 7, n_features)
    value = pytest.approx(coral_distance(Xs, Xt), rel=1e-9)
    Q = ortho_group(n_features, seed=0).rvs()
    assert coral_distance(Xt, Xs) == value
    assert coral_distance(Xs + 5, Xt - 7) == value
    assert coral_distance(Xs @ Q, Xt @ Q) == value
    assert coral_distance(Xs[::-1], np.roll(Xt, 3, axis=0)) == value


@pytest.mark.parametrize("n_features", [3, 40])
def test_grows_with_the_fourth_power_of_the_scale(n_features):
    Xs, Xt = two_domains(9, 7, n_features)
    assert coral_distance(3 * Xs, 3 * Xt) == pytest.approx(81 * coral_distance(Xs, Xt), rel=1e-9)


def test_nearly_equal_domains_keep_their_digits_with_more_features_than_rows():
    """tr(Cs^2) - 2 tr(Cs Ct) + tr(Ct^2) would lose all digits of 1e-16 against 1."""
    Xs, _ = two_domains(9, 7, 40)
    value = coral_distance(Xs, (1 + 1e-8) * Xs)
    assert value == pytest.approx((2e-8) ** 2 * coral_distance(Xs, np.zeros((2, 40))), rel=1e-6)


def test_no_matrix_of_features_by_features_is_made():
    Xs, Xt = two_domains(12, 10, 5000)
    tracemalloc.start()
    coral_distance(Xs, Xt)
    coral_distances(np.concatenate([Xs, Xt]), some_permutations(12, 10))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5000 * 5000 * 8 / 15


def test_inputs_are_not_written_to_and_float32_is_computed_in_float64():
    Xs, Xt = (X.astype(np.float32) for X in two_domains())
    copies = Xs.copy(), Xt.copy()
    Xs.flags.writeable = Xt.flags.writeable = False
    value = coral_distance(Xs, Xt)
    assert type(value) is float
    assert value == coral_distance(Xs.astype(float), Xt.astype(float))
    assert_array_equal(Xs, copies[0])
    assert_array_equal(Xt, copies[1])


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("Xs", "Xt", "message"),
    [
        (GOOD[0], GOOD, r"Xs must have 2 dimensions \(rows, features\), got 1"),
        (GOOD, GOOD[:, :1], "must have the same columns, got 2 in Xs and 1 in Xt"),
        (GOOD * np.nan, GOOD, "Input Xs contains NaN"),
        (GOOD, GOOD[:1], r"Xt has 1 row\(s\), at least 2 .*a covariance needs two rows; pass more"),
        ("rows", GOOD, "The 'Xs' parameter of coral_distance must be an array-like"),
    ],
)
def test_bad_rows_are_named(Xs, Xt, message):
    with pytest.raises(ValueError, match=message):
        coral_distance(Xs, Xt)


def test_a_distance_that_overflows_is_an_error():
    Xs, Xt = 1e90 * np.random.default_rng(0).normal(size=(2, 20, 3))
    with pytest.raises(
        ValueError, match=r"coral_distance is inf, .* overflows; divide the features"
    ):
        coral_distance(Xs, Xt)
