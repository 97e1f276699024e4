"""
What do a second map and a sphere change?
=========================================

Three handwritten digits, turned and blurred in the target. JDA projects both domains by one map,
JGSA each by its own. SelectivePseudoLabels and CMMS scale the projected rows to unit norm: with two
components they lie on a circle, where a class is a direction. Source rows are filled, target rows
hollow, colours are the classes, and crosses are target rows that are called wrong. Target labels
serve for the colours and the figures alone.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import Normalizer, StandardScaler

from skdomain.compose import PerDomain
from skdomain.datasets import make_rotated_digits
from skdomain.subspace import CMMS, JDA, JGSA, SelectivePseudoLabels

# %%
# Rows of unit length, centred in each domain
# -------------------------------------------
# Two maps differ, so the origin has to mean the same in both domains.

digits = make_rotated_digits(random_state=0)
three = np.isin(digits.y, (0, 1, 4))
X, y, sample_domain = digits.X[three], digits.y[three], digits.sample_domain[three]
centre = PerDomain(StandardScaler(with_std=False))
X = centre.fit_transform(Normalizer().transform(X), sample_domain=sample_domain)
source = sample_domain > 0

# %%
# Two components each
# -------------------

MODELS = {
    "JDA, one map": JDA(2, normalize=False),
    "JGSA, two maps": JGSA(2),
    "SPL, on a circle": SelectivePseudoLabels(2),
    "CMMS, on a circle": CMMS(2),
}

fig, axes = plt.subplots(1, 4, figsize=(15, 4), layout="constrained")
for ax, (name, model) in zip(axes, MODELS.items(), strict=True):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some labels still change in the last round
        model.fit(X, y, sample_domain=sample_domain)
    Z = model.transform(X, sample_domain=sample_domain)
    wrong = ~source & (model.predict(X, sample_domain=sample_domain) != y)
    for number, label in enumerate(np.unique(y)):
        rows, colour = y == label, f"C{number}"
        ax.scatter(*Z[source & rows].T, s=8, c=colour, alpha=0.4)
        right = ~source & rows & ~wrong
        ax.scatter(*Z[right].T, s=24, facecolors="none", edgecolors=colour)
        ax.scatter(*Z[wrong & rows].T, s=30, marker="x", c=colour)
    accuracy = model.score(X, y, sample_domain=sample_domain)
    ax.set(xticks=[], yticks=[], title=f"{name}: {100 * accuracy:.0f} %")

# %%
# Little by little
# ----------------
# How many target rows SPL trusts, by round.

rounds = MODELS["SPL, on a circle"].history_["selected"]
fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.plot(np.arange(1, len(rounds) + 1), rounds, marker="o")
ax.axhline((~source).sum(), color="C7", linestyle="--", label="target rows")
ax.set(xlabel="round", ylabel="pseudo-labels trusted")
ax.legend()
