"""Pseudo-labels: classify the target on the projection, let them shape the next one, repeat.

Each method has its own loop, over the rounds that are made here.
"""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.base import ClassifierMixin, clone
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skdomain._estimators import DomainClassifierMixin, LabelRounds, answer_of
from skdomain._rows import RowBlocks, concatenate_over, in_blocks
from skdomain.label_shift import class_folds
from skdomain.mmd import check_class_shares
from skdomain.subspace._block_labels import block_basis, classify_blocks
from skdomain.subspace._projection import EIGEN_SOLVERS, Projection
from skdomain.subspace._target_priors import confusion_em_priors, fit_with_priors, is_estimated

N_FOLDS = 5  # of the source, to see what the classifier inside makes of rows it does not know


class ClassifiedRounds(LabelRounds):
    """Rounds whose labels a classifier gives that is trained on the projected source rows.

    Iterating gives the labels of all rows, -1 where there is none.

    Parameters
    ----------
    model : PseudoLabelProjection
        Whose parameters say which classifier, how many rounds and what to start from.
    basis : skdomain.subspace._spectral.Basis
        Of the rows.
    X : ndarray or RowBlocks of shape (n_samples, n_features)
        Rows of both domains.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    y_source : ndarray of shape (n_source,)
        Classes of the source rows.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Labels are indices of them.
    basis : skdomain.subspace._spectral.Basis
        What each round solves; of blocks where the rows are many.
    solution, estimator
        The projection of the last round and the classifier behind it.
    priors : ndarray of shape (n_classes,) or None
        Proportions of the classes in the target that the next round is to go by.
    """

    def __init__(self, model, basis, X, source, y_source):
        self.classes, self.codes = np.unique(y_source, return_inverse=True)
        self.code_type = np.min_scalar_type(-len(self.classes))  # the labels of all rounds are kept
        super().__init__(np.full(np.count_nonzero(~source), -1, self.code_type), model.max_iter)
        self.model, self.source, self.y_source, self.dtype = model, source, y_source, X.dtype
        rows = in_blocks(X) if basis.rows is X else basis.rows
        self.basis = block_basis(basis, rows) if isinstance(rows, RowBlocks) else basis
        self.priors = self._first_priors(X)
        if model.init == "estimator":
            self.labels = self._classified(X, _as_they_are)[1]

    def __iter__(self):
        return map(self.of_all_rows, super().__iter__())

    @property
    def state(self):
        """Labels, and proportions of the classes where they are wanted."""
        return (self.labels,) if self.priors is None else (self.labels, self.priors)

    @state.setter
    def state(self, state):
        self.labels, self.priors = (*state, None)[:2]

    def of_all_rows(self, target_labels):
        """Labels of all rows from those of the target rows."""
        labels = np.empty(len(self.source), dtype=np.intp)
        labels[self.source], labels[~self.source] = self.codes, target_labels
        return labels

    def classify(self, solution, coupling, *, mu):
        """Project, train on the source, and take the labels predicted of the target."""
        self.solution, weights = solution, self.basis.weights(solution)
        embed = partial(_projected, self.model._finish, weights, self.dtype)
        self.estimator, labels, confidences = self._classified(
            self.basis.rows, embed, width=weights.shape[1]
        )
        objective = float(solution.eigenvalues.sum())
        figures = {"objective": objective, "mmd": solution.discrepancy, "mu": mu}
        if confidences is not None:
            figures["confidence"] = float(np.mean(confidences))
        if self.priors is not None:
            figures["target_priors"] = self.priors
            # an embedding in which the target had no part tells nothing of it
            if is_estimated(self.model.target_priors) and coupling.G[len(self.classes) :].any():
                self.priors = self._estimated(self.basis.rows, embed)
        self.take(labels, figures)

    def _first_priors(self, X):
        """Those given, or estimates from the rows as they are."""
        if self.model.target_priors is None:
            return None
        if not is_estimated(self.model.target_priors):
            return check_class_shares(self.model.target_priors, self.classes)
        return self._estimated(X, _as_they_are)

    def _estimated(self, rows, embed):
        """Proportions, from classes predicted of target rows and of source rows held out in turn.

        By classifiers that are not weighed: where a class is given no weight, it is not predicted,
        and nothing tells whether it is there.
        """
        Z, held_out = self._embedded(rows, embed, self.source), np.empty_like(self.codes)
        for train, test in class_folds(Z, self.codes, N_FOLDS):
            model = clone(self.model._inner()).fit(Z[train], self.y_source[train])
            held_out[test] = _codes(model, self.classes, Z[test])
        model = clone(self.model._inner()).fit(Z, self.y_source)
        predict = partial(_codes_embedded, model, self.classes, embed)
        return confusion_em_priors(
            held_out, self.codes, self._embedded(rows, predict, ~self.source)
        )

    def _embedded(self, rows, embed, which):
        """What a function gives of the rows at these places; none if there are none."""
        if not which.any():
            return np.empty(0, dtype=np.intp)
        some = rows.select(which) if isinstance(rows, RowBlocks) else rows[which]
        return concatenate_over(some, embed)

    def _classified(self, rows, embed, width=None):
        """The classifier, and of the target rows labels and confidences."""
        if isinstance(rows, RowBlocks):
            estimator, labels, confidences = classify_blocks(self, rows, embed, width)
        else:
            Z = embed(rows)
            estimator = self.train(Z[self.source])
            labels, confidences = self.judge(estimator)(Z[~self.source])
        return estimator, labels.astype(self.code_type), confidences

    def train(self, Z_source):
        """A classifier of these rows, weighed where there are proportions."""
        inner, n_target = clone(self.model._inner()), len(self.labels)
        return fit_with_priors(inner, Z_source, self.y_source, self.codes, self.priors, n_target)

    def judge(self, estimator):
        """Function that gives codes of the predicted classes and the largest probabilities."""
        return partial(_judged, estimator, self.classes)


def _as_they_are(rows):
    return rows


def _projected(finish, weights, dtype, rows):
    return finish((rows @ weights).astype(dtype, copy=False))


def _judged(estimator, classes, Z):
    """Codes of the predicted classes, and the largest probabilities where there are any."""
    if not len(Z):
        return np.empty(0, dtype=np.intp), None
    codes = _codes(estimator, classes, Z)
    nearest = isinstance(estimator, KNeighborsClassifier) and estimator.n_neighbors == 1
    if nearest or not hasattr(estimator, "predict_proba"):
        return codes, None
    return codes, np.max(estimator.predict_proba(Z), axis=1)


def _codes(estimator, classes, Z):
    return np.searchsorted(classes, answer_of(estimator, "predict", Z))


def _codes_embedded(estimator, classes, embed, rows):
    return _codes(estimator, classes, embed(rows))


class PseudoLabelProjection(DomainClassifierMixin, ClassifierMixin, Projection):
    """Projection shaped by the classes of the source and the pseudo-labels of the target."""

    _parameter_constraints: dict = {
        **Projection._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "normalize": ["boolean"],
        "init": [StrOptions({"none", "estimator"})],
        "eigen_solver": [EIGEN_SOLVERS],
        "verbose": ["verbose"],
    }
    _fits_blocks = True
    target_priors = None  # of methods that have no such parameter
    _facts = DomainClassifierMixin._facts | {
        "rows": "array-like, sparse matrix, RowBlocks or dask array",
        "which": "Rows of any domain; their kernel with the fitted rows if precomputed.",
        "lazily": ", or a dask array if X is",
        "predict": "Predict classes with the inner classifier on the projected rows",
        "predicted": "Class labels; the chunks of a dask array are predicted when it is computed",
        "score": "Accuracy on the target rows",
        "scored": "Share of the target rows predicted right, in [0, 1]",
    }

    def _predict_rows(self, method, X, sample_domain):
        return concatenate_over(self._embedded(X), partial(answer_of, self.estimator_, method))

    def _embed(self, X):
        return self._finish(super()._embed(X))

    def _finish(self, Z):
        return normalize(Z, copy=False) if self.normalize else Z

    def _set_rounds(self, rounds, X, X_fit):
        """Set the fitted attributes, with a warning where they are not what was wanted."""
        self._warn_without_signal(rounds.solution, rounds.source, X.dtype)
        self._set_projection(rounds.solution, X, X_fit)
        self._set_labels(rounds)
        self.target_priors_ = rounds.priors

    def _set_labels(self, rounds):
        """Set what the rounds ended with, and say so where the labels still change."""
        rounds.report(self, rounds.classes, ridge="lam")
        self.estimator_ = rounds.estimator

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator
