"""The one eigenproblem of the family and its solvers."""

from skdomain.subspace._spectral._basis import (
    Basis,
    centred_eigh,
    check_variance,
    is_far,
    kernel_basis,
    linear_basis,
    positive_eigh,
    primal_basis,
    uncentred_coordinates,
    unit_of,
)
from skdomain.subspace._spectral._low_rank import low_rank_eigh, rounding
from skdomain.subspace._spectral._pencil import (
    Solution,
    UnboundedObjectiveError,
    column_signs,
    largest_eigenpairs,
    solve,
    widened,
)
from skdomain.subspace._spectral._weighted import WeightedPencil, WeightedSolution, sample_frame

__all__ = [
    "Basis",
    "Solution",
    "UnboundedObjectiveError",
    "WeightedPencil",
    "WeightedSolution",
    "centred_eigh",
    "check_variance",
    "column_signs",
    "is_far",
    "kernel_basis",
    "largest_eigenpairs",
    "linear_basis",
    "low_rank_eigh",
    "positive_eigh",
    "primal_basis",
    "rounding",
    "sample_frame",
    "solve",
    "uncentred_coordinates",
    "unit_of",
    "widened",
]
