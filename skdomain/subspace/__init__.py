"""Subspaces in which the domains look alike: one eigenproblem, several couplings."""

from skdomain.subspace._cmms import CMMS
from skdomain.subspace._djpmmd import DJPMMD
from skdomain.subspace._jda import JDA
from skdomain.subspace._jgsa import JGSA
from skdomain.subspace._selective_pseudo_labels import SelectivePseudoLabels
from skdomain.subspace._tca import TCA
from skdomain.subspace._tjm import TJM

__all__ = ["CMMS", "DJPMMD", "JDA", "JGSA", "TCA", "TJM", "SelectivePseudoLabels"]
