"""What the criteria promise of regressors."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skdomain._estimators import call_with_domains
from skdomain.alignment import LinearMonge
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_regression_shift
from skdomain.metrics import class_mixture_discrepancy
from skdomain.model_selection import (
    CircularValidation,
    DeepEmbeddedValidation,
    ImportanceWeighted,
    deep_embedded_mean,
    get_scorer,
    importance_weighted_mean,
    make_target_scorer,
    scorer_names,
)
from skdomain.model_selection._criteria._gains import squared_gains
from skdomain.model_selection._criteria._scorer_names import SCORERS
from skdomain.model_selection._criteria._value_groups import value_groups

ERRORS = ("circular_validation", "deep_embedded_validation", "importance_weighted")
WITHOUT_LABELS = (*ERRORS, "class_mixture")
every = pytest.mark.parametrize("name", [*WITHOUT_LABELS, "oracle"])
of_errors = pytest.mark.parametrize("name", [*ERRORS, "oracle"])
blind = pytest.mark.parametrize("name", WITHOUT_LABELS)


class Table(RegressorMixin, BaseEstimator):
    """Predicts a given value of each row, which is a number from 0 on."""

    def __init__(self, values=()):
        self.values = values

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.asarray(self.values, dtype=float)[np.asarray(X)[:, 0].astype(int)]


def problem(kind="affine", n=60, seed=0):
    p = make_regression_shift(n, n, kind=kind, shift=0.7, random_state=seed)
    return p.X, p.y, p.sample_domain, p.density_ratio[:n]


def models(X, y, d):
    yield SourceOnly(Ridge(0.01)).fit(X, y, sample_domain=d)
    pipe = make_pipeline(PerDomain(StandardScaler()), LinearMonge(), SourceOnly(Ridge(0.01)))
    told = {f"{name}__sample_domain": d for name, _ in pipe.steps}
    yield pipe.fit(X, y, **told)


def predict(model, X, d):
    return call_with_domains(model, "predict", X, sample_domain=d)


# -- Gains --------------------------------------------------------------------------------------


def test_the_mean_gain_is_less_the_mean_squared_error_of_several_outputs_too():
    rng = np.random.default_rng(0)
    for shape in ((20,), (20, 3)):
        y, predicted = rng.normal(size=(2, *shape))
        gains = squared_gains(y, predicted)
        assert gains.shape == (20,)
        assert_allclose(gains.mean(), -mean_squared_error(y, predicted))


def test_those_that_judge_regressors_are_those_that_the_refusal_names(make_domains):
    X, y, d = make_domains()
    model = Ridge().fit(X, y)
    judging = [name for name in scorer_names() if SCORERS[name]._judges_regressors]
    assert judging == sorted([*WITHOUT_LABELS, "oracle"])
    for name in set(scorer_names()) - {*WITHOUT_LABELS, "oracle"}:
        with pytest.raises(ValueError, match="is a regressor") as raised:
            get_scorer(name)(model, X, y, sample_domain=d)
        for other in (*WITHOUT_LABELS, "oracle"):
            assert type(get_scorer(other)).__name__ in str(raised.value)


# -- Importance weights -------------------------------------------------------------------------


@pytest.mark.parametrize("normalize", [False, True])
def test_the_weighted_error_is_a_weighted_mean_of_squared_errors(normalize):
    X, y, d, ratio = problem()
    model = next(models(X, y, d))
    total = weight = 0.0
    for x, value, w in zip(X[d > 0], y[d > 0], ratio, strict=True):
        total += w * (value - model.predict(x[None])[0]) ** 2
        weight += w
    scorer = ImportanceWeighted(lambda Xs, Xt: ratio, normalize=normalize)
    expected = -total / (weight if normalize else len(ratio))
    assert_allclose(scorer(model, X, y, sample_domain=d), expected)


def test_with_the_true_ratio_the_weighted_error_is_unbiased():
    """The sum over all samples of three rows of an exact law is the error on the target."""
    p_source, p_target = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.3, 0.6])
    values, share = np.array([[0.0, 1.0], [2.0, 5.0], [-1.0, 4.0]]), np.array([0.25, 0.75])
    model, ratio = Table([0.5, 3.0, 0.0]).fit(None, None), p_target / p_source
    errors = (values - np.array(model.values)[:, None]) ** 2
    risk = p_target @ errors @ share
    outcomes = [(x, k, p_source[x] * share[k]) for x in range(3) for k in range(2)]
    mean = 0.0
    for sample in product(outcomes, repeat=3):
        X = np.array([[x] for x, _, _ in sample] + [[0]])
        y = np.array([values[x, k] for x, k, _ in sample] + [np.nan])
        scorer = ImportanceWeighted(lambda Xs, Xt: ratio[Xs[:, 0]])
        mean += np.prod([p for *_, p in sample]) * scorer(model, X, y, [1, 1, 1, -2])
    assert_allclose(mean, -risk)


# -- Deep embedded validation -------------------------------------------------------------------


def test_it_is_the_function_on_squared_errors():
    X, y, d, ratio = problem()
    for model in models(X, y, d):
        gains = -((y[d > 0] - predict(model, X[d > 0], d[d > 0])) ** 2)
        for loss in (None, "squared_error"):
            scorer = DeepEmbeddedValidation(lambda F, G: ratio, loss=loss, space="input")
            assert_allclose(
                scorer.estimate(model, X, y, sample_domain=d), deep_embedded_mean(gains, ratio)
            )


@pytest.mark.parametrize("seed", range(5))
def test_on_its_own_sample_the_control_leaves_no_more_variance(seed):
    """Var(wg + eta w) <= Var(wg), as eta is that of least squares."""
    X, y, d, ratio = problem("covariate", n=30, seed=seed)
    gains = squared_gains(y[d > 0], next(models(X, y, d)).predict(X[d > 0]))
    n = len(gains)
    weighted = importance_weighted_mean(gains, ratio).standard_error ** 2 * (n - 1)
    controlled = deep_embedded_mean(gains, ratio).standard_error ** 2 * (n - 2)
    assert controlled <= weighted * (1 + 1e-12)


@pytest.mark.parametrize("loss", ["zero_one", "log_loss"])
def test_a_loss_of_classifiers_is_refused_of_a_regressor(loss):
    X, y, d, _ = problem()
    with pytest.raises(ValueError, match=f"{loss}' is none of a regressor, which SourceOnly is"):
        DeepEmbeddedValidation(loss=loss)(next(models(X, y, d)), X, y, sample_domain=d)


def test_the_squared_error_is_refused_of_a_classifier(make_domains):
    X, y, d = make_domains()
    model = SourceOnly().fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match="'squared_error' is none of a classifier"):
        DeepEmbeddedValidation(loss="squared_error")(model, X, y, sample_domain=d)


# -- Circular validation ------------------------------------------------------------------------


def test_an_exact_learner_without_a_shift_leads_back_without_error():
    X, _, d, _ = problem("concept")
    y = X @ [2.0, -1.0] + 3
    for model in (SourceOnly(LinearRegression()), LinearRegression()):
        told = {"sample_domain": d} if isinstance(model, SourceOnly) else {}
        value, error = CircularValidation().estimate(model.fit(X, y, **told), X, y, d)
        assert_allclose([value, error], 0, atol=1e-25)


def test_the_way_back_learns_from_the_values_predicted_on_the_target():
    X, y, d, _ = problem()
    model = next(models(X, y, d))
    back = Ridge(0.01).fit(X[d < 0], model.predict(X[d < 0]))
    value = CircularValidation()(model, X, y, sample_domain=d)
    assert_allclose(value, -mean_squared_error(y[d > 0], back.predict(X[d > 0])))


def test_one_value_on_the_target_leads_back_to_that_value():
    X, y, d, _ = problem()
    model = SourceOnly(DecisionTreeRegressor(max_depth=1)).fit(X, y, sample_domain=d)
    X[d < 0] = 9.0
    value = CircularValidation()(model, X, y, sample_domain=d)
    assert_allclose(value, -np.mean((y[d > 0] - model.predict([[9.0, 9.0]])) ** 2))


def test_several_outputs_lead_back():
    X, _, d, _ = problem("concept")
    Y = X @ [[2.0, 1.0], [0.0, -1.0]]
    model = SourceOnly(LinearRegression()).fit(X, Y, sample_domain=d)
    assert_allclose(CircularValidation()(model, X, Y, sample_domain=d), 0, atol=1e-25)


def test_a_regressor_has_no_classes_to_balance():
    X, y, d, _ = problem()
    with pytest.raises(ValueError, match=r"balanced=True counts each class.*is a regressor"):
        CircularValidation(balanced=True)(next(models(X, y, d)), X, y, sample_domain=d)


# -- Class mixture ------------------------------------------------------------------------------


def test_groups_of_values_are_the_classes_of_a_regressor():
    X, y, d, _ = problem()
    model = next(models(X, y, d))
    value = get_scorer("class_mixture")(model, X, y, sample_domain=d)
    expected = class_mixture_discrepancy(X[d > 0], value_groups(y[d > 0]), X[d < 0])[0]
    assert_allclose(value, -expected)
    assert get_scorer("class_mixture")(model, X, np.exp(y), sample_domain=d) == value


def test_values_met_more_often_cost_nothing():
    """The target holds one group of the source twice over, another not at all."""
    X, y, d, _ = problem(n=32)
    source, groups = X[d > 0], value_groups(y[d > 0])
    target = np.concatenate([source[groups == 1]] * 2)
    rows = np.concatenate([source, target])
    domains = np.repeat([1, -2], [len(source), len(target)])
    model, values = next(models(X, y, d)), np.append(y[d > 0], np.full(len(target), np.nan))
    assert_allclose(get_scorer("class_mixture")(model, rows, values, domains), 0, atol=1e-12)


# -- All ----------------------------------------------------------------------------------------


def test_the_oracle_is_less_the_mean_squared_error_on_the_target():
    X, y, d, _ = problem()
    model, target = next(models(X, y, d)), d < 0
    value, error = get_scorer("oracle").estimate(model, X, y, sample_domain=d)
    errors = (y[target] - model.predict(X[target])) ** 2
    assert_allclose(value, -errors.mean())
    assert_allclose(error, errors.std(ddof=1) / np.sqrt(len(errors)))
    scorer = make_target_scorer("neg_mean_squared_error")
    assert_allclose(scorer(model, X, y, sample_domain=d), value)


@of_errors
def test_values_in_other_units_change_the_value_by_the_square(name):
    X, y, d, _ = problem()
    one, other = (
        [get_scorer(name).estimate(m, X, scale * y, d) for m in models(X, scale * y, d)]
        for scale in (1.0, 8.0)  # a power of two: exact
    )
    assert_allclose(other, 64.0 * np.array(one), rtol=1e-9)


@blind
@pytest.mark.parametrize("change", ["random", "missing", "permuted"])
def test_values_of_target_rows_are_not_read(name, change):
    X, y, d, _ = problem()
    rng, target = np.random.default_rng(1), d < 0
    changed = y.copy()
    changed[target] = {
        "random": rng.normal(size=target.sum()) * 1e6,
        "missing": np.full(target.sum(), np.nan),
        "permuted": rng.permutation(y[target]),
    }[change]
    for one, other in zip(models(X, y, d), models(X, changed, d), strict=True):
        expected = get_scorer(name).estimate(one, X, y, sample_domain=d)
        assert get_scorer(name).estimate(other, X, changed, sample_domain=d) == expected


@every
def test_the_order_of_the_rows_does_not_matter_to_regressors(name):
    X, y, d, _ = problem()
    order = np.random.default_rng(0).permutation(len(d))
    model = next(models(X, y, d))
    expected = get_scorer(name)(model, X, y, sample_domain=d)
    found = get_scorer(name)(model, X[order], y[order], sample_domain=d[order])
    assert_allclose(found, expected, rtol=1e-7)


@of_errors
def test_outputs_that_do_not_fit_are_named(name):
    X, y, d, _ = problem()
    model = next(models(X, y, d))
    with pytest.raises(ValueError, match=r"are predicted where y has shape \(60, 2\)"):
        get_scorer(name)(model, X, np.column_stack([y, y]), sample_domain=d)
