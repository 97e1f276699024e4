"""KLIEP: the target rows are as likely as bumps can make them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import KLIEP
from skdomain.weighting._kliep import fit_kliep
from skdomain.weighting._ratio import _proportions
from skdomain.weighting._ratio._bumps import ratio_problem
from skdomain.weighting._ratio._likelihood import left_out_score
from skdomain.weighting._ratio._proportions import mixture_proportions

DEFAULTS = {"gamma": "likelihood", "n_centers": 100, "n_folds": 5, "max_iter": 100, "tol": 1e-6}

# SciPy 1.13's SLSQP steps out of the bounds by rounding and says so.
older_slsqp = pytest.mark.filterwarnings(
    "ignore:Values in x were outside bounds during a minimize step:RuntimeWarning"
)

problems = given(
    n_source=st.integers(1, 30),
    n_target=st.integers(1, 30),
    n_features=st.integers(1, 5),
    gamma=st.sampled_from([1e-6, 1e-3, 0.1, 1.0, 5.0]),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, seed=0):
    rng = np.random.default_rng(seed)
    Xs = rng.normal(size=(n_source, n_features))
    return Xs, rng.normal(0.5, 0.8, size=(n_target, n_features))


def bumps(X, centers, gamma):
    return np.exp(-gamma * np.square(X[:, None] - centers).sum(axis=2))


def likeliest(Ks, Kt):
    """Mean log likelihood and coefficients by a general solver."""
    means = Ks.mean(axis=0)
    A = Kt / means
    found = minimize(
        lambda theta: -np.log(A @ theta).mean(),
        np.full(A.shape[1], 1 / A.shape[1]),
        jac=lambda theta: -(A / (A @ theta)[:, None]).mean(axis=0),
        bounds=[(1e-12, 1)] * A.shape[1],
        constraints={"type": "eq", "fun": lambda theta: theta.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 1000},
    )
    return -found.fun, found.x / means


@problems
def test_the_optimum_is_proved_by_its_duality_gap(n_source, n_target, n_features, gamma, seed):
    """With b = mean_s k(x_s), no ratio has more than max_l mean_t k_l(x_t)/r(x_t)/b_l - 1 more."""
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    Xs, Xt = np.concatenate([Xs, Xs[:1]]), np.concatenate([Xt, Xt[:1]])  # copies count
    fit = fit_kliep(Xs, Xt, **{**DEFAULTS, "gamma": gamma, "tol": 1e-9})
    Ks, Kt = (bumps(X, fit.ratio.centers, gamma) for X in (Xs, Xt))
    r = Kt @ fit.ratio.coef
    gap = ((Kt / r[:, None]).mean(axis=0) / Ks.mean(axis=0)).max() - 1
    assert gap <= 1.1e-9
    assert fit.proportions.gap <= 1e-9
    assert (fit.ratio.coef >= 0).all()
    assert fit.ratio(Xs).mean() == pytest.approx(1, abs=1e-12)


@older_slsqp
@given(seed=st.integers(0, 2**16), gamma=st.sampled_from([0.1, 0.5, 2.0]))
def test_no_general_solver_finds_a_likelier_ratio(seed, gamma):
    Xs, Xt = draw(25, 12, 2, seed)
    fit = fit_kliep(Xs, Xt, **{**DEFAULTS, "gamma": gamma})
    best, _ = likeliest(bumps(Xs, fit.ratio.centers, gamma), bumps(Xt, fit.ratio.centers, gamma))
    found = np.log(fit.ratio(Xt)).mean()
    assert found >= best - 1e-6
    assert found == pytest.approx(best, abs=1e-5)


def test_two_components_worked_by_hand():
    """Rows (2, 0), (2, 0), (0, 1): the log likelihood is largest at theta = (2/3, 1/3)."""
    A = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    found = mixture_proportions(A, np.full(3, 1 / 3), max_iter=50, tol=1e-12)
    assert_allclose(found.theta, [2 / 3, 1 / 3], rtol=1e-9)


def test_a_component_below_another_everywhere_gets_nothing():
    A = np.array([[2.0, 1.0], [3.0, 2.9]])
    found = mixture_proportions(A, np.full(2, 1 / 2), max_iter=50, tol=1e-12)
    assert_allclose(found.theta, [1, 0], atol=1e-11)


@older_slsqp
@pytest.mark.parametrize("n_folds", [2, 3])
def test_the_score_of_a_width_is_the_likelihood_of_rows_left_out(n_folds):
    Xs, Xt = draw(13, 11, 2)
    fit = fit_kliep(Xs, Xt, **{**DEFAULTS, "n_folds": n_folds, "tol": 1e-9})
    Xs, Xt = (np.array(sorted(X.tolist())) for X in (Xs, Xt))
    for gamma, score in zip(fit.gammas[2:7], fit.scores[2:7], strict=True):
        Ks, Kt = bumps(Xs, Xt, gamma), bumps(Xt, Xt, gamma)
        logs, ratios = [], []
        for fold in range(n_folds):
            s, t = np.arange(13) % n_folds != fold, np.arange(11) % n_folds != fold
            _, coef = likeliest(Ks[s], Kt[t])
            logs.extend(np.log(Kt[~t] @ coef))
            ratios.extend(Ks[~s] @ coef)
        assert score == pytest.approx(np.mean(logs) - np.mean(ratios) + 1, abs=1e-3)
    assert fit.ratio.gamma == fit.gammas[np.argmax(fit.scores)]


def as_written(A, share, max_iter, tol):
    """The iterations of mixture_proportions, a line a formula."""
    theta, z = np.full(A.shape[1], 1 / A.shape[1]), np.ones(A.shape[1])
    n_iter = 1
    while True:
        W = A / (A @ theta)[:, None]
        g = share @ W
        if g.max() * theta.sum() - 1 <= tol or n_iter == max_iter:
            return theta / theta.sum(), n_iter
        mu = 0.1 * theta @ z / len(theta)
        step = np.linalg.solve(W.T @ np.diag(share) @ W + np.diag(z / theta), g - 1 + mu / theta)
        z_step = mu / theta - z - z / theta * step
        lengths = [
            min([1.0, *(-0.99 * v / s for v, s in zip(values, steps, strict=True) if s < 0)])
            for values, steps in ((theta, step), (z, z_step))
        ]
        theta, z, n_iter = theta + lengths[0] * step, z + lengths[1] * z_step, n_iter + 1


@given(
    n=st.integers(1, 30),
    n_bumps=st.integers(1, 40),
    narrow=st.sampled_from([0.1, 1.0, 10.0]),
    copies=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_steps_by_halves_are_the_steps_as_they_are_written(n, n_bumps, narrow, copies, seed):
    """Densities of any size, fewer rows than bumps and bumps that come twice included."""
    rng = np.random.default_rng(seed)
    A = bumps(rng.normal(size=(n, 2)), rng.normal(size=(n_bumps, 2)), narrow)
    A = np.repeat(A, 2, axis=1) if copies else A
    A, share = A * 10.0 ** rng.integers(-9, 9, size=(n, 1)) + 1e-12, rng.dirichlet(np.ones(n))
    found = mixture_proportions(A, share, max_iter=100, tol=1e-6)
    theta, n_iter = as_written(A, share, 100, 1e-6)
    assert abs(found.n_iter - n_iter) <= 1
    if found.n_iter == n_iter:
        assert_allclose(A @ found.theta, A @ theta, rtol=1e-8)


def test_a_matrix_that_rounding_makes_indefinite_is_solved_all_the_same():
    H, b = np.array([[1.0, 1 + 1e-15], [1 + 1e-15, 1.0]]), np.array([2.0, 1.0])
    exact = np.linalg.solve(H, b)
    assert_allclose(_proportions._solve(H.copy(), np.zeros(2), b), exact, rtol=1e-12)


def test_the_score_is_that_of_fits_without_the_rows():
    """Copies and folds of unequal size included, as by rows left out one fold after another."""
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(17, 3)), rng.normal(size=(12, 3))
    Xs, Xt = np.concatenate([Xs, Xs[:4]]), np.concatenate([Xt, Xt[:3]])
    problem = ratio_problem(Xs, Xt, 5)
    Ks, Kt, ps, pt = *problem.kernels(0.3), problem.source.share, problem.target.share
    expected = 1.0
    for fold in range(5):
        s, t = np.arange(17) % 5 != fold, np.arange(12) % 5 != fold
        means = ps[s] @ Ks[s] / ps[s].sum()
        theta, _ = as_written(Kt[t] / means, pt[t] / pt[t].sum(), 100, 1e-6)
        coef = theta / means
        expected += pt[~t] @ np.log(Kt[~t] @ coef) - ps[~s] @ (Ks[~s] @ coef)
    assert left_out_score(problem, 0.3, 5, 100, 1e-6) == pytest.approx(expected, rel=1e-10)


def test_widths_are_powers_of_two_around_the_median():
    Xs, Xt = draw(20, 20, 3)
    median = fit_kliep(Xs, Xt, **{**DEFAULTS, "gamma": "median"}).ratio.gamma
    fit = fit_kliep(Xs, Xt, **DEFAULTS)
    assert_allclose(fit.gammas, median * 2.0 ** np.arange(-4, 5), rtol=1e-12)


@pytest.mark.parametrize("seed", range(2))
def test_narrow_bumps_in_gaps_of_the_source_do_not_win(seed):
    """The likelihood of target rows left out alone would take the narrowest width here."""
    X = make_covariate_shift(500, 500, n_features=10, random_state=seed).X
    fit = fit_kliep(X[:500], X[500:], **DEFAULTS)
    assert 0 < np.argmax(fit.scores) < 7


def test_too_few_iterations_warn_with_the_gap_and_what_to_do(make_domains):
    X, y, d = make_domains()
    model = KLIEP(gamma=0.5, max_iter=3)
    with pytest.warns(ConvergenceWarning, match=r"max_iter=3 .*duality gap of.*raise max_iter"):
        model.fit(X, y, sample_domain=d)
    assert (model.n_iter_, model.termination_) == (3, "max_iter")
    assert model.duality_gap_ > model.tol


def test_a_fit_says_how_it_ended(make_domains):
    X, y, d = make_domains()
    model = KLIEP().fit(X, y, sample_domain=d)
    assert model.termination_ == "converged"
    assert model.duality_gap_ <= model.tol
    assert 1 < model.n_iter_ < model.max_iter


def test_a_bump_that_no_source_row_sees_is_left_out():
    """Its coefficient would be without bound."""
    Xs, Xt = np.array([[0.0], [1.0]]), np.array([[0.5], [20.0], [33.0]])
    fit = fit_kliep(Xs, Xt, **{**DEFAULTS, "gamma": 1.0})
    assert fit.ratio.coef[2] == 0
    assert np.isfinite(fit.ratio.coef).all()
