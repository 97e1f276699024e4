"""The estimator around a map of the source rows."""

from functools import partial
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils import check_array, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import fit_domains, new_domains
from skdomain._estimators import (
    DomainTransformerMixin,
    all_or_nothing,
    forget_moments,
    update_moments,
    validate_rows,
)
from skdomain._rows import (
    RowBlocks,
    as_given,
    check_finite_block,
    domain_moments,
    is_streamed,
    rows_per_block,
)
from skdomain.alignment._source_map import (
    MIN_ROWS,
    SCALE,
    SourceMap,
    centred_domains,
    identity,
)

FLOATS = [np.float64, np.float32]
COPIES = 4  # of a row while it is mapped, at most: as given, centred, in the basis, mapped


class SourceMapper(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """Transformer that maps source rows by ``map_`` and leaves target rows as they are.

    A method defines ``_map(source, target)``, of centred rows and means as ``centred_domains``
    gives them, and ``_map_of(moments)``; both give a SourceMap.
    """

    __metadata_request__partial_fit = {"sample_domain": True}
    __metadata_request__inverse_transform = {"sample_domain": True}
    _parameter_constraints: dict = {
        "reg": [Interval(Real, 0, None, closed="left"), StrOptions({SCALE})],
    }

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the map of the source; several source domains are pooled, and several targets.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of both domains in any order. Sparse ones are made dense in blocks, or all at once
            if there are fewer of them than features.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
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
        X = validate_rows(self, X, accept_sparse="csr")
        self._fit_maps(X, fit_domains(sample_domain, X.shape[0], self))
        return self

    def _fit_maps(self, X, domains):
        self.map_ = self._fitted_map(X, domains > 0)

    def _fitted_map(self, X, source):
        """Map of the source rows of X onto the others."""
        X = with_dense_blocks(X)
        if is_streamed(X):
            moments = domain_moments(X, source)
            return identity(X.shape[1]) if source.all() else self._map_of(moments)
        if source.all():
            return identity(X.shape[1])
        # These copies are centred in place: fitting holds no other of the rows.
        halves = [dense_part(X[rows]).astype(np.float64, copy=False) for rows in (source, ~source)]
        return self._map(*centred_domains(halves, self.reg, overwrite=True))

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Take in some of the rows: the map is then that of all rows passed so far.

        Rows may come in any order and number, one domain before the other or mixed. Until both
        domains have two rows the map is the identity. After ``fit``, of whose rows nothing is
        kept, it begins anew and warns.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Further rows of either domain or both.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows of
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
        if sparse.issparse(X):
            X = RowBlocks(_Dense(check_array(X, accept_sparse="csr", dtype=FLOATS, input_name="X")))
        moments = update_moments(self, X, sample_domain, min_rows=MIN_ROWS)
        adapts = min(self.n_samples_seen_) >= MIN_ROWS
        self.map_ = self._map_of(moments) if adapts else identity(self.n_features_in_)
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Map the source rows.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features), or RowBlocks or a dask array if X is
            Mapped source rows and unchanged target rows, in the order and dtype of X. Blocks are
            mapped when they are read. Of sparse rows a dense array, as mapped rows are dense.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or sample_domain does not fit X.
        """
        check_is_fitted(self)
        return self._apply(X, sample_domain)

    def inverse_transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Undo :meth:`transform`: take mapped source rows back to where they came from.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Transformed rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
            Target rows stay as they are.

        Returns
        -------
        ndarray of shape (n_samples, n_features), or RowBlocks or a dask array if X is
            Rows in the order and dtype of X.

        Raises
        ------
        ValueError
            If the map has no inverse, as with ``reg=0`` and fewer rows than features; or as in
            :meth:`transform`.
        """
        check_is_fitted(self)
        return self._apply(X, sample_domain, SourceMap.inverse)

    def _apply(self, X, sample_domain, way=None):
        X = validate_rows(self, X, reset=False, copy=True, accept_sparse="csr")
        maps, places = self._maps(self._new_domains(sample_domain, X.shape[0]))
        maps = [way(each) for each in maps] if way else maps
        if is_streamed(X):
            return as_given(X.map(partial(_mapped_block, maps), places))
        return _map_in_place(maps, dense_part(X), places)

    def _new_domains(self, sample_domain, n_samples):
        return new_domains(sample_domain, n_samples)

    def _maps(self, domains):
        """The maps, and the place of that of each row among them; -1 of rows that stay."""
        return [self.map_], np.where(domains > 0, 0, -1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class _Dense:
    """Sparse rows that are dense where they are sliced, as RowBlocks reads them."""

    def __init__(self, X):
        self.X, self.shape, self.dtype = X, X.shape, X.dtype

    def __getitem__(self, part):
        return self.X[part].toarray()


def dense_part(X):
    """Rows as an array."""
    return X.toarray() if sparse.issparse(X) else X


def with_dense_blocks(X):
    """Sparse rows as blocks of dense ones, unless there are fewer of them than features."""
    few = X.shape[0] < X.shape[1]
    return RowBlocks(_Dense(X)) if sparse.issparse(X) and not few else X


def _map_in_place(maps, X, places):
    """Map rows of X, so few at a time that all copies of them fit into one block."""
    for part in gen_batches(len(X), rows_per_block(COPIES * X.shape[1])):
        rows = X[part]
        for place, source_map in enumerate(maps):
            mapped = places[part] == place
            rows[mapped] = source_map.apply(rows[mapped])
    return X


def _mapped_block(maps, block, places):
    return _map_in_place(maps, check_finite_block(block).copy(), places)
