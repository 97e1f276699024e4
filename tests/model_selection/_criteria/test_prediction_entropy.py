"""Prediction entropy: the mean of p log p over the target rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from skdomain.model_selection import PredictionEntropy, prediction_entropy

problems = given(
    n=st.integers(1, 30),
    n_classes=st.integers(2, 5),
    seed=st.integers(0, 2**16),
    certain=st.booleans(),
)


def entropies(P):
    return [-sum(p * math.log(p) for p in row if p > 0) for row in P.tolist()]


@problems
def test_it_is_the_mean_over_rows_of_the_sum_of_p_log_p(draw_proba, n, n_classes, seed, certain):
    P = draw_proba(n, n_classes, seed, certain)
    assert prediction_entropy(P) == pytest.approx(-sum(entropies(P)) / n, rel=1e-12, abs=1e-15)


@problems
def test_it_lies_between_minus_log_of_the_classes_and_zero(draw_proba, n, n_classes, seed, certain):
    P = draw_proba(n, n_classes, seed, certain)
    assert -math.log(n_classes) - 1e-12 <= prediction_entropy(P) <= 0
    assert prediction_entropy(np.eye(n_classes)) == 0
    assert prediction_entropy(np.full_like(P, 1 / n_classes)) == pytest.approx(-math.log(n_classes))


def test_a_problem_solved_by_hand():
    """Entropies 0, log 2 and log 4 - 3/4 log 3."""
    P = [[1, 0], [0.5, 0.5], [0.25, 0.75]]
    expected = -(math.log(2) + math.log(4) - 0.75 * math.log(3)) / 3
    assert prediction_entropy(P) == pytest.approx(expected, rel=1e-14)


def test_the_standard_error_is_that_of_a_mean_over_rows():
    X = np.linspace(-2, 2, 9)[:, None]
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    H = entropies(model.predict_proba(X))
    value, error = PredictionEntropy().estimate(model, X)
    assert_allclose([value, error], [-np.mean(H), np.std(H, ddof=1) / 3], rtol=1e-12)
