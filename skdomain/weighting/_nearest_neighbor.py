"""Target rows counted where the nearest source rows lie.

M. Loog (2012), "Nearest neighbor-based importance weighting", IEEE International Workshop on
Machine Learning for Signal Processing; with k neighbours as J. Kremer, F. Gieseke, K. Steenstrup
Pedersen and C. Igel (2015), "Nearest neighbor density ratio estimation for large-scale applications
in astronomy", Astronomy and Computing 12.
"""

from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, validate_params

from skdomain._domains import check_domains, warn_caller
from skdomain.weighting._mean_one import mean_one
from skdomain.weighting._ratio._balls import ProductBalls, TreeBalls, balls
from skdomain.weighting._weighted_estimator import RatioWeightedEstimator, weighted_fit

_CONSTRAINTS = {
    "n_neighbors": [Interval(Integral, 1, None, closed="left"), None],
    "smoothing": [Interval(Real, 0, None, closed="left")],
}


class NeighborRatio(NamedTuple):
    """Shares of both domains in the ball that reaches to the k-th nearest source row."""

    balls: TreeBalls | ProductBalls
    odds: float
    n_neighbors: int
    smoothing: float

    def count(self, X):
        """Source and target rows in the balls around the rows of X."""
        return self.balls.count(X, self.n_neighbors)

    def of_counts(self, in_source, in_target):
        """Smoothed ratio of the shares of the domains."""
        return (in_target * self.odds + self.smoothing) / (in_source + self.smoothing)

    def __call__(self, X):
        """Ratio at the rows of X."""
        return self.of_counts(*self.count(X))


def fit_ratio(Xs, Xt, n_neighbors, smoothing):
    """Ratio as a function of rows, and its values at the source rows."""
    if n_neighbors is None:
        n_neighbors = int(np.ceil(len(Xs) ** (2 / 3)))
    if n_neighbors > len(Xs):
        raise ValueError(
            f"n_neighbors={n_neighbors} is more than the {len(Xs)} source row(s); lower it, or "
            "pass None for a number that grows with them."
        )
    ratio = NeighborRatio(balls(Xs, Xt), len(Xs) / len(Xt), n_neighbors, smoothing)
    in_source, in_target = ratio.count(Xs)
    if not in_target.any():
        warn_caller(
            f"no target row lies as near to a source row as its {n_neighbors} nearest source rows "
            "do, so the weights tell nothing of the shift; raise n_neighbors, scale the features "
            "or reduce their number.",
        )
    return ratio, ratio.of_counts(in_source, in_target)


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def nearest_neighbor_weights(
    Xs: ArrayLike, Xt: ArrayLike, *, n_neighbors: int | None = None, smoothing: float = 1.0
) -> np.ndarray:
    """Weights of the source rows, of the target rows among their nearest neighbours.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like of shape (n_target, n_features)
        Rows of the target.
    n_neighbors : int, default=None
        As in :class:`NearestNeighborWeighting`.
    smoothing : float, default=1.0
        As in :class:`NearestNeighborWeighting`.

    Returns
    -------
    ndarray of shape (n_source,), float64
        Weights with mean 1, as :class:`NearestNeighborWeighting` finds them.

    Raises
    ------
    ValueError
        If a parameter is out of its range, n_neighbors is more than n_source, values are not
        finite, the domains differ in their features, or without smoothing all weights are zero.

    Examples
    --------
    >>> from skdomain.weighting import nearest_neighbor_weights
    >>> Xs, Xt = [[0.0], [1.0], [8.0], [9.0]], [[0.2], [8.2], [8.4], [8.6]]
    >>> nearest_neighbor_weights(Xs, Xt, n_neighbors=2, smoothing=0)
    array([0.5, 0.5, 1.5, 1.5])
    """
    return mean_one(fit_ratio(*check_domains(Xs, Xt), n_neighbors, smoothing)[1])


class NearestNeighborWeighting(RatioWeightedEstimator):
    """Weigh source rows by the target rows among their nearest neighbours.

    Around x, a ball reaches to the k-th nearest source row. With the numbers of rows of both
    domains in it, s (k, or more if distances tie) and t, and a smoothing a::

        r(x) = (t n_source / n_target + a) / (s + a)

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier or regressor that takes ``sample_weight``, or passes it on to one that does, as
        a pipeline. None: :class:`~sklearn.linear_model.LogisticRegression`.
    n_neighbors : int, default=None
        k, a source row itself included. None: ``n_source^(2/3)``, rounded up.
    smoothing : float, default=1.0
        a, in source rows: as many more are supposed in each ball, with the share of target rows
        that belongs to them, so ratios are drawn towards 1 and none is zero. With 0, source rows
        without any target row near them have weight zero.
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

    Warns
    -----
    UserWarning
        No ball around a source row holds a target row: the domains do not overlap.

    See Also
    --------
    ClassifierWeighting : Smooth ratio, for shifts along the features.
    RuLSIF : Ratio as a sum of kernels.

    Notes
    -----
    The ratio converges to that of the densities where k grows without limit and k / n_source falls
    to 0. Without smoothing, log r(x) has variance near 1/k + (n_source / n_target) / k, and a bias
    of the order of the ball's squared radius, (k / n_source)^(2/d) in d features; their squares
    balance at k near n_source^(4/(4 + d)), which is the default's exponent in the plane. With more
    features the balls of any consistent k soon are as wide as the data: ratios are drawn towards
    1, but still rise with the truth, and the larger k of the plane keeps their noise low, which
    would undo that order. Without shift the effective sample size is about ``n_source / (1 +
    (1 + n_source / n_target) / k)``.

    Distances are Euclidean: standardise features of different units beforehand. [1]_ counts target
    rows in the Voronoi cell of each source row, which has no value elsewhere and does not converge;
    [2]_ lets the ball reach to the k-th nearest source row, as here.

    In few features, two k-d trees do the search: about O((n_source + n_target) log n_source +
    n_source k) time. In 8 or more, blocks of distances do, in O(n_source (n_source + n_target) d)
    time. Beside the rows, or trees of them, memory is that of a block, whatever k is.

    References
    ----------
    .. [1] M. Loog (2012), "Nearest neighbor-based importance weighting", IEEE International
       Workshop on Machine Learning for Signal Processing.
    .. [2] J. Kremer, F. Gieseke, K. Steenstrup Pedersen and C. Igel (2015), "Nearest neighbor
       density ratio estimation for large-scale applications in astronomy", Astronomy and
       Computing 12, 67-72.

    Examples
    --------
    >>> from skdomain.datasets import make_covariate_shift
    >>> from skdomain.weighting import NearestNeighborWeighting
    >>> p = make_covariate_shift(4000, 4000, random_state=0)
    >>> model = NearestNeighborWeighting().fit(p.X, p.y, sample_domain=p.sample_domain)
    >>> model.density_ratio([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])  # truth: 0.22, 0.61, 1.65
    array([0.2, 0.7, 1.5])
    """

    _parameter_constraints = {**RatioWeightedEstimator._parameter_constraints, **_CONSTRAINTS}

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_neighbors: int | None = None,
        smoothing: float = 1.0,
        flatten: str | float | None = "auto",
        transformer: Any = None,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_neighbors = n_neighbors
        self.smoothing = smoothing
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
        """Count neighbours of both domains, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight, params)
        if not task.has_target:
            return self._train(task)
        self.ratio_, weights = fit_ratio(task.Xs, task.Xt, self.n_neighbors, self.smoothing)
        return self._train(task, mean_one(weights))
