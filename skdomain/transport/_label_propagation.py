"""Labels that go with the mass: a target row has the classes of what a plan brings it.

I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
adaptation under target shift", AISTATS, 849-858.
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, source_classes
from skdomain._estimators import DomainClassifierMixin, all_or_nothing
from skdomain.transport._ground_cost import COST_CONSTRAINTS, GroundCost
from skdomain.transport._plans import PLAN_DTYPES
from skdomain.transport._sinkhorn import sinkhorn_plan

_BLOCK = 2**20  # numbers of a block of costs


class PlanColumns(NamedTuple):
    """PlanColumns that an entropic plan would have for target rows, fitted or not.

    By its optimality, ``G_ij`` is proportional to ``exp((f_i - M_ij) / reg)`` for each j, whatever
    the other target rows are, once f is known.

    Attributes
    ----------
    rows : ndarray of shape (n_source, n_features)
        Source rows, moved by how far the means of the domains are apart.
    ground : GroundCost
    unit : float
        Cost that counts as 1.
    potential : ndarray of shape (n_source,)
        f, in units of the cost.
    reg : float
        Likewise.
    """

    rows: np.ndarray
    ground: GroundCost
    unit: float
    potential: np.ndarray
    reg: float

    def shares(self, X, Y):
        """Means of the rows of Y weighted by the column of each row of X."""
        found = np.empty((len(X), Y.shape[1]))
        for rows in gen_batches(len(X), max(1, _BLOCK // len(self.rows))):
            M = self.ground.raw(self.rows, X[rows]).astype(np.float64) / self.unit
            found[rows] = softmax((self.potential[:, None] - M) / self.reg, axis=0).T @ Y
        return found


def plan_columns(Xs, Xt, *, reg, metric, cost_scale, max_iter, tol):
    """The plan of two domains, and :class:`PlanColumns` of it."""
    centred = GroundCost(metric, cost_scale)
    M, unit = centred.between(Xs, Xt)
    found = sinkhorn_plan(M, reg=reg, max_iter=max_iter, tol=tol)
    rows = Xs
    if metric == "sqeuclidean":
        means = (X.mean(axis=0, dtype=np.float64) for X in (Xt, Xs))
        rows = Xs + np.subtract(*means).astype(Xs.dtype)
    ground = centred._replace(centred=False)
    return found, PlanColumns(rows, ground, unit, found.source_potential, reg)


class OTLabelPropagation(DomainClassifierMixin, ClassifierMixin, BaseEstimator):
    """Classify target rows by the classes of the source mass that a plan brings them.

    With G the entropic plan of least cost, the probability of class c in target row j is the share
    of its mass that comes from source rows of class c::

        p(c|x_j) = sum_(i in c) G_ij / sum_i G_ij

    New rows get the column that the plan would have for them, ``exp((f_i - M_ij) / reg)`` up to a
    factor, with f the potential of the source.

    Parameters
    ----------
    reg : float, default=0.02
        Weight of the entropy, > 0, in units of the cost: mass is spread over rows whose costs
        differ by about as much.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    cost_scale : {"median", "mean", "max"} or None, default="median"
        Which cost counts as 1, so that units of the rows change nothing. None: costs are as they
        are.
    max_iter : int, default=2000
        Largest number of iterations of the plan.
    tol : float, default=1e-4
        Iterations end where no more than this mass is in the wrong place, of 1 in all.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    plan_ : ndarray of shape (n_source, n_target)
        Masses, in the order of the rows of each domain.
    n_iter_ : int
        Number of iterations.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    JDOTClassifier : Trains a classifier on such labels, and looks at its loss in the plan.

    Notes
    -----
    The proportions of the classes in the target are those of the source, as all mass has to arrive:
    where they differ, some target rows get labels of another class.

    Source rows are classified as if they were rows of the target.

    O(n_source n_target) memory, and as much time an iteration; a new row takes O(n_source
    n_features).

    References
    ----------
    I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
    adaptation under target shift", AISTATS, 849-858.

    Examples
    --------
    >>> from skdomain.transport import OTLabelPropagation
    >>> X, y = [[0.0], [1.0], [9.0], [10.0]], ["a", "b", "?", "?"]
    >>> model = OTLabelPropagation().fit(X, y, sample_domain=[1, 1, -2, -2])
    >>> model.predict([[9.0], [9.2], [10.0]])
    array(['a', 'a', 'b'], dtype='<U1')
    """

    _parameter_constraints: dict = COST_CONSTRAINTS | {
        "reg": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="neither")],
    }
    _facts = DomainClassifierMixin._facts | {
        "predict": "The class that most of the mass comes from",
        "predicted": "Predicted classes",
        "score": "Accuracy on the target rows",
        "scored": "Share of the rows that are predicted right",
        "predict_proba": "Shares of the classes in the mass that comes to a row",
        "predict_log_proba": "Logarithms of :meth:`predict_proba`",
    }

    def __init__(
        self,
        reg: float = 0.02,
        *,
        metric: str | Callable[..., Any] = "sqeuclidean",
        cost_scale: str | None = "median",
        max_iter: int = 2000,
        tol: float = 1e-4,
    ) -> None:
        self.reg = reg
        self.metric = metric
        self.cost_scale = cost_scale
        self.max_iter = max_iter
        self.tol = tol

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the plan; several source domains are pooled, and several targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows, whose plan is with themselves, and :class:`~skdomain.NoTargetWarning` says
            so.

        Returns
        -------
        OTLabelPropagation
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the source has fewer than two classes, or sample_domain does not
            fit X.
        """
        X = validate_data(self, X, dtype=PLAN_DTYPES)
        source = fit_domains(sample_domain, len(X), self) > 0
        labels = source_classes(X, y, source, self)
        Xs, Xt = X[source], X[source] if source.all() else X[~source]
        names = ("reg", "metric", "cost_scale", "max_iter", "tol")
        found, self._columns = plan_columns(Xs, Xt, **{n: getattr(self, n) for n in names})
        self.classes_, codes = np.unique(labels, return_inverse=True)
        self._one_hot = np.eye(len(self.classes_))[codes]
        self.plan_, self.n_iter_ = found.plan, found.n_iter
        return self

    def _new_rows(self, X):
        return validate_data(self, X, reset=False, dtype=PLAN_DTYPES)

    def _predict_rows(self, method, X, sample_domain):
        shares = self._columns.shares(X, self._one_hot)
        if method == "predict":
            return self.classes_[shares.argmax(axis=1)]
        if method == "predict_proba":
            return shares
        with np.errstate(divide="ignore"):
            return np.log(shares)

    def _answers(self, method):
        """There are no decision values."""
        return method != "decision_function"
