"""One model a source: each fitted to the rows of its source and of the target, and asked."""

from dataclasses import dataclass

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import get_routing_for_object

from skdomain._estimators import answer_of, asks_for_domains, call_with_domains


@dataclass(frozen=True, eq=False)
class SourceModels:
    """What the models of several sources are fitted to.

    Parameters
    ----------
    estimator : estimator
        Is cloned for each.
    X : rows of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
        Labels or values; where none is known, one of the source's stands.
    domains : ndarray of shape (n_samples,)
        Positive integers for source rows, negative for target rows.
    known : ndarray of shape (n_samples,), bool
        True for target rows whose label is known.
    """

    estimator: object
    X: object
    y: np.ndarray
    domains: np.ndarray
    known: np.ndarray

    def fit(self, source, known):
        """The model of one source, told the labels of these target rows if it asks for them."""
        model = clone(self.estimator)
        if not asks_for_domains(model):
            rows = np.flatnonzero(self.domains == source)
            return model.fit(_safe_indexing(self.X, rows), self.y[rows])
        rows = np.flatnonzero((self.domains == source) | (self.domains < 0))
        told = {"sample_domain": self.domains[rows], "labelled": known[rows]}
        with config_context(enable_metadata_routing=True):
            asked = get_routing_for_object(model).consumes("fit", told)
            told = {name: told[name] for name in asked}
            return model.fit(_safe_indexing(self.X, rows), self.y[rows], **told)

    def judged(self, source, model, ask, n_folds):
        """What ``ask(model, X)`` gives of the target rows whose label is known.

        Where models learn from these labels, each row is asked of one that has not seen its own.
        Rows with the same label go to folds in turn, in the order of what the model says of them.
        """
        rows = np.flatnonzero(self.known)
        said = ask(model, _safe_indexing(self.X, rows))
        if not _learns_from_labels(self.estimator):
            return said
        order = rows[np.lexsort((*said.reshape(len(rows), -1).T, self.y[rows]))]
        folds = [order[start::n_folds] for start in range(min(n_folds, len(rows)))]
        answers = [self._held_out(source, fold, ask) for fold in folds]
        return np.concatenate(answers)[np.argsort(np.concatenate(folds))]

    def _held_out(self, source, fold, ask):
        known = self.known.copy()
        known[fold] = False
        return ask(self.fit(source, known), _safe_indexing(self.X, fold))


def _learns_from_labels(model):
    with config_context(enable_metadata_routing=True):
        return bool(get_routing_for_object(model).consumes("fit", ["labelled"]))


def asked_of(model, source, method, X, domains):
    """What a model of one source says of rows of any domain; those of other sources are its own."""
    if domains is None:
        return answer_of(model, method, X)
    own = np.where(domains > 0, source, domains)
    return call_with_domains(model, method, X, sample_domain=own)


def class_shares(model, source, X, domains, classes):
    """Probabilities of all classes; of a model without probabilities, 1 for what it predicts."""
    shares = np.zeros((X.shape[0] if hasattr(X, "shape") else len(X), len(classes)))
    if hasattr(model, "predict_proba"):
        probabilities = asked_of(model, source, "predict_proba", X, domains)
        shares[:, np.searchsorted(classes, model.classes_)] = probabilities
    else:
        predicted = asked_of(model, source, "predict", X, domains)
        shares[np.arange(len(shares)), np.searchsorted(classes, predicted)] = 1
    return shares
