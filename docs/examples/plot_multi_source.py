"""
Which of several sources can be believed?
=========================================

Four sources of the same measurements. Source 1 is like the target, source 2 lies further off, in
source 3 half of the labels are drawn at random, and in source 4 the classes are exchanged. Pooled,
they spoil one another. ``MultiSource`` fits a model to each and weighs what they say: by how near
each source is where no target label is known, and by a few labels where some are.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.compose import MultiSource, SourceOnly

rng = np.random.default_rng(0)
sample_domain = np.repeat([1, 2, 3, 4, -5], [100, 100, 100, 100, 300])
X = rng.normal(size=(700, 2))
y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)
X[sample_domain == 2] += [0.0, 2.0]
noisy, swapped = sample_domain == 3, sample_domain == 4
y[noisy] = np.where(rng.random(100) < 0.5, rng.integers(2, size=100), y[noisy])
y[swapped] = 1 - y[swapped]

target = np.flatnonzero(sample_domain < 0)
labelled = np.isin(np.arange(700), target[:20])
told = {"sample_domain": sample_domain, "labelled": labelled}
learner = LogisticRegression()
models = {
    '"mmd", no label': MultiSource(learner).fit(
        X, np.where(sample_domain < 0, np.nan, y), sample_domain=sample_domain
    ),
    '"accuracy", 20 labels': MultiSource(learner).fit(X, y, **told),
    '"stacked", 20 labels': MultiSource(learner, weights="stacked").fit(X, y, **told),
}
hidden = target[20:]
pooled = SourceOnly(learner).fit(X, y, sample_domain=sample_domain)
print(f"all sources pooled: {pooled.score(X[hidden], y[hidden]):.0%} right")
for name, model in models.items():
    print(f"{name}: {model.score(X[hidden], y[hidden]):.0%} right")

# %%
# The weights
# -----------
# Rows alone cannot tell that labels are exchanged: source 4 is as near as source 1. Twenty labels
# can. "accuracy" divides the weight among all that beat chance, "stacked" keeps what it needs.

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
names = ["1: like the target", "2: further off", "3: half at random", "4: exchanged"]
places = np.arange(4)
for shift, (name, model) in zip((-0.27, 0, 0.27), models.items(), strict=True):
    score = model.score(X[hidden], y[hidden])
    axes.bar(places + shift, model.weights_, width=0.25, label=f"{name}: {score:.0%} right")
axes.set(xticks=places, xticklabels=names, ylabel="weight of the source", ylim=(0, 1.05))
axes.legend()
plt.show()
