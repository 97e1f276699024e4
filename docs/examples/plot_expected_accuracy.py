"""
How right will it be? Expected against true accuracy
====================================================

Six targets that differ from their source in the proportions of the classes, in what is visited how
often, or by a step of all rows, and two models on each: one that does not adapt, and one that
standardises each domain by itself. How often is each right?
:func:`~skdomain.model_selection.estimate_accuracy` says what is to be expected, without a label of
the target. Here the labels are known, so that it can be checked.
"""

import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_covariate_shift, make_label_shift
from skdomain.model_selection import estimate_accuracy

# %%
# The targets
# -----------
# Two of each kind, a small and a larger shift.

problems = []
for k, share in enumerate([0.4, 0.1]):
    parts = make_label_shift(target_priors=[share, 1 - share], class_sep=2.0, random_state=k)
    visited = make_covariate_shift(200, 200, shift=0.4 + 0.8 * k, random_state=k)
    moved = make_label_shift(target_priors=[0.5, 0.5], class_sep=2.0, random_state=k)
    moved.X[moved.sample_domain < 0] += k
    problems += [("proportions", parts), ("covariate", visited), ("step", moved)]

# %%
# What is expected, and what is true
# ----------------------------------

models = {
    "not adapted": SourceOnly(LogisticRegression()),
    "each domain standardised": make_pipeline(PerDomain(), SourceOnly(LogisticRegression())),
}
found = []
for kind, problem in problems:
    X, y, d = problem.X, problem.y, problem.sample_domain
    for name, model in models.items():
        with config_context(enable_metadata_routing=True):
            model.fit(X, y, sample_domain=d)
        expected = estimate_accuracy(model, X, y, d, cv=2, n_bootstrap=30)
        found.append((kind, name, np.mean(model.predict(X[d < 0]) == y[d < 0]), expected))
print(found[0][-1])

# %%
# The bars are intervals of 90 %
# ------------------------------
# On the diagonal, what is expected is true. A bar that does not reach it has missed: where only
# the proportions of the classes differ, standardising each domain moves one class onto the other,
# and the target looks as it should. Rows without labels do not tell that from a step taken back.

figure, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained", sharex=True, sharey=True)
for axis, kind in zip(axes, dict.fromkeys(kind for kind, _ in problems), strict=True):
    for color, name in enumerate(models):
        rows = [(true, e) for k, n, true, e in found if (k, n) == (kind, name)]
        true = [t for t, _ in rows]
        value = np.array([e.value for _, e in rows])
        ends = abs(np.transpose([e.interval for _, e in rows]) - value)
        axis.errorbar(true, value, ends, fmt="o", capsize=3, c=f"C{color}", alpha=0.8, label=name)
    axis.axline((0.7, 0.7), slope=1, c="0.6", lw=1)
    axis.set(title=kind, xlabel="true accuracy")
axes[0].set(ylabel="expected accuracy")
axes[0].legend()
plt.show()

# %%
# On all tasks of the study
# -------------------------
# Six models on real and generated tasks, from the table of
# ``benchmarks/claims/expected_accuracy.py`` (:doc:`/expected`). Points far above the diagonal are
# models that adapted wrongly: what they say looks as right as what a model says that adapted
# rightly. Grey bars are intervals of 90 %, red ones those that miss.

place = Path("docs", "results", "expected_accuracy.csv")
here = Path.cwd()
table = next(found for folder in (here, *here.parents) if (found := folder / place).exists())
with table.open(newline="", encoding="utf-8") as file:
    lines = list(csv.DictReader(file))

kinds = list(dict.fromkeys(line["kind"] for line in lines))
figure, axes = plt.subplots(2, 4, figsize=(14, 7), layout="constrained", sharex=True, sharey=True)
for axis in axes.flat[len(kinds) :]:
    axis.set_axis_off()
for axis, kind in zip(axes.flat, kinds, strict=False):
    some = [line for line in lines if line["kind"] == kind]
    true, value, low, high = (
        np.array([float(line[name]) for line in some])
        for name in ("true", "expected", "low", "high")
    )
    held = (low <= true) & (true <= high)
    axis.vlines(true, low, high, colors=np.where(held, "0.8", "salmon"), lw=1)
    axis.scatter(true, value, s=12, zorder=2)
    axis.axline((50, 50), slope=1, c="0.4", lw=1)
    error = abs(value - true).mean()
    axis.set(title=f"{kind}: error {error:.1f} points, {held.mean():.0%} held")
figure.supxlabel("true accuracy, %")
figure.supylabel("expected accuracy, %")
plt.show()
