"""Posteriors of the source, corrected for the priors of each target."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, ShuffleSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdomain import NoTargetWarning
from skdomain.datasets import make_label_shift
from skdomain.label_shift import BBSE, RLLS, EMPriors, LabelShiftClassifier
from skdomain.label_shift._calibration import fit_calibration
from skdomain.label_shift._correction import corrected_posteriors
from skdomain.label_shift._diagnosis import drawn_by_class
from skdomain.label_shift._posteriors import class_folds
from skdomain.metrics import class_mixture_test

CORRECT = ["posterior", "weights", "both"]
METHODS = ["em", "bbse", "bbse-soft", "rlls", "kernel"]


def problem(n_source=80, n_target=60, **parameters):
    parameters = {"target_priors": [0.85, 0.15], "class_sep": 2.0, "random_state": 0} | parameters
    data = make_label_shift(n_source, n_target, **parameters)
    return data.X, data.y, data.sample_domain


def fitted(X, y, d, estimator=None, **parameters):
    model = LabelShiftClassifier(estimator, **{"n_bootstrap": 0} | parameters)
    return model.fit(X, y, sample_domain=d)


def two_targets():
    """A source and the targets -2 and -3, of opposite priors."""
    X, y, d = problem()
    Xt, yt, dt = problem(1, 70, target_priors=[0.1, 0.9], random_state=5)
    return np.vstack([X, Xt[1:]]), np.append(y, yt[1:]), np.append(d, dt[1:] - 1)


# -- The correction -----------------------------------------------------------------------------


def test_posteriors_are_calibrated_then_multiplied_by_the_ratio_of_the_priors():
    """r_c ~ p(c | x) q_c / p_c, written out."""
    X, y, d = problem()
    model = fitted(X, y, d)
    slope = 1 / model.diagnostics_["temperature"]
    logs = slope * np.log(model.estimator_.predict_proba(X))
    logs = logs + np.log(model.shrunk_priors_ / model.source_priors_)
    odds = np.log(model.predict_proba(X))
    offset = (odds[:, 1] - odds[:, 0]) - (logs[:, 1] - logs[:, 0])
    assert_allclose(offset, offset[0], atol=1e-9)  # the bias of the calibration, of no row
    plain = model._targets.source.model.posteriors(X)
    scaled = plain * model.shrunk_priors_ / model.source_priors_
    assert_allclose(model.predict_proba(X), scaled / scaled.sum(axis=1, keepdims=True))
    assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    ratio = dict(zip([0, 1], model.shrunk_priors_ / model.source_priors_, strict=True))
    assert model.class_weight_ == pytest.approx(ratio)


@pytest.mark.parametrize("correct", CORRECT)
def test_source_rows_are_corrected_for_all_targets_together(correct):
    X, y, d = problem()
    model = fitted(X, y, np.where(d < 0, -2 - (X[:, 0] > 0), d), correct=correct)
    found = model.predict_proba(X, sample_domain=np.ones(len(X)))
    assert_allclose(found, model.predict_proba(X))


def test_without_a_target_the_priors_are_those_of_the_source():
    X, y, d = problem()
    with pytest.warns(NoTargetWarning):
        model = LabelShiftClassifier().fit(X[d > 0], y[d > 0])
    assert_array_equal(model.target_priors_, model.source_priors_)
    assert_array_equal(model.shrunk_priors_, model.source_priors_)
    assert model.class_weight_ == {0: 1.0, 1: 1.0}
    assert np.isnan(model.priors_interval_).all()
    assert np.isnan(model.diagnostics_["class_mixture_pvalue"])
    assert model.domain_priors_ == {}


@pytest.mark.parametrize(
    ("method", "alone"),
    [("em", EMPriors()), ("bbse", BBSE()), ("bbse-soft", BBSE(soft=True)), ("rlls", RLLS())],
)
def test_priors_and_interval_are_those_of_the_estimator_of_priors(method, alone):
    X, y, d = problem()
    alone = alone.set_params(n_bootstrap=20, random_state=3).fit(X, y, sample_domain=d)
    model = fitted(X, y, d, method=method, shrink=False)
    assert_allclose(model.target_priors_, alone.priors_, atol=1e-9)
    assert_array_equal(model.shrunk_priors_, model.target_priors_)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_the_priors_and_an_interval_around_them(method):
    X, y, d = problem(400, 400)
    model = fitted(X, y, d, method=method, n_bootstrap=20, random_state=0)
    low, high = model.priors_interval_
    assert np.all((low <= model.target_priors_) & (model.target_priors_ <= high))
    assert np.all((low >= 0) & (high <= 1))
    assert_allclose(model.target_priors_, [0.85, 0.15], atol=0.06)
    assert np.all(abs(model.shrunk_priors_ - 0.5) <= abs(model.target_priors_ - 0.5))


def test_the_seed_changes_the_interval_and_no_prediction():
    X, y, d = problem()
    one, other = (fitted(X, y, d, n_bootstrap=10, random_state=s) for s in (0, 1))
    again = fitted(X, y, d, n_bootstrap=10, random_state=0)
    assert_array_equal(one.priors_interval_, again.priors_interval_)
    assert np.any(one.priors_interval_ != other.priors_interval_)
    assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_a_class_that_is_absent_from_the_target_gets_nothing():
    X, y, d = problem(
        90, 60, source_priors=[0.3, 0.3, 0.4], target_priors=[0.5, 0, 0.5], class_sep=9
    )
    model = fitted(X, y, d, shrink=False, calibration=None)
    assert model.target_priors_[1] == 0
    P = model.predict_proba(X)
    assert np.all(np.isfinite(P))
    assert_array_equal(P[d < 0, 1], 0)


def test_a_row_of_which_nothing_is_left_stays_as_it_is():
    P = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert_allclose(corrected_posteriors(P, np.array([0.0, 2.0])), [[1, 0], [0, 1]])


@pytest.mark.parametrize("correct", CORRECT)
def test_a_class_of_one_source_row_is_no_accident(correct):
    X, y, d = problem(40, 30)
    y = np.where(np.arange(len(y)) == np.flatnonzero(d > 0)[0], 2, y)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LabelShiftClassifier: the classes")
        model = fitted(X, y, d, correct=correct)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_allclose(model.predict_proba(X).sum(axis=1), 1)


# -- Weights ------------------------------------------------------------------------------------


def test_weights_train_the_estimator_on_the_classes_as_the_target_has_them():
    X, y, d = problem()
    model = fitted(X, y, d, correct="weights")
    inner = LogisticRegression(max_iter=1000, class_weight=model.class_weight_)
    inner.fit(X[d > 0], y[d > 0])
    assert_allclose(model.predict_proba(X), inner.predict_proba(X), atol=1e-5)
    assert model.class_weight_ == pytest.approx(fitted(X, y, d).class_weight_)


def test_nothing_is_corrected_twice():
    """The priors of the model trained on weighted rows are those of the target already."""
    X, y, d = problem(2000, 2000, class_sep=1.5)
    posterior, both = (fitted(X, y, d, correct=correct) for correct in ("posterior", "both"))
    own = both._targets.together.shift
    assert_allclose(own.source, own.used, atol=0.01)
    assert_allclose(both.target_priors_, posterior.target_priors_, atol=0.01)
    assert_allclose(both.predict_proba(X), posterior.predict_proba(X), atol=0.05)
    naive = corrected_posteriors(
        both.estimator_.predict_proba(X), np.array(list(both.class_weight_.values()))
    )
    assert np.abs(naive - posterior.predict_proba(X)).max() > 0.2


def test_both_is_the_posterior_correction_of_a_model_of_weighted_rows():
    X, y, d = problem()
    how = {"shrink": False, "n_bootstrap": 0}
    both, first = fitted(X, y, d, correct="both", **how), fitted(X, y, d, **how)
    weights = np.array([first.class_weight_[label] for label in y])
    again = LabelShiftClassifier(**how).fit(X, y, sample_domain=d, sample_weight=weights)
    assert_allclose(both.predict_proba(X), again.predict_proba(X))
    assert_allclose(both.target_priors_, again.target_priors_)
    assert_allclose(both.source_priors_, first.source_priors_)


@pytest.mark.parametrize("correct", CORRECT)
def test_a_weight_of_two_is_a_row_twice_and_of_zero_none(correct):
    X, y, d = problem(60, 40)
    counts = np.where(d > 0, np.random.default_rng(0).integers(0, 3, len(d)), 1)
    rows = np.repeat(np.arange(len(d)), counts)
    estimator = GaussianNB()
    weighted = LabelShiftClassifier(estimator, correct=correct, n_bootstrap=0)
    weighted.fit(X, y, sample_domain=d, sample_weight=counts)
    repeated = fitted(X[rows], y[rows], d[rows], estimator, correct=correct)
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-7)


# -- Folds --------------------------------------------------------------------------------------


def test_folds_may_be_a_splitter_or_pairs_which_number_the_source_rows():
    X, y, d = problem()
    splitter = StratifiedKFold(3)
    pairs = list(splitter.split(X[d > 0], y[d > 0]))
    expected = fitted(X, y, d, cv=splitter).predict_proba(X)
    assert_array_equal(fitted(X, y, d, cv=pairs).predict_proba(X), expected)
    order = np.random.default_rng(0).permutation(len(y))
    ahead = np.argsort(d[order] < 0, kind="stable")  # source rows in the same order, targets mixed
    place = np.argsort(order[ahead][: len(pairs[0][0]) + len(pairs[0][1])])
    turned = [(place[train], place[test]) for train, test in pairs]
    mixed = fitted(X[order], y[order], d[order], cv=turned)
    assert_allclose(mixed.predict_proba(X), expected, atol=1e-8)


def test_rows_of_weight_zero_leave_the_numbers_of_the_others():
    X, y, d = problem()
    weight = np.where(np.arange(len(y)) < 7, 0, 1)
    pairs = list(StratifiedKFold(3).split(X[d > 0], y[d > 0]))
    with_zeros = LabelShiftClassifier(n_bootstrap=0, cv=pairs)
    with_zeros.fit(X, y, sample_domain=d, sample_weight=weight)
    fewer = [[rows[rows >= 7] - 7 for rows in pair] for pair in pairs]
    without = fitted(X[7:], y[7:], d[7:], cv=fewer)
    assert_allclose(with_zeros.predict_proba(X), without.predict_proba(X), atol=1e-8)


def test_folds_that_do_not_hold_out_each_row_once_are_an_error():
    X, y, d = problem()
    text = "hold out each of the 80 source rows once, and its 2 test folds do not; pass a number"
    with pytest.raises(ValueError, match=text):
        fitted(X, y, d, cv=ShuffleSplit(2))


def test_copies_of_a_row_share_a_fold():
    """And classes are dealt to the folds evenly, in an order of the rows' own."""
    X, y, _ = problem(30, 1)
    twice, codes = np.vstack([X, X]), np.append(y, y)
    folds = class_folds(twice, codes, 5)
    held_out = np.empty(len(codes), dtype=int)
    for number, (train, test) in enumerate(folds):
        held_out[test] = number
        assert_array_equal(np.sort(np.append(train, test)), np.arange(len(codes)))
    half = len(X)
    assert_array_equal(held_out[:half], held_out[half:])
    for code in (0, 1):
        counts = np.bincount(held_out[codes == code], minlength=5)
        assert np.ptp(counts) <= 2


# -- Several targets, and another one -----------------------------------------------------------


@pytest.mark.parametrize("correct", CORRECT)
def test_each_target_is_corrected_as_if_it_were_alone(correct):
    X, y, d = two_targets()
    model = fitted(X, y, d, correct=correct)
    found = model.predict_proba(X, sample_domain=d)
    for target in (-2, -3):
        kept = (d > 0) | (d == target)
        alone = fitted(X[kept], y[kept], d[kept], correct=correct)
        assert_allclose(found[d == target], alone.predict_proba(X[d == target]), atol=1e-9)
        assert_allclose(model.domain_priors_[target], alone.target_priors_, atol=1e-9)
    assert model.domain_priors_[-2][0] > 0.7 > 0.3 > model.domain_priors_[-3][0]


def test_rows_of_no_named_target_are_corrected_for_all_of_them_together():
    X, y, d = two_targets()
    pooled = fitted(X, y, np.where(d < 0, -1, 1))
    model = fitted(X, y, d)
    assert_allclose(model.predict_proba(X), pooled.predict_proba(X))
    assert_allclose(model.target_priors_, pooled.target_priors_)


def test_of_several_targets_an_unknown_one_is_an_error_and_of_one_it_is_that():
    X, y, d = two_targets()
    text = r"names the target -7, and priors are known of \[-3, -2\]; fit with rows of it"
    with pytest.raises(ValueError, match=text):
        fitted(X, y, d).predict(X, sample_domain=-7)
    one = fitted(*problem())
    assert_array_equal(one.predict_proba(X, sample_domain=-7), one.predict_proba(X))


def test_another_target_is_corrected_for_as_if_it_had_been_there_in_fit():
    X, y, d = two_targets()
    first, second = (d > 0) | (d == -2), (d > 0) | (d == -3)
    model = fitted(X[first], y[first], d[first])
    estimator = model.estimator_
    assert model.set_target(X[d == -3]) is model
    assert model.estimator_ is estimator
    there = fitted(X[second], y[second], d[second])
    assert_allclose(model.predict_proba(X), there.predict_proba(X), atol=1e-9)
    model.set_target(X, sample_domain=d)
    assert_allclose(model.domain_priors_[-3], there.target_priors_, atol=1e-9)
    assert_allclose(
        model.predict_proba(X, sample_domain=d), fitted(X, y, d).predict_proba(X, sample_domain=d)
    )


def test_a_model_of_weighted_rows_is_corrected_for_another_target_from_its_own_priors():
    """The priors of the new target, by the posteriors of a model whose priors were the old's."""
    X, y, d = two_targets()
    kept = (d > 0) | (d == -2)
    model = fitted(X[kept], y[kept], d[kept], correct="both")
    weights = dict(model.class_weight_)
    model.set_target(X[d == -3])
    assert model.class_weight_ == weights
    assert model.target_priors_[0] < 0.3
    assert_allclose(model._targets.together.shift.source, [0.8, 0.2], atol=0.1)


def test_set_target_says_what_it_cannot_do():
    X, y, d = problem()
    model = fitted(X, y, d, correct="weights")
    with pytest.raises(ValueError, match="trains for one target; fit again for another"):
        model.set_target(X[d < 0])
    with pytest.raises(ValueError, match="got no target row among 140 rows; pass negative"):
        fitted(X, y, d).set_target(X, sample_domain=abs(d))
    with pytest.raises(ValueError, match="X has 1 features"):
        fitted(X, y, d).set_target(X[:, :1])


# -- The assumption -----------------------------------------------------------------------------


def test_more_than_other_proportions_is_warned_of():
    """The target is turned: no mixture of the classes."""
    X, y, d = problem(200, 200)
    moved = X + np.where(d < 0, 1.5, 0)[:, None] * [0, 1]
    with pytest.warns(UserWarning, match=r"no mixture of the source's classes \(p = 0.02 by"):
        model = fitted(moved, y, d, n_bootstrap=49, random_state=0)
    assert model.diagnostics_["class_mixture_pvalue"] == pytest.approx(1 / 50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fitted(X, y, d, n_bootstrap=49, random_state=0)
    assert model.diagnostics_["class_mixture_pvalue"] > 0.05


def test_one_target_of_two_that_is_no_mixture_is_enough():
    X, y, d = two_targets()
    moved = X + np.where(d == -3, 2, 0)[:, None]
    with pytest.warns(UserWarning, match="no mixture of the source's classes"):
        model = fitted(moved, y, d, n_bootstrap=99, random_state=0)
    assert model.diagnostics_["class_mixture_pvalue"] == pytest.approx(2 / 100)


def test_another_target_is_tested_too():
    X, y, d = problem(200, 200)
    model = fitted(X, y, d, n_bootstrap=49, random_state=0)
    with pytest.warns(UserWarning, match="no mixture of the source's classes"):
        model.set_target(X[d < 0] + [0, 3])


def test_rows_that_are_no_numbers_are_tested_by_what_the_model_says_of_them():
    texts = np.array(["good fine day", "bad poor night", "fine day", "poor thing"] * 10)
    y = np.array([1, 0, 1, 0] * 10)
    d = np.repeat([1, -1], 20)
    model = fitted(
        texts.tolist(), y, d, make_pipeline(TfidfVectorizer(), LogisticRegression()), n_bootstrap=19
    )
    assert 0.05 <= model.diagnostics_["class_mixture_pvalue"] <= 1
    assert_array_equal(model.predict(["good day", "bad night"]), [1, 0])


def test_rows_for_the_test_are_drawn_with_the_share_of_their_class():
    X = np.arange(40.0)[:, None]
    codes = np.repeat([0, 1, 2], [30, 9, 1])
    rows = drawn_by_class(X, codes, 10, np.random.RandomState(0))
    assert_array_equal(np.bincount(codes[rows]), [8, 3, 1])
    assert len(np.unique(rows)) == len(rows)
    everything = drawn_by_class(X, codes, 1000, np.random.RandomState(0))
    assert_array_equal(everything, np.arange(40))


# -- The estimator inside -----------------------------------------------------------------------


def test_one_without_probabilities_is_an_error_that_says_what_to_wrap_it_in():
    for estimator in (LinearSVC(), SGDClassifier()):
        with pytest.raises(ValueError, match=r"has no predict_proba; wrap it in .*CalibratedClass"):
            fitted(*problem(), estimator)


def test_one_that_takes_no_weights_serves_where_none_are_needed():
    X, y, d = problem()
    model = fitted(X, y, d, KNeighborsClassifier(9))
    assert model.score(X, y, sample_domain=d) > 0.8
    for parameters, weight in (({"correct": "both"}, None), ({}, np.ones(len(y)))):
        text = "KNeighborsClassifier.fit takes no sample_weight; pass correct='posterior'"
        with pytest.raises(ValueError, match=text):
            clone(model).set_params(**parameters).fit(X, y, sample_domain=d, sample_weight=weight)


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@pytest.mark.parametrize("correct", CORRECT)
def test_a_pipeline_and_a_search_inside_are_trained_on_source_rows(correct, routing):
    X, y, d = problem()
    hidden = np.where(d > 0, y, 7)
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    for inner in (make_pipeline(StandardScaler(), LogisticRegression()), search):
        with config_context(enable_metadata_routing=routing):
            model = fitted(X, hidden, d, inner, correct=correct)
        assert_array_equal(model.classes_, [0, 1])
        assert_allclose(
            model.predict_proba(X), fitted(X, y, d, inner, correct=correct).predict_proba(X)
        )


class Noting(LogisticRegression):
    """Keeps the parameters of its ``fit``."""

    def fit(self, X, y, sample_weight=None, note=None, marks=None):
        """Fit, and keep what else there is."""
        self.got_ = len(X), note, marks
        return super().fit(X, y, sample_weight)


def test_parameters_of_fit_reach_it_with_the_rows_that_they_belong_to():
    X, y, d = problem()
    marks = np.arange(len(y))
    model = LabelShiftClassifier(Noting(), n_bootstrap=0)
    model.fit(X, y, sample_domain=d, note="n", marks=marks)
    n, note, got = model.estimator_.got_
    assert (n, note) == (80, "n")
    assert_array_equal(got, marks[d > 0])
    with config_context(enable_metadata_routing=True):
        inner = Noting().set_fit_request(note=True, marks=True, sample_weight=True)
        model = LabelShiftClassifier(inner, n_bootstrap=0)
        model.fit(X, y, sample_domain=d, note="n", marks=marks)
    assert_array_equal(model.estimator_.got_[2], marks[d > 0])


def test_there_is_no_decision_function():
    X, y, d = problem()
    assert not hasattr(fitted(X, y, d), "decision_function")
    model = fitted(X, y, d)
    assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))


def test_all_source_weights_zero_are_an_error():
    X, y, d = problem()
    with pytest.raises(ValueError, match="sample_weight is zero on all source rows"):
        LabelShiftClassifier().fit(X, y, sample_domain=d, sample_weight=(d < 0).astype(float))


def test_the_assumption_is_tested_on_the_rows_themselves():
    X, y, d = problem()
    model = fitted(X, y, d, n_bootstrap=19, random_state=0)
    assert_array_equal(model._reference.numbers, X[d > 0])
    seed = np.random.RandomState(0)
    assert isinstance(class_mixture_test(X[d > 0], y[d > 0], X[d < 0], random_state=seed)[1], float)


def test_the_calibration_is_fitted_to_held_out_posteriors():
    """The nearest neighbour is always right on its own rows, and not on others."""
    X, y, d = problem(class_sep=1.0)
    model = fitted(X, y, d, KNeighborsClassifier(1), calibration="temperature")
    own = model.estimator_.predict_proba(X[d > 0])
    sure = fit_calibration(own, y[d > 0], "temperature").temperature[0]
    assert model.diagnostics_["temperature"][0] > 2 * sure
