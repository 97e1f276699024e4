"""Geodesic flow kernel: the integral over the path between two subspaces, in closed form."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad_vec
from scipy.linalg import expm, subspace_angles, svd
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import SVC

from skdomain import NoTargetWarning
from skdomain.alignment import GFK, gfk_factor
from skdomain.alignment._gfk import _flow_integrals
from skdomain.compose import PerDomain
from skdomain.datasets import load_coil20, load_office_caltech10

GOLDEN = Path(__file__).parents[1] / "golden" / "subspace_bases.json"
TASKS = json.loads(GOLDEN.read_text())["tasks"]

shapes = given(n_features=st.integers(2, 9), share=st.floats(0.1, 1), seed=st.integers(0, 2**16))


def draw_bases(n_features, k, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(np.linalg.qr(rng.normal(size=(n_features, k)))[0] for _ in range(2))


def dimension(n_features, share):
    return max(1, int(share * n_features))


def kernel_of(Ps, Pt):
    L, _ = gfk_factor(Ps, Pt)
    return L @ L.T


def geodesic(Ps, Pt):
    """Phi(t) by the logarithm and the exponential of the Grassmann manifold."""
    normal = Pt - Ps @ (Ps.T @ Pt)
    Q, tangents, Rt = svd(normal @ np.linalg.inv(Ps.T @ Pt), full_matrices=False)
    velocity = Q * np.arctan(tangents) @ Rt
    turn = velocity @ Ps.T - Ps @ velocity.T
    return lambda t: expm(t * turn) @ Ps


# -- The kernel ---------------------------------------------------------------------------------


@shapes
def test_kernel_is_the_integral_of_the_flow(n_features, share, seed):
    """G = integral of Phi(t) Phi(t)' dt, by adaptive quadrature along the exponential map."""
    Ps, Pt = draw_bases(n_features, dimension(n_features, share), seed)
    flow = geodesic(Ps, Pt)
    assert_allclose(subspace_angles(flow(1), Pt), 0, atol=1e-6)
    integral, _ = quad_vec(lambda t: flow(t) @ flow(t).T, 0, 1, epsabs=1e-11, epsrel=1e-11)
    assert_allclose(kernel_of(Ps, Pt), integral, atol=1e-8)


@shapes
def test_kernel_averages_projectors(n_features, share, seed):
    """A mean of projectors onto k dimensions: eigenvalues in [0, 1] that sum to k."""
    k = dimension(n_features, share)
    G = kernel_of(*draw_bases(n_features, k, seed))
    eigenvalues = np.linalg.eigvalsh(G)
    assert_allclose(G, G.T, atol=1e-14)
    assert eigenvalues.min() > -1e-12
    assert eigenvalues.max() < 1 + 1e-12
    assert np.trace(G) == pytest.approx(k)


@shapes
def test_way_back_gives_the_same_kernel(n_features, share, seed):
    """Phi runs backwards, its integral stays."""
    Ps, Pt = draw_bases(n_features, dimension(n_features, share), seed)
    assert_allclose(kernel_of(Pt, Ps), kernel_of(Ps, Pt), atol=1e-10)


@shapes
def test_factor_belongs_to_the_subspaces(n_features, share, seed):
    """L does not see which basis of the target is given, and turns with that of the source."""
    k = dimension(n_features, share)
    Ps, Pt = draw_bases(n_features, k, seed)
    R = np.linalg.qr(np.random.default_rng(seed).normal(size=(k, k)))[0]
    L, angles = gfk_factor(Ps, Pt)
    assert_allclose(gfk_factor(Ps, Pt @ R)[0], L, atol=1e-9)
    turned, same_angles = gfk_factor(Ps @ R, Pt)
    assert_allclose(turned, np.hstack([L[:, :k] @ R, L[:, k:] @ R]), atol=1e-9)
    assert_allclose(same_angles, angles, atol=1e-9)


@shapes
def test_angles_are_the_principal_angles(n_features, share, seed):
    Ps, Pt = draw_bases(n_features, dimension(n_features, share), seed)
    assert_allclose(gfk_factor(Ps, Pt)[1], subspace_angles(Ps, Pt)[::-1], atol=1e-7)


def test_equal_subspaces_give_their_projector():
    Ps, _ = draw_bases(7, 3)
    R = ortho_group.rvs(3, random_state=0)
    L, angles = gfk_factor(Ps, Ps @ R)
    assert_allclose(L, np.hstack([Ps, np.zeros_like(Ps)]), atol=1e-14)
    assert_allclose(angles, 0, atol=1e-14)


def test_axis_turned_by_45_degrees_by_hand():
    """G = integral of (cos, sin)(cos, sin)' over the angles 0 to pi/4, over pi/4."""
    G = kernel_of([[1.0], [0.0]], [[np.sqrt(0.5)], [np.sqrt(0.5)]])
    assert_allclose(G, [[0.5 + 1 / np.pi, 1 / np.pi], [1 / np.pi, 0.5 - 1 / np.pi]])


@pytest.mark.parametrize("angle", [0, 1e-100, 1e-12, 1e-8, 1e-5, 0.00999, 0.01001, 0.1, 1.5])
def test_kernel_is_accurate_at_any_angle(angle):
    end = np.array([[np.cos(angle)], [np.sin(angle)]])
    L, found = gfk_factor([[1.0], [0.0]], end)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    t = (nodes + 1) / 2 * angle
    flow = np.array([np.cos(t), np.sin(t)])
    expected = flow * weights / 2 @ flow.T
    assert_allclose(L @ L.T, expected, rtol=1e-9, atol=1e-25)
    assert_allclose(found, angle, rtol=1e-12)


def test_series_for_small_angles_meets_the_formula():
    below, above = _flow_integrals(np.array([0.01 - 1e-12, 0.01]))[2]
    assert below == pytest.approx(above, rel=1e-11)
    assert _flow_integrals(np.zeros(1)) == (1, 0.5, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("Ps", "Pt", "text"),
    [
        (np.eye(3)[:, :1], np.eye(3)[:, :2], r"Ps has shape \(3, 1\) and Pt has \(3, 2\); pass"),
        (np.eye(3), 2 * np.eye(3), "the columns of Pt are not orthonormal; pass a basis"),
        (np.full((3, 1), np.nan), np.eye(3)[:, :1], "Input Ps contains NaN"),
    ],
)
def test_what_is_no_pair_of_bases_is_an_error(Ps, Pt, text):
    with pytest.raises(ValueError, match=text):
        gfk_factor(Ps, Pt)


# -- The transformer ----------------------------------------------------------------------------


def test_inner_products_of_the_transformed_rows_are_the_kernel(make_domains):
    X, _, d = make_domains(n_features=6)
    gfk = GFK(2).fit(X, sample_domain=d)
    axes = [PCA(2).fit(rows).components_.T for rows in (X[d > 0], X[d < 0])]
    Z, expected = gfk.transform(X), X @ kernel_of(*axes) @ X.T
    assert Z.shape == (len(X), 4)
    assert_allclose(Z @ Z.T, expected, atol=1e-10)
    assert_allclose(gfk.kernel(X), expected, atol=1e-10)
    assert_allclose(gfk.kernel(X[:3], X[3:]), expected[:3, 3:], atol=1e-10)
    assert_allclose(gfk.principal_angles_, subspace_angles(*axes)[::-1], atol=1e-10)


def test_kernel_serves_a_support_vector_machine(make_domains):
    X, y, d = make_domains(n_features=6)
    gfk, source = GFK(2).fit(X, sample_domain=d), d > 0
    Z = gfk.transform(X)
    machine = SVC(kernel=gfk.kernel).fit(X[source], y[source])
    linear = SVC(kernel="linear").fit(Z[source], y[source])
    assert_allclose(machine.decision_function(X), linear.decision_function(Z), atol=1e-8)


def test_kernel_turns_with_the_features(make_domains):
    X, _, d = make_domains(n_features=6)
    R = ortho_group.rvs(6, random_state=0)
    here, there = GFK(2).fit(X, sample_domain=d), GFK(2).fit(X @ R, sample_domain=d)
    assert_allclose(there.kernel(X @ R), here.kernel(X), atol=1e-10)


def test_equal_domains_give_the_projection_onto_their_axes(make_domains):
    X = make_domains(n_features=6)[0]
    gfk = GFK(2).fit(np.tile(X, (2, 1)), sample_domain=np.repeat([1, -2], len(X)))
    P = PCA(2).fit(X).components_
    assert_allclose(gfk.kernel(X), X @ P.T @ P @ X.T, atol=1e-10)
    assert_allclose(gfk.components_[2:], 0, atol=1e-12)


def test_without_target_the_kernel_is_that_of_pca(make_domains):
    X = make_domains(n_features=6)[0]
    with pytest.warns(NoTargetWarning):
        gfk = GFK(2).fit(X)
    P = PCA(2).fit(X).components_
    assert_allclose(gfk.kernel(X), X @ P.T @ P @ X.T, atol=1e-10)


def test_several_domains_are_pooled(make_domains):
    X, _, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 3)
    expected = GFK(1).fit_transform(X, sample_domain=d)
    assert_array_equal(GFK(1).fit_transform(X, sample_domain=several), expected)


def test_dimension_may_exceed_half_of_the_features(make_domains):
    """All of the space is its own geodesic: G = I."""
    X, _, d = make_domains()
    assert_allclose(GFK(4).fit(X, sample_domain=d).kernel(np.eye(4)), np.eye(4), atol=1e-12)


def test_rank_bounds_the_dimension_with_a_warning(make_domains):
    X, _, d = make_domains(n_source=4, n_features=6)
    with pytest.warns(UserWarning, match="n_components=5 is more than the rank 3 .*Lower n_comp"):
        gfk = GFK(5).fit(X, sample_domain=d)
    assert (gfk.n_components_, gfk.transform(X).shape[1]) == (3, 6)


# -- The dimension ------------------------------------------------------------------------------


def disagreement(X, d, k):
    """D(k) by SciPy's angles between the first k axes of PCA."""
    source, target, joint = (PCA(k).fit(rows).components_.T for rows in (X[d > 0], X[d < 0], X))
    return np.mean([np.sin(subspace_angles(P, joint)[0]) for P in (source, target)])


@given(seed=st.integers(0, 2**16))
def test_auto_takes_the_first_dimension_of_largest_disagreement(seed):
    rng = np.random.default_rng(seed)
    X, d = rng.normal(size=(60, 16)) * np.geomspace(3, 1, 16), np.repeat([1, -2], 30)
    values = [disagreement(X, d, k) for k in range(1, 9)]
    expected = next((k for k, value in enumerate(values, 1) if value >= 0.99), 8)
    assert GFK().fit(X, sample_domain=d).n_components_ == expected


def test_auto_by_hand():
    """Both domains vary along the first axis most, and together along the offset between them."""
    rows = np.vstack([np.diag([3.0, 2, 1, 0, 0, 0]), -np.diag([3.0, 2, 1, 0, 0, 0])])
    offset = np.array([0, 0, 0, 0, 0, 20.0])
    d = np.repeat([1, -2], len(rows))
    apart = GFK().fit(np.vstack([rows, rows + offset]), sample_domain=d)
    together = GFK().fit(np.vstack([rows, rows]), sample_domain=d)
    assert (apart.n_components_, together.n_components_) == (1, 3)


def test_auto_takes_half_of_the_features_where_the_domains_agree(make_domains):
    X = make_domains(n_features=7)[0]
    gfk = GFK().fit(np.tile(X, (2, 1)), sample_domain=np.repeat([1, -2], len(X)))
    assert gfk.n_components_ == 3
    one = GFK().fit(np.tile(X[:, :1], (2, 1)), sample_domain=np.repeat([1, -2], len(X)))
    assert one.n_components_ == 1


# -- The authors' program -----------------------------------------------------------------------


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
def test_kernel_and_labels_are_those_of_the_authors(name):
    X, task = load_rows(name)
    golden, source = TASKS[name]["gfk"], task.sample_domain > 0
    gfk = GFK(golden["n_components"]).fit(X, sample_domain=task.sample_domain)
    L = gfk.components_
    assert_allclose(np.cos(gfk.principal_angles_), golden["cosines"], atol=1e-9)
    assert np.sum(L**2) == pytest.approx(golden["trace"], rel=1e-9)
    assert np.linalg.norm(L @ L.T) == pytest.approx(golden["norm"], rel=1e-9)
    K = gfk.kernel(X[~source][:5], X[source][:5])
    assert_allclose(K, np.reshape(golden["kernel"], (5, 5)), rtol=0, atol=1e-9 * np.abs(K).max())
    Z = gfk.transform(X)
    predicted = KNeighborsClassifier(1).fit(Z[source], task.y[source]).predict(Z[~source])
    differ = sum(chr(96 + a) != b for a, b in zip(predicted, golden["labels"], strict=True))
    assert differ <= 1
    accuracy = np.mean(predicted == task.y[~source])
    assert accuracy == pytest.approx(golden["accuracy"], abs=1.01 / len(predicted))


def test_rows_whose_mean_overflows_are_an_error_that_says_so(make_domains):
    X, _, d = make_domains()
    text = "the source rows are so large that their mean overflows; divide the features"
    with pytest.raises(ValueError, match=text):
        GFK(2).fit(np.abs(np.tanh(X)) * 1e308, sample_domain=d)
