"""What lists of kernels, of widths and of weights mean: one kernel each, and shares of a whole."""

import numpy as np
from sklearn.utils._param_validation import validate_parameter_constraints

from skdomain._kernels import kernel_constraints

_ONE = kernel_constraints("gamma", "kernel_params")
SEVERAL_KERNELS = {name: [*constraint, list, tuple] for name, constraint in _ONE.items()} | {
    "gamma": [*_ONE["gamma"], "array-like"],
    "kernel_weights": ["array-like", None],
}
# Beyond 4 medians' distance, a Gaussian is a parabola on the rows and sees means and spreads alone;
# as fine as 1/16 of it, few rows have neighbours.
_FACTORS = 4.0 ** np.arange(-2, 5)


def several_kernels(kernel, gamma, kernel_params):
    """Arguments of one kernel each, in the form that ``fit_kernel`` takes.

    What is a list holds one entry a kernel, what is none holds for all of them.
    """
    given = {"kernel": kernel, "gamma": gamma, "kernel_params": kernel_params}
    lists = {name: list(value) for name, value in given.items() if is_several(value)}
    lengths = {name: len(values) for name, values in lists.items()}
    if 0 in lengths.values() or len(set(lengths.values())) > 1:
        raise ValueError(
            f"lists of kernels, and of what belongs to them, hold one entry a kernel, got {lengths}"
            " entries; make them equally long, or pass one value for all kernels."
        )
    n_kernels = max(lengths.values(), default=1)
    kernels = [
        {name: lists[name][i] if name in lists else value for name, value in given.items()}
        for i in range(n_kernels)
    ]
    for one in kernels:
        validate_parameter_constraints(_ONE, one, "a kernel of the list")
    return kernels


def is_several(value):
    """Whether a parameter holds an entry for each of several kernels."""
    return isinstance(value, list | tuple) or np.ndim(value) == 1


def check_kernel_weights(weights, n_kernels):
    """Weights of the kernels as an array, equal ones where none are given."""
    if weights is None:
        return np.full(n_kernels, 1 / n_kernels)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (n_kernels,):
        raise ValueError(
            f"kernel_weights has shape {weights.shape}, but there are {n_kernels} kernels; pass "
            "one weight for each."
        )
    if not (weights >= 0).all() or not np.isclose(weights.sum(), 1):
        raise ValueError(
            f"kernel_weights={weights.tolist()} must be at least 0 and of sum 1; divide what is "
            "not negative by its sum."
        )
    return weights


def widths_around(gamma):
    """Seven coefficients, for widths from 1/16 of that of gamma to 4 times it."""
    return (gamma * _FACTORS).tolist()
