"""Boosting on source rows and a few labelled target rows."""

from skdomain.boosting._multi_source import MultiSourceTrAdaBoost
from skdomain.boosting._tradaboost import TrAdaBoost
from skdomain.boosting._tradaboost_r2 import TrAdaBoostR2
from skdomain.boosting._two_stage import TwoStageTrAdaBoostR2

__all__ = ["MultiSourceTrAdaBoost", "TrAdaBoost", "TrAdaBoostR2", "TwoStageTrAdaBoostR2"]
