"""The generators' truth: densities, moments and maps, with standard errors as tolerance."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from skdomain.datasets import (
    make_covariate_shift,
    make_gradual_shift,
    make_label_shift,
    make_regression_shift,
    make_rotated_moons,
    make_subspace_shift,
)

GENERATORS = [  # of two domains
    make_covariate_shift,
    make_label_shift,
    make_regression_shift,
    make_rotated_moons,
    make_subspace_shift,
]
N = 20_000

every_generator = pytest.mark.parametrize("make", GENERATORS)


def halves(problem, values=None):
    """Split an array of all rows (X by default) into source and target."""
    values = problem.X if values is None else values
    source = problem.sample_domain > 0
    return values[source], values[~source]


def assert_same_mean(a, b, n_errors=5.0):
    """Two samples agree in every column's mean, within standard errors of the difference."""
    a, b = (v.reshape(len(v), -1).astype(float) for v in (a, b))
    error = np.sqrt(a.var(axis=0) / len(a) + b.var(axis=0) / len(b))
    np.testing.assert_array_less(np.abs(a.mean(axis=0) - b.mean(axis=0)), n_errors * error + 1e-12)


def with_products(Z):
    """Append all products of two columns, so that equal means mean equal covariances."""
    return np.hstack([Z, (Z[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)])


@every_generator
@settings(max_examples=25, deadline=None)
@given(n_source=st.integers(1, 30), n_target=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_rows_are_source_first_and_the_seed_decides(make, n_source, n_target, seed):
    problem = make(n_source, n_target, random_state=seed)
    n = n_source + n_target
    assert problem.X.dtype == np.float64
    assert problem.X.shape == (n, 10 if make is make_subspace_shift else 2)
    assert problem.y.shape == (n,)
    assert set(problem.y) <= {0, 1} or make is make_regression_shift
    assert problem.sample_domain.tolist() == [1] * n_source + [-2] * n_target
    again = make(n_source, n_target, random_state=np.random.RandomState(seed))
    assert list(again) == list(problem)
    for key in problem:
        np.testing.assert_array_equal(problem[key], again[key])


@every_generator
def test_another_seed_is_another_problem(make):
    assert not np.allclose(make(random_state=0).X, make(random_state=1).X)


@every_generator
def test_docstring_names_every_parameter_and_field(make):
    for name in [*inspect.signature(make).parameters, *make(5, 5, random_state=0)]:
        assert name in make.__doc__


@every_generator
@pytest.mark.parametrize("bad", [{"n_source": 0}, {"n_target": 1.5}, {"random_state": "seed"}])
def test_bad_parameter_is_named(make, bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {make.__name__}"):
        make(**bad)


@pytest.mark.parametrize(
    ("make", "bad"),
    [
        (make_covariate_shift, {"scale": 0.0}),
        (make_covariate_shift, {"noise": 0.6}),
        (make_covariate_shift, {"shift": np.inf}),
        (make_label_shift, {"class_sep": -1.0}),
        (make_label_shift, {"source_priors": 1.0}),
        (make_subspace_shift, {"scale": -1.0}),
        (make_rotated_moons, {"noise": -0.1}),
        (make_gradual_shift, {"n_bridges": -1}),
        (make_gradual_shift, {"n_bridge": 0}),
        (make_gradual_shift, {"noise": -0.1}),
        (make_gradual_shift, {"random_state": "seed"}),
        (make_regression_shift, {"kind": "rotation"}),
        (make_regression_shift, {"noise": -0.1}),
    ],
)
def test_bad_value_is_named(make, bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {make.__name__}"):
        make(**bad)


# --- covariate shift


@settings(max_examples=50, deadline=None)
@given(
    d=st.integers(1, 6),
    shift=st.floats(-3, 3),
    scale=st.floats(0.3, 3),
    seed=st.integers(0, 1000),
)
def test_density_ratio_is_that_of_the_densities(d, shift, scale, seed):
    problem = make_covariate_shift(
        20, 10, n_features=d, shift=shift, scale=scale, random_state=seed
    )
    mean = np.r_[shift, np.zeros(d - 1)]
    target = multivariate_normal(mean, scale**2 * np.eye(d)).logpdf(problem.X)
    source = multivariate_normal(np.zeros(d), np.eye(d)).logpdf(problem.X)
    np.testing.assert_allclose(problem.log_density_ratio, target - source, atol=1e-8)
    np.testing.assert_allclose(problem.density_ratio, np.exp(problem.log_density_ratio))


def test_domains_without_shift_have_ratio_one():
    problem = make_covariate_shift(shift=0.0, scale=1.0, random_state=0)
    np.testing.assert_array_equal(problem.density_ratio, 1.0)


def test_log_ratio_is_finite_where_the_ratio_is_not():
    problem = make_covariate_shift(shift=100.0, random_state=0)
    assert np.isinf(problem.density_ratio).any()
    assert np.isfinite(problem.log_density_ratio).all()


def test_density_ratio_has_mean_one_under_the_source():
    # E_s[p_t / p_s] = integral of p_t = 1
    problem = make_covariate_shift(N, shift=0.7, scale=0.8, random_state=0)
    ratio, _ = halves(problem, problem.density_ratio)
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(N)


def test_weighted_source_has_the_moments_of_the_target():
    # E_s[r(x) f(x)] = E_t[f(x)] for f = x, x x', y
    problem = make_covariate_shift(N, N, n_features=3, shift=0.7, scale=0.8, random_state=0)
    f = np.column_stack([with_products(problem.X), problem.y])
    source, target = halves(problem, f)
    ratio, _ = halves(problem, problem.density_ratio)
    assert_same_mean(ratio[:, None] * source, target)
    with pytest.raises(AssertionError):
        assert_same_mean(source, target)


def test_mean_log_ratio_is_the_divergence_of_each_domain():
    # KL(N(m, I) || N(0, I)) = m^2 / 2 = KL(N(0, I) || N(m, I)), with opposite signs
    problem = make_covariate_shift(N, N, shift=1.5, random_state=0)
    source, target = halves(problem, problem.log_density_ratio)
    error = 4 * 1.5 / np.sqrt(N)
    np.testing.assert_allclose(source.mean(), -(1.5**2) / 2, atol=error)
    np.testing.assert_allclose(target.mean(), 1.5**2 / 2, atol=error)


def test_labels_follow_one_rule_in_both_domains():
    problem = make_covariate_shift(N, N, shift=1.0, noise=0.2, random_state=0)
    for residual in halves(problem, problem.y - problem.y_proba):
        assert abs(residual.mean()) < 4 * 0.4 / np.sqrt(N)
    clean = make_covariate_shift(50, 50, shift=1.0, noise=0.0, random_state=0)
    np.testing.assert_array_equal(clean.y, clean.y_proba)
    outside = np.abs(clean.X[:, 0]) > 0.674489750196
    np.testing.assert_array_equal(clean.y, outside)


def test_classes_of_the_source_are_balanced():
    problem = make_covariate_shift(N, noise=0.0, random_state=0)
    source, _ = halves(problem, problem.y)
    assert abs(source.mean() - 0.5) < 4 * 0.5 / np.sqrt(N)


# --- subspace shift


@settings(max_examples=25, deadline=None)
@given(d=st.integers(2, 12), shift=st.floats(0, 10), data=st.data())
def test_components_are_orthonormal_and_blind_to_the_shift(d, shift, data):
    k = data.draw(st.integers(1, d - 1))
    problem = make_subspace_shift(
        4, 4, n_features=d, n_components=k, shift=shift, random_state=data.draw(st.integers(0, 99))
    )
    A = problem.components
    np.testing.assert_allclose(A @ A.T, np.eye(k), atol=1e-12)
    np.testing.assert_allclose(A @ problem.mean_shift, 0.0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(problem.mean_shift), shift, atol=1e-12)


def test_projection_has_one_law_in_both_domains():
    problem = make_subspace_shift(N, N, random_state=0)
    source, target = halves(problem, problem.X @ problem.components.T)
    assert_same_mean(with_products(source), with_products(target))
    for label in (0, 1):
        assert_same_mean(
            source[halves(problem, problem.y)[0] == label],
            target[halves(problem, problem.y)[1] == label],
        )


def test_shift_and_scale_lie_outside_the_subspace():
    problem = make_subspace_shift(N, N, shift=3.0, scale=2.0, random_state=0)
    A = problem.components
    source, target = halves(problem, problem.X - problem.X @ A.T @ A)
    assert_same_mean(source + problem.mean_shift, target)
    with pytest.raises(AssertionError):
        assert_same_mean(source, target)
    # 8 directions of variance 1 in the source, 4 in the target
    np.testing.assert_allclose(source.var(axis=0).sum(), 8, rtol=0.03)
    np.testing.assert_allclose(target.var(axis=0).sum(), 32, rtol=0.03)


def test_labels_depend_on_the_subspace_alone():
    problem = make_subspace_shift(N, 1, class_sep=2.0, random_state=0)
    A = problem.components
    (X, _), (y, _) = halves(problem), halves(problem, problem.y)
    outside = X - X @ A.T @ A
    assert_same_mean(outside[y == 0], outside[y == 1])
    gap = (X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)) @ A.T
    np.testing.assert_allclose(gap, 2.0 / np.sqrt(2), atol=5 * 2 / np.sqrt(N))


@pytest.mark.parametrize("k", [10, 11])
def test_subspace_that_leaves_no_room_for_the_shift_is_refused(k):
    with pytest.raises(ValueError, match=f"n_components={k} must be less than n_features=10"):
        make_subspace_shift(n_components=k)


# --- label shift


def test_class_weights_turn_source_priors_into_target_priors():
    problem = make_label_shift(
        source_priors=[0.2, 0.3, 0.5], target_priors=[0.6, 0.4, 0.0], random_state=0
    )
    np.testing.assert_allclose(problem.class_weights, [3.0, 4 / 3, 0.0])
    np.testing.assert_allclose(
        problem.class_weights * problem.class_priors[0], problem.class_priors[1]
    )


def test_labels_are_drawn_from_the_priors():
    problem = make_label_shift(
        N, N, source_priors=[0.2, 0.3, 0.5], target_priors=[0.5, 0.1, 0.4], random_state=0
    )
    for y, p in zip(halves(problem, problem.y), problem.class_priors, strict=True):
        frequency = np.bincount(y) / N
        np.testing.assert_array_less(np.abs(frequency - p), 4 * np.sqrt(p * (1 - p) / N))


def test_classes_have_one_law_in_both_domains():
    problem = make_label_shift(N, N, random_state=0)
    (Xs, Xt), (ys, yt) = halves(problem), halves(problem, problem.y)
    for label, mean in enumerate(problem.class_means):
        a, b = Xs[ys == label], Xt[yt == label]
        assert_same_mean(with_products(a), with_products(b))
        np.testing.assert_allclose(a.mean(axis=0), mean, atol=5 / np.sqrt(len(a)))


def test_source_weighted_by_class_has_the_mean_of_the_target():
    problem = make_label_shift(N, N, random_state=0)
    (Xs, Xt), (ys, _) = halves(problem), halves(problem, problem.y)
    assert_same_mean(problem.class_weights[ys][:, None] * Xs, Xt)
    with pytest.raises(AssertionError):
        assert_same_mean(Xs, Xt)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ([0.5, 0.5], [0.2, 0.3, 0.5], r"one length .* got shapes \(2,\) and \(3,\)"),
        ([[0.5, 0.5]], [[0.5, 0.5]], "two vectors"),
        ([0.5, 0.6], [0.5, 0.5], r"source_priors must be .* sum 1; got \[0.5, 0.6\]"),
        ([0.5, 0.5], [-0.5, 1.5], "target_priors must be"),
        ([0.5, 0.5], [np.nan, 1.0], "target_priors must be"),
        ([0.0, 1.0], [0.5, 0.5], "source_priors must be positive"),
    ],
)
def test_priors_must_be_probabilities(source, target, message):
    with pytest.raises(ValueError, match=message):
        make_label_shift(source_priors=source, target_priors=target)


def test_priors_of_rounded_thirds_are_accepted():
    third = 0.33333334
    problem = make_label_shift(source_priors=[third] * 3, target_priors=[third] * 3)
    np.testing.assert_allclose(problem.class_priors, 1 / 3)


# --- gradual shift


def test_without_bridges_a_gradual_shift_is_the_rotated_moons():
    gradual = make_gradual_shift(20, 30, n_bridges=0, angle=50.0, random_state=0)
    moons = make_rotated_moons(20, 30, angle=50.0, random_state=0)
    for key in ("X", "y", "sample_domain"):
        np.testing.assert_array_equal(gradual[key], moons[key])


def test_every_domain_is_the_moons_turned_by_its_angle():
    upright, turned = (
        make_gradual_shift(5, 7, n_bridges=3, n_bridge=6, angle=angle, random_state=0)
        for angle in (0.0, 80.0)
    )
    np.testing.assert_array_equal(turned.angles, [0, 20, 40, 60, 80])
    np.testing.assert_array_equal(turned.y, upright.y)
    for number, angle in zip([1, -2, -3, -4, -5], turned.angles, strict=True):
        rows = turned.sample_domain == number
        as_complex = upright.X[rows] @ [1, 1j] * np.exp(1j * np.deg2rad(angle))
        np.testing.assert_allclose(turned.X[rows] @ [1, 1j], as_complex, atol=1e-12)
    assert [np.count_nonzero(turned.sample_domain == k) for k in (1, -2, -5)] == [5, 6, 7]


# --- rotated moons


@settings(max_examples=25, deadline=None)
@given(angle=st.floats(-720, 720))
def test_rotation_is_undone_by_its_transpose(angle):
    upright = make_rotated_moons(20, 30, angle=0.0, random_state=0)
    turned = make_rotated_moons(20, 30, angle=angle, random_state=0)
    R = turned.rotation
    np.testing.assert_allclose(R @ R.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(R), 1.0)
    source, target = halves(turned)
    np.testing.assert_array_equal(source, upright.X[:20])
    np.testing.assert_allclose(target @ R, upright.X[20:], atol=1e-12)


def test_quarter_turn_is_counterclockwise():
    upright = make_rotated_moons(angle=0.0, random_state=0).X[200:]
    turned = make_rotated_moons(angle=90.0, random_state=0).X[200:]
    np.testing.assert_allclose(turned, np.column_stack([-upright[:, 1], upright[:, 0]]))


def test_source_and_upright_target_have_one_law_around_zero():
    problem = make_rotated_moons(N, N, angle=40.0, random_state=0)
    source, target = halves(problem)
    assert_same_mean(with_products(source), with_products(target @ problem.rotation))
    np.testing.assert_allclose(source.mean(axis=0), 0.0, atol=5 / np.sqrt(N))
