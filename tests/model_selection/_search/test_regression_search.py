"""What the search and the guard promise of regressors."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from skdomain.alignment import LinearMonge
from skdomain.compose import SourceOnly
from skdomain.datasets import make_regression_shift
from skdomain.model_selection import AdaptationSearchCV, AdaptationVotingClassifier, SafeTransfer
from skdomain.model_selection._criteria._value_groups import value_groups
from skdomain.model_selection._search._rehearsal import Rehearsal, rehearsed_accuracy
from skdomain.model_selection._search._views import held_out_answers, seen_rows

RULE = SourceOnly(make_pipeline(PolynomialFeatures(2), Ridge(0.01)))
CANDIDATES = {"monge": make_pipeline(LinearMonge(1e-6), RULE)}


def problem(kind="affine", shift=1.0, n=80):
    p = make_regression_shift(n, n, kind=kind, shift=shift, random_state=0)
    return p.X, p.y, p.sample_domain


# -- Groups of values ---------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 64, 100])
def test_groups_are_of_equal_size_where_values_are_distinct(n):
    values = np.random.default_rng(n).permutation(n).astype(float)
    sizes = np.bincount(value_groups(values))
    assert len(sizes) <= 1 + np.ceil(np.log2(n))
    assert np.ptp(sizes) <= 1


def test_an_increasing_map_changes_no_group_and_equal_values_stay_together():
    values = np.random.default_rng(0).normal(size=50).round(1)
    groups = value_groups(values)
    assert_array_equal(value_groups(np.exp(3 * values)), groups)
    for value in np.unique(values):
        assert len(np.unique(groups[values == value])) == 1
    assert_array_equal(value_groups(np.ones(9)), 0)


def test_groups_are_in_the_order_of_the_values():
    values = np.random.default_rng(0).normal(size=50)
    assert (np.diff(value_groups(values)[np.argsort(values)]) >= 0).all()


# -- Views --------------------------------------------------------------------------------------


def test_what_a_regressor_says_is_its_value_by_the_other_folds():
    X, y, d = problem()
    hidden = np.where(d > 0, y, None)
    said_s, groups, said_t = held_out_answers(RULE, X, hidden, d)
    assert said_s.shape == said_t.shape == (80, 1)
    assert_array_equal(groups, value_groups(y[d > 0]))
    fitted = RULE.fit(X, y, sample_domain=d)
    assert 0 < np.abs(said_s[:, 0] - fitted.predict(X[d > 0])).max() < 0.5
    rows, classes, others = seen_rows(RULE, X, hidden, d)
    assert_array_equal(rows, X[d > 0])
    assert_array_equal(classes, groups)
    assert_array_equal(others, X[d < 0])


# -- Search and guard ---------------------------------------------------------------------------


def test_a_search_with_a_regressor_as_its_baseline_is_a_regressor():
    X, y, d = problem()
    search = AdaptationSearchCV(CANDIDATES, baseline=RULE, cv=2).fit(X, y, sample_domain=d)
    assert search.__sklearn_tags__().estimator_type == "regressor"
    assert not hasattr(search, "classes_")
    circular = clone(search).set_params(scoring="circular_validation").fit(X, y, sample_domain=d)
    values, expected = (one.cv_results_["mean_test_score"] for one in (search, circular))
    assert_array_equal(values, expected)
    assert search.best_method_ == circular.best_method_
    expected = r2_score(y[d < 0], search.predict(X[d < 0], sample_domain=d[d < 0]))
    assert search.score(X, y, sample_domain=d) == pytest.approx(expected)


def test_several_criteria_may_judge_regressors():
    X, y, d = problem()
    scoring = ["circular_validation", "importance_weighted", "deep_embedded_validation"]
    search = AdaptationSearchCV(CANDIDATES, baseline=RULE, scoring=scoring, cv=2)
    assert np.isfinite(search.fit(X, y, sample_domain=d).cv_results_["joint_score"]).all()


def test_a_criterion_of_classes_is_named_as_what_fails():
    X, y, d = problem()
    search = AdaptationSearchCV(CANDIDATES, baseline=RULE, scoring="mixup_validation", cv=2)
    with pytest.raises(ValueError, match=r"MixupValidation judges classifiers.*CircularValidation"):
        search.fit(X, y, sample_domain=d)


@pytest.mark.parametrize("cls", [AdaptationSearchCV, SafeTransfer])
def test_values_of_target_rows_change_no_bit(cls):
    X, y, d = problem(n=30)
    found = []
    for change in (y[d < 0], np.full(30, np.nan), -y[d < 0][::-1]):
        y[d < 0] = change
        model = cls(CANDIDATES, baseline=RULE, cv=2)
        if cls is SafeTransfer:
            model.set_params(n_bootstrap=5)
        model = model.fit(X, y, sample_domain=d)
        found.append(model.predict(X, sample_domain=d))
    assert_array_equal(found[1], found[0])
    assert_array_equal(found[2], found[0])


def test_a_regressor_is_rehearsed_by_the_variance_that_it_explains():
    X, y, d = problem(shift=0.3)
    rehearsal = Rehearsal(X, np.where(d > 0, y, None), d, y[d < 0].astype(object))
    said = RULE.fit(X, y, sample_domain=d).predict(X[d < 0])
    expected = 1 - np.mean((y[d < 0] - said) ** 2) / y[d > 0].var()
    assert rehearsed_accuracy(RULE, [rehearsal, rehearsal]) == pytest.approx(expected)


def test_the_guard_compares_what_regressors_say_with_groups_of_values():
    """A line alone does not fit the source; the candidate fits it, and undoes the map."""
    X, y, d = problem(shift=3.0)
    guard = SafeTransfer(CANDIDATES, baseline=SourceOnly(Ridge()), cv=2, n_bootstrap=50)
    decision = guard.fit(X, y, sample_domain=d).decision_
    assert "grouped by their values" in str(decision)
    assert decision.ranks[1] > decision.ranks[0]
    assert decision.rehearsal_gains[1, 1] > 0  # where the features moved
    assert np.isfinite(decision.rehearsal_gains).all()


def test_the_guard_stays_where_nothing_changes_and_says_what_is_not_available():
    X, y, d = problem(shift=0.0)
    guard = SafeTransfer(CANDIDATES, baseline=RULE, n_bootstrap=20).fit(X, y, sample_domain=d)
    assert not guard.decision_.adapted
    assert not guard.decision_.corrected
    assert "correcting them is not available for a regressor" in str(guard.decision_)


def test_kinds_are_not_mixed():
    X, y, d = problem(n=20)
    with pytest.raises(ValueError, match=r"no classifier.*baseline=SourceOnly\(Ridge"):
        AdaptationSearchCV([RULE]).fit(X, y > 0, sample_domain=d)
    with pytest.raises(ValueError, match=r"candidates holds .* which is no regressor"):
        AdaptationSearchCV([SourceOnly(LogisticRegression())], baseline=RULE).fit(X, y, d)
    with pytest.raises(ValueError, match="A vote is of classifiers"):
        AdaptationVotingClassifier([RULE]).fit(X, y > 0, sample_domain=d)
