"""What is matched: the MMD matrices of the family, in the form M = N G N'."""

from skdomain.mmd._class_shares import check_class_shares as check_class_shares
from skdomain.mmd._couplings import (
    Coupling,
    conditional_coupling,
    discriminative_coupling,
    joint_coupling,
    marginal_coupling,
)
from skdomain.mmd._couplings import sums_by_group as sums_by_group
from skdomain.mmd._grouped import grouped_sums as grouped_sums
from skdomain.mmd._matrix import mmd_matrix

__all__ = [
    "Coupling",
    "conditional_coupling",
    "discriminative_coupling",
    "joint_coupling",
    "marginal_coupling",
    "mmd_matrix",
]
