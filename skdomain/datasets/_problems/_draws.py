"""What the generated problems share: ranges of parameters, and the domains of the rows."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

SIZE = [Interval(Integral, 1, None, closed="left")]
ANY = [Interval(Real, None, None, closed="neither")]
POSITIVE = [Interval(Real, 0, None, closed="neither")]
NOT_NEGATIVE = [Interval(Real, 0, None, closed="left")]
COMMON = {"n_source": SIZE, "n_target": SIZE, "random_state": ["random_state"]}


def source_then_target(n_source, n_target):
    """Domains of the rows, source rows first."""
    return np.repeat([1, -2], [n_source, n_target])
