"""Circular validation: labels that are right on the target lead back to those of the source."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationSearchCV,
    CircularValidation,
    SafeTransfer,
    circular_accuracy,
)


class Recorder(ClassifierMixin, BaseEstimator):
    """Says what it is told to, and keeps what a clone of it is fitted with."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    fits = []
    answers = []

    def fit(self, X, y, sample_domain=None):
        self.classes_ = np.unique(y)
        self.fits.append((X, y, sample_domain))
        return self

    def predict(self, X, sample_domain=None):
        self.answers.append((X, sample_domain))
        return np.resize(np.array(["a", "b", "b"]), len(X))


@given(n=st.integers(2, 30), n_classes=st.integers(2, 4), seed=st.integers(0, 2**16))
def test_accuracies_are_those_of_scikit_learn(n, n_classes, seed):
    rng = np.random.default_rng(seed)
    y, predicted = np.arange(n) % n_classes, rng.integers(min(n, n_classes), size=n)
    a, error = circular_accuracy(y, predicted)
    assert a == pytest.approx(accuracy_score(y, predicted))
    assert error == pytest.approx(np.sqrt(a * (1 - a) / (n - 1)))
    value, error = circular_accuracy(y, predicted, balanced=True)
    assert value == pytest.approx(balanced_accuracy_score(y, predicted))
    parts = [circular_accuracy(y[y == c], predicted[y == c]) for c in np.unique(y)]
    by_hand = np.sqrt(sum(part.standard_error**2 for part in parts)) / len(parts)
    assert error == pytest.approx(by_hand, nan_ok=True)


def test_the_way_back_has_domains_exchanged_and_no_source_label(make_domains):
    X, y, d = make_domains()
    y = np.where(y == 0, "no", "yes")
    d[np.flatnonzero(d > 0)[:4]] = 3
    Recorder.fits, Recorder.answers = [], []
    CircularValidation()(Recorder(), X, y, sample_domain=d)
    ((X_back, y_back, d_back),) = Recorder.fits
    source, target = d > 0, d < 0
    assert set(y_back) == {"a", "b"}
    for rows, back in ((target, d_back > 0), (source, d_back < 0)):
        np.testing.assert_array_equal(X_back[back], X[rows])
        np.testing.assert_array_equal(d_back[back], -d[rows])
    np.testing.assert_array_equal(y_back[d_back > 0], np.resize(["a", "b", "b"], target.sum()))
    (_, d_there), (X_last, d_last) = Recorder.answers
    np.testing.assert_array_equal(d_there, d[target])
    np.testing.assert_array_equal(X_last, X[source])
    np.testing.assert_array_equal(d_last, -d[source])


@pytest.mark.parametrize("balanced", [False, True])
def test_it_is_the_accuracy_of_the_way_there_and_back(balanced, make_overlapping):
    """By hand, for per-domain scaling: each side is scaled by itself, whatever the direction."""
    X, y, d = make_overlapping(40, 30, n_classes=3, shift=3)
    Xs, Xt = (StandardScaler().fit_transform(X[rows]) for rows in (d > 0, d < 0))
    knn = KNeighborsClassifier(3)
    labels = clone(knn).fit(Xs, y[d > 0]).predict(Xt)
    back = clone(knn).fit(Xt, labels).predict(Xs)
    model = make_pipeline(PerDomain(StandardScaler()), SourceOnly(knn))
    model.fit(X, y, perdomain__sample_domain=d, sourceonly__sample_domain=d)
    found = CircularValidation(balanced=balanced).estimate(model, X, y, sample_domain=d)
    assert found == circular_accuracy(y[d > 0], back, balanced=balanced)
    assert 0.4 < found.value < 0.95


def test_target_rows_that_are_the_source_rows_lead_back_to_them(make_overlapping):
    """1-NN labels each row by itself, there and back."""
    X, y, _ = make_overlapping()
    X, y, d = np.vstack([X, X]), np.hstack([y, y]), np.repeat([1, -2], len(X))
    model = SourceOnly().fit(X, y, sample_domain=d)
    assert CircularValidation()(model, X, y, sample_domain=d) == 1


def test_labels_that_are_wrong_on_the_target_do_not_lead_back():
    """The classes have changed places: 1-NN gives the target the wrong labels, a map the right."""
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    y, d = np.array([0, 0, 1, 1]), np.array([1, 1, 1, 1, -2, -2, -2, -2])

    class Mirror(KNeighborsClassifier):
        """Learns on one side of the origin what the other calls by its opposite sign."""

        __metadata_request__fit = {"sample_domain": True}

        def fit(self, X, y, sample_domain):
            source = sample_domain > 0
            return super().fit(-X[source] if sample_domain.min() == -2 else X[source], y[source])

    X, y = np.vstack([X, -X]), np.hstack([y, y])
    right, wrong = SourceOnly(), Mirror(1)
    assert CircularValidation()(right.fit(X, y, sample_domain=d), X, y, sample_domain=d) == 1
    assert CircularValidation()(wrong.fit(X, y, sample_domain=d), X, y, sample_domain=d) == 0


@pytest.mark.parametrize("balanced", [False, True])
def test_one_label_for_all_of_the_target_counts_as_a_constant(balanced, make_domains, threshold):
    X, y, d = make_domains(n_source=20)
    y[d > 0] = np.arange(20) < 5
    X[d < 0, 0] = 9
    found = CircularValidation(balanced=balanced).estimate(
        threshold.fit(X, y), X, y, sample_domain=d
    )
    expected = (0.5, 0) if balanced else (0.25, np.sqrt(0.25 * 0.75 / 19))
    assert found == pytest.approx(expected)


def test_a_classifier_without_domains_learns_from_the_target_rows_alone(make_domains):
    X, y, d = make_domains(shift=3)
    Xs, Xt = X[d > 0], X[d < 0]
    model = LogisticRegression(C=0.05).fit(Xs, y[d > 0])
    back = clone(model).fit(Xt, model.predict(Xt)).predict(Xs)
    expected = circular_accuracy(y[d > 0], back)
    assert CircularValidation().estimate(model, X, y, sample_domain=d) == expected


def test_the_classifier_that_is_judged_stays_as_it_is(make_domains):
    X, y, d = make_domains()
    model = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    before = model.estimator_.coef_.copy()
    CircularValidation()(model, X, y, sample_domain=d)
    np.testing.assert_array_equal(model.estimator_.coef_, before)


@pytest.mark.parametrize(
    ("y", "predicted", "message"),
    [
        ([0, 1, 1], [1], "y has 3 and predicted 1 labels; pass a true and a predicted label"),
        ([], [], "y has 0 and predicted 0 labels"),
        ([0, 1], [[0, 1], [1, 0]], "1d array"),
    ],
)
def test_labels_that_do_not_pair_up_are_an_error(y, predicted, message):
    with pytest.raises(ValueError, match=message):
        circular_accuracy(y, predicted)


def test_labels_in_a_column_are_those_of_the_rows():
    y, predicted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
    assert circular_accuracy(y, predicted[:, None]) == circular_accuracy(y, predicted)
    assert circular_accuracy(y, predicted).value == 0.75


class NumbersClasses(ClassifierMixin, BaseEstimator):
    """Takes labels 0 to k - 1 and no others, as XGBoost does."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        expected = np.arange(len(self.classes_))
        if not np.array_equal(self.classes_, expected):
            raise ValueError(f"expected classes {expected}, got {self.classes_}")
        self.model_ = LogisticRegression().fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


def without_the_first_class(make_domains):
    X, y, d = make_domains(60, 60, n_classes=3)
    kept = (d > 0) | (y > 0)
    return X[kept], y[kept], d[kept]


def test_labels_with_gaps_lead_back_by_a_learner_that_refuses_them(make_domains):
    X, y, d = without_the_first_class(make_domains)
    strict, free = (
        SourceOnly(inner).fit(X, y, sample_domain=d)
        for inner in (NumbersClasses(), LogisticRegression())
    )
    assert set(strict.predict(X[d < 0])) == {1, 2}
    expected = CircularValidation().estimate(free, X, y, sample_domain=d)
    assert CircularValidation().estimate(strict, X, y, sample_domain=d) == expected


def test_the_searches_take_a_learner_that_refuses_gaps(make_domains):
    X, y, d = without_the_first_class(make_domains)
    X = X + 5 * (d < 0)[:, None]  # a shift, without which the guard judges nobody
    strict, free = (
        [
            cls(
                [make_pipeline(PerDomain(), SourceOnly(inner))], baseline=SourceOnly(inner), cv=2
            ).fit(X, y, sample_domain=d)
            for cls in (AdaptationSearchCV, SafeTransfer)
        ]
        for inner in (NumbersClasses(), LogisticRegression())
    )
    for ours, expected in zip(strict, free, strict=True):
        assert ours.best_method_ == expected.best_method_
        assert ours.best_score_ == expected.best_score_


def test_parameters_that_name_classes_hold_on_the_way_back(make_domains):
    X, y, d = without_the_first_class(make_domains)
    names = np.array(["a", "b", "c"])[y]
    model = SourceOnly(LogisticRegression(class_weight={"a": 1, "b": 1, "c": 50}))
    numbered = SourceOnly(LogisticRegression(class_weight={0: 1, 1: 1, 2: 50}))
    got = CircularValidation().estimate(model.fit(X, names, sample_domain=d), X, names, d)
    assert got == CircularValidation().estimate(numbered.fit(X, y, sample_domain=d), X, y, d)


def test_what_fails_on_the_way_back_says_why_with_the_labels_as_they_are():
    class Once(LogisticRegression):
        n_fits = 0

        def fit(self, X, y, sample_weight=None):
            Once.n_fits += 1
            if Once.n_fits > 1:
                raise ValueError(f"no fit {Once.n_fits} to {np.unique(y)}")
            return super().fit(X, y)

    X, y = np.arange(8.0)[:, None], np.array([3, 3, 7, 7] * 2)
    d = np.repeat([1, -2], 4)
    model = SourceOnly(Once()).fit(np.vstack([X[:4], X[:4]]), y, sample_domain=d)
    with pytest.raises(ValueError, match=r"no fit 2 to \[3 7\]"):
        CircularValidation()(model, np.vstack([X[:4], X[:4]]), y, sample_domain=d)
