import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ortho_group

from skdomain.metrics import linear_mmd, mmd


def two_domains(n_source=9, n_target=7, n_features=3, *, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), 1 + rng.normal(size=(n_target, n_features))


@given(
    n_source=st.integers(1, 12),
    n_target=st.integers(1, 12),
    n_features=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_is_the_mmd_of_the_linear_kernel(n_source, n_target, n_features, seed):
    Xs, Xt = two_domains(n_source, n_target, n_features, seed=seed)
    assert linear_mmd(Xs, Xt) == pytest.approx(mmd(Xs, Xt, kernel="linear"), rel=1e-9)


def test_identical_samples_are_at_distance_zero():
    Xs, _ = two_domains()
    assert linear_mmd(Xs, Xs) == 0


def test_invariances_and_scale():
    Xs, Xt = two_domains()
    value = linear_mmd(Xs, Xt)
    Q = ortho_group(3, seed=0).rvs()
    assert linear_mmd(Xt, Xs) == value
    assert linear_mmd(Xs + 5, Xt + 5) == pytest.approx(value, rel=1e-9)
    assert linear_mmd(Xs @ Q, Xt @ Q) == pytest.approx(value, rel=1e-9)
    assert linear_mmd(3 * Xs, 3 * Xt) == pytest.approx(9 * value, rel=1e-9)


def test_inputs_are_not_written_to_and_float32_is_computed_in_float64():
    Xs, Xt = (X.astype(np.float32) for X in two_domains())
    Xs.flags.writeable = Xt.flags.writeable = False
    assert linear_mmd(Xs, Xt) == linear_mmd(Xs.astype(float), Xt.astype(float))


@pytest.mark.parametrize(
    ("Xt", "message"),
    [
        (np.ones(2), r"Xt must have 2 dimensions \(rows, features\), got 1"),
        (np.ones((3, 1)), "must have the same columns, got 2 in Xs and 1 in Xt"),
        (None, "The 'Xt' parameter of linear_mmd must be an array-like"),
    ],
)
def test_bad_rows_are_named(Xt, message):
    with pytest.raises(ValueError, match=message):
        linear_mmd(np.ones((3, 2)), Xt)


def test_a_distance_that_overflows_is_an_error():
    Xs, Xt = 1e160 * np.random.default_rng(0).normal(size=(2, 20, 3))
    with pytest.raises(ValueError, match=r"linear_mmd is inf, .* overflows; divide the features"):
        linear_mmd(Xs, Xt)
