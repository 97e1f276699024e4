"""Affine maps of the source rows, in factored form, and the estimator around them."""

from dataclasses import dataclass
from functools import partial
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import check_domains, fit_domains, new_domains
from skdomain._estimators import (
    DomainTransformerMixin,
    all_or_nothing,
    forget_moments,
    update_moments,
    validate_rows,
)
from skdomain._rows import as_given, check_finite_block, domain_moments, is_streamed, rows_per_block

MIN_ROWS = 2  # of a domain that has a covariance
REASON = "a covariance needs two rows; pass more"
COPIES = 4  # of a row while it is mapped, at most: as given, centred, in the basis, mapped


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
            mapped = X @ self.update
            mapped += self.shift
            return mapped
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


def centred_pair(Xs, Xt, reg, *, overwrite=False):
    """Both domains as float64 and centred, with their means: ``(Xs, ms), (Xt, mt)``."""
    check_ridge(reg)
    pair = check_domains(Xs, Xt, min_rows=MIN_ROWS, reason=REASON)
    return [centred(X, out=X if overwrite else None) for X in pair]


def check_ridge(reg):
    """Refuse a ridge that is negative or not finite."""
    if not 0 <= reg < np.inf:
        raise ValueError(f"reg is {reg}; pass a finite ridge >= 0.")


def check_moments(moments, reg):
    """Moments of the source and of the target, each of enough rows for a covariance."""
    check_ridge(reg)
    pair = moments.source, moments.target
    for name, domain in zip(("Xs", "Xt"), pair, strict=True):
        if domain.n < MIN_ROWS:
            raise ValueError(
                f"{name} has {domain.n} row(s), at least {MIN_ROWS} in each domain are needed: "
                f"{REASON}."
            )
    return pair


def centred(X, out=None):
    """Rows less their mean, and the mean: from the first row on, so that equal rows give zeros."""
    first = X[0].copy()
    rows = np.subtract(X, first, out=out)
    mean = rows.mean(axis=0)
    rows -= mean
    return rows, first + mean


class SourceMapper(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """Transformer that maps source rows by ``map_`` and leaves target rows as they are.

    A method defines ``_map(source, target)``, of centred rows and means as ``centred_pair`` gives
    them, and ``_map_of(moments)``; both give a SourceMap.
    """

    __metadata_request__partial_fit = {"sample_domain": True}
    _parameter_constraints: dict = {"reg": [Interval(Real, 0, None, closed="left")]}

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_domain=None):
        """Find the map of the source; several source domains are pooled, and several targets.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
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
        forget_moments(self)
        X = validate_rows(self, X)
        source = fit_domains(sample_domain, len(X), self) > 0
        if is_streamed(X):
            moments = domain_moments(X, source)
            self.map_ = identity(X.shape[1]) if source.all() else self._map_of(moments)
        elif source.all():
            self.map_ = identity(X.shape[1])
        else:
            # These copies are centred in place: fitting holds no other of the rows.
            halves = (X[rows].astype(np.float64, copy=False) for rows in (source, ~source))
            self.map_ = self._map(*centred_pair(*halves, self.reg, overwrite=True))
        return self

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, sample_domain=None):
        """Take in some of the rows: the map is then that of all rows passed so far.

        Rows may come in any order and number, one domain before the other or mixed. Until both
        domains have two rows the map is the identity. After ``fit``, of whose rows nothing is
        kept, it begins anew and warns.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
            Further rows of either domain or both.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows of
            this call are source rows.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or has other features than before, or sample_domain does not fit X.
            The rows of a call that fails do not count.

        Warns
        -----
        NoTargetWarning
            While one of the domains has fewer than two rows.

        Notes
        -----
        O(n_samples n_features^2 + n_features^3) time a call. Between calls, the mean and the
        scatter matrix of each domain are kept: O(n_features^2) memory, whatever the number of rows.
        """
        moments = update_moments(self, X, sample_domain, min_rows=MIN_ROWS)
        adapts = min(self.n_samples_seen_) >= MIN_ROWS
        self.map_ = self._map_of(moments) if adapts else identity(self.n_features_in_)
        return self

    def transform(self, X, sample_domain=None):
        """Map the source rows.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features), or RowBlocks or a dask array if X is
            Mapped source rows and unchanged target rows, in the order and dtype of X. Blocks are
            mapped when they are read.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or sample_domain does not fit X.
        """
        check_is_fitted(self)
        X = validate_rows(self, X, reset=False, copy=True)
        source = new_domains(sample_domain, len(X)) > 0
        if is_streamed(X):
            return as_given(X.map(partial(_mapped_block, self.map_), source))
        return _map_in_place(self.map_, X, source)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def identity(n_features):
    """The map that leaves rows as they are."""
    return SourceMap(np.empty((0, 0)), np.empty((n_features, 0)))


def _map_in_place(source_map, X, source):
    """Map the source rows of X, so few at a time that all copies of them fit into one block."""
    for part in gen_batches(len(X), rows_per_block(COPIES * X.shape[1])):
        rows, mapped = X[part], source[part]
        rows[mapped] = source_map.apply(rows[mapped])
    return X


def _mapped_block(source_map, block, source):
    return _map_in_place(source_map, check_finite_block(block).copy(), source)
