"""
Is there a way over the domains between?
========================================

The target is so far that the source's classifier is wrong nearly everywhere; between them are
domains without labels, each a little further. ``TransitiveTransfer`` finds their order, and carries
the classifier along. Where the steps are too large, it carries errors along.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.svm import SVC

from skdomain.compose import SourceOnly, TransitiveTransfer
from skdomain.datasets import make_gradual_shift

# %%
# Seven domains between, and one that leads elsewhere
# ---------------------------------------------------
# Their numbers say nothing of their order: they are shuffled, and one domain more lies aside.

problem = make_gradual_shift(random_state=0)
aside = make_gradual_shift(angle=-60, n_bridges=0, random_state=1)
leads_elsewhere = aside.sample_domain < 0
X = np.concatenate([problem.X, aside.X[leads_elsewhere] + [0.0, 2.5]])
y = np.concatenate([problem.y, aside.y[leads_elsewhere]])
number = np.random.default_rng(0).permutation(np.arange(2, 11))
names = -number[np.abs(problem.sample_domain) - 2]
d = np.r_[np.where(problem.sample_domain > 0, 1, names), np.full(100, -number[-1])]
target = -number[7]
model = TransitiveTransfer(SVC(), target=target).fit(X, y, sample_domain=d)
print("path:", model.path_, "left out:", set(model.domains_) - {0, *model.path_})

# %%
# The distances between all domains, and the rows of four on the way with what the classifiers there
# say of them; filled circles are right.

order = [0, *model.path_, *sorted(set(model.domains_) - {0, *model.path_})]
places = [model.domains_.index(number) for number in order]
figure, axes = plt.subplots(1, 5, figsize=(14, 3.2), layout="constrained")
axes[0].imshow(model.distances_[np.ix_(places, places)], cmap="viridis")
axes[0].set_xticks(range(len(order)), order, fontsize=7)
axes[0].set_yticks(range(len(order)), order, fontsize=7)
axes[0].set_title("distances; 0 is the source")
for ax, step in zip(axes[1:], (0, 3, 6, 8), strict=True):
    rows = d > 0 if step == 0 else d == model.path_[step - 1]
    said = model.models_[step].predict(X[rows])
    right = said == y[rows]
    for c in (0, 1):
        for mask, face in ((right, f"C{c}"), (~right, "none")):
            ax.scatter(*X[rows][(said == c) & mask].T, s=15, facecolors=face, edgecolors=f"C{c}")
    ax.set_title(f"{'source' if step == 0 else order[step]}: {100 * right.mean():.0f} % right")
    ax.set_aspect("equal")

# %%
# Where it helps and where it fails
# ---------------------------------
# Accuracy on a target turned by 120 degrees by the number of domains between, three draws each.

bridges, kinds = (0, 1, 2, 3, 5, 7), ("source alone", "over bridges")
scores = np.empty((2, len(bridges), 3))
for i, n_bridges in enumerate(bridges):
    for seed in range(3):
        few = make_gradual_shift(n_bridges=n_bridges, random_state=seed)
        last = few.sample_domain == few.sample_domain.min()
        for k, candidate in enumerate((SourceOnly(SVC()), TransitiveTransfer(SVC()))):
            candidate.fit(few.X, few.y, sample_domain=few.sample_domain)
            scores[k, i, seed] = candidate.score(few.X[last], few.y[last])
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for kind, values in zip(kinds, scores, strict=True):
    ax.errorbar(bridges, values.mean(axis=1), values.std(axis=1), marker="o", label=kind)
    print(f"{kind:13}", values.mean(axis=1).round(2))
ax.set(xlabel="domains between", ylabel="accuracy on the target", ylim=(0, 1))
ax.legend()

# %%
# Without a domain between, or with steps of 60 degrees, nothing is gained: one moon is nearer to
# where the other was. No label of the target says so, and the classifiers are as sure as before.

plt.show()
