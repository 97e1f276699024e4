import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.metrics import proxy_a_distance


def two_domains(n_source=60, n_target=60, n_features=2, *, shift=0.0, seed=0):
    """Normal rows; the first feature of the target is shifted."""
    rng = np.random.default_rng(seed)
    Xs, Xt = rng.normal(size=(n_source, n_features)), rng.normal(size=(n_target, n_features))
    Xt[:, 0] += shift
    return Xs, Xt


def gaussian_distance(shift):
    """The best classifier of N(0, 1) and N(shift, 1) errs with probability Phi(-shift / 2)."""
    return 2 * (1 - 2 * norm.cdf(-shift / 2))


class Flipped(ClassifierMixin, BaseEstimator):
    """Separates the domains perfectly and answers the opposite."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return (X[:, 0] < 50).astype(int)


def test_separable_domains_are_at_distance_two():
    assert proxy_a_distance(*two_domains(shift=100)) == 2


def test_equal_distributions_are_at_distance_about_zero():
    """The error is 1/2 +- 1/sqrt(4 n), hence the distance 0 +- 2/sqrt(n), with n rows in all."""
    assert proxy_a_distance(*two_domains(1000, 1000)) < 3 * 2 / np.sqrt(2000)


def test_identical_samples_are_at_distance_zero():
    Xs, _ = two_domains(20)
    assert proxy_a_distance(Xs, Xs, estimator=DummyClassifier()) == 0
    assert proxy_a_distance(np.ones((9, 2)), np.ones((9, 2))) == 0


@pytest.mark.parametrize("n_target", [3000, 300])
@pytest.mark.parametrize("shift", [0.5, 1, 2])
def test_approaches_the_distance_of_two_gaussians_whatever_their_sizes(n_target, shift):
    value = proxy_a_distance(*two_domains(3000, n_target, shift=shift))
    assert value == pytest.approx(gaussian_distance(shift), abs=0.2)


def test_grows_with_the_shift():
    values = [proxy_a_distance(*two_domains(200, 200, shift=shift)) for shift in (0, 1, 2, 4, 20)]
    assert_array_equal(np.argsort(values, kind="stable"), range(5))


def test_the_mean_of_both_error_rates_is_used():
    """A classifier that never says target errs on 0 of the source and all of the target: 1/2."""
    Xs, Xt = two_domains(50, 10, shift=100)
    assert proxy_a_distance(Xs, Xt, estimator=DummyClassifier(strategy="most_frequent")) == 0


def test_worse_than_chance_counts_as_chance():
    assert proxy_a_distance(*two_domains(shift=100), estimator=Flipped()) == 0


@settings(max_examples=20, deadline=None)
@given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(1, 4),
    seed=st.integers(0, 99),
    decimals=st.integers(0, 3),
)
def test_neither_the_order_of_rows_nor_that_of_domains_matters(
    n_source, n_target, n_features, seed, decimals
):
    # Few decimals make equal rows, within a domain and across.
    Xs, Xt = two_domains(n_source, n_target, n_features, shift=0.5, seed=seed)
    Xs, Xt = Xs.round(decimals), Xt.round(decimals)
    rng = np.random.default_rng(seed)
    estimator = KNeighborsClassifier(1)
    value = proxy_a_distance(Xs, Xt, estimator=estimator)
    assert 0 <= value <= 2
    assert proxy_a_distance(rng.permutation(Xs), rng.permutation(Xt), estimator=estimator) == value


def test_domains_may_be_swapped():
    Xs, Xt = two_domains(50, 30, shift=0.5)
    assert proxy_a_distance(Xs, Xt) == proxy_a_distance(Xt, Xs)


@given(
    exponents=st.lists(st.integers(-300, 300), min_size=3, max_size=3),
    shift=st.floats(0, 2),
    seed=st.integers(0, 99),
)
def test_the_units_of_each_feature_do_not_matter(exponents, shift, seed):
    """Powers of two are exact, so nothing may change at all, with any classifier."""
    Xs, Xt = two_domains(25, 20, 3, shift=shift, seed=seed)
    units = np.exp2(np.array(exponents, dtype=float))
    for estimator in (None, KNeighborsClassifier(1)):
        value = proxy_a_distance(Xs, Xt, estimator=estimator)
        assert proxy_a_distance(Xs * units, Xt * units, estimator=estimator) == value


@given(slope=st.floats(1e-3, 1e3), origin=st.floats(-1e3, 1e3), seed=st.integers(0, 99))
def test_an_affine_change_of_units_moves_a_row_at_most(slope, origin, seed):
    """Celsius or Fahrenheit: rounding may take a row across the boundary, 2 / 40 in the errors."""
    Xs, Xt = two_domains(40, 40, 3, shift=0.8, seed=seed)
    value = proxy_a_distance(Xs, Xt)
    changed = proxy_a_distance(origin + slope * Xs, origin + slope * Xt)
    assert changed == pytest.approx(value, abs=2 / 40 + 1e-9)


def test_the_largest_numbers_have_units_too():
    Xs, Xt = (X / 10 for X in two_domains(shift=1))
    largest = np.finfo(float).max / 2
    assert proxy_a_distance(Xs * largest, Xt * largest) == proxy_a_distance(Xs, Xt) > 0.5


@pytest.mark.parametrize("shift", [0, 1])
def test_more_features_than_rows_are_classified_in_their_span_as_they_are(shift):
    """The logistic regression's ridge sees products of rows only."""
    Xs, Xt = two_domains(30, 25, 400, shift=shift)
    as_they_are = LogisticRegression(max_iter=1000, class_weight="balanced")
    expected = proxy_a_distance(Xs, Xt, estimator=as_they_are)
    assert proxy_a_distance(Xs, Xt) == pytest.approx(expected, abs=1e-9)


def test_folds_are_lowered_to_the_rows_of_the_smaller_domain():
    Xs, Xt = two_domains(30, 3, shift=2)
    assert proxy_a_distance(Xs, Xt, cv=10) == proxy_a_distance(Xs, Xt, cv=3)
    assert proxy_a_distance(Xs[:2], Xt[:2] + 100) == 2


def test_any_classifier_may_tell_the_domains_apart():
    """A circle in a ring: no line separates them, a neighbour does."""
    Xs, _ = two_domains()
    Xs /= np.linalg.norm(Xs, axis=1, keepdims=True)
    neighbor = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
    assert proxy_a_distance(Xs, 5 * Xs, estimator=neighbor) == 2
    assert proxy_a_distance(Xs, 5 * Xs) < 1
    assert not hasattr(neighbor[-1], "classes_")


def test_same_seed_same_result_and_the_seed_draws_the_folds():
    Xs, Xt = two_domains(shift=0.5)
    values = [proxy_a_distance(Xs, Xt, random_state=seed) for seed in range(5)]
    assert values[0] == proxy_a_distance(Xs, Xt)
    assert len(set(values)) > 1


def test_inputs_are_not_written_to_and_float32_is_accepted():
    Xs, Xt = (X.astype(np.float32) for X in two_domains(shift=1))
    copies = Xs.copy(), Xt.copy()
    Xs.flags.writeable = Xt.flags.writeable = False
    assert type(proxy_a_distance(Xs, Xt)) is float
    assert_array_equal([Xs, Xt], copies)


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("Xs", "Xt", "message"),
    [
        (GOOD[0], GOOD, r"Xs must have 2 dimensions \(rows, features\), got 1"),
        (GOOD, GOOD[:, :1], "must have the same columns, got 2 in Xs and 1 in Xt"),
        (GOOD, GOOD * np.nan, "Input Xt contains NaN"),
        (
            GOOD,
            GOOD[:1],
            r"Xt has 1 row\(s\), at least 2 in each domain are needed: some rows of each train the "
            "classifier while others test it; pass more rows",
        ),
    ],
)
def test_bad_rows_are_named(Xs, Xt, message):
    with pytest.raises(ValueError, match=message):
        proxy_a_distance(Xs, Xt)


@pytest.mark.parametrize("options", [{"cv": 1}, {"cv": 2.5}, {"estimator": "svm"}])
def test_bad_parameters_are_named(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"The '{name}' parameter of proxy_a_distance"):
        proxy_a_distance(GOOD, GOOD, **options)
