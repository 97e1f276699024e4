"""
What does CORAL match, and what not?
====================================

CORAL gives the source the covariance of the target. It leaves means alone: they are to be equal
beforehand. LinearMonge matches both, by the map that moves rows least.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdomain import stack_domains
from skdomain.alignment import CORAL, LinearMonge
from skdomain.metrics import coral_distance

rng = np.random.default_rng(0)
Xs = rng.normal(size=(200, 2)) @ [[2.0, 0.8], [0.0, 0.5]]
Xt = rng.normal(size=(200, 2)) @ [[0.6, -1.0], [0.0, 1.2]] + [4.0, 1.0]
X, _, sample_domain = stack_domains((Xs, np.zeros(200)), Xt)
source = sample_domain > 0

# %%
# The rows and their covariances
# ------------------------------
# An ellipse holds the rows within two standard deviations of a normal law that has the mean and the
# covariance of its domain.


def ellipse(rows):
    """Border of two standard deviations around the mean."""
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    return rows.mean(axis=0) + circle @ np.linalg.cholesky(np.cov(rows.T)).T


METHODS = {"as they are": None, "CORAL": CORAL(reg=0), "LinearMonge": LinearMonge()}
figure, axes = plt.subplots(
    ncols=3, figsize=(12, 5), layout="constrained", sharex=True, sharey=True
)
for ax, (name, method) in zip(axes, METHODS.items(), strict=True):
    Z = X if method is None else method.fit_transform(X, sample_domain=sample_domain)
    for label, rows, colour in (("source", Z[source], "C0"), ("target", Z[~source], "C1")):
        ax.scatter(*rows.T, s=8, alpha=0.4, c=colour)
        ax.plot(*ellipse(rows).T, c=colour, lw=2, label=label)
    gap = np.linalg.norm(Z[source].mean(axis=0) - Z[~source].mean(axis=0))
    distance = coral_distance(Z[source], Z[~source])
    ax.set(title=f"{name}\nmeans {gap:.2f} apart, CORAL distance {distance:.2f}", aspect="equal")
axes[0].legend()

# %%
# Neither knows which class is where. If the ellipse of the target is turned because its classes
# have other shares, both will turn the source all the same.

plt.show()
