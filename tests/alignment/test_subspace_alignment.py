"""Subspace alignment: the closed form, what it minimises, and the rule for the dimension."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain import NoTargetWarning
from skdomain.alignment import SubspaceAlignment, subspace_alignment_map
from skdomain.compose import PerDomain
from skdomain.datasets import load_coil20, load_office_caltech10

GOLDEN = Path(__file__).parents[1] / "golden" / "subspace_bases.json"
TASKS = json.loads(GOLDEN.read_text())["tasks"]

problems = given(
    n_source=st.integers(4, 20), n_target=st.integers(4, 20), seed=st.integers(0, 2**16)
)


def draw(n_source=20, n_target=15, seed=0, n_features=5):
    rng = np.random.default_rng(seed)
    return tuple(
        rng.normal(size=(n, n_features)) @ rng.normal(size=(n_features, n_features)) + 1
        for n in (n_source, n_target)
    )


def axes(X, k=3):
    return PCA(k).fit(X).components_.T


# -- The map ------------------------------------------------------------------------------------


@problems
def test_source_goes_through_its_axes_to_those_of_the_target(n_source, n_target, seed):
    """Xs Ps Ps'Pt, up to the signs of the target's axes."""
    Xs, Xt = draw(n_source, n_target, seed)
    Ps, M, Pt = subspace_alignment_map(Xs, Xt, n_components=3)
    As, At = axes(Xs), axes(Xt)
    assert_allclose(Ps @ Ps.T, As @ As.T, atol=1e-9)
    assert_allclose(np.abs(Pt.T @ At), np.eye(3), atol=1e-8)
    assert_allclose(Xs @ Ps @ M, Xs @ As @ As.T @ Pt, atol=1e-8)


@problems
def test_alignment_minimises_the_distance_of_the_bases(n_source, n_target, seed):
    """M solves the least squares problem of |Ps M - Pt|_F."""
    Ps, M, Pt = subspace_alignment_map(*draw(n_source, n_target, seed), n_components=3)
    assert_allclose(M, np.linalg.lstsq(Ps, Pt, rcond=None)[0], atol=1e-12)
    assert_allclose(Ps.T @ (Ps @ M - Pt), 0, atol=1e-12)
    assert_allclose(Ps.T @ Ps, np.eye(3), atol=1e-12)
    assert_allclose(Pt.T @ Pt, np.eye(3), atol=1e-12)


@problems
def test_rotation_of_the_bases_leaves_the_similarities(n_source, n_target, seed):
    """(Xs Ps M)(Xt Pt)' = Xs (Ps Ps')(Pt Pt') Xt': only the projectors enter."""
    Xs, Xt = draw(n_source, n_target, seed)
    rng = np.random.default_rng(seed)
    Ps, M, Pt = subspace_alignment_map(Xs, Xt, n_components=3)
    Rs, Rt = (np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(2))
    Qs, Qt = Ps @ Rs, Pt @ Rt
    expected = Xs @ Ps @ M @ (Xt @ Pt).T
    assert_allclose(Xs @ Qs @ (Qs.T @ Qt) @ (Xt @ Qt).T, expected, atol=1e-8)


def test_two_axes_by_hand():
    """The source varies along (1, 0), the target along (3, 4) / 5: the cosine is 0.6."""
    Xs, Xt = [[-1.0, 0.0], [1.0, 0.0]], [[-3.0, -4.0], [3.0, 4.0]]
    model = SubspaceAlignment(1).fit(Xs + Xt, sample_domain=[1, 1, -2, -2])
    Z = model.transform(Xs + Xt, sample_domain=[1, 1, -2, -2])
    assert_allclose(Z, [[-0.6], [0.6], [-5], [5]])
    assert_allclose(model.transform([[1.0, 0.0], [4.0, -3.0]]), [[0.6], [0]], atol=1e-15)
    assert_allclose(model.transform([[0.0, 1.0]], sample_domain=[1]), [[0]], atol=1e-15)


def test_without_centring_rows_are_projected_as_they_are(make_domains):
    """Axes are those of centred rows, coordinates keep the mean."""
    X, _, d = make_domains()
    model = SubspaceAlignment(2, center=False).fit(X, sample_domain=d)
    moved = model.transform(X + 1, sample_domain=d) - model.transform(X, sample_domain=d)
    ones = model.transform(np.ones((2, 4)), sample_domain=[1, -2])
    assert_allclose(moved, np.where(d[:, None] > 0, *ones), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((np.eye(3), np.eye(3, 2)), "Xs has 3 columns and Xt has 2; pass the same features"),
        ((np.eye(3), np.ones((3, 3))), "the target rows are all equal up to rounding"),
        ((np.eye(3) * np.nan, np.eye(3)), "Input X of the source contains NaN"),
    ],
)
def test_domains_that_do_not_go_together_are_errors(arguments, text):
    with pytest.raises(ValueError, match=text):
        subspace_alignment_map(*arguments, n_components=1)


# -- The transformer ----------------------------------------------------------------------------


def test_class_is_the_function(make_domains):
    X, _, d = make_domains(n_features=6)
    Ps, M, Pt = subspace_alignment_map(X[d > 0], X[d < 0], n_components=3)
    model = SubspaceAlignment(3).fit(X, sample_domain=d)
    Z, rows = model.transform(X, sample_domain=d), X - X.mean(axis=0)
    assert_allclose(Z[d > 0], rows[d > 0] @ Ps @ M, atol=1e-12)
    assert_allclose(Z[d < 0], rows[d < 0] @ Pt, atol=1e-12)
    assert_allclose(model.mean_, X.mean(axis=0), atol=1e-12)
    assert_allclose(model.alignment_, M, atol=1e-12)
    assert_allclose(model.source_components_, Ps.T, atol=1e-12)
    assert_allclose(model.target_components_, Pt.T, atol=1e-12)


def test_the_difference_of_the_means_stays(make_domains):
    """Along all axes of both domains nothing is lost but the origin."""
    X, _, d = make_domains()
    Z = SubspaceAlignment(4).fit_transform(X, sample_domain=d)
    difference = X[d > 0].mean(axis=0) - X[d < 0].mean(axis=0)
    found = Z[d > 0].mean(axis=0) - Z[d < 0].mean(axis=0)
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(difference))
    assert np.linalg.norm(difference) > 0.5


def test_embedding_turns_with_the_features(make_domains):
    """Of rotated features the same coordinates, up to the signs of the axes."""
    X, _, d = make_domains(n_features=6)
    R = ortho_group.rvs(6, random_state=0)
    here = SubspaceAlignment(3).fit_transform(X, sample_domain=d)
    there = SubspaceAlignment(3).fit_transform(X @ R, sample_domain=d)
    assert_allclose(there @ there.T, here @ here.T, atol=1e-9)


def test_largest_entry_of_each_axis_is_positive(make_domains):
    X, _, d = make_domains(n_features=6)
    for sign in (1, -1):
        model = SubspaceAlignment(5).fit(sign * X, sample_domain=d)
        both = np.vstack([model.source_components_, model.target_components_])
        assert_allclose(both.max(axis=1), np.abs(both).max(axis=1))


def test_equal_domains_are_not_turned(make_domains):
    X = make_domains()[0]
    both, d = np.tile(X, (2, 1)), np.repeat([1, -2], len(X))
    Z = SubspaceAlignment(2).fit_transform(both, sample_domain=d)
    assert_allclose(Z[d > 0], Z[d < 0], atol=1e-12)


def test_source_and_target_have_different_parts(make_domains):
    X, _, d = make_domains()
    there, back = (SubspaceAlignment(2).fit_transform(X, sample_domain=s) for s in (d, -d))
    assert not np.allclose(np.abs(there), np.abs(back), rtol=0.1)


def test_without_target_the_coordinates_are_those_of_pca(make_domains):
    X = make_domains()[0]
    with pytest.warns(NoTargetWarning):
        model = SubspaceAlignment(2).fit(X)
    assert_allclose(np.abs(model.transform(X)), np.abs(PCA(2).fit_transform(X)), atol=1e-10)
    assert_allclose(model.alignment_, np.eye(2), atol=1e-12)


def test_several_domains_are_pooled(make_domains):
    X, _, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 3)
    expected = SubspaceAlignment(2).fit_transform(X, sample_domain=d)
    found = SubspaceAlignment(2).fit_transform(X, sample_domain=several)
    assert_array_equal(found, expected)


def test_rank_bounds_the_dimension_with_a_warning(make_domains):
    X, _, d = make_domains(n_target=3)
    with pytest.warns(UserWarning, match="n_components=4 is more than the rank 2 .*Lower n_comp"):
        model = SubspaceAlignment(4).fit(X, sample_domain=d)
    assert (model.n_components_, model.transform(X).shape[1]) == (2, 2)


# -- The dimension ------------------------------------------------------------------------------


def bound(X, d, k, deviation, delta):
    n, B = min(np.sum(d > 0), np.sum(d < 0)), np.linalg.norm(X - X.mean(axis=0), axis=1).max()
    confidence = 1 + np.sqrt(np.log(2 / delta) / 2)
    return confidence * 16 * k**1.5 * B / (deviation * np.sqrt(n))


@pytest.mark.parametrize("deviation", [1e2, 1e3, 3e3, 1e4, 1e6])
def test_auto_takes_the_largest_dimension_that_the_bound_allows(deviation, make_domains):
    X, _, d = make_domains(n_features=6)
    spectra = [np.linalg.eigvalsh(np.cov(X[s].T, bias=True))[::-1] for s in (d > 0, d < 0)]
    gaps = np.min([-np.diff(values, append=0) for values in spectra], axis=0)
    allowed = [k for k in range(1, 7) if gaps[k - 1] >= bound(X, d, k, deviation, 0.2)]
    model = SubspaceAlignment("auto", deviation=deviation, delta=0.2).fit(X, sample_domain=d)
    assert model.n_components_ == max(allowed)


def test_auto_is_sharp(make_domains):
    """One percent on either side of the deviation at which the bound meets the last gap."""
    X, _, d = make_domains(n_features=6)
    gap = min(np.linalg.eigvalsh(np.cov(X[s].T, bias=True))[0] for s in (d > 0, d < 0))
    limit = bound(X, d, 6, 1, 0.1) / gap
    above, below = (
        SubspaceAlignment("auto", deviation=limit * factor).fit(X, sample_domain=d).n_components_
        for factor in (1.01, 0.99)
    )
    assert above == 6 > below


def test_auto_keeps_one_component_where_the_bound_allows_none(make_domains):
    X, _, d = make_domains()
    with pytest.warns(UserWarning, match="no dimension meets the bound with deviation=1, so 1"):
        model = SubspaceAlignment("auto", deviation=1).fit(X, sample_domain=d)
    assert model.n_components_ == 1


@pytest.mark.parametrize("scale", [1e-150, 1e160, 1e300])
def test_auto_is_the_same_in_units_whose_squares_overflow(scale, make_domains):
    """The bound has units: with its deviation in the units of the rows it is the same."""
    X, _, d = make_domains(n_features=6)
    here, there = (
        SubspaceAlignment("auto", deviation=3e3 * unit).fit(X / unit, sample_domain=d)
        for unit in (1.0, 1 / scale)
    )
    assert there.n_components_ == here.n_components_
    assert 1 < here.n_components_ < 6
    assert_allclose(there.alignment_, here.alignment_, atol=1e-12)


# -- The reference ------------------------------------------------------------------------------


def load_rows(name):
    """SURF rows over their sum and z-scored in each domain; COIL rows of unit norm."""
    load, arguments = (load_coil20, ()) if "COIL" in name else (load_office_caltech10, ("surf",))
    try:
        task = next(load(*arguments, download_if_missing=False).tasks(name))
    except OSError as error:
        pytest.skip(f"real data not at hand: {error}")
    if "COIL" in name:
        return normalize(task.X), task
    X = normalize(task.X, norm="l1")
    return PerDomain().fit_transform(X, sample_domain=task.sample_domain), task


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("center", [False, True])
def test_alignment_and_labels_are_those_of_the_reference(name, center):
    """Without centring always, with centring where each domain was standardised."""
    if center and "COIL" in name:
        pytest.skip("the reference does not centre these rows")
    X, task = load_rows(name)
    golden, source = TASKS[name]["sa"], task.sample_domain > 0
    model = SubspaceAlignment(golden["n_components"], center=center)
    Z = model.fit_transform(X, sample_domain=task.sample_domain)
    M = np.abs(model.alignment_)
    assert_allclose(M[:5, :5], np.reshape(golden["alignment"], (5, 5)), atol=1e-9)
    assert np.linalg.norm(M) == pytest.approx(golden["norm"], rel=1e-9)
    predicted = KNeighborsClassifier(1).fit(Z[source], task.y[source]).predict(Z[~source])
    differ = sum(chr(96 + a) != b for a, b in zip(predicted, golden["labels"], strict=True))
    assert differ <= 1
    accuracy = np.mean(predicted == task.y[~source])
    assert accuracy == pytest.approx(golden["accuracy"], abs=1.01 / len(predicted))
