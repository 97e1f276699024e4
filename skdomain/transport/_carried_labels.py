"""Labels that plans carry to rows of the target, fitted or not."""

from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import gen_batches
from sklearn.utils.validation import validate_data

from skdomain._estimators import DomainClassifierMixin
from skdomain.transport._ground_cost import GroundCost
from skdomain.transport._leading_axes import Coordinates
from skdomain.transport._plans import PLAN_DTYPES

_BLOCK = 2**17  # numbers of a block of costs, so few that caches hold them


class PlanColumns(NamedTuple):
    """Columns that an entropic plan would have for target rows, fitted or not.

    By its optimality, ``G_ij`` is proportional to ``exp((f_i - M_ij) / reg)`` for each j, whatever
    the other target rows are, once f is known.

    Attributes
    ----------
    coordinates : Coordinates
        What the costs are measured in.
    rows : ndarray of shape (n_source, k)
        Coordinates of the source rows, moved by how far the means of the domains are apart.
    ground : GroundCost
    unit : float
        Cost that counts as 1.
    potential : ndarray of shape (n_source,)
        f, in units of the cost.
    reg : float
        Likewise.
    """

    coordinates: Coordinates
    rows: np.ndarray
    ground: GroundCost
    unit: float
    potential: np.ndarray
    reg: float

    def shares(self, X, Y):
        """Means of the rows of Y weighted by the column of each row of X."""
        found, Z = np.empty((len(X), Y.shape[1])), self.coordinates(X)
        for rows in gen_batches(len(Z), max(1, _BLOCK // len(self.rows))):
            G = self.ground.raw(self.rows, Z[rows]).T.astype(np.float64, order="C")
            G /= -self.unit
            G += self.potential
            G -= G.max(axis=1, keepdims=True)
            G /= self.reg
            np.exp(G, out=G)
            found[rows] = (G @ Y) / G.sum(axis=1, keepdims=True)
        return found


class CarriedLabels(DomainClassifierMixin, ClassifierMixin, BaseEstimator):
    """Classifier by the shares of the classes in what plans bring to a row.

    A subclass sets ``classes_`` and ``_carriers``, for each plan its :class:`PlanColumns` and the
    one-hot classes of its rows; shares are means over plans.
    """

    _facts = DomainClassifierMixin._facts | {
        "predict": "The class that most of the mass comes from",
        "predicted": "Predicted classes",
        "score": "Accuracy on the target rows",
        "scored": "Share of the rows that are predicted right",
        "predict_proba": "Shares of the classes in the mass that comes to a row",
        "predict_log_proba": "Logarithms of :meth:`predict_proba`",
    }

    def _new_rows(self, X):
        return validate_data(self, X, reset=False, dtype=PLAN_DTYPES)

    def _predict_rows(self, method, X, sample_domain):
        shares = np.mean([columns.shares(X, Y) for columns, Y in self._carriers], axis=0)
        if method == "predict":
            return self.classes_[shares.argmax(axis=1)]
        if method == "predict_proba":
            return shares
        with np.errstate(divide="ignore"):
            return np.log(shares)

    def _answers(self, method):
        """There are no decision values."""
        return method != "decision_function"
