"""Labels that go with the mass: a target row has the classes of what a plan brings it.

I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
adaptation under target shift", AISTATS, 849-858.
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, source_classes
from skdomain._estimators import all_or_nothing
from skdomain.transport._carried_labels import CarriedLabels, PlanColumns
from skdomain.transport._ground_cost import COST_CONSTRAINTS, GroundCost
from skdomain.transport._leading_axes import AXES_CONSTRAINTS, distance_coordinates
from skdomain.transport._plans import PLAN_DTYPES
from skdomain.transport._sinkhorn import sinkhorn_plan


def plan_columns(Zs, Zt, coordinates, *, reg, unbalanced, metric, cost_scale, max_iter, tol):
    """The plan of the coordinates of two domains, and :class:`PlanColumns` of it."""
    ground = GroundCost(metric, cost_scale, unbalanced is None)
    M, unit = ground.between(Zs, Zt)
    found = sinkhorn_plan(M, reg=reg, unbalanced=unbalanced, max_iter=max_iter, tol=tol)
    if metric == "sqeuclidean" and ground.centred:
        means = (Z.mean(axis=0, dtype=np.float64) for Z in (Zt, Zs))
        Zs = Zs + np.subtract(*means).astype(Zs.dtype)
    ground = ground._replace(centred=False)
    return found, PlanColumns(coordinates, Zs, ground, unit, found.source_potential, reg)


class OTLabelPropagation(CarriedLabels):
    """Classify target rows by the classes of the source mass that a plan brings them.

    With G the entropic plan of least cost, unbalanced by default, the probability of class c in
    target row j is the share of its mass that comes from source rows of class c::

        p(c|x_j) = sum_(i in c) G_ij / sum_i G_ij

    New rows get the column that the plan would have for them, ``exp((f_i - M_ij) / reg)`` up to a
    factor, with f the potential of the source.

    Parameters
    ----------
    reg : float, default=0.1
        Weight of the entropy, > 0, in units of the cost: mass is spread over rows whose costs
        differ by about as much.
    unbalanced : float or None, default=0.1
        What it costs per mass, in units of the cost, not to send or not to receive what a row has,
        > 0: classes may have other proportions in the target. None: all mass is sent and received,
        and where the target is as a whole does not count, as domains are centred.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    n_components : int or None, default=30
        Leading axes of all rows, centred, that squared distances are those along; those of other
        metrics are of all features, as are all where this is None.
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
    With ``unbalanced=None`` the proportions of the classes in the target are those of the source:
    where they differ, some target rows get labels of another class. With a number for it, a target
    that is far from the source as a whole is not brought back: centre each domain, or set None.

    Source rows are classified as if they were rows of the target.

    O(n_source n_target) memory, and as much time an iteration; a new row takes O(n_source
    n_features). The axes of n rows of d features take O(n d min(n, d)) once.

    The authors measure distances in all features: ``n_components=None``.

    References
    ----------
    I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
    adaptation under target shift", AISTATS, 849-858.

    Examples
    --------
    >>> from skdomain.transport import OTLabelPropagation
    >>> X, y = [[0.0], [1.0], [0.1], [1.2]], ["a", "b", "?", "?"]
    >>> model = OTLabelPropagation().fit(X, y, sample_domain=[1, 1, -2, -2])
    >>> model.predict([[0.1], [0.3], [1.2]])
    array(['a', 'a', 'b'], dtype='<U1')
    """

    _parameter_constraints: dict = (
        COST_CONSTRAINTS
        | AXES_CONSTRAINTS
        | {
            "reg": [Interval(Real, 0, None, closed="neither")],
            "unbalanced": [Interval(Real, 0, None, closed="neither"), None],
            "max_iter": [Interval(Integral, 1, None, closed="left")],
            "tol": [Interval(Real, 0, None, closed="neither")],
        }
    )

    def __init__(
        self,
        reg: float = 0.1,
        *,
        unbalanced: float | None = 0.1,
        metric: str | Callable[..., Any] = "sqeuclidean",
        n_components: int | None = 30,
        cost_scale: str | None = "median",
        max_iter: int = 2000,
        tol: float = 1e-4,
    ) -> None:
        self.reg = reg
        self.unbalanced = unbalanced
        self.metric = metric
        self.n_components = n_components
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
            Positive integers for source rows, negative for target rows. None: all rows are
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
        names = ("reg", "unbalanced", "metric", "cost_scale", "max_iter", "tol")
        coordinates = distance_coordinates(X, self.n_components, self.metric)
        Z = coordinates(X)
        domains = Z[source], Z[source] if source.all() else Z[~source]
        found, columns = plan_columns(*domains, coordinates, **{n: getattr(self, n) for n in names})
        self.classes_, codes = np.unique(labels, return_inverse=True)
        self._carriers = [(columns, np.eye(len(self.classes_))[codes])]
        self.plan_, self.n_iter_ = found.plan, found.n_iter
        return self
