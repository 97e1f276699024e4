"""
When does a tree of the source help the target?
===============================================

Four classes in the corners of a square, and eight features that say nothing. The source has 400
rows, the target a few labels. On the left its square is larger and moved: what the source's tree
asks stays right, and the thresholds have changed. On the right the square is turned as well: two
thresholds cannot part it, wherever they are.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier

from skdomain.transfer import TransferForestClassifier, TransferTreeClassifier

SIZES, N_DRAWS = (4, 8, 16, 32, 64), 6


def corners(n, rng, turn=0.0, scale=1.0, move=0.0):
    """Rows around the corners of a square, and the number of the corner."""
    y = np.arange(n) % 4
    X = np.column_stack([y % 2, y // 2]) * 2.0 - 1 + rng.normal(scale=0.55, size=(n, 2))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.hstack([scale * X @ turned.T + move, rng.normal(size=(n, 8))]), y


# %%
# Three ways to change the tree
# -----------------------------
# The rows of the source are not needed any more: the fitted tree is handed over. STRUT moves its
# thresholds, which few labels suffice for; SER lets the leaves grow; in a forest both of each tree
# vote. What it is all worth, the
# dashed line says: a tree of the labelled target rows alone.

tree = DecisionTreeClassifier(max_leaf_nodes=4, random_state=0)
tree.fit(*corners(400, np.random.default_rng(0)))
forest = RandomForestClassifier(20, max_leaf_nodes=8, random_state=0)
forest.fit(*corners(400, np.random.default_rng(0)))
MODELS = {
    "source": None,
    **{
        method: TransferTreeClassifier(FrozenEstimator(tree), method=method, random_state=0)
        for method in ("relabel", "ser", "strut")
    },
    "forest, both": TransferForestClassifier(FrozenEstimator(forest), random_state=0),
    "labelled rows alone": DecisionTreeClassifier(random_state=0),
}
TARGETS = {
    "moved": {"scale": 1.4, "move": 1.6},
    "moved and turned": {"scale": 1.4, "move": 1.6, "turn": np.pi / 4},
}


def shares_right(target, model):
    """Share of 400 other target rows predicted right: a row a size, a column a draw."""
    shares = np.empty((len(SIZES), N_DRAWS))
    for draw in range(N_DRAWS):
        rng = np.random.default_rng(1 + draw)
        (X, y), (X_new, y_new) = corners(max(SIZES), rng, **target), corners(400, rng, **target)
        for i, n in enumerate(SIZES):
            fitted = tree if model is None else model.fit(X[:n], y[:n])
            shares[i, draw] = np.mean(fitted.predict(X_new) == y_new)
    return shares


figure, axes = plt.subplots(ncols=2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, (name, target) in zip(axes, TARGETS.items(), strict=True):
    for title, model in MODELS.items():
        means = shares_right(target, model).mean(axis=1)
        ax.plot(SIZES, means, "--" if title.startswith("lab") else "o-", label=title, markersize=4)
        print(f"{name}, {title}: " + ", ".join(f"{mean:.0%}" for mean in means))
    ax.set(title=name, xlabel="labelled target rows", xscale="log", xticks=SIZES, ylim=(0, 1))
    ax.set_xticklabels(SIZES)
    ax.minorticks_off()
axes[0].set_ylabel("share of the target predicted right")
axes[1].legend(loc="lower right")
plt.show()
