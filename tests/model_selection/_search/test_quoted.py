"""The accuracy that decisions quote: of rows that no fit has seen, and at no further fit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdomain import NoTargetWarning
from skdomain._estimators import call_with_domains
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift, make_regression_shift
from skdomain.label_shift import LabelShiftClassifier
from skdomain.model_selection import (
    AdaptationSearchCV,
    DomainKFold,
    DomainShuffleSplit,
    SafeTransfer,
    TargetKFold,
    estimate_accuracy,
)
from skdomain.model_selection._expected._unseen import Unseen, first_of_each
from skdomain.model_selection._search._quoted import as_corrected
from skdomain.model_selection._search._rehearsal import halves
from skdomain.model_selection._search._results import deciding
from skdomain.model_selection._search._views import held_out_fits

CV = DomainShuffleSplit(3, test_size=0.5, random_state=0)
BASELINE = SourceOnly(LogisticRegression())
SCALED = make_pipeline(PerDomain(), BASELINE)


class Counting(LogisticRegression):
    """Counts its fits."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        Counting.n_fits += 1
        return super().fit(X, y, sample_weight)


def problem(target_priors=(0.5, 0.5), n=60, seed=0):
    p = make_label_shift(n, n, target_priors=list(target_priors), class_sep=1.5, random_state=seed)
    return p.X, p.y, p.sample_domain


def moved():
    X, y, d = problem()
    return X * np.where(d < 0, 3, 1)[:, None] + 4 * (d < 0)[:, None], y, d


def search(**parameters):
    parameters = {"baseline": BASELINE, "scoring": "circular_validation", "cv": CV} | parameters
    return AdaptationSearchCV({"scaled": SCALED}, **parameters)


def guard(**parameters):
    parameters = {"baseline": BASELINE, "cv": CV, "n_bootstrap": 50} | parameters
    return SafeTransfer({"scaled": SCALED}, **parameters)


# -- What is expected ------------------------------------------------------------------------------


def test_on_splits_that_test_each_row_once_it_is_what_estimate_accuracy_says():
    X, y, d = moved()
    splits = list(DomainKFold(4).split(X, y, sample_domain=d))
    model = search(cv=splits).fit(X, y, sample_domain=d)
    quoted = model.decision_.expected
    source = np.flatnonzero(d > 0)

    # The same by hand: what clones say, which are fitted to the training rows of both domains.
    right = np.zeros(len(d))
    for train, test in splits:
        clone = call_with_domains(SCALED, "fit", X[train], y[train], sample_domain=d[train])
        mine = test[d[test] > 0]
        right[mine] = y[mine] == call_with_domains(clone, "predict", X[mine], sample_domain=d[mine])
    # without shift of the proportions "mixture" is near the accuracy on unseen source rows
    assert model.best_method_ == "scaled"
    assert abs(quoted.by_method["mixture"][0] - right[source].mean()) < 0.05
    alone = estimate_accuracy(model.best_estimator_, X, y, d)
    assert quoted.assumptions == alone.assumptions
    assert abs(quoted.value - alone.value) < 0.05


def test_on_folds_of_the_baseline_it_is_to_the_bit_what_estimate_accuracy_says():
    X, y, d = problem()
    model = guard(correct_priors=False).fit(X, y, sample_domain=d)
    assert model.n_splits_ == 0
    # a model of the source alone, whose folds are those that the guard takes
    folds = DomainKFold(5, shuffle=True, random_state=0).split(X, y, sample_domain=d)
    place = np.cumsum(d > 0) - 1
    cv = [tuple(place[rows[d[rows] > 0]] for rows in pair) for pair in folds]
    alone = estimate_accuracy(model.best_estimator_, X, y, d, cv=cv)
    quoted = model.decision_.expected
    assert (quoted.value, quoted.interval) == (alone.value, alone.interval)
    assert quoted.by_method == alone.by_method


def test_rows_that_a_fit_has_seen_are_not_asked_of_it():
    # The nearest neighbour knows by heart labels that mean nothing: of new rows half are right.
    rng = np.random.default_rng(0)
    X, y, d = rng.normal(size=(400, 3)), rng.integers(0, 2, 400), np.repeat([1, -1], 200)
    by_heart = SourceOnly(KNeighborsClassifier(1))
    found = AdaptationSearchCV([], baseline=by_heart, cv=CV).fit(X, y, sample_domain=d).decision_
    for name in ("thresholded", "importance", "mixture"):
        assert abs(found.expected.by_method[name][0] - 0.5) < 0.12


def test_corrected_proportions_are_expected_of_corrected_answers():
    X, y, d = problem((0.1, 0.9), n=150)
    model = guard().fit(X, y, sample_domain=d)
    assert model.decision_.corrected
    plain = guard(correct_priors=False).fit(X, y, sample_domain=d).decision_.expected
    # the mixture of the classes is the method whose assumption holds here
    gain = model.decision_.expected.by_method["mixture"][0] - plain.by_method["mixture"][0]
    assert_allclose(gain, model.decision_.expected_gain[0], atol=0.03)


def test_answers_are_corrected_as_the_corrected_model_corrects_its_own():
    X, y, d = problem((0.1, 0.9))
    model = LabelShiftClassifier(LogisticRegression(), n_bootstrap=0).fit(X, y, sample_domain=d)
    P = model.estimator_.predict_proba(X)
    rows = np.flatnonzero(d > 0)
    (got,) = as_corrected([Unseen(rows, P[rows], P.argmax(1)[rows], P[d < 0], None)], model)
    assert_array_equal(got.posteriors, model.predict_proba(X[rows]))
    assert_array_equal(got.predicted, model.predict(X[rows]))
    assert_array_equal(got.target_posteriors, model.predict_proba(X[d < 0]))
    assert_array_equal(got.target_predicted, model.predict(X[d < 0]))


def test_a_row_counts_where_it_is_first_left_out():
    def answer(rows, value):
        rows = np.array(rows)
        return Unseen(rows, np.full((len(rows), 2), value), rows, np.ones((1, 2)), np.ones(1))

    kept = first_of_each([answer([4, 1], 0.1), answer([1, 2], 0.2), answer([2, 4], 0.3)])
    assert [one.rows.tolist() for one in kept] == [[4, 1], [2], []]
    assert [one.predicted.tolist() for one in kept] == [[4, 1], [2], []]
    assert_array_equal(kept[1].posteriors, [[0.2, 0.2]])


# -- At what cost ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [search, guard], ids=["search", "guard"])
@pytest.mark.parametrize("shift", [True, False], ids=["moved", "as it was"])
def test_it_takes_no_fit_and_changes_nothing_else(make, shift):
    X, y, d = moved() if shift else problem()
    found, n_fits = {}, {}
    for asked in (True, False):
        Counting.n_fits = 0
        model = make(baseline=SourceOnly(Counting()), expected_accuracy=asked)
        found[asked] = model.fit(X, y, sample_domain=d)
        n_fits[asked] = Counting.n_fits
    assert n_fits[True] == n_fits[False]
    with_, without = found[True], found[False]
    assert without.decision_.expected is None
    assert str(with_.decision_) == f"{without.decision_} {with_.decision_.expected}"
    assert_array_equal(with_.predict_proba(X), without.predict_proba(X))
    for name, column in without.cv_results_.items():
        if not name.endswith("_time"):
            assert_array_equal(with_.cv_results_[name], column)


@pytest.mark.parametrize("make", [search, guard], ids=["search", "guard"])
@pytest.mark.parametrize("shift", [True, False], ids=["moved", "as it was"])
def test_labels_of_the_target_change_no_bit(make, shift):
    X, y, d = moved() if shift else problem((0.1, 0.9))
    quoted = make().fit(X, y, sample_domain=d).decision_.expected
    for values in (np.random.default_rng(0).permutation(y), None):
        labels = np.where(d < 0, np.array(values, dtype=object), y)
        other = make().fit(X, labels, sample_domain=d).decision_.expected
        assert (other.value, other.interval) == (quoted.value, quoted.interval)
        assert_array_equal(other.confusion, quoted.confusion)


# -- Where nothing can be expected -----------------------------------------------------------------


def test_why_nothing_is_expected_is_said():
    X, y, d = moved()
    some = AdaptationSearchCV([SCALED], baseline=BASELINE, scoring="oracle", cv=TargetKFold(2))
    decision = some.fit(X, y, sample_domain=d).decision_
    assert decision.expected is None
    assert str(decision).endswith(
        "No accuracy is expected, as the splits keep no source row out of training."
    )


def test_of_regressors_and_without_target_nothing_is_expected_or_said():
    p = make_regression_shift(40, 40, random_state=0)
    rule = SourceOnly(Ridge())
    decision = AdaptationSearchCV([], baseline=rule).fit(p.X, p.y, sample_domain=p.sample_domain)
    assert str(decision.decision_) == (
        "does not adapt, keeps baseline: there is no other candidate."
    )
    X, y, _ = problem()
    with pytest.warns(NoTargetWarning):
        model = search().fit(X, y)
    assert (model.decision_.expected, "No accuracy" in str(model.decision_)) == (None, False)


def test_a_search_says_what_it_chose_and_why():
    X, y, d = moved()
    grid = {"sourceonly__estimator__C": [0.5]}
    for scoring, kind in (("class_mixture", "mean value"), (["class_mixture"] * 2, "joint score")):
        candidates, how = {"scaled": (SCALED, grid)}, {"baseline": BASELINE, "scoring": scoring}
        model = AdaptationSearchCV(candidates, cv=CV, **how).fit(X, y, sample_domain=d)
        scores = deciding(model.cv_results_)
        assert str(model.decision_).startswith(
            f"adapts by scaled with {{'sourceonly__estimator__C': 0.5}}: the highest {kind}, "
            f"{scores[1]:.3g}, of 2 candidates; the baseline has {scores[0]:.3g}. The accuracy on "
            "the target is expected to be "
        )


# -- Rows that belong together ---------------------------------------------------------------------


def test_groups_are_those_of_the_splitter():
    X, y, d = moved()
    groups = np.random.default_rng(0).integers(0, 20, len(d))
    splits = list(CV.split(X, y, groups, d))
    by_splits = search(cv=splits, expected_accuracy=False).fit(X, y, sample_domain=d)
    by_groups = search(expected_accuracy=False).fit(X, y, sample_domain=d, groups=groups)
    assert_array_equal(by_groups.cv_results_["split0_test_score"],
                       by_splits.cv_results_["split0_test_score"])  # fmt: skip
    without = search(expected_accuracy=False).fit(X, y, sample_domain=d)
    assert (without.cv_results_["split0_test_score"]
            != by_splits.cv_results_["split0_test_score"]).any()  # fmt: skip


def test_the_guard_keeps_groups_together_in_folds_and_rehearsals():
    X, y, d = moved()
    groups = np.random.default_rng(0).integers(0, 12, len(d))
    tests = [test for test, _ in held_out_fits(BASELINE, X, y, d, groups)]
    where = {g: {k for k, test in enumerate(tests) if (groups[test] == g).any()} for g in range(12)}
    assert all(len(folds) == 1 for folds in where.values())
    assert_array_equal(np.sort(np.concatenate(tests)), np.arange(len(d)))
    half = halves(y, np.random.RandomState(0), groups)
    assert not set(groups[half]) & set(groups[~half])
    assert 0.3 < half.mean() < 0.7
    model = guard(expected_accuracy=False).fit(X, y, sample_domain=d, groups=groups)
    assert model.n_splits_ == CV.get_n_splits()
