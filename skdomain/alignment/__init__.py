"""Transformations that move the source onto the target, in closed form."""

from skdomain.alignment._combat import ComBat
from skdomain.alignment._coral import CORAL, coral_map
from skdomain.alignment._gfk import GFK, gfk_factor
from skdomain.alignment._leace import LEACE, leace_map
from skdomain.alignment._linear_monge import LinearMonge, linear_monge_map
from skdomain.alignment._mida import MIDA
from skdomain.alignment._shared_private import SharedPrivateSubspaces
from skdomain.alignment._subspace_alignment import SubspaceAlignment, subspace_alignment_map

__all__ = [
    "CORAL",
    "GFK",
    "LEACE",
    "MIDA",
    "ComBat",
    "LinearMonge",
    "SharedPrivateSubspaces",
    "SubspaceAlignment",
    "coral_map",
    "gfk_factor",
    "leace_map",
    "linear_monge_map",
    "subspace_alignment_map",
]
