"""Leave-one-out loss of a penalised logistic regression, without a refit, to choose the penalty.

One Newton step from the fit to all rows to that without row i (Rad and Maleki 2020): with p the
probabilities, g = p - y, d = p (1 - p) and ``h_i = z_i'(Z'diag(s d)Z + lam I)^-1 z_i``,

Eq. (1)   score of row i when it is left out = F_i + h_i s_i g_i / (1 - s_i d_i h_i).

It is exact to that order for two classes. Of more of them, each takes its own step, as if the
others stood still, which makes somewhat much of the loss.

K. Rad and A. Maleki (2020), "A scalable estimate of the out-of-sample prediction error via
approximate leave-one-out cross-validation", Journal of the Royal Statistical Society B 82, 965-996.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import log_softmax

from skdomain.transfer._offset_logistic import minimize_offset

_DECADE = 2.0  # nats that a decade away from the penalty to expect costs
_LEAST_LEFT = 1e-6
_NO_PENALTY = 1e-10


def left_out_loss(problem, theta):
    """Weighted sum of the log losses of the rows, each predicted by Eq. (1).

    A row that is the only one of its class says nothing of what is learned from labels: without it
    the class has none. It is not counted.
    """
    _, P = problem.gradient(theta)
    F, s = problem.O + problem.moves(theta), problem.s
    Z = np.column_stack([problem.X, np.ones((len(s), min(1, problem.A.shape[1])))])
    penalties = np.full(Z.shape[1], problem.lam)
    penalties[problem.X.shape[1] :] = _NO_PENALTY * s.sum()
    G, D = s[:, None] * (P - problem.Y), s[:, None] * P * (1 - P)
    for k in range(P.shape[1] - (P.shape[1] == 2)):
        h = _leverage(Z, D[:, k], penalties)
        F[:, k] += h * G[:, k] / np.maximum(1 - D[:, k] * h, _LEAST_LEFT)
    counted = s * (problem.Y @ (problem.Y.sum(axis=0) > 1))
    return -counted @ np.einsum("ij,ij->i", problem.Y, log_softmax(F, axis=1))


def _leverage(Z, d, penalties):
    factor = cho_factor((Z.T * d) @ Z + np.diag(penalties))
    return np.einsum("ij,ji->i", Z, cho_solve(factor, Z.T))


def prior_cost(lam, expected):
    """Nats that a penalty costs for its distance to the one to expect: 2 for each decade."""
    return _DECADE * abs(np.log10(lam / expected))


def best_offset(problem, lams, expected, *, tol, max_iter):
    """The minimiser for the penalty that fits best to rows that are left out.

    That is the smallest sum of their log losses and of 2 for each decade from the expected
    penalty: a prior, which decides where there are few rows and is outweighed where there are many.

    Returns
    -------
    lam : float
    theta : ndarray
    residual : float
    n_iter : int
    """
    found, theta = [], np.zeros(problem.n_parameters)
    for lam in sorted(lams, reverse=True):
        problem = problem._replace(lam=lam)
        theta, residual, n_iter = minimize_offset(problem, theta, tol=tol, max_iter=max_iter)
        cost = 0.0
        if len(lams) > 1:
            cost = left_out_loss(problem, theta) + prior_cost(lam, expected)
        found.append((cost, lam, theta, residual, n_iter))
    return min(found, key=lambda one: one[0])[1:]
