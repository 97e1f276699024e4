"""Class centroids that fit the source's means and the target's clusters, on a learned graph.

With Z = XP the projected rows, E the columns that average each class of the source, G the one-hot
classes of the target and F the centroids, CMMS looks for (the numbers are this page's)::

    min |Z'E - F|^2 + alpha |Z_t' - FG'|^2 + lam |P|^2 + rho tr(Z'LZ),   Z'HZ = I            (1)

Given G, the best F is ``(m_s^c + alpha n_c m_t^c) / (1 + alpha n_c)``, with n_c rows of the target
in class c and means m, and what remains of the first two terms is

    tr(Z'RZ) = sum_c w_c |m_s^c - m_t^c|^2 + alpha sum_c sum_(i in c) |z_i - m_t^c|^2,
    w_c = alpha n_c / (1 + alpha n_c)                                                        (2)

so the matrix R of n x n is a coupling of class means and the scatter within the target's classes.
L is ``diag(L_s, L_t)``: in the source it gives the scatter within the classes, in the target it is
the Laplacian of a graph of neighbours, whose weights are learned from the projected rows.

L. Tian, Y. Tang, L. Hu, Z. Ren and W. Zhang (2020), "Domain adaptation by class centroid matching
and local manifold self-learning", IEEE Transactions on Image Processing 29.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from skdomain.mmd import grouped_sums
from skdomain.subspace._spectral import rounding


@dataclass(frozen=True, eq=False)
class ClassGroups:
    """Rows of a domain by class: their numbers and their means, those of an empty class 0."""

    counts: np.ndarray
    means: np.ndarray
    within: np.ndarray

    @classmethod
    def of(cls, rows, codes, n_classes):
        """Of rows (n, p) and their classes."""
        counts = np.bincount(codes, minlength=n_classes)
        means = grouped_sums(rows, codes, n_classes) / np.maximum(counts, 1)[:, None]
        spread = rows - means[codes]
        return cls(counts, means, spread.T @ spread)


def centroid_scatter(source, target, *, alpha):
    """``X'RX`` of (2), over the Frobenius norm of R.

    Parameters
    ----------
    source, target : ClassGroups
        The rows X of the domains.
    alpha : float
        Weight of the target's clusters, > 0.

    Returns
    -------
    ndarray of shape (p, p)
    """
    n = target.counts
    w = alpha * n / (1 + alpha * n)
    gaps = np.sqrt(w)[:, None] * (source.means - target.means)
    return (gaps.T @ gaps + alpha * target.within) / (centroid_norm(source.counts, n, alpha) or 1.0)


def centroid_norm(n_source, n_target, alpha):
    """Frobenius norm of R from class counts.

    In class c, R has the eigenvalue alpha n_c - 1 times on the target, and on the two vectors of
    group means a block of rank one: ``w_c (1 / n_s + 1 / n_t)`` is its eigenvalue.
    """
    n = np.maximum(n_target, 1)
    w = alpha * n_target / (1 + alpha * n_target)
    joint = w * (1 / n_source + 1 / n)
    alone = alpha**2 * np.maximum(n_target - 1, 0)
    return float(np.sqrt(np.sum(joint**2 + alone)))


def best_centroids(source, target, *, alpha):
    """The F of (1) given G, a row a class: (n_classes, k)."""
    n = alpha * target.counts[:, None]
    return (source.means + n * target.means) / (1 + n)


def simplex_projection(V):
    """Nearest point to each row of V among those that are not negative and sum to 1."""
    falling = -np.sort(-V, axis=1)
    levels = (np.cumsum(falling, axis=1) - 1) / np.arange(1, V.shape[1] + 1)
    last = np.count_nonzero(falling > levels, axis=1) - 1
    return np.maximum(V - levels[np.arange(len(V)), last][:, None], 0)


def unit_laplacian(weights, neighbors):
    """Laplacian of a graph, made symmetric, over its Frobenius norm; sparse, (n, n)."""
    n, k = weights.shape
    rows = np.repeat(np.arange(n), k)
    S = sparse.csr_array((weights.ravel(), (rows, neighbors.ravel())), shape=(n, n))
    S = (S + S.T) / 2
    L = sparse.diags_array(S.sum(axis=1)) - S
    return L / (sparse.linalg.norm(L) or 1.0)


class NeighborGraph:
    """Graph of the target that is learned again from each projection.

    Row i has the weights ``s_ij`` to its k nearest rows that minimise
    ``sum_j d_ij s_ij + r s_ij^2``, not negative and with the sum 1, where d are squared distances.
    In the first graph r is row i's own, such that the next row would have the weight 0; from then
    on r is the mean of these.

    Parameters
    ----------
    rows : ndarray of shape (n, p)
        Rows of the target as they are.
    n_neighbors : int
        k; n - 2 where there are fewer rows, none for fewer than 3.
    """

    def __init__(self, rows, n_neighbors):
        self.k = min(n_neighbors, len(rows) - 2)
        if self.k < 1:
            self.laplacian = None
            return
        d, neighbors = self._nearest(rows, self.k + 1)
        near, far = d[:, :-1], d[:, -1:]
        slack = self.k * far - near.sum(axis=1, keepdims=True)
        weights = np.full_like(near, 1 / self.k)  # of rows all at one distance
        np.divide(far - near, slack, out=weights, where=slack > 0)
        self.r = slack.mean() / 2 or 1.0
        self.laplacian = unit_laplacian(weights, neighbors[:, :-1])

    def learn(self, Z):
        """Take the weights from the distances of projected rows."""
        if self.k >= 1:
            d, neighbors = self._nearest(Z, self.k)
            self.laplacian = unit_laplacian(simplex_projection(-d / (2 * self.r)), neighbors)

    def scatter(self, rows):
        """``X'L_t X``, (p, p), with L_t of unit norm, or None without a graph."""
        return None if self.laplacian is None else rows.T @ (self.laplacian @ rows)

    @staticmethod
    def _nearest(rows, k):
        """Squared distances to the k nearest other rows, ascending, and which these are."""
        distances, neighbors = NearestNeighbors(n_neighbors=k).fit(rows).kneighbors()
        return distances**2, neighbors


def manifold_scatter(source, graph_scatter):
    """``X'LX`` with L of unit Frobenius norm, from parts of the domains that count alike."""
    norm = np.sqrt(max(source.counts.sum() - len(source.counts), 0))  # L_s is a projection
    parts = [source.within / norm] if norm else []
    parts += [] if graph_scatter is None else [graph_scatter]
    return sum(parts) / np.sqrt(max(len(parts), 1)) if parts else np.zeros_like(source.within)


def cmms_projection(Y, scatter, *, lam, n_components):
    """The P of (1) given F, G and L: smallest eigenpairs of ``(scatter + lam I, Y'HY)``.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, p)
        Rows.
    scatter : ndarray of shape (p, p)
        ``Y'(R + rho L)Y``.
    lam : float
        Ridge, > 0.
    n_components : int

    Returns
    -------
    P : ndarray of shape (p, k)
        Columns of unit norm.
    eigenvalues : ndarray of shape (k,)
        Ascending.
    """
    centred = Y - Y.mean(axis=0)
    theta, P = eigh(centred.T @ centred, scatter + lam * np.eye(len(scatter)), check_finite=False)
    kept = np.flatnonzero(theta > rounding(len(theta)) * theta[-1])[::-1][:n_components]
    return P[:, kept] / np.linalg.norm(P[:, kept], axis=0), 1 / theta[kept]


@dataclass(frozen=True, eq=False)
class CentroidRound:
    """What a round ends with, in coordinates of the rows.

    Parameters
    ----------
    P : ndarray of shape (p, k)
    eigenvalues : ndarray of shape (k,)
    mean : ndarray of shape (k,)
        Of the projected rows.
    centroids : ndarray of shape (n_classes, k)
    labels : ndarray of shape (n_target,), int
        Classes of the target rows by the nearest centroid.
    """

    P: np.ndarray
    eigenvalues: np.ndarray
    mean: np.ndarray
    centroids: np.ndarray
    labels: np.ndarray


def cmms_rounds(
    Y, source, codes, labels, *, n_classes, n_components, lam, alpha, rho, n_neighbors, n_rounds
):
    """Rounds that find P, F, G and the graph of (1), each given the others.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, p), float64
        Rows of both domains, whose differences have the lengths that the graph takes.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    codes, labels : ndarray of shape (n_source,) and (n_target,), int
        Classes of the source rows, and first ones of the target rows.
    n_classes, n_components, lam, alpha, rho, n_neighbors
        As in :class:`CMMS`.
    n_rounds : int

    Yields
    ------
    CentroidRound
    """
    Ys, Yt, mean = Y[source], Y[~source], Y.mean(axis=0)
    graph, in_source = NeighborGraph(Yt, n_neighbors), ClassGroups.of(Ys, codes, n_classes)
    for _ in range(n_rounds):
        in_target = ClassGroups.of(Yt, labels, n_classes)
        scatter = centroid_scatter(in_source, in_target, alpha=alpha)  # (2)
        scatter += rho * manifold_scatter(in_source, graph.scatter(Yt))
        P, eigenvalues = cmms_projection(Y, scatter, lam=lam, n_components=n_components)
        Z = normalize((Y - mean) @ P, copy=False)
        Zs, Zt = Z[source], Z[~source]
        centroids = best_centroids(
            ClassGroups.of(Zs, codes, n_classes),
            ClassGroups.of(Zt, labels, n_classes),
            alpha=alpha,
        )
        labels = nearest_centroids(Zt, centroids)
        graph.learn(Zt)
        yield CentroidRound(P, eigenvalues, mean @ P, centroids, labels)


def nearest_centroids(Z, centroids):
    """Index of the nearest centroid of each row."""
    return cdist(Z, centroids).argmin(axis=1)
