"""A support vector machine that corrects the scores of the source's classifier."""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC
from sklearn.utils._param_validation import Interval

from skdomain._domains import warn_caller
from skdomain._estimators import DomainClassifierMixin, all_or_nothing
from skdomain.transfer._corrected_scores import CorrectedScores
from skdomain.transfer._hinge_dual import hinge_fit
from skdomain.transfer._source_metric import with_ones
from skdomain.transfer._starts_from_source import STARTS_FROM


class AdaptiveSVM(
    CorrectedScores, DomainClassifierMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Support vector machine that adds to the scores of the source's classifier (A-SVM).

    With f the score of the source and y = 1 or -1, minimises over the labelled target rows::

        1/2 |dw|^2 + C sum_i s_i max(0, 1 - y_i (f(x_i) + dw'x_i))

    so rows that the source's classifier gets right by a margin change nothing. Of three classes or
    more, one such machine for each class against the others.

    Parameters
    ----------
    source_estimator : estimator, default=None
        Classifier of the source, trained on the source rows; None: ``LinearSVC()``. A fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. Its scores are its decision values, else its log odds.
    C : float, default=1.0
        Weight of the losses, > 0; with ``C -> 0`` it is the source's classifier.
    fit_intercept : bool, default=True
        Whether an intercept is added, with a penalty like a weight's, as in ``LinearSVC``.
    tol : float, default=1e-8
        Duality gap to stop at, relative to the loss of the source's classifier.
    max_iter : int, default=10000
        Largest number of passes over the rows, for a machine.

    Attributes
    ----------
    source_estimator_ : estimator
        The source's classifier.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source and of the labelled target rows.
    added_coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        dw, one row of two classes.
    added_intercept_ : ndarray of shape (1,) or (n_classes,)
        What is added to the intercept.
    coef_, intercept_ : ndarray or None
        Weights of the sum, None where the source's classifier is not linear.
    duality_gap_ : float
        The largest one at the end, in units of the objective: how far at most it is from its
        minimum.
    n_iter_ : int
        The largest number of passes over the rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SourceRegularizedLogisticRegression : The same for the log loss, and a penalty chosen for you.

    Notes
    -----
    O(n m) time a pass for n labelled target rows of m features, which are made dense.
    ``predict_proba`` is the logistic function, or softmax, of the scores, and not calibrated.

    References
    ----------
    J. Yang, R. Yan and A. Hauptmann (2007), "Cross-domain video concept detection using adaptive
    SVMs", ACM Multimedia, 188-197.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.svm import LinearSVC
    >>> from skdomain.transfer import AdaptiveSVM
    >>> source = LinearSVC().fit([[-1.0], [1.0]], [0, 1])
    >>> model = AdaptiveSVM(FrozenEstimator(source), C=10.0).fit([[0.5], [2.0]], [0, 1])
    >>> model.predict([[0.5], [2.0]])
    array([0, 1])
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        **CorrectedScores._source_constraints,
        "C": [Interval(Real, 0, None, closed="neither")],
        "fit_intercept": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }
    _facts = (
        DomainClassifierMixin._facts
        | STARTS_FROM
        | {
            "predict": "Predict the class of largest score",
            "predicted": "Class labels",
            "predict_proba": "Logistic function, or softmax, of the scores",
            "probabilities": "Numbers that add up to 1, in the order of ``classes_``",
            "predict_log_proba": "Logarithms of those of ``predict_proba``",
            "decision_function": "Scores: those of the source's model, and what is added to them",
            "decisions": "Score of the second class of two, else a score a class",
            "score": "Accuracy on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )

    def __init__(
        self,
        source_estimator: Any = None,
        *,
        C: float = 1.0,
        fit_intercept: bool = True,
        tol: float = 1e-8,
        max_iter: int = 10000,
    ) -> None:
        self.source_estimator = source_estimator
        self.C = C
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Train the source's classifier, and correct it by the labelled target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Labels of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the source's model is what is left, and
            :class:`~skdomain.NoTargetWarning` says so. Where that model is frozen, None means that
            all rows are target rows, and source rows are not read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights s of the rows, at least 0; the source's model has to take them.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. None: all those are known that are not
            missing (NaN, None or NA of pandas).

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X is not finite, there is no source row and no frozen model, there are target rows
            and none of them is labelled, an argument does not fit X, or the source's model has
            neither decision values nor probabilities.

        Warns
        -----
        ConvergenceWarning
            The duality gap is larger than ``tol`` after ``max_iter`` passes.
        """
        given, X, few = self._begin(X, y, sample_domain, sample_weight, labelled)
        rows, labels, s = few.part(source=False)
        self.classes_ = np.union1d(self.source_estimator_.classes_, labels)
        positives = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        added = np.zeros((X.shape[1] + 1, len(positives)))
        self.duality_gap_, self.n_iter_ = 0.0, 1
        if len(rows):
            f = self._source_scores(*self._at(given, X, rows)).reshape(len(rows), -1)
            Z = with_ones(X[rows])
            Z[:, -1] = self.fit_intercept
            for k, positive in enumerate(positives):
                added[:, k] = self._machine(Z, labels == positive, f[:, k], s)
        self._keep_added(added[:-1], added[-1], *self._at(given, X, few.rows[:100]))
        return self

    def _columns(self, said):
        """Each class against the others: a score is told from 1 and -1, not from other scores."""
        return np.column_stack([-said, said]) if said.ndim == 1 else said

    def _machine(self, Z, positive, f, s):
        y = np.where(positive, 1.0, -1.0)
        found = hinge_fit(Z, y, f, self.C * s, tol=self.tol, max_iter=self.max_iter)
        self.duality_gap_ = max(self.duality_gap_, float(found.gap))
        self.n_iter_ = max(self.n_iter_, found.n_iter)
        if not found.converged:
            warn_caller(
                f"AdaptiveSVM stopped after {found.n_iter} passes with a duality gap of "
                f"{found.gap:.2g}; scale the features, raise max_iter or tol, or lower C.",
                ConvergenceWarning,
            )
        return found.w

    def _default_source(self):
        return LinearSVC()
