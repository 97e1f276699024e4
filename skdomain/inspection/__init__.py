"""Plots of what an adaptation has done, in scikit-learn's display convention."""

from skdomain.inspection._embedding_display import EmbeddingDisplay
from skdomain.inspection._pseudo_label_display import PseudoLabelDisplay
from skdomain.inspection._report_display import DomainReportDisplay
from skdomain.inspection._scorer_display import ScorerDisplay
from skdomain.inspection._weight_display import WeightDisplay

__all__ = [
    "DomainReportDisplay",
    "EmbeddingDisplay",
    "PseudoLabelDisplay",
    "ScorerDisplay",
    "WeightDisplay",
]
