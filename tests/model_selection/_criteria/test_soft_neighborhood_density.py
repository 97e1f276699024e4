"""Soft neighbourhood density: the mean entropy of the similarities of a row to the others."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context

from skdomain.model_selection import soft_neighborhood_density

problems = given(
    n=st.integers(2, 30),
    n_classes=st.integers(2, 5),
    seed=st.integers(0, 2**16),
    certain=st.booleans(),
    temperature=st.sampled_from([1e-6, 0.01, 0.05, 1.0, 1e9]),
)


def density(P, temperature):
    """Row by row, with the largest exponent taken out of the sums."""
    Z = [p / math.sqrt(p @ p) for p in P]
    total = 0.0
    for i, z in enumerate(Z):
        exponents = [z @ other / temperature for j, other in enumerate(Z) if j != i]
        weights = [math.exp(e - max(exponents)) for e in exponents]
        q = [w / sum(weights) for w in weights]
        total -= sum(p * math.log(p) for p in q if p > 0)
    return total / len(P)


@problems
def test_it_is_the_mean_entropy_of_the_softmax_of_the_similarities(
    draw_proba, n, n_classes, seed, certain, temperature
):
    P = draw_proba(n, n_classes, seed, certain)
    # Rounding of a similarity, over the temperature, is what an exponent is exact to.
    tolerance = 1e-10 + 1e-14 / temperature
    found = soft_neighborhood_density(P, temperature=temperature)
    assert found == pytest.approx(density(P, temperature), abs=tolerance)


@problems
def test_it_lies_between_zero_and_log_of_the_other_rows(
    draw_proba, n, n_classes, seed, certain, temperature
):
    P = draw_proba(n, n_classes, seed, certain)
    assert 0 <= soft_neighborhood_density(P, temperature=temperature) <= math.log(n - 1) + 1e-12
    alike = np.repeat(P[:1], n, axis=0)
    assert soft_neighborhood_density(alike, temperature=temperature) == pytest.approx(
        math.log(n - 1), abs=1e-9
    )


def test_a_problem_solved_by_hand():
    """Two equal rows and one at a right angle to them, with exp(1/T) = 3."""
    P, T = [[1, 0], [1, 0], [0, 1]], 1 / math.log(3)
    entropy_of_quarters = math.log(4) - 0.75 * math.log(3)
    expected = (2 * entropy_of_quarters + math.log(2)) / 3
    assert soft_neighborhood_density(P, temperature=T) == pytest.approx(expected, rel=1e-12)


def test_clusters_at_a_low_temperature_have_the_log_of_the_rows_neighbours():
    """3, 4 and 5 certain rows a class: log 2, log 3 and log 4."""
    P = np.eye(3)[np.repeat([0, 1, 2], [3, 4, 5])]
    expected = (3 * math.log(2) + 4 * math.log(3) + 5 * math.log(4)) / 12
    assert soft_neighborhood_density(P, temperature=1e-3) == pytest.approx(expected, rel=1e-12)


def test_the_working_memory_does_not_matter(draw_proba, monkeypatch):
    P = draw_proba(700, 3)
    whole = soft_neighborhood_density(P)
    sizes = []
    module = inspect.unwrap(soft_neighborhood_density).__globals__
    entropies = module["_entropies"]
    monkeypatch.setitem(
        module, "_entropies", lambda Z, rows, T: sizes.append(rows) or entropies(Z, rows, T)
    )
    with config_context(working_memory=0.1):
        assert soft_neighborhood_density(P) == pytest.approx(whole, rel=1e-12)
    assert len(sizes) > 70
    assert all(16 * 700 * (rows.stop - rows.start) <= 0.1 * 2**20 for rows in sizes)


def test_one_row_is_told_to_have_no_neighbours():
    with pytest.raises(
        ValueError, match=r"of 1 target row is not defined: .* pass at least 2 rows"
    ):
        soft_neighborhood_density([[0.5, 0.5]])


@pytest.mark.parametrize("temperature", [0, -1, 1e-7, "low"])
def test_a_bad_temperature_is_named(temperature):
    with pytest.raises(ValueError, match="The 'temperature' parameter of soft_neighborhood_dens"):
        soft_neighborhood_density(np.eye(2), temperature=temperature)
