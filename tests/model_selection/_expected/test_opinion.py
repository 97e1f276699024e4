"""A second opinion: a rule of the source as it is judges what a model predicts of the target."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.label_shift import class_folds, fit_calibration, resample_counts
from skdomain.model_selection import estimate_accuracy
from skdomain.model_selection._expected import _expectations
from skdomain.model_selection._expected._expectations import EXPECTATIONS
from skdomain.model_selection._expected._opinion import second_opinion
from skdomain.model_selection._expected._right import calibrated_confusion, counted_confusion
from skdomain.model_selection._expected._told import told_of

FEW = {"n_bootstrap": 5, "cv": 2}
POSTERIORS = ("source", "target", "raw_source", "raw_target")


def problem(n=60, m=40, n_classes=3, step=2.0, seed=0):
    """Source rows, their classes, target rows and theirs: normal classes at corners, some moved."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n + m) % n_classes)
    X = rng.normal(size=(n + m, 3)) + step * np.eye(3)[y]
    X[n:, 0] += 0.5
    return X[:n], y[:n], X[n:], y[n:]


def told(n=60, m=40, **options):
    """What a logistic regression of the source says of such a problem."""
    S, y, T, _ = problem(n, m, **options)
    X, labels, d = np.vstack([S, T]), np.r_[y, np.full(m, -1)], np.repeat([1, -1], [n, m])
    model = SourceOnly(LogisticRegression()).fit(X, labels, sample_domain=d)
    return told_of(model, X, labels, d, 3)


def confusion_of(known, *weights):
    return EXPECTATIONS["opinion"].prepare(known).confusion(*weights)


# -- The rule --------------------------------------------------------------------------------------


def slow_posteriors(S, y, X):
    """Two classes: argmin over f = K a + b of the logistic loss and a'Ka / 2, by its definition."""
    center, scale = S.mean(axis=0), S.std(axis=0)
    Z, W = (S - center) / scale, (X - center) / scale
    K, L = (np.exp(-(cdist(A, Z) ** 2) / S.shape[1]) for A in (Z, W))

    def loss(parameters):
        a, b = parameters[:-1], parameters[-1]
        f, sign = K @ a + b, 2 * y - 1
        slope = -sign * expit(-sign * f)
        value = np.logaddexp(0, -sign * f).sum() + a @ K @ a / 2
        return value, np.r_[K @ (slope + a), slope.sum()]

    options = {"maxiter": 10000, "ftol": 1e-14, "gtol": 1e-9}
    found = minimize(loss, np.zeros(len(y) + 1), jac=True, method="L-BFGS-B", options=options).x
    p = expit(L @ found[:-1] + found[-1])
    return np.stack([1 - p, p], axis=1)


def test_it_is_a_kernel_logistic_regression_that_held_out_rows_calibrate():
    S, y, T, _ = problem(n_classes=2, step=1.0)
    held_out = np.empty((len(y), 2))
    for train, test in class_folds(S, y, 5):
        held_out[test] = slow_posteriors(S[train], y[train], S[test])
    calibration = fit_calibration(held_out, y)
    here, there = second_opinion(S, y, T, 2)
    assert_allclose(here, calibration.apply(held_out), atol=2e-3)
    assert_allclose(there, calibration.apply(slow_posteriors(S, y, T)), atol=2e-3)


def test_nothing_is_learnt_of_the_target():
    S, y, T, _ = problem()
    here, there = second_opinion(S, y, T, 3)
    alone_here, alone = second_opinion(S, y, T[:1], 3)
    assert_array_equal(here, alone_here)
    assert_allclose(alone, there[:1], atol=1e-12)


@pytest.mark.parametrize("n", [60, 400])  # with 400, not all rows are landmarks
def test_order_storage_and_units_of_the_rows_do_not_matter(n):
    S, y, T, _ = problem(n)
    here, there = second_opinion(S, y, T, 3)
    order = np.random.default_rng(0).permutation(n)
    other_here, other = second_opinion(S[order], y[order], T[::-1], 3)
    assert_allclose(other_here, here[order], atol=1e-12)
    assert_allclose(other[::-1], there, atol=1e-12)
    _, of_sparse = second_opinion(sparse.csr_matrix(S), y, sparse.csr_matrix(T), 3)
    assert_allclose(of_sparse, there, atol=1e-9)
    units = np.array([1, 8, 0.25])
    assert_allclose(second_opinion(S * units, y, T * units, 3)[1], there, atol=1e-9)


def test_a_class_without_a_source_row_is_impossible():
    S, y, T, _ = problem(n_classes=2)
    here, there = second_opinion(S, 2 * y, T, 4)
    expected = [P @ np.eye(4)[[0, 2]] for P in second_opinion(S, y, T, 2)]
    assert_array_equal(here, expected[0])
    assert_array_equal(there, expected[1])


# -- What it makes one expect ----------------------------------------------------------------------


def test_an_opinion_that_is_sure_counts_as_labels_do(monkeypatch):
    known, rng = told(), np.random.default_rng(0)
    of_target = rng.integers(3, size=len(known.target))
    sure = np.eye(3)[known.codes], np.eye(3)[of_target]
    monkeypatch.setattr(_expectations, "second_opinion", lambda *given: sure)
    C = confusion_of(known)
    assert_allclose(C, counted_confusion(of_target, known.target_predicted, 3))
    assert np.trace(C) == pytest.approx(np.mean(of_target == known.target_predicted))
    same = sure[0], np.eye(3)[known.target_predicted]
    monkeypatch.setattr(_expectations, "second_opinion", lambda *given: same)
    assert np.trace(confusion_of(known)) == pytest.approx(1)


def test_where_classes_are_far_apart_it_expects_the_truth_of_any_model():
    truth = problem(300, 200, step=12.0)[3]
    known = told(300, 200, step=12.0)
    predicted = np.where(np.arange(200) % 4, truth, (truth + 1) % 3)  # every fourth is wrong
    C = confusion_of(known._replace(target_predicted=predicted))
    assert_allclose(C, counted_confusion(truth, predicted, 3), atol=0.01)


def test_the_confusion_is_its_formula_and_draws_move_it_by_what_it_misses_in_the_source():
    known, rng = told(), np.random.default_rng(0)
    here, there = second_opinion(known.source_rows, known.codes, known.target_rows, 3)
    u, v = rng.integers(3, size=len(known.codes)), rng.integers(3, size=len(there))
    slow = {"all": np.zeros((3, 3)), "drawn": np.zeros((3, 3))}
    for i in range(3):
        for f, P, w in zip(known.target_predicted, there, v, strict=True):
            slow["all"][i, f] += P[i] / len(there)
            slow["drawn"][i, f] += w * P[i] / v.sum()
        for f, P, c, w in zip(known.source_predicted, here, known.codes, u, strict=True):
            slow["drawn"][i, f] += ((c == i) - P[i]) * (w / u.sum() - 1 / len(here))
    assert_allclose(confusion_of(known), slow["all"])
    drawn = np.maximum(slow["drawn"], 0)
    assert_allclose(confusion_of(known, u, v), drawn / drawn.sum())


def test_the_mean_of_draws_is_the_expectation():
    known = told(200, 150, step=1.0)
    confusion = EXPECTATIONS["opinion"].prepare(known).confusion
    drawn = resample_counts(known.source_rows, known.codes, known.target_rows, 400, 0)
    mean = np.mean([confusion(*pair) for pair in zip(*drawn, strict=True)], axis=0)
    assert_allclose(mean, confusion(), atol=5e-3)


def test_it_is_of_the_model_what_it_predicts_and_not_how_sure_it_is():
    known = told()
    flat = {name: np.full_like(getattr(known, name), 1 / 3) for name in POSTERIORS}
    assert_array_equal(confusion_of(known._replace(**flat)), confusion_of(known))
    expected = calibrated_confusion(known.target, known.target_predicted)
    assert abs(confusion_of(known) - expected).max() > 0.01


def test_it_is_a_family_of_its_own_in_the_mean_of_four():
    S, y, T, _ = problem()
    X, labels, d = np.vstack([S, T]), np.r_[y, np.full(40, -1)], np.repeat([1, -1], [60, 40])
    model = SourceOnly(LogisticRegression()).fit(X, labels, sample_domain=d)
    found = estimate_accuracy(model, X, labels, d, **FEW)
    values = {name: value for name, (value, _) in found.by_method.items()}
    confidence = np.mean([values[name] for name in ("calibrated", "thresholded", "difference")])
    composition = np.mean([values[name] for name in ("importance", "mixture")])
    families = [confidence, composition, values["reverse"], values["opinion"]]
    assert found.value == pytest.approx(np.mean(families))


def test_rows_that_are_no_numbers_have_no_second_opinion():
    known = told()
    names = known._replace(source_rows=np.full(known.source_rows.shape, "a", dtype=object))
    with pytest.raises(ValueError, match='method="opinion" needs rows that are finite numbers'):
        confusion_of(names)
