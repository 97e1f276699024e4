"""Draws of confusions, and the intervals that are made of them."""

import numpy as np
import pytest
from scipy.stats import binom
from scipy.stats import t as student

from skdomain.model_selection._expected._combined import _Found
from skdomain.model_selection._expected._spread import (
    labelled_draws,
    prediction_interval,
    quantile_interval,
)


def test_labels_are_drawn_with_the_chances_of_the_confusion():
    C = np.array([[0.5, 0.1], [0.0, 0.4]])
    drawn = labelled_draws(np.tile(C, (2, 5000, 1, 1)), 20, np.random.RandomState(0))
    assert drawn.shape == (2, 5000, 2, 2)
    np.testing.assert_allclose(drawn.sum(axis=(-2, -1)), 1)
    counts = np.round(20 * np.trace(drawn, axis1=-2, axis2=-1)).ravel()
    found = np.bincount(counts.astype(int), minlength=21) / counts.size
    np.testing.assert_allclose(found, binom.pmf(range(21), 20, 0.9), atol=0.02)
    assert drawn[:, :, 1, 0].max() == 0


def test_quantiles_hold_the_share_and_what_counted_rows_would_tell():
    low, high = quantile_interval(np.full(10, 1.0), 0.9, estimate=1.0, n_rows=20)
    assert high == 1.0
    assert 0.8 < low < 0.95
    assert quantile_interval(np.array([0.0, np.nan, 1.0]), 0.5) == pytest.approx((0.25, 0.75))
    assert np.isnan(quantile_interval(np.array([np.nan]), 0.9)).all()


def test_a_prediction_interval_is_its_formula():
    values, draws = np.array([0.6, 0.7, 0.8]), np.array([0.68, 0.7, 0.72, np.nan])
    half = student.ppf(0.95, 2) * np.sqrt(np.mean([0.02**2, 0, 0.02**2]) + 0.01 * (1 + 1 / 3))
    found = prediction_interval(0.7, draws, values, 0.9)
    assert found == pytest.approx((0.7 - half, 0.7 + half))


def test_a_prediction_interval_holds_one_more_draw_as_often_as_it_says():
    rng = np.random.default_rng(0)
    methods, truth = rng.normal(size=(2000, 3)), rng.normal(size=2000)
    ends = [prediction_interval(v.mean(), np.zeros(2), v, 0.9) for v in methods]
    held = [low <= t <= high for (low, high), t in zip(ends, truth, strict=True)]
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_one_method_tells_nothing_of_how_methods_differ():
    assert np.isnan(prediction_interval(0.5, np.zeros(2), np.array([0.5, np.nan]), 0.9)).all()


def test_methods_that_agree_on_being_right_leave_what_counted_rows_would():
    always = np.eye(2) / 2
    found = _Found(np.array([always] * 2), np.tile(always, (2, 5, 1, 1)), 0.9, 20)
    low, high = found.interval(np.trace, True)
    assert high == 1.0
    assert 0.8 < low < 0.95
