"""Correlation alignment: give the source the covariance of the target.

B. Sun, J. Feng and K. Saenko (2016), "Return of frustratingly easy domain adaptation", AAAI.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import block_diag
from sklearn.utils._param_validation import StrOptions

from skdomain.alignment._source_map import (
    SourceMap,
    centred_pair,
    check_moments,
    ridge_of_moments,
    ridge_of_rows,
)
from skdomain.alignment._source_mapper import SourceMapper

MATCH = "match"
CORAL_SHARE = 10.0  # of the mean variance, that reg="scale" is


def coral_map(Xs: ArrayLike, Xt: ArrayLike, *, reg: Any = "scale", center: Any = True) -> SourceMap:
    """Map of the rows of CORAL: ``A = Cs^(-1/2) Ct^(1/2)`` with ``C = cov(X) + reg I``.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Rows of the source, at least 2.
    Xt : array-like of shape (n_target, n_features)
        Rows of the target, at least 2.
    reg, center
        As in :class:`CORAL`.

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
    >>> from skdomain.alignment import coral_map
    >>> Xs, Xt = [[-1.0, 0.0], [1.0, 0.0]], [[-3.0, 0.0], [3.0, 0.0]]
    >>> coral_map(Xs, Xt, reg=0).apply(Xs)
    array([[-3.,  0.],
           [ 3.,  0.]])
    """
    return centred_coral_map(*centred_pair(Xs, Xt, reg), reg, center)


def centred_coral_map(source, target, reg, center):
    """:func:`coral_map` of centred rows and their means, as ``centred_pair`` gives them."""
    (Xs, ms), (Xt, mt) = source, target
    reg = ridge_of_rows(reg, CORAL_SHARE, Xs, Xt)
    around = _around(ms, mt, center)
    n_rows, n_features = len(Xs) + len(Xt), Xs.shape[1]
    ps, a, Vs = low_rank_power(Xs, reg, -0.5)
    pt, b, Vt = low_rank_power(Xt, reg, 0.5)
    if n_rows >= n_features:
        return SourceMap(dense(ps, a, Vs) @ dense(pt, b, Vt), **around)
    update = block_diag(np.diag(pt * a), np.diag(ps * b))
    update[: len(a), len(a) :] = a[:, None] * (Vs.T @ Vt) * b
    return SourceMap(update, np.hstack([Vs, Vt]), outside=float(reg > 0), **around)


def coral_map_of(moments, *, reg="scale", center=True):
    """:func:`coral_map` from the moments of both domains, in O(n_features^3) time.

    Parameters
    ----------
    moments : skdomain._rows._moments.DomainMoments
    reg, center
        As in :class:`CORAL`.

    Returns
    -------
    SourceMap
    """
    source, target = check_moments((moments.source, moments.target), reg)
    reg = ridge_of_moments(reg, CORAL_SHARE, source, target)
    ps, a, Vs = scatter_power(source.scatter, source.n, reg, -0.5)
    pt, b, Vt = scatter_power(target.scatter, target.n, reg, 0.5)
    return SourceMap(
        dense(ps, a, Vs) @ dense(pt, b, Vt), **_around(source.mean, target.mean, center)
    )


def _around(ms, mt, center):
    """The point around which rows are mapped, and where that comes to lie."""
    if not center:
        return {}
    return {"center": ms, "shift": mt if center == MATCH else ms}


def low_rank_power(rows, reg, exponent):
    """``(C + reg I)^exponent = p I + V diag(a) V'`` of centred rows, as p, a and V.

    V holds the eigenvectors of the covariance C that belong to eigenvalues above rounding, taken
    from the smaller of ``rows'rows`` and ``rows rows'``. With ``reg=0``, powers are those of the
    pseudo-inverse: p is 0.
    """
    if len(rows) >= rows.shape[1]:
        return scatter_power(rows.T @ rows, len(rows), reg, exponent)
    values, vectors = significant(rows @ rows.T, rows.shape[1])
    scale, powers = ridge_powers(values, len(rows), reg, exponent)
    return scale, powers, rows.T @ (vectors / np.sqrt(values))


def scatter_power(scatter, n, reg, exponent):
    """:func:`low_rank_power` of n rows with this scatter."""
    values, vectors = significant(scatter, max(n, len(scatter)))
    return *ridge_powers(values, n, reg, exponent), vectors


def significant(squares, size):
    """Eigenpairs above rounding, in sums of this size."""
    values, vectors = np.linalg.eigh(squares)
    first = np.count_nonzero(values <= np.finfo(float).eps * size * values[-1])
    return values[first:], vectors[:, first:]


def ridge_powers(values, n, reg, exponent):
    """The power of the ridge, and what the power of each eigenvalue adds to it."""
    scale = reg**exponent if reg > 0 else 0.0
    return scale, (values / (n - 1) + reg) ** exponent - scale


def dense(p, a, V):
    """``p I + V diag(a) V'``, with all of a of one sign."""
    factor = V * np.sqrt(np.abs(a))  # a factor times itself takes half the time of another product
    root = factor @ factor.T
    if a.sum() < 0:
        np.negative(root, out=root)
    root[np.diag_indices_from(root)] += p
    return root


class CORAL(SourceMapper):
    """Correlation alignment.

    Whitens the source rows around their mean and colours them as the target is::

        x -> ms + (x - ms) A,   A = Cs^(-1/2) Ct^(1/2),   C = cov(X) + reg I

    with ms the mean of the source, symmetric roots and cov(X) of denominator n - 1. Target rows
    stay as they are. Labels are not used. Means stay where they are, unless ``center="match"``:
    the paper standardises each domain beforehand, as ``PerDomain(StandardScaler())`` does.

    Parameters
    ----------
    reg : float or "scale", default="scale"
        Ridge of both covariances, >= 0. ``"scale"`` is 10 times the mean variance of the features,
        over both domains, so that other units of X change nothing. A number is in squared units of
        X; the paper's 1 is meant for features of unit variance. With 0 and singular covariances, A
        is the product of the roots of the pseudo-inverse and of the covariance: the map of minimum
        norm.
    center : bool or "match", default=True
        Whether rows are mapped around the mean of the source. ``"match"`` also moves that mean to
        the target's, as centring each domain does. False: ``x -> x A``, the paper's formula, which
        multiplies the mean too; the same where the source has mean 0, as after
        ``PerDomain(StandardScaler())``.

    Attributes
    ----------
    map_ : SourceMap
        The fitted map; ``map_.matrix()`` is A of shape (n_features, n_features). With fewer rows
        than features it is kept in factors, ``A = outside I + basis update basis'``.
        ``map_.center`` is the mean of the source, or 0, and ``map_.shift`` where it comes to lie.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.
    n_samples_seen_ : ndarray of shape (2,)
        Numbers of source and of target rows passed to ``partial_fit``; not set by ``fit``.

    See Also
    --------
    LinearMonge : Matches the means too, by the least movement of the rows.
    skdomain.compose.PerDomain : Standardises each domain by itself.

    Notes
    -----
    The paper's ``x A`` is meant for features of mean 0. Of others it multiplies the mean too, so
    that a constant added to all features of both domains would take the source away from the
    target. With ``center=True`` such a constant is added to the result, and nothing else.

    The default ridge is large because small ones do harm: a covariance of a few hundred rows is
    mostly noise in its small directions, and its inverse root more so.

    With ``reg > 0`` the mapped source satisfies ``A' Cs A = Ct``, ridges included. A is not
    symmetric. Outside the span of the centred rows of both domains it is the identity (zero with
    ``reg=0``), so with n rows and d > n features all is computed in that span, exactly: fitting
    takes O(n^2 d + n^3) time and O(n d) memory, else O(n d^2 + d^3) and O(d^2).

    :class:`~skdomain.RowBlocks` and ``partial_fit`` give the same map from the mean and the
    scatter matrix of each domain, in O(n d^2 + d^3) time and O(d^2) memory for any n.

    References
    ----------
    B. Sun, J. Feng and K. Saenko (2016), "Return of frustratingly easy domain adaptation",
    Proceedings of the AAAI Conference on Artificial Intelligence, 2058-2065.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.alignment import CORAL
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 2)) * np.repeat([[1.0, 3.0], [4.0, 0.5]], 100, axis=0)
    >>> d = np.repeat([1, -2], 100)
    >>> Z = CORAL(reg=0).fit_transform(X, sample_domain=d)
    >>> np.allclose(np.cov(Z[:100].T), np.cov(Z[100:].T))
    True
    """

    _parameter_constraints: dict = SourceMapper._parameter_constraints | {
        "center": ["boolean", StrOptions({MATCH})]
    }

    def __init__(self, reg: str | float = "scale", *, center: str | bool = True) -> None:
        self.reg = reg
        self.center = center

    def _map(self, source, target):
        return centred_coral_map(source, target, self.reg, self.center)

    def _map_of(self, moments):
        return coral_map_of(moments, reg=self.reg, center=self.center)
