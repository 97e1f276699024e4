"""Logistic regression whose weights are drawn to those of the source instead of to 0."""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._domains import warn_caller
from skdomain._estimators import DomainClassifierMixin, all_or_nothing
from skdomain.transfer._class_scores import one_column_each
from skdomain.transfer._corrected_scores import CorrectedScores, curvature
from skdomain.transfer._left_out_loss import best_offset
from skdomain.transfer._offset_logistic import OffsetProblem, offset_bases
from skdomain.transfer._row_span import RowSpan
from skdomain.transfer._source_metric import (
    Euclidean,
    SourceMetric,
    find_precision,
    sharpened_precision,
)
from skdomain.transfer._starts_from_source import STARTS_FROM, cautious_inverse_penalty

_EXPECTED = 0.1  # penalty to expect in the metric of the identity, of features of about unit size
_ENOUGH = 10  # labelled rows a class, from which on the intercept is free
_SHARES = 10.0 ** np.arange(3, -2.5, -0.5)  # of the penalty to expect


class SourceRegularizedLogisticRegression(
    CorrectedScores, DomainClassifierMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Logistic regression on the target's labels, its weights drawn to the source's model.

    Minimises over the labelled target rows, with Ws the weights of the source's model::

        sum_i s_i log loss(y_i, x_i'W + b) + lam / 2 (W - Ws)'P (W - Ws)

    The more labels, the further W goes from Ws: with ``lam = inf`` it is the source's model, with
    ``lam = 0`` the logistic regression of the target. Any model of the source will do: of one that
    is not linear, W is what is added to its log odds.

    Parameters
    ----------
    source_estimator : estimator, default=None
        Classifier of the source, trained on the source rows; None: ``LogisticRegression(C=C)``, C
        the smaller of 1 and 30 divided by the sum of the variances of the features. A fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is and needs no source rows. Scores
        are its decision values, log odds of most models, else logarithms of its probabilities.
    lam : float or "auto", default="auto"
        Penalty, > 0, may be ``inf``. "auto" takes the one of 11 whose log loss on the labelled
        target rows, left out one at a time to first order, is smallest, plus 2 for each decade
        from the one to expect: in the metric of the source, that which gives both domains the same
        weight, of which 1e3 to 1e-2 times is tried; else 0.1, of which 1e2 to 1e-3 times is.
    metric : {"auto", "identity", "source"}, default="auto"
        P. "source": the precision of the source's weights and intercepts, ``sum_i c_i x_i x_i' +
        I / C`` of source rows with a one behind them, ``c = p (1 - p)``, in the mean over the
        classes; what the source knows for sure changes less. Then lam is how much a source row
        counts, and ``lam = 1`` is about the logistic regression of all labelled rows. "identity":
        ``P = I``, and b has no penalty. "auto": that of the source, if there are source rows of at
        most 4000 features, or if the source's model has a ``precision_``.
    fit_intercept : bool or "auto", default="auto"
        Whether b may differ from that of the source. "auto": where P is the identity, from 10
        labelled target rows of each labelled class on, as that of fewer rows is mostly noise; else
        it is True.
    tol : float, default=1e-8
        Norm of the gradient to stop at, relative to that at the source's model where this is
        larger than 1.
    max_iter : int, default=100
        Largest number of Newton steps for a penalty.

    Attributes
    ----------
    source_estimator_ : estimator
        The source's model.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source and of the labelled target rows. One that the target has no label of
        keeps the source's rule but for what is learned of the others; one that the source does not
        know starts from the mean score of the others.
    lam_ : float
        Penalty used; ``inf`` where there is no labelled target row.
    added_coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        ``W - Ws``, or W where the source's model is not linear; one row of two classes.
    added_intercept_ : ndarray of shape (1,) or (n_classes,)
        b less that of the source.
    coef_, intercept_ : ndarray or None
        W and b, None where the source's model is not linear.
    precision_ : ndarray of shape (n_features + 1, n_features + 1) or None
        ``lam P`` and what the target rows add to it, the last entry that of b; None where P is the
        identity. A next fit that starts from this model, frozen, takes it as its P.
    precision_weight_ : float or None
        Weight of the rows that P stands for: lam times that of the source, and that of the target.
    gradient_norm_ : float
        Norm of the gradient at the end; 0 where there is no labelled target row.
    n_iter_ : int
        Gradients found for the penalty used, one more than Newton steps.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    Notes
    -----
    O(k n r) time a step and O(k r^3) a penalty for n labelled target rows of m features in k
    classes, r the smaller of n and m, and the training of the source's model; O(n_source m^2 + m^3)
    besides for the metric of the source. Several sources are pooled; ``sample_weight`` weighs them.
    Of three classes or more, the penalty is the sum over their weights.

    References
    ----------
    C. Chelba and A. Acero (2004), "Adaptation of maximum entropy capitalizer: little data can help
    a lot", Conference on Empirical Methods in Natural Language Processing, 285-292.

    K. Rad and A. Maleki (2020), "A scalable estimate of the out-of-sample prediction error via
    approximate leave-one-out cross-validation", Journal of the Royal Statistical Society B 82,
    965-996.

    Examples
    --------
    >>> import pickle
    >>> import numpy as np
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.transfer import SourceRegularizedLogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(size=(200, 5)), rng.normal(size=(10, 5))
    >>> ys, yt = Xs[:, 0] > 0, Xt[:, 0] + 0.5 * Xt[:, 1] > 0
    >>> shipped = pickle.dumps(LogisticRegression().fit(Xs, ys))
    >>> source = FrozenEstimator(pickle.loads(shipped))
    >>> model = SourceRegularizedLogisticRegression(source).fit(Xt, yt)
    >>> model.score(Xt, yt)
    1.0
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        **CorrectedScores._source_constraints,
        "lam": [
            Interval(Real, 0, None, closed="right"),
            StrOptions({"auto"}),
        ],
        "metric": [StrOptions({"auto", "identity", "source"})],
        "fit_intercept": ["boolean", StrOptions({"auto"})],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }
    _facts = (
        DomainClassifierMixin._facts
        | STARTS_FROM
        | {
            "predict": "Predict the class of largest score",
            "predicted": "Class labels",
            "predict_proba": "Class probabilities",
            "probabilities": "Softmax of the scores, in the order of ``classes_``",
            "predict_log_proba": "Logarithms of the class probabilities",
            "decision_function": "Scores: those of the source's model, and what is added to them",
            "decisions": "Log odds of the second class of two, else a score a class",
            "score": "Accuracy on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )

    def __init__(
        self,
        source_estimator: Any = None,
        *,
        lam: str | float = "auto",
        metric: str = "auto",
        fit_intercept: str | bool = "auto",
        tol: float = 1e-8,
        max_iter: int = 100,
    ) -> None:
        self.source_estimator = source_estimator
        self.lam = lam
        self.metric = metric
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
        """Train the source's model, and correct it by the labelled target rows.

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
            True where the label of a target row is known; the other target rows are left out. None:
            all those are known that are not missing (NaN, None or NA of pandas).

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X is not finite, there is no source row and no frozen model, no target row is
            labelled, an argument does not fit X, the source's model says not how sure it is, or
            ``metric="source"`` has nothing to find the precision from.

        Warns
        -----
        ConvergenceWarning
            The gradient is larger than ``tol`` after ``max_iter`` steps.
        """
        given, X, few = self._begin(X, y, sample_domain, sample_weight, labelled)
        sources, _, weights = few.part(source=True)
        rows, labels, s = few.part(source=False)
        self.classes_ = np.union1d(self.source_estimator_.classes_, labels)
        P = find_precision(
            self,
            X[sources],
            lambda: weights * curvature(self._source_scores(*self._at(given, X, sources))),
            self._source_penalty(),
        )
        known = getattr(self.source_estimator_, "precision_weight_", None)
        self.precision_weight_ = weights.sum() if len(sources) else known
        n_scores = 1 if len(self.classes_) == 2 else len(self.classes_)
        added = np.zeros((X.shape[1], n_scores)), np.zeros(n_scores)
        self.lam_, self.gradient_norm_, self.n_iter_ = np.inf, 0.0, 1
        if len(rows):
            scores = self._source_scores(*self._at(given, X, rows))
            added = self._correct(X[rows], scores, labels, s, P)
        self._keep_added(*added, *self._at(given, X, few.rows[:100]))
        if len(rows):
            c = s * curvature(self._scores(*self._at(given, X, rows)))
            P = sharpened_precision(P, X[rows], c, self.lam_)
            if P is not None and np.isfinite(self.lam_):
                self.precision_weight_ = self.lam_ * self.precision_weight_ + s.sum()
        self.precision_ = P
        return self

    def _correct(self, X, scores, labels, s, P):
        """Weights and intercepts to add to the scores of the source's model."""
        metric = Euclidean() if P is None else SourceMetric(P, fit_intercept=self.fit_intercept)
        span, Y = RowSpan(metric.rows(X)), labels[:, None] == self.classes_
        B, A = offset_bases(len(self.classes_), self._freed(Y) & (P is None))
        O = one_column_each(scores)  # noqa: E741
        Z = span.Z if self.lam != np.inf else span.Z[:, :0]
        problem = OffsetProblem(Z, Y.astype(np.float64), O, s, 1.0, B, A)
        self.lam_, theta, self.gradient_norm_, n_steps = self._minimize(
            problem,
            _EXPECTED if P is None else s.sum() / self.precision_weight_,
        )
        self.n_iter_ = n_steps + 1
        self.lam_ = np.inf if self.lam == np.inf else float(self.lam_)
        V, c = problem.split(theta)
        w, b = metric.weights(span.lifted(V if V.size else np.zeros((span.Z.shape[1], B.shape[1]))))
        return w, b + (A @ c if len(A) > 2 else np.diff(A @ c))

    def _minimize(self, problem, expected):
        start = np.linalg.norm(problem.gradient(np.zeros(problem.n_parameters))[0])
        tol = self.tol * max(1.0, start)
        if self.lam == "auto":
            lams = expected * _SHARES
        else:  # an infinite one leaves no weights to be penalised
            lams = [float(self.lam) if np.isfinite(self.lam) else 1.0]
        found = best_offset(problem, lams, expected, tol=tol, max_iter=self.max_iter)
        if found[2] > tol:
            warn_caller(
                f"{type(self).__name__} stopped after {found[3]} of {self.max_iter} steps with a "
                f"gradient of norm {found[2]:.2g}, larger than {tol:.2g}; scale the features, or "
                "raise max_iter, lam or tol.",
                ConvergenceWarning,
            )
        return found

    def _freed(self, Y):
        """Classes whose intercept is free in the metric of the identity."""
        n, seen = Y.sum(axis=0), Y.any(axis=0)
        if self.fit_intercept == "auto":
            return seen & (n[seen].min() >= _ENOUGH)
        return seen & self.fit_intercept

    def _source_penalty(self):
        model, known = self.source_estimator_, isinstance(self._inner(), LogisticRegression)
        return 1 / np.mean(model.C_ if hasattr(model, "C_") else model.C) if known else 1.0

    def _to_train(self, X, s):
        if self.source_estimator is not None:
            return super()._to_train(X, s)
        return LogisticRegression(C=cautious_inverse_penalty(X, s))

    def _default_source(self):
        return LogisticRegression()
