"""Ridge from the source's weights: its normal equations, limits, leave-one-out, and metric."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge

from skdomain.transfer import SourceRegularizedRidge

pytestmark = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")


@pytest.fixture
def regression():
    """X, y and domains of 40 source rows and 9 target rows with another rule."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(49, 4)), np.repeat([1, -2], [40, 9])
    w = np.array([1.0, -2.0, 0.5, 0.0]) + np.where(d < 0, 0.5, 0.0)[:, None]
    return X, (X * w).sum(axis=1) + 0.1 * rng.normal(size=49) + (d < 0), d


def dense(X, y, s, ws, bs, lam, *, free):
    """The normal equations of ``sum_i s_i (y_i - x_i w - b)^2 + lam |w - ws|^2``, b free or bs."""
    p = X.shape[1]
    A = np.column_stack([X, np.ones(len(X))]) if free else X
    r = y - X @ ws - bs
    penalty = np.diag(np.append(np.full(p, lam), 0.0)[: A.shape[1]])
    v = np.linalg.solve((A.T * s) @ A + penalty, A.T @ (s * r))
    return ws + v[:p], bs + (v[p] if free else 0.0)


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("n_target", [3, 9])
def test_it_solves_the_normal_equations(regression, free, n_target):
    """With fewer rows than features, and with more."""
    X, y, d = regression
    X, y, d = X[: 40 + n_target], y[: 40 + n_target], d[: 40 + n_target]
    s = np.random.default_rng(1).uniform(0.5, 2, len(y))
    model = SourceRegularizedRidge(lam=0.7, metric="identity", fit_intercept=free)
    model.fit(X, y, sample_domain=d, sample_weight=s)
    source = Ridge().fit(X[d > 0], y[d > 0], sample_weight=s[d > 0])
    t = d < 0
    w, b = dense(X[t], y[t], s[t], source.coef_, source.intercept_, 0.7, free=free)
    assert_allclose(model.coef_, w, atol=1e-10)
    assert_allclose(model.intercept_, b, atol=1e-10)
    assert_allclose(model.predict(X), X @ w + b, atol=1e-10)


def test_a_penalty_of_one_in_the_metric_of_the_source_is_the_ridge_of_all_rows(regression):
    X, y, d = regression
    model = SourceRegularizedRidge(Ridge(alpha=3.0), lam=1.0).fit(X, y, sample_domain=d)
    pooled = Ridge(alpha=3.0).fit(X, y)
    assert_allclose(model.coef_, pooled.coef_, atol=1e-10)
    assert_allclose(model.intercept_, pooled.intercept_, atol=1e-10)


def test_lam_is_how_much_a_source_row_counts(regression):
    X, y, d = regression
    model = SourceRegularizedRidge(Ridge(alpha=3.0), lam=0.2).fit(X, y, sample_domain=d)
    weighted = Ridge(alpha=0.6).fit(X, y, sample_weight=np.where(d > 0, 0.2, 1.0))
    assert_allclose(model.coef_, weighted.coef_, atol=1e-10)


@pytest.mark.parametrize("metric", ["identity", "source"])
def test_the_limits_are_the_source_and_the_target(regression, metric):
    X, y, d = regression
    source = Ridge().fit(X[d > 0], y[d > 0])
    target = LinearRegression().fit(X[d < 0], y[d < 0])

    def fit(lam, free):
        model = SourceRegularizedRidge(lam=lam, metric=metric, fit_intercept=free)
        return model.fit(X, y, sample_domain=d)

    for lam in (np.inf, 1e14):
        assert_allclose(fit(lam, False).predict(X), source.predict(X), atol=1e-10)
        assert_allclose(fit(lam, True).coef_, source.coef_, atol=1e-10)
    for lam in (0, 1e-13):
        assert_allclose(fit(lam, True).predict(X), target.predict(X), atol=1e-8)


@pytest.mark.parametrize("metric", ["identity", "source"])
@pytest.mark.parametrize("free", [False, True])
def test_the_leave_one_out_error_is_that_of_refits(regression, metric, free):
    X, y, d = regression
    s = np.random.default_rng(1).uniform(0.5, 2, len(y))
    source = FrozenEstimator(SourceRegularizedRidge().fit(X[d > 0], y[d > 0], d[d > 0]))
    X, y, s = X[d < 0], y[d < 0], s[d < 0]
    model = SourceRegularizedRidge(source, lam=0.3, metric=metric, fit_intercept=free)
    left = []
    for i in range(len(y)):
        others = np.arange(len(y)) != i
        model.fit(X[others], y[others], sample_weight=s[others])
        left.append(y[i] - model.predict(X[[i]])[0])
    model.fit(X, y, sample_weight=s)
    assert_allclose(model.left_out_error_, np.average(np.square(left), weights=s), rtol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 5.0])
@pytest.mark.parametrize("noise", [0.1, 3.0])
@pytest.mark.parametrize("metric", ["source", "identity"])
def test_auto_weighs_left_out_refits_against_the_penalty_to_expect(
    regression, metric, noise, scale
):
    """By refits: f / 2 ln(mean squared error) + 2 nats a decade, whatever the scale of weights."""
    X, y, d = regression
    y = y + noise * np.random.default_rng(2).normal(size=len(y))
    s = scale * np.random.default_rng(1).uniform(0.5, 2, 9)
    source = FrozenEstimator(SourceRegularizedRidge().fit(X[d > 0], y[d > 0], d[d > 0]))
    X, y = X[d < 0], y[d < 0]
    auto = SourceRegularizedRidge(source, metric=metric, fit_intercept=True)
    auto.fit(X, y, sample_weight=s)
    if metric == "source":
        expected = s.sum() / 40
        grid = expected * 10.0 ** np.arange(3, -2.5, -0.5)
    else:
        centred = np.sqrt(s)[:, None] * (X - np.average(X, axis=0, weights=s))
        size = np.mean(np.linalg.svd(centred, compute_uv=False) ** 2)
        expected, grid = size * 10**0.5, size * 10.0 ** np.arange(4, -4.5, -0.5)
    errors, freedom = [], []
    for lam in grid:
        model, left = SourceRegularizedRidge(source, lam=lam, metric=metric, fit_intercept=True), []
        for i in range(len(y)):
            others = np.arange(len(y)) != i
            model.fit(X[others], y[others], sample_weight=s[others])
            left.append(y[i] - model.predict(X[[i]])[0])
        errors.append(np.average(np.square(left), weights=s))
        said = model.fit(X, y, sample_weight=s).predict(X)
        hat = [
            model.fit(X, y + (np.arange(9) == i), sample_weight=s).predict(X)[i] - said[i]
            for i in range(9)
        ]
        freedom.append(s.sum() ** 2 / np.sum(s**2) - np.sum(hat))
    decades = np.abs(np.log10(grid / expected))
    known = np.log(errors[np.argmin(decades)])
    costs = np.maximum(freedom, 0) / 2 * (np.log(errors) - known) + 2 * decades
    assert_allclose(auto.lam_, grid[np.argmin(costs)])


def test_what_is_expected_decides_where_labels_are_few_and_gives_way_where_they_are_many():
    """The source has no say in a rule of its own; with three labels that is not known yet."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(640, 4)), np.repeat([1, -2], [40, 600])
    y = np.where(d > 0, 5.0, -5.0) * X.sum(axis=1) + rng.normal(size=640)
    shares = {}
    for n in (3, 600):
        model = SourceRegularizedRidge().fit(X[: 40 + n], y[: 40 + n], sample_domain=d[: 40 + n])
        shares[n] = model.lam_ / (n / 40)
    assert abs(np.log10(shares[3])) <= 1
    assert_allclose(shares[600], 0.01)


def test_a_source_that_is_right_is_left_alone(regression):
    X, _, d = regression
    y = X @ [1.0, 2.0, 3.0, 4.0]
    model = SourceRegularizedRidge(LinearRegression()).fit(X, y, sample_domain=d)
    assert_allclose(model.predict(X), y, atol=1e-9)


def test_one_label_alone_chooses_the_model_of_the_source_but_for_what_it_can_tell(regression):
    X, y, d = (a[:41] for a in regression)
    model = SourceRegularizedRidge(metric="identity", fit_intercept=True)
    model.fit(X, y, sample_domain=d)
    assert model.lam_ == np.inf
    assert_array_equal(model.added_coef_, 0)


def test_no_source_rows_are_needed_with_a_shipped_model(regression):
    X, y, d = regression
    source = SourceRegularizedRidge().fit(X[d > 0], y[d > 0], sample_domain=d[d > 0])
    shipped = FrozenEstimator(pickle.loads(pickle.dumps(source)))
    both = SourceRegularizedRidge(lam=0.3).fit(X, y, sample_domain=d)
    alone = SourceRegularizedRidge(shipped, lam=0.3).fit(X[d < 0], y[d < 0])
    assert_allclose(alone.coef_, both.coef_, atol=1e-10)
    assert_allclose(alone.precision_, both.precision_, rtol=1e-10)
    named = SourceRegularizedRidge(shipped, lam=0.3).fit(X, np.where(d > 0, np.nan, y), d)
    assert_array_equal(named.coef_, alone.coef_)


def test_two_targets_one_after_the_other_are_the_ridge_of_all(regression):
    """What a fit knows of its weights is what the next one starts from."""
    X, y, d = regression
    parts = np.flatnonzero(d < 0)[:5], np.flatnonzero(d < 0)[5:]
    model = SourceRegularizedRidge().fit(X[d > 0], y[d > 0], sample_domain=d[d > 0])
    for lam, rows in zip((0.5, 1.0), parts, strict=True):
        model = SourceRegularizedRidge(FrozenEstimator(model), lam=lam).fit(X[rows], y[rows])
    expected = Ridge(alpha=0.5).fit(X, y, sample_weight=np.where(d > 0, 0.5, 1.0))
    assert_allclose(model.coef_, expected.coef_, atol=1e-10)


def test_of_a_model_that_is_not_linear_the_rest_is_fitted(regression):
    X, y, d = regression
    forest = RandomForestRegressor(5, random_state=0)
    model = SourceRegularizedRidge(forest, lam=0.5, metric="identity", fit_intercept=True)
    model.fit(X, y, sample_domain=d)
    said = forest.fit(X[d > 0], y[d > 0]).predict(X)
    rest = Ridge(alpha=0.5).fit(X[d < 0], (y - said)[d < 0])
    assert model.coef_ is None
    assert_allclose(model.predict(X), said + rest.predict(X), atol=1e-10)


def test_several_outputs_are_fitted_as_one_by_one(regression):
    X, y, d = regression
    Y = np.column_stack([y, X[:, 0] - y])
    both = SourceRegularizedRidge(lam=0.3).fit(X, Y, sample_domain=d)
    for k in range(2):
        one = SourceRegularizedRidge(lam=0.3).fit(X, Y[:, k], sample_domain=d)
        assert_allclose(both.predict(X)[:, k], one.predict(X), atol=1e-10)


def test_the_metric_of_the_source_needs_something_to_find_it_from(regression):
    X, y, d = regression
    source = FrozenEstimator(Ridge().fit(X[d > 0], y[d > 0]))
    model = SourceRegularizedRidge(source, metric="source")
    with pytest.raises(ValueError, match="needs source rows, or a frozen model with a precision_"):
        model.fit(X[d < 0], y[d < 0])
    assert SourceRegularizedRidge(source).fit(X[d < 0], y[d < 0]).precision_ is None
