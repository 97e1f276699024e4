"""RuLSIF: the ratio to a mixture of both densities by least squares, in closed form.

M. Yamada, T. Suzuki, T. Kanamori, H. Hachiya and M. Sugiyama (2013), "Relative density-ratio
estimation for robust distribution comparison", Neural Computation 25, 1324-1370.
"""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._kernels import gamma_constraint
from skdomain.weighting._ratio._bumps import (
    KernelRatio,
    candidate_gammas,
    check_leave_out,
    ratio_problem,
)
from skdomain.weighting._weighted_estimator import RatioWeightedEstimator, mean_one, weighted_fit

_EPS = np.finfo(float).eps
LAMS = 10.0 ** np.arange(-3, 1.5, 0.5)

_CONSTRAINTS = {
    "alpha": [Interval(Real, 0, 1, closed="both")],
    "gamma": gamma_constraint("loo"),
    "lam": [StrOptions({"loo"}), Interval(Real, 0, None, closed="neither")],
    "n_centers": [Interval(Integral, 1, None, closed="left")],
}


class RulsifFit(NamedTuple):
    """What RuLSIF finds."""

    ratio: KernelRatio
    lam: float
    gammas: np.ndarray
    lams: np.ndarray
    scores: np.ndarray


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def rulsif_weights(Xs, Xt, *, alpha=0.1, gamma="loo", lam="loo", n_centers=100):
    """Weights of the source rows by RuLSIF.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like of shape (n_target, n_features)
        Rows of the target.
    alpha, gamma, lam, n_centers
        As in :class:`RuLSIF`.

    Returns
    -------
    ndarray of shape (n_source,)
        Weights, at least 0 and of mean 1.

    Raises
    ------
    ValueError
        If the domains are not finite, differ in their features or do not overlap within the width
        of the kernel, or have too few distinct rows to leave one out.

    Examples
    --------
    The middle of the source is where the target is:

    >>> from skdomain.weighting import rulsif_weights
    >>> rulsif_weights([[-2.0], [0.0], [2.0]], [[0.0]], gamma=0.5, lam=0.1)
    array([0.319..., 2.360..., 0.319...])
    """
    return mean_one(
        fit_rulsif(Xs, Xt, alpha=alpha, gamma=gamma, lam=lam, n_centers=n_centers).ratio(Xs)
    )


def fit_rulsif(Xs, Xt, *, alpha, gamma, lam, n_centers):
    """Choose width and ridge, as far as that is asked for, and fit the ratio to all rows."""
    problem, Xs, Xt = ratio_problem(Xs, Xt, n_centers)
    gammas = candidate_gammas(gamma, Xs, Xt)
    lams = LAMS if lam == "loo" else np.array([float(lam)])
    scores = np.full((len(gammas), len(lams)), np.nan)
    for name, value in (("gamma", gamma), ("lam", lam)):
        if value == "loo":
            check_leave_out(problem, name, value)
    if scores.size > 1:
        scores = np.array([left_out_scores(problem, g, lams, alpha) for g in gammas])
    width, ridge = np.unravel_index(np.argmin(scores), scores.shape)
    moments = BumpMoments.of(problem, gammas[width], alpha)
    coef = moments.solver(lams[ridge : ridge + 1]).coef[:, 0]
    ratio = KernelRatio(problem.centers, coef, gammas[width])
    return RulsifFit(ratio, float(lams[ridge]), gammas, lams, scores)


class BumpMoments(NamedTuple):
    """``alpha H_t``, ``(1 - alpha) H_s`` and h, with H the mean of k k' and h that of k."""

    Ks: np.ndarray
    Kt: np.ndarray
    Hs: np.ndarray
    Ht: np.ndarray
    h: np.ndarray

    @classmethod
    def of(cls, problem, gamma, alpha):
        """Those of the bumps of this width."""
        Ks, Kt = problem.kernels(gamma)
        ps, pt = problem.source.share, problem.target.share
        Hs, Ht = (1 - alpha) * (Ks.T * ps) @ Ks, alpha * (Kt.T * pt) @ Kt
        return cls(Ks, Kt, Hs, Ht, pt @ Kt)

    def solver(self, lams, source_scale=1.0, target_scale=1.0):
        """Solver of the normal equations for these ridges, the two terms of H scaled."""
        values, vectors = eigh(target_scale * self.Ht + source_scale * self.Hs, driver="evd")
        values = np.maximum(values, _EPS * values[-1])
        return Ridges(vectors, 1 / (values[:, None] + lams), self.h)


class Ridges(NamedTuple):
    """``(H + lam I)^-1 = V diag(inverse) V'`` for several lam, a column each, and h."""

    V: np.ndarray
    inverse: np.ndarray
    h: np.ndarray

    @property
    def coef(self):
        """``(H + lam I)^-1 h``."""
        return self.V @ (self.inverse * (self.V.T @ self.h)[:, None])

    def forms(self, K):
        """``k'(H + lam I)^-1 k`` and ``k'(H + lam I)^-1 h`` of the rows k of K."""
        return np.square(K @ self.V) @ self.inverse, K @ self.coef


def left_out_scores(problem, gamma, lams, alpha):
    """Least-squares score of each ridge, each row predicted by a fit without it.

    Without a row k of share p, a mean H becomes ``(H - p k k') / (1 - p)``: the inverse changes by
    rank one, and by a factor that all rows of equal share have in common.
    """
    moments = BumpMoments.of(problem, gamma, alpha)
    ps, pt = problem.source.share, problem.target.share
    rs, rt = np.empty((len(ps), len(lams))), np.empty((len(pt), len(lams)))
    for p in np.unique(ps):
        rows, scale = ps == p, 1 / (1 - p)
        kk, kh = moments.solver(lams, source_scale=scale).forms(moments.Ks[rows])
        rs[rows] = kh / np.maximum(1 - (1 - alpha) * p * scale * kk, _EPS)
    for p in np.unique(pt):
        rows, scale = pt == p, 1 / (1 - p)
        kk, kh = moments.solver(lams, target_scale=scale).forms(moments.Kt[rows])
        rt[rows] = scale * (kh - p * kk) / np.maximum(1 - alpha * p * scale * kk, _EPS)
    rs, rt = np.maximum(rs, 0), np.maximum(rt, 0)
    return (1 - alpha) / 2 * ps @ rs**2 + pt @ (alpha / 2 * rt**2 - rt)


class RuLSIF(RatioWeightedEstimator):
    """Weights from relative unconstrained least-squares importance fitting; uLSIF at alpha=0.

    Models the ratio of the target's density to a mixture of both as a sum of bumps on target rows,
    and fits it by least squares, which is one linear system::

        r(x) = max(0, sum_l a_l exp(-gamma |x - c_l|^2))
             ~ p_t(x) / (alpha p_t(x) + (1-alpha) p_s(x))
        a = (alpha H_t + (1-alpha) H_s + lam I)^-1 h

    with k(x) the values of the bumps at x, H_t and H_s the means of k k' over the target and the
    source rows, and h the mean of k over the target rows. The source row x_s gets the weight
    r(x_s), before the mean is made 1.

    Parameters
    ----------
    estimator : estimator object, default=None
        Classifier or regressor whose ``fit`` takes ``sample_weight``; None is
        :class:`~sklearn.linear_model.LogisticRegression`.
    alpha : float, default=0.1
        Share of the target in the mixture, in [0, 1]. The relative ratio is at most 1/alpha and
        rises with the ratio itself, which is estimated at 0 (uLSIF); at 1, all weights near 1.
    gamma : float, "median", "scale", None or "loo", default="loo"
        Width of the bumps, 1 / squared units of X. ``"median"`` is 1 over the median squared
        distance of two distinct rows of either domain, ``"scale"`` is 1 / (n_features times the
        variance of all entries), None is 1 / n_features. ``"loo"`` tries 2^-4, 2^-3, ..., 2^4 times
        ``"median"`` and takes the one with the best score of rows left out; see the notes.
    lam : float or {"loo"}, default="loo"
        Ridge, > 0, without a unit. ``"loo"`` tries 10^-3, 10^-2.5, ..., 10, jointly with gamma.
    n_centers : int, default=100
        Largest number of bumps. Their centers are distinct target rows, evenly spaced in the
        order of their values.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        Weights of the source rows in their order in X, of mean 1.
    effective_sample_size_ : float
        ``sum(w)^2 / sum(w^2)``: how many rows of equal weight are worth as much.
    estimator_ : estimator object
        The estimator trained on the weighted source rows.
    ratio_ : KernelRatio
        The fitted relative ratio, a function of rows, with ``centers``, ``coef`` (the a_l) and
        ``gamma``.
    gamma_, lam_ : float
        Width and ridge.
    candidate_gammas_ : ndarray of shape (n_gammas,)
        The widths tried.
    candidate_lams_ : ndarray of shape (n_lams,)
        The ridges tried.
    candidate_scores_ : ndarray of shape (n_gammas, n_lams)
        Their scores, lower is better; NaN if there was nothing to choose.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    KLIEP : Likelihood in place of least squares, for the ratio itself.
    ClassifierWeighting : A ratio by a classifier that tells the domains apart.

    Notes
    -----
    *Leaving one out.* The score of a width and a ridge is::

        (1-alpha)/2 mean_s r_s(x_s)^2 + alpha/2 mean_t r_t(x_t)^2 - mean_t r_t(x_t)

    where r_s and r_t are fitted without the row they are evaluated at (and its copies). The papers
    leave out the i-th source row together with the i-th target row, so that the choice depends on
    the order of the rows, and the rows of the larger domain that are left over are not scored;
    here each row is left out by itself and all count. The inverse without a row is an update of
    rank one of one eigendecomposition per width and number of copies.

    *Negative values.* The fitted sum can fall below 0 where there is little of the target. Its
    values are raised to 0, in the weights as in the score; the paper of uLSIF raises the
    coefficients.

    With n rows, d features and b centers, fitting takes O(n b d) time once and
    O(n b (b + n_lams) + b^3) for each width, O(n (b + d)) memory.

    References
    ----------
    M. Yamada, T. Suzuki, T. Kanamori, H. Hachiya and M. Sugiyama (2013), "Relative density-ratio
    estimation for robust distribution comparison", Neural Computation 25, 1324-1370.

    T. Kanamori, S. Hido and M. Sugiyama (2009), "A least-squares approach to direct importance
    estimation", Journal of Machine Learning Research 10, 1391-1445.

    Examples
    --------
    >>> from skdomain.datasets import make_covariate_shift
    >>> from skdomain.weighting import RuLSIF
    >>> problem = make_covariate_shift(300, 300, shift=1.5, random_state=0)
    >>> X, y, d = problem.X, problem.y, problem.sample_domain
    >>> model = RuLSIF().fit(X, y, sample_domain=d)
    >>> far, near = model.density_ratio([[-1.0, 0.0], [1.5, 0.0]])
    >>> bool(far < 0.3 < 1 < near < 1 / model.alpha)
    True
    """

    _parameter_constraints: dict = {
        **RatioWeightedEstimator._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(self, estimator=None, *, alpha=0.1, gamma="loo", lam="loo", n_centers=100):
        self.estimator = estimator
        self.alpha = alpha
        self.gamma = gamma
        self.lam = lam
        self.n_centers = n_centers

    @weighted_fit
    def fit(self, X, y, sample_domain=None, sample_weight=None):
        """Fit the relative ratio, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight)
        if not task.has_target:
            return self._train(task)
        fit = fit_rulsif(task.Xs, task.Xt, **{name: getattr(self, name) for name in _CONSTRAINTS})
        self.ratio_, self.gamma_, self.lam_ = fit.ratio, float(fit.ratio.gamma), fit.lam
        self.candidate_gammas_, self.candidate_lams_ = fit.gammas, fit.lams
        self.candidate_scores_ = fit.scores
        return self._train(task, mean_one(self.ratio_(task.Xs)))
