"""Optimal transport: source rows matched with target rows at the least cost."""

from skdomain.transport._class_regularised import class_plan
from skdomain.transport._exact import exact_plan, sorted_plan
from skdomain.transport._sinkhorn import sinkhorn_plan

__all__ = [
    "class_plan",
    "exact_plan",
    "sinkhorn_plan",
    "sorted_plan",
]
