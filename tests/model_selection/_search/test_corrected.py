"""The guard corrects proportions that alone explain the target, where that is sure to gain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdomain._estimators import call_with_domains
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.label_shift import LabelShiftClassifier
from skdomain.label_shift._correction import corrected_posteriors
from skdomain.label_shift._gain import expected_gains
from skdomain.model_selection import (
    AdaptationSearchCV,
    ClassMixture,
    DomainShuffleSplit,
    ImportanceWeighted,
    SafeTransfer,
)
from skdomain.model_selection._search._corrected import corrected

BASELINE = SourceOnly(LogisticRegression())
CV = DomainShuffleSplit(2, test_size=0.5, random_state=0)
UNEVEN, EVEN = [0.9, 0.1], [0.5, 0.5]


def rows(target_priors, seed=0, n=300):
    problem = make_label_shift(
        n,
        n,
        source_priors=EVEN,
        target_priors=target_priors,
        class_sep=1.5,
        random_state=seed,
    )
    return problem.X, problem.y, problem.sample_domain


def guard(baseline=BASELINE, **parameters):
    return SafeTransfer([], baseline=baseline, cv=CV, expected_accuracy=False, **parameters)


# -- Expected gain --------------------------------------------------------------------------------


@st.composite
def posteriors_and_priors(draw):
    n_classes = draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    P = rng.dirichlet(np.ones(n_classes), size=draw(st.integers(1, 8)))
    p, draws = rng.dirichlet(np.ones(n_classes)), rng.dirichlet(np.ones(n_classes), size=3)
    return P, p, draws, rng.integers(n_classes, size=(2, len(P)))


@given(posteriors_and_priors())
def test_the_gain_is_that_of_corrected_posteriors(drawn):
    P, p, draws, (before, after) = drawn
    slow = []
    for q in draws:
        right = [
            row[b] - row[a]
            for row, a, b in zip(corrected_posteriors(P, q / p), before, after, strict=True)
        ]
        slow.append(np.mean(right))
    assert_allclose(expected_gains(P, p, draws, before, after), slow, atol=1e-12)


@given(posteriors_and_priors())
def test_nothing_is_lost_if_the_priors_are_those_that_were_corrected_for(drawn):
    P, p, draws, (before, _) = drawn
    after = corrected_posteriors(P, draws[0] / p).argmax(axis=1)
    assert expected_gains(P, p, draws[:1], before, after)[0] >= -1e-15
    assert_array_equal(expected_gains(P, p, draws, before, before), 0)


def test_a_class_that_the_source_has_none_of_counts_for_nothing():
    P, p = np.array([[0.5, 0.5, 0.0]]), np.array([0.5, 0.5, 0.0])
    found = expected_gains(P, p, np.array([[0.25, 0.75, 0.0]]), [0], [1])
    assert_allclose(found, 0.5)


# -- Decisions ------------------------------------------------------------------------------------


def test_what_it_corrects_is_the_baseline_by_the_class_that_corrects():
    X, y, d = rows(UNEVEN)
    model = guard(alpha=0.1).fit(X, y, sample_domain=d)
    decision = model.decision_
    assert (decision.adapted, decision.corrected, decision.method) == (False, True, "baseline")
    alone = LabelShiftClassifier(LogisticRegression(), level=0.9, n_bootstrap=100, random_state=0)
    alone.fit(X, y, sample_domain=d)
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    assert_array_equal(decision.priors_interval, alone.priors_interval_)
    assert_array_equal(decision.expected_gain, alone.expected_gain_)
    assert decision.priors == dict(zip([0, 1], alone.target_priors_, strict=True))
    gain, least, most = 100 * alone.expected_gain_
    assert 0 < least < gain < most
    assert str(decision) == (
        "does not adapt, but corrects the proportions of baseline: proportions of the classes "
        f"alone explain the target (p = {decision.shift_pvalue:.2g}); accuracy is expected to rise "
        f"by {gain:.1f} points ({least:.1f} to {most:.1f}) by correcting them."
    )


def test_where_a_gain_is_not_sure_the_baseline_stays():
    X, y, d = rows(EVEN, n=100)
    decision = guard().fit(X, y, sample_domain=d).decision_
    assert decision.shift_pvalue >= 0.05
    assert decision.expected_gain[1] <= 0
    assert not decision.corrected
    assert str(decision).startswith("does not adapt, keeps baseline: proportions")


def test_it_corrects_nothing_if_told_not_to():
    X, y, d = rows(UNEVEN)
    model = guard(correct_priors=False).fit(X, y, sample_domain=d)
    assert not model.decision_.corrected
    assert model.decision_.priors is None
    assert isinstance(model.best_estimator_, SourceOnly)


def test_more_than_other_proportions_is_not_corrected():
    X, y, d = rows(UNEVEN)
    decision = guard().fit(X + 3 * (d < 0)[:, None], y, sample_domain=d).decision_
    assert decision.shift_pvalue < 0.05
    assert (decision.corrected, decision.priors) == (False, None)


# -- Models that can be corrected ------------------------------------------------------------------


def test_the_end_of_a_pipeline_is_corrected_and_its_steps_stay():
    X, y, d = rows(UNEVEN)
    pipeline = make_pipeline(StandardScaler(), SourceOnly(LogisticRegression(C=0.5)))
    model = guard(pipeline).fit(X, y, sample_domain=d)
    assert model.decision_.corrected
    assert model.best_estimator_[-1].estimator.C == 0.5
    scaled = model.best_estimator_[:-1].transform(X)
    assert_array_equal(model.predict(X), model.best_estimator_[-1].predict(scaled))
    assert isinstance(pipeline[-1], SourceOnly)


@pytest.mark.parametrize(
    "model", [SourceOnly(LinearSVC()), make_pipeline(PerDomain(), SourceOnly(LinearSVC()))]
)
def test_without_probabilities_nothing_is_corrected(model):
    assert corrected(model) is None
    X, y, d = rows(UNEVEN)
    decision = guard(model).fit(X, y, sample_domain=d).decision_
    assert (decision.corrected, decision.priors) == (False, None)


class FailsOnFolds(LogisticRegression):
    """Does its work on as many rows as it got at first, or on half of them, and fails on others."""

    def fit(self, X, y):
        if len(X) not in (100, 200):
            raise ValueError(f"{len(X)} rows are not as many as I like")
        return super().fit(X, y)


def test_a_correction_that_fails_is_warned_of_and_left_out():
    X, y, d = rows(UNEVEN, n=200)
    with pytest.warns(FitFailedWarning, match="corrected baseline failed .* as I like"):
        model = guard(SourceOnly(FailsOnFolds())).fit(X, y, sample_domain=d)
    assert not model.decision_.corrected
    assert isinstance(model.best_estimator_, SourceOnly)


# -- Target labels --------------------------------------------------------------------------------


def test_labels_of_the_target_change_no_bit():
    X, y, d = rows(UNEVEN)
    model = guard().fit(X, y, sample_domain=d)
    assert model.decision_.corrected
    for values in (np.random.default_rng(0).permutation(y), None, "?"):
        labels = np.where(d < 0, np.array(values, dtype=object), y)
        other = guard().fit(X, labels, sample_domain=d)
        assert_array_equal(other.decision_.expected_gain, model.decision_.expected_gain)
        assert_array_equal(other.predict_proba(X), model.predict_proba(X))


# -- Criteria and searches -------------------------------------------------------------------------


def test_criteria_read_a_corrected_model_as_it_predicts_the_target():
    """The weights of rows are those of their classes: the true density ratio of label shift."""
    X, y, d = rows(UNEVEN, n=2000)
    plain = BASELINE.fit(X, y, sample_domain=d)
    model = LabelShiftClassifier(LogisticRegression(), n_bootstrap=0)
    model.fit(X, y, sample_domain=d)
    weights = np.where(y[d > 0] == 0, 0.9, 0.1) / np.where(y[d > 0] == 0, *EVEN)
    criterion = ImportanceWeighted(lambda Xs, Xt: weights)
    for one in (plain, model):
        found = criterion(one, X, y, sample_domain=d)
        right = one.score(X, y, sample_domain=d)
        assert abs(found - right) < 4 * np.sqrt(0.25 / 2000 * (1 + np.mean(weights**2)))
    assert ClassMixture()(model, X, y, d) == ClassMixture()(plain, X, y, d)


@pytest.mark.parametrize("routing", [False, True], ids=["not routed", "routed"])
def test_a_search_takes_the_correction_for_a_candidate(routing):
    X, y, d = rows(UNEVEN)
    candidates = {"corrected": LabelShiftClassifier(LogisticRegression(), n_bootstrap=0)}
    with config_context(enable_metadata_routing=routing):
        search = AdaptationSearchCV(candidates, baseline=BASELINE, scoring="oracle", cv=CV)
        search.fit(X, y, sample_domain=d)
        assert search.best_method_ == "corrected"
        value = call_with_domains(search, "score", X, y, sample_domain=d)
    assert value == search.best_estimator_.score(X, y, sample_domain=d)
