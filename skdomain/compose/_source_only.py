"""The baseline, and the end of a pipeline: learn from source rows, whatever y holds elsewhere."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, clone
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils._set_output import _safe_set_output
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_consistent_length, check_is_fitted

from skdomain._domains import fit_domains, labels_at, source_labels
from skdomain._estimators import (
    TAKES_SPARSE,
    SourceEstimator,
    all_or_nothing,
    answers,
    inner_params,
    params_at,
    validate_as_given,
)
from skdomain.compose._join import join_rows


class SourceOnly(SourceEstimator):
    """Train an estimator on the source rows and score it on the target rows.

    By itself it is the baseline that every adaptation has to beat; behind a transformer such as
    :class:`~skdomain.subspace.TCA` it is the classifier or regressor of the pipeline. Around a
    transformer that learns from labels it is the step that learns from those of the source and
    transforms all rows. What y holds on target rows is not looked at in ``fit``.

    Parameters
    ----------
    estimator : estimator, default=None
        Any classifier, regressor or transformer; SourceOnly is one as it is. None: the nearest
        neighbour.

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

    Notes
    -----
    A stock transformer in a pipeline sees all rows and all of y: ``SelectKBest``, ``TargetEncoder``
    or ``LinearDiscriminantAnalysis`` would read what y holds on target rows. Wrap them::

        make_pipeline(SourceOnly(SelectKBest(k=20)), SourceOnly(LogisticRegression()))

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

    __metadata_request__transform = {"sample_domain": True}
    __metadata_request__inverse_transform = {"sample_domain": True}
    _facts = SourceEstimator._facts | TAKES_SPARSE
    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), HasMethods(["fit", "transform"]), None]
    }

    predict = available_if(answers("predict"))(SourceEstimator.predict)
    score = available_if(answers("score"))(SourceEstimator.score)

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None, **params: Any
    ) -> Self:
        """Train a clone of the estimator on the source rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the estimator takes as rows, such
            as texts.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows; what it holds on target rows is not read. May be
            None for a transformer that needs no labels.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows.
        **params : dict
            Parameters of the estimator's ``fit``, such as sample_weight or eval_set; those with an
            entry a row are reduced to the source rows.

        Returns
        -------
        SourceOnly
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, y is missing or sample_domain does not fit X.
        """
        X, source = self._rows(X, sample_domain)
        params = inner_params(self, "estimator", "fit", "fit", params)
        self.estimator_ = clone(self._inner())
        self.estimator_.fit(*self._training(X, y, source), **params_at(params, X, _where(source)))
        return self

    @available_if(answers("transform"))
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit_transform(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None, **params: Any
    ) -> Any:
        """Train a clone of a transformer on the source rows and transform all rows.

        Parameters
        ----------
        X, y, sample_domain, **params
            As in :meth:`fit`.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features_out)
            Of source rows what the transformer's ``fit_transform`` gives, of target rows what its
            ``transform`` gives: the same as ``fit(...).transform(...)`` unless the transformer
            itself makes a difference, as ``TargetEncoder``, which encodes the rows that it learns
            from in folds.
        """
        X, source = self._rows(X, sample_domain)
        params = inner_params(self, "estimator", "fit_transform", "fit", params)
        params = params_at(params, X, _where(source))
        self.estimator_ = clone(self._inner())
        groups = [_where(source), _where(~source)]
        parts = [_fit_transform(self.estimator_, *self._training(X, y, source), params)]
        if len(groups[1]):
            parts.append(self.estimator_.transform(_safe_indexing(X, groups[1])))
        return join_rows(parts, groups[: len(parts)])

    @available_if(answers("transform"))
    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Transform rows of any domain, where the estimator is a transformer.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of any domain.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are treated alike.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features_out)
            What the estimator returns.
        """
        return self._ask("transform", X, sample_domain)

    @available_if(answers("inverse_transform"))
    def inverse_transform(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Undo :meth:`transform`, where the estimator can.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features_out)
            Transformed rows of any domain.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are treated alike.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features)
            What the estimator returns.
        """
        check_is_fitted(self)
        return self.estimator_.inverse_transform(X)

    @available_if(answers("get_feature_names_out"))
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Names of the output features of a transformer.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input features.

        Returns
        -------
        ndarray of str
            Names of the output features.
        """
        check_is_fitted(self)
        return self.estimator_.get_feature_names_out(input_features)

    @available_if(answers("transform"))
    def set_output(self, *, transform: str | None = None) -> Self:
        """Set the container that a transformer gives out, as of the transformer itself.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            As in scikit-learn; None changes nothing.

        Returns
        -------
        SourceOnly
            The estimator itself.
        """
        for inner in (self.estimator, vars(self).get("estimator_")):
            if inner is not None:
                _safe_set_output(inner, transform=transform)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Metadata that this estimator and the one it wraps ask for.

        Returns
        -------
        MetadataRouter
            What scikit-learn's routing reads.
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        mapping.add(caller="fit_transform", callee="fit")
        return router.add(estimator=self._inner(), method_mapping=mapping)

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator

    def _rows(self, X, sample_domain):
        X = validate_as_given(self, X, reset=True)
        return X, fit_domains(sample_domain, _num_samples(X), self) > 0

    def _training(self, X, y, source):
        """The source rows and their labels, which what needs none may get without."""
        if get_tags(self).target_tags.required:
            labels = source_labels(X, y, source, self)
        else:
            check_consistent_length(X, y)
            labels = None if y is None else labels_at(y, source)
        return _safe_indexing(X, _where(source)), labels

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), self._inner()
        tags.transformer_tags = get_tags(inner).transformer_tags
        if not hasattr(inner, "predict"):
            tags.target_tags.required = get_tags(inner).target_tags.required
        return tags


def _where(mask):
    return np.flatnonzero(mask)


def _fit_transform(transformer, X, y, params):
    if hasattr(transformer, "fit_transform"):
        return transformer.fit_transform(X, y, **params)
    return transformer.fit(X, y, **params).transform(X)
