"""SelfTrainingAdapter: which labels are believed, when it ends, and what the way back rejects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC

from skdomain import NoTargetWarning
from skdomain.compose import Pooled, SourceOnly
from skdomain.transfer import FeatureAugmentation, SelfTrainingAdapter
from skdomain.transfer._trusted_labels import margins, rows_that_stay, surest_of_each_class


def shifted(n_classes=2, n=60, shift=1.2, seed=0, scale=0.6):
    """Classes along the first feature, all of them further to the right in the target."""
    rng = np.random.default_rng(seed)
    d, y = np.repeat([1, -2], n), np.arange(2 * n) % n_classes
    X = rng.normal(scale=scale, size=(2 * n, 2))
    X[:, 0] += 3 * y + shift * (d < 0)
    order = rng.permutation(2 * n)
    return X[order], y[order], d[order]


def blind(model, X, y, d):
    return model.fit(X, np.where(d < 0, np.nan, y), sample_domain=d)


# -- Which rows ---------------------------------------------------------------------------------


@given(
    n_rows=st.integers(1, 60),
    n_classes=st.integers(1, 5),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**16),
)
def test_of_each_class_the_same_share_is_believed_and_the_surest(n_rows, n_classes, share, seed):
    rng = np.random.default_rng(seed)
    codes, confidences = rng.integers(n_classes, size=n_rows), rng.permutation(n_rows) + 0.5
    chosen = surest_of_each_class(codes, confidences, share)
    for code in np.unique(codes):
        own = codes == code
        assert chosen[own].sum() == np.ceil(share * own.sum() - 1e-9)
        if 0 < chosen[own].sum() < own.sum():
            assert confidences[own & chosen].min() > confidences[own & ~chosen].max()


def test_rows_as_sure_as_the_last_one_come_along():
    chosen = surest_of_each_class(np.zeros(4, int), np.array([0.9, 0.7, 0.7, 0.6]), 0.5)
    assert_array_equal(chosen, [True, True, True, False])


def test_of_a_tenth_of_thirty_rows_three_are_believed_whatever_rounding_says():
    """3 * 0.1 is 0.30000000000000004."""
    assert surest_of_each_class(np.zeros(10, int), np.arange(10.0), 3 * 0.1).sum() == 3


def test_source_rows_that_leave_are_the_surest_of_classes_that_are_covered():
    codes, confidences = np.array([0, 0, 0, 0, 1, 1]), np.array([4.0, 1, 3, 2, 9, 8])
    stays = rows_that_stay(codes, confidences, 0.5, covered=np.array([0]))
    assert_array_equal(stays, [False, True, False, True, True, True])
    assert_array_equal(rows_that_stay(codes, confidences, 1, np.array([0, 1])), [False] * 6)


def test_confidence_without_probabilities_is_the_lead_of_the_largest_value():
    assert_array_equal(margins(np.array([-3.0, 2.0])), [3, 2])
    assert_array_equal(margins(np.array([[1.0, 5.0, 4.0], [0.0, -2.0, -7.0]])), [1, 2])


# -- Rounds -------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_counts_are_those_of_the_schedule(n_classes):
    """In round t, ceil(n_c t / T) of the rows that the classifier before predicts as c."""
    X, y, d = shifted(n_classes)
    before = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    for t in range(1, 5):
        counts = np.unique(before.predict(X[d < 0]), return_counts=True)[1]
        before = blind(SelfTrainingAdapter(n_steps=6, max_iter=t), X, y, d)
        assert before.history_["n_selected"][-1] == sum(-(-n * t // 6) for n in counts.tolist())


def test_one_round_by_hand():
    """The first round: the surest half of each class, labelled by the source's classifier."""
    X, y, d = shifted()
    first = LogisticRegression().fit(X[d > 0], y[d > 0])
    target = X[d < 0]
    said, sure = first.predict(target), first.predict_proba(target).max(axis=1)
    half = [np.sort(sure[said == c])[-((said == c).sum() + 1) // 2 :] for c in (0, 1)]
    chosen = np.isin(sure, np.concatenate(half))
    by_hand = LogisticRegression().fit(
        np.concatenate([X[d > 0], target[chosen]]), np.concatenate([y[d > 0], said[chosen]])
    )
    with pytest.warns(ConvergenceWarning, match=r"round 1 .* still changed 3\d of the believed"):
        model = blind(SelfTrainingAdapter(n_steps=2, max_iter=1), X, y, d)
    assert_array_equal(model.estimator_.coef_, by_hand.coef_)
    assert model.termination_ == "max_iter"


@pytest.mark.parametrize("schedule", ["class-balanced", "threshold"])
@pytest.mark.parametrize(
    "inner",
    [LogisticRegression(), GaussianNB(), LinearSVC(), SVC(), KNeighborsClassifier(3)],
    ids=lambda inner: type(inner).__name__,
)
def test_where_it_converges_another_round_would_be_the_same(inner, schedule):
    X, y, d = shifted(3)
    has_shares = hasattr(inner, "predict_proba")
    threshold = 0.6 if has_shares else 1.0
    model = blind(SelfTrainingAdapter(inner, schedule, threshold=threshold, max_iter=50), X, y, d)
    assert model.termination_ == "converged"
    assert model.history_["label_changes"][-1] == 0
    target, told = X[d < 0], model.predict(X[d < 0])
    assert_array_equal(model.pseudo_labels_, told)
    chosen = np.ones(len(told), dtype=bool)
    if schedule == "threshold":
        ask = model.predict_proba if has_shares else model.decision_function
        sure = ask(target).max(axis=1) if has_shares else margins(ask(target))
        chosen = sure >= threshold
    again = clone(inner).fit(
        np.concatenate([X[d > 0], target[chosen]]), np.concatenate([y[d > 0], told[chosen]])
    )
    assert_array_equal(again.predict(X), model.predict(X))


def test_it_follows_classes_that_have_moved_where_the_source_alone_does_not():
    X, y, d = shifted(shift=1.4, n=200, scale=0.3)
    alone = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    model = blind(SelfTrainingAdapter(leave=True), X, y, d)
    assert model.score(X, y, sample_domain=d) > alone.score(X, y, sample_domain=d) + 0.1
    assert model.history_["n_source"][-1] == 0


# -- The way back -------------------------------------------------------------------------------


class RunsAway(LogisticRegression):
    """Once target rows have entered, it predicts the first class whatever it sees."""

    def fit(self, X, y):
        self.lost_ = len(y) > 60
        return super().fit(X, y)

    def predict(self, X):
        return self.classes_[[0] * len(X)] if self.lost_ else super().predict(X)


def test_a_round_that_is_rejected_leaves_the_source_alone():
    X, y, d = shifted()
    model = blind(SelfTrainingAdapter(RunsAway()), X, y, d)
    alone = RunsAway().fit(X[d > 0], y[d > 0])
    assert (model.termination_, model.n_iter_) == ("rejected", 1)
    assert_array_equal(model.history_["accepted"], [False])
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    assert_array_equal(model.pseudo_labels_, alone.predict(X[d < 0]))
    with pytest.warns(ConvergenceWarning):
        trusting = blind(SelfTrainingAdapter(RunsAway(), min_return=None, max_iter=1), X, y, d)
    assert (trusting.predict(X) == 0).all()


def test_the_way_back_is_the_accuracy_on_the_source_of_a_classifier_of_the_target():
    X, y, d = shifted(3)
    model = blind(SelfTrainingAdapter(), X, y, d)
    back = LogisticRegression().fit(X[d < 0], model.predict(X[d < 0]))
    assert model.history_["way_back"][-1] == np.mean(back.predict(X[d > 0]) == y[d > 0])


@pytest.mark.parametrize("min_return", [0.0, 0.5, 1.0])
def test_all_that_is_accepted_leads_back_as_asked(min_return):
    X, y, d = shifted(3, shift=1.8)
    model = blind(SelfTrainingAdapter(min_return=min_return, max_iter=50), X, y, d)
    alone = LogisticRegression().fit(X[d > 0], y[d > 0])
    back = LogisticRegression().fit(X[d < 0], alone.predict(X[d < 0]))
    first, chance = np.mean(back.predict(X[d > 0]) == y[d > 0]), 1 / 3
    accepted = model.history_["way_back"] >= chance + min_return * (first - chance) - 1e-12
    assert_array_equal(model.history_["accepted"], accepted)
    assert accepted[:-1].all()
    assert accepted[-1] == (model.termination_ != "rejected")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_target_of_one_predicted_class_leads_back_to_its_share():
    X, y, d = shifted(shift=50)
    model = blind(SelfTrainingAdapter(min_return=0.0), X, y, d)
    assert (model.history_["way_back"] == 0.5).all()


# -- Labels -------------------------------------------------------------------------------------


def test_labelled_target_rows_are_always_trained_on():
    X, y, d = shifted()
    labelled = np.zeros(len(d), dtype=bool)
    labelled[np.flatnonzero(d < 0)[:6]] = True
    model = SelfTrainingAdapter(leave=True, max_iter=50)
    model.fit(X, y, sample_domain=d, labelled=labelled)
    told = model.pseudo_labels_
    assert model.termination_ == "converged"
    assert_array_equal(told[labelled[d < 0]], y[labelled])
    assert_array_equal(LogisticRegression().fit(X[d < 0], told).predict(X), model.predict(X))


def test_with_all_target_rows_labelled_it_is_the_pool():
    X, y, d = shifted()
    model = SelfTrainingAdapter().fit(X, y, sample_domain=d)
    pooled = Pooled(balance=False).fit(X, y, sample_domain=d)
    assert (model.termination_, model.n_iter_) == ("no unlabelled target rows", 1)
    assert_array_equal(model.predict(X), pooled.predict(X))
    with pytest.warns(NoTargetWarning):
        assert SelfTrainingAdapter().fit(X, y).n_iter_ == 1


@pytest.mark.parametrize("kind", ["wrong", "None", "strings"])
def test_labels_of_unlabelled_target_rows_are_never_read(kind):
    X, y, d = shifted()
    hidden = y.astype(object)
    hidden[d < 0] = {"wrong": 1 - y[d < 0], "None": None, "strings": "?"}[kind]
    told = SelfTrainingAdapter().fit(X, y, sample_domain=d, labelled=d > 0)
    other = SelfTrainingAdapter().fit(X, hidden, sample_domain=d, labelled=d > 0)
    assert_array_equal(other.predict_proba(X), told.predict_proba(X))


class NoConfidence(LinearRegression):
    """Neither probabilities nor decision values."""


def test_a_classifier_without_confidence_is_refused():
    with pytest.raises(ValueError, match="surest of, and NoConfidence has neither predict_proba"):
        blind(SelfTrainingAdapter(NoConfidence()), *shifted())


# -- Estimators that ask for domains ----------------------------------------------------------


def test_augmented_features_are_told_the_domains_by_hand():
    """One round: the surest half of each class enters, in the slot of the target."""
    X, y, d = shifted()
    labelled = (d > 0) | (np.cumsum(d < 0) <= 6)
    first = FeatureAugmentation().fit(X, y, sample_domain=d, labelled=labelled)
    unknown = np.flatnonzero(~labelled)
    sure = first.predict_proba(X[unknown], sample_domain=d[unknown])
    chosen = surest_of_each_class(sure.argmax(axis=1), sure.max(axis=1), 0.5)
    told, entered = y.copy(), labelled.copy()
    told[unknown], entered[unknown[chosen]] = sure.argmax(axis=1), True
    by_hand = FeatureAugmentation().fit(X, told, sample_domain=d, labelled=entered)
    model = SelfTrainingAdapter(FeatureAugmentation(), n_steps=2, max_iter=1, min_return=None)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y, sample_domain=d, labelled=labelled)
    for domain in (1, -2):
        asked = {"sample_domain": np.full(len(X), domain)}
        expected = by_hand.predict_proba(X, **asked)
        assert_allclose(model.predict_proba(X, **asked), expected, rtol=1e-6)
    assert_allclose(model.predict_proba(X), by_hand.predict_proba(X), rtol=1e-6)
    right = model.predict(X[d < 0], sample_domain=d[d < 0]) == y[d < 0]
    assert model.score(X, y, sample_domain=d) == right.mean()


def test_the_way_back_of_augmented_features_is_from_the_target_as_the_only_domain():
    X, y, d = shifted(3)
    model = blind(SelfTrainingAdapter(FeatureAugmentation()), X, y, d)
    target = d < 0
    with pytest.warns(NoTargetWarning):
        back = FeatureAugmentation().fit(X[target], model.predict(X[target]))
    assert model.history_["way_back"][-1] == np.mean(back.predict(X[d > 0]) == y[d > 0])


def test_an_estimator_that_asks_for_domains_without_using_them_changes_nothing():
    X, y, d = shifted(3)
    told = blind(SelfTrainingAdapter(Pooled(balance=False)), X, y, d)
    alone = blind(SelfTrainingAdapter(), X, y, d)
    assert_array_equal(told.predict_proba(X), alone.predict_proba(X))
    assert_array_equal(told.history_["way_back"], alone.history_["way_back"])


def test_a_rule_that_is_opposite_in_the_target_is_learnt_in_its_own_slot():
    """Of one model for both domains, the source keeps its rule and the target cannot have it."""
    X, y, d = shifted(n=100, shift=0.0, scale=0.4)
    X -= X.mean(axis=0)
    X[d < 0] *= -1
    labelled = (d > 0) | (np.cumsum(d < 0) <= 20)
    given = {"sample_domain": d, "labelled": labelled}
    own = SelfTrainingAdapter(FeatureAugmentation()).fit(X, y, **given)
    one = SelfTrainingAdapter(min_return=None, max_iter=50).fit(X, y, **given)
    assert own.score(X, y, sample_domain=d) > 0.95 > 0.5 > one.score(X, y, sample_domain=d)
    source = d > 0
    assert np.mean(own.predict(X[source], sample_domain=d[source]) == y[source]) > 0.95


def test_source_rows_cannot_leave_an_estimator_that_needs_them():
    with pytest.raises(ValueError, match="takes all source rows away in the end, and Pooled,"):
        blind(SelfTrainingAdapter(Pooled(), leave=True), *shifted())
