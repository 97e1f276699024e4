"""What estimators that predict share: their methods, what these ask of routing, their docstrings.

No other class that knows domains writes ``predict`` or ``score``. A class says which rows it takes
in ``_new_rows(X)``, and in ``_predict_rows(method, X, sample_domain)`` what a method returns for
them, if there is more to do than to ask its ``estimator_``. What holds for some classes alone,
their docstrings take from ``_facts``.
"""

import inspect
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_regressor
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import check_sample_domain, target_rows
from skdomain._estimators._answer import answer_of
from skdomain._estimators._docstrings import filled_in, template

METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")
TAKES_SPARSE = {
    "rows": "array-like or sparse matrix",
    "which": "Rows of any domain; sparse ones where the estimator inside takes them.",
}


def answers(method):
    """Condition of :func:`available_if`: the estimator says that it has the method."""
    return lambda estimator: estimator._answers(method)


class DomainPredictorMixin:
    """Predictor whose methods take ``sample_domain`` and which is scored on target rows."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}
    _facts = {
        "rows": "array-like",
        "which": "Rows of any domain.",
        "domains": "It is checked, and changes no prediction.",
        "lazily": "",
        "predict": "Predict with the estimator inside",
        "predicted": "Predicted labels or values",
        "score": "Score on the target rows: accuracy of a classifier, R^2 of a regressor",
        "scored": "The score of the estimator inside",
    }

    def __init_subclass__(cls, **kwargs):
        """Fill in the docstrings of the methods that the class inherits from here."""
        super().__init_subclass__(**kwargs)
        for name in METHODS:
            method = inspect.getattr_static(cls, name, None)
            written = inspect.unwrap(method)
            if hasattr(written, "template"):
                told = filled_in(written, cls._facts)
                setattr(cls, name, told if method is written else available_if(answers(name))(told))

    @template
    def predict(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """{predict}.

        Parameters
        ----------
        X : {rows} of shape (n_samples, n_features)
            {which}
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
            {domains}

        Returns
        -------
        ndarray of shape (n_samples,){lazily}
            {predicted}.
        """
        return self._ask("predict", X, sample_domain)

    @template
    def score(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        sample_domain: ArrayLike | None = None,
    ) -> float:
        """{score}.

        Parameters
        ----------
        X : {rows} of shape (n_samples, n_features)
            {which}
        y : array-like of shape (n_samples,)
            True labels or values; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            {scored}.

        Raises
        ------
        ValueError
            If there is no target row.
        """
        check_is_fitted(self)
        rows = target_rows(X, y, sample_weight, sample_domain)
        if sample_domain is not None:
            domains = check_sample_domain(sample_domain, _num_samples(X))
            sample_domain = domains[domains < 0]
        return self._score_rows(*rows, sample_domain)

    def _ask(self, method, X, sample_domain):
        """What a method says of rows that are still to be checked."""
        check_is_fitted(self)
        X = self._new_rows(X)
        if sample_domain is not None:
            sample_domain = check_sample_domain(sample_domain, _num_samples(X))
        return self._predict_rows(method, X, sample_domain)

    def _predict_rows(self, method, X, sample_domain):
        """What a method says of checked rows; ``sample_domain`` is None where nobody named it."""
        return answer_of(self.estimator_, method, X)

    def _score_rows(self, X, y, sample_weight, sample_domain):
        """Score on target rows, not checked yet."""
        measure = r2_score if is_regressor(self) else accuracy_score
        predicted = self._ask("predict", X, sample_domain)
        return measure(y, np.asarray(predicted), sample_weight=sample_weight)


class DomainClassifierMixin(DomainPredictorMixin):
    """Predictor that is a classifier, or that may be one as the estimator inside is."""

    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__predict_log_proba = {"sample_domain": True}
    __metadata_request__decision_function = {"sample_domain": True}
    _facts = DomainPredictorMixin._facts | {
        "predict_proba": "Class probabilities, where the estimator inside has them",
        "probabilities": "Probabilities in the order of ``classes_``",
        "predict_log_proba": "Logarithms of probabilities, where the estimator inside has them",
        "decision_function": "Decision values, where the estimator inside has them",
        "decisions": "What the estimator inside returns",
    }

    @available_if(answers("predict_proba"))
    @template
    def predict_proba(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """{predict_proba}.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes){lazily}
            {probabilities}.
        """
        return self._ask("predict_proba", X, sample_domain)

    @available_if(answers("predict_log_proba"))
    @template
    def predict_log_proba(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """{predict_log_proba}.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes){lazily}
            Logarithms in the order of ``classes_``; of 0 they are ``-inf``.
        """
        return self._ask("predict_log_proba", X, sample_domain)

    @available_if(answers("decision_function"))
    @template
    def decision_function(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """{decision_function}.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes){lazily}
            {decisions}.
        """
        return self._ask("decision_function", X, sample_domain)

    def _answers(self, method):
        """Whether the estimator inside, fitted or still to be, has the method."""
        getattr(self.estimator_ if hasattr(self, "estimator_") else self._inner(), method)
        return True
