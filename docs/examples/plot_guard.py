"""
Does adapting help at all? A guard against negative transfer
============================================================

Two targets, one source. In the first target, the same kinds of rows come in other proportions: a
label shift. In the second, every measurement is stretched and moved: an affine shift. Aligning the
domains ruins the prediction in the first case and saves it in the second. A user has no target
label to tell the two apart; :class:`~skdomain.model_selection.SafeTransfer` tests it without.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.model_selection import SafeTransfer

# %%
# The two targets
# ---------------
# In both problems the source has as many rows of one class as of the other.

label_shift = make_label_shift(150, 150, target_priors=[0.1, 0.9], random_state=0)
affine_shift = make_label_shift(150, 150, target_priors=[0.5, 0.5], random_state=0)
target = affine_shift.sample_domain < 0
affine_shift.X[target] = affine_shift.X[target] * [0.5, 2.0] + [4.0, -3.0]
problems = {"label shift": label_shift, "affine shift": affine_shift}

# %%
# What each model makes of them
# -----------------------------
# The candidate standardises each domain by itself: right for the affine shift, and wrong where the
# mean of the target is another one because its classes are.

baseline = make_pipeline(StandardScaler(), SourceOnly(LogisticRegression()))
candidate = make_pipeline(PerDomain(StandardScaler()), SourceOnly(LogisticRegression()))


def correct(model, problem):
    """Share of the target rows that are predicted right."""
    return np.mean(model.predict(problem.X[target]) == problem.y[target])


accuracies = {}
for name, problem in problems.items():
    told = {"sourceonly__sample_domain": problem.sample_domain}
    baseline.fit(problem.X, problem.y, **told)
    candidate.fit(problem.X, problem.y, **told, perdomain__sample_domain=problem.sample_domain)
    guard = SafeTransfer({"standardise each domain": candidate}, baseline=baseline)
    guard.fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    models = {"baseline": baseline, "always adapt": candidate, "guard": guard}
    accuracies[name] = {key: correct(model, problem) for key, model in models.items()}
    print(f"{name}: the guard {guard.decision_}")

# %%
# The guard takes the better of both
# ----------------------------------

figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained", width_ratios=[3, 2])
for (name, problem), (rows, bars) in zip(problems.items(), axes, strict=True):
    for side, marker, face in ((~target, "o", 1.0), (target, "x", 0.6)):
        for label in (0, 1):
            points = problem.X[side & (problem.y == label)]
            rows.scatter(*points.T, c=f"C{label}", marker=marker, alpha=face, s=15)
    rows.set(title=f"{name}: source o, target x", xlabel="x0", ylabel="x1")
    drawn = bars.bar(*zip(*accuracies[name].items(), strict=True), color=["C7", "C7", "C2"])
    bars.bar_label(drawn, fmt="{:.2f}")
    bars.set(title="target rows predicted right", ylim=(0, 1.1))
plt.show()
