"""
Which directions tell the domains, and are they needed?
=======================================================

A sensor drifts with time. LEACE erases what tells the years linearly and keeps all else; MIDA finds
few components that vary much and depend little on time. Where the classes themselves tell the
domains, both erase the classes.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdomain.alignment import LEACE, MIDA

rng = np.random.default_rng(0)
n = 300
time = rng.uniform(0, 2, n)  # years
d = np.where(time < 1, 1, -2)  # labels are known of the first
drift = np.array([3.0, 2.0, 0.0])


def measured(y):
    """Three features: both classes, the drift, and a third that says nothing."""
    return (
        rng.normal(size=(n, 3)) * [0.6, 0.6, 1.5] + np.outer(y, [0, 3, 0]) + np.outer(time, drift)
    )


# %%
# Drift, and classes that come with it
# ------------------------------------
# Above, classes are as frequent in both years; below, the second class is rare in the first year
# and frequent in the second. Colour is the class, filled circles are of the second year.

even = rng.integers(2, size=n)
uneven = (rng.uniform(size=n) < np.where(d > 0, 0.1, 0.9)).astype(int)
figure, grid = plt.subplots(2, 3, figsize=(12, 7), layout="constrained")
for axes, y, title in zip(grid, (even, uneven), ("even", "uneven"), strict=True):
    X = measured(y)
    erased = LEACE().fit_transform(X, sample_domain=d)
    mida = MIDA(2, mu=0.1).fit(X, sample_domain=d, domain_features=time)
    shown = {"as they are": X[:, :2], "LEACE": erased[:, :2], "MIDA(2), time": mida.transform(X)}
    for ax, (name, Z) in zip(axes, shown.items(), strict=True):
        for c in (0, 1):
            for years, face in ((d > 0, "none"), (d < 0, f"C{c}")):
                ax.scatter(
                    *Z[(y == c) & years].T, s=14, facecolors=face, edgecolors=f"C{c}", alpha=0.7
                )
        gap = [np.abs(np.corrcoef(z, t)[0, 1]) for t in (d, y) for z in Z.T]
        ax.set(
            title=f"{name}, classes {title}\ncorrelation with year {max(gap[:2]):.2f}, "
            f"with class {max(gap[2:]):.2f}"
        )

# %%
# After LEACE no linear classifier tells the years, and nothing was moved that need not be. Within a
# year the drift is still there: of time, LEACE was told the year only.

plt.show()
