"""
Why does TCA do nothing after scaling each domain?
==================================================

``PerDomain(StandardScaler())`` gives both domains mean zero. The linear MMD compares means: there
is nothing left to match, and TCA with the linear kernel is PCA. It warns. Rows of unit norm, or a
kernel, bring a difference back.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import Normalizer, StandardScaler

from skdomain.compose import PerDomain
from skdomain.datasets import make_subspace_shift
from skdomain.metrics import linear_mmd, mmd
from skdomain.subspace import TCA

problem = make_subspace_shift(150, 150, scale=0.3, random_state=0)
X, sample_domain = problem.X, problem.sample_domain
source = sample_domain > 0

# %%
# Three ways to prepare the rows
# ------------------------------
# Scaling equalises means; the target stays narrower in some directions of space, which a kernel
# sees. The warning says so.

scaled = PerDomain(StandardScaler()).fit_transform(X, sample_domain=sample_domain)
PREPARED = {
    "as they are": X,
    "each domain scaled": scaled,
    "scaled, unit rows": Normalizer().fit_transform(scaled),
}
linear, kernel = (
    [measure(Z[source], Z[~source]) for Z in PREPARED.values()] for measure in (linear_mmd, mmd)
)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    TCA(2).fit(scaled, sample_domain=sample_domain)
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}")

# %%
# What is left to match
# ---------------------

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
places = np.arange(len(PREPARED))
for offset, values, name in ((-0.2, linear, "linear MMD"), (0.2, kernel, "MMD, rbf kernel")):
    drawn = ax.bar(places + offset, values, 0.4, label=name)
    ax.bar_label(drawn, fmt="{:.1e}", fontsize=8)
ax.set(xticks=places, xticklabels=PREPARED, ylabel="distance of the domains", yscale="log")
ax.legend()
plt.show()
