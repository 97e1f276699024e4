"""Weights to a power: the theorem that the default rests on, its promise, and its warning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skdomain import weighting
from skdomain.datasets import make_covariate_shift
from skdomain.weighting._flattening import (
    flattened,
    floored_log,
    largest_tau,
    least_share,
    n_effective,
    n_varying,
    power,
    warn_of_few_rows,
)
from skdomain.weighting._mean_one import mean_one

METHODS = (
    "ClassifierWeighting",
    "GaussianWeighting",
    "KLIEP",
    "KMM",
    "NearestNeighborWeighting",
    "RuLSIF",
)
each_method = pytest.mark.parametrize("name", METHODS)
FEW = "the weights of 300 source rows are worth"

some_weights = (
    arrays(float, st.integers(1, 60), elements=st.floats(0, 1) | st.floats(0, 1e9))
    .filter(lambda w: w.max() > 1e-200)
    .map(mean_one)
)
powers = st.floats(0, 1)


def moved(n_features=20, n=300, distance=1.0):
    """Rows of both domains, apart along all features, and a label that they share."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * n, n_features))
    X[n:] += distance
    y = X @ rng.normal(size=n_features) > 0
    return X, y.astype(int), np.repeat([1, -2], n)


def fit(name, data, **parameters):
    X, y, d = data
    return getattr(weighting, name)(**parameters).fit(X, y, sample_domain=d)


@given(w=some_weights, a=powers, b=powers)
def test_fewer_rows_are_effective_the_larger_the_power(w, a, b):
    """log ESS(w^t) = 2 K(t) - K(2 t), K convex."""
    a, b = sorted((a, b))
    few, many = (n_effective(power(floored_log(w), tau)) for tau in (b, a))
    assert few <= many * (1 + 1e-12)
    assert few >= 1 - 1e-12
    assert many <= len(w) * (1 + 1e-12)


@given(w=some_weights)
def test_a_power_of_zero_is_no_weighting_and_one_is_the_method(w):
    assert_array_equal(flattened(w, 0.0, 1).weights, 1)
    for flatten in (1, 1.0, None):
        used, tau = flattened(w, flatten, 1)
        assert used is w
        assert tau == 1


@given(w=some_weights, tau=powers)
def test_weights_are_raised_to_the_power_and_zeros_count_as_one_nth(w, tau):
    expected = np.maximum(w, 1 / len(w)) ** tau
    if tau < 1:
        assert_allclose(flattened(w, tau, 1).weights, expected / expected.mean(), rtol=1e-9)


@given(n=st.integers(1, 10**6), d=st.integers(1, 10**6))
def test_weights_add_no_more_than_a_tenth_of_the_noise_to_the_variance(n, d):
    """d / ESS - d / n <= 1 / 10, and half of the rows are left whatever their number."""
    share = least_share(n, d)
    assert d / (share * n) - d / n <= 0.1 * (1 + 1e-6)
    assert 0.5 <= share < 1
    if n >= 10 * d:
        assert share == 0.5


@given(w=some_weights, d=st.integers(1, 30))
def test_the_rule_keeps_its_promise_and_flattens_no_more_than_that(w, d):
    used, tau = flattened(w, "auto", d)
    enough = least_share(len(w), d) * len(w)
    assert n_effective(used) >= enough
    assert used.mean() == pytest.approx(1)
    if tau == 1:
        assert used is w
    elif tau < 1 - 1e-9:  # else it was the floor alone that left rows enough
        assert n_effective(power(floored_log(w), tau + 1e-9)) < enough + 1e-6
    else:
        assert n_effective(w) < enough


def test_one_row_that_counts_solved_by_hand():
    """(4, 0, 0, 0) counts as (4, 1/4, 1/4, 1/4), so with b = 16^tau the weights are (b, 1, 1, 1).

    Two of four rows: (b + 3)^2 = 2 (b^2 + 3), b = 3 + sqrt(12).
    """
    tau = largest_tau(np.array([4.0, 0, 0, 0]), 0.5)
    assert tau == pytest.approx(np.log(3 + np.sqrt(12)) / np.log(16))


@given(w=some_weights, seed=st.integers(0, 99))
def test_permuted_weights_are_flattened_alike(w, seed):
    order = np.random.default_rng(seed).permutation(len(w))
    assert_allclose(
        flattened(w[order], "auto", 2).weights, flattened(w, "auto", 2).weights[order], rtol=1e-8
    )


@given(w=some_weights)
def test_flattening_keeps_the_order_of_the_rows(w):
    used = flattened(w, "auto", 2).weights
    assert np.all(np.diff(used[np.argsort(w)]) >= 0)


def test_features_that_are_constant_do_not_count():
    X = np.array([[0.0, 1.0, 2.0, 0.0], [0.0, 1.0, 3.0, 1.0]])
    assert n_varying(X) == n_varying(sparse.csr_array(X)) == 2
    assert n_varying(X[:1]) == 1


# -- The estimators -----------------------------------------------------------------------------


@each_method
@pytest.mark.filterwarnings(f"ignore:{FEW}:UserWarning")
@pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning")
def test_by_default_the_share_of_the_rule_stays_effective(name):
    data = moved(n_features=40, distance=0.8)
    model = fit(name, data)
    share = least_share(300, 40)
    assert 0.5 < share < 1
    assert model.effective_sample_size_ >= share * 300
    assert model.effective_sample_size_ == pytest.approx(300 / np.mean(model.weights_**2))
    assert 0 < model.tau_ < 1
    paper = fit(name, data, flatten=None)
    assert paper.tau_ == 1
    assert_array_equal(paper.weights_, model.raw_weights_)
    assert_array_equal(paper.weights_, paper.raw_weights_)
    assert paper.effective_sample_size_ < share * 300
    none = fit(name, data, flatten=0.0)
    assert_array_equal(none.weights_, 1)
    assert_array_equal(none.estimator_.coef_, fit_source(data).coef_)


def fit_source(data):
    X, y, d = data
    return LogisticRegression().fit(X[d > 0], y[d > 0])


@each_method
def test_where_rows_enough_are_effective_the_weights_are_those_of_the_method(name):
    p = make_covariate_shift(100, 100, shift=0.3, random_state=0)
    data = p.X, p.y, p.sample_domain
    default, paper = fit(name, data), fit(name, data, flatten=None)
    assert default.tau_ == 1
    assert_array_equal(default.weights_, paper.weights_)
    assert_array_equal(default.predict_proba(p.X), paper.predict_proba(p.X))


def test_the_ratio_is_not_flattened():
    data = moved(distance=0.6)
    default, paper = (fit("ClassifierWeighting", data, flatten=f) for f in ("auto", None))
    assert default.tau_ < 1
    assert_array_equal(default.density_ratio(data[0]), paper.density_ratio(data[0]))


def test_weights_of_your_own_do_not_enter_the_rule():
    X, y, d = moved(distance=0.6)
    model = weighting.ClassifierWeighting()
    tau = model.fit(X, y, sample_domain=d).tau_
    own = np.arange(len(X)) % 7
    assert model.fit(X, y, sample_domain=d, sample_weight=own).tau_ == tau < 1
    source = d > 0
    by_hand = LogisticRegression().fit(
        X[source], y[source], sample_weight=model.weights_ * own[source]
    )
    assert_array_equal(model.estimator_.coef_, by_hand.coef_)


@pytest.mark.parametrize(
    ("flatten", "text"),
    [
        (
            "auto",
            r"3\.07 rows of equal weight: .*tau=0\.254, worth 150 rows. Compare with SourceOnly",
        ),
        (None, r'3\.07 rows of equal weight: .*tau=1, worth 3\.07 rows. Set flatten="auto"'),
    ],
)
def test_a_fit_in_which_almost_no_row_counts_says_so(flatten, text):
    with pytest.warns(UserWarning, match=f"{FEW} {text}"):
        fit("GaussianWeighting", moved(), flatten=flatten)


@pytest.mark.parametrize(("n_rows", "warns"), [(40, [1.9, 2]), (1000, [19, 20])])
def test_two_rows_or_two_percent_are_too_few(n_rows, warns, recwarn):
    for n_left in (warns[1] * 1.02, warns[0]):
        # k equal weights are worth k rows; the others are a little above 0, to have any number
        w = mean_one(np.r_[1.0, np.zeros(n_rows - 1)] + spread(n_rows, n_left))
        assert n_effective(w) == pytest.approx(n_left)
        warn_of_few_rows(w, w, 1.0)
    assert len(recwarn) == 1


def spread(n_rows, n_left):
    """Add x to one weight of 1 for k effective rows: (1 + n x)^2 = k (1 + 2 x + n x^2)."""
    n, k = n_rows, n_left
    return max(np.roots([n * n - k * n, 2 * n - 2 * k, 1 - k]).real)


def test_few_rows_in_all_are_no_reason_to_warn(recwarn):
    w = np.array([2.0, 0.0])
    warn_of_few_rows(w, w, 1.0)
    assert not recwarn
