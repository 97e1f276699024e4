"""
What does each method do to two domains?
========================================

Two classes in two features. The target is the source turned by 40 degrees, stretched and moved.
Each panel shows both domains as a method hands them to the classifier, source rows filled and
target rows hollow, colours for the classes, and how many target rows a nearest neighbour trained on
the source rows gets right. Target labels serve for the colours and this figure alone.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

from skdomain import stack_domains
from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.subspace import DJPMMD, JDA, TCA, TJM

# %%
# The problem
# -----------


def two_classes(n, rng):
    """Two elongated clouds side by side."""
    y = np.repeat([0, 1], n // 2)
    return rng.normal(size=(n, 2)) * [2.0, 0.5] + np.outer(y, [0.0, 3.0]), y


rng = np.random.default_rng(0)
Xs, ys = two_classes(120, rng)
Xt, yt = two_classes(120, rng)
angle = np.deg2rad(40)
rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
Xt = Xt @ rotation * [1.0, 1.5] + [4.0, 1.0]
X, y, sample_domain = stack_domains((Xs, ys), (Xt, yt))
source = sample_domain > 0

# %%
# The methods
# -----------
# Those of a subspace with two components only turn and scale what is two-dimensional already; in
# more dimensions they choose.

METHODS = {
    "as it is": None,
    "PerDomain(StandardScaler())": PerDomain(),
    "CORAL": CORAL(reg=1e-3),
    "LinearMonge": LinearMonge(),
    "SubspaceAlignment": SubspaceAlignment(n_components=2),
    "GFK": GFK(n_components=1),
    "TCA, rbf": TCA(2, kernel="rbf", gamma=0.05),
    "TJM, rbf": TJM(2, kernel="rbf", gamma=0.05),
    "JDA, rbf": JDA(2, kernel="rbf", gamma=0.05, normalize=False),
    "DJPMMD, rbf": DJPMMD(2, kernel="rbf", gamma=0.05, normalize=False),
}

fig, axes = plt.subplots(2, 5, figsize=(15, 6), layout="constrained")
for ax, (name, method) in zip(axes.flat, METHODS.items(), strict=True):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some do not reach a fixed point of the pseudo-labels
        Z = X if method is None else method.fit_transform(X, y, sample_domain=sample_domain)
    accuracy = (
        SourceOnly().fit(Z, y, sample_domain=sample_domain).score(Z, y, sample_domain=sample_domain)
    )
    for rows, faces in ((source, True), (~source, False)):
        for label, colour in ((0, "C0"), (1, "C1")):
            shown = Z[rows & (y == label)]
            ax.scatter(
                shown[:, 0],
                shown[:, -1],
                s=14,
                edgecolors=colour,
                facecolors=colour if faces else "none",
                alpha=0.7,
            )
    ax.set_title(f"{name}: {100 * accuracy:.0f} %")
    ax.set(xticks=[], yticks=[])
plt.show()
