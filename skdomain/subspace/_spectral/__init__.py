"""The one eigenproblem of the family and its solvers."""
