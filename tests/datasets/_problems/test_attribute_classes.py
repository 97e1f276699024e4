"""Rows are linear in attributes, and unseen classes have rows in the target alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.datasets import make_attribute_classes


def test_without_noise_rows_are_linear_in_attributes():
    problem = make_attribute_classes(3, noise=0.0, shift=7.0, random_state=0)
    target = problem.sample_domain < 0
    expected = problem.attributes[problem.y] @ problem.loadings + target[:, None] * (
        problem.mean_shift
    )
    assert_allclose(problem.X, expected)
    assert_allclose(np.linalg.norm(problem.mean_shift), 7.0)


def test_noise_has_the_spread_that_is_asked_for():
    problem = make_attribute_classes(400, noise=2.0, random_state=0)
    rest = problem.X - problem.attributes[problem.y] @ problem.loadings
    assert_allclose(rest.std(axis=0), 2.0, rtol=0.03)
    assert_allclose(rest.mean(axis=0), 0.0, atol=0.1)


def test_the_source_has_seen_classes_alone_and_the_target_all():
    problem = make_attribute_classes(2, n_seen=4, n_unseen=3, random_state=1)
    source = problem.sample_domain > 0
    assert_array_equal(problem.y[source], np.repeat(np.arange(4), 2))
    assert_array_equal(problem.y[~source], np.repeat(np.arange(7), 2))
    assert_array_equal(problem.unseen_classes, [4, 5, 6])


@pytest.mark.parametrize("binary", [True, False])
def test_attributes_are_signs_or_numbers(binary):
    S = make_attribute_classes(1, n_seen=300, binary=binary, random_state=0).attributes
    assert (set(np.unique(S)) == {-1.0, 1.0}) == binary
    assert_allclose(S.std(), 1.0, rtol=0.05)
    assert_allclose(S.mean(), 0.0, atol=0.05)


def test_the_seed_decides():
    one, two, other = (make_attribute_classes(2, random_state=seed).X for seed in (0, 0, 1))
    assert_array_equal(one, two)
    assert (one != other).all()
