"""
What if only the proportions of the classes change?
===================================================

Two classes look the same in both domains, but come in other proportions. Then the means of the
domains differ though nothing has moved, and a method that makes them equal moves the classes. A
test that reads no target label can tell that this is the case. The proportions can be found, and
the model of the source corrected for them.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.label_shift import LabelShiftClassifier
from skdomain.metrics import class_mixture_test, mmd_test

SHARES = np.linspace(0.05, 0.95, 7)
last = SourceOnly(LogisticRegression())
models = {
    "source only": last,
    "scaling each domain": make_pipeline(PerDomain(StandardScaler()), last),
    "LabelShiftClassifier": LabelShiftClassifier(
        LogisticRegression(), n_bootstrap=100, random_state=0
    ),
}
accuracy = {name: [] for name in models}
pvalues = {"domains are equal (MMD)": [], "target is a mixture of the classes": []}
truth, found, intervals = [], [], []
for seed, share in enumerate(SHARES):
    problem = make_label_shift(
        400, 400, target_priors=[1 - share, share], class_sep=1.5, random_state=20 + seed
    )
    X, y, d = problem.X, problem.y, problem.sample_domain
    for name, model in models.items():
        with config_context(enable_metadata_routing=True):
            model.fit(X, y, sample_domain=d)
        predicted = model.predict(X[d < 0])
        accuracy[name].append(np.mean(predicted == y[d < 0]))
    truth.append(np.mean(y[d < 0]))
    found.append(model.target_priors_[1])
    intervals.append(model.priors_interval_[:, 1])
    _, equal = mmd_test(X[d > 0], X[d < 0], random_state=0)
    _, mixture = class_mixture_test(X[d > 0], y[d > 0], X[d < 0], n_bootstrap=100, random_state=0)
    for name, pvalue in zip(pvalues, (equal, mixture), strict=True):
        pvalues[name].append(pvalue)

# %%
# Accuracy, and what the tests say
# --------------------------------
# In the source both classes are equally frequent. The two-sample test sees a shift where they are
# far from it in the target; the second test says that it is one of proportions alone. It is the
# first question that :class:`~skdomain.model_selection.SafeTransfer` asks. Scaling each domain
# makes the means equal, and is worse the more the proportions differ;
# :class:`~skdomain.label_shift.LabelShiftClassifier` is better the more they do.

figure, axes = plt.subplots(ncols=2, figsize=(11, 4.5), layout="constrained")
for ax, lines, ylabel in (
    (axes[0], accuracy, "target rows predicted right"),
    (axes[1], pvalues, "p-value"),
):
    for name, values in lines.items():
        ax.plot(SHARES, values, "o-", label=name)
    ax.set(xlabel="share of class 1 in the target", ylabel=ylabel, ylim=(0, 1.02))
    ax.legend()
axes[1].axhline(0.05, c="C7", lw=1)
plt.show()

# %%
# The proportions that were found
# -------------------------------
# With their 95 % intervals, from target rows without labels, against what the rows' labels say.

low, high = np.transpose(intervals)
spread = [np.maximum(found - low, 0), np.maximum(high - found, 0)]
figure, ax = plt.subplots(figsize=(5.5, 4.5), layout="constrained")
ax.plot([0, 1], [0, 1], c="C7", lw=1)
ax.errorbar(truth, found, yerr=spread, fmt="o", capsize=3)
ax.set(xlabel="share of class 1 in the target", ylabel="estimate and interval")
plt.show()

# %%
# Are the probabilities right?
# ----------------------------
# At the last of these shifts, on rows that no model has seen: of the rows that a model gives
# class 1 with probability p, a share of p should be of class 1. The model of the source gives it
# too little, as it takes both classes for equally frequent.

fresh = make_label_shift(1, 5000, target_priors=[0.05, 0.95], class_sep=1.5, random_state=100)
rows, labels = fresh.X[1:], fresh.y[1:]
figure, ax = plt.subplots(figsize=(5.5, 4.5), layout="constrained")
ax.plot([0, 1], [0, 1], c="C7", lw=1)
for name in ("source only", "LabelShiftClassifier"):
    shares, said = calibration_curve(labels, models[name].predict_proba(rows)[:, 1], n_bins=6)
    ax.plot(said, shares, "o-", label=name)
ax.set(xlabel="probability of class 1", ylabel="share of class 1")
ax.legend()
plt.show()
