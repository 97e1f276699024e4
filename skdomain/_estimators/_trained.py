"""What a model that was trained on source rows, weighted or not, says of new rows."""

from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import new_domains, target_rows
from skdomain._estimators._fitting import inner_has


class SourceEstimator(MetaEstimatorMixin, BaseEstimator):
    """Classifier or regressor, as the estimator it wraps is, that is scored on target rows.

    A subclass fits ``estimator_``, says in ``_inner()`` what is wrapped, and checks rows in
    ``_validate(X, reset=...)``.
    """

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__decision_function = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}
    _parameter_constraints: dict = {"estimator": [HasMethods(["fit", "predict"]), None]}

    def predict(self, X, sample_domain=None):
        """Predict with the trained estimator.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of any domain.
        sample_domain : array-like of shape (n_samples,), default=None
            Checked and otherwise not used.

        Returns
        -------
        ndarray of shape (n_samples,)
            Predicted labels or values.
        """
        return self._call("predict", X, sample_domain)

    @available_if(inner_has("predict_proba"))
    def predict_proba(self, X, sample_domain=None):
        """Class probabilities, where the estimator has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of ``classes_``.
        """
        return self._call("predict_proba", X, sample_domain)

    @available_if(inner_has("decision_function"))
    def decision_function(self, X, sample_domain=None):
        """Decision values, where the estimator has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            What the estimator returns.
        """
        return self._call("decision_function", X, sample_domain)

    def score(self, X, y, sample_weight=None, sample_domain=None):
        """Score on the target rows: accuracy of a classifier, R^2 of a regressor.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows to predict.
        y : array-like of shape (n_samples,)
            True labels or values; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            The estimator's own score on the target rows.

        Raises
        ------
        ValueError
            If there is no target row.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        X, y, weight = target_rows(X, y, sample_weight, sample_domain)
        params = {} if weight is None else {"sample_weight": weight}
        return self.estimator_.score(X, y, **params)

    @property
    def classes_(self):
        """Classes of the source."""
        return self.estimator_.classes_

    def _call(self, method, X, sample_domain):
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        new_domains(sample_domain, _num_samples(X))
        return getattr(self.estimator_, method)(X)

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self._inner())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        tags.target_tags, tags.input_tags = inner.target_tags, inner.input_tags
        tags.target_tags.required = True
        return tags
