"""Plans: their sums, their cost, their limits, and what other programs find."""

import builtins
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning

from skdomain.transport import class_plan, exact_plan, sinkhorn_plan, sorted_plan
from skdomain.transport._class_regularised import (
    divergence,
    plan_objective,
    product_divergence,
)
from skdomain.transport._ground_cost import GroundCost
from skdomain.transport._plans import round_plan
from skdomain.transport._scaling import (
    Marginals,
    Scaling,
    farthest_from_zero,
    fill_columns,
    log_column_sums,
    log_row_sums,
)

problems = given(n=st.integers(1, 12), m=st.integers(1, 12), seed=st.integers(0, 2**16))


def problem(n, m, seed=0, *, equal=False, dtype=np.float64):
    """Cost and masses that differ from row to row, drawn."""
    rng = np.random.default_rng(seed)
    M = cdist(rng.normal(size=(n, 3)), rng.normal(1.0, 1.5, size=(m, 3)), "sqeuclidean")
    a, b = (np.ones(k) if equal else rng.uniform(0.2, 1.0, k) for k in (n, m))
    return M.astype(dtype), a / a.sum(), b / b.sum()


def linear_programme(M, a, b):
    """Least cost by SciPy's linear programme."""
    n, m = M.shape
    sums = np.concatenate([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    return linprog(M.ravel(), A_eq=sums, b_eq=np.concatenate([a, b])).fun


def assert_sums(P, a, b, atol=1e-9):
    assert P.min() >= 0
    assert_allclose(P.sum(axis=1), a, rtol=0, atol=atol)
    assert_allclose(P.sum(axis=0), b, rtol=0, atol=atol)


# -- Costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("centred", [True, False])
def test_costs_of_rows_and_themselves_are_those_of_rows_and_their_copy(dtype, centred):
    X = np.random.default_rng(0).normal(3.0, size=(40, 60)).astype(dtype)
    ground = GroundCost(centred=centred)
    assert_allclose(ground.raw(X, X), ground.raw(X, X.copy()), rtol=1e-5, atol=1e-4)
    assert_allclose(ground.raw(X, X), cdist(X, X, "sqeuclidean"), rtol=1e-5)


# -- Sums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(3, 5), (700, 300)])
def test_sums_of_exponents_that_leave_the_range_of_numbers_are_those_of_scipy(shape, dtype):
    """The second matrix takes several blocks, each with a largest exponent of its own."""
    rng = np.random.default_rng(0)
    M, f, g = rng.uniform(size=shape).astype(dtype), *(50 * rng.normal(size=n) for n in shape)
    exponents = (f[:, None] + g - M) / 0.01
    assert_allclose(log_row_sums(M, f, g, 0.01), logsumexp(exponents, axis=1), rtol=1e-13)
    assert_allclose(log_column_sums(M, f, g, 0.01), logsumexp(exponents, axis=0), rtol=1e-13)


def test_columns_are_filled_as_the_formula_says():
    """A column without mass keeps what it has, where it may, and is told of elsewhere."""
    rng, power, omega = np.random.default_rng(0), 0.7, 1.3
    log_v, log_b, offset = rng.normal(size=(3, 6))
    column = np.array([1.0, 2.0, 0.0, 3.0, 0.5, 4.0])
    some = column > 0
    full = (log_b + offset)[some] - power * np.log(column[some])
    for fill in (fill_columns, fill_columns.py_func):
        found, v = log_v.copy(), np.exp(log_v)
        error = fill(column, found, v, log_b, offset, power, omega, False)
        assert_allclose(found[some], log_v[some] + omega * (full - log_v[some]))
        assert found[2] == log_v[2]
        assert error == pytest.approx(abs(np.exp(full) - v[some]) @ column[some])
        for wrong in (column, np.full(6, np.inf)):
            assert np.isnan(fill(wrong, found, v, log_b, offset, power, omega, True))


def test_the_number_farthest_from_zero_is_of_either_sign():
    for find in (farthest_from_zero, farthest_from_zero.py_func):
        assert [find(np.array(x)) for x in ([1.0, -3.0], [2.0, 0.5], [0.0])] == [3.0, 2.0, 0.0]


@settings(max_examples=15, deadline=None)
@problems
def test_an_entropic_plan_has_the_sums_that_are_wanted(n, m, seed):
    M, a, b = problem(n, m, seed)
    for reg in (10.0, 0.1):
        assert_sums(sinkhorn_plan(M, a, b, reg=reg * M.mean()).plan, a, b)


def test_sums_hold_even_where_iterations_end_early():
    M, a, b = problem(20, 30)
    with pytest.warns(ConvergenceWarning, match="after 3 iterations .* raise reg, max_iter or tol"):
        found = sinkhorn_plan(M, a, b, reg=0.01, max_iter=3)
    assert_sums(found.plan, a, b)
    assert found.n_iter == 3
    assert found.error > 1e-9


def test_rounding_moves_no_more_mass_than_is_wrong():
    """Theorem of Altschuler et al.: by at most twice the error, in the sum of absolute values."""
    M, a, b = problem(8, 9)
    P = np.exp(-M / M.mean())
    P /= P.sum()
    wrong = abs(P.sum(axis=1) - a).sum() + abs(P.sum(axis=0) - b).sum()
    rounded = round_plan(P.copy(), a, b)
    assert_sums(rounded, a, b, atol=1e-15)
    assert abs(rounded - P).sum() <= 2 * wrong


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_plan_that_is_scaled_as_it_is_rounded_is_the_same(dtype):
    """K takes several blocks."""
    M, a, b = problem(700, 300)
    u, v = (np.random.default_rng(n).lognormal(size=n) for n in (700, 300))
    K, n_digits = np.exp(-M / M.mean()).astype(dtype), np.finfo(dtype).precision
    expected = round_plan(u[:, None] * K.astype(np.float64) * v, a, b)
    rounded = round_plan(K, a, b, u, v)
    assert rounded is K
    assert_allclose(rounded, expected, rtol=10.0 ** (1 - n_digits))


def test_rows_without_mass_send_none():
    M, a, b = problem(6, 5)
    a[2], b[[0, 4]] = 0, 0
    P = sinkhorn_plan(M, a, b, reg=0.5).plan
    assert_sums(P, a / a.sum(), b / b.sum())
    assert not P[2].any()
    assert not P[:, [0, 4]].any()


# -- Entropic plans -----------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@problems
def test_an_entropic_plan_is_optimal(n, m, seed):
    """``G_ij = a_i b_j exp((f_i + g_j - M_ij) / reg)`` up to a factor of a row and of a column.

    So log(G_ij / (a_i b_j)) + M_ij / reg is a sum of two vectors: doubly centred, it is 0.
    """
    M, a, b = problem(n, m, seed)
    reg = 0.2 * M.mean()
    found = sinkhorn_plan(M, a, b, reg=reg, tol=1e-12)
    rest = reg * np.log(found.plan) + M
    centred = rest - rest.mean(axis=0) - rest.mean(axis=1)[:, None] + rest.mean()
    assert_allclose(centred, 0, atol=1e-8 * max(1, M.max()))
    kernel = np.exp((found.source_potential[:, None] + found.target_potential - M) / reg)
    assert_allclose(found.plan, kernel, rtol=0, atol=1e-9)


def test_a_large_reg_gives_the_product_and_a_small_one_the_least_cost():
    M, a, b = problem(9, 7)
    assert_allclose(sinkhorn_plan(M, a, b, reg=1e9).plan, np.outer(a, b), atol=1e-8)
    small = sinkhorn_plan(M, a, b, reg=0.01, max_iter=100000)
    assert np.vdot(small.plan, M) == pytest.approx(linear_programme(M, a, b), abs=0.01 * 4)


def test_the_smallest_reg_gives_the_exact_plan_where_a_kernel_is_all_zeros():
    """exp(-M / reg) is 0 in every entry here: 1e-323 is the smallest number."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 2))
    M = cdist(X, X[rng.permutation(12)] + 10, "sqeuclidean")
    reg = 1e-4 * M.mean()
    assert not np.exp(-M / reg).any()
    found = sinkhorn_plan(M, reg=reg, tol=1e-5)
    assert np.vdot(found.plan, M) == pytest.approx(np.vdot(exact_plan(M), M), rel=1e-5)
    assert_array_equal(found.plan.argmax(axis=1), exact_plan(M).argmax(axis=1))


@pytest.mark.parametrize("reg", [1e-12, 1e-300])
def test_nothing_underflows_at_any_reg(reg):
    M, a, b = problem(12, 9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = sinkhorn_plan(M, a, b, reg=reg * M.mean(), max_iter=300)
    assert_sums(found.plan, a, b)
    assert np.isfinite(found.source_potential).all()
    assert np.isfinite(found.target_potential).all()


def test_iterations_can_start_from_what_is_known():
    M, a, b = problem(20, 30)
    found = sinkhorn_plan(M, a, b, reg=0.1)
    again = sinkhorn_plan(
        M, a, b, reg=0.1, start=(found.source_potential, found.target_potential), tol=1e-8
    )
    assert again.n_iter < found.n_iter / 3
    assert_allclose(again.plan, found.plan, atol=1e-8)


def test_float32_stays_and_is_as_good_as_it_can_be():
    M, a, b = problem(30, 40, dtype=np.float32)
    found = sinkhorn_plan(M, a, b, reg=0.2)
    assert found.plan.dtype == np.float32
    exact = sinkhorn_plan(M.astype(np.float64), a, b, reg=0.2).plan
    assert_allclose(found.plan, exact, rtol=0, atol=1e-6)
    assert_sums(found.plan.astype(np.float64), a, b, atol=1e-7)


def test_the_order_of_the_rows_is_that_of_the_plan():
    M, a, b = problem(15, 11)
    rows, columns = (np.random.default_rng(1).permutation(n) for n in M.shape)
    straight = sinkhorn_plan(M, a, b, reg=0.3).plan
    permuted = sinkhorn_plan(M[rows][:, columns], a[rows], b[columns], reg=0.3).plan
    assert_allclose(permuted, straight[rows][:, columns], atol=1e-9)


@settings(max_examples=8, deadline=None)
@given(
    n=st.integers(1, 40),
    m=st.integers(1, 40),
    reg=st.sampled_from([0.05, 0.5]),
    method=st.sampled_from(["sinkhorn", "sinkhorn_log"]),
)
def test_entropic_plans_are_those_of_pot(n, m, reg, method):
    """Its plain iterations do not underflow at these."""
    ot = pytest.importorskip("ot")
    M, a, b = problem(n, m, n + 100 * m)
    reg *= M.mean()
    G = ot.sinkhorn(a, b, M, reg, method=method, stopThr=1e-12, numItermax=20000)
    assert_allclose(sinkhorn_plan(M, a, b, reg=reg, tol=1e-12).plan, G, rtol=0, atol=1e-8)


# -- Unbalanced plans ---------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(n=st.integers(1, 20), m=st.integers(1, 20), rho=st.sampled_from([0.05, 1.0, 20.0]))
def test_unbalanced_plans_are_those_of_pot(n, m, rho):
    ot = pytest.importorskip("ot")
    M, a, b = problem(n, m, n + 100 * m)
    M /= M.mean()
    G = ot.unbalanced.sinkhorn_unbalanced(
        a, b, M, 0.1, rho, reg_type="kl", stopThr=1e-14, numItermax=100000
    )
    found = sinkhorn_plan(M, a, b, reg=0.1, unbalanced=rho, tol=1e-12)
    assert_allclose(found.plan, G, rtol=0, atol=1e-6)


def test_an_unbalanced_plan_is_optimal():
    """No small change of single entries, in either direction, makes the objective smaller."""
    M, a, b = problem(4, 5)
    P = sinkhorn_plan(M, a, b, reg=0.3, unbalanced=0.7, tol=1e-13).plan

    def objective(plan):
        return plan_objective(plan, M, a, b, reg=0.3, unbalanced=0.7)

    for place in np.argwhere(P > 1e-6):
        for factor in (0.9, 1.1):
            changed = P.copy()
            changed[tuple(place)] *= factor
            assert objective(changed) > objective(P)


@pytest.mark.parametrize("offset", [-0.2, 0.0, 3.0])
@pytest.mark.parametrize("rho", [0.05, 1.0, 20.0])
def test_an_unbalanced_plan_has_no_slope(rho, offset):
    """With r and c its sums: ``M + reg log(G / ab') + rho log(r / a) + rho log(c / b)' = 0``.

    Costs off their centre make the mass differ from 1, and potentials that lean to one side.
    """
    M, a, b = problem(9, 6)
    M = M / M.mean() + np.linspace(0, 1, 9)[:, None] + offset
    found = sinkhorn_plan(M, a, b, reg=0.1, unbalanced=rho, tol=1e-13)
    P, r, c = found.plan, found.plan.sum(axis=1), found.plan.sum(axis=0)
    slope = M + 0.1 * np.log(P / np.outer(a, b)) + rho * np.add.outer(np.log(r / a), np.log(c / b))
    assert_allclose(slope, 0, atol=1e-6)
    assert found.n_iter < 60


def test_potentials_are_translated_to_the_best_of_the_dual():
    """The plan stays, and no other translation s of (f, g) has a larger dual.

    ``-rho sum_i a_i exp(-(f_i + s) / rho) - rho sum_j b_j exp(-(g_j - s) / rho)``, with the f and g
    that stand for ``G = ab' exp((f + g - M) / reg)``.
    """
    M, a, b = problem(5, 7)
    rng, rho, reg = np.random.default_rng(1), 0.7, 0.3
    scaling = Scaling(
        M, Marginals(np.log(a), np.log(b), rho), rng.normal(size=5), rng.normal(2, 1, 7)
    )
    scaling.log_u, scaling.log_v = rng.normal(size=5), rng.normal(size=7)
    before = np.add.outer(scaling.log_u, scaling.log_v)
    scaling._translate(reg)
    assert_allclose(np.add.outer(scaling.log_u, scaling.log_v), before)
    f, g = (
        scaling.f + reg * (scaling.log_u - np.log(a)),
        scaling.g + reg * (scaling.log_v - np.log(b)),
    )

    def dual(s):
        return -rho * (a @ np.exp(-(f + s) / rho) + b @ np.exp(-(g - s) / rho))

    assert dual(0) > max(dual(1e-3), dual(-1e-3))


def test_unbalanced_limits_are_no_mass_and_the_wanted_sums():
    M, a, b = problem(6, 8)
    assert_allclose(
        sinkhorn_plan(M, a, b, reg=0.2, unbalanced=1e7).plan,
        sinkhorn_plan(M, a, b, reg=0.2).plan,
        atol=1e-6,
    )
    far = sinkhorn_plan(M + 50, a, b, reg=0.2, unbalanced=1.0).plan
    assert far.sum() < 1e-6


def test_a_large_price_of_mass_takes_no_more_iterations():
    """Without the best translation of the potentials, they would grow with rho / reg."""
    M, a, b = problem(6, 8)
    balanced = sinkhorn_plan(M, a, b, reg=0.2).n_iter
    assert sinkhorn_plan(M, a, b, reg=0.2, unbalanced=1e7).n_iter < 2 * balanced


def test_a_row_far_from_all_loses_its_mass():
    M, a, b = problem(6, 8, equal=True)
    M[3] += 100
    sums = sinkhorn_plan(M, a, b, reg=0.2, unbalanced=2.0).plan.sum(axis=1)
    assert sums[3] < 1e-9
    assert np.delete(sums, 3).min() > 1e-3


# -- Exact plans --------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@problems
def test_the_exact_cost_is_that_of_the_linear_programme(n, m, seed):
    M, a, b = problem(n, n, seed, equal=True)
    P = exact_plan(M)
    assert_sums(P, a, b, atol=1e-15)
    assert np.vdot(P, M) == pytest.approx(linear_programme(M, a, b), abs=1e-9)
    pytest.importorskip("ot")
    M, a, b = problem(n, m, seed)
    P = exact_plan(M, a, b)
    assert_sums(P, a, b)
    assert np.vdot(P, M) == pytest.approx(linear_programme(M, a, b), abs=1e-9)


@settings(max_examples=10, deadline=None)
@problems
def test_the_exact_cost_is_that_of_pot(n, m, seed):
    ot = pytest.importorskip("ot")
    for M, a, b in (problem(n, n, seed, equal=True), problem(n, m, seed)):
        assert np.vdot(exact_plan(M, a, b), M) == pytest.approx(ot.emd2(a, b, M), abs=1e-9)


@pytest.fixture
def without_pot(monkeypatch):
    """POT cannot be imported."""
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.partition(".")[0] == "ot":
            raise ImportError("hidden")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_without_pot_an_exact_plan_of_unequal_sizes_says_what_to_install(without_pot):
    M, a, b = problem(3, 4)
    with pytest.raises(ImportError, match=r"pip install skdomain\[ot\].*pass a number for reg"):
        exact_plan(M)
    with pytest.raises(ImportError, match=r"pip install skdomain\[ot\]"):
        exact_plan(M[:, :3], a)
    assert_sums(exact_plan(M[:, :3]), np.full(3, 1 / 3), np.full(3, 1 / 3))
    assert_sums(sinkhorn_plan(M, a, b, reg=1.0).plan, a, b)


# -- Numbers ------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@problems
def test_numbers_are_transported_in_their_order(n, m, seed):
    rng = np.random.default_rng(seed)
    xs, xt = rng.integers(0, 6, n).astype(float), rng.normal(size=m)
    a, b = rng.uniform(0.1, 1, n), rng.uniform(0.1, 1, m)
    P, M = sorted_plan(xs, xt, a, b).toarray(), (xs[:, None] - xt) ** 2
    assert_sums(P, a / a.sum(), b / b.sum())
    assert np.vdot(P, M) == pytest.approx(linear_programme(M, a / a.sum(), b / b.sum()), abs=1e-9)
    equal = sorted_plan(xs, np.sort(rng.normal(size=n))).toarray()
    assert_allclose(equal[np.argsort(xs, kind="stable")], np.eye(n) / n, atol=1e-15)


# -- Class-regularised plans --------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(
    n=st.integers(2, 15),
    m=st.integers(1, 15),
    seed=st.integers(0, 2**16),
    reg=st.sampled_from([0.1, 1.0]),
    class_reg=st.sampled_from([0.0, 0.3, 10.0]),
    unbalanced=st.sampled_from([None, 2.0]),
)
def test_the_class_regularised_objective_never_rises(n, m, seed, reg, class_reg, unbalanced):
    M, a, b = problem(n, m, seed)
    labels = np.random.default_rng(seed).integers(0, 3, n)
    objective = class_plan(
        M, labels, a, b, reg=reg, class_reg=class_reg, unbalanced=unbalanced, max_iter=50000
    ).objective
    assert (np.diff(objective) <= 1e-7 * abs(objective[0])).all()


def test_without_weight_the_classes_change_nothing():
    M, a, b = problem(6, 7)
    found = class_plan(M, [0, 1] * 3, a, b, reg=0.3, class_reg=0).found
    assert_allclose(found.plan, sinkhorn_plan(M, a, b, reg=0.3).plan, atol=1e-9)


def test_with_much_weight_a_target_row_gets_its_mass_from_one_class():
    M, _a, b = problem(20, 20, equal=True)
    labels = np.repeat([0, 1], 10)

    def largest_share(class_reg):
        P = class_plan(M, labels, reg=0.3, class_reg=class_reg).found.plan
        return (np.maximum(P[:10].sum(axis=0), P[10:].sum(axis=0)) / b).min()

    assert largest_share(0.0) < 0.6
    assert largest_share(20.0) > 0.99


@pytest.mark.parametrize("unbalanced", [None, 2.0])
def test_a_round_is_a_plan_of_the_cost_and_the_tangent(unbalanced):
    """Two rounds by hand, with the matrices; labels are mixed, a row and a column have no mass."""
    M, a, b = problem(400, 300)
    a[3], b[5] = 0.0, 0.0
    a, b, options = a / a.sum(), b / b.sum(), {"unbalanced": unbalanced, "tol": 1e-12}
    Y = np.eye(3)[np.random.default_rng(1).integers(0, 3, 400)]
    first = sinkhorn_plan(M, a, b, reg=0.5, **options).plan
    shares = Y.T @ first / np.where(b > 0, b, 1.0)
    cost = M + Y @ (0.3 / (2 * np.sqrt(shares + 1e-3)))
    labels = Y.argmax(axis=1)
    found = class_plan(M, labels, a, b, reg=0.5, class_reg=0.3, max_rounds=2, **options).found
    expected = sinkhorn_plan(cost, a, b, reg=0.5, **options).plan
    assert_allclose(found.plan, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_potentials_that_leave_the_range_of_numbers_are_brought_back(dtype):
    """From those of another cost, exponents are above 1000: a step is taken in logarithms."""
    M, a, b = problem(30, 20, dtype=dtype)
    start = np.linspace(0.0, 2.0, 30), np.linspace(0.0, 2.0, 20)
    expected = sinkhorn_plan(M / M.mean(), a, b, reg=0.002, tol=1e-6).plan
    found = sinkhorn_plan(M / M.mean(), a, b, reg=0.002, tol=1e-6, start=start)
    assert found.error <= 1e-5
    assert_allclose(found.plan, expected, rtol=0, atol=1e-4)


def test_exact_plans_can_be_class_regularised():
    M, a, b = problem(12, 12, equal=True)
    result = class_plan(M, [0, 1, 2] * 4, reg=None, class_reg=0.5)
    assert_sums(result.found.plan, a, b)
    assert (np.diff(result.objective) <= 1e-12).all()


def test_the_divergence_from_a_product_needs_no_matrix_of_it():
    """Of rows and columns without mass, and of plans of other sums too."""
    P, a, b = problem(400, 300)
    a[7], b[2], P[7], P[:, 2], P[0, 0] = 0, 0, 0, 0, 0
    expected = divergence(P, np.outer(a, b))
    assert product_divergence(P, a, b) == pytest.approx(expected, rel=1e-12)
    assert product_divergence(P.astype(np.float32), a, b) == pytest.approx(expected, rel=1e-6)


# -- What is wrong is told ----------------------------------------------------------------------


def test_divergence_is_zero_for_equal_masses_alone():
    assert divergence(np.array([0.2, 0.0]), np.array([0.2, 0.0])) == pytest.approx(0)
    assert divergence(np.array([0.2, 0.1]), np.array([0.1, 0.2])) > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg": 0.0}, "reg is 0.0; pass a number above 0, or take exact_plan"),
        ({"reg": 1.0, "unbalanced": -1.0}, "unbalanced is -1.0; pass a number above 0"),
        ({"reg": 1.0, "a": [0.5, 0.5, 0.5]}, r"a has shape \(3,\) but the cost has 2 rows"),
        ({"reg": 1.0, "b": [-1.0, 2.0]}, "b has a smallest entry of -1.0 and a sum of 1.0"),
        ({"reg": 1.0, "b": [0.0, 0.0]}, "a sum of 0.0; pass masses of at least 0"),
    ],
)
def test_errors_say_what_is_wanted(change, message):
    with pytest.raises(ValueError, match=message):
        sinkhorn_plan([[0.0, 1.0], [1.0, 0.0]], **change)
    with pytest.raises(ValueError, match="Input M contains NaN"):
        sinkhorn_plan([[np.nan]], reg=1.0)
    with pytest.raises(ValueError, match="class_reg is -1"):
        class_plan([[0.0]], [0], reg=1.0, class_reg=-1)


def test_plans_that_do_not_get_there_name_the_tolerance_that_was_asked_for():
    """Also where numbers of the kind cannot tell so small an error."""
    M = np.random.default_rng(0).uniform(size=(6, 5)).astype(np.float32)
    options = {"reg": 0.01, "max_iter": 2, "tol": 1e-9}
    for call in (
        lambda: sinkhorn_plan(M, **options),
        lambda: class_plan(M, [0, 0, 0, 1, 1, 1], class_reg=0.1, **options),
    ):
        with pytest.warns(ConvergenceWarning, match="more than tol=1e-09"):
            call()
