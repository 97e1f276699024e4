"""The search by all criteria at once: which of them judge, and that no target label is read."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationSearchCV,
    DomainShuffleSplit,
    TargetKFold,
    scorer_names,
    trimmed_ranks,
)

LABEL_FREE = [name for name in scorer_names() if name != "oracle"]
CV = DomainShuffleSplit(2, test_size=0.4, random_state=0)


class OnlyLabels(SourceOnly):
    """Trained on the source, and has neither probabilities nor decision values."""

    predict_proba = decision_function = property()


def scaled(inner=None):
    return make_pipeline(PerDomain(), SourceOnly(inner or LogisticRegression()))


def ranked(*candidates, **parameters):
    parameters = {"baseline": SourceOnly(LogisticRegression()), "cv": CV} | parameters
    return AdaptationSearchCV(list(candidates), **parameters)


def values_of(model, names):
    results = model.cv_results_
    columns = [[results[f"split{i}_test_{name}"] for name in names] for i in range(model.n_splits_)]
    return np.moveaxis(columns, 2, 0)


def test_all_criteria_but_the_oracle_judge_by_default(make_domains):
    X, y, d = make_domains(30, 24)
    model = ranked(scaled()).fit(X, y, sample_domain=d)
    assert (model.scoring, model.skipped_criteria_) == ("rank", {})
    scores = trimmed_ranks(values_of(model, LABEL_FREE))
    assert_array_equal(model.cv_results_["trimmed_rank"], scores)
    assert model.best_index_ == np.argmax(scores)
    assert model.best_score_ == scores.max()
    assert "mean_test_oracle" not in model.cv_results_


def test_what_y_holds_on_the_target_changes_no_bit_of_a_rank(make_domains):
    X, y, d = make_domains(30, 24, n_classes=3)
    model, rng = ranked(scaled()).fit(X, y, sample_domain=d), np.random.default_rng(0)
    for values in (rng.permutation(y), np.full(len(y), np.nan), "?"):
        labels = np.where(d < 0, np.array(values, dtype=object), y)
        other = clone(model).fit(X, labels, sample_domain=d)
        assert_array_equal(values_of(other, LABEL_FREE), values_of(model, LABEL_FREE))
        assert_array_equal(other.predict(X, sample_domain=d), model.predict(X, sample_domain=d))


def test_copies_of_candidates_do_not_change_the_winner(make_domains):
    X, y, d = make_domains(30, 24, shift=2)
    one = ranked(scaled()).fit(X, y, sample_domain=d)
    many = ranked(*[scaled()] * 3, SourceOnly(LogisticRegression())).fit(X, y, sample_domain=d)
    assert many.best_index_ == one.best_index_
    assert many.best_score_ == one.best_score_


def test_criteria_that_need_probabilities_are_skipped_where_there_are_none(make_domains):
    X, y, d = make_domains(30, 24)
    model = ranked(OnlyLabels(LogisticRegression()), scaled()).fit(X, y, sample_domain=d)
    of_probabilities = {
        "class_correlation",
        "information_maximization",
        "prediction_entropy",
        "soft_neighborhood_density",
    }
    assert set(model.skipped_criteria_) == of_probabilities
    assert "has neither predict_proba" in model.skipped_criteria_["prediction_entropy"]
    kept = [name for name in LABEL_FREE if name not in of_probabilities]
    assert_array_equal(model.cv_results_["trimmed_rank"], trimmed_ranks(values_of(model, kept)))
    assert ranked(scaled(LinearSVC())).fit(X, y, sample_domain=d).skipped_criteria_ == {}


def test_criteria_of_the_source_are_skipped_where_folds_hold_none_of_it(make_domains):
    X, y, d = make_domains(30, 24)
    model = ranked(scaled(), cv=TargetKFold(2)).fit(X, y, sample_domain=d)
    assert "circular_validation" in model.skipped_criteria_
    assert "prediction_entropy" not in model.skipped_criteria_


def test_one_candidate_is_enough(make_domains):
    X, y, d = make_domains(30, 24)
    model = ranked().fit(X, y, sample_domain=d)
    assert (model.best_method_, model.best_score_) == ("baseline", pytest.approx(0.5))
