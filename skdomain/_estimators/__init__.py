"""Plumbing between the methods and scikit-learn's conventions."""

from skdomain._estimators._answer import answer_of
from skdomain._estimators._compiled import compiled
from skdomain._estimators._fitting import all_or_nothing
from skdomain._estimators._inner_fit import (
    asking,
    check_takes_weights,
    fit_weighted,
    takes_weights,
)
from skdomain._estimators._inner_params import RoutesFitMixin, inner_params, params_at
from skdomain._estimators._label_rounds import LabelRounds, set_history
from skdomain._estimators._partial_fit import forget_moments, update_moments, validate_rows
from skdomain._estimators._predictor import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    DomainPredictorMixin,
    answers,
)
from skdomain._estimators._progress import progress
from skdomain._estimators._routing import asks_for_domains, call_with_domains
from skdomain._estimators._threads import few_threads
from skdomain._estimators._trained import SourceEstimator
from skdomain._estimators._transformer import DomainTransformerMixin
from skdomain._estimators._validation import validate_as_given

__all__ = [
    "TAKES_SPARSE",
    "DomainClassifierMixin",
    "DomainPredictorMixin",
    "DomainTransformerMixin",
    "LabelRounds",
    "RoutesFitMixin",
    "SourceEstimator",
    "all_or_nothing",
    "answer_of",
    "answers",
    "asking",
    "asks_for_domains",
    "call_with_domains",
    "check_takes_weights",
    "compiled",
    "few_threads",
    "fit_weighted",
    "forget_moments",
    "inner_params",
    "params_at",
    "progress",
    "set_history",
    "takes_weights",
    "update_moments",
    "validate_as_given",
    "validate_rows",
]
