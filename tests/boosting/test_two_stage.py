"""Two-stage TrAdaBoost.R2: its schedule is exact, its step the one that predicts best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.tree import DecisionTreeRegressor

from skdomain import NoTargetWarning
from skdomain.boosting import TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.boosting._adaboost_r2 import adaboost_r2
from skdomain.boosting._stages import two_stage_weights
from skdomain.boosting._training import Learner
from skdomain.boosting._votes import weighted_median


def paper_r2(estimator=None, **options):
    """TrAdaBoost.R2 as in the paper, around a tree unless told otherwise."""
    options = {"balance": False, "n_folds": None} | options
    return TrAdaBoostR2(estimator or DecisionTreeRegressor(max_depth=3), **options)


def paper_two_stage(estimator=None, **options):
    """The two stages as in the paper, around a tree unless told otherwise."""
    options = {"balance": False, "cautious": False} | options
    return TwoStageTrAdaBoostR2(estimator or DecisionTreeRegressor(max_depth=3), **options)


def domains(n_source=40, n_target=9, *, seed=0):
    """Linear values; a coefficient of the source has the other sign in the target."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_source + n_target, 3))
    d = np.repeat([1, -2], [n_source, n_target])
    y = X[:, 0] + 0.3 * X[:, 1] * np.sign(d) + 0.1 * rng.normal(size=len(X))
    order = rng.permutation(len(X))
    return X[order], y[order], d[order]


class Mean(RegressorMixin, BaseEstimator):
    """Predicts the weighted mean."""

    def fit(self, X, y, sample_weight=None):
        self.mean_ = np.average(y, weights=sample_weight)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


# -- By hand ------------------------------------------------------------------------------------


def test_source_weights_shrink_to_the_wanted_share_in_a_problem_solved_by_hand():
    """0.4 (b + sqrt b) against 0.2: b = 1/16 gives 0.125 to 0.2, a target share of 8/13."""
    ws, wt, beta = two_stage_weights([0.4, 0.4], [0.15, 0.05], [1.0, 0.5], share=8 / 13)
    assert beta == pytest.approx(1 / 16, rel=1e-12)
    assert_allclose(ws, [1 / 13, 4 / 13], rtol=1e-12)
    assert_allclose(wt, [6 / 13, 2 / 13], rtol=1e-12)


def test_three_steps_worked_by_hand():
    """Source y: 0, 1; target y: 3, 4; the model is the weighted mean; S = 3, F = 2, N = 1.

    Shares of the target: 1/2, 3/4, 1.
    Step 1: mean 2, errors (2, 1, 1, 2) / 2, so the source keeps (b + sqrt b) / 4 against 1/2, and
    3/4 of the target ask for b + sqrt b = 2/3, sqrt b = (sqrt(11/3) - 1) / 2. Fold {3}: the mean of
    0, 1, 4 is 5/3; fold {4}: that of 0, 1, 3 is 4/3. Error ((4/3)^2 + (8/3)^2) / 2 = 40/9.
    Step 2: weights (b/4, sqrt b/4, 1/4, 1/4) / (2/3).
    Step 3: the target alone: the mean of 4 for 3, of 3 for 4: error 1, the least.
    The boosted model of step 3 is the mean 3.5: all errors are 1, so eps = 1, no better than
    chance, and it is the only one.
    """
    X, y, d = np.arange(4.0)[:, None], np.array([0.0, 1, 3, 4]), np.array([1, 1, -1, -1])
    model = paper_two_stage(Mean(), n_estimators=1, n_steps=3, n_folds=2)
    with pytest.warns(ConvergenceWarning, match=r"error of 1 in the first round"):
        model.fit(X, y, sample_domain=d)
    root = (np.sqrt(11 / 3) - 1) / 2
    second = np.array([root**2, root, 1, 1]) / (8 / 3)
    assert second[2:].sum() == 3 / 4
    assert_allclose(model.step_weights_, [np.full(4, 1 / 4), second, [0, 0, 1 / 2, 1 / 2]])
    assert_allclose(model.betas_, [root**2, 0])
    means = [np.average(y[rows], weights=second[rows]) for rows in ([0, 1, 3], [0, 1, 2])]
    errors = [40 / 9, ((3 - means[0]) ** 2 + (4 - means[1]) ** 2) / 2, 1]
    assert_allclose(model.cv_errors_, errors, rtol=1e-12)
    assert (model.best_step_, model.n_iter_) == (2, 1)
    assert model.termination_ == "no better than chance"
    assert_array_equal(model.predict(X), np.full(4, 3.5))


class Scripted(RegressorMixin, BaseEstimator):
    """Learner whose k-th fit predicts the k-th column of a table that X indexes."""

    def __init__(self, table):
        self.table = table

    def __sklearn_clone__(self):
        self.fits = getattr(self, "fits", -1) + 1
        model = Scripted(self.table)
        model.column = self.fits
        return model

    def fit(self, X, y, sample_weight=None):
        return self

    def predict(self, X):
        return np.asarray(self.table, dtype=float)[self.column][X[:, 0].astype(int)]


def test_frozen_weights_hold_in_a_boosting_worked_by_hand():
    """Rows 0, 1 hold still, rows 2, 3 move, all y are 0.

    Round 1 predicts (1, 0, 1/2, 0): eps = 3/8 over all rows, beta = 3/5; rows 2, 3 become
    (sqrt(3/5), 3/5), scaled to their sum of 1/2. Round 2 predicts (0, 0, 0, 1): eps is the weight
    of row 3, (1/2) (3/5) / (sqrt(3/5) + 3/5).
    """
    X, y, moving = np.arange(4.0)[:, None], np.zeros(4), np.array([False, False, True, True])
    learner = Scripted([[1, 0, 0.5, 0], [0, 0, 0, 1]])
    rounds = adaboost_r2(Learner(learner), X, y, np.full(4, 3.0), moving=moving, n_estimators=2)
    moved = np.array([np.sqrt(0.6), 0.6]) / (np.sqrt(0.6) + 0.6) / 2
    assert_allclose(rounds.history, [np.full(4, 0.25), [0.25, 0.25, *moved]], rtol=1e-13)
    assert_allclose(rounds.errors, [3 / 8, moved[1]], rtol=1e-13)
    assert_allclose(rounds.votes, np.log([5 / 3, 1 / moved[1] - 1]), rtol=1e-13)


# -- Schedule -----------------------------------------------------------------------------------


@given(
    n_source=st.integers(1, 30),
    n_target=st.integers(1, 9),
    share=st.floats(0, 1),
    scale=st.floats(-250, 0),
    seed=st.integers(0, 2**16),
)
def test_the_target_gets_its_share_and_source_weights_fall_with_their_errors(
    n_source, n_target, share, scale, seed
):
    """Whatever the size of the errors, many of them zero."""
    rng = np.random.default_rng(seed)
    ws, wt = rng.uniform(0.1, 1, n_source), rng.uniform(0.1, 1, n_target)
    before = wt.sum() / (ws.sum() + wt.sum())
    share = before + share * (1 - before)
    errors = 10**scale * rng.uniform(size=n_source) * rng.integers(0, 2, n_source)
    new_s, new_t, beta = two_stage_weights(ws, wt, errors, share=share)
    assert new_t.sum() == pytest.approx(share, abs=1e-10)
    assert new_s.sum() == pytest.approx(1 - share, abs=1e-10)
    assert_allclose(new_t / new_t.sum(), wt / wt.sum())
    factors = (new_s / ws) / (new_t[0] / wt[0])
    assert np.all(factors <= 1 + 1e-9)
    assert np.all(np.diff(factors[np.argsort(errors)]) <= 1e-9)
    if scale > -1 and beta > 1e-200:
        assert_allclose(factors, beta**errors, rtol=1e-9)


@given(seed=st.integers(0, 2**16), n_steps=st.integers(2, 7))
def test_the_target_weight_of_each_step_is_that_of_the_schedule(seed, n_steps):
    X, y, d = domains(seed=seed)
    model = paper_two_stage(n_estimators=2, n_steps=n_steps, n_folds=2, random_state=0)
    model.fit(X, y, sample_domain=d)
    n, m = np.sum(d > 0), np.sum(d < 0)
    start = m / (n + m)
    expected = [start + t / (n_steps - 1) * (1 - start) for t in range(n_steps)]
    assert_allclose(model.step_weights_[:, d < 0].sum(axis=1), expected, rtol=0, atol=1e-10)
    assert_allclose(model.step_weights_.sum(axis=1), 1, rtol=0, atol=1e-10)
    assert np.all(model.step_weights_[-1, d > 0] == 0)
    ratios = model.step_weights_[:, d > 0] / model.step_weights_[:, d < 0][:, :1]
    assert np.all(np.diff(ratios, axis=0) <= 1e-12)
    assert np.all((model.betas_ >= 0) & (model.betas_ < 1))


def test_weights_of_a_step_follow_the_errors_of_one_model_of_all_rows():
    X, y, d = domains()
    model = paper_two_stage(Ridge(), n_estimators=2, n_steps=4).fit(X, y, sample_domain=d)
    for step in range(3):
        w = model.step_weights_[step]
        residuals = np.abs(y - Ridge().fit(X, y, sample_weight=w * len(y)).predict(X))
        expected = w * np.where(d > 0, model.betas_[step] ** (residuals / residuals.max()), 1)
        if step < 2:
            assert_allclose(model.step_weights_[step + 1], expected / expected.sum(), rtol=1e-9)
        else:
            assert model.betas_[step] == 0


def test_source_rows_without_error_are_scaled_down_where_no_beta_would_do():
    ws, wt, beta = two_stage_weights([0.3, 0.3, 0.2], [0.2], [0.0, 0.0, 1.0], share=0.5)
    assert_allclose([*ws, *wt], [0.25, 0.25, 0, 0.5])
    assert beta == 0
    ws, wt, beta = two_stage_weights([0.4, 0.4], [0.2], [0.0, 0.0], share=0.5)
    assert_allclose([*ws, *wt], [0.25, 0.25, 0.5])


# -- Inside a step, and the choice among them ---------------------------------------------------


@given(seed=st.integers(0, 2**16))
def test_source_weights_are_frozen_within_a_step(seed):
    X, y, d = domains(seed=seed)
    model = paper_two_stage(n_estimators=5, n_steps=3, n_folds=2, random_state=0)
    model.fit(X, y, sample_domain=d)
    history, start = model.weight_history_, model.step_weights_[model.best_step_]
    assert_allclose(history[0], start, rtol=1e-12)
    assert_allclose(history[:, d > 0], np.tile(start[d > 0], (len(history), 1)), rtol=1e-12)
    assert_allclose(history[:, d < 0].sum(axis=1), start[d < 0].sum())


def test_the_chosen_step_has_the_least_cross_validation_error_recomputed_in_plain_loops():
    """Folds: every third target row in order of y. All of it without logarithms of weights."""
    X, y, d = domains(n_target=10)
    model = paper_two_stage(Ridge(1e-3), n_estimators=3, n_steps=4, n_folds=3)
    model.fit(X, y, sample_domain=d)
    target = np.flatnonzero(d < 0)
    target = target[np.argsort(y[target])]
    errors = []
    for w in model.step_weights_:
        squares = 0
        for fold in (target[0::3], target[1::3], target[2::3]):
            kept = np.setdiff1d(np.flatnonzero(w), fold)
            boosted = plain_adaboost_r2(X[kept], y[kept], w[kept] / w[kept].sum(), d[kept] < 0, 3)
            values, votes = zip(*((m.predict(X[fold]), vote) for m, vote in boosted), strict=True)
            predicted = weighted_median(np.array(values), np.array(votes))
            squares += np.sum((predicted - y[fold]) ** 2)
        errors.append(squares / len(target))
    assert_allclose(model.cv_errors_, errors, rtol=1e-9)
    assert model.best_step_ == np.argmin(errors)
    assert len(set(np.round(errors, 6))) == 4


def plain_adaboost_r2(X, y, w, moving, n_rounds):
    models = []
    for _ in range(n_rounds):
        model = Ridge(1e-3).fit(X, y, sample_weight=w * len(y))
        e = np.abs(y - model.predict(X))
        e /= e.max()
        eps = np.sum(w * e)
        if eps >= 0.5:
            return models or [(model, 1)]
        models.append((model, np.log((1 - eps) / eps)))
        w = w.copy()
        moved = w[moving] * (eps / (1 - eps)) ** (1 - e[moving])
        w[moving] = moved / moved.sum() * w[moving].sum()
    return models


def test_folds_in_parallel_are_those_one_after_the_other():
    X, y, d = domains()
    one = paper_two_stage(n_estimators=3, n_steps=3, random_state=0)
    two = clone(one).set_params(n_jobs=2)
    with parallel_config(backend="threading"):
        for model in (one, two):
            model.fit(X, y, sample_domain=d)
    assert_array_equal(two.cv_errors_, one.cv_errors_)
    assert_array_equal(two.predict(X), one.predict(X))


@pytest.mark.parametrize("n_target", [2, 3])
def test_fewer_target_rows_than_folds_are_left_out_one_by_one(n_target):
    X, y, d = domains(n_target=n_target)
    few, many = (
        paper_two_stage(Ridge(), n_estimators=2, n_steps=3, n_folds=k).fit(X, y, sample_domain=d)
        for k in (n_target, 5)
    )
    assert_array_equal(many.cv_errors_, few.cv_errors_)


def test_one_labelled_target_row_is_an_error_that_names_the_other_method():
    X, y, d = domains(n_target=1)
    with pytest.raises(ValueError, match="got 1; label at least 2, or take TrAdaBoostR2"):
        paper_two_stage().fit(X, y, sample_domain=d)


def test_without_target_there_are_no_steps():
    X, y, _ = domains()
    with pytest.warns(NoTargetWarning):
        model = paper_two_stage(n_estimators=3).fit(X, y)
    assert model.step_weights_.shape == (1, len(y))
    assert (len(model.cv_errors_), len(model.betas_), model.best_step_) == (0, 0, 0)


# -- End to end ---------------------------------------------------------------------------------


def concepts(seed, n_target=7, n_new=500):
    """Linear values of 5 features: 200 source rows as the target, 100 of other coefficients."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(300 + n_target + n_new, 5))
    coefs = 10 * rng.normal(size=5)
    y = X @ coefs + 0.3 * rng.normal(size=len(X))
    y[:100] += 10 * X[:100] @ rng.normal(size=5)
    d = np.repeat([1, -2], [300, n_target])
    return X[:-n_new], y[:-n_new], d, X[-n_new:], X[-n_new:] @ coefs


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_both_methods_beat_the_few_target_rows_alone_and_the_pooled_rows():
    """By more than three standard errors of the paired difference of errors over draws."""
    base = Ridge(0.1)
    plain, transfer = paper_r2(base, n_estimators=20), paper_r2(base, n_estimators=20)
    two_stage = paper_two_stage(base, n_estimators=4, n_steps=4, n_folds=3)
    errors = {name: [] for name in ("target alone", "pooled", "TrAdaBoostR2", "two-stage")}
    for seed in range(8):
        X, y, d, new, truth = concepts(seed)
        with pytest.warns(NoTargetWarning):
            models = [clone(plain).fit(X[d < 0], y[d < 0]), clone(plain).fit(X, y)]
        models += [clone(m).fit(X, y, sample_domain=d) for m in (transfer, two_stage)]
        for name, model in zip(errors, models, strict=True):
            errors[name].append(mean_squared_error(truth, model.predict(new)) ** 0.5)
    for name, values in errors.items():
        print(f"{name:13s} RMSE {np.mean(values):.2f} +- {standard_error(values):.2f}")
    for method in ("TrAdaBoostR2", "two-stage"):
        for baseline in ("target alone", "pooled"):
            gains = np.array(errors[baseline]) - errors[method]
            print(f"{method} against {baseline}: {gains.mean():.2f} +- {standard_error(gains):.2f}")
            assert gains.mean() > 3 * standard_error(gains)


def standard_error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))
