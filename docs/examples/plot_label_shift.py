"""
What if only the proportions of the classes change?
===================================================

Two classes look the same in both domains, but come in other proportions. Then the means of the
domains differ though nothing has moved, and a method that makes them equal moves the classes. A
test that reads no target label can tell that this is the case.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.metrics import class_mixture_test, mmd_test

SHARES = np.linspace(0.05, 0.95, 10)
last = SourceOnly(LogisticRegression())
models = {
    "pooled scaling": make_pipeline(StandardScaler(), last),
    "scaling each domain": make_pipeline(PerDomain(StandardScaler()), last),
}
accuracy = {name: [] for name in models}
pvalues = {"domains are equal (MMD)": [], "target is a mixture of the classes": []}
for share in SHARES:
    problem = make_label_shift(
        200, 200, target_priors=[1 - share, share], class_sep=3.0, random_state=0
    )
    X, y, d = problem.X, problem.y, problem.sample_domain
    for name, model in models.items():
        with config_context(enable_metadata_routing=True):
            model.fit(X, y, sample_domain=d)
        accuracy[name].append(np.mean(model.predict(X[d < 0]) == y[d < 0]))
    _, equal = mmd_test(X[d > 0], X[d < 0], random_state=0)
    _, mixture = class_mixture_test(X[d > 0], y[d > 0], X[d < 0], random_state=0)
    for name, pvalue in zip(pvalues, (equal, mixture), strict=True):
        pvalues[name].append(pvalue)

# %%
# Accuracy, and what the tests say
# --------------------------------
# In the source both classes are equally frequent. The two-sample test sees a shift almost
# everywhere, and is right; the second test says that it is one of proportions alone. It is the
# first question that :class:`~skdomain.model_selection.SafeTransfer` asks.

figure, axes = plt.subplots(ncols=2, figsize=(11, 4.5), layout="constrained")
for ax, lines, ylabel in (
    (axes[0], accuracy, "target rows predicted right"),
    (axes[1], pvalues, "p-value"),
):
    for name, values in lines.items():
        ax.plot(SHARES, values, "o-", label=name)
    ax.set(xlabel="share of class 1 in the target", ylabel=ylabel, ylim=(0, 1.02))
    ax.legend()
axes[1].axhline(0.05, c="C7", lw=1)
plt.show()
