"""SER, structure expansion and reduction of a tree (Segev et al., TPAMI 2017).

The leaves that target rows of several classes come to grow into trees of these rows; then, bottom
up, what makes as few errors on the target as a leaf becomes one.
"""

from dataclasses import replace

import numpy as np

from skdomain.transfer._node_tree import ARRAYS, LEAF
from skdomain.transfer._tree_pruning import keep_or_prune, reducible, relabelled, sums_of_nodes


def ser_tree(tree, X, y, weights, kind, grow, *, unreached="keep"):
    """Expand and reduce a tree by target rows.

    Parameters
    ----------
    tree : NodeTree
        Of the source.
    X : ndarray of shape (n_target, n_features), float32
    y : ndarray of shape (n_target,)
        Numbers of classes, or values.
    weights : ndarray of shape (n_target,)
        Above 0.
    kind : ClassCounts or SquaredErrors
    grow : callable
        ``grow(X, y, weights)`` is the NodeTree of some of the rows.
    unreached : {"keep", "prune"}, default="keep"
        What becomes of branches that no target row comes to.

    Returns
    -------
    NodeTree
        On the target rows it errs no more often than the expanded tree.
    """
    tree = expanded(tree, X, y, weights, grow)
    sums = sums_of_nodes(tree.apply(X), kind.stats(y, weights), tree.left, tree.right)
    cut = reducible(tree, sums, kind)
    return keep_or_prune(relabelled(tree, sums, kind), sums, kind, cut, unreached=unreached)


def expanded(tree, X, y, weights, grow):
    """The tree with one grown in the place of each leaf whose rows are not all alike."""
    found = {}
    for leaf, rows in rows_of_leaves(tree.apply(X)):
        if np.any(y[rows] != y[rows[0]]):
            branch = grow(X[rows], y[rows], weights[rows])
            if len(branch) > 1:
                found[leaf] = branch
    return grafted(tree, found)


def rows_of_leaves(leaves):
    """Each leaf that rows come to, and these rows."""
    order = np.argsort(leaves, kind="stable")
    reached, starts = np.unique(leaves[order], return_index=True)
    yield from zip(reached, np.split(order, starts[1:]), strict=True)


def grafted(tree, branches):
    """The tree with other trees in the place of some of its leaves.

    The root of a branch takes the number of the leaf, its other nodes follow behind all so far.

    Parameters
    ----------
    tree : NodeTree
    branches : dict of int to NodeTree
        Those of the leaves of these numbers.

    Returns
    -------
    NodeTree
    """
    leaves, sizes = list(branches), np.array([len(b) for b in branches.values()], dtype=np.int64)
    offsets = len(tree) - 1 + np.cumsum(sizes - 1) - (sizes - 1)
    joined = {}
    for name in ("left", "right", *ARRAYS):
        parts = [getattr(branch, name) for branch in branches.values()]
        if name in ("left", "right"):
            parts = [np.where(p == LEAF, LEAF, p + o) for p, o in zip(parts, offsets, strict=True)]
        array = np.concatenate([getattr(tree, name), *(part[1:] for part in parts)])
        if leaves:
            array[leaves] = [part[0] for part in parts]
        joined[name] = array
    return replace(tree, **joined)
