"""
What does adapting change?
==========================

Two kinds of rows, measured in two places. The second place has another instrument, other units and
another zero, and nobody has labelled its rows. The model of the first place is wrong on about half
of them. Given to it as standardised by place, they are called right. True labels of the second
place serve for the colours and the percentages alone. It is one problem, made so that this is the
remedy: :doc:`/which_method` asks what yours is.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift

# %%
# Two instruments
# ---------------

data = make_label_shift(150, 150, target_priors=[0.5, 0.5], random_state=0)
X, y, sample_domain = data.X, data.y, data.sample_domain
target = sample_domain < 0
X[target] = X[target] * [0.5, 2] + [4, -3]

# %%
# One model, with and without adaptation
# --------------------------------------

adapted = PerDomain(StandardScaler()).fit_transform(X, sample_domain=sample_domain)
views = {"source only": X, "adapted": adapted}
models = {}
for name, rows in views.items():
    models[name] = SourceOnly(LogisticRegression()).fit(rows, y, sample_domain=sample_domain)
    print(f"{name}: {models[name].score(rows, y, sample_domain=sample_domain):.2f}")

# %%
# What it says where
# ------------------
# Dots are the source, rings the target, crosses the target rows that are called wrong.

COLOURS = {
    "light": {"ink": "#22262b", "classes": ("#1f5fa8", "#b8560f"), "area": 0.16},
    "dark": {"ink": "#dfe3e8", "classes": ("#7fb2ee", "#f2a35e"), "area": 0.22},
}


def draw(ax, name, ink, classes, area):
    """Rows as a model sees them, its regions, and what it gets wrong."""
    rows, model = views[name], models[name]
    limits = zip(rows.min(axis=0) - 0.5, rows.max(axis=0) + 0.5, strict=True)
    sides = [np.linspace(*ends, 200) for ends in limits]
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    regions = model.predict(grid.reshape(-1, 2)).reshape(grid.shape[:2])
    ax.contourf(*sides, regions, levels=[-0.5, 0.5, 1.5], colors=classes, alpha=area)
    wrong = target & (model.predict(rows) != y)
    for label, colour in enumerate(classes):
        ax.plot(*rows[~target & (y == label)].T, ".", color=colour, alpha=0.6, markeredgewidth=0)
        right = target & ~wrong & (y == label)
        ax.plot(*rows[right].T, "o", color=colour, fillstyle="none", markersize=4.5)
        ax.plot(*rows[wrong & (y == label)].T, "x", color=colour, markeredgewidth=1.6)
    share = 100 * (1 - wrong.sum() / target.sum())
    ax.set_title(f"{name}: {share:.0f} % right", color=ink, fontsize=18)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(ink)


def front_figure(mode):
    """Both models side by side, in the colours of a light or a dark page."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    figure.patch.set_alpha(0)
    for ax, name in zip(axes, views, strict=True):
        ax.patch.set_alpha(0)
        draw(ax, name, **COLOURS[mode])
    return figure


front_figure("light")
plt.show()
