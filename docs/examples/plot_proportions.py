"""
How many of each class are there?
=================================

Classes that look as they did, in other proportions: how many of the target's rows are of class 1
can be estimated without a label there. Counting what the source's model predicts is not enough,
as it predicts with the source's proportions in mind. The estimators correct for that, and say how
sure they are.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.datasets import make_label_shift
from skdomain.label_shift import BBSE, EMPriors, KernelMixture

SHARES = np.linspace(0.05, 0.95, 7)
methods = {
    "EMPriors": EMPriors(n_bootstrap=100, random_state=0),
    "BBSE": BBSE(n_bootstrap=100, random_state=0),
    "KernelMixture": KernelMixture(n_bootstrap=100, random_state=0),
}
counted = []
found = {name: [] for name in methods}
for seed, share in enumerate(SHARES):
    data = make_label_shift(
        300, 300, target_priors=[1 - share, share], class_sep=1.0, random_state=seed
    )
    X, y, d = data.X, data.y, data.sample_domain
    counted.append(LogisticRegression().fit(X[d > 0], y[d > 0]).predict(X[d < 0]).mean())
    for name, method in methods.items():
        method.fit(X, y, sample_domain=d)
        found[name].append([method.priors_[1], *method.interval_[:, 1]])

# %%
# Both classes are equally frequent in the source, and overlap. Bars are intervals of 95 %.

figure, axes = plt.subplots(1, 3, figsize=(11, 4), sharey=True, layout="constrained")
for ax, (name, values) in zip(axes, found.items(), strict=True):
    value, low, high = np.transpose(values)
    ax.plot([0, 1], [0, 1], color="grey", linewidth=1)
    ax.plot(SHARES, counted, "x", color="C1", label="predictions counted")
    ax.errorbar(SHARES, value, [value - low, high - value], fmt="o", capsize=3, label=name)
    ax.set(xlabel="true share of class 1", title=name, xlim=(0, 1), ylim=(0, 1))
    ax.legend(loc="upper left")
axes[0].set_ylabel("estimated share of class 1")

plt.show()
