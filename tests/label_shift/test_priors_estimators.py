"""Estimators of class proportions: what holds for all of them."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from scipy.stats import beta
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import NoTargetWarning
from skdomain.datasets import make_label_shift
from skdomain.label_shift import BBSE, RLLS, EMPriors, KernelMixture, em_priors
from skdomain.label_shift._confusion import (
    condition_number,
    inseparable_classes,
    posterior_confusion,
)
from skdomain.label_shift._em import likelihood_draws
from skdomain.label_shift._held_out import source_posteriors
from skdomain.label_shift._interval import bootstrap_interval, resample_counts
from skdomain.label_shift._posteriors import Posteriors
from skdomain.metrics import class_mixture_discrepancy

ESTIMATORS = {
    "EMPriors": EMPriors(n_bootstrap=20, random_state=0),
    "EMPriors bayes": EMPriors(GaussianNB(), calibration=None, n_bootstrap=0),
    "BBSE": BBSE(n_bootstrap=20, random_state=0),
    "BBSE soft": BBSE(soft=True, calibration="vector", n_bootstrap=20, random_state=0),
    "RLLS": RLLS(n_bootstrap=20, random_state=0),
    "KernelMixture": KernelMixture(n_bootstrap=20, random_state=0),
}
ATTRIBUTES = ("priors_", "source_priors_", "standard_error_", "interval_", "condition_number_")
each = pytest.mark.parametrize("name", ESTIMATORS)


def problem(n=80, n_classes=3, seed=0, class_sep=3.0, **parameters):
    return make_label_shift(
        n,
        n,
        source_priors=np.full(n_classes, 1 / n_classes),
        target_priors=np.arange(1, n_classes + 1) / sum(range(n_classes + 1)),
        class_sep=class_sep,
        random_state=seed,
        **parameters,
    )


def fit(name, X, y, d):
    return clone(ESTIMATORS[name]).fit(X, y, sample_domain=d)


def assert_same(one, other, atol=1e-9):
    for attribute in ATTRIBUTES:
        assert_allclose(getattr(one, attribute), getattr(other, attribute), atol=atol)


@each
def test_what_is_reported_fits_together(name):
    data = problem()
    model = fit(name, data.X, data.y, data.sample_domain)
    assert_allclose([model.priors_.sum(), model.source_priors_.sum()], 1)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_allclose(list(model.class_weight_.values()), model.priors_ / model.source_priors_)
    LogisticRegression(class_weight=model.class_weight_).fit(data.X, data.y)
    assert model.condition_number_ >= 1
    if model.n_bootstrap:
        lower, upper = model.interval_
        assert (lower >= 0).all()
        assert (lower < upper).all()
        assert (upper <= 1).all()
        assert (model.standard_error_ > 0).all()
        assert (lower <= model.priors_).all()
        assert (model.priors_ <= upper).all()
    else:
        assert np.isnan(model.interval_).all()


@each
def test_priors_are_near_those_of_the_drawn_target(name):
    """To three standard errors of the counting alone, with classes far apart."""
    data = problem(600, class_sep=6.0)
    model = fit(name, data.X, data.y, data.sample_domain)
    assert_allclose(model.priors_, [1 / 6, 2 / 6, 3 / 6], atol=3 * 0.5 / np.sqrt(600))


@each
def test_a_target_that_is_the_source_estimates_no_shift(name):
    """Held-out posteriors against those of all rows are the one difference that is left."""
    data = problem(300)
    source = data.sample_domain > 0
    X, y = data.X[source], data.y[source]
    twice, labels = np.vstack([X, X]), np.concatenate([y, y])
    model = fit(name, twice, labels, np.repeat([1, -1], len(y)))
    assert_allclose(model.priors_, model.source_priors_, atol=0.01)


@each
def test_without_a_target_there_is_exactly_no_shift(name):
    data = problem()
    source = data.sample_domain > 0
    with pytest.warns(NoTargetWarning):
        model = clone(ESTIMATORS[name]).fit(data.X[source], data.y[source])
    assert_allclose(model.priors_, model.source_priors_, atol=1e-7)


@each
def test_labels_are_strings_or_numbers_of_any_kind(name):
    data = problem()
    names = np.array(["b", "a", "c"])
    numbered = fit(name, data.X, data.y, data.sample_domain)
    named = fit(name, data.X, names[data.y], data.sample_domain)
    assert_array_equal(named.classes_, ["a", "b", "c"])
    assert_allclose(named.priors_, numbered.priors_[[1, 0, 2]], atol=1e-6)
    assert list(named.class_weight_) == ["a", "b", "c"]


@each
def test_target_labels_are_not_read(name):
    data = problem()
    target = data.sample_domain < 0
    told = fit(name, data.X, data.y, data.sample_domain)
    for hidden in (np.nan, 7.0):
        y = np.where(target, hidden, data.y)
        for attribute in ATTRIBUTES:
            blind = fit(name, data.X, y, data.sample_domain)
            assert_array_equal(getattr(blind, attribute), getattr(told, attribute))


@each
def test_the_order_of_the_rows_does_not_matter(name):
    data = problem()
    order = np.random.default_rng(0).permutation(len(data.y))
    straight = fit(name, data.X, data.y, data.sample_domain)
    permuted = fit(name, data.X[order], data.y[order], data.sample_domain[order])
    assert_same(permuted, straight, atol=1e-5)  # the solver of the regression stops there


@each
def test_several_targets_are_taken_together(name):
    data = problem()
    several = data.sample_domain * (1 + np.arange(len(data.y)) % 3)
    assert_same(fit(name, data.X, data.y, several), fit(name, data.X, data.y, data.sample_domain))


@each
def test_a_class_of_one_source_row_is_estimated(name):
    data = problem(class_sep=6.0)
    kept = (data.sample_domain < 0) | (data.y != 2)
    kept[np.flatnonzero((data.sample_domain > 0) & (data.y == 2))[0]] = True
    model = fit(name, data.X[kept], data.y[kept], data.sample_domain[kept])
    assert np.isfinite(model.priors_).all()
    assert np.isfinite(model.source_priors_).all()
    if "bayes" not in name:  # to whom one row is a class without width
        assert model.priors_[2] > 0.2


@each
def test_a_class_without_target_rows_gets_near_nothing(name):
    data = problem(class_sep=8.0)
    kept = (data.sample_domain > 0) | (data.y != 1)
    model = fit(name, data.X[kept], data.y[kept], data.sample_domain[kept])
    assert model.priors_[1] < 0.02
    assert model.class_weight_[1] < 0.06


@each
def test_sparse_rows_and_both_states_of_routing_are_taken(name):
    data = problem()
    if "bayes" in name:
        pytest.skip("GaussianNB takes no sparse rows")
    dense = fit(name, data.X, data.y, data.sample_domain)
    with config_context(enable_metadata_routing=True):
        thin = fit(name, sparse.csr_array(data.X), data.y, data.sample_domain)
    assert_same(thin, dense, atol=1e-5)


@each
def test_data_frames_and_float32_give_what_arrays_give(name, frames):
    data = problem()
    expected = fit(name, data.X, data.y, data.sample_domain)
    frame = frames.frame(data.X, "ab")
    model = fit(name, frame, frames.column(data.y), frames.column(data.sample_domain))
    assert_same(model, expected)
    single = fit(name, data.X.astype(np.float32), data.y, data.sample_domain)
    assert_allclose(single.priors_, expected.priors_, atol=1e-3)


@each
def test_a_seed_draws_the_same_intervals(name):
    data = problem()
    one, other = (fit(name, data.X, data.y, data.sample_domain) for _ in range(2))
    for attribute in ATTRIBUTES:
        assert_array_equal(getattr(one, attribute), getattr(other, attribute))


def test_a_pipeline_serves_as_estimator():
    data = problem()
    pipe = make_pipeline(StandardScaler(), LogisticRegression())
    model = EMPriors(pipe, n_bootstrap=0).fit(data.X, data.y, sample_domain=data.sample_domain)
    assert_array_equal(model.estimator_.classes_, [0, 1, 2])


def test_the_class_is_a_shell_over_the_functions():
    data = problem()
    source = data.sample_domain > 0
    X, y, Xt = data.X[source], data.y[source], data.X[~source]
    found = source_posteriors(LogisticRegression(max_iter=1000), X, y, Xt)
    p = found.source.mean(axis=0)
    model = EMPriors(n_bootstrap=0).fit(data.X, data.y, sample_domain=data.sample_domain)
    assert_array_equal(model.priors_, em_priors(found.target, p)[0])
    assert_array_equal(model.source_priors_, p)


def test_the_kernel_s_mixture_is_that_of_the_metric():
    data = problem()
    source = data.sample_domain > 0
    model = KernelMixture(n_bootstrap=0).fit(data.X, data.y, sample_domain=data.sample_domain)
    _, expected = class_mixture_discrepancy(data.X[source], data.y[source], data.X[~source])
    assert_allclose(model.priors_, expected, atol=1e-10)


# -- Classes that cannot be told apart ----------------------------------------------------------


@pytest.mark.parametrize("name", ["EMPriors", "BBSE", "RLLS", "KernelMixture"])
def test_classes_that_cannot_be_told_apart_are_named(name):
    data = problem(200, n_classes=4, class_sep=6.0)
    y = np.array(["w", "x", "y", "z"])[data.y]
    rng = np.random.default_rng(0)
    mixed = (data.y == 1) | (data.y == 2)
    X = data.X.copy()
    X[mixed] = rng.normal([9.0, 0.0], size=(mixed.sum(), 2))  # x and y are one crowd
    with pytest.warns(UserWarning, match="the classes 'x', 'y' cannot be told apart.*Merge them"):
        model = fit(name, X, y, data.sample_domain)
    assert_allclose(model.priors_[[1, 2]].sum(), 0.5, atol=0.12)


@each
def test_classes_that_can_be_told_apart_are_not(name):
    data = problem()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(name, data.X, data.y, data.sample_domain)


def test_equal_columns_have_no_finite_condition_number():
    S = np.array([[0.6, 0.4], [0.6, 0.4], [0.6, 0.4], [0.6, 0.4]])
    confusion = posterior_confusion(S, np.array([0, 0, 1, 1]), S)
    assert condition_number(confusion) == np.inf
    assert_array_equal(inseparable_classes(confusion), [0, 1])


# -- The bootstrap ------------------------------------------------------------------------------


def test_source_rows_are_drawn_within_their_class_and_target_rows_from_all():
    rng = np.random.default_rng(0)
    S, T, codes = rng.normal(size=(12, 2)), rng.normal(size=(9, 2)), np.repeat([0, 1, 2], [6, 5, 1])
    source, target = resample_counts(S, codes, T, 300, 0)
    assert source.shape == (300, 12)
    assert target.shape == (300, 9)
    for c, n in enumerate([6, 5, 1]):
        assert_array_equal(source[:, codes == c].sum(axis=1), n)
    assert_array_equal(target.sum(axis=1), 9)
    assert_allclose(target.mean(axis=0), 1, atol=0.3)  # five standard errors
    assert_allclose(target.var(axis=0), 8 / 9, atol=0.4)


def test_the_spread_of_sure_posteriors_is_that_of_counts():
    """Binomial: sqrt(q (1 - q) / m), where no class is taken for another."""
    codes = np.arange(40) % 2
    X = np.where(codes, 50.0, -50.0)[:, None] + np.random.default_rng(0).normal(size=(40, 1))
    Xt = np.where(np.arange(100) < 30, 50.0, -50.0)[:, None]
    model = BBSE(n_bootstrap=2000, random_state=0).fit(
        np.vstack([X, Xt]),
        np.concatenate([codes, np.zeros(100, int)]),
        np.repeat([1, -1], [40, 100]),
    )
    assert_allclose(model.priors_, [0.7, 0.3])
    assert_allclose(model.standard_error_, np.sqrt(0.7 * 0.3 / 100), rtol=0.1)
    half = 1.96 * np.sqrt(0.7 * 0.3 / 100)
    assert_allclose(model.interval_[:, 1], [0.3 - half, 0.3 + half], atol=0.02)


def test_an_interval_is_made_of_quantiles():
    draws = np.linspace(0, 1, 101)[:, None] ** [1, 2]
    assert_allclose(bootstrap_interval(draws, 0.9), [[0.05, 0.05**2], [0.95, 0.95**2]])


def test_an_interval_is_never_narrower_than_one_of_counted_rows():
    """With no row of 50, Jeffreys' upper end, for which the probability of no row is far below."""
    draws = np.tile([0.0, 0.4, 0.6], (100, 1))
    lower, upper = bootstrap_interval(draws, 0.95, estimate=draws[0], n_rows=50)
    assert lower[0] == 0
    assert_allclose(upper[0], beta.ppf(0.975, 0.5, 50.5))
    assert_allclose([lower[1], upper[1]], beta.ppf([0.025, 0.975], 20.5, 30.5))
    assert (lower <= draws[0]).all()
    assert (draws[0] <= upper).all()


def test_draws_lie_around_the_true_priors_where_posteriors_are_wrong():
    """Moments hold for any features; the likelihood needs posteriors that are right."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 0, 1], [2000, 2000, 1200, 2800])
    x = rng.normal(size=8000) + 1.5 * y
    wrong = expit(4 * (x - 0.3))  # far too sure, and of the wrong place
    P = np.column_stack([1 - wrong, wrong])
    S, T, codes = P[:4000], P[4000:], y[:4000]
    estimate = em_priors(T, S.mean(axis=0))[0]
    assert abs(estimate[1] - 0.7) > 0.04
    evidence = Posteriors(S, codes, T, S, T, None, None, None)
    draws = likelihood_draws(evidence, estimate, *resample_counts(S, codes, T, 50, 0))
    assert_allclose(draws.mean(axis=0), [0.3, 0.7], atol=0.02)


def test_a_higher_level_widens_and_more_target_rows_narrow_the_interval():
    data = problem(100)
    widths = [
        np.diff(
            clone(BBSE(level=level, random_state=0))
            .fit(data.X, data.y, sample_domain=data.sample_domain)
            .interval_,
            axis=0,
        )
        for level in (0.5, 0.9, 0.99)
    ]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()
