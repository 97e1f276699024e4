"""Calibrated posteriors: the minimum of a convex loss, with what holds at one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import softmax

from skdomain.label_shift._calibration import CALIBRATION_RIDGE, fit_calibration, log_posteriors

METHODS = ["temperature", "vector", "bcts"]
each = pytest.mark.parametrize("method", METHODS)


def draw(n=400, n_classes=3, *, sharpness=1.0, seed=0):
    """Posteriors whose log is ``sharpness`` times that of calibrated ones, and the classes."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.normal(size=(n, n_classes))
    codes = np.array([rng.choice(n_classes, p=p) for p in softmax(logits, axis=1)])
    return softmax(sharpness * logits, axis=1), codes


def loss(slope, bias, posteriors, codes, weights=None):
    """The loss as its definition reads, row by row."""
    total, weights = 0.0, np.ones(len(codes)) if weights is None else weights
    for p, code, weight in zip(posteriors, codes, weights / weights.sum(), strict=True):
        z = slope * np.log(np.maximum(p, 1e-6)) + bias
        total -= weight * (z[code] - np.log(np.exp(z).sum()))
    return total


def parts(method, u, n_classes):
    """Slopes and biases of all classes from the parameters that a method has, and how many."""
    n_slopes = n_classes if method == "vector" else 1
    slope = np.broadcast_to(u[:n_slopes], n_classes)
    bias = np.zeros(n_classes) if method == "temperature" else u[n_slopes:]
    return slope, bias, u[:n_slopes]


def by_another_solver(method, posteriors, codes, weights=None):
    n_classes = posteriors.shape[1]
    n_slopes = n_classes if method == "vector" else 1
    n_bias = 0 if method == "temperature" else n_classes

    def penalised(u):
        slope, bias, own = parts(method, u, n_classes)
        ridge = CALIBRATION_RIDGE / 2 * (np.sum((own - 1) ** 2) + np.sum(bias**2))
        return loss(slope, bias, posteriors, codes, weights) + ridge

    start = np.repeat([1.0, 0.0], [n_slopes, n_bias])
    bounds = [(0, None)] * n_slopes + [(None, None)] * n_bias
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000}
    return penalised, minimize(penalised, start, bounds=bounds, options=options).x


def residuals(calibration, posteriors, codes):
    """Derivatives of the unpenalised loss by slope and bias of each class."""
    residual = calibration.apply(posteriors) - np.eye(posteriors.shape[1])[codes]
    return (residual * log_posteriors(posteriors)).mean(axis=0), residual.mean(axis=0)


# -- The minimum --------------------------------------------------------------------------------


@each
@given(seed=st.integers(0, 999), sharpness=st.floats(0.3, 4), n_classes=st.integers(2, 5))
def test_the_gradient_vanishes_up_to_the_ridge(method, seed, sharpness, n_classes):
    """d loss / du + ridge (u - identity) = 0, and a slope at its bound 0 would only rise."""
    posteriors, codes = draw(120, n_classes, sharpness=sharpness, seed=seed)
    found = fit_calibration(posteriors, codes, method)
    by_slope, by_bias = residuals(found, posteriors, codes)
    if method != "vector":
        by_slope, slope = by_slope.sum(), found.slope[0]
    else:
        slope = found.slope
    gradient = by_slope + CALIBRATION_RIDGE * (slope - 1)
    assert np.all(slope >= 0)
    assert_allclose(
        np.where(np.asarray(slope) == 0, np.minimum(gradient, 0), gradient), 0, atol=1e-9
    )
    if method != "temperature":
        assert_allclose(by_bias + CALIBRATION_RIDGE * found.bias, 0, atol=1e-9)
    else:
        assert_array_equal(found.bias, 0)


@each
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_minimum_that_a_slow_transcription_finds(method, weighted):
    posteriors, codes = draw(60, sharpness=2.5)
    weights = np.random.default_rng(1).uniform(size=60) if weighted else None
    penalised, slow = by_another_solver(method, posteriors, codes, weights)
    found = fit_calibration(posteriors, codes, method, sample_weight=weights)
    slope, bias, own = parts(method, slow, 3)
    assert_allclose(found.slope, slope, atol=2e-3)
    assert_allclose(found.bias, bias, atol=2e-3)
    fast = np.append(found.slope[: len(own)], found.bias if len(slow) > len(own) else [])
    assert penalised(fast) <= penalised(slow) + 1e-12


@pytest.mark.parametrize("method", ["vector", "bcts"])
@given(seed=st.integers(0, 999), sharpness=st.floats(0.3, 4))
def test_with_a_bias_the_mean_calibrated_posterior_is_the_share_of_the_class(
    method, seed, sharpness
):
    """The derivative by the bias of a class, up to the ridge."""
    posteriors, codes = draw(150, sharpness=sharpness, seed=seed)
    weights = np.random.default_rng(seed).uniform(size=150)
    found = fit_calibration(posteriors, codes, method, sample_weight=weights)
    shares = np.bincount(codes, weights, minlength=3) / weights.sum()
    mean = np.average(found.apply(posteriors), axis=0, weights=weights)
    assert_allclose(mean, shares - CALIBRATION_RIDGE * found.bias, atol=1e-9)


@each
def test_in_expectation_calibrated_posteriors_are_left_as_they_are(method):
    """Each class counts as often as it is probable, so that the identity is the minimum."""
    posteriors, _ = draw(300)
    n, n_classes = posteriors.shape
    rows, codes = np.repeat(posteriors, n_classes, axis=0), np.tile(np.arange(n_classes), n)
    found = fit_calibration(rows, codes, method, sample_weight=posteriors.ravel())
    assert_allclose(found.slope, 1, atol=1e-8)
    assert_allclose(found.bias, 0, atol=1e-8)
    assert_allclose(found.temperature, 1, atol=1e-8)
    assert_allclose(found.apply(posteriors), posteriors, atol=1e-8)


def test_the_temperature_undoes_a_power_of_the_posteriors():
    """log p times s, calibrated, is the same map with the temperature times s; without ridge."""
    posteriors, codes = draw(2000)
    flat = softmax(0.4 * np.log(posteriors), axis=1)
    one, other = (fit_calibration(p, codes, "temperature") for p in (posteriors, flat))
    assert_allclose(other.temperature, 0.4 * one.temperature, rtol=1e-4)
    assert_allclose(other.apply(flat), one.apply(posteriors), atol=1e-4)


def test_the_bias_undoes_other_priors():
    """p_c w_c, normalised, is what calibration by a bias of -log w brings back."""
    posteriors, codes = draw(500)
    w = np.array([0.1, 1.0, 4.0])
    shifted = posteriors * w / (posteriors @ w)[:, None]
    one, other = (fit_calibration(p, codes, "bcts") for p in (posteriors, shifted))
    assert_allclose(other.apply(shifted), one.apply(posteriors), atol=1e-4)


@each
def test_weights_count_rows(method):
    posteriors, codes = draw(50)
    counts = np.random.default_rng(0).integers(0, 4, 50)
    weighted = fit_calibration(posteriors, codes, method, sample_weight=counts)
    rows = np.repeat(np.arange(50), counts)
    repeated = fit_calibration(posteriors[rows], codes[rows], method)
    assert_allclose(weighted.slope, repeated.slope, atol=1e-7)
    assert_allclose(weighted.bias, repeated.bias, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_classes_does_not_matter(method):
    posteriors, codes = draw(100, 4)
    order = np.array([2, 0, 3, 1])
    straight = fit_calibration(posteriors, codes, method)
    turned = fit_calibration(posteriors[:, order], np.argsort(order)[codes], method)
    assert_allclose(turned.apply(posteriors[:, order]), straight.apply(posteriors)[:, order])


# -- The ends -----------------------------------------------------------------------------------


def test_none_changes_nothing_not_even_a_zero():
    posteriors = np.eye(3)
    assert fit_calibration(posteriors, np.arange(3), None).apply(posteriors) is posteriors


@each
def test_posteriors_that_are_always_right_give_bounded_maps(method):
    posteriors, codes = np.eye(3)[[0, 1, 2, 0]], np.array([0, 1, 2, 0])
    found = fit_calibration(posteriors, codes, method)
    assert np.all((found.slope >= 1) & (found.slope < 10))
    assert np.all(np.abs(found.bias) < 1)
    assert_array_equal(found.apply(posteriors).argmax(axis=1), codes)
    assert_allclose(found.apply(posteriors).sum(axis=1), 1)


def test_posteriors_that_mislead_have_an_infinite_temperature():
    """A positive slope cannot turn them round; what is left are the shares of the classes."""
    posteriors, codes = np.eye(2)[[0, 1, 0, 1, 0]], np.array([1, 0, 1, 0, 1])
    found = fit_calibration(posteriors, codes, "bcts")
    assert_array_equal(found.slope, 0)
    assert_array_equal(found.temperature, np.inf)
    assert_allclose(found.apply(posteriors), [[0.4, 0.6]] * 5, atol=1e-5)


@each
def test_one_row_and_a_class_without_rows_are_no_accidents(method):
    found = fit_calibration([[0.3, 0.6, 0.1]], np.array([1]), method)
    assert np.all(np.isfinite(found.apply([[0.3, 0.6, 0.1], [1, 0, 0]])))
    assert np.all(np.isfinite([found.slope, found.bias]))


def test_float32_posteriors_are_calibrated_in_float64():
    posteriors, codes = draw()
    single = fit_calibration(posteriors.astype(np.float32), codes)
    assert single.apply(posteriors.astype(np.float32)).dtype == np.float64
    assert_allclose(single.slope, fit_calibration(posteriors, codes).slope, rtol=1e-5)


def test_posteriors_are_not_written_to():
    posteriors, codes = draw()
    copy = posteriors.copy()
    posteriors.flags.writeable = False
    fit_calibration(posteriors, codes).apply(posteriors)
    assert_array_equal(posteriors, copy)
