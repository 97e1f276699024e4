"""The baseline, and the end of a pipeline: learn from source rows, whatever y holds elsewhere."""

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import _check_method_params

from skdomain._domains import fit_domains, source_labels
from skdomain._estimators import (
    TAKES_SPARSE,
    SourceEstimator,
    all_or_nothing,
    validate_as_given,
)


class SourceOnly(SourceEstimator):
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
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
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

    _facts = SourceEstimator._facts | TAKES_SPARSE

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
        X = validate_as_given(self, X, reset=True)
        source = fit_domains(sample_domain, X.shape[0], self) > 0
        y_source = source_labels(X, y, source, self)
        rows = np.flatnonzero(source)
        if _routing_enabled():
            params = process_routing(self, "fit", **params).estimator.fit
        params = _check_method_params(X, params, indices=rows)
        self.estimator_ = clone(self._inner()).fit(_safe_indexing(X, rows), y_source, **params)
        return self

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

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)
