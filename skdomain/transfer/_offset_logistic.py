"""Logistic regression on top of given scores, with a ridge on what it adds to them.

Eq. (1)   min over V, c   sum_i s_i [logsumexp(F_i) - F_i[y_i]] + lam / 2 |V|^2,
Eq. (2)   F = O + X V B' + 1 (A c)'.

O are the scores to start from, B tells how the columns of V enter the scores (the identity, or one
column (-1/2, 1/2)' for two classes), A which directions of the intercepts are free.

C. Chelba and A. Acero (2004), "Adaptation of maximum entropy capitalizer: little data can help a
lot", Conference on Empirical Methods in Natural Language Processing, 285-292.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax, logsumexp

_FIRST_SHARE = 0.5  # of the gradient that is left when conjugate gradients stop, at most
_HALVINGS = 40
_ROUNDING = 1e-14  # of the loss, within which two losses are not told apart


class OffsetProblem(NamedTuple):
    """Rows, one-hot classes, scores to start from, weights, penalty, and both bases of Eq. (2)."""

    X: np.ndarray
    Y: np.ndarray
    O: np.ndarray  # noqa: E741
    s: np.ndarray
    lam: float
    B: np.ndarray
    A: np.ndarray

    @property
    def n_parameters(self):
        """Length of theta: the weights, then the free intercepts."""
        return self.X.shape[1] * self.B.shape[1] + self.A.shape[1]

    def split(self, theta):
        """V and c of all parameters in a row."""
        n_weights = self.X.shape[1] * self.B.shape[1]
        return theta[:n_weights].reshape(self.X.shape[1], self.B.shape[1]), theta[n_weights:]

    def moves(self, theta):
        """What the parameters add to the scores, Eq. (2) without O."""
        V, c = self.split(theta)
        return (self.X @ V) @ self.B.T + self.A @ c

    def back(self, G, theta):
        """Transpose of :meth:`moves` at G, and the penalty's part."""
        V, _ = self.split(theta)
        return np.concatenate(
            [(self.X.T @ (G @ self.B) + self.lam * V).ravel(), self.A.T @ G.sum(axis=0)]
        )

    def loss(self, theta):
        """Eq. (1)."""
        F = self.O + self.moves(theta)
        V, _ = self.split(theta)
        terms = logsumexp(F, axis=1) - np.einsum("ij,ij->i", self.Y, F)
        return self.s @ terms + self.lam / 2 * np.vdot(V, V)

    def gradient(self, theta):
        """Gradient of Eq. (1), and the probabilities of the classes."""
        P = np.exp(log_softmax(self.O + self.moves(theta), axis=1))
        return self.back(self.s[:, None] * (P - self.Y), theta), P

    def curvature(self, P, direction):
        """Hessian of Eq. (1) times a direction."""
        dF = self.moves(direction)
        D = P * (dF - np.einsum("ij,ij->i", P, dF)[:, None])
        return self.back(self.s[:, None] * D, direction)


def minimize_offset(problem, theta, *, tol, max_iter):
    """Newton's method, its steps by conjugate gradients, halved until the loss falls.

    Returns
    -------
    theta : ndarray of shape (n_parameters,)
    residual : float
        Norm of the gradient.
    n_iter : int
    """
    gradient, P = problem.gradient(theta)
    residual, n_iter, moved = np.linalg.norm(gradient), 0, True
    while residual > tol and n_iter < max_iter and moved:
        step = newton_step(problem, P, gradient, residual)
        theta, moved = _line_search(problem, theta, step, gradient)
        gradient, P = problem.gradient(theta)
        residual, n_iter = np.linalg.norm(gradient), n_iter + 1
    return theta, residual, n_iter


def newton_step(problem, P, gradient, residual):
    """Conjugate gradients on ``H d = -gradient``, as exact as the gradient is small."""
    step, rest = np.zeros_like(gradient), -gradient
    direction, square = rest.copy(), rest @ rest
    wanted = min(_FIRST_SHARE, np.sqrt(residual)) * residual
    for _ in range(2 * len(gradient)):
        bent = problem.curvature(P, direction)
        curved = direction @ bent
        if curved <= 0 or np.sqrt(square) <= wanted:
            break
        step = step + square / curved * direction
        rest = rest - square / curved * bent
        square, before = rest @ rest, square
        direction = rest + square / before * direction
    return step


def _line_search(problem, theta, step, gradient):
    start, slope, share = problem.loss(theta), gradient @ step, 1.0
    slack = _ROUNDING * abs(start)
    for _ in range(_HALVINGS):
        if problem.loss(theta + share * step) <= start + 1e-4 * share * slope + slack:
            return theta + share * step, True
        share /= 2
    return theta, False


def offset_bases(n_classes, freed):
    """Bases B and A of Eq. (2).

    Parameters
    ----------
    n_classes : int
        Of two, one column of weights is enough.
    freed : ndarray of shape (n_classes,), bool
        Classes whose intercepts are free. A common shift of them is left out, so that those of
        the other classes, of which no row says anything, stay where they are.
    """
    B = np.array([[-0.5], [0.5]]) if n_classes == 2 else np.eye(n_classes)
    n = int(np.sum(freed))
    A = np.zeros((n_classes, max(n - 1, 0)))
    if n > 1:
        A[freed] = np.linalg.svd(np.eye(n) - 1 / n)[0][:, : n - 1]
    return B, A
