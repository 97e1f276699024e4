"""Linear Monge mapping: optimal transport of the source onto the target as if both were Gaussian.

G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in Machine
Learning 11(5-6), 355-607, remark 2.31.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from skdomain._domains import rows_at
from skdomain._rows import domain_moments, is_streamed
from skdomain.alignment._gaussian_barycenter import (
    MONGE_SHARE,
    coordinates,
    moment_barycenter,
    moment_covariance,
    monge_map,
    row_barycenter,
    row_covariance,
)
from skdomain.alignment._gaussian_pair import pair_matrix
from skdomain.alignment._source_map import (
    SourceMap,
    centred_domains,
    centred_pair,
    check_moments,
    identity,
    ridge_of_moments,
    ridge_of_rows,
)
from skdomain.alignment._source_mapper import SourceMapper, dense_part, with_dense_blocks

TARGET, BARYCENTER = "target", "barycenter"


def linear_monge_map(Xs: ArrayLike, Xt: ArrayLike, *, reg: str | float = "scale") -> SourceMap:
    """Optimal transport map between the Gaussians of two domains: ``x -> mt + (x - ms) A``.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Rows of the source, at least 2.
    Xt : array-like of shape (n_target, n_features)
        Rows of the target, at least 2.
    reg : float or "scale", default="scale"
        As in :class:`LinearMonge`.

    Returns
    -------
    SourceMap
        ``.apply(Xs)`` gives the mapped rows, ``.matrix()`` gives A.

    Raises
    ------
    ValueError
        If reg is negative, a domain has one row or values that are not finite, or the domains
        differ in their features.

    Examples
    --------
    >>> from skdomain.alignment import linear_monge_map
    >>> linear_monge_map([[-1.0], [1.0]], [[4.0], [10.0]], reg=0).apply([[-1.0], [0.0], [1.0]])
    array([[ 4.],
           [ 7.],
           [10.]])
    """
    return centred_monge_map(*centred_pair(Xs, Xt, reg), reg)


def centred_monge_map(source, target, reg):
    """:func:`linear_monge_map` of centred rows and means, as ``centred_pair`` gives them."""
    (Xs, ms), (Xt, mt) = source, target
    reg = ridge_of_rows(reg, MONGE_SHARE, Xs, Xt)
    basis, Zs, Zt = coordinates(Xs, Xt)
    A = pair_matrix(row_covariance(Zs), row_covariance(Zt), reg)
    return monge_map(A, ms, mt, basis, float(reg > 0))


def linear_monge_map_of(moments, *, reg="scale"):
    """:func:`linear_monge_map` from the moments of both domains, in O(n_features^3) time.

    Parameters
    ----------
    moments : skdomain._rows._moments.DomainMoments
    reg : float or "scale", default="scale"
        As in :class:`LinearMonge`.

    Returns
    -------
    SourceMap
    """
    source, target = check_moments((moments.source, moments.target), reg)
    reg = ridge_of_moments(reg, MONGE_SHARE, source, target)
    A = pair_matrix(moment_covariance(source), moment_covariance(target), reg)
    return monge_map(A, source.mean, target.mean)


def knows_two_sides(model):
    """Whether moments of source and target are all that its maps are made of."""
    if model.reference is None:
        return True
    raise AttributeError(
        f"partial_fit keeps moments of two sides, not of each domain, and reference="
        f"{model.reference!r} needs these; call fit, which takes RowBlocks, or pass reference=None."
    )


class LinearMonge(SourceMapper):
    """Linear Monge mapping: closed-form optimal transport between Gaussians.

    Moves the source rows so that they have the mean and covariance of the target, by the least sum
    of squared distances of all linear maps that do::

        x -> mt + (x - ms) A,   A = Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2)

    with m the mean and C = cov(X) + reg I, cov(X) of denominator n - 1. Target rows stay as they
    are. Labels are not used.

    Parameters
    ----------
    reg : float or "scale", default="scale"
        Ridge of both covariances, >= 0, in squared units of X. ``"scale"`` is a tenth of the mean
        variance of the features, over both domains, so that other units of X change nothing;
        1e-6 is next to none, for rows many times the features. Directions in which only one of the
        domains varies are stretched or shrunk by a factor up to ``sqrt(variance / reg)``: raise it
        where there are fewer rows than features. See the notes for 0.
    reference : {"target", "barycenter"} or None, default=None
        Where domains go to. None: source rows, of all sources, to the target rows. ``"target"``:
        each source to the target rows by a map of its own. ``"barycenter"``: each domain, a target
        as well, to the Gaussian that is nearest to all; target rows move too.

    Attributes
    ----------
    map_ : SourceMap
        The fitted map; ``map_.matrix()`` is A of shape (n_features, n_features), ``map_.center``
        and ``map_.shift`` are ms and mt. With fewer rows than features A is kept in factors,
        ``A = outside I + basis update basis'``. Only without a reference.
    maps_ : dict of int to SourceMap
        The map of each domain that moves. Only with a reference.
    n_iter_ : int
        Rounds that found the barycenter. Only with it.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.
    n_samples_seen_ : ndarray of shape (2,)
        Numbers of source and of target rows passed to ``partial_fit``; not set by ``fit``.

    See Also
    --------
    CORAL : Matches covariances only, by a map that is not the shortest.
    ComBat : Feature by feature, each domain to what all share.

    Notes
    -----
    The mapped source has the mean of the target, and its covariance up to the ridge.
    ``A Cs A = Ct``, ridges included, and A is symmetric positive definite for ``reg > 0``. It is
    computed as ``Cs^(-1/2) W Ct^(1/2)`` with W the orthogonal polar factor of
    ``Cs^(1/2) Ct^(1/2)``, which is the same and loses no digits to the square. Maps to a target, of
    a ridge above a millionth of the covariances, are found in less time, with the Cholesky factors
    ``Cs = LL'`` and ``Ct = KK'``, as ``L'^(-1) (L'KK'L)^(1/2) L^(-1)``: from the singular values of
    ``L'K``, or from their squares where these have the digits.

    Outside the span of the centred rows of both domains, A is the identity for ``reg > 0``.

    With ``reg=0`` and singular covariances, roots are those of pseudo-inverses and A is zero
    outside the span of the centred source rows. The mapped source then still has the covariance of
    the target if the rank of its own is not lower, at the cost of optimal transport; A is symmetric
    if the centred target rows lie in the span of those of the source.

    With n rows and d > n features all is computed in that span, exactly: fitting takes
    O(n^2 d + n^3) time and O(n d) memory, else O(n d^2 + d^3) and O(d^2).

    :class:`~skdomain.RowBlocks` and ``partial_fit`` give the same map from the mean and the
    scatter matrix of each domain, in O(n d^2 + d^3) time and O(d^2) memory for any n.

    **Several domains.** ``reference="target"`` is this class on each source and all target rows.
    The barycenter of K domains has the mean of their means, and the covariance S that makes the
    sum of squared Bures-Wasserstein distances to all ``C_k`` least, each domain counting alike::

        S = 1/K sum_k (S^(1/2) C_k S^(1/2))^(1/2)

    Rounds ``S <- A S A``, A the mean of the maps of S onto all ``C_k``, end where S changes by
    1e-12 of its norm; a round takes O(K d^3). The ridge ``"scale"`` is that of all domains. Rows of
    a domain without a map are refused, but for targets with ``"target"``, which stay. Fitted
    without target rows, none moves. ``partial_fit`` is there without a reference only.

    References
    ----------
    G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in
    Machine Learning 11(5-6), 355-607, remark 2.31.

    R. Flamary, K. Lounici and A. Ferrari (2019), "Concentration bounds for linear Monge mapping
    estimation and optimal transport domain adaptation", arXiv:1905.10155.

    P. C. Álvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos and C. Matrán (2016), "A fixed-point
    approach to barycenters in Wasserstein space", J. Math. Anal. Appl. 441(2), 744-762.

    Examples
    --------
    >>> from skdomain.alignment import LinearMonge
    >>> X = [[-1.0], [1.0], [4.0], [10.0]]
    >>> LinearMonge(reg=0).fit_transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([ 4., 10.,  4., 10.])

    Two domains meet half way:

    >>> model = LinearMonge(reg=0, reference="barycenter")
    >>> model.fit_transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([1.5, 5.5, 1.5, 5.5])
    """

    _parameter_constraints: dict = SourceMapper._parameter_constraints | {
        "reference": [StrOptions({TARGET, BARYCENTER}), None],
    }

    def __init__(self, reg: str | float = "scale", *, reference: str | None = None) -> None:
        self.reg = reg
        self.reference = reference

    def partial_fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        return super().partial_fit(X, y, sample_domain=sample_domain)

    partial_fit.__doc__ = SourceMapper.partial_fit.__doc__
    partial_fit = available_if(knows_two_sides)(partial_fit)

    def _map(self, source, target):
        return centred_monge_map(source, target, self.reg)

    def _map_of(self, moments):
        return linear_monge_map_of(moments, reg=self.reg)

    def _fit_maps(self, X, domains):
        for name in ("map_", "maps_", "n_iter_"):
            vars(self).pop(name, None)
        if self.reference is None:
            super()._fit_maps(X, domains)
        elif (domains > 0).all():
            self.maps_ = {k: identity(X.shape[1]) for k in np.unique(domains).tolist()}
        elif self.reference == TARGET:
            self.maps_ = {
                k: self._fitted_map(*rows_of_pair(X, domains, k))
                for k in np.unique(domains[domains > 0]).tolist()
            }
        else:
            self._fit_barycenter(X, domains)

    def _fit_barycenter(self, X, domains):
        known = np.unique(domains).tolist()
        names = [f"domain {k}" for k in known]
        X = with_dense_blocks(X)
        if is_streamed(X):
            parts = [domain_moments(X, domains == k).source for k in known]
            maps, self.n_iter_ = moment_barycenter(parts, self.reg, names)
        else:
            rows = [dense_part(X[domains == k]).astype(np.float64, copy=False) for k in known]
            rows = centred_domains(rows, self.reg, overwrite=True, names=names)
            maps, self.n_iter_ = row_barycenter(rows, self.reg)
        self.maps_ = dict(zip(known, maps, strict=True))

    def _new_domains(self, sample_domain, n_samples):
        if sample_domain is not None or self.reference != BARYCENTER:
            return super()._new_domains(sample_domain, n_samples)
        targets = [k for k in self.maps_ if k < 0] or [-1]
        if len(targets) > 1:
            raise ValueError(
                f"LinearMonge was fitted to the target domains {targets}, each with a map of its "
                "own; pass sample_domain to transform."
            )
        return np.full(n_samples, targets[0])

    def _maps(self, domains):
        if self.reference is None:
            return super()._maps(domains)
        known = np.array(sorted(self.maps_))
        found, places = np.isin(domains, known), np.searchsorted(known, domains)
        stays = (domains < 0) & (known > 0).all()
        if unknown := np.unique(domains[~found & ~stays]).tolist():
            raise ValueError(
                f"LinearMonge was fitted to the domains {known.tolist()} and has no map of "
                f"{unknown}; fit with rows of these domains too, or with reference=None, which "
                "maps all source rows alike."
            )
        return [self.maps_[k] for k in known.tolist()], np.where(found, places, -1)


def rows_of_pair(X, domains, k):
    """Rows of source k and of all targets, and which of them are of the source."""
    kept = (domains == k) | (domains < 0)
    return rows_at(X, kept), domains[kept] > 0
