"""The baseline, and the end of a pipeline: learn from source rows, whatever y holds elsewhere."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    _fit_context,
    clone,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_method_params, check_is_fitted

from skdomain._domains import fit_domains, new_domains, source_labels, target_rows
from skdomain._fitting import all_or_nothing, inner_has
from skdomain.compose._validation import validate_rows


class SourceOnly(MetaEstimatorMixin, BaseEstimator):
    """Train an estimator on the source rows and score it on the target rows.

    By itself it is the baseline that every adaptation has to beat; behind a transformer such as
    :class:`~skdomain.subspace.TCA` it is the classifier or regressor of the pipeline. Labels of
    target rows are not looked at in ``fit``.

    Parameters
    ----------
    estimator : estimator, default=None
        Any classifier or regressor; SourceOnly is one as it is. None: the nearest neighbour.

    Attributes
    ----------
    estimator_ : estimator
        The estimator trained on the source rows.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source, for a classifier.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    PerDomain : The same transformer for each domain by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.compose import SourceOnly
    >>> X, y = np.array([[0.0], [1.0], [9.0]]), np.array(["no", "yes", "?"])
    >>> model = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=[1, 1, -2])
    >>> model.predict([[5.0]])
    array(['yes'], dtype='<U3')
    """

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}
    _parameter_constraints: dict = {"estimator": [HasMethods(["fit", "predict"]), None]}

    def __init__(self, estimator=None):
        self.estimator = estimator

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, sample_domain=None, **params):
        """Train a clone of the estimator on the source rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows.
        **params : dict
            Parameters of the estimator's ``fit``, such as sample_weight; those with an entry a
            row are reduced to the source rows.

        Returns
        -------
        SourceOnly
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, y is missing or sample_domain does not fit X.
        """
        X = validate_rows(self, X, reset=True)
        source = fit_domains(sample_domain, X.shape[0], self) > 0
        y_source = source_labels(X, y, source, self)
        rows = np.flatnonzero(source)
        if _routing_enabled():
            params = process_routing(self, "fit", **params).estimator.fit
        params = _check_method_params(X, params, indices=rows)
        self.estimator_ = clone(self._inner()).fit(_safe_indexing(X, rows), y_source, **params)
        return self

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
        X = validate_rows(self, X, reset=False)
        X, y, weight = target_rows(X, y, sample_weight, sample_domain)
        params = {} if weight is None else {"sample_weight": weight}
        return self.estimator_.score(X, y, **params)

    @property
    def classes_(self):
        """Classes of the source."""
        return self.estimator_.classes_

    def get_metadata_routing(self):
        """Metadata that this estimator and the one it wraps ask for.

        Returns
        -------
        MetadataRouter
            What scikit-learn's routing reads.
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return router.add(estimator=self._inner(), method_mapping=mapping)

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator

    def _call(self, method, X, sample_domain):
        check_is_fitted(self)
        X = validate_rows(self, X, reset=False)
        new_domains(sample_domain, X.shape[0])
        return getattr(self.estimator_, method)(X)

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self._inner())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        tags.target_tags, tags.input_tags = inner.target_tags, inner.input_tags
        tags.target_tags.required = True
        return tags
