"""Expected confusions: slow transcriptions of the formulas, and cases in which they are exact."""

from itertools import product

import numpy as np
import pytest

from skdomain.label_shift import bbse_priors
from skdomain.model_selection._expected._right import (
    calibrated_confusion,
    counted_confusion,
    mixture_confusion,
    negative_entropy,
    residual_confusion,
    right_confusion,
    scaled_right,
    shifted_accuracy,
    thresholded_right,
)

K = 3


@pytest.fixture
def rows():
    """Posteriors, classes, predictions and weights of 40 rows."""
    rng = np.random.default_rng(0)
    P = rng.dirichlet(np.ones(K), 40)
    return P, rng.integers(K, size=40), rng.integers(K, size=40), rng.random(40)


def slow(rows, cell):
    """Sum over rows, one at a time, of what each adds to each cell, over the sum of weights."""
    P, codes, predicted, weight = rows
    C = np.zeros((K, K))
    for t in range(len(P)):
        for i, j in product(range(K), repeat=2):
            C[i, j] += weight[t] * cell(P[t], codes[t], predicted[t], i, j)
    return C / weight.sum()


def test_confusions_are_their_formulas(rows):
    P, codes, predicted, weight = rows
    calibrated = slow(rows, lambda p, y, f, i, j: p[i] * (f == j))
    counted = slow(rows, lambda p, y, f, i, j: float(y == i and f == j))
    np.testing.assert_allclose(calibrated_confusion(P, predicted, weight), calibrated)
    np.testing.assert_allclose(counted_confusion(codes, predicted, K, weight), counted)
    np.testing.assert_allclose(
        residual_confusion(P, codes, predicted, weight), counted - calibrated
    )
    right = 0.7
    shared = slow(
        rows, lambda p, y, f, i, j: (f == j) * (right if i == j else 0.3 * p[i] / (1 - p[j]))
    )
    np.testing.assert_allclose(right_confusion(P, predicted, np.full(40, 0.7), weight), shared)


def test_the_trace_of_the_calibrated_confusion_is_the_mean_confidence(rows):
    P = rows[0]
    assert np.trace(calibrated_confusion(P, P.argmax(axis=1))) == pytest.approx(
        P.max(axis=1).mean()
    )


def test_the_trace_is_the_mean_chance_of_being_right(rows):
    P, _, predicted, weight = rows
    right = np.random.default_rng(1).random(40)
    C = right_confusion(P, predicted, right, weight)
    assert np.trace(C) == pytest.approx(np.average(right, weights=weight))
    np.testing.assert_allclose(C.sum(axis=0), np.bincount(predicted, weight, K) / weight.sum())


def test_rows_that_are_sure_and_wrong_are_of_any_other_class():
    C = right_confusion(np.eye(K)[[0]], np.array([0]), np.zeros(1))
    np.testing.assert_allclose(C, [[0, 0, 0], [0.5, 0, 0], [0.5, 0, 0]])


@pytest.mark.parametrize("digits", [1, 9])  # with one digit, most scores are ties
@pytest.mark.parametrize("share", [0.0, 0.3, 0.925, 1.0])
def test_thresholded_confidence_of_the_source_itself_is_its_accuracy(digits, share):
    rng = np.random.default_rng(0)
    scores, weight = np.round(rng.normal(size=40), digits), rng.random(40)
    right = (np.arange(40) < 40 * share).astype(float)
    found = thresholded_right(scores, right, scores, weight)
    assert np.average(found, weights=weight) == pytest.approx(np.average(right, weights=weight))


def test_thresholded_confidence_counts_the_target_rows_above_the_threshold():
    # three of four source rows are right, so that the threshold is at the second lowest score
    scores, right = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 1.0, 1.0])
    found = thresholded_right(scores, right, np.array([0.5, 1.0, 1.9, 2.0, 9.0]))
    np.testing.assert_array_equal(found, [0, 0, 0, 1, 1])


def test_entropies_order_rows_by_how_sure_they_are():
    P = np.array([[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])
    scores = negative_entropy(P)
    assert scores[0] == 0
    assert scores[0] > scores[1] == scores[2] > scores[3] == pytest.approx(-np.log(2))


def test_the_difference_of_equal_confidences_is_none():
    assert shifted_accuracy(0.7, 0.9, 0.9) == pytest.approx(0.7)
    assert shifted_accuracy(0.7, 0.9, 0.8) == pytest.approx(0.6)
    assert shifted_accuracy(0.1, 0.9, 0.5) == 0


@pytest.mark.parametrize("mean", [0.0, 0.2, 0.6, 0.99, 1.0])
def test_scaled_chances_have_the_mean_and_order_asked_for(mean):
    rng = np.random.default_rng(0)
    confidence, weight = np.sort(rng.uniform(0.3, 0.9, size=30)), rng.random(30)
    found = scaled_right(confidence, mean, weight)
    assert np.average(found, weights=weight) == pytest.approx(mean)
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.all(np.diff(found) >= 0)


def test_under_label_shift_the_mixture_is_the_confusion_exactly():
    """A finite problem: the rows are all values of x, as often as in the population."""
    given = np.array([[4, 1, 1], [1, 4, 1], [2, 1, 3]])  # p(f = j | y = i) in sixths
    p, q = np.array([3, 2, 1]), np.array([1, 2, 3])
    source, target = (np.repeat(np.arange(9), (given * r[:, None]).ravel()) for r in (p, q))
    codes, predicted = np.divmod(source, 3)
    priors = bbse_priors(np.eye(3)[predicted], codes, np.eye(3)[target % 3])
    found = mixture_confusion(codes, predicted, priors)
    np.testing.assert_allclose(priors, q / 6)
    np.testing.assert_allclose(found, counted_confusion(*np.divmod(target, 3), 3), atol=1e-12)


def test_a_class_without_source_rows_is_predicted_as_itself():
    found = mixture_confusion(np.array([0, 1]), np.array([1, 1]), np.array([0.5, 0.2, 0.3]))
    np.testing.assert_allclose(found, [[0, 0.5, 0], [0, 0.2, 0], [0, 0, 0.3]])


def test_true_weights_are_unbiased_by_enumeration():
    """Over all samples of two rows from three values of x, the mean of w [y = i, f = j]."""
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.3, 0.6])
    codes, predicted = np.array([0, 1, 1]), np.array([0, 0, 1])
    truth = counted_confusion(codes, predicted, 2, q)
    mean = np.zeros((2, 2))
    for sample in product(range(3), repeat=2):
        sample = np.array(sample)
        w = (q / p)[sample]
        found = counted_confusion(codes[sample], predicted[sample], 2, w) * w.mean()
        mean += p[sample].prod() * found
    np.testing.assert_allclose(mean, truth)
