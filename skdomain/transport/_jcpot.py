"""JCPOT: plans from several sources under target shift, with the proportions of the target.

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
from skdomain.transport._class_proportions import jcpot_plans
from skdomain.transport._ground_cost import COST_CONSTRAINTS, GroundCost
from skdomain.transport._leading_axes import AXES_CONSTRAINTS, distance_coordinates
from skdomain.transport._plans import PLAN_DTYPES


class JCPOT(CarriedLabels):
    """Classify target rows by plans from several sources, whatever the proportions of its classes.

    Each source k has an entropic plan ``G_k`` in which the rows of a class send equal masses, of
    sum ``h_c``. The proportions h are the same for all sources and are found with the plans: the
    geometric mean of what each of them would send, see :func:`jcpot_plans`. A target row has the
    classes of its mass, in the mean over the K sources::

        p(c|x_j) = 1/K sum_k sum_(i in c) G_kij / sum_i G_kij

    Parameters
    ----------
    reg : float, default=0.1
        Weight of the entropy, > 0, in units of the cost: mass is spread over rows whose costs
        differ by about as much.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    n_components : int or None, default=30
        Leading axes of all rows, centred, that squared distances are those along; those of other
        metrics are of all features, as are all where this is None.
    cost_scale : {"median", "mean", "max"} or None, default="median"
        Which cost, of all sources, counts as 1, so that units of the rows change nothing. None:
        costs are as they are.
    max_iter : int, default=1000
        Largest number of iterations.
    tol : float, default=1e-4
        Iterations end where no more than this mass of a plan is in the wrong place, of 1 in all.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes of all sources.
    target_priors_ : ndarray of shape (n_classes,)
        h, the proportions of the classes in the target.
    sources_ : ndarray of shape (n_sources,), int64
        Names of the sources, the positive values of ``sample_domain``, in order.
    plans_ : list of ndarray of shape (n_source_k, n_target)
        Masses of each source, in the order of the rows of each domain.
    n_iter_ : int
        Number of iterations.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    OTLabelPropagation : The target has the proportions of the source, but may have moved.
    skdomain.label_shift.LabelShiftClassifier : Corrects any classifier for new proportions.

    Notes
    -----
    Target shift is assumed: rows of a class are alike in all domains. So domains are not centred,
    as they are by the other methods of transport. Several target domains are pooled. Source rows
    are classified as if they were rows of the target.

    The authors' program spreads each source row over the target and adds up what arrives; here the
    columns count, which are probabilities.

    O(n_source n_target) memory, and as much time an iteration; a new row takes O(n_source
    n_features). The axes of n rows of d features take O(n d min(n, d)) once.

    The authors measure distances in all features: ``n_components=None``.

    References
    ----------
    I. Redko, N. Courty, R. Flamary and D. Tuia (2019), "Optimal transport for multi-source domain
    adaptation under target shift", AISTATS, 849-858.

    Examples
    --------
    Half of each source is of class 1, and three quarters of the target:

    >>> from skdomain.transport import JCPOT
    >>> X = [[0.0], [9.0], [1.0], [8.0], [0.2], [9.2], [8.8], [8.5]]
    >>> y, sample_domain = [0, 1, 0, 1, -1, -1, -1, -1], [1, 1, 2, 2, -3, -3, -3, -3]
    >>> model = JCPOT().fit(X, y, sample_domain=sample_domain)
    >>> model.target_priors_.round(2)
    array([0.25, 0.75])
    >>> model.predict([[0.1], [7.0]])
    array([0, 1])
    """

    _parameter_constraints: dict = (
        COST_CONSTRAINTS
        | AXES_CONSTRAINTS
        | {
            "reg": [Interval(Real, 0, None, closed="neither")],
            "max_iter": [Interval(Integral, 1, None, closed="left")],
            "tol": [Interval(Real, 0, None, closed="neither")],
        }
    )

    def __init__(
        self,
        reg: float = 0.1,
        *,
        metric: str | Callable[..., Any] = "sqeuclidean",
        n_components: int | None = 30,
        cost_scale: str | None = "median",
        max_iter: int = 1000,
        tol: float = 1e-4,
    ) -> None:
        self.reg = reg
        self.metric = metric
        self.n_components = n_components
        self.cost_scale = cost_scale
        self.max_iter = max_iter
        self.tol = tol

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find plans and proportions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; one number a source.
            None: all rows are of one source, whose plan is with itself, and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        JCPOT
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the sources have fewer than two classes, or sample_domain does not
            fit X.

        Warns
        -----
        ConvergenceWarning
            If tol is not met within max_iter.
        """
        X = validate_data(self, X, dtype=PLAN_DTYPES)
        domains = fit_domains(sample_domain, len(X), self)
        source = domains > 0
        labels = source_classes(X, y, source, self)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        self.sources_ = np.unique(domains[source])
        sides = [np.flatnonzero(domains[source] == name) for name in self.sources_]
        coordinates = distance_coordinates(X, self.n_components, self.metric)
        Z = coordinates(X)
        Zs, Zt = Z[source], Z[source] if source.all() else Z[~source]
        ground = GroundCost(self.metric, self.cost_scale, centred=False)
        M, unit = ground.between(Zs, Zt)
        options = {"max_iter": self.max_iter, "tol": self.tol}
        found = jcpot_plans(
            [M[rows] for rows in sides], [codes[rows] for rows in sides], reg=self.reg, **options
        )
        self.target_priors_ = found.proportions
        self.plans_ = [each.plan for each in found.plans]
        self.n_iter_ = found.plans[0].n_iter
        one_hot = np.eye(len(self.classes_))[codes]
        columns = [
            PlanColumns(coordinates, Zs[rows], ground, unit, each.source_potential, self.reg)
            for rows, each in zip(sides, found.plans, strict=True)
        ]
        self._carriers = [(each, one_hot[rows]) for each, rows in zip(columns, sides, strict=True)]
        return self
