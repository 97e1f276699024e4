"""
Where did the drop come from? Other rows, or another rule
=========================================================

A line is fitted to a source whose rule is curved, and is worse on each of three targets. One visits
other rows, one measures the same rows in other units, in one the rule is another. By some labels of
the target :func:`~skdomain.inspection.shift_decomposition` splits the rise of the squared error.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression

from skdomain.datasets import make_regression_shift
from skdomain.inspection import shift_decomposition

# %%
# Three targets, one model each
# -----------------------------
# The model learns from the first 300 source rows; the others are for the comparison.

found = {}
for kind in ("covariate", "affine", "concept"):
    data = make_regression_shift(600, 300, kind=kind, random_state=0)
    X, y = data.X, data.y
    model = LinearRegression().fit(X[:300], y[:300])
    sides = X[300:600], y[300:600], X[600:], y[600:]
    found[kind] = shift_decomposition(model, *sides, cv=3, n_bootstrap=40)
print(found["covariate"])

# %%
# The bars add up to the rise of the error
# ----------------------------------------
# Lines are intervals of 95 %. Other units move the rows and, seen from where they are now, change
# the rule: both parts have a share.

names = ["rows of the source alone", "another rule", "rows of the target alone", "in all"]
figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained", sharey=True)
for axis, (kind, parts) in zip(axes, found.items(), strict=True):
    change, low, high = np.array(parts[:4]).T
    axis.barh(names, change, color=["C0", "C1", "C0", "0.6"])
    axis.hlines(names, low, high, color="k")
    axis.axvline(0, c="0.6", lw=1)
    axis.set(title=kind, xlabel="change of the squared error")
axes[0].invert_yaxis()
plt.show()
