"""The same transformer for each domain by itself."""

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, _fit_context, clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import fit_domains, new_domains
from skdomain._estimators import DomainTransformerMixin, all_or_nothing, validate_as_given


class PerDomain(DomainTransformerMixin, BaseEstimator):
    """Fit a clone of a transformer to each domain and apply it to the rows of that domain.

    ``PerDomain(StandardScaler())`` gives every domain mean 0 and variance 1, which undoes shifts
    and rescalings of single features.

    Parameters
    ----------
    transformer : transformer, default=None
        Any transformer that needs no labels; None: ``StandardScaler()``. Labels are not passed on.

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
    Both domains then have mean zero, so the *linear* maximum mean discrepancy vanishes and TCA
    with a linear kernel is PCA: put ``Normalizer()`` in between, or take another kernel.

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

    _parameter_constraints: dict = {"transformer": [HasMethods(["fit", "transform"]), None]}

    def __init__(self, transformer=None):
        self.transformer = transformer

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, sample_domain=None):
        """Fit one clone a domain.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            of one domain.

        Returns
        -------
        PerDomain
            The fitted transformer.

        Raises
        ------
        ValueError
            If there is no source row or sample_domain does not fit X.
        """
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, X.shape[0], self)
        self.transformers_ = {
            int(domain): clone(self._inner()).fit(
                _safe_indexing(X, np.flatnonzero(domains == domain))
            )
            for domain in np.unique(domains)
        }
        return self

    def transform(self, X, sample_domain=None):
        """Transform each row with the transformer of its domain.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of the fitted domains in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Domains of the rows. None: all are of the target domain that was fitted, or of the
            source where none was.

        Returns
        -------
        ndarray or sparse matrix of shape (n_samples, n_features_out)
            Transformed rows, in the order they came in.

        Raises
        ------
        ValueError
            If a domain was not fitted, or None is ambiguous as several targets were.
        """
        check_is_fitted(self)
        X = validate_as_given(self, X, reset=False)
        domains = self._known_domains(sample_domain, X.shape[0])
        groups = [np.flatnonzero(domains == domain) for domain in np.unique(domains)]
        parts = [
            self.transformers_[int(domains[rows[0]])].transform(_safe_indexing(X, rows))
            for rows in groups
        ]
        order = np.argsort(np.concatenate(groups))
        if any(sparse.issparse(part) for part in parts):
            return sparse.vstack(parts, format="csr")[order]
        return np.concatenate([np.asarray(part) for part in parts])[order]

    def get_feature_names_out(self, input_features=None):
        """Names of the output features: those of the fitted transformers.

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

    def _inner(self):
        return StandardScaler() if self.transformer is None else self.transformer

    def _known_domains(self, sample_domain, n_samples):
        fitted = sorted(self.transformers_)
        if sample_domain is None:
            candidates = [domain for domain in fitted if domain < 0] or fitted
            if len(candidates) > 1:
                raise ValueError(
                    f"PerDomain was fitted to the domains {fitted}; pass sample_domain to "
                    "transform so that each row meets the transformer of its own."
                )
            return np.full(n_samples, candidates[0])
        domains = new_domains(sample_domain, n_samples)
        unknown = sorted(set(domains.tolist()) - set(fitted))
        if unknown:
            raise ValueError(
                f"sample_domain names the domains {unknown}, but PerDomain was fitted to {fitted}; "
                "fit it with rows of every domain that it has to transform."
            )
        return domains

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self._inner())
        tags.input_tags = inner.input_tags
        if inner.transformer_tags is not None:
            tags.transformer_tags = inner.transformer_tags
        return tags
