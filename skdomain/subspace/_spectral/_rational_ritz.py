"""The largest eigenpairs of a diagonal pencil with corrections of low rank, with a certificate.

The pencil of a decomposed basis is ``C = diag(e) - c c'`` against ``B = I + Q diag(g) Q'``, Q of q
columns. An eigenvector w with ``Cw = theta Bw`` solves

    (diag(e) - theta I) w = [c, Q] v,   v = [c'w; theta g * Q'w]

so the entries of w on the tail, coordinates whose e lies below every theta wanted, belong to the
span of ``(diag(e_tail) - theta I)^-1 [c, Q]_tail``. How well s shifts stand in for all thetas is
Zolotarev's third problem: the error falls geometrically in s, at a rate that the cross-ratio of the
two intervals decides, and the best shifts are known. Rayleigh-Ritz on the coordinates of the
head as they are and on these columns is a symmetric problem in m + s (q + 1) dimensions instead of
p. Which coordinates are the tail is chosen to make that number least.

Few shifts do: the residual is orthogonal to the columns, which makes the error of v, like that of
theta, one of the order of the square of w's. The formula above, with theta and v of the Ritz pair,
gives the entries on the tail anew, to twice the digits.

What comes back is certified, whatever the shifts were worth.
"""

import numpy as np
from scipy.linalg import eigh, lstsq, qr
from scipy.special import ellipj, ellipkm1

from skdomain.subspace._spectral._certificate import is_certified, low_rank_side
from skdomain.subspace._spectral._low_rank import EPS, congruence, inverse_root, low_rank_eigh

AIMS = (1e-6, 1e-12)  # of the tail before it is rebuilt, the second where the first is too coarse
ALL_PAIRS = 5  # LAPACK finds all n eigenpairs sooner than k of them if n is less than k times this


def certified_eigenpairs(e, c, Q, g, k, *, max_share=1.0):
    """The k largest eigenpairs of ``(diag(e) - cc', I + Q diag(g) Q')``, or None.

    Parameters
    ----------
    e : ndarray of shape (p,)
        Not negative.
    c : ndarray of shape (p,)
    Q : ndarray of shape (p, q)
        With orthonormal columns.
    g : ndarray of shape (q,)
        Above -1.
    k : int
    max_share : float, default=1.0
        Share of p that the dimension of the subspace may be.

    Returns
    -------
    theta : ndarray of shape (k,)
        In falling order.
    w : ndarray of shape (p, k)
        With ``w'Bw = I``.

    None stands for both where the subspace would be larger, or the eigenpairs are not certified,
    as happens where the k-th eigenvalue and the next coincide.
    """
    Q, g = Q[:, g != 0], g[g != 0]
    falling = np.argsort(-e)
    least = k + np.count_nonzero(g > 0)  # -cc' and each g > 0 take one place from theta_k at most
    if least >= len(e) or not e[falling[least]] > 0:
        return None
    low, high = e[falling[least]], e[falling[0]] / (1 + g.min(initial=0.0))
    for aim in AIMS:
        m, s = cheapest_split(e[falling], low, high, len(g) + 1, aim)
        if m == len(e) or m + s * (len(g) + 1) > max_share * len(e):
            return None
        tail = falling[m:]
        columns = tail_columns(e[tail], c[tail], Q[tail], best_shifts(e[tail[0]], low, high, s))
        theta, w = ritz_pairs(e, c, Q, g, falling[:m], tail, columns, k)
        if is_certified(e, c, Q, g, theta, w):
            return theta[:k], w
        low, high = max(theta[-1], low), max(theta[0], low)
    return None


def cross_ratio(t, low, high):
    """Of the intervals [0, t] and [low, high]: 1 for t = 0, infinite for t = low."""
    return low * (high - t) / ((low - t) * high)


def cheapest_split(falling_e, low, high, width, aim):
    """Sizes of the head and of the set of shifts that make the least dimension."""
    m = np.flatnonzero(falling_e < low)
    if not m.size:
        return len(falling_e), 0
    logs = np.log(16 * cross_ratio(falling_e[m], low, high))
    s = np.ceil(np.log(4 / aim) * logs / np.pi**2).astype(int)
    best = np.argmin(m + s * width)
    return m[best], s[best]


def best_shifts(t, low, high, s):
    """Zolotarev's points in [low, high] against the interval [0, t].

    A Moebius map takes both intervals to [-a, -1] and [1, a], where they are values of the
    elliptic function dn, which is 1 at low and a at high.
    """
    ratio = max(cross_ratio(t, low, high), 1 + 1e-3)
    a = 2 * ratio - 1 + 2 * np.sqrt(ratio * (ratio - 1))
    K = ellipkm1(1 / a**2)
    y = a * ellipj((np.arange(s) + 0.5) * K / s, 1 - 1 / a**2)[2]
    # low -> 1, high -> a, 0 -> -a
    r = (y - 1) * (2 * a) / ((y + a) * (a - 1))
    return low * high / (high - r * (high - low))


def tail_columns(e, c, Q, shifts):
    """Orthonormal basis that holds the columns ``(shift - e)^-1 [c, Q]`` for all shifts."""
    U = np.column_stack([c, Q])
    columns = np.hstack([U / (shift - e)[:, None] for shift in shifts])
    return qr(columns, mode="economic", overwrite_a=True, check_finite=False)[0]


def ritz_pairs(e, c, Q, g, head, tail, columns, k):
    """The k largest Ritz pairs from the coordinates of the head and these columns on the tail.

    The entries on the tail are then rebuilt from v. One more Ritz value comes behind the k.
    """
    m = len(head)
    C = np.diag(np.concatenate([e[head], np.zeros(columns.shape[1])]))
    C[m:, m:] = (columns.T * e[tail]) @ columns
    small_c = np.concatenate([c[head], columns.T @ c[tail]])
    small_Q = np.vstack([Q[head], columns.T @ Q[tail]])
    C -= np.outer(small_c, small_c)
    if len(g):
        U, h = low_rank_eigh(small_Q, np.diag(g))
        h = np.maximum(h, g.min())  # but for rounding it is no less
        f = inverse_root(h)
        theta, y = largest_pairs(congruence(np.asfortranarray(C), C @ U, U, f), k + 1)
        Uy = U.T @ y
        y += U * f @ Uy
        # g Q'w, with the digits that Q'w does not have where g is large
        gQw = lstsq(small_Q, U * (h * (1 + f)) @ Uy, check_finite=False)[0]
    else:
        theta, y = largest_pairs(C, k + 1)
        gQw = np.empty((0, y.shape[1]))
    w = np.empty((len(e), min(k, len(theta))))
    y, gQw, of_w = y[:, :k], gQw[:, :k], theta[:k]
    gap = np.maximum(of_w - e[tail][:, None], EPS * of_w[0])  # positive but for rounding
    w[head] = y[:m]
    w[tail] = -low_rank_side(c[tail], Q[tail], of_w, small_c @ y, gQw) / gap
    return theta, w


def largest_pairs(S, k):
    """The k largest eigenpairs of a lower triangle, in falling order."""
    n = len(S)
    some = {"driver": "evd"} if n < ALL_PAIRS * k else {"subset_by_index": [n - k, n - 1]}
    theta, y = eigh(S, lower=True, overwrite_a=True, check_finite=False, **some)
    return theta[: -k - 1 : -1], y[:, : -k - 1 : -1]
