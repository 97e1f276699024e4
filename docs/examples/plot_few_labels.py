"""
Pooled, augmented, corrected or a new head?
===========================================

Four ways to use a few labels of the target beside many of the source, on two rules of 20 features.
On the left the target differs in two features and shares the others: what is learned together pays.
On the right every feature means the opposite: with six labels what the source says is in the way
of all but the new head, which takes the principal axes of all rows and no rule.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from skdomain.compose import Pooled
from skdomain.transfer import AdaptiveSVM, FeatureAugmentation, LinearProbe

LABELS = [6, 20, 60, 200]
SHARED = np.r_[2.0, 2.0, np.full(18, 0.5)]
TARGET_RULES = {
    "two of 20 features differ": SHARED * np.r_[-1, -1, np.ones(18)],
    "the opposite rule": -SHARED,
}


def drawn(rule, n_labels, rng):
    """Source rows, labelled target rows and test rows: X, y and domains of the first two."""
    d = np.repeat([1, -2], [300, n_labels + 1000])
    X = rng.normal(size=(len(d), 20))
    score = np.where(d > 0, X @ SHARED, X @ rule)
    y = (score + rng.logistic(size=len(d)) > 0).astype(int)
    y[300:302] = 0, 1  # one label of each class at least
    return (X[:-1000], y[:-1000], d[:-1000]), (X[-1000:], y[-1000:])


METHODS = {
    "pooled": Pooled(LogisticRegression(), balance=False),
    "half-half": Pooled(LogisticRegression()),
    "augmented": FeatureAugmentation(LogisticRegression()),
    "adaptive SVM": AdaptiveSVM(LogisticRegression(), C=0.1),
    "new head": LinearProbe(PCA(10), LogisticRegression()),
}


def accuracies(rule, n_labels, rng):
    """Of each method on the test rows."""
    (X, y, d), test = drawn(rule, n_labels, rng)
    return [model.fit(X, y, sample_domain=d).score(*test) for model in METHODS.values()]


# %%
# Accuracy by the number of labelled target rows
# ----------------------------------------------
# The mean of two draws. The dashed line is a coin.

figure, axes = plt.subplots(ncols=2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, (title, rule) in zip(axes, TARGET_RULES.items(), strict=True):
    rng = np.random.default_rng(0)
    means = [np.mean([accuracies(rule, n, rng) for _ in range(2)], axis=0) for n in LABELS]
    for name, line in zip(METHODS, np.transpose(means), strict=True):
        ax.plot(LABELS, line, marker="o", label=name)
    ax.axhline(0.5, color="C7", linestyle="--")
    ax.set(title=title, xlabel="labelled target rows", xscale="log", ylim=(0, 1))
    print(title, dict(zip(METHODS, means[1].round(2).tolist(), strict=True)))
axes[0].set_ylabel("accuracy on the target")
axes[1].legend()
plt.show()
