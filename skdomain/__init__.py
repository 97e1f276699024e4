"""Classical domain adaptation estimators that behave like scikit-learn's own."""

from importlib import import_module

from skdomain._domains import NoTargetWarning, split_domains, stack_domains
from skdomain._rows import RowBlocks

__version__ = "0.1.0"

_SUBPACKAGES = (
    "alignment",
    "boosting",
    "compose",
    "conformal",
    "datasets",
    "inspection",
    "label_shift",
    "metrics",
    "mmd",
    "model_selection",
    "regularized",
    "subspace",
    "transfer",
    "transport",
    "weighting",
    "zero_shot",
)

__all__ = ["NoTargetWarning", "RowBlocks", "split_domains", "stack_domains", *_SUBPACKAGES]


def __dir__():
    return __all__


def __getattr__(name):
    if name in _SUBPACKAGES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
