"""CORAL: the mapped source has the covariance of the target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import sqrtm
from scipy.stats import ortho_group
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain.alignment import CORAL, coral_map
from skdomain.compose import PerDomain
from skdomain.datasets import load_office_caltech10

shapes = given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(1, 15),
    rank=st.integers(1, 15),
    reg=st.sampled_from([0.0, 1e-3, 1.0]),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, rank=99, seed=0):
    """Rows of two domains, each in a subspace of its own of at most the given rank."""
    rng = np.random.default_rng(seed)
    rank = min(rank, n_features)
    return tuple(
        rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n_features)) + rng.normal()
        for n in (n_source, n_target)
    )


def covariance(X, reg=0.0):
    return np.atleast_2d(np.cov(X.T)) + reg * np.eye(X.shape[1])


def root(C, exponent):
    """Symmetric power, of what is positive."""
    values, vectors = np.linalg.eigh(C)
    kept = values > 1e-10 * values[-1]
    return vectors[:, kept] * values[kept] ** exponent @ vectors[:, kept].T


@shapes
def test_the_map_is_that_of_the_paper_in_any_shape_and_rank(
    n_source, n_target, n_features, rank, reg, seed
):
    """A = Cs^(-1/2) Ct^(1/2), of dense matrices, pseudo-inverse where they are singular."""
    Xs, Xt = draw(n_source, n_target, n_features, rank, seed)
    A = root(covariance(Xs, reg), -0.5) @ root(covariance(Xt, reg), 0.5)
    tolerance = 1e-9 * np.abs(A).max()
    for center in (True, False):
        found = coral_map(Xs, Xt, reg=reg, center=center)
        mean = Xs.mean(axis=0) if center else 0
        assert_allclose(found.matrix(), A, rtol=0, atol=tolerance)
        assert_allclose(found.apply(Xs), mean + (Xs - mean) @ A, rtol=0, atol=30 * tolerance)


@shapes
def test_mapped_source_has_the_covariance_of_the_target(
    n_source, n_target, n_features, rank, reg, seed
):
    """A'(cov(Xs) + reg I)A = cov(Xt) + reg I."""
    Xs, Xt = draw(n_source, n_target, n_features, rank, seed)
    reg = reg or 0.1
    A = coral_map(Xs, Xt, reg=reg).matrix()
    expected = covariance(Xt, reg)
    got = A.T @ covariance(Xs, reg) @ A
    assert_allclose(got, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


def test_mapped_rows_have_the_covariance_of_the_target():
    Xs, Xt = draw(60, 50, 5)
    mapped = coral_map(Xs, Xt, reg=0).apply(Xs)
    assert_allclose(covariance(mapped), covariance(Xt), atol=1e-9)
    assert np.abs(covariance(Xs) - covariance(Xt)).max() > 1


def test_the_mean_of_the_source_stays_where_it_is(make_domains):
    X, _, d = make_domains()
    Z = CORAL().fit_transform(X + 100, sample_domain=d)
    assert_allclose(Z[d > 0].mean(axis=0), X[d > 0].mean(axis=0) + 100, rtol=1e-12)
    paper = CORAL(center=False).fit(X + 100, sample_domain=d)
    expected = (X[d > 0].mean(axis=0) + 100) @ paper.map_.matrix()
    Z = paper.transform(X + 100, sample_domain=d)
    assert_allclose(Z[d > 0].mean(axis=0), expected, rtol=1e-12)


def test_around_a_mean_of_zero_nothing_else_is_mapped_than_in_the_paper(make_domains):
    X, _, d = make_domains()
    X = PerDomain().fit_transform(X, sample_domain=d)
    Z, paper = (CORAL(center=center).fit_transform(X, sample_domain=d) for center in (True, False))
    assert_allclose(Z, paper, atol=1e-12)


def test_a_problem_solved_by_hand():
    """Variances 2 and 0.5 of the source, 8 and 2 of the target, plus a ridge of 1."""
    Xs = np.array([[1, 0], [-1, 0], [0, 0.5], [0, -0.5]]) * np.sqrt(3)
    Xt = 2 * Xs
    A = np.diag([np.sqrt(9 / 3), np.sqrt(3 / 1.5)])
    assert_allclose(coral_map(Xs, Xt, reg=1.0).matrix(), A, atol=1e-14)
    assert_allclose(coral_map(Xs, Xt, reg=0).matrix(), 2 * np.eye(2), atol=1e-14)


def test_the_map_is_the_one_of_general_matrix_functions():
    Xs, Xt = draw(30, 40, 4)
    A = np.linalg.inv(sqrtm(covariance(Xs, 1.0))) @ sqrtm(covariance(Xt, 1.0))
    assert_allclose(coral_map(Xs, Xt, reg=1.0).matrix(), A, atol=1e-10)


@pytest.mark.parametrize("reg", [0.0, 1.0])
def test_without_any_variance_in_the_source_the_map_is_finite(reg):
    Xs, Xt = np.full((3, 4), 0.1), draw(5, 5, 4)[1]
    A = coral_map(Xs, Xt, reg=reg).matrix()
    assert_allclose(A, root(covariance(Xt, 1.0), 0.5) if reg else 0, atol=1e-12)


def test_what_no_row_spans_is_left_alone_and_without_ridge_is_zero():
    Xs, Xt = draw(4, 5, 20)
    other = np.linalg.svd(np.vstack([Xs - Xs.mean(0), Xt - Xt.mean(0)]))[2][-3:]
    assert_allclose(coral_map(Xs, Xt, reg=0.5, center=False).apply(other), other, atol=1e-12)
    assert_allclose(coral_map(Xs, Xt, reg=0, center=False).apply(other), 0, atol=1e-12)
    mean = Xs.mean(axis=0)
    assert_allclose(coral_map(Xs, Xt, reg=0.5).apply(mean + other), mean + other, atol=1e-12)
    assert_allclose(coral_map(Xs, Xt, reg=0).apply(mean + other), [mean] * 3, atol=1e-12)


@pytest.mark.parametrize("n_features", [3, 40])
def test_rotating_the_features_rotates_the_map(n_features):
    """A of XQ is Q'AQ."""
    Xs, Xt = draw(12, 9, n_features)
    Q = ortho_group.rvs(n_features, random_state=0)
    rotated = coral_map(Xs @ Q, Xt @ Q).matrix()
    assert_allclose(rotated, Q.T @ coral_map(Xs, Xt).matrix() @ Q, atol=1e-10)


def test_there_and_back_again_is_where_it_began():
    """(Cs^(-1/2) Ct^(1/2))^(-1) = Ct^(-1/2) Cs^(1/2), and A is not symmetric."""
    Xs, Xt = draw(12, 9, 30)
    there, back = (coral_map(*pair, reg=1.0).matrix() for pair in ((Xs, Xt), (Xt, Xs)))
    assert_allclose(there @ back, np.eye(30), atol=1e-9)
    assert np.abs(there - there.T).max() > 0.1


# The authors' formula at lam = 1 in NumPy (np.cov, scipy's fractional matrix powers), on rows of
# SURF counts over their sums, z-scored in each domain.
GOLDEN = {
    "W->D": {
        "norm": 361.3399003191603,
        "head": [
            [-0.014201847526561853, -0.2514099590814288, -0.4956296134331299],
            [0.406794674491348, 0.029483600257511677, -0.3399650063262451],
            [-0.4288623999427753, -0.24026497739357117, -0.074836726237387],
        ],
        "accuracy": 84.07643312101911,
    },
    "C->D": {
        "norm": 853.4684496581062,
        "head": [
            [-0.8030348422105837, -0.2481235943850268, -0.11767233006762531],
            [-0.5471336763971737, -0.1640888984504831, 0.03072979401330944],
            [1.2236092768739886, -0.23066677031448446, -0.25986015481681685],
        ],
        "accuracy": 26.11464968152866,
    },
}


@pytest.mark.parametrize("name", GOLDEN)
def test_surf_rows_are_mapped_as_by_the_authors_formula(name):
    try:
        data = load_office_caltech10("surf", download_if_missing=False)
    except OSError as error:
        pytest.skip(f"real data not at hand: {error}")
    task, golden = next(data.tasks(name)), GOLDEN[name]
    d, source = task.sample_domain, task.sample_domain > 0
    X = PerDomain().fit_transform(normalize(task.X, norm="l1"), sample_domain=d)
    Z = CORAL(1.0).fit_transform(X, sample_domain=d)
    assert_allclose(np.linalg.norm(Z[source]), golden["norm"], rtol=1e-9)
    assert_allclose(Z[source][:3, :3], golden["head"], atol=1e-6)
    labels = KNeighborsClassifier(1).fit(Z[source], task.y[source]).predict(X[~source])
    assert 100 * np.mean(labels == task.y[~source]) == pytest.approx(golden["accuracy"], abs=0.65)
