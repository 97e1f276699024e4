"""
When does it pay to start from the source's weights?
====================================================

A linear rule of 20 features, and the same turned by an angle in the target, of which a few rows are
labelled. What the source knows is worth the more the smaller the angle is, and where the rule is
the opposite it is worth less than nothing.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.transfer import SourceRegularizedLogisticRegression

ANGLES = {"nearly the same rule": 0.5, "another rule": 1.5, "the opposite rule": 3.0}
LABELS = [2, 6, 20, 60, 200]


def turned(angle, n_labels, rng):
    """Source rows, labelled target rows and test rows: X, y and domains of the first two."""
    X = rng.normal(size=(300 + n_labels + 1000, 20))
    d = np.repeat([1, -2], [300, n_labels + 1000])
    x, z = (X[:, :10].sum(axis=1), X[:, 10:].sum(axis=1))
    score = np.where(d > 0, x, np.cos(angle) * x + np.sin(angle) * z)
    y = (score + rng.logistic(size=len(d)) > 0).astype(int)
    y[300:302] = 0, 1  # one label of each class at least
    return (X[:-1000], y[:-1000], d[:-1000]), (X[-1000:], y[-1000:])


def accuracies(angle, n_labels, rng):
    """Of the target's labels alone, of all labels pooled, and from the source's weights."""
    (X, y, d), test = turned(angle, n_labels, rng)
    models = (
        LogisticRegression().fit(X[d < 0], y[d < 0]),
        LogisticRegression().fit(X, y),
        SourceRegularizedLogisticRegression().fit(X, y, sample_domain=d),
    )
    return [model.score(*test) for model in models]


# %%
# Accuracy by the number of labelled target rows
# ----------------------------------------------
# The mean of two draws. On the left pooling is as good, in the middle it stays with the source,
# and on the right two labels are too few to see that the source misleads; some more are enough.

figure, axes = plt.subplots(ncols=3, figsize=(12, 4), sharey=True, layout="constrained")
for ax, (title, angle) in zip(axes, ANGLES.items(), strict=True):
    rng = np.random.default_rng(0)
    means = [np.mean([accuracies(angle, n, rng) for _ in range(2)], axis=0) for n in LABELS]
    lines = zip(("target only", "pooled", "from the source"), np.transpose(means), strict=True)
    for style, (name, line) in zip(("C7:", "C1--", "C0-"), lines, strict=True):
        ax.plot(LABELS, line, style, marker="o", label=name)
    ax.set(title=title, xlabel="labelled target rows", xscale="log", ylim=(0, 1))
    print(f"{title}, 20 labels: from the source {means[2][2]:.2f}, pooled {means[2][1]:.2f}")
axes[0].set_ylabel("accuracy on the target")
axes[0].legend()
plt.show()
