"""Classical domain adaptation estimators that behave like scikit-learn's own."""

from skdomain._domains import NoTargetWarning, split_domains, stack_domains

__version__ = "0.1.0.dev0"

__all__ = ["NoTargetWarning", "split_domains", "stack_domains"]
