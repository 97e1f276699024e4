"""Criteria by name."""

from typing import Any

from skdomain.model_selection._criteria._circular_validation import CircularValidation
from skdomain.model_selection._criteria._class_correlation import ClassCorrelation
from skdomain.model_selection._criteria._deep_embedded_validation import DeepEmbeddedValidation
from skdomain.model_selection._criteria._importance_weighted import ImportanceWeighted
from skdomain.model_selection._criteria._information_maximization import InformationMaximization
from skdomain.model_selection._criteria._mixture_criterion import ClassMixture
from skdomain.model_selection._criteria._mixup_validation import MixupValidation
from skdomain.model_selection._criteria._oracle import Oracle
from skdomain.model_selection._criteria._prediction_entropy import PredictionEntropy
from skdomain.model_selection._criteria._soft_neighborhood_density import SoftNeighborhoodDensity

SCORERS = {
    "circular_validation": CircularValidation,
    "class_correlation": ClassCorrelation,
    "class_mixture": ClassMixture,
    "deep_embedded_validation": DeepEmbeddedValidation,
    "importance_weighted": ImportanceWeighted,
    "information_maximization": InformationMaximization,
    "mixup_validation": MixupValidation,
    "oracle": Oracle,
    "prediction_entropy": PredictionEntropy,
    "soft_neighborhood_density": SoftNeighborhoodDensity,
}


def scorer_names() -> list[str]:
    """Names that :func:`~skdomain.model_selection.get_scorer` knows.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from skdomain.model_selection import scorer_names
    >>> "circular_validation" in scorer_names()
    True
    """
    return sorted(SCORERS)


def get_scorer(name: str) -> Any:
    """Criterion by its name, with its default parameters.

    Parameters
    ----------
    name : str
        One of :func:`scorer_names`.

    Returns
    -------
    scorer : callable
        For ``scoring=`` of scikit-learn's tools, which do not know the name itself.

    Raises
    ------
    ValueError
        If there is no criterion of that name.

    Notes
    -----
    Without metadata routing scikit-learn hands a criterion no domains, and all rows count as target
    rows: split with TargetKFold then, whose test folds hold no others, and give the criteria that
    need source rows some by their parameter ``source``.

    Examples
    --------
    >>> from skdomain.model_selection import get_scorer
    >>> get_scorer("circular_validation")
    CircularValidation()
    """
    if name not in SCORERS:
        raise ValueError(f"{name!r} is not a criterion; choose one of {', '.join(scorer_names())}.")
    return SCORERS[name]()
