"""
Which weights come closest to the true density ratio?
=====================================================

On two normal laws the ratio of the densities is known. Six methods estimate it, or weights in its
place, from the rows alone; no label is involved. The figure is one draw of one problem: which
method suits which data stands in :doc:`/weighting`.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr

from skdomain.datasets import make_covariate_shift
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

problem = make_covariate_shift(400, 400, shift=1.0, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
truth = problem.density_ratio[sample_domain > 0]
truth = truth / truth.mean()

# %%
# Weights against the truth
# -------------------------
# Both have mean 1 over the source. rho is the rank correlation, and the effective sample size says
# how many rows of equal weight are worth as much. That of the true weights stands in the last line.
# With ``flatten=None`` the weights are those of the methods; by default they are flattened where
# they leave fewer than half of the rows.

METHODS = [
    ClassifierWeighting(flatten=None),
    GaussianWeighting(flatten=None),
    KLIEP(flatten=None),
    KMM(flatten=None),
    NearestNeighborWeighting(flatten=None),
    RuLSIF(flatten=None),
]
figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained", sharex=True, sharey=True)
for ax, method in zip(axes.flat, METHODS, strict=True):
    weights = method.fit(X, y, sample_domain=sample_domain).weights_
    ax.plot([0, truth.max()], [0, truth.max()], c="C7", lw=1)
    ax.scatter(truth, weights, s=10, alpha=0.6)
    rho = spearmanr(truth, weights).statistic
    size = method.effective_sample_size_
    ax.set_title(f"{type(method).__name__}\nrho {rho:.2f}, {size:.0f} effective rows")
figure.supxlabel("true weight")
figure.supylabel("estimated weight")
print(f"effective rows by the true weights: {truth.sum() ** 2 / np.square(truth).sum():.0f}")
plt.show()
