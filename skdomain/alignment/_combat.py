"""ComBat: location and scale of each site, estimated with the help of all features.

W. E. Johnson, C. Li and A. Rabinovic (2007), "Adjusting batch effects in microarray expression data
using empirical Bayes methods", Biostatistics 8(1), 118-127.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import check_sample_domain, fit_domains, warn_caller
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.alignment._combat_sites import Site, fitted_site, site_model
from skdomain.alignment._covariate_columns import covariate_columns
from skdomain.alignment._principal_axes import dense_rows

TARGETS = -1  # the site of all target rows, where these are the reference


class ComBat(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """ComBat: harmonise sites by location and scale, shrunk by empirical Bayes, covariates kept.

    Every distinct value of ``sample_domain`` is a site. A row x of site i with covariates c
    becomes, feature by feature::

        x = a + c B + s (g + d e)  ->  a + c B + s e

    with a and s the pooled mean and spread, B the effect of the covariates, and g and d the
    location and scale of the site: estimated from its rows and drawn to their mean over the
    features, the more so the fewer the rows. Labels are not used.

    Parameters
    ----------
    covariates : array-like of int or str, default=None
        Columns of X, by number or name, that hold what may differ between sites and is to stay,
        such as age. They come out as they are. As columns they travel with the rows, through
        pipelines and to new rows.
    reference : int, "target" or None, default=None
        Domain whose rows stay as they are: a and s are its own. ``"target"``: all target rows
        together are one site, which stays. None: a and s are those of all rows.
    prior_strength : float, default=1.0
        Weight k >= 0 of the prior. 1 is the paper's. 0 takes the mean and the spread of each site
        as they are, as ``PerDomain(StandardScaler())`` does, see Notes; large values move and
        scale all features of a site alike.
    max_iter : int, default=1000
        Rounds of the iteration at most.
    tol : float, default=1e-10
        Change of any location or squared scale, in pooled spreads, at which it ends.

    Attributes
    ----------
    sites_ : dict of int to Site
        ``location`` is g and ``scale`` d of each domain; -1 is all target rows with
        ``reference="target"``.
    reference_ : int or None
        Site that stays as it is. A single site is always its own reference.
    model_ : SiteModel
        ``level`` is a, ``unit`` is s, ``coef`` is B; ``varies`` is False for features that are
        constant within each site, or the reference.
    adjusted_, covariates_ : ndarray of int
        Columns that are harmonised, and those that hold covariates.
    n_iter_ : int
        Rounds of the site that took most.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.compose.PerDomain : Standardises each domain by itself.
    LinearMonge : Moves the source as a whole, features mixed.

    Notes
    -----
    With z the standardised rows of a site, n of them, g and ``v = d^2`` are the fixed point of::

        g = (n t2 zbar + k v gbar) / (n t2 + k v)
        v = (sum (z - g)^2 / 2 + k (l - 1) vbar) / (n / 2 + k (l - 1))

    with gbar, t2, vbar, s2 the means and variances over the features of the site's means and
    variances, and ``l - 1 = 1 + vbar^2 / s2``: k multiplies the rows that the prior is worth. Each
    round lowers ``(n / 2 + k (l - 1)) log v + (sum (z - g)^2 / 2 + k (l - 1) vbar) / v
    + k (g - gbar)^2 / (2 t2)``. The paper's iteration is that of k = 1.

    With k = 0 and without covariates, ``Z = a + s PerDomain(StandardScaler()).fit_transform(X)``.

    **One row** tells nothing of a scale: d is 1 and g is drawn to gbar. **One feature** has no
    others to be drawn to: k counts as 0. **Features constant within each site**, or the reference,
    are moved by all of their difference and not scaled; of one constant elsewhere, d is 1 if k = 0.

    **New sites** have g and d estimated from their rows, given a, B and s, exactly as in a fit:
    by ``transform``, which forgets, or by ``add_sites``, which keeps them for later rows.

    If sites have other shares of the classes and no covariate tells, classes are drawn together.

    Fitting takes O(n_samples n_features) time, and O(n_sites n_features) a round.

    References
    ----------
    W. E. Johnson, C. Li and A. Rabinovic (2007), "Adjusting batch effects in microarray expression
    data using empirical Bayes methods", Biostatistics 8(1), 118-127.

    Examples
    --------
    >>> from skdomain.alignment import ComBat
    >>> X = [[0.0, 1.0], [2.0, 3.0], [10.0, 21.0], [14.0, 23.0]]
    >>> ComBat(prior_strength=0).fit_transform(X, sample_domain=[1, 1, -2, -2]).round(2)
    array([[ 4.92, 11.  ],
           [ 8.08, 13.  ],
           [ 4.92, 11.  ],
           [ 8.08, 13.  ]])
    """

    _parameter_constraints: dict = {
        "covariates": ["array-like", None],
        "reference": [Integral, StrOptions({"target"}), None],
        "prior_strength": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        covariates: str | ArrayLike | None = None,
        *,
        reference: str | int | None = None,
        prior_strength: float = 1.0,
        max_iter: int = 1000,
        tol: float = 1e-10,
    ) -> None:
        self.covariates = covariates
        self.reference = reference
        self.prior_strength = prior_strength
        self.max_iter = max_iter
        self.tol = tol

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Estimate what sites share, and the location and scale of each.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order, covariates included.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; each value is a site.
            None: all rows are of one site, which stays as it is, and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        ComBat
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, sample_domain does not fit X, the reference has no row, covariates
            name no columns or leave none to harmonise, or cannot be told from the domains.

        Warns
        -----
        ConvergenceWarning
            If max_iter rounds did not suffice for some site.
        """
        X = dense_rows(self, X)
        domains = fit_domains(sample_domain, len(X), self)
        self._pools_targets = self.reference == "target" and bool((domains < 0).any())
        domains = self._sites(domains)
        known = np.unique(domains).tolist()
        self.reference_ = self._reference(known)
        names = getattr(self, "feature_names_in_", None)
        self.covariates_, self.adjusted_ = covariate_columns(self.covariates, X.shape[1], names)
        groups = [np.flatnonzero(domains == domain) for domain in known]
        at = None if self.reference_ is None else known.index(self.reference_)
        self.model_ = site_model(*self._parts(X), groups, at)
        self._add(X, domains, {})
        return self

    @all_or_nothing
    def add_sites(self, X: Any, sample_domain: ArrayLike) -> Self:
        """Add sites, and leave all others as they are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of new sites in any order.
        sample_domain : array-like of shape (n_samples,)
            As in :meth:`fit`, or all negative.

        Returns
        -------
        ComBat
            The fitted estimator.

        Raises
        ------
        ValueError
            If a domain is known already, or as in :meth:`fit`. All sites then stay as they were.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        domains = self._sites(check_sample_domain(sample_domain, len(X)))
        if known := sorted(set(domains.tolist()) & {*self.sites_}):
            raise ValueError(
                f"the domains {known} were fitted already, and of their rows nothing is kept; pass "
                "rows of new domains only, or call fit with all rows."
            )
        self._add(X, domains, self.sites_)
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Harmonise rows: those of known sites by what was fitted, those of others by themselves.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in any order, covariates included.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. Of a domain that is not
            known, location and scale are estimated from its rows in X, and not kept. None: all are
            of the fitted target, or source where none was.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Rows in the order and dtype of X; covariates and the reference as they are.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or None is ambiguous.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        domains = self._domains_of_new(sample_domain, len(X))
        features, C = self._parts(X)
        Z = X.copy()
        for domain in set(domains.tolist()) - {self.reference_}:
            rows = np.flatnonzero(domains == domain)
            means, part = self.model_.split(features[rows], C[rows])
            site = self.sites_.get(domain) or self._site(part)
            Z[np.ix_(rows, self.adjusted_)] = means + self.model_.unit * site.harmonised(part)
        return Z

    def _parts(self, X):
        """Features to harmonise, and covariates, in float64."""
        X = X.astype(np.float64, copy=False)
        return X[:, self.adjusted_], X[:, self.covariates_]

    def _add(self, X, domains, sites):
        Z = self.model_.split(*self._parts(X))[1]
        new = np.unique(domains).tolist()
        self.sites_ = sites | {k: self._site(Z[domains == k], k == self.reference_) for k in new}
        self.n_iter_ = max(site.n_iter for site in self.sites_.values())

    def _site(self, Z, stays=False):
        if stays:
            return Site(np.zeros(Z.shape[1]), np.ones(Z.shape[1]))
        varies, limits = self.model_.varies, {"max_iter": self.max_iter, "tol": self.tol}
        site = fitted_site(Z, varies, self.prior_strength, **limits)
        if not site.converged:
            warn_caller(
                f"ComBat stopped after max_iter={self.max_iter} rounds, before locations and "
                "scales changed by less than tol; raise max_iter or tol.",
                ConvergenceWarning,
            )
        return site

    def _sites(self, domains):
        return np.where(domains < 0, TARGETS, domains) if self._pools_targets else domains

    def _reference(self, known):
        if self._pools_targets or len(known) == 1:
            return known[0]
        if self.reference in (None, "target"):
            return None
        if self.reference not in known:
            raise ValueError(
                f"reference={self.reference} has no row among the domains {known}; pass one of "
                "them, 'target' or None."
            )
        return int(self.reference)

    def _domains_of_new(self, sample_domain, n_samples):
        if sample_domain is not None:
            return self._sites(check_sample_domain(sample_domain, n_samples))
        known = sorted(self.sites_)
        candidates = [domain for domain in known if domain < 0] or known
        if len(candidates) > 1:
            raise ValueError(
                f"ComBat was fitted to the domains {known}; pass sample_domain to transform so "
                "that each row is harmonised as those of its own."
            )
        return np.full(n_samples, candidates[0])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
