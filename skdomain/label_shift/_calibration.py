"""Calibration of posteriors: ``softmax(a log p + b)``, fitted by log loss on held-out rows.

Priors of another domain are read off posteriors that say how often they are right. With one slope
a = 1/T for all classes and no bias it is temperature scaling [1]_, with a slope and a bias for
each class vector scaling [1]_, with one slope and a bias for each class bias-corrected temperature
scaling [2]_. All are convex in a and b, and solved by one projected Newton method.

References
----------
.. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), "On calibration of modern neural
   networks", ICML.
.. [2] A. Alexandari, A. Kundaje and A. Shrikumar (2020), "Maximum likelihood with bias-corrected
   calibration is hard-to-beat at label shift adaptation", ICML.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax, softmax

from skdomain.label_shift._simplex import row_weights

LEAST_POSTERIOR = 1e-6
CALIBRATION_RIDGE = 1e-6
_MAX_ITER = 100
_TOLERANCE = 1e-11
_ARMIJO = 1e-4
_ROUNDING = 4 * np.finfo(float).eps


class Calibration(NamedTuple):
    """A map of posteriors, ``softmax(slope log p + bias)``; the identity where both are None."""

    slope: np.ndarray | None = None
    bias: np.ndarray | None = None

    @property
    def temperature(self):
        """``1 / slope``, infinite where the posteriors say nothing of the classes; or None."""
        if self.slope is None:
            return None
        with np.errstate(divide="ignore"):
            return 1 / self.slope

    def apply(self, posteriors):
        """Calibrated posteriors, of shape (n_samples, n_classes), rows of sum 1."""
        if self.slope is None:
            return posteriors
        return softmax(self.slope * log_posteriors(posteriors) + self.bias, axis=1)


def log_posteriors(posteriors):
    """Logarithms, in float64; a posterior below 1e-6 counts as 1e-6, so that they are finite."""
    return np.log(np.maximum(np.asarray(posteriors, dtype=np.float64), LEAST_POSTERIOR))


def fit_calibration(posteriors, codes, method="bcts", *, sample_weight=None):
    """Calibrate posteriors by what the classes were, on rows that the model was not trained on.

    Minimises, over slopes a >= 0 and biases b, with weights w of sum 1::

        -sum_i w_i log softmax(a log p_i + b)_{y_i}  +  ridge / 2 (|a - 1|^2 + |b|^2)

    The ridge of 1e-6 is there for posteriors that are always right, for which the loss alone has no
    minimum, and for a class without a row. It moves the mean calibrated posterior of a class, which
    would equal the share of the class where it has a bias, by 1e-6 b.

    Parameters
    ----------
    posteriors : array-like of shape (n_samples, n_classes)
        Probabilities of held-out rows, 0 and 1 among them; those below 1e-6 count as 1e-6.
    codes : ndarray of shape (n_samples,), int
        Numbers of the true classes, from 0.
    method : {"temperature", "vector", "bcts"} or None, default="bcts"
        One slope; a slope and a bias for each class; one slope and a bias for each class; the
        identity.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, at least 0 and not all 0. None: all 1.

    Returns
    -------
    Calibration
        The map, ``apply(posteriors)``. A slope of 0 means that the posteriors tell nothing of the
        classes, or mislead.

    Notes
    -----
    O(n_samples n_classes^2) time for each of few iterations.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.label_shift._calibration import fit_calibration
    >>> sure = np.array([[0.99, 0.01]] * 4 + [[0.01, 0.99]] * 4)
    >>> right_in_three_of_four = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    >>> calibration = fit_calibration(sure, right_in_three_of_four)
    >>> calibration.apply(sure[[0, 7]]).round(3)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    if method is None:
        return Calibration()
    logs = log_posteriors(posteriors)
    n, n_classes = logs.shape
    weights = row_weights(sample_weight, n)
    spread = _PARAMETERS[method](np.eye(n_classes), np.ones((n_classes, 1)))
    loss = _Loss(logs, np.asarray(codes), weights / weights.sum(), spread)
    slope, bias = np.split(spread @ _projected_newton(loss, _identity(spread)), 2)
    return Calibration(slope, bias)


# Matrices S with (a, b) = S u, where u are the parameters that a method has: slopes, then biases
_PARAMETERS = {
    "temperature": lambda eye, one: np.vstack([one, 0 * one]),
    "vector": lambda eye, one: np.kron(np.eye(2), eye),
    "bcts": lambda eye, one: np.block([[one, 0 * eye], [0 * one, eye]]),
}


def _identity(spread):
    """Parameters of the map that changes nothing: slopes 1, biases 0."""
    return spread[: len(spread) // 2].any(axis=0).astype(float)


class _Loss(NamedTuple):
    """Log loss of the calibrated posteriors and ridge, of the parameters that a method has."""

    logs: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    spread: np.ndarray

    def _log_calibrated(self, u):
        slope, bias = np.split(self.spread @ u, 2)
        return log_softmax(slope * self.logs + bias, axis=1)

    def value(self, u):
        """The loss."""
        told = self._log_calibrated(u)[np.arange(len(self.codes)), self.codes]
        return (
            CALIBRATION_RIDGE / 2 * np.sum((u - _identity(self.spread)) ** 2) - self.weights @ told
        )

    def derivatives(self, u):
        """Gradient and Hessian."""
        P = np.exp(self._log_calibrated(u))
        residual = P * self.weights[:, None]
        residual[np.arange(len(self.codes)), self.codes] -= self.weights
        gradient = np.concatenate([np.sum(residual * self.logs, axis=0), residual.sum(axis=0)])
        # covariance of (e_y log p, e_y) for y drawn from the calibrated posterior, mean over rows
        both = np.hstack([P * self.logs, P])
        hessian = -(both.T * self.weights) @ both
        moments = [self.weights @ (P * self.logs**power) for power in (2, 1, 0)]
        second, first, zeroth = map(np.diag, moments)
        hessian += np.block([[second, first], [first, zeroth]])
        S = self.spread
        ridge = CALIBRATION_RIDGE * (u - _identity(S))
        return S.T @ gradient + ridge, S.T @ hessian @ S + CALIBRATION_RIDGE * np.eye(len(u))


def _projected_newton(loss, u):
    """Minimiser over slopes that are not negative, from a feasible start.

    A slope at 0 that would fall stays there; the others take Newton's step, cut back to the
    feasible set and halved until the loss falls as the gradient promises.
    """
    is_slope = _identity(loss.spread) > 0
    for _ in range(_MAX_ITER):
        gradient, hessian = loss.derivatives(u)
        free = ~(is_slope & (u <= 0) & (gradient > 0))
        if np.max(np.abs(gradient[free]), initial=0) <= _TOLERANCE:
            break
        step = np.zeros_like(u)
        step[free] = -np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        ahead = _line_search(loss, u, step, gradient, is_slope)
        if ahead is None:  # no fall is left but rounding
            break
        u = ahead
    return u


def _line_search(loss, u, step, gradient, is_slope):
    here = loss.value(u)
    for halvings in range(40):
        there = u + step / 2**halvings
        there[is_slope] = np.maximum(there[is_slope], 0)
        # as small a fall as the last steps promise drowns in the rounding of the loss
        if loss.value(there) <= here + _ARMIJO * gradient @ (there - u) + _ROUNDING * abs(here):
            return there
    return None
