"""Kernel mean matching against an interior point method, its optimality conditions and goldens."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import spearmanr
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import linear_kernel, rbf_kernel
from sklearn.model_selection import GridSearchCV

from skdomain.datasets import make_covariate_shift
from skdomain.metrics import mmd
from skdomain.model_selection import TargetKFold
from skdomain.weighting import KMM, kmm_weights
from skdomain.weighting._qp import _mean_embeddings
from skdomain.weighting._qp._box import (
    DenseGram,
    minimize_in_box,
    step_to_bound,
    violations,
    weighted_rows,
)
from skdomain.weighting._qp._interior import interior_start
from skdomain.weighting._qp._match import match_means
from skdomain.weighting._qp._mean import RaisedGram, grid, with_sum
from skdomain.weighting._qp._mean_embeddings import FactoredGram

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "kmm.json").read_text())

pytestmark = pytest.mark.filterwarnings(
    "ignore:the weights of .* source rows are worth:UserWarning"
)


def fit(Xs, Xt, **params):
    """KMM around a regressor that takes any values."""
    X, d = np.concatenate([Xs, Xt]), np.repeat([1, -2], [len(Xs), len(Xt)])
    params = {"flatten": None} | params
    return KMM(Ridge(), **params).fit(X, np.arange(len(X)), sample_domain=d)


def draw(n_source, n_target, n_features=2, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    Xt = rng.normal(size=(n_target, n_features)) * rng.uniform(0.5, 1.5) + shift
    return rng.normal(size=(n_source, n_features)), Xt


def problem(Xs, Xt, gamma, kernel=rbf_kernel):
    K, kappa = (kernel(Xs, Z, **({"gamma": gamma} if gamma else {})) for Z in (Xs, Xt))
    return K, kappa.sum(axis=1) * len(Xs) / len(Xt)


def objective(w, K, kappa, reg=0.0):
    return w @ K @ w / 2 - kappa @ w + reg / 2 * np.square(w - 1).sum()


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def interior_point(K, kappa, reg, B, eps):
    """Dense primal-dual method, on ``Gw <= h``."""
    n = len(K)
    Q, b = K + reg * np.eye(n), kappa + reg
    G = np.vstack([np.eye(n), -np.eye(n), np.ones((1, n)), -np.ones((1, n))])
    h = np.r_[np.full(n, B), np.zeros(n), n * (1 + eps), n * (eps - 1)]
    w, s, z = np.full(n, min(1, B / 2)), np.ones(len(h)), np.ones(len(h))
    for _ in range(200):
        dual, primal, gap = Q @ w - b + G.T @ z, G @ w + s - h, s @ z / len(h)
        if max(gap, np.abs(dual).max(), np.abs(primal).max()) < 1e-11 * n:
            return w
        aim = 0.1 * gap - s * z
        normal, right = Q + G.T @ (G * (z / s)[:, None]), -dual - G.T @ ((aim + z * primal) / s)
        dw = np.linalg.lstsq(normal, right, rcond=None)[0]  # singular where w is not unique
        ds = -primal - G @ dw
        dz = (aim - z * ds) / s
        step = min(1, *(0.99 * (-v / dv)[dv < 0].min(initial=2) for v, dv in ((s, ds), (z, dz))))
        w, s, z = w + step * dw, s + step * ds, z + step * dz
    return None  # so nearly infeasible that the reference stalls


@settings(max_examples=30)
@given(
    n_source=st.integers(1, 40),
    n_target=st.integers(1, 40),
    n_features=st.integers(1, 6),
    shift=st.floats(0, 2),
    gamma=st.sampled_from([0.02, 0.1, 0.5, 5.0]),
    reg=st.sampled_from([0.0, 0.0, 0.05, 2.0]),
    B=st.sampled_from([1.5, 4.0, 1000.0]),
    eps=st.sampled_from([0.01, 0.1, 0.5, 0.9]),
    seed=st.integers(0, 2**16),
)
def test_the_optimum_is_that_of_an_interior_point_method(
    n_source, n_target, n_features, shift, gamma, reg, B, eps, seed
):
    Xs, Xt = draw(n_source, n_target, n_features, shift, seed)
    kmm = fit(Xs, Xt, gamma=gamma, reg=reg, B=B, eps=eps, tol=1e-10)
    K, kappa = problem(Xs, Xt, gamma)
    assert kmm.kkt_residual_ <= 1e-9
    assert_feasible(kmm.solution_, B, eps)
    reference = interior_point(K, kappa, reg, B, eps)
    assume(reference is not None)
    expected = objective(reference, K, kappa, reg)
    # what the least reg may cost, and the duality gap that the reference stops at
    known = 5e-11 * np.square(kmm.solution_ - 1).sum() + 4e-11 * n_source * (n_source + 1)
    assert_allclose(objective(kmm.solution_, K, kappa, reg), expected, rtol=1e-8, atol=known)


def assert_feasible(w, B, eps):
    assert w.min() >= 0
    assert w.max() <= B
    assert abs(w.mean() - 1) <= eps


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['sigma']}-{c['B']}-{c['eps']}")
def test_golden_objectives_are_met(case):
    Xs, Xt = np.array(GOLDEN["xs"])[:, None], np.array(GOLDEN["xt"])[:, None]
    gamma = 1 / (2 * case["sigma"] ** 2)
    kmm = fit(Xs, Xt, gamma=gamma, B=case["B"], eps=case["eps"])
    K, kappa = problem(Xs, Xt, gamma)
    assert_allclose(objective(kmm.solution_, K, kappa), case["objective"], rtol=1e-8)
    assert_feasible(kmm.solution_, case["B"], case["eps"])
    assert kmm.kkt_residual_ <= 1e-9


def test_a_problem_solved_by_hand():
    """K = diag(4, 1, 1) and kappa = (9, 0, 0): the free optimum is (9/4, 0, 0), its mean 3/4."""
    Xs, Xt = np.diag([2.0, 1.0, 1.0]), np.array([[1.5, 0, 0]])
    linear = {"kernel": "linear", "reg": 0}
    assert_allclose(fit(Xs, Xt, **linear, eps=0.3).solution_, [2.25, 0, 0], atol=1e-8)
    assert_allclose(fit(Xs, Xt, **linear, B=2.0, eps=0.4).solution_, [2, 0, 0], atol=1e-8)
    # mean 1: 4 w1 - 9 = w2 = w3 and w1 + w2 + w3 = 3 give (7, 1, 1) / 3
    assert_allclose(fit(Xs, Xt, **linear, eps=0.0).solution_, np.array([7, 1, 1]) / 3, atol=1e-8)


@pytest.mark.parametrize(
    ("n_features", "width", "B"),
    [(2, 0.5, 10.0), (2, 1.0, 1000.0), (2, 2.0, 10.0), (10, 1.0, 1000.0), (10, 2.0, 10.0)],
)
def test_two_thousand_rows_are_solved_to_the_tolerance(n_features, width, B):
    shifted = make_covariate_shift(2000, 2000, n_features=n_features, random_state=0)
    Xs, Xt = shifted.X[:2000], shifted.X[2000:]
    gamma = width / (2 * n_features)
    kmm = fit(Xs, Xt, gamma=gamma, B=B, tol=1e-6)
    K, kappa = problem(Xs, Xt, gamma)
    h = (K @ kmm.solution_ - kappa) / 2000
    assert violations(kmm.solution_, h, B).max() <= 1e-6
    assert_feasible(kmm.solution_, B, 1 - 1 / np.sqrt(2000))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("n_features", [2, 10])
def test_weights_rise_with_the_ratio_of_densities(n_features, seed):
    shifted = make_covariate_shift(1000, 1000, n_features=n_features, random_state=seed)
    Xs, Xt = shifted.X[:1000], shifted.X[1000:]
    w = kmm_weights(Xs, Xt)
    assert spearmanr(w, shifted.density_ratio[:1000])[0] > 0.9
    gap = np.linalg.norm(Xt.mean(0) - np.average(Xs, axis=0, weights=w))
    assert gap < np.linalg.norm(Xt.mean(0) - Xs.mean(0)) / 3


def test_without_reg_weights_lower_the_discrepancy_but_need_not_follow_the_ratio():
    shifted = make_covariate_shift(1000, 1000, random_state=0)
    Xs, Xt = shifted.X[:1000], shifted.X[1000:]
    K, kappa = problem(Xs, Xt, 0.5)
    exact, smooth, even = (
        fit(Xs, Xt, gamma=0.5).solution_,
        fit(Xs, Xt, gamma=0.5, reg="auto").solution_,
        np.ones(1000),
    )
    lowest, low, high = (objective(w, K, kappa) for w in (exact, smooth, even))
    assert lowest < low < high
    assert_allclose(2 * (high - lowest) / 1000**2, mmd(Xs, Xt, gamma=0.5), rtol=0.01)
    ratio = shifted.density_ratio[:1000]
    assert spearmanr(smooth, ratio)[0] > 0.9 > 0.5 > spearmanr(exact, ratio)[0]


def test_equal_domains_have_even_weights():
    Xs, _ = draw(60, 1, 3)
    for reg in (0.0, "auto"):
        assert_allclose(kmm_weights(Xs, Xs[::-1], gamma=1.0, reg=reg), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("gamma", "reg"),
    [("median", "auto"), ("scale", "auto"), (0.3, 0), (None, 0)],
    ids=["median", "scale", "number", "None"],
)
def test_a_stated_kernel_is_taken_at_its_word(gamma, reg):
    Xs, Xt = draw(40, 30)
    default, stated = fit(Xs, Xt, gamma=gamma), fit(Xs, Xt, gamma=gamma, reg=reg)
    assert_array_equal(default.solution_, stated.solution_)
    assert default.reg_ == stated.reg_
    assert default.reg_ > 1 if reg == "auto" else default.reg_ == pytest.approx(1e-10)


@pytest.mark.parametrize("reg", ["auto", 0.1])
def test_order_of_rows_and_repeated_target_rows_do_not_matter(reg):
    Xs, Xt = draw(50, 40, 5)
    w, order = kmm_weights(Xs, Xt, reg=reg), np.random.default_rng(0).permutation(50)
    assert_allclose(kmm_weights(Xs[order], Xt[::-1], reg=reg), w[order], atol=1e-9)
    assert_allclose(kmm_weights(Xs, np.repeat(Xt, 3, axis=0), reg=reg), w, atol=1e-9)


def test_units_of_the_kernel_are_those_of_reg():
    Xs, Xt = draw(30, 30, 3)
    scaled = {"kernel": lambda x, y: 4 * (x @ y)}
    for reg, of_scaled in (("auto", "auto"), (0.5, 2.0)):
        once, twice = fit(Xs, Xt, kernel="linear", reg=reg), fit(Xs, Xt, reg=of_scaled, **scaled)
        assert_allclose(twice.solution_, once.solution_, atol=1e-8)
        assert twice.reg_ == pytest.approx(4 * once.reg_)
        assert twice.kkt_residual_ <= 1e-9


def test_auto_reg_is_the_noise_of_the_source_mean():
    Xs, Xt = draw(30, 20, 3)
    K, _ = problem(Xs, Xt, 0.2)
    assert fit(Xs, Xt, gamma=0.2, reg="auto").reg_ == pytest.approx(
        np.sqrt(30 * K.var(axis=1).mean())
    )


def test_many_rows_are_matched_on_landmarks():
    """With every row a landmark, that is no approximation."""
    Xs, Xt = draw(80, 60, 3)
    Xs[40:] = Xs[:40]
    for reg in ("auto", 0.5):
        exact = fit(Xs, Xt, gamma=1.0, reg=reg)
        landmarks = fit(Xs, Xt, gamma=1.0, reg=reg, max_kernel_rows=79)
        assert_allclose(landmarks.solution_, exact.solution_, atol=1e-6)
        assert landmarks.reg_ == pytest.approx(exact.reg_)
        assert landmarks.kkt_residual_ <= 1e-9


@pytest.mark.parametrize("gamma", [0.05, 0.5, 5.0])
def test_fixing_many_rows_at_once_finds_what_single_rows_find(gamma, monkeypatch):
    Xs, Xt = draw(150, 100, 3)
    few = fit(Xs, Xt, gamma=gamma)
    monkeypatch.setattr("skdomain.weighting._qp._box._BOLD_ROWS", 0)
    many = fit(Xs, Xt, gamma=gamma)
    K, kappa = problem(Xs, Xt, gamma)
    lowest = objective(few.solution_, K, kappa)
    assert_allclose(objective(many.solution_, K, kappa), lowest, rtol=1e-8)
    assert many.kkt_residual_ <= 1e-9


def test_many_rows_of_a_kernel_of_low_rank_are_matched_on_landmarks():
    """Exact matches abound: all rows may be free, which are more than can be factorised."""
    Xs, Xt = draw(3000, 500, 3, shift=0.2)
    kmm = fit(Xs, Xt, kernel="linear", reg=0, max_kernel_rows=2999)
    assert kmm.termination_ == "converged"
    assert_allclose(
        np.average(Xs, axis=0, weights=kmm.solution_) * kmm.solution_.mean(), Xt.mean(0), atol=1e-5
    )


@pytest.mark.parametrize("n", [1100, 1300])
def test_conjugate_gradients_solve_what_cholesky_solves(n, monkeypatch):
    Xs, Xt = draw(n, 100, 4)
    params = {"gamma": 0.3, "reg": 1.0}
    iterative = kmm_weights(Xs, Xt, **params)
    monkeypatch.setattr("skdomain.weighting._qp._box.DIRECT_ROWS", n)
    assert_allclose(iterative, kmm_weights(Xs, Xt, **params), atol=1e-6)


@pytest.mark.parametrize("n_source", [1, 2, 5])
@pytest.mark.parametrize("n_target", [1, 7])
@pytest.mark.parametrize("n_features", [1, 800])
def test_degenerate_sizes_are_solved(n_source, n_target, n_features):
    kmm = fit(*draw(n_source, n_target, n_features))
    assert_feasible(kmm.solution_, 1000, 1 - 1 / np.sqrt(n_source))
    assert kmm.weights_.mean() == pytest.approx(1)


@given(
    w=st.lists(st.floats(0, 2), min_size=1, max_size=30),
    eps=st.sampled_from([0.0, 1e-16, 0.01, 0.3]),
    off=st.sampled_from([0.0, 1e-11, 0.1]),
    B=st.floats(1.0, 5.0),
    side=st.sampled_from([-1, 1]),
)
def test_the_mean_is_met_in_floating_point(w, eps, off, B, side):
    w = np.append(w, 1.0)
    w = np.clip(w * (1 + side * eps) * (1 + off) / w.mean(), 0, B)
    unit, total = grid(len(w), eps, side)
    assume(total <= len(w) * B)
    upper = B - B % unit
    moved = with_sum(np.minimum(w, upper), total, upper, unit)
    assert_feasible(moved, B, eps)


def test_a_kernel_that_sees_nothing_leaves_the_source_as_it_is():
    Xs, Xt = draw(6, 5)
    assert_allclose(kmm_weights(0 * Xs, Xt, kernel="linear"), 1)
    assert_allclose(kmm_weights(Xs, Xt, gamma=1e-16, reg="auto"), 1, atol=1e-6)


@pytest.mark.parametrize("kernel", ["linear", "polynomial", "laplacian", "cosine"])
def test_kernels_by_name_are_matched(kernel):
    kmm = fit(*draw(30, 30, 3), kernel=kernel, gamma=0.5)
    assert kmm.termination_ == "converged"


def test_a_function_of_two_rows_is_the_kernel_it_computes():
    Xs, Xt = draw(12, 9)
    expected = fit(Xs, Xt, kernel="linear").solution_
    assert_allclose(fit(Xs, Xt, kernel=lambda x, y: x @ y).solution_, expected, atol=1e-8)


def test_function_and_class_agree_for_float32_and_leave_their_input_alone():
    Xs, Xt = (Z.astype(np.float32) for Z in draw(30, 20))
    before = Xs.copy()
    Xs.flags.writeable = Xt.flags.writeable = False
    kmm = fit(Xs, Xt, reg=0.1)
    assert_array_equal(kmm.weights_, kmm_weights(Xs, Xt, reg=0.1))
    assert_array_equal(Xs, before)
    assert kmm.weights_.dtype == np.float64


def test_width_can_be_searched_for():
    shifted = make_covariate_shift(60, 60, random_state=0)
    grid = {"gamma": ["median", None, 0.5]}
    search = GridSearchCV(KMM(reg="auto"), grid, cv=TargetKFold(2))
    with config_context(enable_metadata_routing=True):
        search.fit(shifted.X, shifted.y, sample_domain=shifted.sample_domain)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_too_few_steps_warn_and_stay_feasible():
    Xs, Xt = draw(50, 50)
    with pytest.warns(ConvergenceWarning, match=r"after 2 Newton steps .* raise max_iter=2"):
        kmm = fit(Xs, Xt, reg=0, max_iter=2, eps=0.01)
    assert kmm.termination_ == "max_iter"
    assert kmm.kkt_residual_ > kmm.tol
    assert_feasible(kmm.solution_, 1000, 0.01)


@pytest.mark.parametrize(("kernel", "n"), [("additive_chi2", 8), ("sigmoid", 3), ("linear", 250)])
def test_weights_that_are_all_zero_when_steps_run_out_are_raised_to_their_mean(kernel, n):
    rng = np.random.default_rng(1 if kernel == "sigmoid" else 0)
    Xs, Xt = np.abs(rng.normal(size=(n, 3))), np.abs(rng.normal(size=(n, 3))) + 0.3
    with pytest.warns(ConvergenceWarning, match="stopped after [12] Newton steps"):
        kmm = fit(Xs, Xt, kernel=kernel, gamma=0.01, max_iter=1)
    assert_feasible(kmm.solution_, 1000, 1 - 1 / np.sqrt(n))


@given(B=st.floats(1, 3), eps=st.sampled_from([0.0, 0.05, 1e-9]), seed=st.integers(0, 99))
def test_bounds_of_any_digits_hold_exactly(B, eps, seed):
    Xs, Xt = draw(25, 25, 2, seed=seed)
    kmm = fit(Xs, Xt, gamma=0.5, reg=0.1, B=B, eps=eps)
    assert_feasible(kmm.solution_, B, eps)
    assert kmm.kkt_residual_ <= 1e-9


def test_a_kernel_that_is_not_positive_is_refused():
    Xs, Xt = draw(30, 30)
    with pytest.raises(ValueError, match="not positive semi-definite on the source rows"):
        kmm_weights(Xs, Xt, kernel=lambda x, y: 1 - np.square(x - y).sum(), reg=0)
    with pytest.raises(ValueError, match="must be finite"):
        kmm_weights(Xs, Xt, kernel=lambda x, y: 1.0 if x[0] == y[0] else np.nan)
    with pytest.raises(ValueError, match="positive diagonal, got a mean of -1"):
        kmm_weights(Xs, Xt, kernel=lambda x, y: -1.0)


def test_bounds_that_leave_no_weights_are_refused():
    with pytest.raises(ValueError, match=r"B=0.5 is below 1 - eps = 0.9"):
        kmm_weights(*draw(4, 4), B=0.5, eps=0.1)


def test_compiled_loops_are_the_same_python():
    rng = np.random.default_rng(0)
    K, rows, coefs = rng.normal(size=(9, 6)), np.array([1, 4, 7]), rng.normal(size=3)
    for run in (weighted_rows, weighted_rows.py_func):
        assert_allclose(run(K, rows, coefs), coefs @ K[rows], rtol=1e-12)
    w = np.array([0.5, 1.0, 0.2])
    for run in (step_to_bound, step_to_bound.py_func):
        assert run(w, np.array([0.1, -4.0, 2.0]), 1.0) == (0.25, 1)
        assert run(w, np.array([1.0, -1.0, 2.0]), 1.0) == (0.4, 2)
        assert run(w, np.array([0.1, 0.0, -0.1]), 1.0) == (1.0, -1)


@pytest.mark.parametrize("gram", [DenseGram, FactoredGram], ids=["dense", "factored"])
def test_a_raised_matrix_is_raised_everywhere(gram):
    Phi = np.random.default_rng(0).normal(size=(8, 3))
    K = Phi @ Phi.T + 2
    raised = RaisedGram(gram(Phi @ Phi.T if gram is DenseGram else Phi), 2.0)
    rows, coefs = np.array([0, 3, 5, 6]), np.arange(4.0)
    assert_allclose(raised.product(rows, coefs), K[:, rows] @ coefs)
    assert_allclose(raised.block(rows), K[np.ix_(rows, rows)])
    factor = raised.factor(rows)
    assert_allclose(factor @ factor.T, K[np.ix_(rows, rows)])


@pytest.mark.parametrize("count", [0, 1, 8, 9, 10, 29, 30])
def test_products_with_few_and_with_many_rows_are_products_with_the_matrix(count):
    rng = np.random.default_rng(count)
    Phi = rng.normal(size=(30, 40))
    K, rows = Phi @ Phi.T, rng.permutation(30)[:count]
    coefs = rng.normal(size=count)
    assert_allclose(DenseGram(K).product(rows, coefs), K[:, rows] @ coefs, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("upper", [1000.0, 1.5, 0.2])
def test_interior_points_end_where_the_optimum_is(upper):
    """Many rows of low rank and a tiny ridge: conditions of optimality, bounds above included."""
    rng = np.random.default_rng(0)
    Phi, ridge = rng.normal(size=(200, 12)), 1e-6
    linear = Phi @ rng.normal(size=12) * 20
    w, n_iter = interior_start(Phi, linear, ridge, upper, 100)
    gradient = Phi @ (Phi.T @ w) + ridge * w - linear
    assert violations(w, gradient, upper).max() < 1e-7
    assert (w >= 0).all()
    assert (w <= upper).all()
    assert n_iter < 40
    assert interior_start(Phi, linear, ridge, upper, 3)[1] <= 3


def test_many_rows_of_low_rank_start_from_interior_points():
    """Where a path along faces takes many times as many steps as it has landmarks' digits."""
    Xs, Xt = draw(400, 300, 3)
    match = {"kernel": "rbf", "gamma": 0.05, "reg": 0.0, "B": 1000.0, "eps": None, "tol": 1e-9}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_mean_embeddings, "_LANDMARKS", 60)
        found = match_means(Xs, Xt, **match, max_iter=1000, max_kernel_rows=10)
        patch.setattr(_mean_embeddings, "_MANY", np.inf)
        before = match_means(Xs, Xt, **match, max_iter=1000, max_kernel_rows=10)
    assert found.kkt_residual <= 1e-9
    assert found.n_iter < 40
    K, kappa = problem(Xs, Xt, 0.05)
    values = [objective(each.solution, K, kappa) for each in (found, before)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_a_box_problem_solved_by_hand():
    """min (w - c)^2 / 2 is c cut to the box."""
    linear = np.array([-1.0, 0.5, 3.0])
    found = minimize_in_box(
        DenseGram(np.zeros((3, 3))),
        linear,
        upper=2.0,
        ridge=1.0,
        start=np.zeros(3),
        tol=1e-12,
        max_iter=9,
    )
    assert_allclose(found.w, [0, 0.5, 2])
    assert_allclose(found.gradient, found.w - linear)
    assert found.residual == 0
    assert_allclose(violations(found.w, np.array([-1.0, -2.0, -3.0]), 2.0), [1, 2, 0])


def test_linear_means_are_matched_where_the_source_surrounds_them():
    """K of rank 2 determines no more than the means."""
    Xs, Xt = draw(40, 30, 2, shift=0.3)
    w = kmm_weights(Xs, Xt, kernel="linear", reg=0, eps=0)
    assert_allclose(np.average(Xs, axis=0, weights=w), Xt.mean(0), atol=1e-5)
    K, kappa = problem(Xs, Xt, None, linear_kernel)
    assert objective(w, K, kappa) == pytest.approx(-(40**2) * np.square(Xt.mean(0)).sum() / 2)
