"""Weights by which calibration rows stand for target rows: of rows, or of their classes.

They are found on rows that do not calibrate.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import _num_samples

from skdomain._domains import labels_at
from skdomain.conformal._thresholds import check_new_weights, check_weights_of_scores


class RatioWeights(NamedTuple):
    """Covariate shift: a function of the rows, ``p_target(x) / p_source(x)`` up to a factor."""

    ratio: Callable
    name: str

    def of_calibration(self, X, codes):
        """Weights of calibration rows."""
        weights = self._of(X)
        check_weights_of_scores(weights, self.name)
        return weights

    def of_new(self, X):
        """Weights of new rows, in a column."""
        weights = self._of(X)
        check_new_weights(weights, self.name)
        return weights[:, None]

    def _of(self, X):
        weights, n = np.asarray(self.ratio(X), dtype=np.float64), _num_samples(X)
        if weights.shape != (n,):
            raise ValueError(
                f"{self.name} gave an array of shape {weights.shape} for {n} rows; it has to give "
                "one ratio a row."
            )
        return weights


class ClassWeights(NamedTuple):
    """Label shift: a number a class, ``p_target(y) / p_source(y)`` up to a factor.

    A. Podkopaev and A. Ramdas (2021), "Distribution-free uncertainty quantification for
    classification under label shift", UAI.
    """

    ratios: np.ndarray

    def of_calibration(self, X, codes):
        """Weights of calibration rows, as of their classes."""
        weights = self.ratios[codes]
        check_weights_of_scores(weights, "weights")
        return weights

    def of_new(self, X):
        """Weights of new rows if they are of each class, in a row for all."""
        return self.ratios[None]


def equal_weights(X):
    """The ratio where nothing has shifted."""
    return np.ones(_num_samples(X))


def is_learnt(part):
    """Whether there is something to fit, to rows that are then not free to calibrate."""
    frozen = isinstance(part, FrozenEstimator)
    return isinstance(part, Mapping) or (hasattr(part, "fit") and not frozen)


def fitted_weights(weights, X, y, domains, classes):
    """Weights of rows or of classes.

    Parameters
    ----------
    weights : estimator, callable, mapping or None
        As :class:`DomainConformalClassifier` takes them.
    X, y, domains
        Training rows of the source and rows of the target, labels (those of target rows are not
        read), and domains.
    classes : ndarray of shape (n_classes,) or None
        Classes of the model inside.

    Returns
    -------
    RatioWeights or ClassWeights, and the fitted estimator or None
    """
    if isinstance(weights, Mapping):
        return ClassWeights(proportion_ratios(weights, labels_at(y, domains > 0), classes)), None
    needs_target = is_learnt(weights) and not (domains < 0).any()
    if weights is None or needs_target:
        return RatioWeights(equal_weights, "weights"), None
    if not hasattr(weights, "fit"):
        return RatioWeights(weights, "weights"), None
    model = _fitted(weights, X, y, domains)
    return _weights_of(model, classes), model


def proportion_ratios(proportions, y, classes):
    """``q_c / p_c``, q the given proportions of the target and p those of source labels.

    A class that the source has none of has the ratio infinity, and 0 if q is 0.
    """
    given, names = set(proportions), classes.tolist()
    q = np.array([proportions.get(name, np.nan) for name in names], dtype=np.float64)
    if given != set(names) or not ((q >= 0).all() and np.isclose(q.sum(), 1)):
        raise ValueError(
            f"weights={dict(proportions)} has to hold the proportion of each class in the target, "
            f"with sum 1, and the classes are {names}."
        )
    counts = np.array([np.count_nonzero(y == name) for name in names])
    ratios = np.where(q > 0, np.inf, 0.0)
    return np.divide(q * len(y), counts, out=ratios, where=counts > 0)


def _fitted(weights, X, y, domains):
    """A clone fitted to rows of both domains; what it would train on the weighted rows is not."""
    model = clone(weights)
    if isinstance(model, FrozenEstimator):
        return model
    if hasattr(model, "density_ratio") and "estimator" in model.get_params(deep=False):
        model.set_params(estimator=DummyRegressor())
        y = np.zeros(len(domains))
    return model.fit(X, y, sample_domain=domains)


def _weights_of(model, classes):
    name = type(model).__name__
    if hasattr(model, "density_ratio"):
        return RatioWeights(model.density_ratio, f"{name}.density_ratio")
    if classes is not None and hasattr(model, "class_weight_"):
        return ClassWeights(
            np.array([model.class_weight_.get(label, np.inf) for label in classes.tolist()])
        )
    raise ValueError(
        f"weights={name}(...) gives no ratio at new rows; pass what has a density_ratio method, "
        "such as ClassifierWeighting, GaussianWeighting, KLIEP, NearestNeighborWeighting or RuLSIF"
        + ("." if classes is None else ", or what estimates proportions, such as EMPriors.")
    )
