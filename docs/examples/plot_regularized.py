"""
Where do regularised classifiers draw the line?
===============================================

Two moons, turned by 50 degrees in the target. Kernel ridge on the source keeps the source's line.
ARTL and MEDA fit the same loss, and ask that the domains look alike to the classifier and that
neighbours, of either domain, get the same class. Who is a neighbour, a graph of cosines says: in
the features of a kernel it follows the moons, in the two coordinates themselves it links what lies
in one direction from the origin, and ARTL is worse than no adaptation. Labels of the target serve
for the colours and the figures alone.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline

from skdomain.compose import SourceOnly
from skdomain.datasets import make_rotated_moons
from skdomain.regularized import ARTL, MEDA, KernelRidgeClassifier

problem = make_rotated_moons(angle=50, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
target = sample_domain < 0

# %%
# Four classifiers
# ----------------
# The features of ``Nystroem`` stand for the kernel ``exp(-|x - y|^2)``, so that linear classifiers
# of them bend.


def kernel_features():
    """Features whose inner products are nearly those of the kernel."""
    return Nystroem(gamma=1.0, n_components=100, random_state=0)


MODELS = {
    "source only": make_pipeline(
        kernel_features(), SourceOnly(KernelRidgeClassifier(kernel="linear"))
    ),
    "ARTL": make_pipeline(kernel_features(), ARTL(kernel="linear", max_iter=50)),
    "MEDA": make_pipeline(kernel_features(), MEDA(5, mu=0.5, max_iter=50)),
    "ARTL, cosines in the plane": make_pipeline(ARTL(gamma=1.0, max_iter=50)),
}

fig, axes = plt.subplots(1, 4, figsize=(15, 4), layout="constrained")
for ax, (name, model) in zip(axes, MODELS.items(), strict=True):
    last = model.steps[-1][0]
    model.fit(X, y, **{f"{last}__sample_domain": sample_domain})
    DecisionBoundaryDisplay.from_estimator(
        model, X, response_method="predict", cmap="coolwarm", alpha=0.25, ax=ax
    )
    for label, colour in enumerate(("C0", "C3")):
        shown = X[target & (y == label)]
        ax.scatter(*shown.T, s=14, facecolors="none", edgecolors=colour)
        ax.scatter(*X[~target & (y == label)].T, s=8, c=colour, alpha=0.3)
    accuracy = np.mean(model.predict(X[target]) == y[target])
    ax.set_title(f"{name}: {100 * accuracy:.0f} %")
    ax.set(xticks=[], yticks=[])
plt.show()
