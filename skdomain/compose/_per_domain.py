"""The same transformer for each domain by itself."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, _fit_context
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import fit_domains
from skdomain._estimators import (
    DomainTransformerMixin,
    all_or_nothing,
    inner_params,
    validate_as_given,
)
from skdomain.compose._clones import (
    call_by_domain,
    continued_clone,
    fitted_clone,
    further_domains,
    groups_of,
    inner_has,
    warn_of_single_rows,
)
from skdomain.compose._same_columns import check_same_columns


class PerDomain(DomainTransformerMixin, BaseEstimator):
    """Fit a clone of a transformer to each domain and apply it to the rows of that domain.

    ``PerDomain(StandardScaler())`` gives every domain mean 0 and variance 1, which undoes shifts
    and rescalings of single features.

    Parameters
    ----------
    transformer : transformer, default=None
        Any transformer that needs no labels; None: ``StandardScaler()``. Labels are not passed on.
        Its columns have to be the same in each domain, see Notes.

    Attributes
    ----------
    transformers_ : dict of int to transformer
        The fitted transformer of each domain, by its entry in sample_domain.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SourceOnly : Train an estimator on the source rows.

    Notes
    -----
    What is fitted to one domain may keep other columns than what is fitted to the next:
    ``VarianceThreshold`` where another feature is constant, ``SimpleImputer`` where another is
    empty, ``OneHotEncoder`` and ``OrdinalEncoder`` where other categories occur. Columns would be
    joined that mean different things, so ``fit`` compares the names of the output columns (the
    selected columns, where there are no names, and the categories behind codes) and refuses.
    Names are all it can compare: the axes of ``PCA`` and the clusters of ``KMeans`` are numbered
    alike in each domain and need not be the same.

    With ``StandardScaler``, both domains have mean zero, so the *linear* maximum mean discrepancy
    vanishes and TCA with a linear kernel is PCA: put ``Normalizer()`` in between, or take another
    kernel.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skdomain.compose import PerDomain
    >>> X = [[0.0], [2.0], [10.0], [14.0]]
    >>> scaler = PerDomain(StandardScaler()).fit(X, sample_domain=[1, 1, -2, -2])
    >>> scaler.transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([-1.,  1., -1.,  1.])
    >>> scaler.transform([[12.0]])
    array([[0.]])
    """

    __metadata_request__partial_fit = {"sample_domain": True}
    __metadata_request__inverse_transform = {"sample_domain": True}
    _parameter_constraints: dict = {"transformer": [HasMethods(["fit", "transform"]), None]}

    def __init__(self, transformer: Any = None) -> None:
        self.transformer = transformer

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None, **params: Any
    ) -> Self:
        """Fit one clone a domain.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of all domains in any order, or whatever else the transformer takes as rows, such
            as texts.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            of one domain.
        **params : dict
            Parameters of the transformer's ``fit``, such as sample_weight; of those with an entry
            a row, each clone gets the entries of its rows.

        Returns
        -------
        PerDomain
            The fitted transformer.

        Raises
        ------
        ValueError
            If there is no source row, sample_domain does not fit X, or the transformer gives out
            other columns in one domain than in another.

        Warns
        -----
        UserWarning
            If a domain has a single row, of which the transformer makes zeros, as scalers do.
        """
        X = validate_as_given(self, X, reset=True)
        groups = groups_of(fit_domains(sample_domain, _num_samples(X), self))
        params = inner_params(self, "transformer", "fit", "fit", params)
        self.transformers_ = {
            domain: fitted_clone(self._inner(), X, rows, params) for domain, rows in groups
        }
        check_same_columns(self.transformers_)
        warn_of_single_rows(self.transformers_, X, groups)
        return self

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None, **params: Any
    ) -> Self:
        """Add domains, or rows to those that are known, and leave all others as they are.

        A domain that was not fitted yet, such as a new site, gets a clone that is fitted to its
        rows. The clone of a domain that was takes further rows by its own ``partial_fit``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`fit`, but all rows may be target rows.
        **params : dict
            Parameters of the transformer's ``fit`` and ``partial_fit``, as in :meth:`fit`.

        Returns
        -------
        PerDomain
            The fitted transformer.

        Raises
        ------
        ValueError
            If a domain was fitted already and the transformer has no ``partial_fit``, or as in
            :meth:`fit`. All domains then stay as they were.

        Examples
        --------
        >>> from skdomain.compose import PerDomain
        >>> scaler = PerDomain().fit([[0.0], [2.0], [10.0], [14.0]], sample_domain=[1, 1, -2, -2])
        >>> scaler = scaler.partial_fit([[5.0], [6.0]], sample_domain=[-3, -3])
        >>> scaler.transform([[14.0], [6.0]], sample_domain=[-2, -3]).ravel()
        array([1., 1.])
        """
        transformers = dict(getattr(self, "transformers_", {}))
        X = validate_as_given(self, X, reset=not transformers)
        groups = groups_of(further_domains(sample_domain, _num_samples(X)))
        anew, on = (
            inner_params(self, "transformer", "partial_fit", callee, params)
            for callee in ("fit", "partial_fit")
        )
        for domain, rows in groups:
            if domain in transformers:
                taken = continued_clone(transformers[domain], X, rows, domain, on)
            else:
                taken = fitted_clone(self._inner(), X, rows, anew)
            transformers[domain] = taken
        check_same_columns(transformers)
        warn_of_single_rows(transformers, X, groups)
        self.transformers_ = transformers
        return self

    def fit_transform(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None, **params: Any
    ) -> Any:
        """Fit one clone a domain and transform the rows with them.

        Parameters
        ----------
        X, y, sample_domain, **params
            As in :meth:`fit`.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features_out)
        """
        self.fit(X, y, sample_domain=sample_domain, **params)
        return self.transform(X, sample_domain=sample_domain)

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Transform each row with the transformer of its domain.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of the fitted domains in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all are of the
            target domain that was fitted, or of the source where none was.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features_out)
            Transformed rows, in the order they came in.

        Raises
        ------
        ValueError
            If a domain was not fitted, None is ambiguous as several targets were, or the
            transformers of the domains give out other numbers of columns.
        """
        check_is_fitted(self)
        X = validate_as_given(self, X, reset=False)
        return call_by_domain(self.transformers_, "transform", X, sample_domain)

    @available_if(inner_has("inverse_transform"))
    def inverse_transform(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Undo :meth:`transform`: each row with the transformer of its domain.

        With the domains of other rows than they came from, it carries rows from one domain into
        the units of another.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features_out)
            Transformed rows.
        sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`transform`.

        Returns
        -------
        ndarray, sparse matrix or data frame of shape (n_samples, n_features)
            Rows in the units of their domain, in the order they came in.

        Raises
        ------
        ValueError
            As in :meth:`transform`.
        """
        check_is_fitted(self)
        return call_by_domain(self.transformers_, "inverse_transform", X, sample_domain)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Names of the output features: those of the fitted transformers, which agree.

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
        return next(iter(self.transformers_.values())).get_feature_names_out(input_features)

    def get_metadata_routing(self) -> MetadataRouter:
        """Metadata that this estimator and the one it wraps ask for.

        Returns
        -------
        MetadataRouter
            What scikit-learn's routing reads.
        """
        mapping = MethodMapping().add(caller="partial_fit", callee="partial_fit")
        for caller in ("fit", "fit_transform", "partial_fit"):
            mapping.add(caller=caller, callee="fit")
        router = MetadataRouter(owner=self).add_self_request(self)
        if self.transformer is None:  # of the default nobody can say what it asks for
            return router
        return router.add(transformer=self.transformer, method_mapping=mapping)

    def _inner(self):
        return StandardScaler() if self.transformer is None else self.transformer

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self._inner())
        tags.input_tags = inner.input_tags
        if inner.transformer_tags is not None:
            tags.transformer_tags = inner.transformer_tags
        return tags
