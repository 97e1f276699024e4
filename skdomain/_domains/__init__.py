"""Source and target: domain labels, stacked domains, and pairs of domains."""

from skdomain._domains._labelled import check_some_labelled, labelled_rows
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
    rows_where,
    source_classes,
    source_labels,
    target_rows,
)
from skdomain._domains._pair import check_domains
from skdomain._domains._sample_weight import (
    balanced_weights,
    check_both_count,
    check_sample_weight,
)
from skdomain._domains._stacking import split_domains, stack_domains, stack_rows
from skdomain._domains._warning import warn_caller

__all__ = [
    "ENCODING",
    "NoTargetWarning",
    "balanced_weights",
    "check_both_count",
    "check_domains",
    "check_sample_domain",
    "check_sample_weight",
    "check_some_labelled",
    "check_source_labels",
    "fit_domains",
    "labelled_rows",
    "labels_at",
    "missing_labels",
    "new_domains",
    "rows_at",
    "rows_where",
    "source_classes",
    "source_labels",
    "split_domains",
    "stack_domains",
    "stack_rows",
    "target_rows",
    "warn_caller",
]
