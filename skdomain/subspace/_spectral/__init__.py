"""The one eigenproblem of the family and its solvers."""

from skdomain.subspace._spectral._basis import (
    Basis,
    is_far,
    kernel_basis,
    linear_basis,
    positive_eigh,
    primal_basis,
    uncentred_coordinates,
)
from skdomain.subspace._spectral._pencil import Solution, UnboundedObjectiveError, solve
from skdomain.subspace._spectral._weighted import WeightedPencil, WeightedSolution, sample_frame

__all__ = [
    "Basis",
    "Solution",
    "UnboundedObjectiveError",
    "WeightedPencil",
    "WeightedSolution",
    "is_far",
    "kernel_basis",
    "linear_basis",
    "positive_eigh",
    "primal_basis",
    "sample_frame",
    "solve",
    "uncentred_coordinates",
]
