"""A decision tree as arrays with an entry a node, filled from what scikit-learn's trees publish.

Node 0 is the root, a child stands behind its parent, and node v sends row x to its left child if
``x[feature[v]] <= threshold[v]``, or, where that entry is missing, if ``missing_left[v]``. Rows
are float32 and thresholds float64, as scikit-learn has them, so the same rows go the same ways.
"""

from dataclasses import dataclass, replace

import numpy as np

from skdomain._estimators import compiled

LEAF = -1


@dataclass(frozen=True, eq=False)
class NodeTree:
    """Nodes of a tree.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,), int64
        Numbers of the children; -1 of a leaf.
    feature : ndarray of shape (n_nodes,), int64
        Column that a node asks for.
    threshold : ndarray of shape (n_nodes,), float64
        Largest value that goes to the left.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether missing values go to the left.
    value : ndarray of shape (n_nodes, n_classes) or (n_nodes, 1), float64
        Shares of the classes, or the mean.
    n_samples : ndarray of shape (n_nodes,), float64
        Sum of the weights of the rows that the value is of.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    n_samples: np.ndarray

    def __len__(self):
        return len(self.left)

    @property
    def leaves(self):
        """Numbers of the leaves."""
        return np.flatnonzero(self.left == LEAF)

    @property
    def tests(self):
        """What sends rows their way: the arrays that the compiled loops take."""
        return self.left, self.right, self.feature, self.threshold, self.missing_left

    def apply(self, X):
        """The leaf of each row; X of float32 and shape (n_samples, n_features)."""
        return leaves_of(X, *self.tests)

    def add_values(self, X, sums):
        """Add what the tree says of each row, in place."""
        add_leaf_values(X, *self.tests, self.value, sums)

    def take(self, nodes, left, right):
        """A tree of some of the nodes, with these children."""
        arrays = (getattr(self, name)[nodes] for name in ARRAYS)
        return replace(self, left=left, right=right, **dict(zip(ARRAYS, arrays, strict=True)))


ARRAYS = "feature", "threshold", "missing_left", "value", "n_samples"


def tree_nodes(tree, columns=None, n_columns=None):
    """Nodes of a fitted tree of scikit-learn, from public attributes of its ``tree_``.

    Parameters
    ----------
    tree : sklearn.tree._tree.Tree
        The ``tree_`` of a fitted tree with one output.
    columns : ndarray of int, default=None
        Where the values stand among ``n_columns``; None: where they are.

    Returns
    -------
    NodeTree
    """
    value = tree.value[:, 0, :]
    if columns is not None:
        wide = np.zeros((tree.node_count, n_columns))
        wide[:, columns] = value[:, : len(columns)]
        value = wide
    return NodeTree(
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        feature=tree.feature.astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        missing_left=tree.missing_go_to_left.astype(bool),
        value=np.array(value, dtype=np.float64, order="C"),
        n_samples=tree.weighted_n_node_samples.astype(np.float64),
    )


@compiled
def leaves_of(X, left, right, feature, threshold, missing_left):
    """The leaf that each row comes to."""
    found = np.empty(len(X), dtype=np.int64)
    for i in range(len(X)):
        node = 0
        while left[node] >= 0:
            x = X[i, feature[node]]
            goes_left = missing_left[node] if np.isnan(x) else x <= threshold[node]
            node = left[node] if goes_left else right[node]
        found[i] = node
    return found


@compiled
def add_leaf_values(X, left, right, feature, threshold, missing_left, value, sums):
    """Add the value of the leaf that each row comes to."""
    for i in range(len(X)):
        node = 0
        while left[node] >= 0:
            x = X[i, feature[node]]
            goes_left = missing_left[node] if np.isnan(x) else x <= threshold[node]
            node = left[node] if goes_left else right[node]
        for k in range(value.shape[1]):
            sums[i, k] += value[node, k]
