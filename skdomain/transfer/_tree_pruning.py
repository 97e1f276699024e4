"""Target rows in a tree: what comes to each node, what a subtree errs, and what is cut off."""

from dataclasses import replace

import numpy as np

from skdomain._estimators import compiled

ERROR_ROUNDING = 1e-12


@compiled
def sums_of_nodes(leaves, stats, left, right):
    """Sums, over the rows that come to each node, of what each row adds.

    A child stands behind its parent, so one way back through the nodes is enough.
    """
    sums = np.zeros((len(left), stats.shape[1]))
    for i in range(len(leaves)):
        for k in range(stats.shape[1]):
            sums[leaves[i], k] += stats[i, k]
    for node in range(len(left) - 1, -1, -1):
        if left[node] >= 0:
            for k in range(stats.shape[1]):
                sums[node, k] = sums[left[node], k] + sums[right[node], k]
    return sums


@compiled
def sums_of_leaves(error, left, right):
    """Of each node the error of the leaves below it, its own if it is one."""
    below = error.copy()
    for node in range(len(left) - 1, -1, -1):
        if left[node] >= 0:
            below[node] = below[left[node]] + below[right[node]]
    return below


@compiled
def nodes_left(left, right, reached, cut):
    """Numbers of the nodes that stay, parents first, and their children in the new numbers.

    A node that is cut becomes a leaf; one with a child that is not reached gives its place to the
    other child.
    """
    nodes = np.empty(len(left), dtype=np.int64)
    children = np.full((2, len(left)), -1)
    stack = [(0, -1, 0)]
    n = 0
    while stack:
        node, parent, side = stack.pop()
        while left[node] >= 0 and not cut[node]:
            if reached[left[node]] and reached[right[node]]:
                break
            node = left[node] if reached[left[node]] else right[node]
        nodes[n] = node
        if parent >= 0:
            children[side, parent] = n
        if left[node] >= 0 and not cut[node]:
            stack.append((right[node], n, 1))
            stack.append((left[node], n, 0))
        n += 1
    return nodes[:n], children[0, :n], children[1, :n]


def pruned_tree(tree, reached, cut):
    """The tree without branches that are not reached, and with leaves where it is cut.

    Parameters
    ----------
    tree : NodeTree
    reached : ndarray of shape (n_nodes,), bool
        True at the root. Of a node with one child that is not, the other child takes the place.
    cut : ndarray of shape (n_nodes,), bool
        Nodes that become leaves.

    Returns
    -------
    NodeTree
    """
    return tree.take(*nodes_left(tree.left, tree.right, reached, cut))


class ClassCounts:
    """What a node holds of a classifier's rows: the weight of each class."""

    def __init__(self, n_classes):
        self.n_classes = n_classes

    def stats(self, codes, weights):
        """What each row adds to the nodes it comes to."""
        stats = np.zeros((len(codes), self.n_classes))
        stats[np.arange(len(codes)), codes] = weights
        return stats

    def error(self, sums):
        """Weight of the rows that are not of the largest class."""
        return sums.sum(axis=1) - sums.max(axis=1)

    def weight(self, sums):
        """Weight of all rows."""
        return sums.sum(axis=1)

    def scale(self, root):
        """To what errors are compared."""
        return root.sum()

    def values(self, sums):
        """Shares of the classes."""
        return sums / sums.sum(axis=1, keepdims=True)


class SquaredErrors:
    """What a node holds of a regressor's rows: the sums of w, w (y - m) and w (y - m)^2."""

    def __init__(self, centre):
        self.centre = centre

    def stats(self, y, weights):
        """What each row adds to the nodes it comes to."""
        y = y - self.centre
        return np.column_stack([weights, weights * y, weights * y**2])

    def error(self, sums):
        """Sum of squares about the mean."""
        weight, first, second = sums.T
        return second - np.divide(first**2, weight, out=np.zeros(len(sums)), where=weight > 0)

    def weight(self, sums):
        """Weight of all rows."""
        return sums[:, 0]

    def scale(self, root):
        """To what errors are compared."""
        return root[2]

    def values(self, sums):
        """The mean."""
        return self.centre + sums[:, 1:2] / sums[:, :1]


def relabelled(tree, sums, kind):
    """The tree with what the target says in nodes that target rows come to.

    Parameters
    ----------
    tree : NodeTree
    sums : ndarray
        Sums of the rows that come to each node.
    kind : ClassCounts or SquaredErrors
        What is summed.

    Returns
    -------
    NodeTree
        Nodes that no row comes to keep what the source says there.
    """
    reached = kind.weight(sums) > 0
    value, n_samples = tree.value.copy(), tree.n_samples.copy()
    value[reached] = kind.values(sums[reached])
    n_samples[reached] = kind.weight(sums)[reached]
    return replace(tree, value=value, n_samples=n_samples)


def relabel_tree(tree, X, y, weights, kind):
    """The tree with the values of the target rows in the leaves that they come to.

    Parameters
    ----------
    tree : NodeTree
    X : ndarray of shape (n_target, n_features), float32
    y : ndarray of shape (n_target,)
        Numbers of classes, or values.
    weights : ndarray of shape (n_target,)
    kind : ClassCounts or SquaredErrors

    Returns
    -------
    NodeTree
        Of the same structure.
    """
    sums = sums_of_nodes(tree.apply(X), kind.stats(y, weights), tree.left, tree.right)
    return relabelled(tree, sums, kind)


def reducible(tree, sums, kind):
    """Nodes that make no more errors on the target as leaves than their subtrees do."""
    error = np.maximum(kind.error(sums), 0)
    below = sums_of_leaves(error, tree.left, tree.right)
    return error <= below + ERROR_ROUNDING * kind.scale(sums[0])


def keep_or_prune(tree, sums, kind, cut, *, unreached):
    """Cut a tree, and drop the branches without target rows or keep them.

    Parameters
    ----------
    tree : NodeTree
        With the values of the target rows.
    sums : ndarray
        Sums of the rows that come to each node.
    kind : ClassCounts or SquaredErrors
    cut : ndarray of shape (n_nodes,), bool
        Nodes that say of their rows what the nodes below say.
    unreached : {"prune", "keep"}
        Nodes with branches to be kept below are not cut.

    Returns
    -------
    NodeTree
    """
    reached = kind.weight(sums) > 0
    if unreached == "keep":
        empty = sums_of_leaves((~reached).astype(np.float64), tree.left, tree.right)
        return pruned_tree(tree, np.ones(len(tree), dtype=bool), cut & (empty == 0))
    return pruned_tree(tree, reached, cut)
