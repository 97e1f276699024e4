"""Affine maps of the source rows, in factored form, and the estimator around them."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import DomainTransformerMixin, fit_domains, new_domains
from skdomain._fitting import all_or_nothing
from skdomain._pair import check_domains


@dataclass(frozen=True, eq=False)
class SourceMap:
    """The affine map ``x -> shift + (x - center) A`` of rows x.

    ``A = outside I + basis update basis'`` in factored form, or ``A = update`` where basis is None.

    Attributes
    ----------
    update : ndarray of shape (k, k)
        What A adds to ``outside I`` in the basis; A itself where there is no basis.
    basis : ndarray of shape (n_features, k) or None
        Columns that span the centred rows of both domains.
    outside : float
        Factor of what is orthogonal to the basis.
    center, shift : ndarray of shape (n_features,) or float
        Mean of the rows before and after, or 0.
    """

    update: np.ndarray
    basis: np.ndarray | None = None
    outside: float = 1.0
    center: np.ndarray | float = 0.0
    shift: np.ndarray | float = 0.0

    def apply(self, X):
        """Map rows, in O(n_samples n_features k) time.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of the source.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The mapped rows, float64.
        """
        X = np.asarray(X, dtype=np.float64) - self.center
        if self.basis is None:
            return X @ self.update + self.shift
        inside = (X @ self.basis) @ self.update
        X *= self.outside
        X += inside @ self.basis.T
        X += self.shift
        return X

    def matrix(self):
        """The matrix A, of shape (n_features, n_features): for small problems and for tests.

        Returns
        -------
        ndarray of shape (n_features, n_features)
            A, which acts on rows from the right.
        """
        if self.basis is None:
            return self.update
        A = self.basis @ self.update @ self.basis.T
        A[np.diag_indices_from(A)] += self.outside
        return A


def centred_pair(Xs, Xt, reg):
    """Both domains as float64 and centred, with their means: ``(Xs, ms), (Xt, mt)``."""
    if not 0 <= reg < np.inf:
        raise ValueError(f"reg is {reg}; pass a finite ridge >= 0.")
    Xs, Xt = check_domains(Xs, Xt, min_rows=2, reason="a covariance needs two rows; pass more")
    return centred(Xs), centred(Xt)


def centred(X):
    """Rows less their mean, and the mean: from the first row on, so that equal rows give zeros."""
    rows = X - X[0]
    mean = rows.mean(axis=0)
    rows -= mean
    return rows, X[0] + mean


class SourceMapper(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """Transformer that maps source rows by ``map_`` and leaves target rows as they are."""

    _parameter_constraints: dict = {"reg": [Interval(Real, 0, None, closed="left")]}

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_domain=None):
        """Find the map of the source; several source domains are pooled, and several targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows, the map is the identity, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, sample_domain does not fit X, or one of the domains has only one
            row.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        source = fit_domains(sample_domain, len(X), self) > 0
        self.map_ = identity(X.shape[1]) if source.all() else self._map(X[source], X[~source])
        return self

    def transform(self, X, sample_domain=None):
        """Map the source rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Mapped source rows and unchanged target rows, in the order and dtype of X.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or sample_domain does not fit X.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32], copy=True)
        source = new_domains(sample_domain, len(X)) > 0
        if source.any():
            X[source] = self.map_.apply(X[source])
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def identity(n_features):
    """The map that leaves rows as they are."""
    return SourceMap(np.empty((0, 0)), np.empty((n_features, 0)))
