"""What a model that was trained on source rows, weighted or not, says of new rows."""

from typing import Any

from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods

from skdomain._estimators._predictor import DomainClassifierMixin


class SourceEstimator(DomainClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier or regressor, as the estimator it wraps is, that is scored on target rows.

    A subclass fits ``estimator_``, says in ``_inner()`` what is wrapped, and checks rows in
    ``_validate(X, reset=...)``.
    """

    _parameter_constraints: dict = {"estimator": [HasMethods(["fit", "predict"]), None]}

    @property
    def classes_(self) -> Any:
        """Classes of the source."""
        return self.estimator_.classes_

    def _new_rows(self, X):
        return self._validate(X, reset=False)

    def _score_rows(self, X, y, sample_weight, sample_domain):
        params = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.estimator_.score(self._new_rows(X), y, **params)

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self._inner())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        tags.target_tags, tags.input_tags = inner.target_tags, inner.input_tags
        tags.target_tags.required = True
        return tags
