"""The one eigenproblem of the family and its solvers."""

from skdomain.subspace._spectral._basis import Basis, kernel_basis, linear_basis, primal_basis
from skdomain.subspace._spectral._pencil import Solution, UnboundedObjectiveError, solve
from skdomain.subspace._spectral._weighted import WeightedPencil, WeightedSolution, sample_frame

__all__ = [
    "Basis",
    "Solution",
    "UnboundedObjectiveError",
    "WeightedPencil",
    "WeightedSolution",
    "kernel_basis",
    "linear_basis",
    "primal_basis",
    "sample_frame",
    "solve",
]
