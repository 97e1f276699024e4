"""RuLSIF: the closed form, and rows left out of it in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import RuLSIF, rulsif_weights
from skdomain.weighting._ratio._bumps import ratio_problem
from skdomain.weighting._ratio._least_squares import LAMS, fit_rulsif, left_out_scores

DEFAULTS = {"alpha": 0.1, "gamma": "loo", "lam": "loo", "n_centers": 100}

problems = given(
    n_source=st.integers(2, 15),
    n_target=st.integers(2, 15),
    n_features=st.integers(1, 4),
    alpha=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    gamma=st.sampled_from([0.01, 0.3, 2.0]),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, n_features, seed=0):
    rng = np.random.default_rng(seed)
    Xs = rng.normal(size=(n_source, n_features))
    return Xs, rng.normal(0.5, 0.8, size=(n_target, n_features))


def bumps(X, centers, gamma):
    return np.exp(-gamma * np.square(X[:, None] - centers).sum(axis=2))


def coefficients(Ks, Kt, alpha, lam):
    """Of (alpha mean_t k k' + (1-alpha) mean_s k k' + lam I) a = mean_t k, by a dense solve."""
    H = alpha * Kt.T @ Kt / len(Kt) + (1 - alpha) * Ks.T @ Ks / len(Ks)
    return np.linalg.solve(H + lam * np.eye(len(H)), Kt.mean(axis=0))


def brute_force_score(Xs, Xt, centers, gamma, lam, alpha):
    """One solve for each distinct row, which is left out with its copies."""

    def predict(X, others, fit):
        return np.array(
            [max(0, bumps(x[None], centers, gamma)[0] @ fit((others != x).any(axis=1))) for x in X]
        )

    Ks, Kt = bumps(Xs, centers, gamma), bumps(Xt, centers, gamma)
    rs = predict(Xs, Xs, lambda kept: coefficients(Ks[kept], Kt, alpha, lam))
    rt = predict(Xt, Xt, lambda kept: coefficients(Ks, Kt[kept], alpha, lam))
    return (1 - alpha) / 2 * (rs**2).mean() + alpha / 2 * (rt**2).mean() - rt.mean()


@problems
def test_the_score_is_that_of_leaving_each_row_out(
    n_source, n_target, n_features, alpha, gamma, seed
):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    problem = ratio_problem(Xs, Xt, 6)
    expected = [brute_force_score(Xs, Xt, problem.centers, gamma, lam, alpha) for lam in LAMS]
    assert_allclose(left_out_scores(problem, gamma, LAMS, alpha), expected, rtol=1e-8, atol=1e-8)


@problems
def test_copies_of_a_row_are_left_out_together(n_source, n_target, n_features, alpha, gamma, seed):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    Xs, Xt = np.concatenate([Xs, Xs[:1], Xs[:1]]), np.concatenate([Xt, Xt[:1]])
    problem = ratio_problem(Xs, Xt, 6)
    expected = [brute_force_score(Xs, Xt, problem.centers, gamma, lam, alpha) for lam in LAMS]
    assert_allclose(left_out_scores(problem, gamma, LAMS, alpha), expected, rtol=1e-8, atol=1e-8)


@problems
def test_the_coefficients_solve_the_normal_equations(
    n_source, n_target, n_features, alpha, gamma, seed
):
    Xs, Xt = draw(n_source, n_target, n_features, seed)
    Xs, Xt = np.concatenate([Xs, Xs[:1]]), np.concatenate([Xt, Xt[:1]])  # copies count
    fit = fit_rulsif(Xs, Xt, alpha=alpha, gamma=gamma, lam=1e-3, n_centers=8)
    Ks, Kt = (bumps(X, fit.ratio.centers, gamma) for X in (Xs, Xt))
    expected = coefficients(Ks, Kt, alpha, 1e-3)
    assert_allclose(fit.ratio.coef, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


def test_alpha_zero_is_least_squares_on_the_source_rows():
    """uLSIF: a minimises mean_s (k'a)^2 / 2 - mean_t k'a + lam |a|^2 / 2."""
    Xs, Xt = draw(20, 9, 2)
    fit = fit_rulsif(Xs, Xt, alpha=0, gamma=0.4, lam=0.05, n_centers=100)
    Ks, Kt = (bumps(X, fit.ratio.centers, 0.4) for X in (Xs, Xt))
    stacked = np.vstack([Ks / np.sqrt(20), np.sqrt(0.05) * np.eye(9)])
    gradient = stacked.T @ (stacked @ fit.ratio.coef) - Kt.mean(axis=0)
    assert_allclose(gradient, 0, atol=1e-12)
    raw = np.maximum(Ks @ fit.ratio.coef, 0)
    weights = rulsif_weights(Xs, Xt, alpha=0, gamma=0.4, lam=0.05)
    assert_allclose(weights, raw / raw.mean(), rtol=1e-10, atol=1e-12)


def test_one_bump_worked_by_hand():
    """Heights 1/2 and 1 on the source, 1 on the target: a = 1 / (alpha + (1-alpha) 5/8 + lam)."""
    Xs, Xt = np.array([[1.0], [0.0]]), np.array([[0.0]])
    fit = fit_rulsif(Xs, Xt, alpha=0.2, gamma=np.log(2), lam=0.3, n_centers=1)
    assert_allclose(fit.ratio.coef, [1 / (0.2 + 0.8 * 5 / 8 + 0.3)], rtol=1e-12)
    assert_allclose(fit.ratio(Xs), [0.5, 1.0], rtol=1e-12)


def test_width_and_ridge_are_the_best_of_the_grid(make_domains):
    X, y, d = make_domains()
    model = RuLSIF().fit(X, y, sample_domain=d)
    assert model.candidate_scores_.shape == (9, 9)
    assert_allclose(model.candidate_lams_, 10 ** np.arange(-3, 1.5, 0.5))
    width = list(model.candidate_gammas_).index(model.gamma_)
    ridge = list(model.candidate_lams_).index(model.lam_)
    assert model.candidate_scores_[width, ridge] == model.candidate_scores_.min()


@pytest.mark.parametrize(
    ("kwargs", "shape"), [({"gamma": 0.2}, (1, 9)), ({"lam": 0.1}, (9, 1)), ({}, (9, 9))]
)
def test_what_is_given_is_not_chosen(kwargs, shape):
    fit = fit_rulsif(*draw(12, 9, 2), **{**DEFAULTS, **kwargs})
    assert fit.scores.shape == shape
    assert kwargs.get("gamma", fit.ratio.gamma) == fit.ratio.gamma
    assert kwargs.get("lam", fit.lam) == fit.lam


def test_at_alpha_one_the_ratio_is_near_one_where_the_target_is():
    X = make_covariate_shift(500, 500, random_state=0).X
    fit = fit_rulsif(X[:500], X[500:], **{**DEFAULTS, "alpha": 1.0})
    assert np.abs(fit.ratio(X[500:]) - 1).mean() < 0.05


@pytest.mark.parametrize("alpha", [0.2, 0.5])
def test_the_relative_ratio_is_bounded_by_one_over_alpha(alpha):
    """Source and target hardly overlap, so the ratio itself is very large."""
    X = make_covariate_shift(500, 500, shift=4, random_state=0).X
    fit = fit_rulsif(X[:500], X[500:], **{**DEFAULTS, "alpha": alpha})
    assert np.quantile(fit.ratio(X), 0.99) < 1.2 / alpha
    assert np.median(fit.ratio(X[500:])) > 0.8 / alpha


def test_values_below_zero_are_raised_to_zero():
    X = make_covariate_shift(300, 300, shift=3, random_state=0).X
    fit = fit_rulsif(X[:300], X[300:], **DEFAULTS)
    raw = bumps(X[:300], fit.ratio.centers, fit.ratio.gamma) @ fit.ratio.coef
    assert raw.min() < 0
    assert_allclose(fit.ratio(X[:300]), np.maximum(raw, 0), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("gamma", [1e-12, 1e-3, "loo"])
def test_a_ridge_below_rounding_does_not_blow_the_ratio_up(gamma):
    Xs, Xt = draw(30, 30, 1)
    fit = fit_rulsif(Xs, Xt, **{**DEFAULTS, "gamma": gamma, "lam": 1e-300})
    assert 0 < fit.ratio(Xs).max() < 1 / 0.1


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"alpha": 1.5}, "'alpha' parameter of rulsif_weights must be.*Got 1.5"),
        ({"lam": 0}, "'lam' parameter of rulsif_weights must be.*Got 0"),
        ({"lam": "median"}, "'lam' parameter of rulsif_weights must be.*Got 'median'"),
    ],
)
def test_parameters_that_make_no_sense_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        rulsif_weights(*draw(5, 5, 2), **kwargs)
