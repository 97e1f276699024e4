"""The search by all criteria at once: which of them judge, and that no target label is read."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
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
    best = np.argmax(np.where(model.cv_results_["better_pvalue"] <= 0.05, scores, 0))
    assert (model.best_index_, model.best_score_) == (best, scores[best])
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


@pytest.fixture(scope="module")
def split_opinion():
    """A search in which the criteria do not agree, and what is said of the target decides.

    Its features have other units and zeros, so that the baseline takes all rows for one class.
    """
    p = make_label_shift(75, 75, target_priors=[0.5, 0.5], random_state=0)
    X = np.where(p.sample_domain[:, None] < 0, p.X / 2 + [4, -3], p.X)
    model = ranked(scaled()).fit(X, p.y, sample_domain=p.sample_domain)
    return X, p.y, p.sample_domain, model


def test_a_closer_match_decides_where_the_criteria_do_not_agree(split_opinion):
    *_, model = split_opinion
    agreed, matched = (model.cv_results_[f"{name}_pvalue"][1] for name in ("better", "match"))
    assert agreed > 0.05 > matched
    assert model.best_method_ == "perdomain-sourceonly"
    pvalues = f"(p = {agreed:.2g} by the criteria, {matched:.2g} by its match)"
    assert pvalues in str(model.decision_)


def test_the_level_decides_who_may_replace_the_baseline(split_opinion):
    X, y, d, model = split_opinion
    matched = model.cv_results_["match_pvalue"][1]
    for alpha, index in {matched: 1, np.nextafter(matched, 0): 0, 1: 1}.items():
        again = ranked(scaled(), alpha=alpha).fit(X, y, sample_domain=d)
        assert again.best_index_ == index
        assert again.best_score_ == model.cv_results_["trimmed_rank"][index]
        assert ("agree on none of 1 others" in str(again.decision_)) == (index == 0)


def test_what_is_chosen_does_not_depend_on_whether_an_accuracy_is_expected(split_opinion):
    X, y, d, model = split_opinion
    other = ranked(scaled(), expected_accuracy=False).fit(X, y, sample_domain=d)
    assert other.decision_.reason == model.decision_.reason
    assert other.decision_.expected is None


def test_alpha_is_of_ranks_alone(make_domains):
    X, y, d = make_domains(30, 24)
    model = ranked(scaled(), scoring="circular_validation", alpha=0.01)
    assert "better_pvalue" not in model.fit(X, y, sample_domain=d).cv_results_
