"""Directions that all domains vary along, and those that one of them has for itself.

Q. Feng, M. Jiang, J. Hannig and J. S. Marron (2018), "Angle-based joint and individual variation
explained", Journal of Multivariate Analysis 166, 241-265, whose blocks share rows; domains share
features, so the subspaces here are those of the rows.
"""

from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, _fit_context
from sklearn.utils._param_validation import Interval, RealNotInt
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import check_sample_domain, fit_domains, new_domains, warn_caller
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.alignment._principal_axes import DomainRows, dense_rows, limit_to_rank, turned

RIGHT = 1e-8  # cosine of what counts as a right angle


class Parts(NamedTuple):
    """Rows split into what is shared, private and neither: they add up to the rows less m."""

    shared: np.ndarray
    private: np.ndarray
    residual: np.ndarray


def shared_private_axes(domains, n_shared):
    """Shared axes of several domains, and the private ones of each.

    Parameters
    ----------
    domains : list of (axes, spreads)
        Leading principal axes of each domain as orthonormal columns V, and the spreads along them.
    n_shared : int or float
        As in :class:`SharedPrivateSubspaces`.

    Returns
    -------
    J : ndarray of shape (n_features, k)
        Shared axes, orthonormal: span the leading eigenvectors of the mean of ``V V'``, and are
        turned within it to the axes of the mean covariance, by falling spread.
    private : list of ndarray of shape (n_features, k_i)
        Orthonormal axes of what of each V is orthogonal to J, by falling spread.
    agreements : ndarray
        Eigenvalues of the mean of ``V V'``, descending: mean squared cosines with the domains.
    """
    stacked = np.hstack([V for V, _ in domains]) / np.sqrt(len(domains))
    U, roots, _ = np.linalg.svd(stacked, full_matrices=False)
    agreements = np.minimum(roots**2, 1.0)
    J = U[:, : _n_shared(agreements, n_shared)]
    scatter = sum((J.T @ V * spreads) @ (J.T @ V * spreads).T for V, spreads in domains)
    J = turned(J @ _leading_first(scatter))
    return J, [_private(V, spreads, J) for V, spreads in domains], agreements


def _n_shared(agreements, wanted):
    if isinstance(wanted, Integral):
        return limit_to_rank(wanted, np.count_nonzero(agreements > RIGHT))
    found = np.count_nonzero(agreements >= wanted - RIGHT)
    if found == 0:
        warn_caller(
            f"n_shared={wanted}: no direction has so large a mean squared cosine with the "
            f"subspaces of the domains, the largest is {agreements[0]:.3f}; 1 is kept. Lower "
            "n_shared, raise n_components, or pass an integer."
        )
    return max(found, 1)


def _private(V, spreads, J):
    """The part of the span of V that is orthogonal to J, exactly within V."""
    _, cosines, Wt = np.linalg.svd(J.T @ V)
    W = Wt[np.count_nonzero(cosines > RIGHT) :].T
    return turned(V @ (W @ _leading_first((W * (spreads**2)[:, None]).T @ W)))


def _leading_first(scatter):
    return np.linalg.eigh(scatter)[1][:, ::-1]


class SharedPrivateSubspaces(
    ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator
):
    """Shared and private subspaces of several domains: a shallow domain separation.

    Every distinct value of ``sample_domain`` is a domain. With V_i its leading principal axes::

        P = mean over i of V_i V_i',   J = leading eigenvectors of P,   B_i = V_i orthogonal to J

    and rows are given by their coordinates ``(x - m) J``. Each row of domain i is the mean m, a
    shared part in J, a private part in B_i and a residual, at right angles. Labels are not used.

    Parameters
    ----------
    n_shared : int or float, default=0.9
        Dimension of J. A float in (0, 1]: directions whose squared cosines with the subspaces of
        the domains are this large in the mean, at least 1, with a warning; 0.9 is an angle of 18
        degrees. A direction at right angles to all but one of n subspaces has 1 / n.
    n_components : int or float, default=0.9
        Dimension of each V_i, its rank at most. A float in (0, 1): the fewest axes that hold this
        share of the variance of the domain.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        m, the mean of all rows.
    shared_components_ : ndarray of shape (k, n_features)
        J', by falling spread.
    private_components_ : dict of int to ndarray of shape (k_i, n_features)
        B_i' of each domain, by its number.
    agreements_ : ndarray
        Mean squared cosines with the V_i, descending: the eigenvalues of P. A gap in them is where
        what is shared ends.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SubspaceAlignment : Turns the axes of the source to those of the target.
    GFK : Compares rows along the path between two subspaces.

    Notes
    -----
    **What is identified.** Let rows of domain i be ``m + s J' + p B_i' + e`` with B_i orthogonal to
    J, no direction that all B_i share, and e small beside s and p. The subspace of J is then that
    of the eigenvalues 1 of P, and B_i is what is left of V_i; both are found exactly as e goes to 0
    where V_i has the dimension of the two together. Axes within J and B_i are not identified by
    this; they are ordered by spread, and unique where spreads differ. With an integer n_shared that
    parts equal eigenvalues of P, J is not either. B_i of different domains need not be at right
    angles.

    What varies little in a domain is residual there, though it may hold the classes, and what
    varies much in all domains is shared, though it may differ in mean. Means of domains are left
    as they are, unless each domain is centred before, as by ``PerDomain(StandardScaler())``.

    The method of the paper is for blocks of features of the same rows; here domains of other rows
    share the features, and directions of features take the place of scores of rows. Thresholds by
    simulation are replaced by n_shared.

    Fitting takes O(n_samples n_features p) time with p = min(n_samples, n_features) of a domain,
    and O(n_features (sum of dimensions)^2).

    References
    ----------
    Q. Feng, M. Jiang, J. Hannig and J. S. Marron (2018), "Angle-based joint and individual
    variation explained", Journal of Multivariate Analysis 166, 241-265.

    K. Bousmalis, G. Trigeorgis, N. Silberman, D. Krishnan and D. Erhan (2016), "Domain separation
    networks", Advances in Neural Information Processing Systems 29.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.alignment import SharedPrivateSubspaces
    >>> a, b = np.random.default_rng(0).normal(size=(2, 40))
    >>> X = np.column_stack([a, b, b])
    >>> X[:20, 1], X[20:, 2] = 0, 0
    >>> model = SharedPrivateSubspaces().fit(X, sample_domain=np.repeat([1, -2], 20))
    >>> model.shared_components_.round(6) + 0
    array([[1., 0., 0.]])
    >>> model.private_components_[-2].round(6) + 0
    array([[0., 1., 0.]])
    """

    _parameter_constraints: dict = {
        "n_shared": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
        ],
        "n_components": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="neither"),
        ],
    }

    def __init__(self, n_shared: float = 0.9, *, n_components: float = 0.9) -> None:
        self.n_shared = n_shared
        self.n_components = n_components

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the shared and the private axes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; each value is a
            domain. None: all rows are of one, all of whose axes are shared (PCA), and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        SharedPrivateSubspaces
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the rows of a domain are all equal, or sample_domain does not
            fit X.
        """
        X = dense_rows(self, X, ensure_min_samples=2)
        domains = fit_domains(sample_domain, len(X), self)
        names = np.unique(domains).tolist()
        self.mean_ = DomainRows(X, np.ones(len(X), dtype=bool), "all").mean.astype(X.dtype)
        found = [self._axes(DomainRows(X, domains == k, f"domain {k}", self.mean_)) for k in names]
        J, private, self.agreements_ = shared_private_axes(found, self.n_shared)
        self.shared_components_ = J.T.astype(X.dtype)
        self.private_components_ = {
            name: B.T.astype(X.dtype) for name, B in zip(names, private, strict=True)
        }
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Coordinates of rows, of any domain, along the shared axes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are projected alike.

        Returns
        -------
        ndarray of shape (n_samples, k)
            ``(X - m) J``, in the order and dtype of the rows.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        new_domains(sample_domain, len(X))
        return (X - self.mean_) @ self.shared_components_.T

    def parts(self, X: Any, sample_domain: ArrayLike) -> Parts:
        """Parts of rows: ``mean_ + shared + private + residual`` are the rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of any domain in any order.
        sample_domain : array-like of shape (n_samples,)
            Positive integers for source rows, negative for target rows. Of a domain
            that was not fitted no private axes are known: what is not shared is residual.

        Returns
        -------
        Parts
            ``shared``, ``private`` and ``residual``, each of shape (n_samples, n_features) and at
            right angles to the others, row by row.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        domains = check_sample_domain(sample_domain, len(X))
        rows, J = X - self.mean_, self.shared_components_
        shared, private = rows @ J.T @ J, np.zeros_like(rows)
        for domain, B in self.private_components_.items():
            own = domains == domain
            private[own] = rows[own] @ B.T @ B
        return Parts(shared, private, rows - shared - private)

    def _axes(self, rows):
        n_components = self.n_components
        if not isinstance(n_components, Integral):
            n_components = rows.dimension(n_components)
        axes, spreads = rows.axes(n_components)
        return axes[:, :n_components], spreads[:n_components]

    @property
    def _n_features_out(self):
        return len(self.shared_components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
