"""Logistic regression from the source's weights: gradient, limits, classes, leave-one-out."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.neighbors import NearestCentroid
from sklearn.svm import SVC

from skdomain.transfer import SourceRegularizedLogisticRegression
from skdomain.transfer._left_out_loss import left_out_loss
from skdomain.transfer._offset_logistic import OffsetProblem, minimize_offset, offset_bases

pytestmark = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
EXACT_STOP = {"tol": 1e-10, "max_iter": 10000}
EXACT = LogisticRegression(**EXACT_STOP)


@pytest.fixture
def problem(make_domains):
    """Of three classes that overlap."""
    X, y, d = make_domains(45, 21, n_classes=3)
    return X + np.random.default_rng(0).normal(scale=1.5, size=X.shape), y, d


def objective(X, y, s, W, b, Ws, lam, n_classes):
    F = X @ W.T + b
    F = np.column_stack([np.zeros(len(X)), F[:, 0]]) if n_classes == 2 else F
    return -s @ log_softmax(F, axis=1)[np.arange(len(y)), y] + lam / 2 * np.sum((W - Ws) ** 2)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("free", [False, True])
def test_a_generic_solver_finds_the_same_minimum(problem, n_classes, free):
    X, y, d = (a[problem[1] < n_classes] for a in problem)
    s = np.random.default_rng(1).uniform(0.5, 2, len(y))
    model = SourceRegularizedLogisticRegression(
        EXACT, lam=0.5, metric="identity", fit_intercept=free
    ).fit(X, y, sample_domain=d, sample_weight=s)
    source, t = model.source_estimator_, d < 0
    shape = source.coef_.shape

    def value(theta):
        W, b = theta[: np.prod(shape)].reshape(shape), theta[np.prod(shape) :]
        b = b if free else source.intercept_
        return objective(X[t], y[t], s[t], W, b, source.coef_, 0.5, n_classes)

    start = np.concatenate([source.coef_.ravel(), source.intercept_])
    found = minimize(value, start, method="BFGS", options={"gtol": 1e-6})
    ours = np.concatenate([model.coef_.ravel(), model.intercept_])
    assert value(ours) <= found.fun + 1e-10
    assert_allclose(model.coef_.ravel(), found.x[: np.prod(shape)], atol=1e-4)
    assert model.gradient_norm_ <= 1e-6


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("metric", ["identity", "source"])
def test_an_infinite_penalty_is_the_model_of_the_source(problem, n_classes, metric):
    X, y, d = (a[problem[1] < n_classes] for a in problem)
    for lam in (np.inf, 1e12):
        model = SourceRegularizedLogisticRegression(
            EXACT, lam=lam, metric=metric, fit_intercept=False
        ).fit(X, y, sample_domain=d)
        expected = model.source_estimator_.predict_proba(X)
        assert_allclose(model.predict_proba(X), expected, atol=1e-9)


def test_a_vanishing_penalty_is_the_model_of_the_target(make_domains):
    X, y, d = make_domains(45, 150, n_classes=3)
    X = X + np.random.default_rng(0).normal(scale=3, size=X.shape)
    target = LogisticRegression(C=1e9, tol=1e-10, max_iter=10000).fit(X[d < 0], y[d < 0])
    for metric in ("identity", "source"):
        model = SourceRegularizedLogisticRegression(
            lam=1e-9, metric=metric, fit_intercept=True, max_iter=500
        ).fit(X, y, sample_domain=d)
        assert_allclose(model.predict_proba(X), target.predict_proba(X), atol=1e-4)


def test_from_weights_of_zero_it_is_scikit_learns(problem):
    X, y, _ = problem
    for n_classes in (2, 3):
        X, y = X[y < n_classes], y[y < n_classes]
        nothing = FrozenEstimator(LogisticRegression(C=1e-13).fit(X, y))
        model = SourceRegularizedLogisticRegression(nothing, lam=0.5, fit_intercept=True)
        expected = LogisticRegression(C=2.0, tol=1e-10, max_iter=10000).fit(X, y)
        assert_allclose(model.fit(X, y).predict_proba(X), expected.predict_proba(X), atol=1e-6)


def test_a_penalty_of_one_is_nearly_the_logistic_regression_of_all_rows():
    """Where the source is large enough for its loss to be a parabola."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(4030, 3)), np.repeat([1, -2], [4000, 30])
    y = (X @ [1.0, -1.0, 0.5] + rng.logistic(size=4030) > 0).astype(int)
    model = SourceRegularizedLogisticRegression(EXACT, lam=1.0).fit(X, y, sample_domain=d)
    pooled = EXACT.fit(X, y)
    moved = np.abs(pooled.coef_ - model.source_estimator_.coef_).max()
    assert np.abs(model.coef_ - pooled.coef_).max() < 0.02 * moved


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_first_order_leave_one_out_loss_is_near_that_of_refits(problem, n_classes):
    X, y, _ = (a[problem[1] < n_classes] for a in problem)
    Y, (B, A) = np.eye(n_classes)[y], offset_bases(n_classes, np.zeros(n_classes, dtype=bool))
    O = np.random.default_rng(0).normal(size=Y.shape)  # noqa: E741
    whole = OffsetProblem(X, Y, O, np.ones(len(y)), 3.0, B, A)
    start = np.zeros(whole.n_parameters)
    theta = minimize_offset(whole, start, tol=1e-10, max_iter=100)[0]
    left = 0.0
    for i in range(len(y)):
        kept = np.arange(len(y)) != i
        part = whole._replace(X=X[kept], Y=Y[kept], O=O[kept], s=whole.s[kept])
        v = minimize_offset(part, start, tol=1e-10, max_iter=100)[0]
        left -= log_softmax(O[i] + whole._replace(X=X[[i]]).moves(v)[0])[y[i]]
    fitted = whole.loss(theta) - 1.5 * theta @ theta
    assert abs(left_out_loss(whole, theta) - left) < {2: 0.2, 3: 0.5}[n_classes] * (left - fitted)


@pytest.mark.parametrize(("scale", "expected"), [(0.01, 1.0), (10, 30 / 400), (100, 30 / 40000)])
def test_the_default_source_expects_scores_of_the_same_size_whatever_the_units(scale, expected):
    sign, y, d = np.arange(60) % 2 * 2 - 1, np.arange(60) // 2 % 2, np.repeat([1, -2], 30)
    X = scale * np.repeat(sign[:, None], 4, axis=1)  # of variance scale^2
    model, some = SourceRegularizedLogisticRegression(), np.where(np.arange(60) < 2, 0.0, 1.0)
    for rows, weights in ((X, None), (X, some), (sparse.csr_array(X), None)):
        model.fit(rows, y, sample_domain=d, sample_weight=weights)
        assert_allclose(model.source_estimator_.C, expected)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_source_model_that_has_chosen_its_penalty_says_which(problem):
    X, y, d = problem
    searched = SourceRegularizedLogisticRegression(
        LogisticRegressionCV(Cs=[0.3], cv=2, **EXACT_STOP)
    )
    told = SourceRegularizedLogisticRegression(LogisticRegression(C=0.3, **EXACT_STOP))
    for model in (searched, told):
        model.fit(X, y, sample_domain=d)
    assert_allclose(searched.precision_, told.precision_, rtol=1e-5)


def test_a_class_that_only_the_source_knows_is_still_predicted(problem):
    X, y, d = problem
    kept = (d > 0) | (y != 2)
    model = SourceRegularizedLogisticRegression().fit(X[kept], y[kept], sample_domain=d[kept])
    assert_array_equal(model.classes_, [0, 1, 2])
    assert (model.predict(X) == 2).sum() > 10
    one = (d > 0) | (y == 0)
    model = SourceRegularizedLogisticRegression(metric="identity", fit_intercept=True)
    model.fit(X[one], y[one], sample_domain=d[one])
    assert_array_equal(model.added_intercept_, 0)
    assert set(model.predict(X)) == {0, 1, 2}


@pytest.mark.parametrize("metric", ["identity", "source"])
def test_a_class_that_only_the_target_knows_is_learned(problem, metric):
    X, y, d = problem
    kept = (d < 0) | (y != 2)
    model = SourceRegularizedLogisticRegression(metric=metric)
    model.fit(X[kept], y[kept], sample_domain=d[kept])
    assert_array_equal(model.classes_, [0, 1, 2])
    right = model.predict(X)[d < 0] == y[d < 0]
    assert right[y[d < 0] == 2].mean() > 0.5
    assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_the_only_rows_of_their_classes_leave_the_choice_to_the_prior(problem):
    """Whatever their labels: left out, nothing tells of the class."""
    X, y, d = problem
    rows = [*np.flatnonzero(d > 0), *[np.flatnonzero((d < 0) & (y == c))[0] for c in range(3)]]
    X, y, d = X[rows], y[rows], d[rows]
    lams = set()
    for shift in range(3):
        labels = np.where(d < 0, (y + shift) % 3, y)
        lams.add(SourceRegularizedLogisticRegression().fit(X, labels, sample_domain=d).lam_)
    assert len(lams) == 1


def test_any_model_of_the_source_is_corrected_by_its_log_odds(problem):
    X, y, d = problem
    for source in (RandomForestClassifier(5, random_state=0), SVC()):
        model = SourceRegularizedLogisticRegression(source, lam=np.inf, fit_intercept=False)
        model.fit(X, y, sample_domain=d)
        assert model.coef_ is None
        assert_array_equal(model.predict(X), model.source_estimator_.predict(X))
        model.set_params(lam=0.1).fit(X, y, sample_domain=d)
        moved = model.decision_function(X) - X @ model.added_coef_.T - model.added_intercept_
        model.set_params(lam=np.inf).fit(X, y, sample_domain=d)
        assert_allclose(moved, model.decision_function(X), atol=1e-10)


def test_no_source_rows_are_needed_with_a_shipped_model(problem):
    X, y, d = problem
    source = SourceRegularizedLogisticRegression().fit(X[d > 0], y[d > 0], sample_domain=d[d > 0])
    shipped = FrozenEstimator(pickle.loads(pickle.dumps(source)))
    both = SourceRegularizedLogisticRegression().fit(X, y, sample_domain=d)
    alone = SourceRegularizedLogisticRegression(shipped).fit(X[d < 0], y[d < 0])
    assert alone.lam_ == pytest.approx(both.lam_)
    assert_allclose(alone.predict_proba(X), both.predict_proba(X), atol=1e-8)


def test_sparse_rows_give_what_dense_ones_give(problem):
    X, y, d = problem
    X = np.where(np.abs(X) < 1, 0, X)
    for metric in ("identity", "source"):
        model = SourceRegularizedLogisticRegression(EXACT, metric=metric)
        dense = model.fit(X, y, sample_domain=d).predict_proba(X)
        S = sparse.csr_array(X)
        assert_allclose(model.fit(S, y, sample_domain=d).predict_proba(S), dense, atol=1e-6)


def test_it_says_that_it_has_not_converged(problem):
    X, y, d = problem
    with pytest.warns(ConvergenceWarning, match="stopped after 1 of 1 steps with a gradient"):
        SourceRegularizedLogisticRegression(lam=1e-6, max_iter=1).fit(X, y, sample_domain=d)


def test_a_source_without_scores_is_refused(problem):
    X, y, d = problem

    class Mute(NearestCentroid):
        predict_proba = decision_function = property()

    with pytest.raises(ValueError, match="Mute says how sure it is in neither"):
        SourceRegularizedLogisticRegression(Mute()).fit(X, y, sample_domain=d)
