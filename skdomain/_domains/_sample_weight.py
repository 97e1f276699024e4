"""Weights of rows that a caller gives."""

import numpy as np
from sklearn.utils.validation import _check_sample_weight


def check_sample_weight(sample_weight, n_samples):
    """Weights of rows in float64, of shape (n_samples,) and at least 0; 1 where none are given."""
    weights = _check_sample_weight(sample_weight, np.empty(n_samples), dtype=np.float64)
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        raise ValueError(
            f"sample_weight is {weights[negative[0]]} in row {negative[0]}, and negative in "
            f"{len(negative)} of {len(weights)} rows; pass weights of at least 0, which say how "
            "often a row counts."
        )
    return weights


def weights_at(sample_weight, rows):
    """Weights of the target rows, which score takes a mean with."""
    weights = check_sample_weight(sample_weight, len(rows))[rows]
    if not weights.any():
        raise ValueError(
            f"sample_weight is zero on all {len(weights)} target rows, of which score takes the "
            "mean; give some of them a positive weight."
        )
    return weights
