"""Information maximisation: the mutual information of rows and predicted classes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from skdomain.model_selection import InformationMaximization, information_maximization

problems = given(
    n=st.integers(1, 30),
    n_classes=st.integers(2, 5),
    seed=st.integers(0, 2**16),
    certain=st.booleans(),
)


def mutual_information(P):
    """Sum of joint times log of joint over the product of the margins, rows equally likely."""
    n, mean = len(P), P.mean(axis=0).tolist()
    return sum(
        p / n * math.log((p / n) / (m / n))
        for row in P.tolist()
        for p, m in zip(row, mean, strict=True)
        if p > 0
    )


@problems
def test_it_is_the_mutual_information_of_row_and_class(draw_proba, n, n_classes, seed, certain):
    P = draw_proba(n, n_classes, seed, certain)
    assert information_maximization(P) == pytest.approx(mutual_information(P), rel=1e-9, abs=1e-12)


@problems
def test_it_lies_between_zero_and_log_of_the_classes(draw_proba, n, n_classes, seed, certain):
    P = draw_proba(n, n_classes, seed, certain)
    assert 0 <= information_maximization(P) <= math.log(n_classes) + 1e-12
    assert information_maximization(np.repeat(P[:1], n, axis=0)) == pytest.approx(0, abs=1e-12)
    even = np.eye(n_classes)
    assert information_maximization(even) == pytest.approx(math.log(n_classes), rel=1e-12)


def test_a_problem_solved_by_hand():
    """Mean (3/4, 1/4), row entropies 0 and log 2."""
    expected = math.log(4) - 0.75 * math.log(3) - math.log(2) / 2
    assert information_maximization([[1, 0], [0.5, 0.5]]) == pytest.approx(expected, rel=1e-14)


def test_the_standard_error_is_that_of_the_jackknife():
    X = np.linspace(-2, 3, 9)[:, None]
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    P = model.predict_proba(X)
    values = [mutual_information(np.delete(P, i, axis=0)) for i in range(9)]
    expected = np.sqrt(8 / 9 * sum((v - np.mean(values)) ** 2 for v in values))
    value, error = InformationMaximization().estimate(model, X)
    assert_allclose([value, error], [mutual_information(P), expected], rtol=1e-10)
