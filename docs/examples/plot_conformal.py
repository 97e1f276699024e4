"""
How wide must an interval be to hold in another domain?
=======================================================

Intervals that hold nine of ten new rows of the source hold fewer of the target, whose rows lie
where the model errs more. Weighing the rows by which they were made, by how often the target has
such rows, brings the share back. Where there is hardly a source row, no finite interval is valid,
and none is given.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

from skdomain import stack_domains
from skdomain.conformal import DomainConformalRegressor
from skdomain.weighting import GaussianWeighting

rng = np.random.default_rng(0)
xs, xt = rng.normal(size=(400, 1)), rng.normal(1, 1, size=(400, 1))
ys, yt = (x[:, 0] ** 2 + 0.3 * rng.normal(size=400) for x in (xs, xt))
X, y, d = stack_domains((xs, ys), xt)

# %%
# A line is fitted to a parabola. Grey: half of the source's rows, which the model has not seen,
# set one width for all. Blue: the same rows, weighed by the ratio of two normal densities. The
# further a row lies from the source, the more it weighs itself, until no finite interval remains.

grid = np.linspace(-2.5, 4.5, 141)[:, None]
figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, weights, colour in zip(axes, (None, GaussianWeighting()), ("grey", "C0"), strict=True):
    model = DomainConformalRegressor(Ridge(), weights=weights, random_state=0)
    model.fit(X, y, sample_domain=d)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which says how many are infinite
        low, high = model.predict_interval(xt).T
        band = model.predict_interval(grid).T
    held = np.mean((low <= yt) & (yt <= high))
    ax.plot(xs, ys, ".", color="silver", label="source")
    ax.plot(xt, yt, ".", color="C1", markersize=3, label="target")
    ax.fill_between(grid[:, 0], *band.clip(-20, 30), color=colour, alpha=0.25, label="interval")
    name = "no weights" if weights is None else "GaussianWeighting"
    ax.set(title=f"{name}: {held:.0%} held, 90 % promised", xlabel="x", ylim=(-8, 18))
axes[0].set_ylabel("y")
axes[0].legend(loc="upper left")

plt.show()
