"""Clusters of target rows, source rows and features that lose little information, taking turns.

W. Dai, Q. Yang, G.-R. Xue and Y. Yu (2008), "Self-taught clustering", International Conference on
Machine Learning, 200-207. With weight 0 of the source it is the information-theoretic co-clustering
of I. S. Dhillon, S. Mallela and D. S. Modha (2003), ACM SIGKDD, 89-98.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy
from sklearn.utils import Bunch, check_array, check_random_state

# A row changes its cluster for a gain in nats per unit of its mass that rounding cannot make.
_LEAST_GAIN = 1e-10


def self_taught_clusters(
    target: ArrayLike,
    source: ArrayLike | None = None,
    *,
    n_clusters: int = 2,
    n_source_clusters: int = 2,
    n_feature_clusters: int = 2,
    lam: float = 1.0,
    n_init: int = 10,
    max_iter: int = 100,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Cluster target rows, with clusters of features that source rows share.

    Entries count how often a row and a feature meet, and each domain is scaled to sum 1. What is
    made small, over the three clusterings, is the information that is lost about the features::

        I(rows, features) - I(clusters, feature clusters)   of the target
            + lam (I(rows, features) - I(clusters, feature clusters))   of the source

    Parameters
    ----------
    target : array-like of shape (n_target, n_features)
        Rows to cluster, not negative.
    source : array-like of shape (n_source, n_features), default=None
        Rows that help to cluster the features, not negative. None: there are none.
    n_clusters, n_source_clusters, n_feature_clusters : int, default=2
        Numbers of clusters of target rows, of source rows and of features; at most as many as
        there are.
    lam : float, default=1.0
        Weight of the source, >= 0.
    n_init : int, default=10
        Number of starts, of which the one that loses least is kept.
    max_iter : int, default=100
        Most rounds of a start.
    random_state : int, RandomState instance or None, default=None
        Seed of the starts.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        * labels : ndarray of shape (n_target,), clusters of the target rows
        * source_labels : ndarray of shape (n_source,), those of the source rows
        * feature_labels : ndarray of shape (n_features,), those of the features
        * losses : ndarray of shape (1 + 3 * n_iter,), nats lost at the start and after each step:
          target rows, source rows, features. They never rise.

    Examples
    --------
    >>> from skdomain.transfer import self_taught_clusters
    >>> found = self_taught_clusters([[3, 2, 0, 0], [2, 3, 0, 0], [0, 0, 1, 1]], random_state=0)
    >>> bool(found.labels[0] == found.labels[1] != found.labels[2])
    True
    """
    target = check_array(target, dtype=np.float64, ensure_non_negative=True)
    source = target[:0] if source is None else np.asarray(source, dtype=np.float64)
    if len(source):
        source = check_array(source, ensure_non_negative=True)
    laws, orders = zip(*(_sorted_law(rows) for rows in (target, source)), strict=True)
    counts = (n_clusters, n_source_clusters if len(source) else 0, n_feature_clusters)
    seeds = check_random_state(random_state).randint(2**31, size=n_init)
    starts = (_descended(laws, counts, lam, max_iter, seed) for seed in seeds)
    labels, losses = min(starts, key=lambda found: found[1][-1])
    placed = [own[np.argsort(order)] for own, order in zip(labels, orders, strict=False)]
    return Bunch(
        labels=placed[0],
        source_labels=placed[1],
        feature_labels=labels[2],
        losses=np.array(losses),
    )


def _sorted_law(rows):
    """Rows scaled to sum 1 in an order of their values, and that order."""
    order = np.lexsort(rows.T[::-1]) if len(rows) else np.arange(0)
    total = rows.sum()
    return (rows / total if total > 0 else rows)[order], order


def _descended(laws, counts, lam, max_iter, seed):
    """Clusters of target rows, source rows and features from one start, and the losses since."""
    P, Q = laws
    rng, both = check_random_state(seed), np.hstack([P.T, lam * Q.T])
    labels = [None, None, None]
    for which, A in ((0, P), (2, both), (1, Q)):  # the source last: without it the same is drawn
        labels[which] = _started(A, counts[which], rng)
    losses = [information_loss(laws, labels, counts, lam)]
    for _ in range(max_iter):
        before = [own.copy() for own in labels]
        for which in range(3):
            labels[which] = _reassigned(which, laws, labels, counts, lam)
            losses.append(information_loss(laws, labels, counts, lam))
        if all(np.array_equal(*pair) for pair in zip(before, labels, strict=True)):
            break
    return labels, losses


def information_loss(laws, labels, counts, lam):
    """Nats of information about the features that clusters lose, lam times those of the source."""
    lost = [
        mutual_information(law) - mutual_information(merged(law, own, k, labels[2], counts[2]))
        for law, own, k in zip(laws, labels[:2], counts[:2], strict=True)
    ]
    return lost[0] + lam * lost[1] if lam else lost[0]


def mutual_information(law):
    """Nats that rows and columns of a matrix of sum 1 tell of each other; 0 of one without rows."""
    independent = np.outer(law.sum(axis=1), law.sum(axis=0))
    return float(xlogy(law, law).sum() - xlogy(law, independent).sum())


def merged(law, rows, n_rows, columns, n_columns):
    """The law of clusters of rows and clusters of columns."""
    return _one_hot(rows, n_rows).T @ law @ _one_hot(columns, n_columns)


def _one_hot(labels, k):
    return np.eye(k)[labels]


def _reassigned(which, laws, labels, counts, lam):
    """Clusters of rows (0: target, 1: source) or of features (2), each where it loses least."""
    if which < 2:
        met = laws[which] @ _one_hot(labels[2], counts[2])
        gains = cluster_scores(met, _one_hot(labels[which], counts[which]).T @ met)
        return _moved(labels[which], gains, met.sum(axis=1))
    gains, mass = 0.0, 0.0
    for law, own, k, weight in zip(laws, labels[:2], counts[:2], (1.0, lam), strict=True):
        if weight and k:
            met = law.T @ _one_hot(own, k)
            clusters = _one_hot(labels[2], counts[2]).T @ met
            gains = gains + weight * cluster_scores(met, clusters)
            mass = mass + weight * met.sum(axis=1)
    return _moved(labels[2], gains, mass)


def cluster_scores(met, clusters):
    """``sum_j a_ij log(n_cj / n_c.)`` of row i in cluster c, minus infinity where n_cj is missing.

    Up to what does not depend on c, minus the divergence of the row from the cluster times the
    mass of the row.
    """
    mass = clusters.sum(axis=1, keepdims=True)
    shares = np.divide(clusters, mass, out=np.zeros_like(clusters), where=mass > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    missing = (met > 0).astype(float) @ (shares == 0).T
    return np.where(missing > 0, -np.inf, met @ logs.T)


def _moved(labels, gains, mass):
    """Each row to its best cluster, if that is better than its own by more than rounding."""
    if not len(labels):
        return labels
    rows, best = np.arange(len(labels)), np.argmax(gains, axis=1)
    better = gains[rows, best] > gains[rows, labels] + _LEAST_GAIN * mass
    return np.where(better, best, labels)


def _started(A, k, rng):
    """Clusters around k rows that are drawn far apart by divergence; each of these keeps its own.

    Shares of a row are mixed with those of all, half and half, so that no divergence is infinite.
    """
    mass = A.sum(axis=1, keepdims=True)
    mean = A.sum(axis=0) / max(A.sum(), np.finfo(float).tiny)
    shares = (np.divide(A, mass, out=np.tile(mean, (len(A), 1)), where=mass > 0) + mean) / 2
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    own, seeds, apart = (shares * logs).sum(axis=1), [], np.empty((len(A), k))
    for c in range(k):
        near = apart[:, :c].min(axis=1) if c else np.ones(len(A))
        weight = np.maximum(near, 0) * (mass[:, 0] > 0)
        weight[seeds] = 0
        if not weight.sum() > 0:
            weight = (~np.isin(np.arange(len(A)), seeds)).astype(float)
        seeds.append(int(rng.choice(len(A), p=weight / weight.sum())))
        apart[:, c] = own - shares @ logs[seeds[-1]]
    labels = np.argmin(apart, axis=1) if k else np.zeros(len(A), dtype=np.int64)
    labels[seeds] = np.arange(k)
    return labels
