"""CORAL distance: how far apart the covariances of two domains are.

B. Sun and K. Saenko (2016), "Deep CORAL: correlation alignment for deep domain adaptation".
"""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import validate_params

from skdomain._domains import check_domains
from skdomain._rows import rows_per_block
from skdomain.metrics._finite import OVERFLOW, check_finite, scale_advice


@validate_params({"Xs": ["array-like"], "Xt": ["array-like"]}, prefer_skip_nested_validation=True)
def coral_distance(Xs: ArrayLike, Xt: ArrayLike) -> float:
    """Squared Frobenius distance of the covariances of two domains.

    cf. Eq. 1 in [1]_, with d features and covariances that are divided by n - 1::

        |Cs - Ct|_F^2 / (4 d^2)

    It does not see a shift of the means: a translation of either domain changes nothing, and
    neither does a rotation of both. Multiplying both by c multiplies it by c^4.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.

    Returns
    -------
    float
        The distance, at least 0, in units of the features to the power of 4.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array or has fewer than two rows, if the numbers of columns
        differ, or if the distance is too large for a number.

    Notes
    -----
    With n pooled rows: O(n d min(n, d)) time and O(min(n, d)^2 + n d) memory. Where n < d, both
    covariances live in the span of the centred rows: a QR factorisation replaces the rows by their
    coordinates in an orthonormal basis of it, which changes no value, and no d x d matrix is made.
    It gives what the n x n Gram matrices would, without their loss of half the digits when
    the domains nearly agree.

    References
    ----------
    .. [1] Sun and Saenko, "Deep CORAL: correlation alignment for deep domain adaptation", European
       Conference on Computer Vision workshops (2016).

    Examples
    --------
    >>> from skdomain.metrics import coral_distance
    >>> coral_distance([[-1.0], [0.0], [1.0]], [[-3.0], [0.0], [3.0]])  # (1 - 9)^2 / 4
    16.0
    """
    reason = "a covariance needs two rows; pass more rows"
    Xs, Xt = check_domains(Xs, Xt, min_rows=2, reason=reason)
    with np.errstate(**OVERFLOW):
        value = _distance(Xs, Xt)
    return check_finite("coral_distance", value, scale_advice(4))


def _distance(Xs, Xt):
    ns, d = Xs.shape
    Z = np.concatenate([Xs - Xs.mean(axis=0), Xt - Xt.mean(axis=0)])
    if len(Z) < d:
        Z = np.linalg.qr(Z.T, mode="r").T
    difference = _covariance(Z[:ns]) - _covariance(Z[ns:])
    return float(np.square(difference).sum() / (4 * d**2))


def _covariance(centred):
    return centred.T @ centred / (len(centred) - 1)


def coral_distances(Z, deals):
    """Return `coral_distance` for each of the deals of the rows of Z."""
    if len(Z) <= Z.shape[1] ** 2:
        return _gram_distances(Z - Z.mean(axis=0), deals.all())
    return np.array([_distance(Z[source], Z[~source]) for source in deals.masks()])


def _gram_distances(Z, P):
    """Return tr(Cs^2) - 2 tr(Cs Ct) + tr(Ct^2) over 4 d^2, for all columns of P at once.

    Z is centred, hence u = Z'p is the sum of the source rows and -u that of the target rows, and
    Cs = (Zs'Zs - u u'/ns) / (ns - 1). With the Gram matrix G = ZZ' and E its elementwise square,
    tr(Zs'Zs Zt'Zt) = p'E(1 - p) and u'Zs'Zs u = sum_i p_i (Gp)_i^2, and so on.
    """
    ns = P[:, 0].sum()
    nt = len(P) - ns
    GP, EP, E_sum = _gram_products(Z, P)
    uu = np.square(np.einsum("ij,ij->j", P, GP))
    uAu, uBu = (np.einsum("ij,ij,ij->j", Q, GP, GP) for Q in (P, 1 - P))
    AA, AB = (np.einsum("ij,ij->j", Q, EP) for Q in (P, 1 - P))
    BB = E_sum - AA - 2 * AB
    source = (AA - 2 * uAu / ns + uu / ns**2) / (ns - 1) ** 2
    target = (BB - 2 * uBu / nt + uu / nt**2) / (nt - 1) ** 2
    cross = (AB - uBu / ns - uAu / nt + uu / (ns * nt)) / ((ns - 1) * (nt - 1))
    return np.maximum(source + target - 2 * cross, 0) / (4 * Z.shape[1] ** 2)


def _gram_products(Z, P):
    """Return GP, EP and the sum of E, a block of rows at a time."""
    GP, EP, E_sum = np.empty(P.shape), np.empty(P.shape), 0.0
    for rows in gen_batches(len(Z), rows_per_block(sum(P.shape))):
        G = Z[rows] @ Z.T
        GP[rows] = G @ P
        np.square(G, out=G)
        EP[rows] = G @ P
        E_sum += G.sum()
    return GP, EP, E_sum
