"""Sets of classes and intervals that hold the truth of target rows as often as they promise."""

from skdomain.conformal._conformal_classifier import DomainConformalClassifier
from skdomain.conformal._conformal_regressor import DomainConformalRegressor
from skdomain.conformal._thresholds import conformal_thresholds

__all__ = ["DomainConformalClassifier", "DomainConformalRegressor", "conformal_thresholds"]
