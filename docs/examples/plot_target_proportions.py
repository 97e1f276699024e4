"""
Several sources, and a target of unknown proportions
====================================================

Three sources have the same two classes in other proportions, and the target has proportions of its
own that nobody knows: one clinic sees many cases, another few. A plan of ``OptimalTransport`` or
``JDOTClassifier`` sends all mass, so that it needs equal proportions. ``JCPOT`` finds plans from
all sources and the proportions of the target together. It assumes that rows of a class are alike
everywhere, and fails where the target has moved. Target labels serve for the figures alone.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.transport import JCPOT, JDOTClassifier, OTLabelPropagation

SHARES = [0.1, 0.3, 0.5]  # of class 1 in the sources
sample_domain = np.repeat([1, 2, 3, -4], 100)
source = sample_domain > 0
METHODS = {
    "source only": SourceOnly(LogisticRegression()),
    "OTLabelPropagation": OTLabelPropagation(),
    "JDOTClassifier": JDOTClassifier(),
    "JCPOT": JCPOT(),
}


def problem(share, move=0.0, seed=0):
    """Rows and labels of three sources, and of a target with this share of class 1 that moved."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(100) < 100 * s for s in [*SHARES, share]]).astype(int)
    X = rng.normal(size=(400, 2)) + 2 * y[:, None] * [1, 0]
    X[~source] += move * np.array([1, 0])
    return X, y


def accuracy(model, X, y):
    """Percent of the target rows that are right, once fitted."""
    model.fit(X, np.where(source, y, -1), sample_domain=sample_domain)
    return 100 * model.score(X[~source], y[~source])


# %%
# Where it helps, and where it fails
# ----------------------------------
# The more the target differs from the sources, the more is lost by a model of all sources together.
# With a move of the whole target, the plans take it for rows of the other class.

shares, moves = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]), np.linspace(0, 3, 7)
fig, axes = plt.subplots(1, 3, figsize=(14, 4), layout="constrained")
for name, model in METHODS.items():
    seeds = range(3)
    by_share = [np.mean([accuracy(model, *problem(s, seed=k)) for k in seeds]) for s in shares]
    by_move = [np.mean([accuracy(model, *problem(0.3, m, k)) for k in seeds]) for m in moves]
    axes[0].plot(100 * shares, by_share, marker="o", label=name)
    axes[1].plot(moves, by_move, marker="o", label=name)
axes[0].set(xlabel="class 1 in the target, %", ylabel="accuracy, %", title="other proportions")
axes[1].set(xlabel="move of the target", ylabel="accuracy, %", title="moved, 30 % of class 1")
axes[0].legend()

# %%
# The proportions
# ---------------
# They are an attribute of their own. Where nothing has moved they follow the truth, whatever the
# sources have.

for move in (0.0, 1.5):
    found = []
    for share in shares:
        X, y = problem(share, move)
        model = JCPOT().fit(X, np.where(source, y, -1), sample_domain=sample_domain)
        found.append(100 * model.target_priors_[1])
    axes[2].plot(100 * shares, found, marker="o", label=f"moved by {move:g}")
axes[2].plot([0, 100], [0, 100], color="0.7")
axes[2].set(xlabel="class 1 in the target, %", ylabel="found by JCPOT, %", title="proportions")
axes[2].legend()
plt.show()
