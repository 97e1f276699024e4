"""Splitters that know source from target."""

from skdomain.model_selection._split import TargetKFold, TransductiveSplit

__all__ = ["TargetKFold", "TransductiveSplit"]
