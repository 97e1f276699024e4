"""
When does optimal transport help, and when does it fail?
========================================================

Two classes in two features. In the first target they are turned and moved; in the second nothing
has moved, but one class is rare in the source and common in the target. Source rows are filled,
target rows hollow, arrows show where the plan moves the source. Target labels serve for the colours
and the figures alone.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.inspection import TransportDisplay
from skdomain.transport import OptimalTransport

rng = np.random.default_rng(0)
sample_domain = np.repeat([1, -2], 80)
source = sample_domain > 0


def classes(n_source, n_target):
    """Labels with these numbers of rows of class 1 in 80 rows of each domain."""
    return np.concatenate([np.arange(80) < n_source, np.arange(80) < n_target]).astype(int)


# %%
# Turned and moved, and other proportions
# ---------------------------------------

y_moved = classes(40, 40)
X_moved = rng.normal(size=(160, 2)) * 0.5 + 4 * y_moved[:, None] * [1, 0]
X_moved[~source] = X_moved[~source] @ [[0.8, 0.6], [-0.6, 0.8]] + [1, 3]
y_shares = classes(8, 72)
X_shares = rng.normal(size=(160, 2)) * 0.5 + 4 * y_shares[:, None] * [1, 0]

# %%
# What a classifier makes of it
# -----------------------------

fig, axes = plt.subplots(1, 3, figsize=(14, 4), layout="constrained")
PROBLEMS = {
    "turned and moved": (X_moved, y_moved, OptimalTransport()),
    "other proportions": (X_shares, y_shares, OptimalTransport()),
    "other proportions, unbalanced": (X_shares, y_shares, OptimalTransport(unbalanced=0.1)),
}
for ax, (name, (X, y, transport)) in zip(axes, PROBLEMS.items(), strict=True):
    Z = transport.fit_transform(X, y, sample_domain=sample_domain)
    last = SourceOnly(LogisticRegression())
    before, after = (
        100
        * last.fit(rows, y, sample_domain=sample_domain).score(rows, y, sample_domain=sample_domain)
        for rows in (X, Z)
    )
    moves = Z[source] - X[source]
    ax.quiver(*X[source].T, *moves.T, color="0.8", angles="xy", scale_units="xy", scale=1)
    for label, colour in ((0, "C0"), (1, "C1")):
        ax.scatter(*X[source & (y == label)].T, s=12, c=colour)
        ax.scatter(*X[~source & (y == label)].T, s=24, facecolors="none", edgecolors=colour)
    ax.set(title=f"{name}: {before:.0f} % before, {after:.0f} % after")

# %%
# The plans
# ---------
# Rows of a class stand side by side. Where proportions differ, a balanced plan has to send mass of
# the common class of the source to the common class of the target.

fig, axes = plt.subplots(1, 3, figsize=(14, 4), layout="constrained")
for ax, (_, y, transport) in zip(axes, PROBLEMS.values(), strict=True):
    TransportDisplay.from_estimator(transport, y, sample_domain, ax=ax)
