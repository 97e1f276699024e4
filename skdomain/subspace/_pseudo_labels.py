"""Pseudo-label iteration: project, classify the target, let the new labels shape the projection."""

import warnings
from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from skdomain._domains import DomainClassifierMixin, fit_domains, source_labels
from skdomain._fitting import all_or_nothing, inner_has
from skdomain._progress import progress
from skdomain._spectral import solve
from skdomain.subspace._projection import Projection


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
    project : callable
        Maps int labels of all rows, -1 where there is none, and the number of classes to the
        projected rows, a solution and mu.
    """

    def __init__(self, *, source, y_source, classifier, project):
        self.classes, codes = np.unique(y_source, return_inverse=True)
        self.labels = np.full(len(source), -1)
        self.labels[source] = codes
        self.source, self.y_source = source, y_source
        self.classifier, self.project = classifier, project

    def __call__(self, target_labels):
        labels = self.labels.copy()
        if target_labels is not None:
            labels[~self.source] = target_labels
        rows, solution, mu = self.project(labels, len(self.classes))
        estimator, predicted = self.classify(rows)
        return Step(solution, estimator, predicted, mu, confidence(estimator, rows[~self.source]))

    def classify(self, rows):
        """Train a classifier on the source rows; its codes of the classes of target rows."""
        estimator = clone(self.classifier).fit(rows[self.source], self.y_source)
        if self.source.all():
            return estimator, np.empty(0, dtype=np.intp)
        predicted = estimator.predict(rows[~self.source])
        return estimator, np.searchsorted(self.classes, predicted)


def confidence(estimator, rows):
    """Mean largest class probability; None without rows, probabilities or any but 0 and 1."""
    nearest = isinstance(estimator, KNeighborsClassifier) and estimator.n_neighbors == 1
    if nearest or not len(rows) or not hasattr(estimator, "predict_proba"):
        return None
    return float(np.mean(np.max(estimator.predict_proba(rows), axis=1)))


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
    return None if labels is None else labels.tobytes()


class PseudoLabelProjection(DomainClassifierMixin, Projection):
    """Projection shaped by the classes of the source and the pseudo-labels of the target."""

    _parameter_constraints: dict = {
        **Projection._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "normalize": ["boolean"],
        "init": [StrOptions({"none", "estimator"})],
        "verbose": ["verbose"],
    }

    @abstractmethod
    def _coupling(self, X, labels, source, n_classes):
        """Return the coupling of these labels, -1 where there is none, and its mu."""

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, sample_domain=None):
        """Iterate projection and pseudo-labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows, nothing is matched, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or all its rows are equal, the source has fewer than two classes,
            sample_domain does not fit X, or the objective is unbounded below (DJPMMD).
        """
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, len(X), self) > 0
        y_source = self._source_classes(X, y, source)
        basis, X_fit = self._basis(X)
        step = Stepper(
            source=source,
            y_source=y_source,
            classifier=self._inner(),
            project=partial(self._project_fitted, X, source, basis),
        )
        last, history, period = iterate_labels(
            step,
            step.classify(X)[1] if self.init == "estimator" else None,
            max_iter=self.max_iter,
            bar=partial(progress, description=type(self).__name__, verbose=self.verbose),
        )
        self._warn_without_signal(last.solution, source, X.dtype)
        self._warn_unless_converged(history, period)
        self._set_projection(last.solution, X, X_fit)
        self.classes_ = step.classes
        self.estimator_ = last.estimator
        self.pseudo_labels_ = step.classes[last.labels]
        self.history_ = {name: np.array([h[name] for h in history]) for name in history[0]}
        self.n_iter_ = len(history)
        self.termination_ = "max_iter" if history[-1]["label_changes"] else "converged"
        return self

    def predict(self, X, sample_domain=None):
        """Predict classes with the inner classifier on the projected rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, or with ``kernel="precomputed"`` their kernel with the fitted rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Checked and otherwise not used.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.
        """
        Z = self._project(X, sample_domain)
        return self.estimator_.predict(Z)

    @available_if(inner_has("predict_proba"))
    def predict_proba(self, X, sample_domain=None):
        """Class probabilities, where the inner classifier has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of ``classes_``.
        """
        Z = self._project(X, sample_domain)
        return self.estimator_.predict_proba(Z)

    @available_if(inner_has("decision_function"))
    def decision_function(self, X, sample_domain=None):
        """Decision values, where the inner classifier has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            What the inner classifier returns.
        """
        Z = self._project(X, sample_domain)
        return self.estimator_.decision_function(Z)

    def _project(self, X, sample_domain):
        return self._finish(super()._project(X, sample_domain))

    def _finish(self, Z):
        return normalize(Z, copy=False) if self.normalize else Z

    def _project_fitted(self, X, source, basis, labels, n_classes):
        """Rows for the inner classifier, the solution they come from, and mu."""
        coupling, mu = self._coupling(X, labels, source, n_classes)
        solution = solve(
            basis, coupling, lam=self.lam, n_components=self.n_components, whiten=self.whiten
        )
        Z = basis.embed(solution.b).astype(X.dtype, copy=False)
        return self._finish(Z), solution, mu

    def _source_classes(self, X, y, source):
        y_source = column_or_1d(source_labels(X, y, source, self), warn=True)
        classes = np.unique(y_source).tolist()
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs source rows of at least 2 classes, got only one "
                f"class, {classes[0]!r}; check y on the rows with sample_domain > 0."
            )
        return y_source

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator

    def _warn_unless_converged(self, history, period):
        changes = history[-1]["label_changes"]
        if not changes:
            return
        advice = "raise max_iter"
        if period:
            advice = f"the labels run in a cycle of {period} iterations, so raise lam instead"
        warnings.warn(
            f"iteration {len(history)} of {type(self).__name__} still changed {changes} "
            f"pseudo-labels; the labels returned are its. To reach a fixed point, {advice}.",
            ConvergenceWarning,
            stacklevel=3,
        )
