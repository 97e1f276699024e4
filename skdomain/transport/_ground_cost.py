"""What it costs to move a row onto another, in units that do not depend on those of the rows."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import PAIRWISE_DISTANCE_FUNCTIONS, euclidean_distances
from sklearn.utils._param_validation import StrOptions

from skdomain._rows import median_of, squares_by_products


def _median(M):
    return median_of(M.ravel())


_SCALES = {"median": _median, "mean": np.mean, "max": np.max}
_METRICS = {*PAIRWISE_DISTANCE_FUNCTIONS, "sqeuclidean", "chebyshev", "braycurtis", "canberra"}
_METRICS -= {"precomputed", "haversine", "nan_euclidean"}  # no costs of rows as they come here
COST_CONSTRAINTS: dict = {
    "metric": [StrOptions(_METRICS), callable],
    "cost_scale": [StrOptions(set(_SCALES)), None],
}


def squares(X, Z):
    """Squared distances, of rows and themselves by half of the products.

    The same as scikit-learn's, which multiplies float32 in float64; float64 needs no more matrices.
    """
    if X.dtype == np.float32:
        return euclidean_distances(X, None if Z is X else Z, squared=True)
    M = squares_by_products(X, Z, np.einsum("ij,ij->i", Z, Z))
    if Z is X:
        np.fill_diagonal(M, 0.0)
    return np.maximum(M, 0.0, out=M)


class GroundCost(NamedTuple):
    """Distances of rows as costs.

    Attributes
    ----------
    metric : str or callable
    cost_scale : {"median", "mean", "max"} or None
    centred : bool
        Whether each domain is centred before: it changes no plan of squared distances whose sums
        have to hold, and leaves how far apart the domains are out of the unit.
    """

    metric: object = "sqeuclidean"
    cost_scale: object = "median"
    centred: bool = True

    def between(self, Xs, Xt):
        """Matrix of costs, in units of their own, and the unit, a float."""
        M = self.raw(Xs, Xt)
        unit = self._unit(M)
        M /= unit
        return M, unit

    def raw(self, Xs, Xt):
        """Matrix of costs in units of the metric, in the dtype of the rows."""
        if self.metric != "sqeuclidean":
            M = pairwise_distances(Xs, Xt, metric=self.metric)
            return np.ascontiguousarray(M.astype(np.result_type(Xs), copy=False))
        origin = Xs.mean(axis=0, dtype=np.float64).astype(Xs.dtype)
        Zs = Zt = Xs - origin
        if Xt is not Xs:
            if self.centred:
                origin = Xt.mean(axis=0, dtype=np.float64).astype(Xt.dtype)
            Zt = Xt - origin
        return squares(Zs, Zt)

    def _unit(self, M):
        """What counts as 1: of costs whose median is 0, the mean; of costs that are all 0, 1."""
        if self.cost_scale is None:
            return 1.0
        for scale in (_SCALES[self.cost_scale], np.mean):
            unit = float(scale(M))
            if unit > 0:
                return unit
        return 1.0
