"""RuLSIF: the ratio to a mixture of both densities by least squares, in closed form.

M. Yamada, T. Suzuki, T. Kanamori, H. Hachiya and M. Sugiyama (2013), "Relative density-ratio
estimation for robust distribution comparison", Neural Computation 25, 1324-1370.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._kernels import gamma_constraint
from skdomain.weighting._mean_one import mean_one
from skdomain.weighting._ratio._least_squares import fit_rulsif
from skdomain.weighting._weighted_estimator import RatioWeightedEstimator, weighted_sparse_fit

_CONSTRAINTS = {
    "alpha": [Interval(Real, 0, 1, closed="both")],
    "gamma": gamma_constraint("loo"),
    "lam": [StrOptions({"loo"}), Interval(Real, 0, None, closed="neither")],
    "n_centers": [Interval(Integral, 1, None, closed="left")],
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def rulsif_weights(
    Xs: Any,
    Xt: Any,
    *,
    alpha: Any = 0.1,
    gamma: Any = "loo",
    lam: Any = "loo",
    n_centers: Any = 100,
) -> np.ndarray:
    """Weights of the source rows by RuLSIF.

    Parameters
    ----------
    Xs : array-like or sparse matrix of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like or sparse matrix of shape (n_target, n_features)
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
        Classifier or regressor that takes ``sample_weight``, or passes it on to one that does, as
        a pipeline; None is :class:`~sklearn.linear_model.LogisticRegression`.
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
    flatten : "auto", float or None, default="auto"
        Power tau in [0, 1] that the weights are raised to; None and 1 are the method's own, 0
        is none. "auto" is the largest that leaves half of the source rows effective, or more where
        they are fewer than ten a feature: n / (1 + n / (10 d)) of n rows in d features that vary.
    transformer : transformer, default=None
        Makes the numbers that the weights are found on, of the rows of both domains; the estimator
        gets the rows as they are. None: the rows themselves.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on source rows drawn by
        weight; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        Weights of the source rows in their order in X, of mean 1, as they are used.
    effective_sample_size_ : float
        ``sum(w)^2 / sum(w^2)``: how many rows of equal weight are worth as much.
    tau_ : float
        The power that the weights were raised to.
    raw_weights_ : ndarray of shape (n_source,)
        The weights before, with mean 1.
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

    _takes_sparse = True
    _parameter_constraints: dict = {
        **RatioWeightedEstimator._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        alpha: float = 0.1,
        gamma: str | float | None = "loo",
        lam: str | float = "loo",
        n_centers: int = 100,
        flatten: str | float | None = "auto",
        transformer: Any = None,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.alpha = alpha
        self.gamma = gamma
        self.lam = lam
        self.n_centers = n_centers
        self.flatten = flatten
        self.transformer = transformer
        self.resample = resample
        self.random_state = random_state

    @weighted_sparse_fit
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Fit the relative ratio, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight, params)
        if not task.has_target:
            return self._train(task)
        fit = fit_rulsif(task.Xs, task.Xt, **{name: getattr(self, name) for name in _CONSTRAINTS})
        self.ratio_, self.gamma_, self.lam_ = fit.ratio, float(fit.ratio.gamma), fit.lam
        self.candidate_gammas_, self.candidate_lams_ = fit.gammas, fit.lams
        self.candidate_scores_ = fit.scores
        return self._train(task, mean_one(self.ratio_(task.Xs)))
