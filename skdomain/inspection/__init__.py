"""Plots of what an adaptation has done, and a table of what a shift has cost."""

from skdomain.inspection._embedding_display import EmbeddingDisplay
from skdomain.inspection._pseudo_label_display import PseudoLabelDisplay
from skdomain.inspection._report_display import DomainReportDisplay
from skdomain.inspection._scorer_display import ScorerDisplay
from skdomain.inspection._shift_decomposition import shift_decomposition
from skdomain.inspection._shift_table import ShiftDecomposition
from skdomain.inspection._transport_display import TransportDisplay
from skdomain.inspection._weight_display import WeightDisplay

__all__ = [
    "DomainReportDisplay",
    "EmbeddingDisplay",
    "PseudoLabelDisplay",
    "ScorerDisplay",
    "ShiftDecomposition",
    "TransportDisplay",
    "WeightDisplay",
    "shift_decomposition",
]
