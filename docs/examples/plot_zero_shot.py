"""
How many seen classes does an unseen one need?
==============================================

Classes without a single training row are recognised by their attributes, which classes that have
rows have taught. Left, chosen among unseen classes: with three seen classes the attributes cannot
be told apart and all four methods fail, with twenty they can and all are right for most. Right,
chosen among all classes: unseen rows are lost to seen classes, which score higher, to ESZSL least
and to DAP most.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import StandardScaler

from skdomain.datasets import make_attribute_classes
from skdomain.zero_shot import DAP, ESZSL, AttributeHinge, SemanticAutoencoder

METHODS = {
    "DAP": DAP,
    "ESZSL": ESZSL,
    "SemanticAutoencoder": SemanticAutoencoder,
    "AttributeHinge": lambda S: AttributeHinge(S, eta=100.0),
}
counts, draws = (3, 8, 20), range(2)


def shares(n_seen, draw):
    """Of the rows of unseen classes, how many are right, among unseen and among all classes."""
    data = make_attribute_classes(10, n_seen=n_seen, random_state=draw)
    source, unseen = data.sample_domain > 0, data.y >= n_seen
    X = StandardScaler().fit(data.X[source]).transform(data.X)
    rows, truth = X[unseen], data.y[unseen]
    for method in METHODS.values():
        model = method(data.attributes).fit(X[source], data.y[source])
        yield [np.mean(model.predict(rows, classes=c) == truth) for c in ("unseen", "all")]


# %%
# Twelve attributes, five unseen classes, rows linear in attributes with noise. A curve is the mean
# of two draws; chance is a fifth on the left. Rows are centred first: no method has an intercept,
# and ESZSL fails without, however many classes are seen.

found = np.array([[list(shares(n, draw)) for draw in draws] for n in counts]).mean(axis=1)
figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, column, title in zip(axes, (0, 1), ("unseen classes", "all classes"), strict=True):
    for method, values in zip(METHODS, found[:, :, column].T, strict=True):
        ax.plot(counts, values, marker="o", label=method)
    ax.set(xlabel="seen classes", title=f"chosen among {title}", ylim=(0, 1.02))
axes[0].axhline(0.2, color="grey", linestyle=":")
axes[0].set_ylabel("accuracy on unseen classes")
axes[0].legend()

plt.show()
