"""What the subspace estimators share: parameters, kernels, and the projection of new rows."""

from copy import copy
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import new_domains, warn_caller
from skdomain._estimators import DomainTransformerMixin
from skdomain._kernels import fit_kernel, kernel_constraints
from skdomain._rows import (
    RowBlocks,
    as_given,
    as_rows,
    check_finite_block,
    dense_blocks,
    is_streamed,
    map_over,
    shared,
)
from skdomain.subspace._spectral import kernel_basis, linear_basis, primal_basis

EIGEN_SOLVERS = StrOptions({"auto", "dense", "iterative"})
LINEAR = "primal", "linear"
POSITIVE_REAL = [Interval(Real, 0, None, closed="neither")]
DENSE_KERNELS = {"precomputed", "chi2", "additive_chi2"}  # of which rows cannot be sparse
NO_SIGNAL = 1e3  # rounding errors of the rows' dtype that equal means may be apart


class Projection(ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator):
    """Transformer with ``Z = F(X) @ components_.T`` and F the rows or their kernel."""

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "lam": [*POSITIVE_REAL, StrOptions({"scale"})],
        "whiten": ["boolean"],
    } | kernel_constraints(
        "gamma", "degree", "coef0", "kernel_params", names=("primal", "precomputed")
    )
    _fits_blocks = False
    _rank_of = "the centred features"
    gamma_ = None

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Project rows, of either domain, into the common subspace.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Rows, or with ``kernel="precomputed"`` their kernel with the fitted rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: both are projected alike.

        Returns
        -------
        ndarray of shape (n_samples, n_components), or RowBlocks or a dask array if X is
            The embedding, in the order of the rows and in their dtype. Blocks are projected, and
            their values checked, when they are read.
        """
        check_is_fitted(self)
        X = self._new_rows(X)
        new_domains(sample_domain, X.shape[0])
        return as_given(self._embedded(X))

    @property
    def _n_features_out(self):
        return self.components_.shape[0]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.kernel == "precomputed"
        tags.input_tags.sparse = self._fits_blocks and self._sparse_format() is not False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _new_rows(self, X):
        X = as_rows(X)
        if not is_streamed(X):
            return self._checked(X, accept_sparse=self._sparse_format(), reset=False)
        validate_data(self, X, skip_check_array=True, reset=False)
        return X.map(check_finite_block)

    def _embedded(self, X):
        # a copy: what is read later is projected by this fit
        return map_over(X, copy(self)._embed, width=len(self.components_))

    def _embed(self, X):
        return (self._features(X) @ self.components_.T).astype(X.dtype, copy=False)

    def _validate_rows(self, X):
        X = as_rows(X) if self._fits_blocks else X
        if isinstance(X, RowBlocks) and self._fits_blocks:
            return self._validate_blocks(X)
        accepted = self._sparse_format() if self._fits_blocks else False
        X = self._checked(X, accept_sparse=accepted, order="C", ensure_min_samples=2)
        if self.kernel == "precomputed":
            _check_kernel_matrix(X)
        return self._sparse_as_fitted(X) if sparse.issparse(X) else X

    def _sparse_as_fitted(self, X):
        """Sparse rows as dense blocks where sums over rows suffice, else as they are."""
        streams = self.kernel in LINEAR and X.shape[0] >= X.shape[1]
        return dense_blocks(X) if streams else sparse.csr_array(X)

    def _checked(self, X, *, accept_sparse, **options):
        """Rows as floats, or an error that says who takes sparse ones."""
        if sparse.issparse(X) and not accept_sparse:
            raise TypeError(
                "Sparse data was passed for X, but dense data is required by "
                f"{type(self).__name__} with kernel={self.kernel!r}. Use '.toarray()', or put "
                "sklearn.decomposition.TruncatedSVD before it; TCA, JDA and DJPMMD take sparse "
                "rows with the kernels 'primal', 'linear' and most named ones."
            )
        types = [np.float64, np.float32]
        return validate_data(self, X, accept_sparse=accept_sparse, dtype=types, **options)

    def _sparse_format(self):
        """Format of the sparse rows that the kernel takes, False if it takes none."""
        return False if callable(self.kernel) or self.kernel in DENSE_KERNELS else "csr"

    def _validate_blocks(self, X):
        name, (n, d) = type(self).__name__, X.shape
        if self.kernel not in LINEAR:
            raise ValueError(
                f"{name} takes rows in blocks with kernel='primal' or 'linear', got "
                f"{self.kernel!r}, whose matrix holds all pairs of rows. Pass an array (of dask: "
                "X.compute()), or with 'linear' the blocks that X.map (of dask: X.map_blocks) "
                "makes of sklearn.kernel_approximation.Nystroem, for an approximate kernel."
            )
        if n < max(d, 2):
            raise ValueError(
                f"{name} takes rows in blocks if there are at least as many rows as features, and "
                f"2; got {n} rows of {d} features. Pass X.to_array() (of "
                "dask: X.compute())."
            )
        validate_data(self, X, skip_check_array=True)
        X.check_finite()
        return X

    def _basis(self, X, *, once=False):
        """Spectral basis of F(X), and what :meth:`transform` needs of X."""
        names = ("gamma", "degree", "coef0", "kernel_params")
        self._K = fit_kernel(self.kernel, X, **{name: getattr(self, name) for name in names})
        self.gamma_ = self._K.gamma
        if self.kernel == "primal":
            return primal_basis(X, once=once), None
        if self.kernel == "linear":
            return linear_basis(X, once=once), None
        if self.kernel == "precomputed":
            return kernel_basis(X.astype(np.float64), once=once), None
        return shared(_basis_of, X, self._K, once=once), X.copy()

    def _features(self, X):
        """F(X), the matrix whose product with the coefficients is the embedding."""
        if self.kernel in ("primal", "linear", "precomputed"):
            return X
        return self._K(X, self.X_fit_)

    def _set_projection(self, solution, X, X_fit):
        """Set the fitted attributes of one solved eigenproblem."""
        k = len(solution.eigenvalues)
        if k < self.n_components:
            warn_caller(
                f"n_components={self.n_components} is more than the rank {k} of "
                f"{self._rank_of}; {k} components are kept. Lower n_components to silence this.",
                UserWarning,
            )
        components = solution.coefficients.T
        if X_fit is None and self.kernel != "precomputed":
            components = components.astype(X.dtype, copy=False)
        self.components_ = np.ascontiguousarray(components)
        self.eigenvalues_ = solution.eigenvalues
        self.X_fit_ = X_fit

    def _warn_without_signal(self, solution, source, dtype):
        """Say so where the coupling is at the level of rounding, as after z-scoring by domain."""
        if source.all() or solution.signal > (NO_SIGNAL * np.finfo(dtype).eps) ** 2:
            return
        warn_caller(
            f"the domains have equal means under kernel={self.kernel!r}, so "
            f"{type(self).__name__} has nothing to match and reduces to PCA. Standardising each "
            "domain does this to linear kernels: put sklearn.preprocessing.Normalizer() behind "
            "it, or choose kernel='rbf'.",
            UserWarning,
        )


def _basis_of(X, kernel, *, once):
    return kernel_basis(kernel(X), once=once)


def _check_kernel_matrix(K):
    if K.shape[0] != K.shape[1]:
        raise ValueError(
            f"kernel='precomputed' needs the square kernel matrix of the fitted rows, got X of "
            f"shape {K.shape}; pass K(X, X) to fit and K(X_new, X) to transform."
        )
    tolerance = 1e-6 * np.abs(K).max()
    if not all(np.allclose(row, K[:, i], rtol=0, atol=tolerance) for i, row in enumerate(K)):
        raise ValueError(
            "kernel='precomputed' needs a symmetric matrix, got X with X != X'; pass K(X, X)."
        )
