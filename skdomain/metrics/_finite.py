"""No statistic that is not a finite number: every comparison with NaN would count as evidence."""

import numpy as np

OVERFLOW = {"over": "ignore", "invalid": "ignore"}  # what is not finite is an error in the end


def check_finite(name, values, advice):
    """Return values if all are finite; otherwise say what to do."""
    wrong = np.ravel(values)[~np.isfinite(np.ravel(values))]
    if len(wrong):
        raise ValueError(f"{name} is {wrong[0]}, which is no finite number: {advice}")
    return values


def scale_advice(power):
    """What to do where a power of the features' unit is too large for a number."""
    return (
        f"it has the unit of the features to the power of {power}, which overflows; divide the "
        "features of both domains by their largest value first."
    )
