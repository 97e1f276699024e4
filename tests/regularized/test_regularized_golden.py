"""ARTL and MEDA on the data of their papers, round by round."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain._estimators import LabelRounds
from skdomain.compose import PerDomain
from skdomain.datasets import load_mnist_usps, load_office_caltech10
from skdomain.regularized import ARTL, MEDA, _adapted

PATH = Path(__file__).parents[1] / "golden" / "regularized.json"
GOLDEN = json.loads(PATH.read_text())["tasks"]
METHODS = {"ARTL": ARTL(gamma=0.5), "MEDA": MEDA(gamma=0.5, mu=0.5)}


def load_task(name):
    try:
        if name == "USPS->MNIST":
            data = load_mnist_usps(download_if_missing=False)
        else:
            data = load_office_caltech10("surf", download_if_missing=False)
    except OSError as error:
        pytest.skip(f"real data not at hand: {error}")
    return next(data.tasks(name))


def rows_of(task, method):
    """Digits as they are; counts over their sum, z-scored by domain; ARTL takes unit rows."""
    X = task.X
    if "MNIST" not in task.name:
        X = PerDomain().fit_transform(normalize(X, norm="l1"), sample_domain=task.sample_domain)
    return normalize(X) if method == "ARTL" or "MNIST" in task.name else X


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GOLDEN)
def test_rounds_are_those_of_the_authors(name, method, monkeypatch):
    found = []

    class Recorded(LabelRounds):
        def take(self, labels, figures):
            found.append(labels)
            super().take(labels, figures)

    monkeypatch.setattr(_adapted, "LabelRounds", Recorded)
    task = load_task(name)
    X, target = rows_of(task, method), task.sample_domain < 0
    model = METHODS[method].set_params(max_iter=2 if name == "USPS->MNIST" else 10)
    model.fit(X, task.y, sample_domain=task.sample_domain)
    assert len(found) == model.n_iter_
    accuracies = [100 * np.mean(model.classes_[labels] == task.y[target]) for labels in found]
    assert accuracies[-1] == 100 * np.mean(model.pseudo_labels_ == task.y[target])
    first, *expected = GOLDEN[name][method]
    Z = model._mapped(X)
    nearest = KNeighborsClassifier(1).fit(Z[~target], task.y[~target])
    one_row = 100 / target.sum() + 0.01
    assert 100 * nearest.score(Z[target], task.y[target]) == pytest.approx(first, abs=one_row)
    if model.termination_ == "converged":
        accuracies += accuracies[-1:] * (10 - len(accuracies))
    np.testing.assert_allclose(accuracies, expected[: len(accuracies)], atol=one_row)
