import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import moment

from skdomain.metrics import _cmd, _dealt_rows, cmd
from skdomain.metrics._cmd import cmds
from skdomain.metrics._dealt_rows import DealtRows


def two_domains(n_source=9, n_target=7, n_features=3, *, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), rng.exponential(size=(n_target, n_features))


def by_definition(Xs, Xt, order=5, bounds=None):
    """Eq. 5 of Zellinger et al., one order and one feature at a time."""
    a, b = bounds or (min(Xs.min(), Xt.min()), max(Xs.max(), Xt.max()))
    total = np.linalg.norm(Xs.mean(axis=0) - Xt.mean(axis=0)) / (b - a)
    for k in range(2, order + 1):
        differences = [moment(s, k) - moment(t, k) for s, t in zip(Xs.T, Xt.T, strict=True)]
        total += np.linalg.norm(differences) / (b - a) ** k
    return total


shapes = given(
    n_source=st.integers(1, 12),
    n_target=st.integers(1, 12),
    n_features=st.integers(1, 6),
    order=st.integers(1, 9),
    seed=st.integers(0, 99),
)


@shapes
def test_equals_its_definition(n_source, n_target, n_features, order, seed):
    Xs, Xt = two_domains(n_source, n_target, n_features, seed=seed)
    for bounds in (None, (-20, 30.5)):
        value = cmd(Xs, Xt, order=order, bounds=bounds)
        assert value == pytest.approx(by_definition(Xs, Xt, order, bounds), rel=1e-9)


@shapes
def test_each_permutation_gives_the_discrepancy_of_its_domains(
    n_source, n_target, n_features, order, seed
):
    Z = np.concatenate(two_domains(n_source, n_target, n_features, seed=seed))
    deals = DealtRows(n_source, n_target, 20, np.random.RandomState(seed))
    expected = [cmd(Z[source], Z[~source], order=order) for source in deals.masks()]
    assert_allclose(cmds(Z, deals, order), expected, rtol=1e-9, atol=1e-12)


def test_features_in_blocks_add_up(monkeypatch):
    Z, deals = np.concatenate(two_domains(9, 7, 11)), DealtRows(9, 7)
    whole = cmds(Z, deals)
    monkeypatch.setattr(_cmd, "_BLOCK", 3)
    monkeypatch.setattr(_dealt_rows, "_LARGEST", 5)
    assert_allclose(cmds(Z, deals), whole, rtol=1e-12)


def test_hand_worked_case():
    """Means 0 and 1, variances 1 and 4, on an interval of length 4: 1/4 + 3/16."""
    Xs, Xt = [[-1.0], [1.0]], [[-1.0], [3.0]]
    assert cmd(Xs, Xt, order=2) == pytest.approx(1 / 4 + 3 / 16)
    assert cmd(Xs, Xt, order=1) == pytest.approx(1 / 4)


def test_symmetric_and_zero_for_identical_samples():
    Xs, Xt = two_domains()
    assert cmd(Xs, Xt) == pytest.approx(cmd(Xt, Xs), rel=1e-12)
    assert cmd(Xs, Xs) == 0
    assert cmd(Xs[::-1], np.roll(Xt, 3, axis=0)) == pytest.approx(cmd(Xs, Xt), rel=1e-9)


@pytest.mark.parametrize("factor", [-2.0, 1e-6, 1e6])
def test_translation_and_scale_of_both_domains_change_nothing(factor):
    Xs, Xt = two_domains()
    value = cmd(Xs, Xt)
    assert cmd(factor * Xs, factor * Xt) == pytest.approx(value, rel=1e-9)
    assert cmd(Xs + 5, Xt + 5) == pytest.approx(value, rel=1e-9)


def test_wider_bounds_lower_the_discrepancy():
    Xs, Xt = two_domains()
    values = [cmd(Xs, Xt, bounds=(-width, width)) for width in (10, 20, 40)]
    assert values[0] > values[1] > values[2] > 0


def test_bounds_that_just_hold_all_values_are_those_of_the_data():
    Xs, Xt = two_domains()
    bounds = (min(Xs.min(), Xt.min()), max(Xs.max(), Xt.max()))
    assert cmd(Xs, Xt, bounds=bounds) == cmd(Xs, Xt)


def test_permutations_of_rows_far_from_zero_keep_their_digits():
    Xs, Xt = two_domains()
    Z = 1e4 + np.concatenate([Xs, Xt])
    assert_allclose(cmds(Z, DealtRows(9, 7)), [cmd(Xs, Xt)], rtol=1e-8)


def test_each_order_adds_a_term():
    values = [cmd(*two_domains(), order=order) for order in range(1, 8)]
    assert (np.diff(values) > 0).all()


def test_a_high_order_does_not_overflow():
    Xs, Xt = two_domains()
    assert cmd(1e100 * Xs, 1e100 * Xt, order=50) == pytest.approx(cmd(Xs, Xt, order=50))


def test_constant_equal_domains_are_at_distance_zero():
    ones = np.ones((4, 2))
    assert cmd(ones, ones[:2]) == 0
    assert_array_equal(cmds(np.ones((4, 2)), DealtRows(2, 2)), [0])


def test_inputs_are_not_written_to_and_float32_is_computed_in_float64():
    Xs, Xt = (X.astype(np.float32) for X in two_domains())
    copies = Xs.copy(), Xt.copy()
    Xs.flags.writeable = Xt.flags.writeable = False
    value = cmd(Xs, Xt)
    assert type(value) is float
    assert value == cmd(Xs.astype(float), Xt.astype(float))
    assert_array_equal(Xs, copies[0])
    assert_array_equal(Xt, copies[1])


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": 0}, "The 'order' parameter of cmd must be an int"),
        ({"order": 2.5}, "The 'order' parameter of cmd must be an int"),
        ({"bounds": 1}, "The 'bounds' parameter of cmd must be an array-like"),
        ({"bounds": (5, 0)}, r"bounds must be finite numbers \(a, b\) with a < b, got \(5, 0\)"),
        ({"bounds": (0, np.nan)}, r"bounds must be finite numbers \(a, b\) with a < b"),
        ({"bounds": (-np.inf, 9)}, r"bounds must be finite numbers \(a, b\) with a < b"),
        ({"bounds": (0, 1, 2)}, r"bounds must be finite numbers \(a, b\) with a < b"),
        ({"bounds": (1, 9)}, r"bounds=\(1, 9\) do not hold all values, which reach from 0 to 5"),
        (
            {"bounds": (0, 4)},
            r"bounds=\(0, 4\) do not hold all values, which reach from 0 to 5. Pass wider bounds",
        ),
    ],
)
def test_bad_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        cmd(GOOD, GOOD, **options)


@pytest.mark.parametrize(
    ("Xs", "Xt", "message"),
    [
        (GOOD[0], GOOD, r"Xs must have 2 dimensions \(rows, features\), got 1"),
        (GOOD, GOOD[:, :1], "must have the same columns, got 2 in Xs and 1 in Xt"),
        (GOOD, GOOD * np.nan, "Input Xt contains NaN"),
        (GOOD[:0], GOOD, r"Xs has 0 row\(s\), at least 1 in each domain are needed"),
    ],
)
def test_bad_rows_are_named(Xs, Xt, message):
    with pytest.raises(ValueError, match=message):
        cmd(Xs, Xt)


def test_a_width_that_overflows_is_no_discrepancy_of_zero():
    largest = np.finfo(float).max
    with pytest.raises(ValueError, match="the width of the values is inf"):
        cmd([[largest]], [[-largest]])
