"""
An rbf kernel for many rows
===========================

``kernel="rbf"`` needs a matrix of all pairs of rows. Behind features that approximate the kernel,
TCA needs sums over the rows only. How many features does it take until the result is the same?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdomain.compose import SourceOnly
from skdomain.datasets import make_rotated_moons
from skdomain.subspace import TCA

problem = make_rotated_moons(300, 300, angle=30, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
target = sample_domain < 0
GAMMA = 2.0

# %%
# Exact and approximate
# ---------------------
# Nystroem takes a sample of rows of both domains for landmarks; the random Fourier features of
# RBFSampler do not look at the rows. ``kernel="linear"`` behind them is the method with the
# approximate kernel: all else, ``lam`` included, stays as with ``kernel="rbf"``.


def fitted(*steps):
    """Pipeline fitted to both domains, and labels of the target rows."""
    model = make_pipeline(*steps, SourceOnly(KNeighborsClassifier(1)))
    with config_context(enable_metadata_routing=True):
        model.fit(X, y, sample_domain=sample_domain)
    return model, model.predict(X[target])


exact, exact_labels = fitted(TCA(8, kernel="rbf", gamma=GAMMA))


def shared(model):
    """Mean squared cosine of the angles between the components and the exact ones."""
    Q, R = (
        np.linalg.qr(Z - Z.mean(axis=0))[0] for Z in (m[:-1].transform(X) for m in (model, exact))
    )
    return np.sum((Q.T @ R) ** 2) / Q.shape[1]


# %%
# The result
# ----------
# The curves are medians over three draws. Nystroem needs fewer features because it spends them
# where the rows are; the spectrum of this kernel falls fast, that of a kernel in hundreds of
# features does not.

sizes = [10, 20, 40, 80, 160, 320]
figure, axes = plt.subplots(ncols=2, figsize=(10, 4), layout="constrained")
for approximation in (Nystroem, RBFSampler):
    of_space, of_labels = [], []
    for size in sizes:
        runs = [
            fitted(
                approximation(gamma=GAMMA, n_components=size, random_state=seed),
                TCA(8, kernel="linear"),
            )
            for seed in range(3)
        ]
        of_space.append(np.median([shared(model) for model, _ in runs]))
        of_labels.append(np.median([np.mean(labels == exact_labels) for _, labels in runs]))
    axes[0].semilogx(sizes, of_space, "o-", label=approximation.__name__)
    axes[1].semilogx(sizes, of_labels, "o-", label=approximation.__name__)
    print(f"{approximation.__name__}: shared {np.round(of_space, 3).tolist()}")
axes[0].set(xlabel="features", ylabel="share of the components", title="the space")
axes[1].set(xlabel="features", ylabel="target labels that agree", title="the labels")
axes[0].legend()
print(f"right with the exact kernel: {np.mean(exact_labels == y[target]):.1%}")
plt.show()
