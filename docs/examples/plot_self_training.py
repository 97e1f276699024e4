"""
Should a model believe its own labels?
======================================

Three classes lie further to the right in the target than in the source. ``SelfTrainingAdapter``
labels the target with the source's classifier, believes the surest rows of each class, trains again
and goes on. After each round it tries the way back: a classifier of the target rows with these
labels has to be right on the source.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.transfer import SelfTrainingAdapter

rng = np.random.default_rng(0)
sample_domain = np.repeat([1, -2], 300)
y = np.arange(600) % 3
means = np.array([[0, 0], [3, 2], [6, 0]])
X = means[y] + rng.normal(scale=0.7, size=(600, 2)) + np.outer(sample_domain < 0, [1.4, 0.4])
unknown = np.where(sample_domain < 0, np.nan, y)

alone = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=sample_domain)
model = SelfTrainingAdapter(leave=True).fit(X, unknown, sample_domain=sample_domain)
for name, one in (("source only", alone), ("self-training", model)):
    print(f"{name}: {one.score(X, y, sample_domain=sample_domain):.0%} of the target right")
print(f"{model.n_iter_} rounds: {model.termination_}")

# %%
# Where it draws the line, and whether it may
# -------------------------------------------
# The source rows leave as target rows enter, the surest first. The way back stays well above half
# of what the first labels give, so no round is rejected.

grid = np.stack(np.meshgrid(np.linspace(-2, 10, 150), np.linspace(-3, 5, 100)), axis=-1)
figure, axes = plt.subplots(ncols=2, figsize=(11, 4), layout="constrained")
for one, style in ((alone, ":"), (model, "-")):
    regions = one.predict(grid.reshape(-1, 2)).reshape(grid.shape[:2])
    axes[0].contour(*np.moveaxis(grid, -1, 0), regions, levels=[0.5, 1.5], linestyles=style)
axes[0].scatter(*X[sample_domain > 0].T, c="lightgrey", s=10, label="source")
axes[0].scatter(*X[sample_domain < 0].T, c=y[sample_domain < 0], s=10, label="target")
axes[0].set(title="dotted: source only, solid: self-training")
axes[0].legend()
rounds = 1 + np.arange(model.n_iter_)
for name, total in (("n_selected", 300), ("n_source", 300), ("way_back", 1)):
    axes[1].plot(rounds, model.history_[name] / total, marker="o", label=name)
axes[1].set(xlabel="round", ylabel="share", ylim=(-0.05, 1.05))
axes[1].legend()
plt.show()
