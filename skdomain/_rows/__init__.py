"""Rows that need not be in memory at once, and the sums over them that fits are made of."""

from skdomain._rows._blocks import (
    RowBlocks,
    check_finite_block,
    concatenate_over,
    in_blocks,
    is_streamed,
    map_over,
    rows_per_block,
    sum_over,
)
from skdomain._rows._convert import as_given, as_rows
from skdomain._rows._distinct import distinct_places, distinct_rows, stacked
from skdomain._rows._frames import is_frame, named_as, stack_frames
from skdomain._rows._leading_pairs import leading_pairs
from skdomain._rows._moments import DomainMoments, Moments, domain_moments, moments
from skdomain._rows._pairs import median_of, median_square, pair_values, squares_by_products
from skdomain._rows._sharing import shared, shared_work
from skdomain._rows._sparse_blocks import dense_blocks

__all__ = [
    "DomainMoments",
    "Moments",
    "RowBlocks",
    "as_given",
    "as_rows",
    "check_finite_block",
    "concatenate_over",
    "dense_blocks",
    "distinct_places",
    "distinct_rows",
    "domain_moments",
    "in_blocks",
    "is_frame",
    "is_streamed",
    "leading_pairs",
    "map_over",
    "median_of",
    "median_square",
    "moments",
    "named_as",
    "pair_values",
    "rows_per_block",
    "shared",
    "shared_work",
    "squares_by_products",
    "stack_frames",
    "stacked",
    "sum_over",
]
