"""Transfer component analysis: the subspace that brings the domain means together.

S. J. Pan, I. W. Tsang, J. T. Kwok and Q. Yang (2011), "Domain adaptation via transfer component
analysis", IEEE Transactions on Neural Networks 22(2), 199-210.
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context

from skdomain._domains import fit_domains
from skdomain._estimators import all_or_nothing, forget_moments
from skdomain.mmd import marginal_coupling
from skdomain.subspace._projection import EIGEN_SOLVERS, Projection
from skdomain.subspace._spectral import solve
from skdomain.subspace._tca_moments import FitsMoments


def tca_solution(basis, source, *, n_components, lam=1.0, whiten=False, eigen_solver="auto"):
    """Transfer components of a basis: the paper's problem with M divided by its norm.

    Parameters
    ----------
    basis : skdomain.subspace._spectral.Basis
        Basis of the rows or of their kernel matrix.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_components, lam, whiten, eigen_solver
        As in :class:`TCA`.

    Returns
    -------
    skdomain.subspace._spectral.Solution
    """
    coupling = marginal_coupling(source).normalized()  # (1)
    return solve(  # (2)
        basis,
        coupling,
        lam=lam,
        n_components=n_components,
        whiten=whiten,
        eigen_solver=eigen_solver,
    )


class TCA(FitsMoments, Projection):
    """Transfer component analysis.

    Projects both domains onto the directions in which their means agree while the variance of
    all rows is kept::

        M = e e' / |e e'|_F   with e = 1/n_s on source and -1/n_t on target rows      (1)
        min tr(A'(F'MF + lam I)A)   subject to   A'F'HFA = I,   Z = FA                (2)

    with F the rows or their kernel matrix and H the centring matrix. Labels are not used.

    Parameters
    ----------
    n_components : int, default=30
        Dimension of the subspace. Fewer components, with a warning, are kept where the rank of
        the centred features is lower.
    lam : float or "scale", default="scale"
        Ridge on A, > 0: large values bring TCA near (kernel) PCA, small ones give all weight to the
        domain means. ``"scale"`` is 1 for F in its own units: of a kernel the mean size of its
        diagonal, so that it is the papers' 1 on unit rows and for "rbf", of "primal" the root of
        the rows' mean squared distance from their mean. Other units of X then give the same
        embedding but for a factor; where its columns have a mean variance below 1, A is scaled to
        make that 1.
    kernel : {"linear", "primal", "rbf", "poly", "sigmoid", "laplacian", "chi2", \
            "additive_chi2", "cosine", "polynomial", "precomputed"} or callable, default="linear"
        ``"primal"`` takes F = X; the others F = K(X, X). Linear and primal span the same
        functions but differ in what the ridge weighs: coefficients of rows or of features.
    gamma : float, "median", "scale" or None, default=None
        Kernel width, for ``"rbf"`` in 1 / squared units of X; None is 1 / n_features, for
        ``"chi2"`` 1; ``"median"`` is 1 over the median squared distance of two distinct rows;
        ``"scale"`` is 1 / (n_features times the variance of all entries).
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, default=None
        Parameters of the kernel: those of a callable one, or gamma, degree and coef0 of a named one
        where the arguments of that name are left at their defaults.
    whiten : bool, default=False
        False scales each column of A to unit norm, as the authors' programs do; True gives the
        constraint A'F'HFA = I to the letter, which blows up directions of little variance.
    eigen_solver : {"auto", "dense", "iterative"}, default="auto"
        How the components are found from a kernel matrix. ``"dense"`` reduces an n_samples x
        n_samples matrix; ``"iterative"`` is Lanczos' method, whose result is checked: residuals and
        an inertia count certify that these are the components wanted, to rounding, and where they
        do not, or the method does not converge, the dense solver is asked. ``"auto"`` is
        ``"iterative"`` for few components of many rows. Of no effect on ``"primal"`` and
        ``"linear"`` with no fewer rows than features, which need no matrix as large.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features) or (n_components, n_samples)
        A': weights of the features for ``"primal"`` and ``"linear"``, else of the fitted rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues, ascending; their sum is the objective.
    gamma_ : float or None
        The width used, None where the kernel has none or is a callable.
    X_fit_ : ndarray of shape (n_samples, n_features) or None
        Copy of the fitted rows, where the kernel needs them.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.
    n_samples_seen_ : ndarray of shape (2,)
        Numbers of source and of target rows passed to ``partial_fit``; not set by ``fit``.

    See Also
    --------
    JDA : Matches the classes too, with pseudo-labels on the target.
    skdomain.compose.SourceOnly : Classifier for the end of the pipeline.

    Notes
    -----
    The paper writes W for A, L for M and mu for lam, and does not divide by the norm, which is
    ``1/n_s + 1/n_t``: its mu is ``lam * (1/n_s + 1/n_t)``.

    With p = min(n_samples, n_features) for ``"primal"`` and ``"linear"`` and p = n_samples
    else, fitting takes O(p^3 + n_samples n_features p) time; no matrix beyond F and a few p x p
    ones is formed, with Lanczos' method none but F. Projecting takes O(n_components) per row and
    entry of F.

    ``partial_fit``, for ``"primal"`` and ``"linear"`` only, finds the same components from the
    mean and the scatter matrix of each domain.

    References
    ----------
    S. J. Pan, I. W. Tsang, J. T. Kwok and Q. Yang (2011), "Domain adaptation via transfer
    component analysis", IEEE Transactions on Neural Networks 22(2), 199-210.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.subspace import TCA
    >>> data = make_subspace_shift(random_state=0)
    >>> pipe = make_pipeline(TCA(n_components=2), SourceOnly(SVC()))
    >>> pipe = pipe.fit(data.X, data.y, tca__sample_domain=data.sample_domain,
    ...                 sourceonly__sample_domain=data.sample_domain)
    >>> pipe[:-1].transform(data.X).shape[1]
    2
    """

    _fits_blocks = True
    _parameter_constraints: dict = Projection._parameter_constraints | {
        "eigen_solver": [EIGEN_SOLVERS]
    }

    def __init__(
        self,
        n_components: int = 30,
        *,
        lam: str | float = "scale",
        kernel: str | Callable[..., Any] = "linear",
        gamma: str | float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        whiten: bool = False,
        eigen_solver: str = "auto",
    ) -> None:
        self.n_components = n_components
        self.lam = lam
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.whiten = whiten
        self.eigen_solver = eigen_solver

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the subspace.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed. Blocks need
            ``kernel="primal"`` or ``"linear"`` and no fewer rows than features. Sparse rows are
            not made dense, but block by block where they are no fewer than the features.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, TCA is PCA of F, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        TCA
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or all its rows are equal, or sample_domain does not fit X.
        """
        self._fit(X, sample_domain)
        return self

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> np.ndarray:
        """Find the subspace and project the rows; their kernel matrix is computed once.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            As in :meth:`fit`.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_components), or RowBlocks or a dask array if X is
            The embedding, equal to ``fit(X, y, sample_domain).transform(X)`` up to rounding.
        """
        rows, features = self._fit(X, sample_domain)
        if self.kernel in ("primal", "linear"):
            return self.transform(X)
        return (features @ self.components_.T).astype(rows.dtype, copy=False)

    def _fit(self, X, sample_domain):
        """Fit, and return the validated rows and what was decomposed in their place."""
        forget_moments(self)
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, X.shape[0], self) > 0
        basis, X_fit = self._basis(X, once=True)
        solution = tca_solution(
            basis,
            source,
            n_components=self.n_components,
            lam=self.lam,
            whiten=self.whiten,
            eigen_solver=self.eigen_solver,
        )
        self._warn_without_signal(solution, source, X.dtype)
        self._set_projection(solution, X, X_fit)
        return X, basis.rows
