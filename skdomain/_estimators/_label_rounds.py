"""Rounds of pseudo-labels: when they stop, what they report, whatever a method does in each."""

import hashlib

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import warn_caller


class LabelRounds:
    """Rounds that each make new target labels of the last ones, until they stay the same.

    Iterating gives the labels to start a round from; the body of the loop hands the labels that it
    finds to :meth:`take`. A round depends on nothing but its :attr:`state`, so once that comes back
    to an earlier one all later rounds are known, and the one that round ``max_iter`` would be is
    run at once.

    Parameters
    ----------
    labels : ndarray of shape (n_target,), int
        Labels to start from, -1 where there is none.
    max_iter : int
        Largest number of rounds.

    Attributes
    ----------
    labels : ndarray of shape (n_target,), int
        Those of the last round.
    history : list of dict
        The figures of each round and the number of labels that it changed; 0 in the last one means
        a fixed point.
    period : int
        Length of the cycle the labels run in, 0 where none was met.
    state : tuple of ndarrays
        What a round starts from: the labels, and what a class that inherits from this one adds.
    """

    def __init__(self, labels, max_iter):
        self.labels, self.max_iter = labels, max_iter
        self.history, self.period = [], 0

    @property
    def state(self):
        return (self.labels,)

    @state.setter
    def state(self, state):
        (self.labels,) = state

    def __iter__(self):
        inputs, first_seen = [], {_key(self.state): 0}
        for t in range(1, self.max_iter + 1):
            inputs.append(self.state)
            yield self.labels
            if not self.history[-1]["label_changes"]:
                return
            start = first_seen.setdefault(_key(self.state), t)
            if start < t:
                self.period = t - start
                yield from self._last_of_cycle(inputs, start)
                return

    def _last_of_cycle(self, inputs, start):
        t = len(inputs)
        known = [start + (later - t) % self.period for later in range(t, self.max_iter)]
        if known:
            self.state = inputs[known[-1]]
            yield self.labels
            self.history[t:] = [self.history[i] for i in known]

    def take(self, labels, figures):
        """Take the labels that a round has found, and its figures for the history."""
        changes = int(np.count_nonzero(labels != self.labels))
        self.history.append({"label_changes": changes, **figures})
        self.labels = labels

    def report(self, estimator, classes, *, ridge):
        """Set what an estimator tells of its rounds, and warn where they have not settled.

        Parameters
        ----------
        estimator : estimator
        classes : ndarray of shape (n_classes,)
            Labels are indices of them.
        ridge : str
            Name of the parameter that stops a cycle.
        """
        changes = self.history[-1]["label_changes"]
        if changes:
            self._warn(type(estimator).__name__, changes, ridge)
        estimator.classes_, estimator.pseudo_labels_ = classes, classes[self.labels]
        set_history(estimator, self.history)

    def _warn(self, name, changes, ridge):
        advice = "raise max_iter"
        if self.period:
            advice = (
                f"the labels run in a cycle of {self.period} iterations, so raise {ridge} instead"
            )
        warn_caller(
            f"iteration {len(self.history)} of {name} still changed {changes} "
            f"pseudo-labels; the labels returned are its. To reach a fixed point, {advice}.",
            ConvergenceWarning,
        )


def _key(state):
    return hashlib.sha256(b"".join(part.tobytes() for part in state)).digest()


def set_history(estimator, history):
    """Set what rounds, one dictionary each, say of themselves: figures, number and end."""
    estimator.history_ = {name: np.array([h[name] for h in history]) for name in history[0]}
    estimator.n_iter_ = len(history)
    estimator.termination_ = "max_iter" if history[-1]["label_changes"] else "converged"
