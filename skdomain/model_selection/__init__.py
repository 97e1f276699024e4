"""Splitters that know source from target, and criteria that need no target label."""

from skdomain._rows import shared_work
from skdomain.model_selection._criteria._circular_validation import (
    CircularValidation,
    circular_accuracy,
)
from skdomain.model_selection._criteria._class_correlation import (
    ClassCorrelation,
    class_correlation,
)
from skdomain.model_selection._criteria._deep_embedded_validation import (
    DeepEmbeddedValidation,
    deep_embedded_mean,
)
from skdomain.model_selection._criteria._importance_weighted import (
    ImportanceWeighted,
    importance_weighted_mean,
)
from skdomain.model_selection._criteria._information_maximization import (
    InformationMaximization,
    information_maximization,
)
from skdomain.model_selection._criteria._mixture_criterion import ClassMixture
from skdomain.model_selection._criteria._mixup_validation import MixupValidation, mixup_agreement
from skdomain.model_selection._criteria._oracle import Oracle
from skdomain.model_selection._criteria._prediction_entropy import (
    PredictionEntropy,
    prediction_entropy,
)
from skdomain.model_selection._criteria._scorer_names import get_scorer, scorer_names
from skdomain.model_selection._criteria._soft_neighborhood_density import (
    SoftNeighborhoodDensity,
    soft_neighborhood_density,
)
from skdomain.model_selection._criteria._target_scorer import make_target_scorer
from skdomain.model_selection._expected._estimate_accuracy import estimate_accuracy
from skdomain.model_selection._expected._expected_accuracy import ExpectedAccuracy
from skdomain.model_selection._search._adaptation_search import AdaptationSearchCV
from skdomain.model_selection._search._ranking import trimmed_ranks
from skdomain.model_selection._search._safe_transfer import Decision, SafeTransfer
from skdomain.model_selection._splitters._split import DomainKFold, DomainShuffleSplit
from skdomain.model_selection._splitters._target_split import (
    LeaveOneDomainOut,
    TargetKFold,
    TransductiveSplit,
)
from skdomain.model_selection._voting._adaptation_voting import AdaptationVotingClassifier
from skdomain.model_selection._voting._dawid_skene import LatentVote, dawid_skene

__all__ = [
    "AdaptationSearchCV",
    "AdaptationVotingClassifier",
    "CircularValidation",
    "ClassCorrelation",
    "ClassMixture",
    "Decision",
    "DeepEmbeddedValidation",
    "DomainKFold",
    "DomainShuffleSplit",
    "ExpectedAccuracy",
    "ImportanceWeighted",
    "InformationMaximization",
    "LatentVote",
    "LeaveOneDomainOut",
    "MixupValidation",
    "Oracle",
    "PredictionEntropy",
    "SafeTransfer",
    "SoftNeighborhoodDensity",
    "TargetKFold",
    "TransductiveSplit",
    "circular_accuracy",
    "class_correlation",
    "dawid_skene",
    "deep_embedded_mean",
    "estimate_accuracy",
    "get_scorer",
    "importance_weighted_mean",
    "information_maximization",
    "make_target_scorer",
    "mixup_agreement",
    "prediction_entropy",
    "scorer_names",
    "shared_work",
    "soft_neighborhood_density",
    "trimmed_ranks",
]
