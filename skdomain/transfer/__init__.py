"""Models that start from the source's and learn from a few labels of the target."""

from skdomain.transfer._self_taught import SelfTaughtFeatures, self_taught_codes

__all__ = ["SelfTaughtFeatures", "self_taught_codes"]
