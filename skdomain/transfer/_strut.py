"""STRUT, structure transfer: the thresholds of a tree re-estimated on the target, top down.

A node of the source has class distributions Q_L and Q_R in its children. Of the thresholds t that
are local maxima of the information gain on the n target rows of the node, with n_L and n_R rows of
class distributions P_L and P_R on the two sides, the one is taken with the largest divergence gain

    DG(t) = 1 - n_L / n JSD(P_L, Q_L) - n_R / n JSD(P_R, Q_R),                               (1)

JSD being the Jensen-Shannon divergence in bits. If the children exchanged have a larger one, they
are (Segev et al., TPAMI 2017).
"""

from dataclasses import replace

import numpy as np

from skdomain._estimators import compiled
from skdomain.transfer._tree_pruning import keep_or_prune, relabelled

GAIN_ROUNDING = 1e-12


@compiled
def entropy(counts):
    """Entropy in bits of a class distribution, given by the weights of the classes."""
    total, found = counts.sum(), 0.0
    for count in counts:
        if count > 0:
            found -= count / total * np.log2(count / total)
    return found


@compiled
def divergence_gain(left, right, Q_left, Q_right):
    """Equation (1), of weights of the classes on both sides and of the source's distributions."""
    n_left, n_right = left.sum(), right.sum()
    P_left, P_right = left / n_left, right / n_right
    jsd_left = entropy(P_left + Q_left) - (entropy(P_left) + entropy(Q_left)) / 2
    jsd_right = entropy(P_right + Q_right) - (entropy(P_right) + entropy(Q_right)) / 2
    return 1 - (n_left * jsd_left + n_right * jsd_right) / (n_left + n_right)


@compiled
def splits_between(x, codes, weights, counts, missing_left):
    """Thresholds between the values of a column, and the weight of each class to their left.

    They lie halfway; missing values count to their side.
    """
    order = np.argsort(x)
    left = np.zeros(len(counts))
    if missing_left:
        for i in order:
            if np.isnan(x[i]):
                left[codes[i]] += weights[i]
    lefts = np.empty((len(x), len(counts)))
    thresholds = np.empty(len(x))
    n = 0
    for place in range(len(x) - 1):
        i, following = order[place], x[order[place + 1]]
        left[codes[i]] += weights[i]
        if x[i] < following:
            thresholds[n] = (np.float64(x[i]) + np.float64(following)) / 2
            lefts[n] = left
            n += 1
    return thresholds[:n], lefts[:n]


@compiled
def best_split(lefts, counts, Q_left, Q_right):
    """Number of the split of the largest divergence gain, and whether with exchanged children.

    Only local maxima of the information gain count, that is, minima of the mixed entropy. Of equal
    ones the first counts, and the children as they are.
    """
    mixed = np.full(len(lefts) + 2, np.inf)
    for i, left in enumerate(lefts):
        right = np.maximum(counts - left, 0)
        mixed[i + 1] = left.sum() * entropy(left) + right.sum() * entropy(right)
    best, place, exchanged = -np.inf, -1, False
    tie = GAIN_ROUNDING * (1 + counts.sum())
    for i, left in enumerate(lefts):
        if mixed[i + 1] > min(mixed[i], mixed[i + 2]) + tie:
            continue
        right = np.maximum(counts - left, 0)
        straight = divergence_gain(left, right, Q_left, Q_right)
        crossed = divergence_gain(left, right, Q_right, Q_left)
        if max(straight, crossed) > best + GAIN_ROUNDING:
            best, place, exchanged = max(straight, crossed), i, crossed > straight + GAIN_ROUNDING
    return place, exchanged


@compiled
def part_rows(x, threshold, missing_left, rows):
    """Put the rows that go to the left first, in place; their number."""
    ordered = np.empty_like(rows)
    n_left, n_right = 0, 0
    for i in range(len(rows)):
        goes_left = missing_left if np.isnan(x[i]) else x[i] <= threshold
        if goes_left:
            ordered[n_left] = rows[i]
            n_left += 1
        else:
            n_right += 1
            ordered[len(rows) - n_right] = rows[i]
    rows[:] = ordered
    return n_left


@compiled
def refit_thresholds(X, codes, weights, left, right, feature, threshold, missing_left, Q):
    """Re-estimate thresholds in place, exchange children, and count classes in each node.

    Where the rows of a node are of one class, or no threshold parts them, it stays as it is.
    """
    counts = np.zeros(Q.shape)
    rows = np.arange(len(X))
    stack = [(0, 0, len(X))]
    while stack:
        node, start, end = stack.pop()
        own = rows[start:end]
        for i in own:
            counts[node, codes[i]] += weights[i]
        if left[node] < 0 or start == end:
            continue
        x = X[:, feature[node]][own]
        if np.sum(counts[node] > 0) > 1:
            thresholds, lefts = splits_between(
                x, codes[own], weights[own], counts[node], missing_left[node]
            )
            if len(thresholds):
                place, exchanged = best_split(lefts, counts[node], Q[left[node]], Q[right[node]])
                threshold[node] = thresholds[place]
                if exchanged:
                    left[node], right[node] = right[node], left[node]
        middle = start + part_rows(x, threshold[node], missing_left[node], own)
        stack.append((right[node], middle, end))
        stack.append((left[node], start, middle))
    return counts


def refitted_tree(tree, X, codes, weights):
    """The tree with thresholds of the target, its values still the source's, and class weights.

    Parameters
    ----------
    tree : NodeTree
        Of the source, a classifier.
    X : ndarray of shape (n_target, n_features), float32
    codes : ndarray of shape (n_target,), int
        Numbers of the classes.
    weights : ndarray of shape (n_target,), float64

    Returns
    -------
    tree : NodeTree
    counts : ndarray of shape (n_nodes, n_classes)
        Weight of each class among the target rows that come to a node.
    """
    new = [array.copy() for array in tree.tests]
    counts = refit_thresholds(X, codes, weights, *new, tree.value)
    left, right, _, threshold, _ = new
    return replace(tree, left=left, right=right, threshold=threshold), counts


def strut_tree(tree, X, codes, weights, kind, *, unreached="keep"):
    """Re-estimate the thresholds and the leaves of a tree by target rows.

    Parameters
    ----------
    tree, X, codes, weights
        As in :func:`refitted_tree`.
    kind : ClassCounts
    unreached : {"keep", "prune"}, default="keep"
        What becomes of branches that no target row comes to.

    Returns
    -------
    NodeTree
        Nodes whose rows are of one class are leaves, unless branches below them are kept.
    """
    tree, counts = refitted_tree(tree, X, codes, weights)
    pure = np.sum(counts > 0, axis=1) == 1
    return keep_or_prune(relabelled(tree, counts, kind), counts, kind, pure, unreached=unreached)
