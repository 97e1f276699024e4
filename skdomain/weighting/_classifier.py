"""Odds of a classifier that tells target rows from source rows.

S. Bickel, M. Brueckner and T. Scheffer (2009), "Discriminative learning under covariate shift",
Journal of Machine Learning Research 10.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy.special import logit
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params
from sklearn.utils.validation import has_fit_parameter

from skdomain._domains import check_domains
from skdomain.weighting._ratio._units import StandardUnits, standard_units
from skdomain.weighting._weighted_estimator import (
    RatioWeightedEstimator,
    mean_one_of_log,
    ratio_of_log,
    weighted_fit,
)

_CONSTRAINTS = {
    "classifier": [
        HasMethods(["fit", "predict_proba"]),
        HasMethods(["fit", "decision_function"]),
        None,
    ],
    "calibrate": ["boolean", StrOptions({"auto"})],
    "n_folds": [Interval(Integral, 2, None, closed="left")],
}
_LEAST_PROBABILITY = np.finfo(float).eps


class Odds(NamedTuple):
    """Odds of the target, of classifiers of standardised rows."""

    units: StandardUnits
    models: list

    def log(self, X):
        """Mean of the classifiers' log-odds at the rows of X."""
        Z = self.units(X)
        return np.mean([log_odds(model, Z) for model in self.models], axis=0)

    def __call__(self, X):
        """Odds at the rows of X."""
        return ratio_of_log(self.log(X))


def log_odds(model, Z):
    """Finite logarithm of the odds of class 1."""
    if isinstance(model, LogisticRegression):
        return model.decision_function(Z)
    p = model.predict_proba(Z)[:, 1]
    return logit(np.clip(p, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY))


class Membership(NamedTuple):
    """Distinct rows of both domains, the domains of equal weight."""

    Z: np.ndarray
    is_target: np.ndarray
    weight: np.ndarray
    rank: np.ndarray  # of the row in the lexicographic order of those of its domain
    source: np.ndarray  # the place in Z of each source row


def membership(Zs, Zt):
    """Problem of telling the domains apart, in which neither copies nor the order matter."""
    source, place, n_copies = np.unique(Zs, axis=0, return_inverse=True, return_counts=True)
    target, m_copies = np.unique(Zt, axis=0, return_counts=True)
    return Membership(
        np.concatenate([source, target]),
        np.repeat([0, 1], [len(source), len(target)]),
        np.concatenate([n_copies, m_copies * (len(Zs) / len(Zt))]),
        np.concatenate([np.arange(len(source)), np.arange(len(target))]),
        place.ravel(),
    )


def classifier_odds(Xs, Xt, classifier, calibrate, n_folds):
    """Odds as a function of rows, and their logarithm at the source rows."""
    classifier = LogisticRegression(max_iter=1000) if classifier is None else classifier
    if calibrate == "auto":
        calibrate = not isinstance(classifier, LogisticRegression)
    check_classifier(classifier, calibrate)
    units = standard_units(Xs, Xt)
    problem = membership(units(Xs), units(Xt))
    if not calibrate:
        model = clone(classifier).fit(problem.Z, problem.is_target, sample_weight=problem.weight)
        odds = Odds(units, [model])
        return odds, odds.log(Xs)
    models, log_ratio = cross_fit(problem, classifier, n_folds)
    return Odds(units, models), log_ratio[problem.source]


def cross_fit(problem, classifier, n_folds):
    """Calibrated classifiers, and the log-odds at each row by the one not trained on it."""
    n_folds = min(n_folds, *np.bincount(problem.is_target))
    if n_folds < 2:
        raise ValueError(
            "calibrating needs at least 2 rows that differ in each domain; pass more rows, or "
            "calibrate=False."
        )
    fold = problem.rank % n_folds
    splits = [(np.flatnonzero(fold != j), np.flatnonzero(fold == j)) for j in range(n_folds)]
    with config_context(enable_metadata_routing=False):  # routed, classifier had to ask for weights
        calibrated = CalibratedClassifierCV(classifier, cv=splits).fit(
            problem.Z, problem.is_target, sample_weight=problem.weight
        )
    models, log_ratio = calibrated.calibrated_classifiers_, np.empty(len(problem.Z))
    for model, (_, test) in zip(models, splits, strict=True):
        log_ratio[test] = log_odds(model, problem.Z[test])
    return models, log_ratio


def check_classifier(classifier, calibrate):
    name = type(classifier).__name__
    if not has_fit_parameter(classifier, "sample_weight"):
        raise ValueError(
            f"the domains are balanced by weights, but {name}.fit takes no sample_weight; pass a "
            "classifier that does, such as LogisticRegression, GaussianNB, SVC or "
            "RandomForestClassifier. Features are standardised already."
        )
    if not (calibrate or hasattr(classifier, "predict_proba")):
        raise ValueError(
            f"calibrate=False needs a classifier with predict_proba, which {name} has not; pass "
            "calibrate=True."
        )


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def classifier_weights(Xs, Xt, *, classifier=None, calibrate="auto", n_folds=5):
    """Weights of the source rows, of the odds that a classifier gives them of the target.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like of shape (n_target, n_features)
        Rows of the target.
    classifier : classifier, default=None
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
    _, log_ratio = classifier_odds(*check_domains(Xs, Xt), classifier, calibrate, n_folds)
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
        Classifier or regressor whose ``fit`` takes ``sample_weight``. None:
        :class:`~sklearn.linear_model.LogisticRegression`.
    classifier : classifier, default=None
        Tells target rows from source rows; its ``fit`` takes ``sample_weight``. It sees features
        that are standardised over both domains. None: LogisticRegression, whose log-odds are
        linear in x, hence right for instance for normal domains of equal covariance.
    calibrate : bool or "auto", default="auto"
        Whether to fit the classifier and a sigmoid that calibrates it on different folds. "auto":
        yes, unless it is a logistic regression, which is calibrated by what it minimises. False
        needs ``predict_proba``.
    n_folds : int, default=5
        Number of folds of the calibration, at least 2; fewer where a domain has fewer distinct
        rows.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        Weights of the source rows in their order, with mean 1. Where calibrated, the weight of a
        row comes from the classifier that was not trained on it.
    effective_sample_size_ : float
        ``(sum w)^2 / sum w^2``, between 1 and n_source.
    ratio_ : callable
        The ratio at rows; None where no target was fitted. Where calibrated, the geometric mean
        of the odds of all folds' classifiers, which ``weights_`` is not proportional to.
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

    Log-odds are finite also where the domains can be separated: a logistic regression is
    regularised (its C is that of ``classifier``), and probabilities are kept 2e-16 away from 0
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

    _parameter_constraints = {**RatioWeightedEstimator._parameter_constraints, **_CONSTRAINTS}

    def __init__(self, estimator=None, *, classifier=None, calibrate="auto", n_folds=5):
        self.estimator = estimator
        self.classifier = classifier
        self.calibrate = calibrate
        self.n_folds = n_folds

    @weighted_fit
    def fit(self, X, y, sample_domain=None, sample_weight=None):
        """Tell the domains apart, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight)
        if not task.has_target:
            return self._train(task)
        self.ratio_, log_ratio = classifier_odds(
            task.Xs, task.Xt, self.classifier, self.calibrate, self.n_folds
        )
        return self._train(task, mean_one_of_log(log_ratio))
