"""A constant added to all features is added to what is mapped, and changes nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.compose import SourceOnly

MAPS = {"CORAL": CORAL(), "CORAL, no ridge": CORAL(reg=0), "LinearMonge": LinearMonge(0.1)}
PROJECTIONS = {
    "SubspaceAlignment": SubspaceAlignment(2),
    "SubspaceAlignment auto": SubspaceAlignment("auto"),
    "GFK": GFK(2),
    "GFK auto": GFK(),
}
problems = given(
    n_source=st.integers(6, 20),
    n_target=st.integers(6, 20),
    offset=st.sampled_from([-3.0, 100.0, 1e5]),
    seed=st.integers(0, 2**16),
)


@pytest.mark.parametrize("n_features", [4, 60])
@pytest.mark.parametrize("name", MAPS)
@problems
def test_a_constant_is_added_to_the_mapped_rows(
    name, n_features, make_domains, n_source, n_target, offset, seed
):
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    moves = offset * (1 + np.arange(n_features))
    here = clone(MAPS[name]).fit_transform(X, sample_domain=d)
    there = clone(MAPS[name]).fit_transform(X + moves, sample_domain=d)
    rounding = 1e-9 * np.abs(here).max() * max(1, np.abs(moves).max() / 1e2)
    assert_allclose(there - moves, here, rtol=0, atol=rounding)


@pytest.mark.parametrize("name", PROJECTIONS)
@problems
def test_a_constant_leaves_the_distances_of_projected_rows(
    name, make_domains, n_source, n_target, offset, seed
):
    """Within the domains and across them."""
    X, _, d = make_domains(n_source, n_target, seed=seed)
    here, there = (
        clone(PROJECTIONS[name]).fit_transform(rows, sample_domain=d)
        for rows in (X, X + offset * np.arange(1, 5))
    )
    assert_allclose(cdist(there, there), cdist(here, here), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", [*MAPS, *PROJECTIONS])
@pytest.mark.parametrize("offset", [100, 1e5])
def test_an_offset_costs_no_accuracy(name, offset, make_domains):
    X, y, d = make_domains(100, 100, 6, shift=0.3)
    last = SourceOnly(LogisticRegression())
    scores = []
    for rows in (X, X + offset):
        Z = clone({**MAPS, **PROJECTIONS}[name]).fit_transform(rows, sample_domain=d)
        Z -= Z.mean(axis=0)  # of the learner, which is not translation invariant with its penalty
        scores.append(last.fit(Z, y, sample_domain=d).score(Z, y, sample_domain=d))
    assert scores[0] > 0.9
    assert scores[1] == pytest.approx(scores[0], abs=0.01)
