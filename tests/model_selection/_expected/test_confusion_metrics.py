"""A metric of a confusion matrix is scikit-learn's metric of the labels that it counts."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    fbeta_score,
    make_scorer,
    precision_score,
    recall_score,
)

from skdomain.model_selection._expected._confusion_metrics import (
    metric_of_confusion,
    precisions,
    recalls,
)

LABELS = np.array(["a", "b", "c"])


@pytest.fixture
def labels():
    """True and predicted labels of 50 rows."""
    rng = np.random.default_rng(0)
    return LABELS[rng.integers(3, size=50)], LABELS[rng.integers(3, size=50)]


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("accuracy", accuracy_score),
        ("balanced_accuracy", balanced_accuracy_score),
        ("f1_macro", lambda t, p: f1_score(t, p, average="macro")),
        (cohen_kappa_score, cohen_kappa_score),
        (
            make_scorer(fbeta_score, beta=2, average="macro"),
            lambda t, p: fbeta_score(t, p, beta=2, average="macro"),
        ),
    ],
)
def test_metrics_are_those_of_the_labels(labels, metric, function):
    confusion = confusion_matrix(*labels) / 50
    assert metric_of_confusion(metric)(confusion, LABELS) == pytest.approx(function(*labels))


def test_recalls_and_precisions_are_those_of_the_labels(labels):
    confusion = confusion_matrix(*labels) / 50
    np.testing.assert_allclose(recalls(confusion), recall_score(*labels, average=None))
    np.testing.assert_allclose(precisions(confusion), precision_score(*labels, average=None))


def test_a_class_without_rows_has_neither():
    assert np.isnan(recalls(np.diag([1.0, 0.0]))[1])
    assert np.isnan(precisions(np.diag([1.0, 0.0]))[1])


def test_metrics_of_more_than_labels_are_refused():
    with pytest.raises(ValueError, match=r"metric='roc_auc' reads .*decision_function.*f1_macro"):
        metric_of_confusion("roc_auc")
    with pytest.raises(ValueError, match="'nothing' is no scorer of scikit-learn"):
        metric_of_confusion("nothing")
