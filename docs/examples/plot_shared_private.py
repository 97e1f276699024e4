"""
What do the domains have in common?
===================================

Each domain has a nuisance of its own, in which it varies much. SharedPrivateSubspaces keeps the
directions along which all domains vary. That helps neighbours, as long as the classes differ
along these directions; where they lie along another one in each domain, they are private.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import orth
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from skdomain.alignment import SharedPrivateSubspaces

METHODS = {
    "as they are": None,
    "PCA(2)": PCA(2),
    "SharedPrivateSubspaces(2)": SharedPrivateSubspaces(2, n_components=5),
}


def problem(size, degrees, seed, n=100, n_features=20):
    """Two domains of two classes: nuisances of this size, classes turned by so many degrees."""
    rng = np.random.default_rng(seed)
    axes = orth(rng.normal(size=(n_features, 10)))
    shared, other, own = axes[:, :2], axes[:, 2], (axes[:, 3:6], axes[:, 6:9])
    y, X = rng.integers(2, size=(2, n)), np.empty((2, n, n_features))
    for i, angle in enumerate((0, np.deg2rad(degrees))):
        along = np.column_stack(
            [np.cos(angle) * shared[:, 0] + np.sin(angle) * other, shared[:, 1]]
        )
        Z = rng.normal(size=(n, 2)) * [0.7, 2.0] + np.outer(4 * y[i] - 2, [1, 0])
        X[i] = Z @ along.T + size * rng.normal(size=(n, 3)) @ own[i].T
        X[i] += 0.3 * rng.normal(size=X[i].shape)
    return np.concatenate(X), np.concatenate(y), np.repeat([1, -2], n)


def accuracy(method, size, degrees):
    """Of nearest neighbours in the source, on the target; mean of ten problems."""
    found = []
    for seed in range(10):
        X, y, d = problem(size, degrees, seed)
        if isinstance(method, SharedPrivateSubspaces):
            X = method.fit_transform(X, sample_domain=d)
        elif method is not None:
            X = method.fit_transform(X)
        found.append(KNeighborsClassifier(1).fit(X[d > 0], y[d > 0]).score(X[d < 0], y[d < 0]))
    return np.mean(found)


# %%
# A nuisance of their own, and classes of their own
# -------------------------------------------------

SIZES, ANGLES = [0, 1, 2, 4, 6], [0, 20, 40, 60, 90]
figure, (large, turned) = plt.subplots(ncols=2, figsize=(10, 4), layout="constrained", sharey=True)
for name, method in METHODS.items():
    large.plot(SIZES, [accuracy(method, size, 0) for size in SIZES], "o-", label=name)
    turned.plot(ANGLES, [accuracy(method, 4, angle) for angle in ANGLES], "o-", label=name)
large.set(xlabel="spread of what each domain has for itself", ylabel="accuracy on the target")
turned.set(xlabel="degrees between the directions of the classes")
large.legend()

# %%
# How many directions are shared shows in ``agreements_``: mean squared cosines near 1, then a gap.

X, _, d = problem(4, 0, 0)
model = SharedPrivateSubspaces(n_components=5).fit(X, sample_domain=d)
figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.bar(range(1, 11), model.agreements_[:10])
ax.axhline(0.9, c="k", ls=":", label="n_shared=0.9")
ax.set(xlabel="direction", ylabel="mean squared cosine")
ax.legend()
plt.show()
