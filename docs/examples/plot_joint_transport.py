"""
Labels that go with the mass, a model in the cost, and rows sorted along directions
===================================================================================

The other classes of ``skdomain.transport``, each where it helps and where it fails. Two classes in
two features; the target is turned a little and moved, or its proportions differ, or values of a
regression move with the rows. Target labels serve for the figures alone.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.transport import (
    JDOTClassifier,
    JDOTRegressor,
    OTLabelPropagation,
    SlicedTransport,
)

sample_domain = np.repeat([1, -2], 100)
source = sample_domain > 0
LAST = SourceOnly(LogisticRegression())
METHODS = {
    "source only": LAST,
    "JDOTClassifier": JDOTClassifier(),
    "OTLabelPropagation": OTLabelPropagation(),
    "SlicedTransport": LAST,  # of the rows that it moves
}


def problem(move, share=0.5, seed=0):
    """Rows and labels; the target is turned and moved, and has this share of class 1."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(100) < 50, np.arange(100) < 100 * share]).astype(int)
    X = rng.normal(size=(200, 2)) * [0.5, 1.0] + 4 * (y[:, None] - 0.5) * [1, 0]
    X[~source] = X[~source] @ [[0.9, 0.4], [-0.4, 0.9]] + [move, 0]
    return X, y


def accuracy(name, X, y):
    """Percent of the target rows that are right, once fitted."""
    if name == "SlicedTransport":
        X = SlicedTransport(random_state=0).fit_transform(X, sample_domain=sample_domain)
    model = METHODS[name]
    model.fit(X, np.where(source, y, -1), sample_domain=sample_domain)
    return 100 * model.score(X[~source], y[~source])


# %%
# Classes
# -------
# ``JDOTClassifier`` sees each domain from its mean, and sorting moves the mean of the source
# with all else: no move is too far. ``OTLabelPropagation`` takes rows where they are, and falls as
# the target moves. Where proportions differ it is the other way round: it lets mass stay, while in
# the others all mass has to arrive, that of one class in the other as well.

moves, shares = np.linspace(0, 6, 7), np.array([0.05, 0.2, 0.35, 0.5])
fig, axes = plt.subplots(1, 3, figsize=(14, 4), layout="constrained")
for name in METHODS:
    by_move = [accuracy(name, *problem(move)) for move in moves]
    by_share = [accuracy(name, *problem(0, share)) for share in shares]
    axes[0].plot(moves, by_move, marker="o", label=name)
    axes[1].plot(100 * shares, by_share, marker="o", label=name)
axes[0].set(xlabel="move of the target", ylabel="accuracy, %", title="turned and moved")
axes[1].set(xlabel="class 1 in the target, %", ylabel="accuracy, %", title="other proportions")
axes[0].legend()

# %%
# Values
# ------
# A curve whose target has moved to the right by 2, or has not. Joint transport follows the move as
# long as the target has the whole curve. Of a part of it, rows are matched with all of the source.

rng = np.random.default_rng(0)
learner = KernelRidge(alpha=0.1, kernel="rbf", gamma=1.0)
models = {"source only": SourceOnly(learner), "JDOTRegressor": JDOTRegressor(learner)}
parts, start = np.array([0.2, 0.4, 0.6, 0.8, 1.0]), rng.uniform(size=200)
for line, move in (("-", 2), (":", 0)):
    for k, (name, model) in enumerate(models.items()):
        errors = []
        for part in parts:
            x = 6 * start * np.where(source, 1, part) - 3
            values = np.sin(x) + 0.1 * rng.normal(size=200)
            X = (x + move * ~source)[:, None]
            model.fit(X, np.where(source, values, np.nan), sample_domain=sample_domain)
            residuals = model.predict(X[~source]) - values[~source]
            errors.append(np.sqrt(np.mean(np.square(residuals))))
        label = f"{name}, moved by {move}"
        axes[2].plot(100 * parts, errors, marker="o", ls=line, c=f"C{k}", label=label)
axes[2].set(xlabel="part of the curve in the target, %", ylabel="error", title="values")
axes[2].legend()
plt.show()
