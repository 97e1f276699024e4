"""What the boosted regressors share: their fit and their vote."""

from functools import partial
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import balanced_weights, new_domains, warn_caller
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainPredictorMixin,
    RoutesFitMixin,
    all_or_nothing,
    answer_of,
    check_takes_weights,
    progress,
    validate_as_given,
)
from skdomain.boosting._learners import default_regressor
from skdomain.boosting._rounds import CHANCE
from skdomain.boosting._row_ties import row_order
from skdomain.boosting._training import boosting_rows
from skdomain.boosting._votes import weighted_median


class BoostedRegressor(
    RoutesFitMixin, DomainPredictorMixin, MetaEstimatorMixin, RegressorMixin, BaseEstimator
):
    """Regressor that boosts another on source rows and labelled target rows.

    A subclass returns its ``Rounds`` in ``_boost(learner, X, y, weights, source, *, bar)``.
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "balance": ["boolean"],
        "resample": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _facts = (
        DomainPredictorMixin._facts
        | TAKES_SPARSE
        | {
            "predict": "Predict the weighted median of the models that vote",
            "predicted": "Predicted values",
            "score": "R^2 on the target rows",
            "scored": "1 less the share of the variance that is not predicted",
        }
    )

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Boost the estimator on the source rows and the labelled target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the estimator takes as rows, such
            as missing values, categories or texts.
        y : array-like of shape (n_samples,)
            Values; those of target rows are read, except where ``labelled`` is False.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the method is AdaBoost.R2 on them, and
            :class:`~skdomain.NoTargetWarning` says so.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights to start from, >= 0; None: equal ones. Rows of weight 0 are left out.
        labelled : array-like of shape (n_samples,), bool, default=None
            False for target rows whose value is not known: they are left out. What it holds on
            source rows is not read. None: all values are known that are not missing (NaN, None or
            NA of pandas).
        **params : dict
            Further parameters of the estimator's ``fit``, such as eval_set; of those with an entry
            a row, it gets the entries of the rows that it is trained on.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X or a value that is read is not finite, there is no source row, there are target
            rows but none is labelled, an argument does not fit X, the estimator takes no
            sample_weight, or it predicts values that are not finite.
        TypeError
            If sample_domain holds no integers or labelled no booleans.
        """
        check_takes_weights(self, self._inner(), "DecisionTreeRegressor, Ridge or SVR")
        rows = boosting_rows(self, X, y, sample_domain, sample_weight, labelled, params)
        order = row_order(rows.X, rows.y, rows.sample_weight)
        first = rows.sample_weight
        first = balanced_weights(rows.source, first) if self.balance else first
        rounds = self._boost(
            rows.learner.at(rows.X, order),
            _safe_indexing(rows.X, order),
            rows.y[order],
            first[order],
            rows.source[order],
            bar=partial(progress, description=type(self).__name__, verbose=self.verbose),
        )

        def of_rows(history):
            return history[:, np.argsort(order)]

        self._set_rounds(rounds, of_rows)
        return self

    def _set_rounds(self, rounds, of_rows):
        if rounds.errors[0] >= CHANCE:
            warn_caller(
                f"{type(self).__name__} has a single model: its mean adjusted error of "
                f"{rounds.errors[0]:.2g} in the first round is no better than {CHANCE}; boost an "
                "estimator that fits more closely, or leave out the source rows that contradict "
                "the target most.",
                ConvergenceWarning,
            )
        self.estimators_ = rounds.estimators
        self.estimator_weights_ = rounds.votes
        self.estimator_errors_ = rounds.errors
        self.weight_history_ = of_rows(rounds.history)
        self.n_iter_ = len(rounds.errors)
        self.termination_ = rounds.termination

    def _predict_rows(self, method, X, sample_domain):
        voters = self._voters(self.n_iter_)
        return self._median(
            [answer_of(model, "predict", X) for model in self.estimators_[voters]], voters
        )

    def staged_predict(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Predictions after each round, as if it had been the last.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Yields
        ------
        ndarray of shape (n_samples,)
            Predicted values; the last ones are those of :meth:`predict`.
        """
        check_is_fitted(self)
        X, values = self._new_rows(X), []
        new_domains(sample_domain, _num_samples(X))
        for model in self.estimators_:
            values.append(answer_of(model, "predict", X))
            voters = self._voters(len(values))
            yield self._median(values[voters], voters)

    def _voters(self, n_rounds):
        return slice(0, n_rounds)

    def _median(self, values, voters):
        return weighted_median(np.array(values), self.estimator_weights_[voters])

    def _inner(self):
        return default_regressor() if self.estimator is None else self.estimator

    def _new_rows(self, X):
        return validate_as_given(self, X, reset=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._inner()).input_tags
        return tags
