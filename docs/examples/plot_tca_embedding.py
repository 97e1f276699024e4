"""
What does TCA find that PCA does not?
=====================================

Ten features. In two directions both domains look alike, and these hold all there is to know of the
classes; in the others, the target lies elsewhere. The largest variance is that between the domains,
so it is what PCA shows first. TCA asks for variance, and for equal means of the domains.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA

from skdomain.compose import SourceOnly
from skdomain.datasets import make_subspace_shift
from skdomain.metrics import mmd
from skdomain.subspace import TCA

problem = make_subspace_shift(200, 200, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
source = sample_domain > 0

# %%
# The first component of each
# ---------------------------
# Source rows are filled, target rows outlined; colours are the true classes, of which neither
# method has seen one. The nearest neighbour trained on the source rows is judged on the target.

embeddings = {
    "PCA": PCA(1).fit_transform(X),
    "TCA": TCA(1).fit_transform(X, sample_domain=sample_domain),
}
figure, axes = plt.subplots(ncols=2, figsize=(11, 4), layout="constrained")
for ax, (name, Z) in zip(axes, embeddings.items(), strict=True):
    bins = np.histogram_bin_edges(Z, 40)
    for label, colour in ((0, "C0"), (1, "C1")):
        ax.hist(Z[source & (y == label)], bins, color=colour, alpha=0.4, label=f"source, {label}")
        ax.hist(
            Z[~source & (y == label)],
            bins,
            color=colour,
            histtype="step",
            lw=2,
            label=f"target, {label}",
        )
    model = SourceOnly().fit(Z, y, sample_domain=sample_domain)
    right = model.score(Z, y, sample_domain=sample_domain)
    distance = mmd(Z[source], Z[~source])
    ax.set(title=f"{name}: MMD {distance:.2f}, 1-NN right on {right:.0%}", xlabel="component 0")
axes[0].legend()

# %%
# The assumption was true here: there is a subspace in which the domains agree, and it holds the
# labels. TCA sees to the first part; whether the second is true, it cannot know.

plt.show()
