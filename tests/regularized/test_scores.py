"""Probabilities are the point of the simplex that is nearest to the scores."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.regularized._scores import project_to_simplex

scores = arrays(float, st.tuples(st.integers(1, 8), st.integers(2, 6)), elements=st.floats(-3, 3))


@given(F=scores, seed=st.integers(0, 2**16))
def test_no_point_of_the_simplex_is_nearer(F, seed):
    """(f - p)'(q - p) <= 0 for all q of the simplex, of which the corners suffice."""
    P = project_to_simplex(F)
    assert (P >= 0).all()
    assert_allclose(P.sum(axis=1), 1, atol=1e-12)
    corners = np.eye(F.shape[1])
    slopes = np.einsum("ij,ikj->ik", F - P, corners[None] - P[:, None])
    assert slopes.max() < 1e-12


@given(F=scores)
def test_the_largest_score_has_the_largest_probability(F):
    P = project_to_simplex(F)
    assert_array_equal(P[np.arange(len(F)), F.argmax(axis=1)], P.max(axis=1))


def test_probabilities_stay_and_three_scores_by_hand():
    P = np.random.default_rng(0).dirichlet(np.ones(4), size=10)
    assert_allclose(project_to_simplex(P), P, atol=1e-15)
    assert_allclose(project_to_simplex(np.array([[0.8, 0.6, -1.0]])), [[0.6, 0.4, 0.0]])
