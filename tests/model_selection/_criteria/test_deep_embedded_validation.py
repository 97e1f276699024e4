"""Deep embedded validation: what weights should sum to says how far off the weighted mean is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdomain.compose import SourceOnly
from skdomain.model_selection import (
    DeepEmbeddedValidation,
    ImportanceWeighted,
    deep_embedded_mean,
    importance_weighted_mean,
)

draws = given(n=st.integers(3, 30), seed=st.integers(0, 2**16))


def draw(n, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.exponential(size=n)


@draws
def test_it_is_the_weighted_mean_with_the_control_variate(n, seed):
    """mean(wl) + eta mean(w) - eta with eta = -Cov(wl, w) / Var(w), sample moments."""
    losses, weights = draw(n, seed)
    L = [w * v for w, v in zip(weights, losses, strict=True)]
    mean_L, mean_w = sum(L) / n, sum(weights) / n
    cov = sum((a - mean_L) * (b - mean_w) for a, b in zip(L, weights, strict=True)) / (n - 1)
    eta = -cov / (sum((b - mean_w) ** 2 for b in weights) / (n - 1))
    expected = mean_L + eta * mean_w - eta
    assert deep_embedded_mean(losses, weights).value == pytest.approx(expected, abs=1e-12)


@draws
def test_its_error_is_that_of_the_intercept_of_a_regression(n, seed):
    """At w = 1, the centred regression of wv on w has the value; its residuals have n - 2 left."""
    values, weights = draw(n, seed)
    A = np.column_stack([np.ones(n), weights - weights.mean()])
    coefficients, *_ = np.linalg.lstsq(A, weights * values, rcond=None)
    residuals = weights * values - A @ coefficients
    found = deep_embedded_mean(values, weights)
    assert found.value == pytest.approx(coefficients @ [1, 1 - weights.mean()], abs=1e-12)
    error = math.sqrt(residuals @ residuals / max(n - 2, 1) / n)
    assert found.standard_error == pytest.approx(error, abs=1e-12)


@draws
def test_no_other_factor_of_the_control_gives_less_variance(n, seed):
    values, weights = draw(n, seed)
    best = deep_embedded_mean(values, weights).standard_error * math.sqrt(n * (n - 2) / (n - 1))
    for eta in np.linspace(-3, 3, 13):
        assert best <= np.std(weights * values + eta * weights, ddof=1) + 1e-12


@draws
def test_risk_and_accuracy_are_one_estimate(n, seed):
    """Of a + bv it is a + b times that of v, whatever the weights sum to."""
    values, weights = draw(n, seed)
    value, error = deep_embedded_mean(values, weights)
    expected = (1 - 2 * value, 2 * error)
    assert deep_embedded_mean(1 - 2 * values, weights) == pytest.approx(expected, abs=1e-12)
    assert deep_embedded_mean(np.ones(n), weights) == pytest.approx((1, 0), abs=1e-12)


@draws
def test_weights_of_mean_one_leave_the_weighted_mean(n, seed):
    values, weights = draw(n, seed)
    weights /= weights.mean()
    plain = importance_weighted_mean(values, weights)
    assert deep_embedded_mean(values, weights).value == pytest.approx(plain.value, abs=1e-12)


@pytest.mark.parametrize("weight", [1.0, 0.1])
def test_weights_that_do_not_vary_control_nothing(weight):
    values, weights = [1, 0, 0, 1, 1], np.full(5, weight)
    expected = importance_weighted_mean(values, weights)
    assert deep_embedded_mean(values, weights) == pytest.approx(expected)


def test_of_few_rows_no_error_is_known():
    assert deep_embedded_mean([1, 0], [1, 2]) == pytest.approx((1, np.nan), nan_ok=True)
    assert deep_embedded_mean([1], [2]) == pytest.approx((2, np.nan), nan_ok=True)


def test_it_is_unbiased_under_covariate_shift_and_knows_its_error(covariate_shifts):
    """200 draws of 200 rows: the bias of order 1/n is below the 3 standard errors."""
    estimates, accuracy = covariate_shifts(DeepEmbeddedValidation())
    values, errors = estimates.T
    spread = values.std(ddof=1)
    assert abs(values.mean() - accuracy) < 3 * spread / np.sqrt(len(values))
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(spread, rel=0.25)


def test_the_control_variate_lowers_the_variance(covariate_shifts):
    controlled, plain = (
        covariate_shifts(scorer)[0][:, 0].var()
        for scorer in (DeepEmbeddedValidation(), ImportanceWeighted())
    )
    assert controlled < 0.75 * plain


# -- The scorer ---------------------------------------------------------------------------------


def ratio(Fs, Ft):
    return np.exp(-np.square(Fs - Ft.mean(axis=0)).sum(axis=1) / 9)


@pytest.mark.parametrize("loss", ["zero_one", "log_loss"])
def test_the_scorer_is_the_function_on_features_and_minus_the_loss(loss, make_overlapping):
    X, y, d = make_overlapping(n_classes=3)
    y = np.array(["b", "c", "a"])[y]
    model = make_pipeline(PCA(3), SourceOnly(LogisticRegression(C=0.01)))
    model.fit(X, y, sourceonly__sample_domain=d)
    F, ys, proba = model[:-1].transform(X), y[d > 0], model.predict_proba(X[d > 0])
    if loss == "zero_one":
        losses, offset = model.predict(X[d > 0]) != ys, 1
    else:
        columns = list(model.classes_)
        losses = [-math.log(p[columns.index(c)]) for p, c in zip(proba, ys, strict=True)]
        assert np.mean(losses) == pytest.approx(log_loss(ys, proba, labels=columns))
        offset = 0
    risk, error = deep_embedded_mean(losses, ratio(F[d > 0], F[d < 0]))
    found = DeepEmbeddedValidation(ratio, loss=loss).estimate(model, X, y, sample_domain=d)
    assert found == pytest.approx((offset - risk, error))
    on_rows = DeepEmbeddedValidation(ratio, loss=loss, space="input")(model, X, y, sample_domain=d)
    assert on_rows != pytest.approx(offset - risk, abs=1e-6)


def test_the_log_loss_of_decision_values_is_that_of_their_logistic_function(make_domains):
    X, y, d = make_domains()
    model = SourceOnly(SVC()).fit(X, y, sample_domain=d)
    z = np.where(y == 1, 1, -1) * model.decision_function(X)
    expected = deep_embedded_mean(np.logaddexp(0, -z[d > 0]), ratio(X[d > 0], X[d < 0]))
    found = DeepEmbeddedValidation(ratio, loss="log_loss").estimate(model, X, y, sample_domain=d)
    assert found == pytest.approx((-expected.value, expected.standard_error))


def test_a_class_that_the_classifier_does_not_know_costs_a_finite_loss(make_domains):
    X, y, d = make_domains(n_classes=3)
    model = LogisticRegression().fit(X[y < 2], y[y < 2])
    scorer = DeepEmbeddedValidation(lambda Fs, Ft: np.ones(len(Fs)), loss="log_loss")
    value = scorer(model, X, y, sample_domain=d)
    known = scorer(model, X[y < 2], y[y < 2], sample_domain=d[y < 2])
    n_source, n_unknown = (d > 0).sum(), ((d > 0) & (y == 2)).sum()
    expected = known * (1 - n_unknown / n_source) + np.log(2**-52) * n_unknown / n_source
    assert value == pytest.approx(expected)


def test_a_classifier_of_labels_only_has_no_log_loss(make_overlapping, threshold):
    X, y, d = make_overlapping()
    model = threshold.fit(X, y)
    assert 0 < DeepEmbeddedValidation(ratio)(model, X, y, sample_domain=d) < 1
    with pytest.raises(ValueError, match="Classifier has neither predict_proba nor decision_fun"):
        DeepEmbeddedValidation(ratio, loss="log_loss")(model, X, y, sample_domain=d)
