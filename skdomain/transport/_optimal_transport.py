"""Optimal transport of source rows onto the target: each goes where the plan sends its mass.

N. Courty, R. Flamary, D. Tuia and A. Rakotomamonjy (2017), "Optimal transport for domain
adaptation", IEEE Transactions on Pattern Analysis and Machine Intelligence 39(9), 1853-1865.
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains, rows_where, source_classes
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.transport._class_regularised import class_plan
from skdomain.transport._displacement import Displacement
from skdomain.transport._exact import exact_plan
from skdomain.transport._ground_cost import COST_CONSTRAINTS, GroundCost
from skdomain.transport._plans import PLAN_DTYPES, TransportPlan, barycentric_rows, cached_batches
from skdomain.transport._sinkhorn import sinkhorn_plan

_PLAN_CONSTRAINTS: dict = COST_CONSTRAINTS | {
    "reg": [Interval(Real, 0, None, closed="neither"), None],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="neither")],
}


class OptimalTransport(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """Move source rows onto the target by an optimal transport plan.

    The plan G minimises over all plans with equal masses of the rows of a domain::

        <G, M> + reg KL(G|ab') + class_reg Omega(G)

    with M the distances of source and target rows, in units of ``cost_scale``, and Omega small
    where a target row gets its mass from one class. A source row goes where its mass goes,
    ``T(x_i) = sum_j G_ij xt_j / sum_j G_ij``, less what the same plan of the source onto itself
    would move it. Target rows stay as they are.

    Parameters
    ----------
    reg : float or None, default=0.05
        Weight of the entropy, > 0, in units of the cost: mass is spread over target rows whose
        costs differ by about as much. None: none, an exact plan, which needs POT
        (``pip install skdomain[ot]``) where the domains have different numbers of rows.
    class_reg : float, default=0.1
        Weight of the class term, >= 0, in units of the cost; 0 needs no y, and takes rows whose
        labels are values.
    unbalanced : float, default=None
        What it costs per mass, in units of the cost, not to send or not to receive what a row has,
        > 0: where the domains differ in the proportions of what they consist of. None: all mass is
        sent and received.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    cost_scale : {"median", "mean", "max"} or None, default="median"
        Which cost counts as 1, so that units of the rows change nothing. None: costs are as they
        are.
    out_of_sample : {"nearest", "linear", "kernel"}, default="nearest"
        How source rows move that were not fitted: as the nearest fitted one, or by ridge or kernel
        ridge regression on the moves of all.
    debias : bool, default=True
        Whether to take off by how much the source would move onto itself: without it, entropy draws
        all rows towards the mean of the target.
    max_iter : int, default=2000
        Largest number of iterations of a plan.
    tol : float, default=1e-4
        Iterations end where no more than this mass is in the wrong place, of 1 in all; it is moved
        then, so that all sums hold.

    Attributes
    ----------
    plan_ : ndarray of shape (n_source, n_target)
        Masses, in the order of the rows of each domain.
    mapped_ : ndarray of shape (n_source, n_features)
        The fitted source rows, moved.
    cost_ : float
        ``<G, M>``, in units of the cost.
    cost_unit_ : float
        The cost that counts as 1, in units of the metric.
    n_iter_ : int
        Number of iterations of the last plan from source to target; 1 where it is exact.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.alignment.LinearMonge : The same as if both domains were Gaussian, by a formula.
    JDOTClassifier : Plan and classifier at once.

    Notes
    -----
    Squared distances are taken after each domain is centred, unless unbalanced: that changes no
    plan, and the unit does not grow with the distance of the domains.

    O(n_source n_target) memory, and as much time an iteration. A plan has equal masses in mind: if
    the classes have other proportions in the target, some of a class is sent to another one. Then
    set ``unbalanced``, or take a method of label shift.

    References
    ----------
    N. Courty, R. Flamary, D. Tuia and A. Rakotomamonjy (2017), "Optimal transport for domain
    adaptation", IEEE Transactions on Pattern Analysis and Machine Intelligence 39(9), 1853-1865.

    J. Feydy, T. Séjourné, F.-X. Vialard, S. Amari, A. Trouvé and G. Peyré (2019), "Interpolating
    between optimal transport and MMD using Sinkhorn divergences", AISTATS, 2681-2690.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.transport import OptimalTransport
    >>> X = np.array([[0.0], [1.0], [5.0], [6.0]])
    >>> model = OptimalTransport(reg=None, class_reg=0)
    >>> model.fit_transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([5., 6., 5., 6.])
    """

    _parameter_constraints: dict = _PLAN_CONSTRAINTS | {
        "class_reg": [Interval(Real, 0, None, closed="left")],
        "unbalanced": [Interval(Real, 0, None, closed="neither"), None],
        "out_of_sample": [StrOptions({"nearest", "linear", "kernel"})],
        "debias": ["boolean"],
    }

    def __init__(
        self,
        reg: float | None = 0.05,
        *,
        class_reg: float = 0.1,
        unbalanced: float | None = None,
        metric: str | Callable[..., Any] = "sqeuclidean",
        cost_scale: str | None = "median",
        out_of_sample: str = "nearest",
        debias: bool = True,
        max_iter: int = 2000,
        tol: float = 1e-4,
    ) -> None:
        self.reg = reg
        self.class_reg = class_reg
        self.unbalanced = unbalanced
        self.metric = metric
        self.cost_scale = cost_scale
        self.out_of_sample = out_of_sample
        self.debias = debias
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
        y : array-like of shape (n_samples,), default=None
            Classes of the source rows, read where ``class_reg`` is above 0; what it holds on target
            rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, none moves, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        OptimalTransport
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, sample_domain does not fit X, ``class_reg`` is above 0 and y is
            missing, or ``unbalanced`` is set and reg None.
        ImportError
            If reg is None, the domains differ in their number of rows and POT is not installed.
        """
        self._fit(X, y, sample_domain)
        return self

    def _fit(self, X, y, sample_domain):
        """Find the plan, and return the rows as they were read."""
        X = validate_data(self, X, dtype=PLAN_DTYPES)
        source = fit_domains(sample_domain, len(X), self) > 0
        if self.unbalanced is not None and self.reg is None:
            raise ValueError(
                "unbalanced needs an entropic plan, but reg is None; pass a number for reg, such "
                "as 0.05."
            )
        labels = self._classes(X, y, source) if self.class_reg > 0 else None
        Xs, Xt = rows_where(X, source), rows_where(X, ~source)
        moves = np.zeros(Xs.shape) if source.all() else self._moves(Xs, Xt, labels)
        if source.all():
            self.plan_, self.cost_, self.cost_unit_, self.n_iter_ = Xs[:, :0], 0.0, 1.0, 1
        self.displacement_ = Displacement(Xs, moves, self.out_of_sample)
        return X

    @property
    def mapped_(self) -> np.ndarray:
        """The fitted source rows, moved."""
        return self.displacement_.mapped()

    def _classes(self, X, y, source):
        """Classes of the source rows, of which the class term tells."""
        labels = source_classes(X, y, source, self)
        check_classification_targets(labels)
        return labels

    def _moves(self, Xs, Xt, labels):
        """Set the plan, and return how far each source row moves."""
        centred = self.metric == "sqeuclidean" and self.unbalanced is None
        ground = GroundCost(self.metric, self.cost_scale, centred)
        M, self.cost_unit_ = ground.between(Xs, Xt)
        found = self._plan(M, labels)
        self.plan_, self.n_iter_ = found.plan, max(1, found.n_iter)
        self.cost_ = float(np.vdot(found.plan, M))
        images = barycentric_rows(found.plan, Xs, Xt)
        if not self.debias or self.reg is None:
            return np.subtract(images, Xs, out=images)
        own = self._plan(ground.raw(Xs, Xs) / self.cost_unit_, labels).plan
        moved = found.plan.any(axis=1)[:, None]
        return np.where(moved, images - barycentric_rows(own, Xs, Xs), 0.0)

    def _plan(self, M, labels):
        options = {"max_iter": self.max_iter, "tol": self.tol}
        if labels is not None:
            weights = {"class_reg": self.class_reg, "unbalanced": self.unbalanced}
            return class_plan(M, labels, reg=self.reg, **weights, **options).found
        if self.reg is None:
            return TransportPlan(exact_plan(M), None, None, 0.0, 0)
        return sinkhorn_plan(M, reg=self.reg, unbalanced=self.unbalanced, **options)

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> np.ndarray:
        """Find the plan and move the source rows.

        Parameters
        ----------
        X, y, sample_domain
            As in :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The same as ``fit(X, y, sample_domain).transform(X, sample_domain)``.
        """
        X = self._fit(X, y, sample_domain).copy()
        places = np.flatnonzero(new_domains(sample_domain, len(X)) > 0)
        for some in cached_batches(len(places), X.shape[1]):
            X[places[some]] = self.displacement_.mapped(some)
        return X

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Move source rows; target rows stay as they are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Fitted source rows as the plan moves them, other source rows as ``out_of_sample`` says,
            and target rows unchanged, in the order and dtype of X.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or sample_domain does not fit X.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=PLAN_DTYPES).copy()
        source = new_domains(sample_domain, len(X)) > 0
        X[source] += self.displacement_.of(X[source]).astype(X.dtype, copy=False)
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.class_reg > 0
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
