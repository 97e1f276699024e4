"""
How large is the matrix that matches two domains?
=================================================

The papers write the distance of two domains as a matrix M of all rows by all rows. It is made of
a few groups, one for each class in each domain, so that a matrix G of groups by groups says the
same. With N the shares of the rows in their groups, M = N G N', and this is what makes the
spectral core fast.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdomain.mmd import conditional_coupling, mmd_matrix

labels = np.repeat([0, 1, 2, 0, 1, 2], [30, 20, 10, 10, 20, 30])
d = np.repeat([1, -2], 60)
coupling = conditional_coupling(labels, d > 0, n_classes=3)
M, N, G = mmd_matrix(d, labels, coupling="conditional"), coupling.memberships(), coupling.G
assert not G[-1].any()  # the last group is of rows without a label, and empty here
N, G = N[:, :-1], G[:-1, :-1]
print(f"M is N G N' to {np.abs(N @ G @ N.T - M).max():.0e}")

# %%
# Three classes in two domains, in other proportions, as JDA matches them. M grows with the square
# of the rows, G does not grow with them. Red: groups whose means are pulled together, those of a
# class most of all.

figure, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained")
for ax, matrix, name in zip(axes, (M, N, G), ("M", "N", "G"), strict=True):
    limit = np.abs(matrix).max()
    ax.imshow(matrix, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    ax.set(title=f"{name}, {matrix.shape[0]} x {matrix.shape[1]}", xticks=[], yticks=[])
    ax.set_ylabel("rows" if name != "G" else "groups")
    ax.set_xlabel("rows" if name == "M" else "groups")

plt.show()
