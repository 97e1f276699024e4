"""Ratio of two normal densities, in closed form and in log space.

H. Shimodaira (2000), "Improving predictive inference under covariate shift by weighting the
log-likelihood function", Journal of Statistical Planning and Inference 90.
"""

from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._domains import check_domains
from skdomain._rows import as_rows, is_streamed
from skdomain.weighting._mean_one import mean_one_of_log
from skdomain.weighting._ratio._normal_laws import gaussian_ratio
from skdomain.weighting._ratio._normal_sums import summed_gaussian_ratio
from skdomain.weighting._weighted_estimator import RatioWeightedEstimator, weighted_fit

_CONSTRAINTS = {"shrinkage": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")]}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def gaussian_weights(Xs: Any, Xt: Any, *, shrinkage: str | float = "auto") -> np.ndarray:
    """Weights of the source rows, of the ratio of two normal densities.

    Parameters
    ----------
    Xs : array-like, RowBlocks or dask array of shape (n_source, n_features)
        Rows of the source, at least 2 that differ.
    Xt : array-like, RowBlocks or dask array of shape (n_target, n_features)
        Rows of the target, at least 2 that differ.
    shrinkage : "auto" or float, default="auto"
        As in :class:`GaussianWeighting`.

    Returns
    -------
    ndarray of shape (n_source,), float64
        Weights with mean 1, as :class:`GaussianWeighting` finds them.

    Raises
    ------
    ValueError
        If a parameter is out of its range, the rows of a domain are all equal or not finite, or
        the domains differ in their features, or a domain in blocks has fewer rows than features.

    Notes
    -----
    Rows in blocks or in dask are passed over five times at most. In memory are a block, d x d
    numbers and a few for each row; the weights are those of the array up to rounding.

    Examples
    --------
    >>> from skdomain.weighting import gaussian_weights
    >>> gaussian_weights([[-1.0], [1.0]], [[0.0], [2.0]])
    array([0.24, 1.76])
    """
    Xs, Xt = as_rows(Xs), as_rows(Xt)
    if is_streamed(Xs) or is_streamed(Xt):
        Xs, ratio = summed_gaussian_ratio(Xs, Xt, shrinkage)
        return mean_one_of_log(np.asarray(Xs.concatenated(ratio.log)))
    Xs, Xt = check_domains(Xs, Xt)
    return mean_one_of_log(gaussian_ratio(Xs, Xt, shrinkage).log(Xs))


class GaussianWeighting(RatioWeightedEstimator):
    """Weigh source rows by the ratio of two normal densities.

    With mean and covariance of each domain::

        log r(x) = log N(x; mt, Ct) - log N(x; ms, Cs)

    evaluated in log space, so that it neither overflows nor vanishes in many dimensions. Right
    where both domains are near normal; a cheap first look elsewhere, as only means and covariances
    are seen.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier or regressor that takes ``sample_weight``, or passes it on to one that does, as
        a pipeline. None: :class:`~sklearn.linear_model.LogisticRegression`.
    shrinkage : "auto" or float, default="auto"
        Share, in [0, 1], of the identity times the mean variance in each covariance; "auto" is the
        intensity of Ledoit and Wolf [2]_. At 0 the covariances are those of the rows, whose errors
        many features multiply.
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
        Weights of the source rows in their order, with mean 1, as they are used.
    effective_sample_size_ : float
        ``(sum w)^2 / sum w^2``, between 1 and n_source.
    tau_ : float
        The power that the weights were raised to.
    raw_weights_ : ndarray of shape (n_source,)
        The weights before, with mean 1.
    ratio_ : callable
        The ratio at rows; None where no target was fitted.
    estimator_ : estimator
        The estimator trained on the weighted source rows.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source, for a classifier.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    ClassifierWeighting : Its logistic regression is right where the covariances are equal, too.
    RuLSIF : Ratio without a model of the densities.

    Notes
    -----
    Features are first divided by their spread over both domains, so their scales do not matter;
    features that are constant in both are left out. The covariances, of denominator n, are then
    shrunk towards a multiple of the identity, by default by the intensity of Ledoit and Wolf [2]_,
    taken from distinct rows: copies of rows are not mistaken for more information. 1e-6 is added
    to the diagonal, so a feature that is constant in one domain has a density there.

    Without shift, the weights' effective sample size is about ``n_source exp(-p (1/n_source +
    1/n_target))`` with the ``p = d (d + 3) / 2`` numbers that a normal law has. Fitting takes
    O(n d^2 + d^3) time, n = n_source + n_target, and O(n d + d^2) memory. A domain with fewer rows
    than features takes O(n^2 d) time and O(n d) memory instead: its covariance is that of n
    coordinates, beside which the shrunk one is a multiple of the identity.

    References
    ----------
    .. [1] H. Shimodaira (2000), "Improving predictive inference under covariate shift by weighting
       the log-likelihood function", Journal of Statistical Planning and Inference 90, 227-244.
    .. [2] O. Ledoit and M. Wolf (2004), "A well-conditioned estimator for large-dimensional
       covariance matrices", Journal of Multivariate Analysis 88, 365-411.

    Examples
    --------
    >>> from skdomain.datasets import make_covariate_shift
    >>> from skdomain.weighting import GaussianWeighting
    >>> p = make_covariate_shift(1000, 1000, random_state=0)
    >>> model = GaussianWeighting().fit(p.X, p.y, sample_domain=p.sample_domain)
    >>> model.density_ratio([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])  # truth: 0.22, 0.61, 1.65
    array([0.2, 0.6, 1.6])
    """

    _parameter_constraints = {**RatioWeightedEstimator._parameter_constraints, **_CONSTRAINTS}

    def __init__(
        self,
        estimator: Any = None,
        *,
        shrinkage: str | float = "auto",
        flatten: str | float | None = "auto",
        transformer: Any = None,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.shrinkage = shrinkage
        self.flatten = flatten
        self.transformer = transformer
        self.resample = resample
        self.random_state = random_state

    @weighted_fit
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Fit a normal law to each domain, and the estimator to the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight, params)
        if not task.has_target:
            return self._train(task)
        self.ratio_ = gaussian_ratio(task.Xs, task.Xt, self.shrinkage)
        return self._train(task, mean_one_of_log(self.ratio_.log(task.Xs)))
