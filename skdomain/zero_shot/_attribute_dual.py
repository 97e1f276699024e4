"""The multiclass hinge loss over attributes, by its dual: a simplex of classes for each row.

K. Crammer and Y. Singer (2001), "On the algorithmic implementation of multiclass kernel-based
vector machines", Journal of Machine Learning Research 2, 265-292.

What admitted the compiled sweep (``benchmarks/speed/compiled_loops.py``, one thread, 1257 rows):
3.3 times as fast as the same in Python around compiled moves of weight.
"""

from typing import NamedTuple

import numpy as np

from skdomain._estimators import compiled, progress


class HingeSolution(NamedTuple):
    """W, the dual variables that it is made of, and how far it can be from the optimum.

    Attributes
    ----------
    W : ndarray of shape (n_features, n_attributes)
        Scores are ``x'W s``.
    dual : ndarray of shape (n_samples, n_classes)
        Weights of the classes, that sum up to 1 in each row; 1 for its own class where a row does
        not count.
    objective : float
        Value of the primal at W.
    gap : float
        Objective less that of the dual: the objective is at most so far above its minimum.
    n_iter : int
        Sweeps over the rows.
    """

    W: np.ndarray
    dual: np.ndarray
    objective: float
    gap: float
    n_iter: int


@compiled
def move_weight(gradient, own, G):
    """Raise the dual in one row, in place: weight moves from one class to another, pair by pair.

    It goes from the class of the smallest gradient to that of the largest, as far as the dual
    rises, until that is no longer worth while. G is ``S S' |x|^2 / eta``.
    """
    for _ in range(2 * len(own)):
        top, low = np.argmax(gradient), np.argmin(np.where(own > 0, gradient, np.inf))
        rise = gradient[top] - gradient[low]
        if rise <= 1e-15 * (1 + abs(gradient[top])):
            return
        bend = G[top, top] + G[low, low] - 2 * G[top, low]
        step = own[low] if rise >= bend * own[low] else rise / bend
        own[top] += step
        own[low] -= step
        gradient -= step * (G[top] - G[low])


@compiled
def sweep_rows(X, codes, S, alpha, W, order, k, eta):
    """Improve the weights alpha of one row after the other, in place, and W with them."""
    G = np.dot(S, S.T)
    for i in order:
        x, own = X[i], alpha[i]
        gradient = np.dot(S, np.dot(x, W)) + k
        gradient[codes[i]] -= k
        before = own.copy()
        move_weight(gradient, own, G * (np.dot(x, x) / eta))
        if not np.array_equal(own, before):
            W -= np.outer(x / eta, np.dot(own - before, S))


def solve_hinge(X, codes, S, *, eta, margin, max_iter, tol, verbose=False):
    """Minimiser of :func:`hinge_objective`, to a duality gap of ``tol margin n_samples``.

    Rows are visited in an order of their values, drawn anew for each sweep from a fixed seed.
    """
    order = np.lexsort((*X.T[::-1], codes))
    rows, classes = np.ascontiguousarray(X[order]), codes[order]
    S, alpha = np.ascontiguousarray(S), np.eye(len(S))[classes]
    W, rng = np.zeros((X.shape[1], S.shape[1])), np.random.default_rng(0)
    sweeps = progress(range(1, max_iter + 1), description="hinge", verbose=verbose)
    for n_iter in sweeps:  # noqa: B007
        sweep_rows(rows, classes, S, alpha, W, rng.permutation(len(rows)), float(margin), eta)
        W = rows.T @ (S[classes] - alpha @ S) / eta  # so that no rounding adds up
        objective = hinge_objective(W, rows, classes, S, eta=eta, margin=margin)
        alien = 1 - alpha[np.arange(len(rows)), classes]
        gap = objective - (margin * alien.sum() - eta / 2 * np.sum(W**2))
        if gap <= tol * margin * len(rows):
            break
    dual = np.empty_like(alpha)
    dual[order] = alpha
    return HingeSolution(W, dual, objective, float(gap), n_iter)


def hinge_objective(W, X, codes, S, *, eta, margin):
    """``sum_i max_m (k [m != y_i] + x_i'W (s_m - s_yi)) + eta/2 |W|^2``."""
    scores = X @ W @ S.T
    own = np.arange(len(X)), codes
    losses = scores - scores[own][:, None] + margin
    losses[own] = 0.0
    return float(losses.max(axis=1).sum() + eta / 2 * np.sum(W**2))
