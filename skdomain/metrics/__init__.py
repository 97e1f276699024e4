"""How far apart two domains are, measured on their rows alone."""

from skdomain.metrics._mmd import mmd, mmd_test
from skdomain.metrics._proxy_a_distance import proxy_a_distance

__all__ = ["mmd", "mmd_test", "proxy_a_distance"]
