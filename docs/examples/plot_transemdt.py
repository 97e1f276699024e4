"""
A tree that follows clusters which have moved, without a label
==============================================================

Two clusters on a line, each of one class, and a feature that says nothing. In the target both have
moved by as much as is said. The tree of the source asks for a threshold between its own clusters;
:class:`~skdomain.transfer.TransEMDT` moves it by labels that it gives to the target's rows itself.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from skdomain.transfer import TransEMDT

MOVES, N_DRAWS = np.linspace(0, 5, 11), 4


def clusters(move, rng, overlap):
    """Source and target rows, 150 each: X, y and domains."""
    y = np.arange(300) % 2
    X = np.column_stack([4 * y + rng.normal(scale=overlap, size=300), rng.normal(size=300)])
    X[150:, 0] += move
    return X, y, np.repeat([1, -2], 150)


def shares_right(move, seed, overlap):
    """Of the target rows: by the source's tree, and by the tree that moved."""
    X, y, d = clusters(move, np.random.default_rng(seed), overlap)
    tree = DecisionTreeClassifier(max_leaf_nodes=2, random_state=0).fit(X[d > 0], y[d > 0])
    moved = TransEMDT(tree, random_state=0).fit(X, y, sample_domain=d)
    return [np.mean(model.predict(X[d < 0]) == y[d < 0]) for model in (tree, moved)]


# %%
# Right by how far the clusters have moved
# ----------------------------------------
# It helps while some rows of each cluster are on their side of the source's threshold. Compact
# clusters that have both crossed it (on the left, from 4 on) are one class to the source's tree,
# and nothing but a label could say otherwise.

figure, axes = plt.subplots(ncols=2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, overlap in zip(axes, (0.6, 1.4), strict=True):
    shares = [[shares_right(move, seed, overlap) for seed in range(N_DRAWS)] for move in MOVES]
    means = np.mean(shares, axis=1)
    for line, name in zip(means.T, ("tree of the source", "TransEMDT"), strict=True):
        ax.plot(MOVES, line, "o-", label=name, markersize=4)
        print(f"spread {overlap}, {name}: " + ", ".join(f"{share:.2f}" for share in line))
    ax.set(title=f"clusters of spread {overlap}", xlabel="moved by", ylim=(0, 1.02))
axes[0].set_ylabel("share of the target predicted right")
axes[0].legend(loc="lower left")
plt.show()
