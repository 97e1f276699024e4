"""
What do rows without labels teach?
==================================

A dictionary is learned from source rows that have no labels and none of the target's classes; the
target has a few labelled rows. Left, rows that are sparse sums of more atoms than there are
features, and the class is in the atoms: codes show it, features hide it. Right, digits: 0 to 4
teach, 5 to 9 are told apart, and pixels are better than their codes.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skdomain.transfer import SelfTaughtFeatures


def sparse_sums(rng, n=700, n_atoms=40, n_features=20, n_active=2):
    """Rows that are sums of two atoms each, and how much they have of each atom."""
    atoms = rng.normal(size=(n_atoms, n_features))
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
    active = rng.permuted(np.tile(np.arange(n_atoms), (n, 1)), axis=1)[:, :n_active]
    sizes = rng.uniform(2, 4, (n, n_active))
    codes = np.zeros((n, n_atoms))
    np.put_along_axis(codes, active, sizes, axis=1)
    return codes @ atoms, codes


rng = np.random.default_rng(0)
X, codes = sparse_sums(rng)
y = (codes[:, :20].sum(axis=1) > codes[:, 20:].sum(axis=1)).astype(int)
target = np.arange(len(X)) >= 350
pixels, digit = (array[:600] for array in load_digits(return_X_y=True))
PROBLEMS = {
    "sparse sums": (X, y, target, SelfTaughtFeatures(40, alpha=0.3, max_iter=5, random_state=0)),
    "digits": (
        pixels / 8 - 0.6,
        digit,
        digit > 4,
        SelfTaughtFeatures(30, max_iter=5, random_state=0),
    ),
}
counts = (5, 15, 40)


def accuracy(F, y, m, draw):
    """Accuracy on the target where m rows of each class are labelled."""
    order = np.random.default_rng(draw).permutation(len(y))
    told = np.concatenate([order[y[order] == c][:m] for c in np.unique(y)])
    rest = np.setdiff1d(order, told)
    return LogisticRegression(C=10, max_iter=50).fit(F[told], y[told]).score(F[rest], y[rest])


# %%
# Curves are means of three draws of the labelled rows.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, (title, (X, y, target, features)) in zip(axes, PROBLEMS.items(), strict=True):
    domains = np.where(target, -2, 1)
    Z = features.fit(X, sample_domain=domains).transform(X[target])
    for name, F in (("features", X[target]), ("codes", Z)):
        shares = [np.mean([accuracy(F, y[target], m, i) for i in range(3)]) for m in counts]
        ax.plot(counts, shares, marker="o", label=name)
    ax.set(xlabel="labelled rows of a class", title=title)
axes[0].set_ylabel("accuracy on the target")
axes[0].legend()

plt.show()
