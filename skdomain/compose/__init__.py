"""Meta-estimators that give stock scikit-learn estimators a notion of domain."""

from skdomain.compose._multi_domain import MultiSource
from skdomain.compose._per_domain import PerDomain
from skdomain.compose._pooled import Pooled
from skdomain.compose._source_only import SourceOnly
from skdomain.compose._transitive_transfer import TransitiveTransfer

__all__ = ["MultiSource", "PerDomain", "Pooled", "SourceOnly", "TransitiveTransfer"]
