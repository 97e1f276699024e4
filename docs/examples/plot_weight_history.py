"""
Which source rows does TrAdaBoost stop believing?
=================================================

Of the source, one half follows the rule of the target and the other half a rule of its own. Forty
target rows are labelled. From round to round, source rows that the model gets wrong lose weight:
those of the other rule should go.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from skdomain.boosting import TrAdaBoost
from skdomain.compose import SourceOnly

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, size=(800, 2))
sample_domain = np.repeat([1, -2], 400)
y = (X[:, 0] > 0).astype(int)
other = np.arange(800) < 200
y[other] = X[other, 1] > 0
labelled = np.arange(800) < 440

tree = DecisionTreeClassifier(max_depth=2, random_state=0)
boosted = TrAdaBoost(tree, n_estimators=30, min_error=0.01)
boosted.fit(X, y, sample_domain=sample_domain, labelled=labelled)
alone = SourceOnly(tree).fit(X, y, sample_domain=sample_domain)
for name, model in (("source only", alone), ("TrAdaBoost", boosted)):
    print(f"{name}: {model.score(X, y, sample_domain=sample_domain):.0%} of the target right")

# %%
# The weight of each group
# ------------------------
# ``weight_history_`` has a row a round and a column for each row that was trained on. About half of
# the rows of the other rule have the right label by chance: these stay.

agrees = y[:440] == (X[:440, 0] > 0)
groups = {
    "source, label of the target's rule": agrees & (np.arange(440) < 400),
    "source, another label": ~agrees,
    "target, labelled": np.arange(440) >= 400,
}
figure, axes = plt.subplots(ncols=2, figsize=(11, 4.5), layout="constrained")
for name, rows in groups.items():
    axes[0].plot(boosted.weight_history_[:, rows].sum(axis=1), label=name)
axes[0].set(xlabel="round", ylabel="share of all weight", ylim=(0, 1))
axes[0].legend()
final = boosted.weight_history_[-1, :400]
points = axes[1].scatter(*X[:400].T, c=final / final.max(), s=14, cmap="viridis")
axes[1].set(title="source rows in the last round", xlabel="x0", ylabel="x1")
figure.colorbar(points, ax=axes[1], label="weight, of the largest")
plt.show()
