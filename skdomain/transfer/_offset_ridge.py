"""Ridge on what a given model leaves over, for all penalties at once, and its leave-one-out.

Eq. (1)   min over v, c   sum_i s_i |r_i - x_i v - c|^2 + lam |v|^2,   r = y - f(x).

With rows and residuals centred by their weighted means (only where c is free) and the singular
values d of ``S^(1/2) X = U diag(d) V'``:

Eq. (2)   v = V diag(d / (d^2 + lam)) U' S^(1/2) r,
Eq. (3)   residual of row i when it is left out = e_i / (1 - h_i),
          h_i = sum_k U_ik^2 d_k^2 / (d_k^2 + lam)   (+ s_i / sum(s) where c is free).

D. M. Allen (1974), "The relationship between variable selection and data augmentation and a method
for prediction", Technometrics 16(1), 125-127.
"""

import numpy as np

from skdomain.transfer._left_out_loss import prior_cost

_LEAST_LOSS = np.finfo(float).tiny


class RidgePath:
    """Solutions of Eq. (1) for every penalty, from one decomposition.

    Parameters
    ----------
    Z : ndarray of shape (n_samples, rank)
        Rows.
    R : ndarray of shape (n_samples, n_outputs)
        Residuals of the model to start from.
    s : ndarray of shape (n_samples,)
        Positive weights.
    free : bool
        Whether the intercept is free; else it is 0.
    """

    def __init__(self, Z, R, s, *, free):
        self.s, self.free = s, free
        self._row = s @ Z / s.sum() if free else np.zeros(Z.shape[1])
        self._value = s @ R / s.sum() if free else np.zeros(R.shape[1])
        root = np.sqrt(s)[:, None]
        self._R = R - self._value
        self._U, d, self._Vt = np.linalg.svd(root * (Z - self._row), full_matrices=False)
        self._d = np.where(d > max(Z.shape) * np.finfo(float).eps * d.max(initial=0), d, 0)
        self._b = self._U.T @ (root * self._R)

    def scale(self):
        """Mean squared singular value that is not 0; 1 where there is none."""
        squares = self._d[self._d > 0] ** 2
        return squares.mean() if len(squares) else 1.0

    def solution(self, lam):
        """V and c of Eq. (1); with ``lam = inf``, v = 0."""
        d = self._d[:, None]
        share = np.divide(d, d**2 + lam, out=np.zeros_like(d), where=d > 0)
        v = self._Vt.T @ (share * self._b)
        return v, self._value - self._row @ v

    def left_out(self, lam):
        """Residual of each row had it been left out, Eq. (3); not finite where it cannot be."""
        d2 = self._d**2
        shrunk = np.divide(d2, d2 + lam, out=np.zeros_like(d2), where=d2 > 0)
        fitted = self._U @ (shrunk[:, None] * self._b) / np.sqrt(self.s)[:, None]
        h = np.square(self._U) @ shrunk + self.free * self.s / self.s.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            left = (self._R - fitted) / (1 - h)[:, None]
        left[1 - h < np.sqrt(np.finfo(float).eps)] = np.inf  # is fitted exactly, whatever it is
        return left

    def freedom(self, lam):
        """``sum(s)^2 / sum(s^2)`` rows, less the trace of the hat matrix; at least 0."""
        d2 = self._d[self._d > 0] ** 2
        n = self.s.sum() ** 2 / np.square(self.s).sum()
        return max(n - np.sum(d2 / (d2 + lam)) - self.free, 0.0)

    def loss(self, lam):
        """Weighted mean of the squares of :meth:`left_out`, over rows and outputs."""
        return np.average(np.square(self.left_out(lam)).mean(axis=1), weights=self.s)


def left_out_cost(path, lam, expected, known):
    """What a penalty costs in nats: its left-out residuals, and its distance to one to expect.

    ``f / 2 ln(loss / known)`` is the negative log-likelihood of normal residuals of the variance
    that fits best, with f degrees of freedom instead of n: where hardly any are left, the left-out
    residuals of a few rows are small by chance, and large by it.

    Parameters
    ----------
    path : RidgePath
    lam, expected : float
        Penalties.
    known : float
        Loss for the penalty to expect.

    Returns
    -------
    float
        Infinite where the loss is, and for an infinite penalty.
    """
    loss = path.loss(lam)
    if not np.isfinite(loss) or not 0 < lam < np.inf:
        return np.inf
    ratio = np.log(max(loss, _LEAST_LOSS)) - np.log(max(known, _LEAST_LOSS))
    return path.freedom(lam) / 2 * ratio + prior_cost(lam, expected)
