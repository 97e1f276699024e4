"""Plots of what an adaptation has done, in scikit-learn's display convention."""

from skdomain.inspection._embedding import EmbeddingDisplay
from skdomain.inspection._pseudo_labels import PseudoLabelDisplay
from skdomain.inspection._scorer import ScorerDisplay
from skdomain.inspection._weights import WeightDisplay

__all__ = ["EmbeddingDisplay", "PseudoLabelDisplay", "ScorerDisplay", "WeightDisplay"]
