"""Class correlation: the cosine of P'P with the identity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from skdomain.model_selection import ClassCorrelation, class_correlation

problems = given(
    n=st.integers(1, 30),
    n_classes=st.integers(2, 5),
    seed=st.integers(0, 2**16),
    certain=st.booleans(),
)


def cosine_with_identity(P):
    R = sum(np.outer(p, p) for p in P)
    eye = np.eye(P.shape[1])
    return np.vdot(R, eye) / np.linalg.norm(R) / np.linalg.norm(eye)


@problems
def test_it_is_the_cosine_of_the_correlations_with_the_identity(
    draw_proba, n, n_classes, seed, certain
):
    P = draw_proba(n, n_classes, seed, certain)
    assert class_correlation(P) == pytest.approx(cosine_with_identity(P), rel=1e-12)


@problems
def test_it_lies_between_that_of_equal_rows_and_that_of_even_certain_ones(
    draw_proba, n, n_classes, seed, certain
):
    P = draw_proba(n, n_classes, seed, certain)
    assert 1 / math.sqrt(n_classes) <= class_correlation(P) <= 1
    equal_rows = np.repeat(P[:1], n, axis=0)
    assert class_correlation(equal_rows) == pytest.approx(1 / math.sqrt(n_classes), rel=1e-12)
    assert class_correlation(np.eye(n_classes)) == pytest.approx(1, rel=1e-12)


def test_a_problem_solved_by_hand():
    """P'P = [[5/4, 1/4], [1/4, 1/4]]: trace 3/2, squares 7/4."""
    expected = 1.5 / math.sqrt(7 / 4 * 2)
    assert class_correlation([[1, 0], [0.5, 0.5]]) == pytest.approx(expected, rel=1e-14)


def test_the_standard_error_is_that_of_the_jackknife():
    X = np.linspace(-2, 3, 9)[:, None]
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    P = model.predict_proba(X)
    values = [cosine_with_identity(np.delete(P, i, axis=0)) for i in range(9)]
    expected = np.sqrt(8 / 9 * sum((v - np.mean(values)) ** 2 for v in values))
    value, error = ClassCorrelation().estimate(model, X)
    assert_allclose([value, error], [cosine_with_identity(P), expected], rtol=1e-9)
