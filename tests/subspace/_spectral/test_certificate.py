"""What proves eigenpairs to be the largest refuses all others."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skdomain.subspace._spectral._certificate import (
    ACCURACY,
    added_count,
    count_above_of_kernel,
    gap_below,
    is_certified,
    shifted,
)

drawn = settings(max_examples=60, deadline=None, derandomize=True)


def test_certificate_accepts_the_largest_pairs(small_pencil):
    pencil, theta, w = small_pencil()
    assert is_certified(*pencil, theta[:9], w[:, :8])


@pytest.mark.parametrize("missing", range(8))
def test_certificate_misses_a_pair_left_out(missing, small_pencil):
    # the other pairs are exact, so residuals alone would not tell
    pencil, theta, w = small_pencil()
    kept = np.delete(np.arange(10), missing)
    assert not is_certified(*pencil, theta[kept], w[:, kept[:-1]])


@pytest.mark.parametrize("column", range(8))
def test_certificate_misses_a_spoiled_vector(column, small_pencil):
    pencil, theta, w = small_pencil()
    w[:, column] += 1e-7 * np.random.default_rng(column).normal(size=len(w))
    assert not is_certified(*pencil, theta[:9], w[:, :8])


@pytest.mark.parametrize("column", range(8))
def test_certificate_misses_a_vector_of_other_length(column, small_pencil):
    # it has no residual, and the eigenvalues are the right ones
    pencil, theta, w = small_pencil()
    w[:, column] *= 1 + 1e-9
    assert not is_certified(*pencil, theta[:9], w[:, :8])


def test_certificate_misses_a_next_value_that_is_too_small(small_pencil):
    """Said to lie lower than it does, it would let sigma pass between the two."""
    pencil, theta, w = small_pencil()
    theta = theta[:9].copy()
    theta[8] -= 4 * (theta[7] - theta[8])
    assert not is_certified(*pencil, theta, w[:, :8])


def test_no_gap_is_left_by_a_residual_that_reaches_across_it():
    assert gap_below(2.0, 1.0, error=0.0, slack=0.25) == 0.75
    assert gap_below(2.0, 1.0, error=0.0, slack=0.25, lost=2.0) == 0.5
    assert gap_below(2.0, 1.0, error=3 * ACCURACY, slack=0.0) == 0
    assert gap_below(2.0, 2.0 - ACCURACY, error=2 * ACCURACY, slack=0.0) == 0
    assert gap_below(2.0, 1.0, error=0.0, slack=1.0) == 0


@drawn
@given(p=st.integers(2, 12), q=st.integers(1, 5), seed=st.integers(0, 2**16))
def test_added_count_is_the_difference_of_the_inertias(p, q, seed):
    rng = np.random.default_rng(seed)
    E = rng.normal(size=(p, p))
    E, h = E + E.T, rng.choice([-5.0, -0.1, 0.1, 5.0], q)
    W = rng.normal(size=(p, q))
    without, with_it = (np.linalg.eigvalsh(S) for S in (E, E + W * h @ W.T))
    assume(min(np.abs(without).min(), np.abs(with_it).min()) > 1e-3)
    W = W * np.sqrt(np.abs(h))
    added = added_count(W, h, np.linalg.solve(E, W), 1e-10)
    assert added == np.sum(with_it > 0) - np.sum(without > 0)
    assert added_count(W, h, np.linalg.solve(E, W), 1e10) is None


def test_singular_factor_leaves_the_count_open():
    K = np.diag([4.0, 3.0, 2.0, 1.0])
    nothing = np.zeros(4), np.empty((4, 0)), np.empty(0), 1.0
    assert count_above_of_kernel(K, *nothing, 3.0**2) is None
    assert count_above_of_kernel(K, *nothing, 2.5**2) == 2


def fail_with_spoiled_triangle(A):
    with shifted(A, 3.0):
        assert np.all(np.diag(A) == 3.0)
        A[np.tril_indices(len(A))] = np.nan
        raise ZeroDivisionError


@pytest.mark.parametrize("n", [1, 5, 512, 513, 1100])
def test_a_shift_is_undone_whatever_happens_to_the_lower_triangle(n):
    A = np.triu(np.random.default_rng(0).normal(size=(n, n)), 1)
    A = np.asfortranarray(A + A.T)
    before = A.copy()
    with pytest.raises(ZeroDivisionError):
        fail_with_spoiled_triangle(A)
    np.testing.assert_array_equal(A, before)
