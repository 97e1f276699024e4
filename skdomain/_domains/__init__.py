"""Source and target: domain labels, stacked domains, and pairs of domains."""

from skdomain._domains._labels import (
    ENCODING,
    NoTargetWarning,
    check_sample_domain,
    check_source_labels,
    fit_domains,
    labels_at,
    missing_labels,
    new_domains,
    rows_at,
    source_labels,
    target_rows,
)
from skdomain._domains._pair import check_domains
from skdomain._domains._stacking import split_domains, stack_domains, stack_rows
from skdomain._domains._warning import warn_caller
from skdomain._domains._weights import check_weights

__all__ = [
    "ENCODING",
    "NoTargetWarning",
    "check_domains",
    "check_sample_domain",
    "check_source_labels",
    "check_weights",
    "fit_domains",
    "labels_at",
    "missing_labels",
    "new_domains",
    "rows_at",
    "source_labels",
    "split_domains",
    "stack_domains",
    "stack_rows",
    "target_rows",
    "warn_caller",
]
