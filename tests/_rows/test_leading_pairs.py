"""The largest eigenpairs are those of all, and what is not proved is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.sparse.linalg import ArpackNoConvergence

from skdomain._rows import _leading_pairs
from skdomain._rows._leading_pairs import (
    are_largest,
    certified_pairs,
    dense_pairs,
    leading_pairs,
)


def scatter_of(values, seed=0):
    """A symmetric matrix of these eigenvalues, and all its pairs, the largest first."""
    rng = np.random.default_rng(seed)
    values = np.sort(np.asarray(values, dtype=float))[::-1]
    Q = np.linalg.qr(rng.normal(size=(len(values), len(values))))[0]
    S = Q * values @ Q.T
    return (S + S.T) / 2, values, Q


@given(
    p=st.integers(20, 60),
    rank=st.integers(1, 60),
    k=st.integers(1, 8),
    decay=st.sampled_from([1.0, 0.9, 0.5]),
    seed=st.integers(0, 999),
)
def test_pairs_are_the_first_of_all(p, rank, k, decay, seed):
    """By Lanczos iterations where these are proved, else by the dense solver; of any rank."""
    rng = np.random.default_rng(seed)
    S, values, Q = scatter_of(
        np.r_[rng.uniform(0.5, 1, min(rank, p)) * decay ** np.arange(min(rank, p)), np.zeros(p)][
            :p
        ],
        seed,
    )
    for found in (certified_pairs(S, k) or dense_pairs(S, k), dense_pairs(S, k)):
        assert_allclose(found[0], values[:k], atol=1e-13 * p)
        assert_allclose(S @ found[1], found[1] * found[0], atol=1e-12)
        assert_allclose(found[1].T @ found[1], np.eye(k), atol=1e-12)
        gap = values[k - 1] - values[k]
        if gap > 1e-3:
            assert_allclose(found[1] @ found[1].T, Q[:, :k] @ Q[:, :k].T, atol=1e-10)


def test_few_of_many_are_found_without_the_others(monkeypatch):
    S, values, Q = scatter_of(0.9 ** np.arange(520))
    monkeypatch.setattr(_leading_pairs, "dense_pairs", None)
    found, vectors = leading_pairs(S, 20)
    assert_allclose(found, values[:20], rtol=1e-12)
    assert_allclose(np.abs(np.sum(vectors * Q[:, :20], axis=0)), 1, atol=1e-12)


# -- The certificate ----------------------------------------------------------------------------


def test_the_largest_pairs_are_proved():
    S, values, Q = scatter_of(0.8 ** np.arange(30))
    assert are_largest(S, values[:4], Q[:, :4], values[4])


def test_pairs_of_which_the_largest_is_missing_are_refused():
    """Their residual is 0 and a gap follows: only the factor tells."""
    S, values, Q = scatter_of(0.8 ** np.arange(30))
    assert not are_largest(S, values[1:5], Q[:, 1:5], values[5])
    middle = [0, 1, 3, 4]
    assert not are_largest(S, values[middle], Q[:, middle], values[5])


def test_the_same_pair_twice_is_refused():
    S, values, Q = scatter_of(0.8 ** np.arange(30))
    twice = [0, 1, 1]
    assert not are_largest(S, values[twice], Q[:, twice], values[2])


def test_pairs_that_are_off_by_more_than_rounding_are_refused():
    S, values, Q = scatter_of(0.8 ** np.arange(30))
    c, s = np.cos(1e-8), np.sin(1e-8)
    turned = Q[:, :4].copy()
    turned[:, 3] = c * Q[:, 3] + s * Q[:, 4]
    assert not are_largest(S, values[:4], turned, values[4])


def test_without_a_gap_nothing_is_proved():
    S, values, Q = scatter_of([3, 2, 2, *np.linspace(1, 0, 20)])
    assert not are_largest(S, values[:2], Q[:, :2], values[2])
    assert are_largest(S, values[:3], Q[:, :3], values[3])


@pytest.mark.parametrize("fault", ["no convergence", "missed"])
def test_what_is_not_proved_is_decomposed_by_the_dense_solver(fault, monkeypatch):
    S, values, Q = scatter_of(0.9 ** np.arange(500))

    def faulty(S, k, **options):
        if fault == "no convergence":
            raise ArpackNoConvergence("no", np.empty(0), np.empty((500, 0)))
        return values[k:0:-1], Q[:, k:0:-1]

    monkeypatch.setattr(_leading_pairs, "eigsh", faulty)
    assert certified_pairs(S, 5) is None
    found, vectors = leading_pairs(S, 5)
    assert_allclose(found, values[:5], rtol=1e-12)
    assert_allclose(np.abs(np.sum(vectors * Q[:, :5], axis=0)), 1, atol=1e-12)


def test_selected_pairs_that_are_lost_are_found_among_all(monkeypatch):
    S, values, _ = scatter_of(0.9 ** np.arange(40))
    monkeypatch.setattr(_leading_pairs, "eigh", lambda S, **_: (values[:1], S[:, :1]))
    assert_allclose(dense_pairs(S, 3)[0], values[:3], rtol=1e-12)
