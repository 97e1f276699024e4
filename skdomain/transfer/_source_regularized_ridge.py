"""Ridge regression whose weights are drawn to those of the source instead of to 0."""

from functools import partial
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, _fit_context
from sklearn.linear_model import Ridge
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._estimators import DomainPredictorMixin, all_or_nothing, answer_of
from skdomain.transfer._offset_ridge import RidgePath, left_out_cost
from skdomain.transfer._row_span import RowSpan
from skdomain.transfer._source_metric import (
    Euclidean,
    SourceMetric,
    find_precision,
    lams_about,
    sharpened_precision,
)
from skdomain.transfer._starts_from_source import STARTS_FROM, StartsFromSource, linear_part

_SHARES = [np.inf, *10.0 ** np.arange(4, -4.5, -0.5)]
_EXPECTED = 10**0.5  # of the mean squared singular value, in the metric of the identity


def best_ridge(Z, R, s, *, lams, modes, expected=None):
    """The path and the penalty of the smallest :func:`left_out_cost`; of one penalty, of the loss.

    Of equal ones the first counts. Where nothing can be told, as one row is left out of one, that
    is the first of all.

    Parameters
    ----------
    Z, R, s
        As in :class:`RidgePath`.
    lams : list of float
        Penalties; None stands for :data:`_SHARES` of the mean squared singular value of Z.
    modes : list of bool
        Whether the intercept is free.
    expected : float, default=None
        Penalty to expect where there are several; None: :data:`_EXPECTED` of that mean.

    Returns
    -------
    path : RidgePath
    lam : float
    left_out : float
        Mean squared left-out residual.
    """
    paths = [RidgePath(Z, R, s, free=free) for free in modes]
    scale = paths[0].scale()
    lams = [scale * share for share in _SHARES] if lams is None else lams
    cost = RidgePath.loss
    if len(lams) > 1:
        prior = _EXPECTED * scale if expected is None else expected
        cost = partial(left_out_cost, expected=prior, known=paths[0].loss(prior))
    tried = [(cost(path, lam), path, lam) for lam in lams for path in paths]
    _, path, lam = min(tried, key=lambda one: one[0])
    return path, float(lam), float(path.loss(lam))


def values_of(model, X):
    """What a regressor predicts."""
    return answer_of(model, "predict", X)


class SourceRegularizedRidge(
    StartsFromSource, DomainPredictorMixin, MetaEstimatorMixin, RegressorMixin, BaseEstimator
):
    """Ridge regression on the target's labels, its weights drawn to those of the source's model.

    Minimises over the labelled target rows, with ``ws`` the weights of the source's model::

        sum_i s_i (y_i - x_i'w - b)^2 + lam (w - ws)'P (w - ws)

    The more labels, the further w goes from ws: with ``lam = inf`` it is the source's model, with
    ``lam = 0`` the least squares of the target. Any model of the source will do: of one that is not
    linear, w is what is added to its predictions.

    Parameters
    ----------
    source_estimator : estimator, default=None
        Regressor of the source, trained on the source rows; None: ``Ridge()``. A fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows.
    lam : float or "auto", default="auto"
        Penalty, >= 0, may be ``inf``. "auto" takes, of 11 values from 1e3 to 1e-2 times an
        expected one, that of the smallest ``f / 2 ln(e / e0)``, with e the mean squared
        leave-one-out residual on the labelled target rows, in closed form (PRESS), e0 that of the
        expected one, and f the rows less the trace of the hat matrix, and of 2 for each decade
        from the expected one. That is the one that gives both domains the same weight, where the
        metric is that of the source; else sqrt(10) times the mean squared singular value m of the
        rows, with 17 values from 1e4 m to 1e-4 m. It is ``inf`` where no residual can be told.
    metric : {"auto", "identity", "source"}, default="auto"
        P. "source": the precision of the source's weights and intercept, ``Xs'Xs + alpha I`` of
        source rows with a column of ones, so that b belongs to w; what the source knows for sure
        changes less. Then ``lam = 1`` with ``Ridge(alpha)`` as the source's model is the ridge of
        all labelled rows, and lam is how much a source row counts. "identity": ``P = I``, and b has
        no penalty. "auto": that of the source, if there are source rows of at most 4000 features,
        or if the source's model has a ``precision_``.
    fit_intercept : bool or "auto", default="auto"
        Whether b may differ from that of the source. "auto" leaves this to the leave-one-out error,
        too, where P is the identity; else it is True.

    Attributes
    ----------
    source_estimator_ : estimator
        The source's model.
    lam_ : float
        Penalty used; ``inf`` where there is no labelled target row.
    left_out_error_ : float
        Weighted mean of the squared leave-one-out residuals; not finite where one row alone cannot
        tell, NaN without labelled target rows.
    added_coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        ``w - ws``, or w where the source's model is not linear.
    added_intercept_ : float or ndarray of shape (n_outputs,)
        b less that of the source.
    coef_, intercept_ : ndarray or None
        w and b, None where the source's model is not linear.
    precision_ : ndarray of shape (n_features + 1, n_features + 1) or None
        ``lam P`` and what the target rows add to it, the last entry that of b; None where P is the
        identity. A next fit that starts from this model, frozen, takes it as its P.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    Notes
    -----
    O(n m min(n, m)) time for n labelled target rows of m features, whatever the grid, and the
    training of the source's model; O(n_source m^2 + m^3) besides for the metric of the source.
    Several sources are pooled; ``sample_weight`` weighs them.

    A frozen estimator, not a parameter ``prefit``, says that a model is fitted, as it stays so when
    a search clones it.

    References
    ----------
    C. Chelba and A. Acero (2004), "Adaptation of maximum entropy capitalizer: little data can help
    a lot", Conference on Empirical Methods in Natural Language Processing, 285-292.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdomain.transfer import SourceRegularizedRidge
    >>> source = LinearRegression().fit([[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0])
    >>> model = SourceRegularizedRidge(FrozenEstimator(source), lam=1.0, fit_intercept=True)
    >>> model = model.fit([[0.0], [1.0]], [1.0, 4.0])
    >>> np.round([model.coef_[0], model.intercept_], 3)
    array([2.333, 1.333])
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        **StartsFromSource._source_constraints,
        "lam": [Interval(Real, 0, None, closed="both"), StrOptions({"auto"})],
        "metric": [StrOptions({"auto", "identity", "source"})],
        "fit_intercept": ["boolean", StrOptions({"auto"})],
    }
    _facts = (
        DomainPredictorMixin._facts
        | STARTS_FROM
        | {
            "predict": "Predict values: those of the source's model, and what is added to them",
            "predicted": "Predicted values; (n_samples, n_outputs) where there are several",
            "score": "R^2 on the target rows",
            "scored": "1 less the share of the variance that is not predicted",
        }
    )

    def __init__(
        self,
        source_estimator: Any = None,
        *,
        lam: str | float = "auto",
        metric: str = "auto",
        fit_intercept: str | bool = "auto",
    ) -> None:
        self.source_estimator = source_estimator
        self.lam = lam
        self.metric = metric
        self.fit_intercept = fit_intercept

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Train the source's model, and correct it by the labelled target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Values of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the source's model is what is left, and
            :class:`~skdomain.NoTargetWarning` says so. Where that model is frozen, None means that
            all rows are target rows, and source rows are not read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights s of the rows, at least 0; the source's model has to take them.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the value of a target row is known; the other target rows are left out.
            None: all those are known that are not missing (NaN, None or NA of pandas).

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X is not finite, there is no source row and no frozen model, there are target rows
            and none of them is labelled, an argument does not fit X, or ``metric="source"`` has
            nothing to find the precision from.
        """
        given, X, few = self._begin(X, y, sample_domain, sample_weight, labelled)
        sources, _, curvature = few.part(source=True)
        rows, values, s = few.part(source=False)
        P = find_precision(self, X[sources], lambda: curvature, self._source_penalty())
        shape, values = values.shape[1:], np.atleast_2d(values.T).T
        added = np.zeros((X.shape[1], values.shape[1])), np.zeros(values.shape[1])
        self.lam_, self.left_out_error_ = np.inf, np.nan
        if len(rows):
            said = self._source_values(*self._at(given, X, rows))
            left_over = values - said.reshape(values.shape)
            added = self._correct(X[rows], left_over, s, P)
            P = sharpened_precision(P, X[rows], s, self.lam_)
        self.precision_ = P
        self._keep(*added, shape, *self._at(given, X, few.rows[:100]))
        return self

    def _correct(self, X, left_over, s, P):
        """Weights and intercepts to add, for what the source's model leaves over."""
        metric = Euclidean() if P is None else SourceMetric(P, fit_intercept=self.fit_intercept)
        span = RowSpan(metric.rows(X))
        modes = [False, True] if self.fit_intercept == "auto" else [self.fit_intercept]
        equal = None if P is None else s.sum() / P[-1, -1]
        lams = None if P is None else lams_about(equal)
        path, self.lam_, self.left_out_error_ = best_ridge(
            span.Z,
            left_over,
            s,
            lams=lams if self.lam == "auto" else [self.lam],
            modes=modes if P is None else [False],
            expected=equal,
        )
        v, c = path.solution(self.lam_)
        w, b = metric.weights(span.lifted(v))
        return w, b + c

    def _keep(self, W, b, shape, given, X):
        def of_shape(W, b):
            return W.reshape(*shape, -1), b.reshape(shape)[()]

        self.added_coef_, self.added_intercept_ = of_shape(W.T, b)
        self.coef_, self.intercept_ = None, None
        linear = linear_part(self.source_estimator_, values_of, self._as_trained(given, X), X)
        if linear is not None:
            self.coef_, self.intercept_ = of_shape(linear[0] + W.T, linear[1] + b)

    def _source_values(self, given, X):
        return values_of(self.source_estimator_, self._as_trained(given, X))

    def _source_penalty(self):
        alpha = getattr(self.source_estimator_, "alpha", None)
        return alpha if isinstance(alpha, Real) and isinstance(self._inner(), Ridge) else 1.0

    def _predict_rows(self, method, X, sample_domain):
        numbers = self._numbers(X, reset=False)
        if self.coef_ is not None:
            return numbers @ self.coef_.T + self.intercept_
        said = self._source_values(X, numbers)
        return said + (numbers @ self.added_coef_.T + self.added_intercept_).reshape(said.shape)

    def _default_source(self):
        return Ridge()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
