"""Regularised learning under label shift: BBSE's equation, shrunk towards no shift."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, nnls
from sklearn.utils._param_validation import Interval

from skdomain.label_shift._confusion import posterior_confusion
from skdomain.label_shift._priors_estimator import PosteriorPriorsEstimator, documented
from skdomain.label_shift._simplex import check_pair

_EXACT = 1e-9  # share of the ridge's natural scale below which the equation holds as it is


def rlls_theta(C, b, rho):
    """Minimiser of ``|C theta - b| + rho |theta|`` over theta >= -1, neither norm squared.

    Where both norms are positive it is that of ``|C theta - b|^2 + tau |theta|^2`` for the tau with
    ``tau |theta| = rho |C theta - b|``. The ratio of the two sides grows with tau, as the least
    first norm is a convex function of the second, so the tau is found by bisection.

    Parameters
    ----------
    C : ndarray of shape (n_features, n_classes)
    b : ndarray of shape (n_features,)
    rho : float
        At least 0.

    Returns
    -------
    ndarray of shape (n_classes,)
    """
    size = np.linalg.norm(b)
    if np.linalg.norm(C.T @ b) <= rho * size:
        return np.zeros(C.shape[1])
    scale = np.linalg.norm(C, 2) ** 2
    least, most = np.log(_EXACT * scale), np.log(scale * (1 + 1 / max(rho, 1e-12)) * 1e3)

    def excess(log_tau):
        theta = _ridge_theta(C, b, np.exp(log_tau))
        residual = np.linalg.norm(C @ theta - b)
        return np.exp(log_tau) * np.linalg.norm(theta) - rho * residual

    if excess(least) >= 0:
        return _ridge_theta(C, b, 0.0)
    if excess(most) <= 0:
        return np.zeros(C.shape[1])
    return _ridge_theta(C, b, np.exp(brentq(excess, least, most, xtol=1e-12)))


def _ridge_theta(C, b, tau):
    """Minimiser of ``|C theta - b|^2 + tau |theta|^2`` over theta >= -1."""
    ones = np.ones(C.shape[1])
    root = np.sqrt(tau) * np.eye(len(ones))
    shifted, _ = nnls(np.vstack([C, root]), np.concatenate([b + C @ ones, root @ ones]))
    return shifted - 1


def rlls_rho(n, n_classes, *, alpha=0.01, delta=0.05):
    """Weight of the norm of theta for n source rows: ``alpha 3 (2 l / (3 n) + sqrt(2 l / n))``.

    With ``l = log(2 n_classes / delta)``; alpha = 1 is the bound of the sampling error of C that
    holds with probability 1 - delta.
    """
    log = np.log(2 * n_classes / delta)
    return 3 * alpha * (2 * log / (3 * n) + np.sqrt(2 * log / n))


def rlls_priors(
    source_posteriors: ArrayLike,
    codes: int | ArrayLike,
    target_posteriors: ArrayLike,
    *,
    alpha: float = 0.01,
    delta: float = 0.05,
    gamma: float = 1.0,
    soft: bool = False,
    source_weight: Any = None,
    target_weight: Any = None,
) -> np.ndarray:
    """Target priors by regularised learning under label shift (RLLS).

    With the joint confusion C_ij, the share of source rows of class j that are predicted as i, and
    b the shares of the predictions in the target less those in the source::

        min_theta |C theta - b| + rho |theta|   subject to   theta >= -1            (1)

    with neither norm squared. The weights of the classes are ``1 + gamma theta``, and the priors
    are these times the shares of the source, divided by their sum.

    Parameters
    ----------
    source_posteriors : array-like of shape (n, n_classes)
        Posteriors of held-out source rows.
    codes : array-like of shape (n,), int
        Numbers of their classes, which index the columns.
    target_posteriors : array-like of shape (m, n_classes)
        Posteriors of target rows.
    alpha : float, default=0.01
        rho is alpha times the bound of the sampling error of C, which falls with the number of
        source rows.
    delta : float, default=0.05
        Probability with which the error exceeds the bound.
    gamma : float, default=1.0
        Share of theta that counts, in [0, 1].
    soft : bool, default=False
        Mean posteriors in the place of shares of predictions.
    source_weight, target_weight : array-like of shape (n,), (m,), default=None
        Weights of the rows, at least 0. None: all 1.

    Returns
    -------
    ndarray of shape (n_classes,)
        Priors.

    Raises
    ------
    ValueError
        If the posteriors are no probabilities, or codes does not fit them.

    Notes
    -----
    O((n + m) n_classes^2) time, and some 20 non-negative least squares problems of n_classes
    unknowns.

    References
    ----------
    .. [1] K. Azizzadenesheli, A. Liu, F. Yang and A. Anandkumar (2019), "Regularized learning for
       domain adaptation under label shifts", ICLR.

    Examples
    --------
    >>> from skdomain.label_shift import rlls_priors
    >>> source = [[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]
    >>> target = [[0.3, 0.7], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9]]
    >>> rlls_priors(source, [0, 0, 1, 1], target, alpha=0).round(3)
    array([0.25, 0.75])
    >>> rlls_priors(source, [0, 0, 1, 1], target, alpha=1)
    array([0.5, 0.5])
    """
    S, codes, T = check_pair(source_posteriors, codes, target_posteriors)
    found = posterior_confusion(S, codes, T, soft, source_weight, target_weight)
    joint = found.matrix * found.shares
    n = len(S) if source_weight is None else np.sum(source_weight)
    rho = rlls_rho(n, S.shape[1], alpha=alpha, delta=delta)
    theta = rlls_theta(joint, found.target - joint.sum(axis=1), rho)
    priors = found.shares * np.maximum(1 + gamma * theta, 0)
    return priors / priors.sum()


@documented
class RLLS(PosteriorPriorsEstimator):
    """Target priors by regularised learning under label shift.

    The equation of :class:`BBSE` for how far the weights of the classes are from 1, with a penalty
    that falls with the number of source rows: with few of them, the priors stay nearer to those of
    the source. Formula and paper: :func:`rlls_priors`.

    Parameters
    ----------
    <estimator>
    alpha : float, default=0.01
        Weight of the penalty, as a share of what the theory asks for.
    soft : bool, default=False
        Means of posteriors in the place of shares of predictions.
    <folds>
    <interval>

    Attributes
    ----------
    <attributes>
    <estimator_>

    See Also
    --------
    BBSE : The same with no penalty.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.label_shift import RLLS
    >>> problem = make_label_shift(target_priors=[0.2, 0.8], random_state=0)
    >>> RLLS().fit(problem.X, problem.y, sample_domain=problem.sample_domain).priors_.round(2)
    array([0.2, 0.8])
    """

    _parameter_constraints: dict = PosteriorPriorsEstimator._parameter_constraints | {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "soft": ["boolean"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        alpha: float = 0.01,
        soft: bool = False,
        calibration: str | None = "bcts",
        cv: int = 5,
        n_bootstrap: int = 200,
        level: float = 0.95,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            estimator,
            calibration=calibration,
            cv=cv,
            n_bootstrap=n_bootstrap,
            level=level,
            random_state=random_state,
        )
        self.alpha = alpha
        self.soft = soft

    def _priors(self, S, codes, T, **weights):
        return rlls_priors(S, codes, T, alpha=self.alpha, soft=self.soft, **weights)

    def _confusion(self, evidence):
        return posterior_confusion(*evidence[:3], soft=self.soft)
