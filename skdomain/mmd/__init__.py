"""What is matched: the MMD matrices of the family, in the form M = N G N'."""

from skdomain.mmd._couplings import (
    Coupling,
    conditional_coupling,
    discriminative_coupling,
    joint_coupling,
    marginal_coupling,
)
from skdomain.mmd._matrix import mmd_matrix

__all__ = [
    "Coupling",
    "conditional_coupling",
    "discriminative_coupling",
    "joint_coupling",
    "marginal_coupling",
    "mmd_matrix",
]
