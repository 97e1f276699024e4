"""Priors of the greatest likelihood: ``max_q sum_i log sum_c p(c | x_i) q_c / p_c``."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval

from skdomain._domains import warn_caller
from skdomain.label_shift._confusion import posterior_confusion
from skdomain.label_shift._moment_draws import likelihood_draws
from skdomain.label_shift._priors_estimator import PosteriorPriorsEstimator, documented
from skdomain.label_shift._simplex import check_pair, check_posteriors, check_priors, weighted_mean

_EM_STEPS = 5
_RIDGE = 1e-12


def em_priors(
    posteriors: ArrayLike,
    source_priors: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    tol: float = 1e-10,
    max_iter: int = 100,
) -> tuple[np.ndarray, int]:
    """Target priors that make the target's posteriors most likely.

    Maximises over the simplex, with weights w of sum 1 (1 / m unless given)::

        L(q) = sum_i w_i log sum_c p(c | x_i) q_c / p_c                          (1)

    which is concave. EM [1]_ goes q_c <- q_c g_c with the gradient g of (1), and is slow where
    classes overlap; so a few of its steps are followed by Newton's, each the quadratic program
    over q >= 0 that (1) is nearly, as in [2]_. The result is certified: by concavity, no priors
    are better than those returned by more than ``max_c g_c - 1 <= tol``.

    Parameters
    ----------
    posteriors : array-like of shape (m, n_classes)
        Posteriors p(c | x_i) of the target rows, of a model of the source.
    source_priors : array-like of shape (n_classes,)
        The p_c that these posteriors hold for: the mean calibrated posterior of held-out source
        rows. A class of 0 gets 0.
    sample_weight : array-like of shape (m,), default=None
        Weights of the rows, at least 0. None: all equal.
    tol : float, default=1e-10
        Largest ``max_c g_c - 1``.
    max_iter : int, default=100
        Largest number of Newton steps.

    Returns
    -------
    priors : ndarray of shape (n_classes,)
        Exactly 0 for classes that are absent.
    n_iter : int
        Newton steps made.

    Raises
    ------
    ValueError
        If the posteriors or the priors are not probabilities, or differ in their classes.

    Warns
    -----
    ConvergenceWarning
        If tol is not reached.

    Notes
    -----
    O(m n_classes^2 + n_classes^3) a step, of which some 10 are made.

    References
    ----------
    .. [1] M. Saerens, P. Latinne and C. Decaestecker (2002), "Adjusting the outputs of a classifier
       to new a priori probabilities: a simple procedure", Neural Computation 14.
    .. [2] Y. Kim, P. Carbonetto, M. Stephens and M. Anitescu (2020), "A fast algorithm for maximum
       likelihood estimation of mixture proportions using sequential quadratic programming", Journal
       of Computational and Graphical Statistics 29.

    Examples
    --------
    >>> from skdomain.label_shift import em_priors
    >>> sure = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    >>> em_priors(sure, [0.5, 0.5])[0]
    array([0.25, 0.75])
    """
    likelihood = _likelihood(posteriors, source_priors, sample_weight)
    q = likelihood.priors / likelihood.priors.sum()
    for _ in range(_EM_STEPS):
        q = q * likelihood.gradient(q)
    q, gap, n_iter = _maximise(likelihood, q / q.sum(), tol, max_iter)
    if gap > tol:
        warn_caller(
            f"after {n_iter} steps the likelihood of the priors may still be {gap:.1e} below its "
            f"maximum, and tol={tol:.1e} was asked for; raise max_iter or tol.",
            ConvergenceWarning,
        )
    return likelihood.all_classes(q), n_iter


class _Likelihood:
    """Equation (1) of the classes that the source has, with derivatives."""

    def __init__(self, ratios, weights, priors, present):
        self.ratios, self.weights = ratios, weights
        self.priors, self.present = priors, present

    def value(self, q):
        """L(q), minus infinity where a row has no class."""
        mixed = self.ratios @ q
        return self.weights @ np.log(mixed) if mixed.min() > 0 else -np.inf

    def gradient(self, q):
        """``g_c = sum_i w_i a_ic / (a_i q)``, where ``a_ic = p(c | x_i) / p_c``."""
        return (self.weights / (self.ratios @ q)) @ self.ratios

    def curvature(self, q):
        """Minus the Hessian."""
        scaled = self.ratios * (np.sqrt(self.weights) / (self.ratios @ q))[:, None]
        return scaled.T @ scaled

    def all_classes(self, q):
        """Priors with a 0 for each class that the source has not."""
        priors = np.zeros(len(self.present))
        priors[self.present] = q
        return priors


def _likelihood(posteriors, source_priors, sample_weight):
    posteriors = check_posteriors(posteriors)
    p = check_priors(source_priors, posteriors.shape[1])
    m = len(posteriors)
    weights = np.full(m, 1 / m) if sample_weight is None else np.asarray(sample_weight, float)
    present = p > 0
    ratios = posteriors[:, present] / p[present]
    told = (weights > 0) & ratios.any(axis=1)  # what is of an absent class tells of no other
    weights = weights[told] if told.any() else np.ones(1)
    ratios = ratios[told] if told.any() else np.ones((1, present.sum()))
    return _Likelihood(ratios, weights / weights.sum(), p[present], present)


def _maximise(likelihood, q, tol, max_iter):
    """Newton steps over q >= 0 until the gap is closed; q, gap and number of steps."""
    for n_iter in range(max_iter + 1):
        gradient = likelihood.gradient(q)
        gap = gradient.max() - 1
        if gap <= tol or n_iter == max_iter:
            break
        ahead = _line_search(
            likelihood, q, _newton_point(likelihood.curvature(q), q, gradient) - q, gradient
        )
        if ahead is None:  # no rise is left but rounding
            break
        q = ahead
    return q, gap, n_iter + _EM_STEPS


def _newton_point(H, q, gradient):
    """Maximiser over y >= 0 of ``L(y) - sum_c y_c`` to the second order around q.

    The sum in the place of the constraint, as the maximiser then has the sum 1. With the curvature
    H = R'R, for which H q = g, it is the non-negative least squares problem
    ``min |R y - R^-T (2 g - 1)|``. A trace of a ridge, drawn to q, lets classes be equal.
    """
    ridge = _RIDGE * np.diag(H)
    R = cholesky(H + np.diag(ridge), check_finite=False)
    target = solve_triangular(R, 2 * gradient - 1 + ridge * q, trans="T", check_finite=False)
    return nnls(R, target)[0]


def _line_search(likelihood, q, step, gradient):
    """Point of sum 1 in the direction of the step, halved until the likelihood rises enough."""
    here, slope = likelihood.value(q) - q.sum() - 1e-15, (gradient - 1) @ step  # less rounding
    for halvings in range(40):
        there = q + step / 2**halvings
        if likelihood.value(there) - there.sum() >= here + 1e-4 * slope / 2**halvings:
            return there / there.sum()
    return None


@documented
class EMPriors(PosteriorPriorsEstimator):
    """Target priors by maximum likelihood, which EM climbs: MLLS, SLD.

    The posteriors of the target rows under other proportions of the classes are known from those
    under the source's, and the proportions that make the rows most likely are taken. This uses all
    that the posteriors know, so they have to be right: they are calibrated first, and p_c is their
    mean over held-out source rows, so that no shift estimates no shift. Formula and papers:
    :func:`em_priors`.

    Parameters
    ----------
    <estimator>
    <folds>
    tol : float, default=1e-10
        How far the mean log-likelihood may be below its maximum, certified.
    max_iter : int, default=100
        Largest number of Newton steps.
    <interval>

    Attributes
    ----------
    <attributes>
    <estimator_>
    n_iter_ : int
        Steps made.

    See Also
    --------
    BBSE : Right without calibrated posteriors, and less precise.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.label_shift import EMPriors
    >>> problem = make_label_shift(
    ...     1000, 1000, target_priors=[0.2, 0.8], class_sep=2.0, random_state=0
    ... )
    >>> model = EMPriors(random_state=0)
    >>> model.fit(problem.X, problem.y, sample_domain=problem.sample_domain).priors_.round(2)
    array([0.18, 0.82])
    >>> model.interval_.round(2)
    array([[0.14, 0.79],
           [0.21, 0.86]])
    """

    _parameter_constraints: dict = PosteriorPriorsEstimator._parameter_constraints | {
        "tol": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        calibration: str | None = "bcts",
        cv: int = 5,
        tol: float = 1e-10,
        max_iter: int = 100,
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
        self.tol = tol
        self.max_iter = max_iter

    def _point(self, evidence):
        p = self._source_priors(evidence)
        priors, self.n_iter_ = em_priors(evidence.target, p, tol=self.tol, max_iter=self.max_iter)
        return priors

    def _draws(self, evidence, drawn):
        return likelihood_draws(evidence, self.priors_, *drawn)

    def _source_priors(self, evidence):
        return evidence.source.mean(axis=0)

    def _confusion(self, evidence):
        return posterior_confusion(*evidence[:3])


def posterior_em_priors(
    source_posteriors, codes, target_posteriors, *, source_weight=None, target_weight=None
):
    """:func:`em_priors` of posteriors of both domains, for the mean of those of the source."""
    S, _, T = check_pair(source_posteriors, codes, target_posteriors)
    return em_priors(T, weighted_mean(S, source_weight), sample_weight=target_weight)[0]
