"""Support vectors on top of given scores: the dual is a quadratic program in a box.

Eq. (1)   min over w   1/2 |w|^2 + sum_i C_i max(0, 1 - y_i (f_i + z_i'w)),
Eq. (2)   max over a   sum_i a_i (1 - y_i f_i) - 1/2 |sum_i a_i y_i z_i|^2,   0 <= a_i <= C_i,

w = sum_i a_i y_i z_i. Coordinate ascent on Eq. (2), from one row to the next; now and then the
linear system of the rows strictly inside the box is solved, which ends at the optimum once these
are known. The difference of the two, the gap, bounds that to the optimum.

C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. Keerthi and S. Sundararajan (2008), "A dual coordinate
descent method for large-scale linear SVM", International Conference on Machine Learning, 408-415.
"""

from typing import NamedTuple

import numpy as np

from skdomain._estimators import compiled

_LEAST = 1e-300


class HingeFit(NamedTuple):
    """Weights, dual variables, duality gap, passes over the rows, and whether that was enough."""

    w: np.ndarray
    a: np.ndarray
    gap: float
    n_iter: int
    converged: bool


@compiled
def ascend(Z, y, f, C, squares, a, w, n_passes):
    """Passes of coordinate ascent, which write over a and w."""
    for _ in range(n_passes):
        for i in range(len(y)):
            if squares[i] == 0.0:
                a[i] = C[i] if 1.0 - y[i] * f[i] > 0 else 0.0
                continue
            slack = 1.0 - y[i] * (f[i] + np.dot(Z[i], w))
            moved = min(max(a[i] + slack / squares[i], 0.0), C[i])
            step = (moved - a[i]) * y[i]
            a[i] = moved
            for j in range(len(w)):
                w[j] += step * Z[i, j]


def duality_gap(Z, y, f, C, a, w):
    """Eq. (1) less Eq. (2)."""
    primal = w @ w / 2 + C @ np.maximum(0, 1 - y * (f + Z @ w))
    return primal - (a @ (1 - y * f) - w @ w / 2)


def on_face(Z, y, f, C, a):
    """The optimum of Eq. (2) with the variables on the border of the box held; may leave it."""
    free = (a > 0) & (a < C)
    found, signed = a.copy(), Z * y[:, None]
    held = (a * ~free) @ signed
    rest = (1 - y * f)[free] - signed[free] @ held
    # scores of 1 on the free rows, by the least change of w; then the variables that give it
    change = np.linalg.lstsq(signed[free], rest, rcond=None)[0]
    found[free] = np.linalg.lstsq(signed[free].T, change, rcond=None)[0]
    return found


def hinge_fit(Z, y, f, C, *, tol, max_iter):
    """Solve Eq. (1).

    Parameters
    ----------
    Z : ndarray of shape (n_samples, n_features), C-contiguous
    y : ndarray of shape (n_samples,)
        1 or -1.
    f : ndarray of shape (n_samples,)
        Scores to start from.
    C : ndarray of shape (n_samples,)
        Weights of the losses, > 0.
    tol : float
        Duality gap to stop at, as a share of the value of Eq. (1) at w = 0.
    max_iter : int
        Largest number of passes.

    Returns
    -------
    HingeFit
    """
    a, w, squares = np.zeros(len(y)), np.zeros(Z.shape[1]), np.einsum("ij,ij->i", Z, Z)
    wanted, n_iter = tol * max(C @ np.maximum(0, 1 - y * f), _LEAST), 0
    gap = duality_gap(Z, y, f, C, a, w)
    while gap > wanted and n_iter < max_iter:
        n_passes = min(max(1, n_iter), max_iter - n_iter)
        ascend(Z, y, f, C, squares, a, w, n_passes)
        w, n_iter = (a * y) @ Z, n_iter + n_passes
        gap = duality_gap(Z, y, f, C, a, w)
        polished = on_face(Z, y, f, C, a)
        inside = (polished >= 0).all() and (polished <= C).all()
        if inside and duality_gap(Z, y, f, C, polished, (polished * y) @ Z) <= gap:
            a, w = polished, (polished * y) @ Z
            gap = duality_gap(Z, y, f, C, a, w)
    return HingeFit(w, a, gap, n_iter, gap <= wanted)
