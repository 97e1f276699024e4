"""Linear Monge mapping: optimal transport of the source onto the target as if both were Gaussian.

G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in Machine
Learning 11(5-6), 355-607, remark 2.31.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr

from skdomain.alignment._source_map import (
    SourceMap,
    centred_pair,
    check_moments,
    ridge_of_moments,
    ridge_of_rows,
)
from skdomain.alignment._source_mapper import SourceMapper

MONGE_SHARE = 0.1  # of the mean variance, that reg="scale" is


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
    update = monge_matrix(*row_spectrum(Zs, reg), *row_spectrum(Zt, reg))
    outside = float(reg > 0)
    if basis is not None:
        update[np.diag_indices_from(update)] -= outside
    return SourceMap(update, basis, outside, center=ms, shift=mt)


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
    domains = check_moments(moments, reg)
    reg = ridge_of_moments(reg, MONGE_SHARE, *domains)
    spectra = [
        spectrum(domain.scatter / (domain.n - 1), max(domain.n, len(domain.scatter)), reg)
        for domain in domains
    ]
    update = monge_matrix(*spectra[0], *spectra[1])
    return SourceMap(update, center=moments.source.mean, shift=moments.target.mean)


def coordinates(Xs, Xt):
    """Orthonormal basis of centred rows, and their coordinates in it.

    The basis is None, for all features, unless there are fewer rows than features.
    """
    if len(Xs) + len(Xt) >= Xs.shape[1]:
        return None, Xs, Xt
    basis, R = qr(np.concatenate([Xs, Xt]).T, mode="economic", overwrite_a=True, check_finite=False)
    return basis, *np.split(R.T, [len(Xs)])


def row_spectrum(Z, reg):
    """:func:`spectrum` of the covariance of centred rows."""
    return spectrum(Z.T @ Z / (len(Z) - 1), max(Z.shape), reg)


def spectrum(covariance, size, reg):
    """Eigenvalues and eigenvectors of ``covariance + reg I``, without zeros up to rounding.

    The size is that of the sums of which rounding is the error.
    """
    values, vectors = np.linalg.eigh(covariance)
    noise = np.finfo(float).eps * size * values[-1]
    values = np.where(values > noise, values, 0.0) + reg
    return values[values > 0], vectors[:, values > 0]


def monge_matrix(ws, Vs, wt, Vt):
    """A as ``Cs^(-1/2) W Ct^(1/2)`` with W = UV' of ``Cs^(1/2) Ct^(1/2) = U S V'``.

    As ``(Cs^(1/2) Ct Cs^(1/2))^(1/2) = U S U'`` and ``S U' Cs^(-1/2) = V' Ct^(1/2)``, this is the
    A of the theory, but no root is taken of what has been squared, and A'Cs A = Ct holds whatever
    the rounding of W. The decomposition is one in the eigenvectors of Cs and Ct.
    """
    U, _, Vh = np.linalg.svd(np.sqrt(ws)[:, None] * (Vs.T @ Vt) * np.sqrt(wt), full_matrices=False)
    return (Vs / np.sqrt(ws)) @ (U @ Vh) @ (Vt * np.sqrt(wt)).T


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

    Attributes
    ----------
    map_ : SourceMap
        The fitted map; ``map_.matrix()`` is A of shape (n_features, n_features), ``map_.center``
        and ``map_.shift`` are ms and mt. With fewer rows than features A is kept in factors,
        ``A = outside I + basis update basis'``.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.
    n_samples_seen_ : ndarray of shape (2,)
        Numbers of source and of target rows passed to ``partial_fit``; not set by ``fit``.

    See Also
    --------
    CORAL : Matches covariances only, by a map that is not the shortest.

    Notes
    -----
    The mapped source has the mean of the target, and its covariance up to the ridge.
    ``A Cs A = Ct``, ridges included, and A is symmetric positive definite for ``reg > 0``. It is
    computed as ``Cs^(-1/2) W Ct^(1/2)`` with W the orthogonal polar factor of
    ``Cs^(1/2) Ct^(1/2)``, which is the same and loses no digits to the square.

    Outside the span of the centred rows of both domains, A is the identity for ``reg > 0``.

    With ``reg=0`` and singular covariances, roots are those of pseudo-inverses and A is zero
    outside the span of the centred source rows. The mapped source then still has the covariance of
    the target if the rank of its own is not lower, at the cost of optimal transport; A is symmetric
    if the centred target rows lie in the span of those of the source.

    With n rows and d > n features all is computed in that span, exactly: fitting takes
    O(n^2 d + n^3) time and O(n d) memory, else O(n d^2 + d^3) and O(d^2).

    :class:`~skdomain.RowBlocks` and ``partial_fit`` give the same map from the mean and the
    scatter matrix of each domain, in O(n d^2 + d^3) time and O(d^2) memory for any n.

    References
    ----------
    G. Peyré and M. Cuturi (2019), "Computational optimal transport", Foundations and Trends in
    Machine Learning 11(5-6), 355-607, remark 2.31.

    R. Flamary, K. Lounici and A. Ferrari (2019), "Concentration bounds for linear Monge mapping
    estimation and optimal transport domain adaptation", arXiv:1905.10155.

    Examples
    --------
    >>> from skdomain.alignment import LinearMonge
    >>> X = [[-1.0], [1.0], [4.0], [10.0]]
    >>> LinearMonge(reg=0).fit_transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([ 4., 10.,  4., 10.])
    """

    def __init__(self, reg: str | float = "scale") -> None:
        self.reg = reg

    def _map(self, source, target):
        return centred_monge_map(source, target, self.reg)

    def _map_of(self, moments):
        return linear_monge_map_of(moments, reg=self.reg)
