"""Weights of mean 1, of ratios and of their logarithms."""

import numpy as np


def mean_one(weights):
    """Weights divided by their mean; all zero is an error."""
    largest = weights.max()
    if not 0 < largest < np.inf:
        raise ValueError(
            f"the largest weight of a source row is {largest}: the domains do not overlap as far "
            "as this method sees; scale the features, smooth more, or take another method."
        )
    weights = weights / largest
    return weights / weights.mean()


def mean_one_of_log(log_ratio):
    """Weights with mean 1 of the logarithm of a ratio, however large or small it is."""
    return mean_one(np.exp(log_ratio - log_ratio.max()))


def ratio_of_log(log_ratio):
    """Ratio of its logarithm, at most the largest finite number."""
    return np.exp(np.minimum(log_ratio, np.log(np.finfo(float).max)))
