"""Subspace alignment: the linear map that brings the source's principal axes to the target's.

B. Fernando, A. Habrard, M. Sebban and T. Tuytelaars (2013), "Unsupervised visual domain adaptation
using subspace alignment", IEEE International Conference on Computer Vision, 2960-2967.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, _fit_context
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import new_domains, warn_caller
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.alignment._principal_axes import (
    all_rows,
    dense_rows,
    fitted_rows,
    limit_to_rank,
    pooled_mean,
)

_CONSTRAINTS = {
    "n_components": [
        Interval(Integral, 1, None, closed="left"),
        Interval(RealNotInt, 0, 1, closed="neither"),
        StrOptions({"auto"}),
    ],
    "deviation": [Interval(Real, 0, None, closed="neither")],
    "delta": [Interval(Real, 0, 1, closed="neither")],
}


@validate_params(
    {"Xs": ["array-like"], "Xt": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True
)
def subspace_alignment_map(
    Xs: ArrayLike, Xt: ArrayLike, *, n_components: Any = 0.9, deviation: Any = 1e6, delta: Any = 0.1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Principal axes of two domains and the matrix that aligns them.

    ``M = Ps'Pt`` minimises ``|Ps M - Pt|_F``. Source rows become ``Xs Ps M``, target rows
    ``Xt Pt``.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    n_components, deviation, delta
        As in :class:`SubspaceAlignment`.

    Returns
    -------
    Ps : ndarray of shape (n_features, k)
        Principal axes of the source, orthonormal columns.
    M : ndarray of shape (k, k)
        The alignment.
    Pt : ndarray of shape (n_features, k)
        Principal axes of the target.

    Raises
    ------
    ValueError
        If the rows of a domain are all equal or not finite, or the numbers of columns differ.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.alignment import subspace_alignment_map
    >>> Xs, Xt = np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([[-3.0, -4.0], [3.0, 4.0]])
    >>> Ps, M, Pt = subspace_alignment_map(Xs, Xt, n_components=1)
    >>> M  # cosine of the angle between the axes
    array([[0.6]])
    """
    source, target = all_rows(Xs, "source"), all_rows(Xt, "target")
    return aligned_axes(source, target, n_components, deviation, delta)


def aligned_axes(source, target, n_components, deviation, delta):
    """:func:`subspace_alignment_map` of two :class:`DomainRows`."""
    if isinstance(n_components, Real) and not isinstance(n_components, Integral):
        n_components = min(rows.dimension(n_components) for rows in (source, target))
    wanted = source.axes(n_components), target.axes(n_components)
    (Ps, _), (Pt, _) = wanted
    if len(Ps) != len(Pt):
        raise ValueError(
            f"Xs has {len(Ps)} columns and Xt has {len(Pt)}; pass the same features of both."
        )
    if n_components == "auto":
        k = _chosen_dimension((source, target), wanted, deviation, delta)
    else:
        k = limit_to_rank(n_components, min(found.rank for found in wanted))
    Ps, Pt = Ps[:, :k], Pt[:, :k]
    return Ps, Ps.T @ Pt, Pt


def _chosen_dimension(domains, found, deviation, delta):
    """The dimension of ``"auto"``; 1, with a warning, where the bound allows none."""
    unit = max(axes.spreads[0] for axes in found)  # squares of it may overflow
    radius = max(rows.radius(unit) for rows in domains)
    noise = radius / unit / (deviation * np.sqrt(min(rows.n for rows in domains)))
    k = _stable_dimension(*(axes.spreads / unit for axes in found), noise, delta)
    if k == 0:
        warn_caller(
            "n_components='auto': no dimension meets the bound with "
            f"deviation={deviation:g}, so 1 component is kept. Raise deviation or pass an "
            "integer."
        )
    return max(k, 1)


def _stable_dimension(source, target, noise, delta):
    """Largest d whose gap in both spectra, of these spreads, meets the consistency bound, or 0."""
    k = min(len(source), len(target))
    gaps = [-np.diff(spreads**2, append=0)[:k] for spreads in (source, target)]
    confidence = 1 + np.sqrt(np.log(2 / delta) / 2)
    bound = confidence * 16 * np.arange(1, k + 1) ** 1.5 * noise
    stable = np.flatnonzero(np.min(gaps, axis=0) >= bound)
    return int(stable[-1]) + 1 if len(stable) else 0


class SubspaceAlignment(ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator):
    """Subspace alignment.

    Describes each domain by coordinates along its own principal axes and turns those of the source
    to those of the target::

        source rows: (Xs - m) Ps M    target rows: (Xt - m) Pt    M = Ps'Pt = argmin_M |Ps M - Pt|_F

    with Ps and Pt the first k principal axes of the domains as columns and m the mean of all rows.
    Labels are not used. Several source domains are pooled, and so are several targets.

    Parameters
    ----------
    n_components : int, float or "auto", default=0.9
        Dimension k of the subspaces; fewer, with a warning, where the rank of a domain's centred
        rows is lower. A float in (0, 1): the fewest axes that hold this share of the variance of a
        domain, of the two the lower number. ``"auto"``: the largest k that the consistency bound
        of the paper allows, see Notes.
    deviation : float, default=1e6
        For ``"auto"``: deviation gamma > 0 that the bound allows. Larger values allow more
        components.
    delta : float, default=0.1
        For ``"auto"``: probability in (0, 1) with which the bound may fail.
    center : bool, default=True
        Whether m, the mean of all rows, source and target, is subtracted. False: m = 0, the paper's
        formula, which is meant for features of mean 0; the same where they are, as after
        ``StandardScaler`` of all rows or of each domain.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        m; zeros with ``center=False``.
    source_components_ : ndarray of shape (`n_components_`, n_features)
        Ps', the principal axes of the source.
    target_components_ : ndarray of shape (`n_components_`, n_features)
        Pt', those of the target.
    alignment_ : ndarray of shape (`n_components_`, `n_components_`)
        M; its singular values are the cosines of the principal angles between the subspaces.
    n_components_ : int
        Dimension of the subspaces.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    GFK : Compares rows along the whole path between the two subspaces.

    Notes
    -----
    The axes are those of the centred rows of each domain, but rows are projected around the mean of
    all: a difference of the means stays unless each domain is centred beforehand, as by
    ``PerDomain(StandardScaler())``. Around 0, rows whose mean lies far from it would be drawn
    apart: the source's mean is projected onto both subspaces, the target's onto its own.

    ``"auto"`` takes the largest d with::

        min over domains of (lambda_d - lambda_(d+1))
            >= (1 + sqrt(ln(2 / delta) / 2)) 16 d^(3/2) B / (gamma sqrt(min(n_s, n_t)))

    where lambda are the eigenvalues of the covariance (divisor n) and B is the largest norm of a
    row, less m. The paper takes this d as the upper end of a search by cross-validation on the
    source; here it is the answer, and a search over integers is left to ``GridSearchCV``. The
    constants, the first power of B and the defaults gamma = 1e6 and delta = 0.1 are meant to be the
    paper's, but were not compared with a program of its authors. The bound depends on the units
    of X.

    Fitting takes O(n_samples n_features p + p^3) time with p = min(n_samples, n_features), and of
    more rows than features in a domain O(n_features^2) memory beside them; transforming takes
    O(n_components n_features) a row.

    References
    ----------
    B. Fernando, A. Habrard, M. Sebban and T. Tuytelaars (2013), "Unsupervised visual domain
    adaptation using subspace alignment", IEEE International Conference on Computer Vision,
    2960-2967.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skdomain.alignment import SubspaceAlignment
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_subspace_shift
    >>> data = make_subspace_shift(random_state=0)
    >>> pipe = make_pipeline(SubspaceAlignment(2), SourceOnly(SVC()))
    >>> pipe = pipe.fit(data.X, data.y, subspacealignment__sample_domain=data.sample_domain,
    ...                 sourceonly__sample_domain=data.sample_domain)
    >>> pipe[:-1].transform(data.X).shape[1]
    2
    """

    _parameter_constraints: dict = {**_CONSTRAINTS, "center": ["boolean"]}

    def __init__(
        self,
        n_components: str | float = 0.9,
        *,
        deviation: float = 1e6,
        delta: float = 0.1,
        center: bool = True,
    ) -> None:
        self.n_components = n_components
        self.deviation = deviation
        self.delta = delta
        self.center = center

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the subspaces and their alignment.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, whose axes serve both sides (PCA), and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        SubspaceAlignment
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the rows of a domain are all equal, or sample_domain does not
            fit X.
        """
        source, target = fitted_rows(self, X, sample_domain)
        dtype = source.X.dtype
        self.mean_ = self._mean(source, target).astype(dtype)
        Ps, M, Pt = aligned_axes(
            source.around(self.mean_),
            target.around(self.mean_),
            self.n_components,
            self.deviation,
            self.delta,
        )
        self.source_components_ = Ps.T.astype(dtype)
        self.target_components_ = Pt.T.astype(dtype)
        self.alignment_ = M.astype(dtype)
        self.n_components_ = len(M)
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Coordinates of rows along the axes of the target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain, in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, `n_components_`)
            ``(X - m) Ps M`` for source rows and ``(X - m) Pt`` for target rows, in the order of the
            rows and in their dtype.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        source = new_domains(sample_domain, len(X)) > 0
        Z = np.empty((len(X), self.n_components_), dtype=X.dtype)
        Z[source] = (X[source] - self.mean_) @ self.source_components_.T @ self.alignment_
        Z[~source] = (X[~source] - self.mean_) @ self.target_components_.T
        return Z

    def _mean(self, source, target):
        return pooled_mean(source, target) if self.center else np.zeros(source.X.shape[1])

    @property
    def _n_features_out(self):
        return self.n_components_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
