"""Odds of a classifier that tells target rows from source rows.

S. Bickel, M. Brueckner and T. Scheffer (2009), "Discriminative learning under covariate shift",
Journal of Machine Learning Research 10.
"""

from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params

from skdomain._domains import check_domains
from skdomain.weighting._mean_one import mean_one_of_log
from skdomain.weighting._ratio._odds import classifier_odds
from skdomain.weighting._weighted_estimator import RatioWeightedEstimator, weighted_sparse_fit

_CONSTRAINTS = {
    "classifier": [
        HasMethods(["fit", "predict_proba"]),
        HasMethods(["fit", "decision_function"]),
        StrOptions({"held_out"}),
        None,
    ],
    "calibrate": ["boolean", StrOptions({"auto"})],
    "n_folds": [Interval(Integral, 2, None, closed="left")],
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def classifier_weights(
    Xs: Any, Xt: Any, *, classifier: Any = None, calibrate: str | bool = "auto", n_folds: int = 5
) -> np.ndarray:
    """Weights of the source rows, of the odds that a classifier gives them of the target.

    Parameters
    ----------
    Xs : array-like or sparse matrix of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like or sparse matrix of shape (n_target, n_features)
        Rows of the target.
    classifier : classifier, "held_out" or None, default=None
        As in :class:`ClassifierWeighting`.
    calibrate : bool or "auto", default="auto"
        As in :class:`ClassifierWeighting`.
    n_folds : int, default=5
        As in :class:`ClassifierWeighting`.

    Returns
    -------
    ndarray of shape (n_source,), float64
        Weights with mean 1, as :class:`ClassifierWeighting` finds them.

    Raises
    ------
    ValueError
        If a parameter is out of its range, classifier takes no weights or gives no probabilities,
        values are not finite, the domains differ in their features, or calibration gets fewer
        than 2 distinct rows of a domain.

    Examples
    --------
    >>> from skdomain.weighting import classifier_weights
    >>> classifier_weights([[0.0], [1.0], [2.0]], [[1.0], [2.0], [3.0]])
    array([0.4, 0.9, 1.7])
    """
    _, log_ratio = classifier_odds(
        *check_domains(Xs, Xt, accept_sparse=True), classifier, calibrate, n_folds
    )
    return mean_one_of_log(log_ratio)


class ClassifierWeighting(RatioWeightedEstimator):
    """Weigh source rows by the odds that they are target rows.

    A probabilistic classifier learns to tell the domains apart, where a source row counts 1 and a
    target row n_source / n_target, so that both domains weigh the same and Bayes' rule leaves the
    odds alone::

        p_target(x) / p_source(x) = p(target | x) / p(source | x)

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier or regressor that takes ``sample_weight``, or passes it on to one that does, as
        a pipeline. None: :class:`~sklearn.linear_model.LogisticRegression`.
    classifier : classifier, "held_out" or None, default=None
        Tells target rows from source rows; its ``fit`` takes ``sample_weight``. It sees features
        that are standardised over both domains. None: LogisticRegression, whose log-odds are
        linear in x, hence right for instance for normal domains of equal covariance; its C is
        1 / d of d features that vary. "held_out": C is the one of 1e-4, 1e-3, ..., 1 with the
        least log loss of rows held out.
    calibrate : bool or "auto", default="auto"
        Whether to fit the classifier and a sigmoid that calibrates it on different folds. "auto":
        yes, unless it is a logistic regression, which is calibrated by what it minimises. False
        needs ``predict_proba``.
    n_folds : int, default=5
        Number of folds of the calibration and of "held_out", at least 2; fewer where a domain has
        fewer distinct rows.
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
        Weights of the source rows in their order, with mean 1, as they are used. Where calibrated,
        the weight of a row comes from the classifiers that were not trained on it.
    effective_sample_size_ : float
        ``(sum w)^2 / sum w^2``, between 1 and n_source.
    tau_ : float
        The power that the weights were raised to.
    raw_weights_ : ndarray of shape (n_source,)
        The weights before, with mean 1.
    ratio_ : callable
        The ratio at rows; None where no target was fitted. Where calibrated, the geometric mean
        of the odds of all folds' classifiers, which no weights are proportional to.
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
    GaussianWeighting : Two normal densities, also of different covariances.
    skdomain.metrics.proxy_a_distance : How well a classifier tells the domains apart.

    Notes
    -----
    The classifier is trained on the distinct rows of each domain in the order of their values,
    weighted by their number, and the i-th of them is in fold i mod n_folds: neither the order of
    the rows nor copies of all rows of a domain change the result. A flexible classifier, such as a
    forest, knows the rows that it was trained on and would call source rows source; only the
    cross-fitted weights show how the domains overlap.

    C is the variance that the ridge supposes of each coefficient, so with 1 / d the log-odds at a
    row have a variance near 1 before the data are seen, however many the features: copying all of
    them changes nothing. A weaker ridge lets the classifier tell the very rows apart, in many
    features, that it was trained on, and the odds say less of the densities than of the draw.
    "held_out" tries C upwards from 1e-4 until the held-out loss rises, in at most 5 n_folds fits.
    ``classifier=LogisticRegression()`` takes C=1, and with ``flatten=None`` the weights are those
    odds.

    Log-odds are finite also where the domains can be separated: a logistic regression is
    regularised, and probabilities are kept 2e-16 away from 0
    and 1. Without shift, the effective sample size of the default is about ``n_source
    exp(-d (1/n_source + 1/n_target))`` or more with d features. Fitting takes O(n log n) time to
    sort n rows plus that of the classifier.

    References
    ----------
    .. [1] S. Bickel, M. Brueckner and T. Scheffer (2009), "Discriminative learning under covariate
       shift", Journal of Machine Learning Research 10, 2137-2155.

    Examples
    --------
    >>> from skdomain.datasets import make_covariate_shift
    >>> from skdomain.weighting import ClassifierWeighting
    >>> p = make_covariate_shift(1000, 1000, random_state=0)
    >>> model = ClassifierWeighting().fit(p.X, p.y, sample_domain=p.sample_domain)
    >>> model.density_ratio([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])  # truth: 0.22, 0.61, 1.65
    array([0.2, 0.6, 1.7])
    """

    _takes_sparse = True
    _parameter_constraints = {**RatioWeightedEstimator._parameter_constraints, **_CONSTRAINTS}

    def __init__(
        self,
        estimator: Any = None,
        *,
        classifier: Any = None,
        calibrate: str | bool = "auto",
        n_folds: int = 5,
        flatten: str | float | None = "auto",
        transformer: Any = None,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.classifier = classifier
        self.calibrate = calibrate
        self.n_folds = n_folds
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
        """Tell the domains apart, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight, params)
        if not task.has_target:
            return self._train(task)
        self.ratio_, log_ratio = classifier_odds(
            task.Xs, task.Xt, self.classifier, self.calibrate, self.n_folds
        )
        return self._train(task, mean_one_of_log(log_ratio))
