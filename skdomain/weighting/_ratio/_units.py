"""Features in units of their spread over both domains, each domain weighing one half."""

from typing import NamedTuple

import numpy as np


class StandardUnits(NamedTuple):
    """Mean and standard deviation of the features in the even mixture of both domains.

    A feature that is constant in both has an infinite scale: it is 0 at all rows.
    """

    centre: np.ndarray
    scale: np.ndarray

    def __call__(self, X):
        """Rows of X in these units."""
        return (X - self.centre) / self.scale


def standard_units(Xs, Xt):
    """Units for rows of both domains, which copies of all rows of a domain do not change."""
    means, variances = zip(*((X.mean(axis=0), X.var(axis=0)) for X in (Xs, Xt)), strict=True)
    variance = sum(variances) / 2 + np.square(means[1] - means[0]) / 4
    varies = (np.ptp(np.concatenate([Xs, Xt]), axis=0) > 0) & (variance > 0)
    return StandardUnits(sum(means) / 2, np.sqrt(np.where(varies, variance, np.inf)))
