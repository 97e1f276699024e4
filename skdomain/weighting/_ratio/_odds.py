"""Odds of the target by classifiers that tell it from the source, for ClassifierWeighting."""

from typing import NamedTuple

import numpy as np
from scipy.special import logit
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import has_fit_parameter

from skdomain._estimators import asking, fit_weighted, takes_weights
from skdomain._rows import distinct_places
from skdomain.weighting._mean_one import ratio_of_log
from skdomain.weighting._ratio._penalty import chosen_penalty
from skdomain.weighting._ratio._units import StandardUnits, standard_units

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


def membership(Xs, Xt, units):
    """Problem of telling the domains apart, in which neither copies nor the order matter."""
    (first, place), (first_target, place_target) = distinct_places(Xs), distinct_places(Xt)
    n, m = len(first), len(first_target)
    copies = np.bincount(place), np.bincount(place_target) * (Xs.shape[0] / Xt.shape[0])
    return Membership(
        units.stacked((Xs, first), (Xt, first_target)),
        np.repeat([0, 1], [n, m]),
        np.concatenate(copies),
        np.concatenate([np.arange(n), np.arange(m)]),
        place,
    )


def classifier_odds(Xs, Xt, classifier, calibrate, n_folds):
    """Odds as a function of rows, and their logarithm at the source rows."""
    units = standard_units(Xs, Xt)
    chosen = isinstance(classifier, str)
    if classifier is None or chosen:
        classifier = LogisticRegression(C=1 / units.n_varying, max_iter=1000)
    if calibrate == "auto":
        calibrate = not isinstance(classifier, LogisticRegression)
    check_classifier(classifier, calibrate)
    problem = membership(Xs, Xt, units)
    if chosen:
        classifier.set_params(C=chosen_penalty(problem, classifier, n_folds))
    if not calibrate:
        model = fit_weighted(clone(classifier), problem.Z, problem.is_target, problem.weight)
        source = problem.Z[: np.count_nonzero(problem.is_target == 0)]
        return Odds(units, [model]), log_odds(model, source)[problem.source]
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
    routed = not has_fit_parameter(classifier, "sample_weight")  # passes it on where that is on
    with config_context(enable_metadata_routing=routed):
        calibrated = CalibratedClassifierCV(clone(classifier), cv=splits)
        calibrated = (asking(calibrated, {}) if routed else calibrated).fit(
            problem.Z, problem.is_target, sample_weight=problem.weight
        )
    models, log_ratio = calibrated.calibrated_classifiers_, np.empty(len(problem.weight))
    for model, (_, test) in zip(models, splits, strict=True):
        log_ratio[test] = log_odds(model, problem.Z[test])
    return models, log_ratio


def check_classifier(classifier, calibrate):
    name = type(classifier).__name__
    if not takes_weights(classifier):
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
