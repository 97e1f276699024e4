"""Models that start from the source's and learn from a few labels of the target."""

from skdomain.transfer._self_training import SelfTrainingAdapter

__all__ = ["SelfTrainingAdapter"]
