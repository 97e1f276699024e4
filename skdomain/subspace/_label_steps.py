"""One iteration of pseudo-labels, on rows in memory or in blocks, and its repetition."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from skdomain._rows import is_streamed
from skdomain.mmd import grouped_sums, sums_by_group


@dataclass(frozen=True, eq=False)
class Step:
    """One iteration: its solution, the classifier behind it and the target labels it predicts."""

    solution: object
    estimator: object
    labels: np.ndarray
    mu: float
    confidence: float | None = None

    @property
    def record(self):
        """Figures of this step for ``history_``."""
        figures = {
            "objective": float(self.solution.eigenvalues.sum()),
            "mmd": self.solution.discrepancy,
            "mu": self.mu,
        }
        return figures if self.confidence is None else {**figures, "confidence": self.confidence}


class Stepper:
    """Maps target labels to the next ones: project all rows, train on the source, classify.

    Parameters
    ----------
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    y_source : ndarray of shape (n_source,)
        Classes of the source rows.
    classifier : estimator
        Cloned for each step.
    rows : ndarray or RowBlocks
        What is projected.
    project : callable
        Maps int labels of all rows, -1 where there is none, the number of classes and the
        :class:`GroupSums` to a function that projects rows (or blocks of them), a solution and mu.
    """

    def __init__(self, *, source, y_source, classifier, rows, project):
        self.classes, codes = np.unique(y_source, return_inverse=True)
        self.labels = np.full(len(source), -1)
        self.labels[source] = codes
        self.source, self.y_source = source, y_source
        self.classifier, self.rows, self.project = classifier, rows, project
        self.sums = GroupSums(rows)
        self.code_type = np.min_scalar_type(len(self.classes))  # iterate_labels keeps them all

    def __call__(self, target_labels):
        labels = self._labelled(target_labels)
        embed, solution, mu = self.project(labels, len(self.classes), self.sums)
        estimator, predicted, confidences = self.classify(self.rows, embed)
        confidence = None if confidences is None else float(np.mean(confidences))
        return Step(solution, estimator, predicted, mu, confidence)

    def classify(self, rows, embed):
        """Train a classifier on the source rows; codes and confidences of the target rows."""
        classify = self._classify_blocks if is_streamed(rows) else self._classify_array
        estimator, codes, confidences = classify(rows, embed)
        return estimator, codes.astype(self.code_type), confidences

    def _labelled(self, target_labels):
        labels = self.labels.copy()
        if target_labels is not None:
            labels[~self.source] = target_labels
        return labels

    def _classify_array(self, rows, embed):
        rows = embed(rows)
        estimator = clone(self.classifier).fit(rows[self.source], self.y_source)
        return estimator, *_judge(estimator, self.classes, rows[~self.source])

    def _classify_blocks(self, rows, embed):
        """Hold the embedding of the source alone; sum the target rows by label in passing."""
        of_source = rows.select(self.source)
        estimator = clone(self.classifier).fit(embed(of_source).to_array(), self.y_source)
        if self.source.all():
            return estimator, *_judge(estimator, self.classes, ())
        judge = partial(_judge_block, estimator, self.classes, embed)
        found = rows.select(~self.source).sum_of(judge)
        codes = np.concatenate(found.codes)
        self.sums.relabel(self._labelled(codes), self.source, found.sums)
        without = found.confidences[0] is None
        return estimator, codes, None if without else np.concatenate(found.confidences)


@dataclass(frozen=True, eq=False)
class _Judged:
    """What one pass finds in target rows: codes and confidences by block, sums by code."""

    codes: list
    confidences: list
    sums: np.ndarray

    def __add__(self, other):
        return _Judged(
            self.codes + other.codes,
            self.confidences + other.confidences,
            self.sums + other.sums,
        )


def _judge_block(estimator, classes, embed, block):
    codes, confidences = _judge(estimator, classes, embed(block))
    return _Judged([codes], [confidences], grouped_sums(block, codes, len(classes)))


def _judge(estimator, classes, rows):
    """Codes of the predicted classes, and the largest probabilities where there are any."""
    if not len(rows):
        return np.empty(0, dtype=np.intp), None
    codes = np.searchsorted(classes, estimator.predict(rows))
    nearest = isinstance(estimator, KNeighborsClassifier) and estimator.n_neighbors == 1
    if nearest or not hasattr(estimator, "predict_proba"):
        return codes, None
    return codes, np.max(estimator.predict_proba(rows), axis=1)


def iterate_labels(step, labels, *, max_iter, bar=iter):
    """Repeat ``labels = step(labels).labels`` until they stay the same.

    A step depends on nothing but the labels, so once they come back to earlier ones all later
    iterations are known, and the step that iteration ``max_iter`` would make is made at once.

    Parameters
    ----------
    step : callable
        Maps target labels, an int array or None, to a :class:`Step`.
    labels : ndarray or None
        Labels to start from.
    max_iter : int
        Largest number of iterations.
    bar : callable, default=iter
        Wraps the range of iterations to show progress.

    Returns
    -------
    last : Step
        The last step.
    history : list of dict
        The record of each iteration and the number of labels that it changed; 0 in the last one
        means a fixed point.
    period : int
        Length of the cycle the labels run in, 0 where none was met.
    """
    history, inputs, first_seen = [], [], {_key(labels): 0}
    for t in bar(range(1, max_iter + 1)):
        last = step(labels)
        inputs.append(labels)
        labels = last.labels
        changes = _count_changes(inputs[-1], labels)
        history.append({"label_changes": changes, **last.record})
        if not changes:
            return last, history, 0
        start = first_seen.setdefault(_key(labels), t)
        if start < t:
            known = [start + (later - t) % (t - start) for later in range(t, max_iter)]
            last = step(inputs[known[-1]]) if known else last
            return last, history + [history[i] for i in known], t - start
    return last, history, 0


def _count_changes(previous, labels):
    return len(labels) if previous is None else int(np.count_nonzero(labels != previous))


def _key(labels):
    return None if labels is None else hashlib.sha256(labels.tobytes()).digest()


class GroupSums:
    """Sums by group of rows in blocks, kept so that labels found in a pass need no other one.

    The groups are those of the class-wise couplings: classes of the source, classes of the target,
    target rows without a label.
    """

    def __init__(self, rows):
        self.rows, self.groups, self.sums = rows, None, None

    def complete(self, coupling):
        """Return the coupling with the sums of its groups, if the rows are in blocks."""
        if not is_streamed(self.rows):
            return coupling
        if self.groups is None or not np.array_equal(self.groups, coupling.groups):
            self.groups = coupling.groups
            self.sums = sums_by_group(self.rows, self.groups, len(coupling.counts))
        return replace(coupling, sums=self.sums)

    def relabel(self, labels, source, target_sums):
        """Take the sums of the target rows by the class that they have in these labels."""
        if self.sums is None:
            return
        n_classes, d = target_sums.shape
        self.groups = np.where(source, labels, labels + n_classes)
        self.sums = np.concatenate([self.sums[:n_classes], target_sums, np.zeros((1, d))])
