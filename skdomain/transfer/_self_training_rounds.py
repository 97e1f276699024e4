"""Rounds of self-training: believe, train, and go back to the source to see whether it holds."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from skdomain._domains import NoTargetWarning
from skdomain._estimators import answer_of, asks_for_domains, call_with_domains
from skdomain.transfer._trusted_labels import margins, rows_that_stay, surest_of_each_class


@dataclass(frozen=True, eq=False)
class SelfTrainingRows:
    """What self-training learns from.

    Parameters
    ----------
    estimator : classifier
        Is cloned for each fit; one that asks for domains is told those of the rows.
    X : rows of shape (n_samples, n_features)
    codes : ndarray of shape (n_samples,), int
        Numbers of the classes of the rows; of unlabelled ones not read.
    classes : ndarray of shape (n_classes,)
    domains : ndarray of shape (n_samples,), int
        Positive integers for source rows, negative for target rows.
    source, known, unknown : ndarray of int
        Source rows, and target rows with and without a label.
    """

    estimator: object
    X: object
    codes: np.ndarray
    classes: np.ndarray
    domains: np.ndarray
    source: np.ndarray
    known: np.ndarray
    unknown: np.ndarray

    def train(self, labels, source):
        """A classifier of some source rows, the labelled target rows and those with labels >= 0."""
        entered = labels >= 0
        told = np.concatenate([source, self.known])
        rows = np.concatenate([told, self.unknown[entered]])
        codes = np.concatenate([self.codes[told], labels[entered]])
        return self._fitted(rows, codes, self.domains[rows])

    def judge(self, model, rows):
        """Numbers of the predicted classes, and how sure the model is of them."""
        X, told = _safe_indexing(self.X, rows), {"sample_domain": self.domains[rows]}
        codes = np.searchsorted(self.classes, call_with_domains(model, "predict", X, **told))
        if hasattr(model, "predict_proba"):
            return codes, call_with_domains(model, "predict_proba", X, **told).max(axis=1)
        return codes, margins(call_with_domains(model, "decision_function", X, **told))

    def way_back(self, codes):
        """Accuracy on the source of a classifier of the target rows with these labels.

        These are its source, and the source's rows are asked for as more of the same.
        """
        rows = np.concatenate([self.known, self.unknown])
        codes = np.concatenate([self.codes[self.known], codes])
        if len(np.unique(codes)) == 1:
            return float(np.mean(self.codes[self.source] == codes[0]))
        back = self._fitted(rows, codes, np.abs(self.domains[rows]))
        said = answer_of(back, "predict", _safe_indexing(self.X, self.source))
        return float(np.mean(said == self.classes[self.codes[self.source]]))

    def pseudo_labels(self, model):
        """Classes of the target rows: the known ones, and else what a model predicts."""
        codes = self.codes.copy()
        if len(self.unknown):
            codes[self.unknown] = self.judge(model, self.unknown)[0]
        return self.classes[codes[np.sort(np.concatenate([self.known, self.unknown]))]]

    def required(self, codes, min_return):
        """What the way back has to give at least, in view of what the first labels give."""
        chance = np.bincount(self.codes[self.source]).max() / len(self.source)
        return chance + min_return * max(self.way_back(codes) - chance, 0)

    def _fitted(self, rows, codes, domains):
        told = _safe_indexing(self.X, rows), self.classes[codes]
        if not asks_for_domains(self.estimator):
            return clone(self.estimator).fit(*told)
        with warnings.catch_warnings():  # before the first rows enter there may be no target
            warnings.simplefilter("ignore", NoTargetWarning)
            return call_with_domains(clone(self.estimator), "fit", *told, sample_domain=domains)


@dataclass(frozen=True)
class Schedule:
    """Which labels are believed in round t, counted from 1.

    Parameters
    ----------
    kind : {"class-balanced", "threshold"}
    n_steps : int
        Rounds until all are, if balanced.
    threshold : float
        Confidence from which on they are, if not.
    """

    kind: str
    n_steps: int
    threshold: float

    def chosen(self, t, codes, confidences):
        """Mask of the rows whose labels are believed."""
        if self.kind == "threshold":
            return confidences >= self.threshold
        return surest_of_each_class(codes, confidences, min(1, t / self.n_steps))

    def is_done(self, t, changes):
        """Whether another round would be the same."""
        return not changes and (self.kind == "threshold" or t >= self.n_steps)


def self_training_rounds(rows, schedule, *, max_iter, leave=False, min_return=None, bar=iter):
    """Train on what the last model believes, until nothing changes or the way back fails.

    Parameters
    ----------
    rows : SelfTrainingRows
    schedule : Schedule
    max_iter : int
        Largest number of rounds.
    leave : bool, default=False
        Whether source rows leave as target rows enter.
    min_return : float or None, default=None
        Share of what the first labels give on the way back, above chance, that those of each round
        have to give; None accepts all.
    bar : callable, default=iter
        Wraps the range of rounds to show progress.

    Returns
    -------
    model : classifier
        That of the last round that was accepted.
    history : list of dict
        ``label_changes``, ``n_selected``, ``n_source``, ``way_back``, ``accepted`` of each one.
    termination : {"converged", "max_iter", "rejected"}
    """
    believed = np.full(len(rows.unknown), -1)
    model, history = rows.train(believed, rows.source), []
    codes, confidences = rows.judge(model, rows.unknown)
    required = None if min_return is None else rows.required(codes, min_return)
    for t in bar(range(1, max_iter + 1)):
        labels = np.where(schedule.chosen(t, codes, confidences), codes, -1)
        changes = int(np.count_nonzero(labels != believed))
        source = _staying(rows, model, labels) if leave else rows.source
        candidate, believed = rows.train(labels, source), labels
        codes, confidences = rows.judge(candidate, rows.unknown)
        back = np.nan if required is None else rows.way_back(codes)
        accepted = required is None or back >= required
        history.append(
            {
                "label_changes": changes,
                "n_selected": int(np.sum(labels >= 0)),
                "n_source": len(source),
                "way_back": back,
                "accepted": accepted,
            }
        )
        if not accepted:
            return model, history, "rejected"
        model = candidate
        if schedule.is_done(t, changes):
            return model, history, "converged"
    return model, history, "max_iter"


def _staying(rows, model, labels):
    """Source rows that stay as these target rows enter."""
    codes, entered = rows.codes[rows.source], labels[labels >= 0]
    covered = np.union1d(entered, rows.codes[rows.known])
    _, confidences = rows.judge(model, rows.source)
    stays = rows_that_stay(codes, confidences, len(entered) / max(len(labels), 1), covered)
    return rows.source[stays]
