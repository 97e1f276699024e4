"""Transport of rows: where they go, which stay, and what holds for rows that were not fitted."""

import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdomain.alignment import LinearMonge
from skdomain.transport import OptimalTransport as WithClasses
from skdomain.transport import barycentric_rows, sinkhorn_plan
from skdomain.transport._displacement import Displacement
from skdomain.transport._ground_cost import GroundCost

OptimalTransport = partial(WithClasses, class_reg=0)


def domains(n_source=30, n_target=30, n_features=3, seed=0, dtype=np.float64):
    """Rows of both domains, mixed, and which they are."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_source + n_target, n_features))
    d = np.repeat([1, -2], [n_source, n_target])
    X[d < 0] = 1.5 * X[d < 0] + 2
    order = rng.permutation(len(X))
    return X[order].astype(dtype), d[order]


EVERY = {
    "exact": OptimalTransport(reg=None),
    "entropic": OptimalTransport(),
    "classes": WithClasses(class_reg=0.3),
    "unbalanced": OptimalTransport(unbalanced=2.0),
    "cityblock": OptimalTransport(metric="cityblock"),
}


def fit(model, X, d, y=None):
    y = (X[:, 0] > 0).astype(int) if y is None else y
    return model.fit(X, y, sample_domain=d)


# -- Where rows go ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_equal_domains_are_left_alone(name):
    X, _ = domains()
    both, d = np.concatenate([X, X[::-1]]), np.repeat([1, -1], len(X))
    fitted = fit(EVERY[name], both, d)
    assert_allclose(fitted.mapped_, X, atol=1e-5)


@pytest.mark.parametrize("name", EVERY)
def test_target_rows_stay_and_the_source_takes_their_place(name):
    X, d = domains()
    Z = fit(EVERY[name], X, d).transform(X, sample_domain=d)
    assert_array_equal(Z[d < 0], X[d < 0])
    before = np.linalg.norm(X[d > 0].mean(axis=0) - X[d < 0].mean(axis=0))
    assert np.linalg.norm(Z[d > 0].mean(axis=0) - X[d < 0].mean(axis=0)) < 0.2 * before


@settings(max_examples=8, deadline=None)
@given(n=st.integers(2, 25), m=st.integers(2, 25), seed=st.integers(0, 1000))
def test_the_mean_of_the_source_becomes_that_of_the_target(n, m, seed):
    """Of plans with equal masses: the mean of images is ``sum_ij G_ij xt_j``, so theirs."""
    X, d = domains(n, m, seed=seed)
    for debias in (True, False):
        mapped = OptimalTransport(reg=0.3, debias=debias).fit(X, sample_domain=d).mapped_
        assert_allclose(mapped.mean(axis=0), X[d < 0].mean(axis=0), atol=1e-5)


def test_an_exact_plan_sends_each_row_to_one_place():
    X, d = domains()
    mapped = OptimalTransport(reg=None).fit(X, sample_domain=d).mapped_
    order = np.lexsort(X[d < 0].T), np.lexsort(mapped.T)
    assert_allclose(mapped[order[1]], X[d < 0][order[0]])


def test_a_translation_is_found_by_every_reg():
    X, move = domains()[0], np.array([3.0, -100.0, 1e4])
    both, d = np.concatenate([X, X + move]), np.repeat([1, -1], len(X))
    for reg in (0.05, 1.0, None):
        mapped = OptimalTransport(reg=reg).fit(both, sample_domain=d).mapped_
        assert_allclose(mapped - X, np.tile(move, (len(X), 1)), atol=1e-4)


def test_an_affine_map_of_a_gaussian_is_found():
    """``x -> x A + b`` with A symmetric positive definite is the optimal map of what it maps."""
    X, _ = domains(60)
    A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 0.7]])
    both, d = np.concatenate([X, (X @ A + [1, 2, 3])]), np.repeat([1, -1], len(X))
    exact = OptimalTransport(reg=None, out_of_sample="linear").fit(both, sample_domain=d)
    assert_allclose(exact.mapped_, X @ A + [1, 2, 3], atol=1e-10)
    new = np.random.default_rng(1).normal(size=(20, 3))
    assert_allclose(exact.transform(new, sample_domain=1), new @ A + [1, 2, 3], atol=0.1)


def test_transport_of_gaussian_rows_is_near_that_of_gaussians():
    X, d = domains(400, 400, 2)
    found = OptimalTransport(reg=0.05).fit(X, sample_domain=d).mapped_
    formula = LinearMonge(reg=0).fit(X, sample_domain=d).transform(X, sample_domain=d)[d > 0]
    moved = np.linalg.norm(formula - X[d > 0])
    assert np.linalg.norm(found - formula) < 0.15 * moved


def test_without_debiasing_rows_go_to_the_means_of_where_their_mass_goes():
    X, d = domains()
    model = OptimalTransport(reg=0.2, debias=False).fit(X, sample_domain=d)
    G = model.plan_
    assert_allclose(model.mapped_, (G @ X[d < 0]) / G.sum(axis=1)[:, None], atol=1e-12)
    M, unit = GroundCost().between(X[d > 0], X[d < 0])
    assert_allclose(G, sinkhorn_plan(M, reg=0.2, tol=1e-4).plan, atol=1e-12)
    assert model.cost_ == pytest.approx(np.vdot(G, M))
    assert model.cost_unit_ == unit


@pytest.mark.parametrize("plan", ["exact", "spread", "a row without mass"])
def test_rows_go_to_the_mean_of_where_their_mass_goes(plan):
    rng = np.random.default_rng(0)
    Xs, Xt, G = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), rng.uniform(size=(4, 3))
    if plan != "spread":
        G *= [[0, 1, 0], [1, 0, 1], [0, 0, 1], [plan == "exact", 0, 0]]
    images = [g @ Xt / g.sum() if g.any() else x for g, x in zip(G, Xs, strict=True)]
    assert_allclose(barycentric_rows(G, Xs, Xt), images)


@pytest.mark.parametrize("name", EVERY)
def test_fitting_moves_the_rows_as_transform_does(name):
    X, d = domains()
    X[np.flatnonzero(d > 0)[:4]] = X[np.flatnonzero(d > 0)[4]]
    y, model = (X[:, 0] > 0).astype(int), EVERY[name]
    Z = model.fit_transform(X, y, sample_domain=d)
    assert_array_equal(Z, fit(model, X, d, y).transform(X, sample_domain=d))


# -- Rows without mass --------------------------------------------------------------------------


def test_a_row_without_mass_stays_where_it_is():
    X, d = domains()
    outlier = np.flatnonzero(d > 0)[3]
    X[outlier] = 1e3
    for debias in (True, False):
        model = OptimalTransport(unbalanced=1.0, debias=debias, reg=0.01).fit(X, sample_domain=d)
        assert_array_equal(model.mapped_[3], X[outlier])
        assert_array_equal(model.plan_[3], 0)
    assert_array_equal(barycentric_rows(np.zeros((1, 2)), np.array([[7.0]]), np.eye(2, 1)), [[7.0]])


def test_unbalanced_transport_keeps_classes_that_balanced_transport_mixes():
    """A tenth of the source is of class 1, nine tenths of the target, which lies where it was."""
    rng = np.random.default_rng(0)
    y = np.concatenate([np.arange(60) < 6, np.arange(60) < 54])
    X = rng.normal(size=(120, 2)) * 0.3 + 6 * y[:, None]
    d = np.repeat([1, -1], 60)

    def moved(**parameters):
        model = OptimalTransport(reg=0.05, **parameters).fit(X, sample_domain=d)
        return abs(model.mapped_ - X[:60]).max()

    assert moved() > 3 > 1 > moved(unbalanced=0.1)


# -- Units --------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1e-6, 1e6])
@pytest.mark.parametrize("name", EVERY)
def test_units_of_the_rows_change_nothing(name, factor):
    X, d = domains()
    y = (X[:, 0] > 0).astype(int)
    straight = fit(EVERY[name], X, d, y).mapped_
    assert_allclose(fit(EVERY[name], factor * X, d, y).mapped_ / factor, straight, atol=1e-6)


def test_the_unit_does_not_grow_with_the_distance_of_the_domains():
    X, d = domains()
    near = OptimalTransport().fit(X, sample_domain=d)
    far = OptimalTransport().fit(X + 1e4 * (d < 0)[:, None], sample_domain=d)
    assert far.cost_unit_ == pytest.approx(near.cost_unit_)
    assert_allclose(far.mapped_ - 1e4, near.mapped_, atol=1e-5)


@pytest.mark.parametrize("scale", ["median", "mean", "max", None])
def test_costs_are_scaled_as_asked(scale):
    X, d = domains()
    M, unit = GroundCost(cost_scale=scale).between(X[d > 0], X[d < 0])
    assert_allclose(M * unit, GroundCost().raw(X[d > 0], X[d < 0]))
    if scale is not None:
        assert getattr(np, scale)(M) == pytest.approx(1)


def test_costs_that_are_mostly_zero_have_a_unit():
    X = np.array([[0.0]] * 5 + [[1.0]])
    assert GroundCost(centred=False).between(X, X)[1] == pytest.approx(10 / 36)
    assert GroundCost().between(X[:5], X[:5])[1] == 1


# -- Rows that were not fitted ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["nearest", "linear", "kernel"])
def test_fitted_rows_move_by_the_plan_and_near_ones_nearly_so(how):
    X, d = domains(60, 60)
    model = OptimalTransport(out_of_sample=how).fit(X, sample_domain=d)
    assert_array_equal(model.transform(X[d > 0], sample_domain=1), model.mapped_)
    near = model.transform(X[d > 0] + 1e-9, sample_domain=1)
    worst = {"nearest": 1e-8, "linear": 3.0, "kernel": 3.0}[how]
    assert abs(near - model.mapped_).max() < worst


def test_new_rows_move_as_their_nearest_fitted_row():
    X, d = domains()
    model = OptimalTransport().fit(X, sample_domain=d)
    rows = np.random.default_rng(1).normal(size=(10, 3))
    nearest = np.linalg.norm(rows[:, None] - X[d > 0], axis=2).argmin(axis=1)
    moved = rows + (model.mapped_ - X[d > 0])[nearest]
    assert_allclose(model.transform(rows, sample_domain=1), moved)


def test_equal_rows_move_alike():
    """An exact plan may send copies of a row to different places; they go to the mean of these."""
    X = np.array([[0.0], [0.0], [1.0], [3.0]])
    model = OptimalTransport(reg=None).fit(X, sample_domain=[1, 1, -1, -1])
    assert_array_equal(model.mapped_, [[2.0], [2.0]])


@pytest.mark.parametrize("how", ["nearest", "linear", "kernel"])
def test_the_order_of_fitted_rows_does_not_count_where_no_two_are_equal(how):
    """The new row is as far from the first as from the second, and they move differently."""
    X, moves = np.array([[0.0, 0.0], [2.0, 1.0], [7.0, 9.0]]), np.diag([1.0, 2.0, 3.0])[:, :2]
    new = np.array([[1.0, 0.5], [2.0, 1.0]])
    found = [Displacement(X[o], moves[o], how) for o in ([0, 1, 2], [2, 1, 0])]
    assert_allclose(found[0].of(new), found[1].of(new), atol=1e-12)
    assert_array_equal(found[1].of(new)[1], moves[1])
    assert_array_equal(found[1].mapped(), (X + moves)[::-1])


def test_equal_rows_move_by_their_mean_and_rows_of_the_same_sum_by_their_own():
    X, moves = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]]), np.array([[1.0], [5.0], [3.0]])
    found = Displacement(X, np.tile(moves, 2), "nearest")
    assert_array_equal(found.mapped() - X, [[2.0, 2.0], [5.0, 5.0], [2.0, 2.0]])
    found = Displacement(X[:2], np.tile(moves[:2], 2), "nearest")
    assert_array_equal(found.mapped() - X[:2], [[1.0, 1.0], [5.0, 5.0]])


def test_moved_rows_of_several_blocks_come_out_in_their_order():
    """The rows of the domains are mixed, and two are equal."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(120, 1500)), rng.permutation(np.repeat([1, -2], 60))
    X[np.flatnonzero(d > 0)[:2]] = X[0]
    model = OptimalTransport(reg=None, class_reg=0)
    moved = model.fit_transform(X, sample_domain=d)
    assert_allclose(moved[d > 0], model.mapped_, atol=1e-12)
    assert_allclose(moved, model.transform(X, sample_domain=d), atol=1e-12)


def test_what_was_fitted_stays_when_the_rows_are_overwritten():
    X, d = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([1, 1, -2, -2])
    model = OptimalTransport(reg=None, class_reg=0).fit(X, sample_domain=d)
    X[:] = 100.0
    assert_allclose(model.mapped_.ravel(), [5.0, 6.0])
    assert_allclose(model.transform([[0.0], [1.0]], sample_domain=[1, 1]).ravel(), [5.0, 6.0])


def test_moves_far_from_all_rows_are_the_mean_move_of_a_kernel():
    X = np.random.default_rng(0).normal(size=(20, 2))
    moves = Displacement(X, np.tile([1.0, 2.0], (20, 1)) + 0.1 * X, "kernel")
    assert_allclose(moves.of(np.array([[1e6, 0.0]])), [[1.0, 2.0] + 0.1 * X.mean(axis=0)])


@pytest.mark.parametrize("name", EVERY)
def test_float32_rows_give_float32_plans_and_rows(name):
    X, d = domains(dtype=np.float32)
    model = fit(EVERY[name], X, d)
    assert model.plan_.dtype == model.mapped_.dtype == np.float32
    assert model.transform(X, sample_domain=d).dtype == np.float32
    double = fit(EVERY[name], X.astype(np.float64), d).mapped_
    assert_allclose(model.mapped_, double, atol=5e-3)


def test_it_can_be_pickled_and_needs_classes_only_where_it_reads_them():
    X, d = domains()
    model = pickle.loads(pickle.dumps(OptimalTransport().fit(X, sample_domain=d)))
    assert model.transform(X, sample_domain=d).shape == X.shape
    with pytest.raises(ValueError, match="requires y to be passed"):
        WithClasses().fit(X, sample_domain=d)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        WithClasses().fit(X, X[:, 0], sample_domain=d)
    with pytest.raises(ValueError, match="unbalanced needs an entropic plan, but reg is None"):
        OptimalTransport(reg=None, unbalanced=1.0).fit(X, sample_domain=d)
