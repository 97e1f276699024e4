"""The objective of transfer joint matching, and the weights whose problem bounds it from above.

As ``2 |a| <= |a|^2 / |a_0| + |a_0|``, the problem with ``tr(A'DA)`` in place of the l2,1 norm is a
bound of the objective that touches it at the A_0 that D is made of. Where each step minimises the
bound at ``A'F'HFA = I``, the objective falls, up to rounding. Where the columns are then scaled to
unit norm, by S, the bound touches at A S. The eigenvectors minimise ``tr(S A'(F'MF + lam D)A S)``
too, with the largest scale on the smallest eigenvalue, so each step lowers the objective of A S
while S is held; then S changes. No one function is known to fall from start to end: on the
Office-Caltech tasks the objective at the constraint does, on small random problems it can rise.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class RowPenalized:
    """``tr(A'F'MFA) + lam (2 sum_i sqrt(|a_i|^2 + eps) + |A_rest|^2)``, i over the sparse rows.

    Parameters
    ----------
    sparse : ndarray of shape (n_rows,), bool
        Rows of A in the l2,1 term.
    lam : float
        Weight of the penalty.
    eps : float
        What keeps the weights of rows that vanish finite: the rounding unit times a mean squared
        norm.
    """

    sparse: np.ndarray
    lam: float
    eps: float

    def __call__(self, solution, scales):
        """Value at the columns of A times these factors."""
        scales = scales[: solution.A.shape[1]]
        norms2 = row_norms2(solution.A * scales)
        penalty = 2 * self._norms(norms2).sum() + norms2[~self.sparse].sum()
        return float(scales**2 @ solution.discrepancies + self.lam * penalty)

    def weights(self, norms2):
        """Diagonal of D: ``tr(A'DA)`` touches the penalty at rows with these squared norms."""
        weights = np.ones(len(norms2))
        weights[self.sparse] = 1 / self._norms(norms2)
        return weights

    def record(self, solution, decrease):
        """What the history holds of a step."""
        return {
            "objective": self(solution, np.ones(len(solution.eigenvalues))),
            "decrease": decrease,
            "mmd": float(solution.discrepancies.sum()),
        }

    def _norms(self, norms2):
        return np.sqrt(norms2[self.sparse] + self.eps)


def row_norms2(A):
    """Squared norms of the rows."""
    return np.einsum("ij,ij->i", A, A)


def column_scales(A, whiten):
    """Factors that give columns of unit norm, or that leave them with ``A'F'HFA = I``."""
    return np.ones(A.shape[1]) if whiten else 1 / np.linalg.norm(A, axis=0)
