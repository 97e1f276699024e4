"""Maximum independence domain adaptation: directions that depend least on what a domain is.

K. Yan, L. Kou and D. Zhang (2018), "Learning domain-invariant subspace using domain features and
independence maximization", IEEE Transactions on Cybernetics 48(1), 288-299.
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, _fit_context
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import check_sample_domain, fit_domains, new_domains, source_labels
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain._kernels import fit_kernel, kernel_constraints
from skdomain.alignment._mida_components import indicators, mida_components, standard_factors
from skdomain.alignment._principal_axes import dense_rows


class MIDA(ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator):
    """Maximum independence domain adaptation (MIDA).

    Projects rows to components that vary much and depend little on the domain, by the
    Hilbert-Schmidt independence criterion with a linear kernel of the domain features D::

        max tr(W'K (mu H - H D D'H + eta Y Y') K W)   subject to   W'W = I,   Z = K W

    with K the centred kernel matrix of all rows and H the centring matrix. Of one domain feature d,
    a component z counts ``n var(z) (mu - n corr(z, d)^2)``. Any number of domains, and factors that
    are continuous, such as time or dose.

    Parameters
    ----------
    n_components : int, default=30
        Dimension of the embedding. Fewer, with a warning, where the rank of K is lower.
    mu : float, default=1.0
        Weight of the variance, > 0. ``n corr(z, d)^2`` is about 1 where z and d are independent,
        up to n where they are not. Large: kernel PCA.
    eta : float, default=0.0
        Weight, >= 0, of dependence on the labels of the source rows. 0: labels are not used.
    kernel : str or callable, default="linear"
        Name of a kernel of :func:`sklearn.metrics.pairwise.pairwise_kernels`, or a function of two
        rows.
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

    Attributes
    ----------
    coefficients_ : ndarray of shape (n_samples, k)
        W.
    eigenvalues_ : ndarray of shape (k,)
        What each component adds to the objective, descending, with K divided by its largest
        eigenvalue. Negative: it depends on the domain more than its variance is worth.
    offset_ : ndarray of shape (k,)
        What is subtracted from ``K(X, X_fit_) W``, which centres the fitted rows.
    gamma_ : float or None
        The width used, None where the kernel has none or is a callable.
    X_fit_ : ndarray of shape (n_samples, n_features)
        Copy of the fitted rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    LEACE : Erases what is linear in the domains from the rows, and changes no more.
    skdomain.subspace.TCA : Brings the means of two domains together.

    Notes
    -----
    Where this departs from the paper: K is centred, as in kernel PCA, so that no constant added to
    the features matters. D is divided by one number so that its largest variance along any line is
    1, that is ``H D D'H`` has the largest eigenvalue n, whatever the units; the paper's mu is
    this mu times the largest eigenvalue of its ``H Kd H`` over n. Y, the indicators of the classes
    or values to regress on, is centred over the source rows, 0 on target rows, and scaled alike: in
    the paper, target rows are as one class more. The paper's augmentation of rows by domain
    features is left to the user: put the columns beside X.

    Independence is preferred, not forced, the more so the smaller mu. Of the domain features it is
    linear dependence that counts, of the rows what the kernel sees.

    Fitting takes O(n_samples^3) time and O(n_samples^2) memory, projecting O(n_samples) kernel
    values a row.

    References
    ----------
    K. Yan, L. Kou and D. Zhang (2018), "Learning domain-invariant subspace using domain features
    and independence maximization", IEEE Transactions on Cybernetics 48(1), 288-299.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.alignment import MIDA
    >>> rng = np.random.default_rng(0)
    >>> time, y = np.linspace(0, 1, 100), np.arange(100) % 2
    >>> X = np.column_stack([2 * y + 9 * time, 9 * time, 0.1 * rng.normal(size=100)])
    >>> d = np.where(time < 0.5, 1, -2)
    >>> Z = MIDA(1).fit(X, sample_domain=d, domain_features=time).transform(X)
    >>> np.abs(np.corrcoef([Z[:, 0], time, y]))[0, 1:].round(2)
    array([0., 1.])
    """

    __metadata_request__fit = {"sample_domain": True, "domain_features": True}
    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "mu": [Interval(Real, 0, None, closed="neither")],
        "eta": [Interval(Real, 0, None, closed="left")],
    } | kernel_constraints("gamma", "degree", "coef0", "kernel_params")

    def __init__(
        self,
        n_components: int = 30,
        *,
        mu: float = 1.0,
        eta: float = 0.0,
        kernel: str | Callable[..., Any] = "linear",
        gamma: str | float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
    ) -> None:
        self.n_components = n_components
        self.mu = mu
        self.eta = eta
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_domain: ArrayLike | None = None,
        domain_features: Any = None,
    ) -> Self:
        """Find the components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : array-like of shape (n_samples,), default=None
            Labels or values, of which those of the source rows are read where ``eta > 0``.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows; without domain_features too, MIDA is kernel PCA, and
            :class:`~skdomain.NoTargetWarning` says so.
        domain_features : array-like of shape (n_samples,) or (n_samples, n_factors), default=None
            D, what the components are not to depend on, as numbers. None: the indicators of the
            distinct values of sample_domain.

        Returns
        -------
        MIDA
            The fitted estimator.

        Raises
        ------
        ValueError
            If X or domain_features are not finite or all rows are equal, sample_domain or
            domain_features do not fit X, or labels that are to be read are missing.
        """
        X = dense_rows(self, X, ensure_min_samples=2)
        domains, D = self._factors(X, sample_domain, domain_features)
        Y = self._labels(X, y, domains > 0) if self.eta > 0 else None
        names = ("gamma", "degree", "coef0", "kernel_params")
        kernel = fit_kernel(self.kernel, X, **{name: getattr(self, name) for name in names})
        if self.kernel == "linear":
            kernel = kernel._replace(origin=X.mean(axis=0, dtype=np.float64))
        K = kernel(X)
        self.coefficients_, self.eigenvalues_ = mida_components(
            K, D, n_components=self.n_components, mu=self.mu, Y=Y, eta=self.eta
        )
        self.offset_ = K.mean(axis=0) @ self.coefficients_
        self._K, self.gamma_, self.X_fit_ = kernel, kernel.gamma, X.copy()
        return self

    def fit_transform(
        self,
        X: Any,
        y: Any = None,
        sample_domain: ArrayLike | None = None,
        domain_features: Any = None,
    ) -> np.ndarray:
        """Find the components and project the rows.

        Parameters
        ----------
        X, y, sample_domain, domain_features
            As in :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, k)
            The same as ``fit(X, y, sample_domain, domain_features).transform(X)``.
        """
        self.fit(X, y, sample_domain=sample_domain, domain_features=domain_features)
        return self.transform(X, sample_domain=sample_domain)

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Project rows of any domain, whose domain features need not be known.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are projected alike.

        Returns
        -------
        ndarray of shape (n_samples, k)
            Components of the rows, in their order and dtype.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        new_domains(sample_domain, len(X))
        Z = self._K(X, self.X_fit_) @ self.coefficients_ - self.offset_
        return Z.astype(X.dtype, copy=False)

    def _factors(self, X, sample_domain, domain_features):
        if domain_features is None:
            domains = fit_domains(sample_domain, len(X), self)
            return domains, standard_factors(indicators(domains))
        domains = check_sample_domain(1 if sample_domain is None else sample_domain, len(X))
        D = check_array(
            domain_features, ensure_2d=False, dtype=np.float64, input_name="domain_features"
        )
        check_consistent_length(X, D)
        return domains, standard_factors(D.reshape(len(D), -1))

    def _labels(self, X, y, source):
        labels = source_labels(X, y, source, self)
        found = labels if type_of_target(labels).startswith("continuous") else indicators(labels)
        Y = np.zeros((len(X), found.size // len(found)))
        Y[source] = standard_factors(np.reshape(found, (len(found), -1)).astype(np.float64))
        return standard_factors(Y)

    @property
    def _n_features_out(self):
        return self.coefficients_.shape[1]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.eta > 0
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
