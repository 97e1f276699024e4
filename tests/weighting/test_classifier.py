"""ClassifierWeighting: the odds of a classifier of domains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from scipy.stats import spearmanr
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import ClassifierWeighting, classifier_weights
from skdomain.weighting._classifier import classifier_odds
from skdomain.weighting._ratio._odds import membership
from skdomain.weighting._ratio._penalty import CANDIDATES, held_out_loss
from skdomain.weighting._ratio._units import standard_units

CLASSIFIERS = {
    "logistic": LogisticRegression(),
    "bayes": GaussianNB(),
    "forest": RandomForestClassifier(10, random_state=0),
    "SVC": SVC(),
}
each_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS.values(), ids=CLASSIFIERS)


def odds(Xs, Xt, classifier=None, *, calibrate="auto", n_folds=5):
    return classifier_odds(Xs, Xt, classifier, calibrate, n_folds)


def normal_pair(n_source=2000, n_target=2000, n_features=2, seed=0):
    p = make_covariate_shift(n_source, n_target, n_features=n_features, random_state=seed)
    return p.X[:n_source], p.X[n_source:], p.log_density_ratio[:n_source]


@pytest.mark.parametrize("n_target", [500, 2000, 8000])
def test_odds_are_the_ratio_whatever_the_sizes_of_the_domains(n_target):
    """Of N(e_1, I) over N(0, I): exp(x_1 - 1/2); 3 numbers are fitted, hence the error."""
    Xs, Xt, log_ratio = normal_pair(2000, n_target)
    error = odds(Xs, Xt)[1] - log_ratio
    assert np.mean(np.square(error)) < 4 * 3 * (1 / 2000 + 1 / n_target)


def test_the_logistic_regression_is_stationary():
    """Gradient of sum_s log(1 + r) + (n_s/n_t) sum_t log(1 + 1/r) + |beta|^2 / 2 at beta."""
    Xs, Xt, _ = normal_pair(60, 90, 3)
    ratio, _ = odds(Xs, Xt, LogisticRegression(tol=1e-10, C=0.5))
    X = np.concatenate([Xs, Xt])
    weight = np.repeat([1, 60 / 90], [60, 90])
    Z = (X - np.average(X, axis=0, weights=weight)) / np.sqrt(
        np.average(np.square(X - np.average(X, axis=0, weights=weight)), axis=0, weights=weight)
    )
    residual = weight * (expit(ratio.log(X)) - np.repeat([0, 1], [60, 90]))
    design = np.column_stack([Z, np.ones(len(Z))])
    beta = np.linalg.lstsq(design, ratio.log(X), rcond=None)[0]
    assert_allclose(design @ beta, ratio.log(X), atol=1e-10)
    assert_allclose(residual.sum(), 0, atol=1e-4)
    assert_allclose(0.5 * Z.T @ residual + beta[:-1], 0, atol=1e-4)


@each_classifier
def test_weights_rise_with_the_true_ratio_and_swapped_fall(classifier):
    Xs, Xt, log_ratio = normal_pair(600, 400)
    weights = classifier_weights(Xs, Xt, classifier=classifier)
    assert spearmanr(weights, log_ratio).statistic > 0.5
    swapped = classifier_weights(Xt, Xs, classifier=classifier)
    assert spearmanr(swapped, Xt[:, 0]).statistic < -0.5


def test_only_a_logistic_regression_is_not_calibrated():
    Xs, Xt, _ = normal_pair(60, 50)
    for classifier in CLASSIFIERS.values():
        logistic = isinstance(classifier, LogisticRegression)
        assert len(odds(Xs, Xt, classifier)[0].models) == (1 if logistic else 5)
    assert len(odds(Xs, Xt, LogisticRegression(), calibrate=True, n_folds=3)[0].models) == 3


def test_a_logistic_regression_that_chooses_its_penalty_serves_as_well():
    Xs, Xt, log_ratio = normal_pair(300, 300)
    classifier = LogisticRegressionCV(
        Cs=3, l1_ratios=(0,), use_legacy_attributes=False, scoring="neg_log_loss"
    )
    assert spearmanr(odds(Xs, Xt, classifier)[1], log_ratio).statistic > 0.9


def test_calibration_mends_probabilities_that_are_too_sure():
    """Naive Bayes on copies of a feature squares the odds again and again."""
    Xs, Xt, log_ratio = normal_pair(1000, 1000, 1)
    Xs, Xt = np.repeat(Xs, 8, axis=1), np.repeat(Xt, 8, axis=1)
    slopes = [
        np.polyfit(log_ratio, odds(Xs, Xt, GaussianNB(), calibrate=calibrate)[1], 1)[0]
        for calibrate in (False, True)
    ]
    assert slopes[0] > 4
    assert 0.5 < slopes[1] < 2


def test_a_forest_weighs_rows_by_trees_that_have_not_seen_them():
    """In sample, a forest calls source rows source and weighs them all about the same."""
    Xs, Xt, log_ratio = normal_pair(500, 500)
    forest = RandomForestClassifier(30, random_state=0)
    ratio, log_weights = odds(Xs, Xt, forest)
    spread = np.std(log_ratio)
    errors = [abs(np.std(found) / spread - 1) for found in (log_weights, ratio.log(Xs))]
    assert errors[0] < errors[1]


@each_classifier
@settings(max_examples=4)
@given(seed=st.integers(0, 2**16), n_source=st.integers(4, 15), n_target=st.integers(4, 15))
def test_neither_order_nor_copies_of_rows_matter(classifier, seed, n_source, n_target):
    """Also not to a forest or to the folds: the distinct rows come in the order of their values."""
    rng = np.random.default_rng(seed)
    Xs, Xt = rng.normal(size=(n_source, 2)), rng.normal(1, 1, (n_target, 2))
    if isinstance(classifier, RandomForestClassifier):
        classifier = RandomForestClassifier(3, random_state=0)
    expected = classifier_weights(Xs, Xt, classifier=classifier)
    order = rng.permutation(n_source)
    copies = rng.permutation(np.tile(Xt, (3, 1)))
    found = classifier_weights(Xs[order], copies, classifier=classifier)
    assert_allclose(found, expected[order], rtol=1e-4, atol=1e-6)


@each_classifier
def test_the_scale_of_the_features_does_not_matter(classifier):
    Xs, Xt, _ = normal_pair(60, 50)
    scale, offset = np.array([1e-3, 1e4]), np.array([1.0, -5e4])
    found = classifier_weights(Xs * scale + offset, Xt * scale + offset, classifier=classifier)
    assert_allclose(found, classifier_weights(Xs, Xt, classifier=classifier), rtol=1e-3)


@pytest.mark.parametrize("calibrate", [False, True])
@pytest.mark.parametrize("classifier", [LogisticRegression(C=1e6), GaussianNB()], ids=str)
def test_domains_that_can_be_separated_have_finite_weights(classifier, calibrate):
    Xs, Xt, _ = normal_pair(60, 50)
    X, d = np.concatenate([Xs, Xt + 1e3]), np.repeat([1, -2], [60, 50])
    model = ClassifierWeighting(classifier=classifier, calibrate=calibrate)
    model.fit(X, np.arange(110) % 2, sample_domain=d)
    assert np.isfinite(model.weights_).all()
    assert np.isfinite(model.density_ratio(10 * X)).all()


@each_classifier
def test_routing_asks_nothing_of_the_classifier(classifier, make_domains):
    X, y, d = make_domains()
    model = ClassifierWeighting(classifier=classifier).fit(X, y, sample_domain=d)
    with config_context(enable_metadata_routing=True):
        routed = ClassifierWeighting(classifier=classifier).fit(X, y, sample_domain=d)
    assert_array_equal(routed.weights_, model.weights_)


def test_the_classifier_given_is_left_as_it_was(make_domains):
    X, y, d = make_domains()
    classifier = GaussianNB()
    ClassifierWeighting(classifier=classifier).fit(X, y, sample_domain=d)
    assert not hasattr(classifier, "classes_")


class Stubborn(ClassifierMixin, BaseEstimator):
    """A classifier that is always sure of the source."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.tile([1.0, 0.0], (len(X), 1))


def test_probabilities_of_zero_give_finite_odds():
    Xs, Xt, _ = normal_pair(10, 10)
    ratio, log_weights = odds(Xs, Xt, Stubborn(), calibrate=False)
    assert_allclose(log_weights, np.log(np.finfo(float).eps))
    assert_allclose(ratio(Xt), np.finfo(float).eps)
    assert_array_equal(classifier_weights(Xs, Xt, classifier=Stubborn(), calibrate=False), 1)


def test_functions_check_their_parameters():
    Xs = [[0.0], [1.0]]
    with pytest.raises(ValueError, match="The 'n_folds' parameter of classifier_weights"):
        classifier_weights(Xs, Xs, n_folds=1)
    with pytest.raises(ValueError, match="calibrating needs at least 2 rows that differ"):
        classifier_weights(Xs, [[0.0], [0.0]], calibrate=True)


# -- How far it is held back --------------------------------------------------------------------


def slow_loss(problem, C, n_folds=5):
    """Weighted log loss of rows held out, from probabilities."""
    loss = 0.0
    for j in range(n_folds):
        out = problem.rank % n_folds == j
        model = LogisticRegression(C=C, max_iter=1000)
        model.fit(problem.Z[~out], problem.is_target[~out], sample_weight=problem.weight[~out])
        p = model.predict_proba(problem.Z[out])[np.arange(out.sum()), problem.is_target[out]]
        loss -= np.sum(problem.weight[out] * np.log(p))
    return loss


@pytest.mark.parametrize(("shift", "n_features"), [(0.0, 8), (0.5, 8), (3.0, 2)])
def test_the_penalty_has_the_least_loss_of_rows_held_out(shift, n_features):
    p = make_covariate_shift(60, 90, n_features=n_features, shift=shift, random_state=0)
    Xs, Xt = p.X[:60], p.X[60:]
    units = standard_units(Xs, Xt)
    problem = membership(Xs, Xt, units)
    assert_array_equal(problem.Z[problem.source], units(Xs))
    losses = [slow_loss(problem, C) for C in CANDIDATES]
    tenth = LogisticRegression(C=0.1, max_iter=1000)
    assert held_out_loss(problem, tenth, problem.rank % 5) == pytest.approx(losses[3])
    assert CANDIDATES[np.argmin(losses)] == odds(Xs, Xt, "held_out")[0].models[0].C


def test_the_penalty_is_strong_without_shift_and_weakest_with_much():
    found = []
    for shift in (0.0, 1.0, 4.0):
        p = make_covariate_shift(200, 200, shift=shift, random_state=0)
        found.append(odds(p.X[:200], p.X[200:], "held_out")[0].models[0].C)
    assert found == sorted(found)
    assert found[0] <= 0.01 < found[-1] == CANDIDATES[-1]


def test_a_classifier_of_your_own_keeps_its_penalty_and_one_row_has_none_to_choose():
    Xs, Xt, _ = normal_pair(20, 20)
    assert odds(Xs, Xt, LogisticRegression(C=0.5))[0].models[0].C == 0.5
    assert odds(Xs, Xt[:1], "held_out")[0].models[0].C == odds(Xs, Xt[:1])[0].models[0].C


@pytest.mark.parametrize("n_copies", [2, 5])
def test_neither_copies_of_all_features_nor_constant_ones_change_the_weights(n_copies):
    """In r copies b/r of a coefficient b, ``r |b/r|^2 / (C/r)`` is ``|b|^2 / C``."""
    Xs, Xt, _ = normal_pair(40, 50, 3)
    expected, wider = classifier_weights(Xs, Xt), [np.tile(X, (1, n_copies)) for X in (Xs, Xt)]
    assert_allclose(classifier_weights(*wider), expected, rtol=1e-2)  # C alone is off by 1/5
    constant = [np.column_stack([X, np.full(len(X), 0.1)]) for X in (Xs, Xt)]
    assert_allclose(classifier_weights(*constant), expected, rtol=1e-9)
