"""TransEMDT (Zhao et al., IJCAI 2011): rounds in which thresholds follow clusters of the target.

Each round takes the rows whose predictions are most confident, clusters them by K-means from the
means of the predicted classes on, and re-estimates the thresholds from the clusters.
"""

import numpy as np

from skdomain._estimators import LabelRounds
from skdomain.transfer._strut import refitted_tree

LARGEST_N_STEPS = 300


def confident_labels(tree, X, share):
    """Predictions for the most confident rows of each class, -1 for the others.

    Parameters
    ----------
    tree : NodeTree
    X : ndarray of shape (n_rows, n_features), float32
    share : float
        Of the rows of a predicted class that count, at least one; those that tie with the last of
        them do, too.

    Returns
    -------
    ndarray of shape (n_rows,), int

    Notes
    -----
    Confidence is Laplace's, ``(n_k + 1) / (n + K)`` in a leaf with n rows, n_k of them of the
    class, of K classes: the leaves of a full tree are all pure, but not all large.
    """
    leaves = tree.apply(X)
    counts = tree.value[leaves] * tree.n_samples[leaves, None]
    labels = counts.argmax(axis=1)
    confidence = (counts.max(axis=1) + 1) / (tree.n_samples[leaves] + counts.shape[1])
    chosen = np.full(len(X), -1)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        falling = np.sort(confidence[own])[::-1]
        last = falling[int(np.ceil(share * len(own))) - 1]
        chosen[own[confidence[own] >= last]] = label
    return chosen


def clustered_labels(Z, labels):
    """K-means from the means of labelled rows on: the label that each row ends with.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    labels : ndarray of shape (n_rows,), int
        A cluster that loses all its rows is gone.

    Returns
    -------
    ndarray of shape (n_rows,), int
        Each row's is that of the nearest mean, unless 300 steps have not been enough.
    """
    for _ in range(LARGEST_N_STEPS):
        known, codes = np.unique(labels, return_inverse=True)
        sums = np.zeros((len(known), Z.shape[1]))
        np.add.at(sums, codes, Z)
        means = sums / np.bincount(codes)[:, None]
        nearest = known[np.argmin(np.sum(means**2, axis=1) - 2 * Z @ means.T, axis=1)]
        if np.array_equal(nearest, labels):
            break
        labels = nearest
    return labels


def transemdt_rounds(tree, X, *, confident=0.5, max_iter=20, bar=iter):
    """Re-estimate thresholds of the source's tree from clusters of target rows, round by round.

    Parameters
    ----------
    tree : NodeTree
        Of the source.
    X : ndarray of shape (n_target, n_features), float32
    confident : float, default=0.5
        Share of the rows of each predicted class that are clustered.
    max_iter : int, default=20
    bar : callable
        Gets the rounds and returns them, perhaps with a bar of progress.

    Returns
    -------
    tree : NodeTree
        That of the last round.
    rounds : LabelRounds
        Their labels are -1 for rows that are not confident.
    """
    spread = X.std(axis=0, dtype=np.float64)
    Z = (X - X.mean(axis=0, dtype=np.float64)) / np.where(spread > 0, spread, 1)

    def labels_of(found):
        labels = confident_labels(found, X, confident)
        rows = labels >= 0
        labels[rows] = clustered_labels(Z[rows], labels[rows])
        return labels

    rounds = LabelRounds(labels_of(tree), max_iter)
    for labels in bar(rounds):
        rows = labels >= 0
        found, _ = refitted_tree(tree, X[rows], labels[rows], np.ones(rows.sum()))
        labels = labels_of(found)
        rounds.take(labels, {"n_confident": int(np.sum(labels >= 0))})
    return found, rounds
