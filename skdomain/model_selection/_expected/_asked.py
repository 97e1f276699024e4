"""A model and rows of both domains, asked with the labels of the target hidden."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from skdomain._domains import labels_at
from skdomain._estimators import call_with_domains
from skdomain.model_selection._criteria._evidence import Evidence
from skdomain.model_selection._criteria._probabilities import check_proba


class Asked(NamedTuple):
    """A fitted model, rows of both domains, and labels of the source rows, None elsewhere."""

    model: Any
    X: Any
    hidden: np.ndarray
    domains: np.ndarray
    classes: np.ndarray

    def of(self, rows):
        """Posteriors of rows of one side, and numbers of the classes they are predicted to be.

        A model that has neither probabilities nor a decision function is sure of what it predicts.
        """
        evidence = Evidence(self.model, *self._at(rows))
        side = "source" if self.domains[rows[0]] > 0 else "target"
        predicted = class_codes(getattr(evidence, f"{side}_labels"), self.classes, "what it says")
        if not (hasattr(self.model, "predict_proba") or hasattr(self.model, "decision_function")):
            return np.eye(len(self.classes))[predicted], predicted
        P = np.zeros((len(rows), len(self.classes)))
        columns = np.searchsorted(self.classes, self.model.classes_)
        P[:, columns] = check_proba(getattr(evidence, f"{side}_proba"))
        return P, predicted

    def fitted(self, rows):
        """The same of a clone that is fitted to some rows."""
        X, y, domains = self._at(rows)
        y = y if (domains < 0).any() else labels_at(y, slice(None))
        try:
            model = call_with_domains(clone(self.model), "fit", X, y, sample_domain=domains)
        except Exception as error:
            raise ValueError(
                f"a clone of {type(self.model).__name__}, fitted to a part of the source rows with "
                "the labels of the target hidden, failed as below. A method that learns from "
                'target labels cannot be judged so; else pass cv="prefit", with source rows that '
                f"the model was not fitted to. {type(error).__name__}: {error}"
            ) from error
        return self._replace(model=model)

    def seen(self, rows):
        """Some source rows, and target rows, as the model's transformation gives them, or None."""
        rows = np.union1d(rows, np.flatnonzero(self.domains < 0))
        evidence = Evidence(self.model, *self._at(rows))
        try:
            return evidence.source_features, evidence.target_features
        except ValueError:
            return None

    def _at(self, rows):
        return _safe_indexing(self.X, rows), self.hidden[rows], self.domains[rows]


def class_codes(labels, classes, name):
    """Numbers of the classes of labels, all of which the classes hold."""
    codes = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    unknown = np.asarray(classes[codes] != labels)
    if unknown.any():
        raise ValueError(
            f"{name} holds {np.asarray(labels)[unknown].tolist()[0]!r}, and the classes of the "
            f"fitted model are {classes.tolist()}; pass the rows that the model was fitted to."
        )
    return codes
