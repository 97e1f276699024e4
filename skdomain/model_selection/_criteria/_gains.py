"""What a prediction gains: 1 where a label is right, less the squared error of a value.

Means of gains estimate the accuracy of a classifier and less the mean squared error of a regressor,
so that higher is better of both.
"""

import numpy as np
from sklearn.base import is_regressor


def row_gains(model, y, predicted):
    """Gain of each row, by the kind of the model."""
    return squared_gains(y, predicted) if is_regressor(model) else predicted == y


def squared_gains(y, predicted):
    """``-(y - f)^2`` of each row; of several outputs the mean, as in ``mean_squared_error``."""
    y, predicted = np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.shape != predicted.shape:
        raise ValueError(
            f"values of shape {predicted.shape} are predicted where y has shape {y.shape}; pass y "
            "with the outputs that the regressor was fitted to."
        )
    return -np.square(y - predicted).reshape(len(y), -1).mean(axis=1)
