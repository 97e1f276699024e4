"""Priors drawn towards the source's: stationary, of the right evidence, and right at the ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.stats import beta

from skdomain.label_shift import em_priors
from skdomain.label_shift._held_out import RowWeights
from skdomain.label_shift._shrinkage import (
    dirichlet_priors,
    effective_rows,
    james_stein_priors,
    log_evidence,
    most_probable_priors,
)


def draw(m=40, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(n_classes, 5.0))
    return rng.dirichlet(np.full(n_classes, 0.7), size=m), p


@given(
    seed=st.integers(0, 999),
    n_classes=st.integers(2, 6),
    concentration=st.floats(0.5, 1e5),
    weight=st.floats(0.01, 3),
)
def test_the_most_probable_priors_are_a_fixed_point_of_em(seed, n_classes, concentration, weight):
    """(W + A) q_c = W mean r_ic + A p_c, with sum 1."""
    P, p = draw(30, n_classes, seed)
    q = most_probable_priors(P / p, weight, p, concentration, start=p)
    r = P * q / p
    r /= r.sum(axis=1, keepdims=True)
    total = weight * len(P) + concentration
    assert_allclose(total * q, weight * r.sum(axis=0) + concentration * p, atol=1e-7 * total)
    assert_allclose(q.sum(), 1)
    assert np.all(q > 0)


@pytest.mark.parametrize("concentration", [4.0, 32.0, 1000.0])
def test_the_evidence_is_the_mean_of_the_likelihood(concentration):
    """Against the integral over two classes; Laplace's approximation is near, and more so late."""
    P, p = draw(200, 2)
    ratios, weight = P / p, 0.5
    q = most_probable_priors(ratios, weight, p, concentration, start=p)

    def integrand(x):
        told = weight * np.log(ratios @ [x, 1 - x]).sum() - weight * np.log(ratios @ q).sum()
        return np.exp(told) * beta(*(concentration * p)).pdf(x)

    exact = np.log(quad(integrand, 0, 1, points=[q[0]], limit=200)[0])
    exact += weight * np.log(ratios @ q).sum()
    assert_allclose(log_evidence(ratios, weight, p, concentration, q), exact, atol=0.05)


def test_the_evidence_of_a_law_that_is_sure_is_the_likelihood_of_the_source_priors():
    P, p = draw()
    q = most_probable_priors(P / p, 0.5, p, 1e7, start=p)
    expected = 0.5 * np.log((P / p) @ p).sum()
    assert_allclose(log_evidence(P / p, 0.5, p, 1e7, q), expected, atol=1e-5)


def test_it_is_the_mean_over_concentrations_that_a_slow_transcription_finds():
    P, p = draw(25, 3)
    n_rows, found, evidence = 10.0, [p], [10 / 25 * np.log((P / p) @ p).sum()]
    for k in range(14):
        A, q = 3 * 2.0**k, p.copy()
        for _ in range(2000):
            r = P * q / p
            r /= r.sum(axis=1, keepdims=True)
            q = (n_rows * r.mean(axis=0) + A * p) / (n_rows + A)
        found.append(q)
        evidence.append(log_evidence(P / p, n_rows / 25, p, A, q))
    shares = np.exp(evidence - np.max(evidence))
    expected = np.average(found, axis=0, weights=shares)
    assert_allclose(dirichlet_priors(P, p, n_rows), expected, atol=1e-8)


def test_no_rows_leave_the_source_priors_and_many_lead_to_the_most_likely_ones():
    P, p = draw(200)
    assert_allclose(dirichlet_priors(P, p, 1e-9), p, atol=1e-8)
    assert_allclose(dirichlet_priors(P, p, 1e8), em_priors(P, p)[0], atol=1e-4)


@given(seed=st.integers(0, 99), n_rows=st.floats(1, 1e4))
def test_posteriors_that_tell_nothing_leave_the_source_priors(seed, n_rows):
    _, p = draw(seed=seed)
    assert_allclose(dirichlet_priors(np.tile(p, (20, 1)), p, n_rows), p, atol=1e-9)


def test_it_lies_between_the_source_priors_and_the_estimate_of_two_classes():
    P, p = draw(60, 2, seed=3)
    q = em_priors(P, p)[0]
    ends = sorted([p[0], q[0]])
    found = [dirichlet_priors(P, p, n)[0] for n in (1, 10, 100, 1000)]
    assert ends[0] <= min(found)
    assert max(found) <= ends[1]
    assert_array_equal(np.argsort(np.abs(np.array(found) - q[0])), [3, 2, 1, 0])


def test_a_class_that_the_source_lacks_gets_nothing():
    P, p = draw()
    padded = np.insert(P, 1, 0, axis=1), np.insert(p, 1, 0)
    found = dirichlet_priors(*padded, 20.0)
    assert_allclose(np.delete(found, 1), dirichlet_priors(P, p, 20.0))
    assert found[1] == 0


def test_the_order_of_classes_and_rows_does_not_matter():
    P, p = draw(50, 4)
    order = np.array([3, 1, 0, 2])
    straight = dirichlet_priors(P, p, 25.0)
    assert_allclose(dirichlet_priors(P[::-1][:, order], p[order], 25.0), straight[order])


def test_rows_of_a_comparison_are_those_of_both_domains_in_parallel():
    assert effective_rows(100, 100) == 50
    assert effective_rows(30, 60) == pytest.approx(20)


def test_weighted_rows_are_worth_fewer_and_repeated_ones_more():
    """One row counts twice: three rows, of which two may be halved."""
    counts = np.array([1.0, 2.0])
    weights = RowWeights(counts, counts)
    assert weights.n_rows == pytest.approx(3)
    assert weights.times(np.array([1.0, 0.5])).n_rows == pytest.approx(4 / 1.5)
    assert weights.times(np.array([7.0, 7.0])).n_rows == pytest.approx(3)


def test_james_and_stein_in_a_case_by_hand():
    """Two rows, sure of the first class: s = 2 n log 2 with n = 8 rows, one degree of freedom."""
    p, q = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    kept = 1 - 1 / (16 * np.log(2))
    found = james_stein_priors(q, np.array([[1.0, 0.0]] * 2), p, 8.0)
    assert_allclose(found, p + kept * (q - p))


def test_an_estimate_that_the_rows_do_not_prefer_is_not_taken():
    p, P = np.array([0.5, 0.5]), np.array([[0.2, 0.8]] * 5)
    assert_array_equal(james_stein_priors(np.array([0.9, 0.1]), P, p, 1e6), p)
    assert_array_equal(james_stein_priors(p, P, p, 1e6), p)
    impossible = np.array([[0.0, 1.0]])  # a row of a class that the estimate has none of
    assert_array_equal(james_stein_priors(np.array([1.0, 0.0]), impossible, p, 1e6), p)
