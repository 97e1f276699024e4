"""What is expected of a model on the target: no label leaks, no order of rows matters."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdomain.alignment import CORAL
from skdomain.boosting import TrAdaBoost
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.model_selection import estimate_accuracy
from skdomain.model_selection._expected._asked import class_codes
from skdomain.model_selection._expected._expectations import EXPECTATIONS
from skdomain.model_selection._expected._right import calibrated_confusion, residual_confusion
from skdomain.model_selection._expected._told import told_of
from skdomain.subspace import TCA

FEW = {"n_bootstrap": 5, "cv": 2}


@pytest.fixture(scope="module")
def problem():
    """Rows, labels, domains and a fitted model of a label shift."""
    p = make_label_shift(80, 60, target_priors=[0.3, 0.7], class_sep=2.0, random_state=0)
    return p.X, p.y, p.sample_domain, SourceOnly().fit(p.X, p.y, sample_domain=p.sample_domain)


def same(one, other):
    """Whether two expectations are equal to the last bit."""
    assert one.value == other.value
    assert one.interval == other.interval
    assert one.by_class == other.by_class
    assert one.by_method == other.by_method
    assert one.doubts == other.doubts
    np.testing.assert_array_equal(one.confusion, other.confusion)


@pytest.mark.parametrize("steps", [(), (PerDomain(), CORAL()), (TCA(1),)])
def test_target_labels_have_no_effect(problem, steps):
    X, y, d, _ = problem
    model = make_pipeline(*steps, SourceOnly())
    told = {f"{name}__sample_domain": d for name, _ in model.steps}
    model.fit(X, y, **told)
    found = estimate_accuracy(model, X, y, d, **FEW)
    rng, target = np.random.default_rng(0), d < 0
    for labels in (rng.integers(9, size=target.sum()), np.nan, rng.permutation(y[target])):
        other = y.astype(float)
        other[target] = labels
        same(found, estimate_accuracy(model, X, other, d, **FEW))


class Spy(LogisticRegression):
    """Keeps the labels of target rows that reach it."""

    __metadata_request__fit = {"sample_domain": True}
    told: list = []

    def fit(self, X, y, sample_domain=None):
        self.told.extend(np.asarray(y)[sample_domain < 0])
        source = sample_domain > 0
        return super().fit(X[source], np.asarray(y)[source].tolist())


def test_clones_are_told_no_label_of_the_target(problem):
    X, y, d, _ = problem
    model = Spy().fit(X, y, sample_domain=d)
    Spy.told.clear()
    estimate_accuracy(model, X, y, d, method="calibrated", **FEW)
    assert Spy.told == [None] * (2 * np.sum(d < 0))


@pytest.mark.parametrize("method", [*EXPECTATIONS, "combined"])
def test_the_order_of_rows_does_not_matter(problem, method):
    X, y, d, model = problem
    order = np.random.default_rng(0).permutation(len(d))
    one = estimate_accuracy(model, X, y, d, method=method, **FEW)
    other = estimate_accuracy(model, X[order], y[order], d[order], method=method, **FEW)
    np.testing.assert_allclose(one.confusion, other.confusion, atol=1e-7)
    np.testing.assert_allclose(one.interval, other.interval, atol=1e-6)


@pytest.mark.parametrize("method", [*EXPECTATIONS, "combined"])
def test_intervals_hold_the_value_and_shrink_with_the_number_of_rows(method):
    widths = []
    for n in (40, 400):
        p = make_label_shift(
            n, n, source_priors=[0.5, 0.5], target_priors=[0.5, 0.5], class_sep=2.0, random_state=1
        )
        model = SourceOnly(LogisticRegression())
        model.fit(p.X, p.y, sample_domain=p.sample_domain)
        draws = {"n_bootstrap": 40, "cv": 2}
        found = estimate_accuracy(model, p.X, p.y, p.sample_domain, method=method, **draws)
        low, high = found.interval
        assert 0 <= low <= found.value <= high <= 1
        widths.append(high - low)
    assert widths[1] < 0.5 * widths[0]


def test_without_shift_the_calibrated_value_is_the_accuracy_expected_of_the_source(problem):
    """Target rows that are the held-out source rows, by a model that is asked itself."""
    X, y, d, _ = problem
    source = d > 0
    X, y = np.vstack([X[source]] * 2), np.tile(y[source], 2)
    d = np.repeat([1, -2], source.sum())
    model = SourceOnly().fit(X, y, sample_domain=d)
    told = told_of(model, X, y, d, "prefit")
    accuracy = np.mean(told.right)
    for name in ("thresholded", "difference"):
        assert np.trace(EXPECTATIONS[name].prepare(told).confusion()) == pytest.approx(accuracy)
    confidence = told.source[np.arange(len(told.codes)), told.source_predicted].mean()
    assert np.trace(EXPECTATIONS["calibrated"].prepare(told).confusion()) == pytest.approx(
        confidence
    )
    assert np.trace(EXPECTATIONS["mixture"].prepare(told).confusion()) == pytest.approx(
        accuracy, abs=1e-3
    )


def test_draws_of_every_row_once_are_the_expectation(problem):
    X, y, d, model = problem
    told = told_of(model, X, y, d, 5)
    once = np.ones(len(told.codes)), np.ones(len(told.target))
    for name in set(EXPECTATIONS) - {"mixture"}:
        confusion = EXPECTATIONS[name].prepare(told).confusion
        np.testing.assert_allclose(confusion(*once), confusion(), atol=1e-12)


def test_draws_move_the_calibrated_confusion_by_what_it_misses_in_the_source(problem):
    X, y, d, model = problem
    told, rng = told_of(model, X, y, d, 2), np.random.default_rng(0)
    u, v = rng.integers(3, size=len(told.codes)), rng.integers(3, size=len(told.target))
    source = told.source, told.codes, told.source_predicted
    missed = residual_confusion(*source, u) - residual_confusion(*source)
    expected = calibrated_confusion(told.target, told.target_predicted, v) + missed
    found = EXPECTATIONS["calibrated"].prepare(told).confusion(u, v)
    np.testing.assert_allclose(found, np.maximum(expected, 0) / np.maximum(expected, 0).sum())
    assert abs(missed).max() > 1e-3


def test_source_rows_are_asked_of_clones_that_have_not_seen_them(problem):
    X, y, d, model = problem
    told, source = told_of(model, X, y, d, 5), d > 0
    prefit = told_of(model, X, y, d, "prefit")
    np.testing.assert_array_equal(prefit.raw_source, model.predict_proba(X[source]))
    np.testing.assert_array_equal(told.raw_target, model.predict_proba(X[~source]))
    first = np.flatnonzero(source)[:1]
    halves = np.arange(source.sum()) % 2
    fold = [(np.flatnonzero(halves != k), np.flatnonzero(halves == k)) for k in (0, 1)]
    kept = np.concatenate([np.flatnonzero(source)[halves == 1], np.flatnonzero(~source)])
    other = clone(model).fit(X[kept], y[kept], sample_domain=d[kept])
    found = told_of(model, X, y, d, fold).raw_source[0]
    np.testing.assert_allclose(found, other.predict_proba(X[first])[0])


def test_metrics_of_an_expectation_are_those_of_its_confusion(problem):
    X, y, d, model = problem
    found = estimate_accuracy(model, X, y, d, method="mixture", metric="balanced_accuracy", **FEW)
    assert found.metric == "balanced_accuracy"
    i, j = np.indices((2, 2)).reshape(2, -1)
    expected = balanced_accuracy_score(i, j, sample_weight=found.confusion.ravel())
    assert found.value == pytest.approx(expected)
    assert found.value == pytest.approx(np.mean([c.recall for c in found.by_class.values()]))
    assert found.interval[0] < found.value < found.interval[1]


def test_labels_of_any_kind_are_named(problem):
    X, y, d, _ = problem
    names = np.array(["b", "a"])[y]
    model = SourceOnly().fit(X, names, sample_domain=d)
    found = estimate_accuracy(model, X, names, d, metric="f1_macro", **FEW)
    assert list(found.by_class) == ["a", "b"]
    assert sum(c.share for c in found.by_class.values()) == pytest.approx(1)


def test_models_without_probabilities_are_judged_by_their_labels(problem):
    X, y, d, _ = problem
    model = SourceOnly(LinearSVC()).fit(X, y, sample_domain=d)
    assert 0 < estimate_accuracy(model, X, y, d, **FEW).value < 1

    class Labels(LogisticRegression):
        predict_proba = predict_log_proba = decision_function = property()

        def predict(self, X):
            return (X[:, 0] > 0).astype(int)

    model = Labels().fit(X[d > 0], y[d > 0])
    told = told_of(model, X, y, d, 5)
    np.testing.assert_array_equal(told.raw_target, np.eye(2)[told.target_predicted])
    assert 0 < estimate_accuracy(model, X, y, d, **FEW).value < 1


def test_doubts_are_told(problem):
    X, y, d, model = problem
    assert str(estimate_accuracy(model, X, y, d, method="mixture", **FEW)).endswith("'mixture'.")
    moved = X + 6.0 * (d < 0)[:, None]
    text = str(estimate_accuracy(model, moved, y, d, **FEW))
    assert "this is in doubt: all target rows are predicted as" in text
    assert "more than the proportions of the classes has changed (p = " in text
    assert text.count(". ") == 0  # one sentence


def test_errors_say_what_to_do(problem):
    X, y, d, model = problem
    with pytest.raises(ValueError, match="Ridge is a regressor: how far its values are off"):
        estimate_accuracy(Ridge().fit(X, y), X, y, d)
    with pytest.raises(ValueError, match="needs rows of both domains, and got 140 of the source"):
        estimate_accuracy(model, X, y, abs(d))
    with pytest.raises(ValueError, match=r"reads .*; pass a metric of labels"):
        estimate_accuracy(model, X, y, d, metric="roc_auc")
    with pytest.raises(ValueError, match=r"y of the source rows holds 2.* are \[0, 1\]; pass"):
        estimate_accuracy(model, X, np.where(y == 1, 2, y), d)
    with pytest.raises(ValueError, match="The 'method' parameter of estimate_accuracy must be"):
        estimate_accuracy(model, X, y, d, method="best")


def test_methods_that_learn_from_target_labels_are_refused(problem):
    X, y, d, _ = problem
    model = TrAdaBoost(n_estimators=2).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"labels of the target hidden, failed.*prefit"):
        estimate_accuracy(model, X, y, d, **FEW)
    found = estimate_accuracy(model, X, y, d, cv="prefit", method="calibrated")
    assert "else the expectation is too high" in found.assumptions[-1]


def test_class_codes_are_numbers_of_known_classes():
    classes = np.array(["a", "c"])
    np.testing.assert_array_equal(class_codes(np.array(["c", "a"]), classes, "y"), [1, 0])
    with pytest.raises(ValueError, match="y holds 'b'"):
        class_codes(np.array(["c", "b"]), classes, "y")
