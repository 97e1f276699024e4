"""Classifiers in a kernel space that minimise loss + ridge + MMD + graph term, in closed form."""

from skdomain.regularized._artl import ARTL
from skdomain.regularized._kernel_ridge import KernelRidgeClassifier
from skdomain.regularized._meda import MEDA

__all__ = ["ARTL", "MEDA", "KernelRidgeClassifier"]
