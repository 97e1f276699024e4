"""JDOT for values: a target row has the mean of the values whose mass comes to it.

N. Courty, R. Flamary, A. Habrard and A. Rakotomamonjy (2017), "Joint distribution optimal
transportation for domain adaptation", NeurIPS 30.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone, is_regressor
from sklearn.linear_model import Ridge

from skdomain._domains import source_labels
from skdomain._estimators import answer_of
from skdomain.transport._joint import JointTransport
from skdomain.transport._plans import class_masses


class JDOTRegressor(JointTransport):
    """Joint distribution optimal transport around any regressor.

    Finds a plan G and a regressor f of target rows that fit each other, in turn::

        min <G, (1 - alpha) M + alpha L(f)> + reg KL(G|ab')

    with M the distances of rows, in units of ``cost_scale``, and ``L_ij = |y_i - f(x_j)|^2`` in
    units of the variance of y. f is trained on the target rows with the values that the plan brings
    them, ``sum_i G_ij y_i / sum_i G_ij``.

    Parameters
    ----------
    estimator : regressor, default=None
        Any regressor. None: Ridge.
    alpha : float in [0, 1], default=0.2
        Share of the loss in the cost.
    reg : float or None, default=0.02
        Weight of the entropy, > 0, in units of the cost. None: none, exact plans, which need POT
        (``pip install skdomain[ot]``) where the domains have different numbers of rows.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    cost_scale : {"median", "mean", "max"} or None, default="median"
        Which distance counts as 1, so that units of the rows change nothing.
    max_iter : int, default=20
        Largest number of rounds.
    tol : float, default=1e-3
        Rounds end where the objective falls by no more than this share of itself.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    estimator_ : regressor
        The regressor of the last round.
    plan_ : ndarray of shape (n_source, n_target)
        Masses, in the order of the rows of each domain.
    target_values_ : ndarray of shape (n_target,) or (n_target, n_outputs)
        Values that the plan brings the fitted target rows.
    n_iter_ : int
        Number of rounds.
    termination_ : {"converged", "estimator", "max_iter"}
        Why they ended: the objective stayed nearly the same; a new fit of the estimator did not
        lower it, and was not taken; or there were ``max_iter``.
    history_ : dict of ndarray of shape (`n_iter_`,)
        After each round ``objective``, which falls, and ``loss``, ``<G, L>``.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    JDOTClassifier : The same for classes.

    Notes
    -----
    As ``sum_i G_ij |y_i - f_j|^2`` is ``b_j |f_j - yhat_j|^2`` and what does not depend on f, least
    squares on the values that the plan brings are the best answer to it.

    O(n_source n_target) memory, and as much time an iteration of a plan, of which a round has tens
    to hundreds.

    References
    ----------
    N. Courty, R. Flamary, A. Habrard and A. Rakotomamonjy (2017), "Joint distribution optimal
    transportation for domain adaptation", NeurIPS 30.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdomain.transport import JDOTRegressor
    >>> X = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    >>> y = np.array([0.0, 3.0, 6.0, np.nan, np.nan, np.nan])
    >>> model = JDOTRegressor(LinearRegression(), reg=None)
    >>> model.fit(X, y, sample_domain=[1, 1, 1, -2, -2, -2]).predict([[11.0]])
    array([3.])
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        alpha: Any = 0.2,
        reg: float | None = 0.02,
        metric: str | Callable[..., Any] = "sqeuclidean",
        cost_scale: str | None = "median",
        max_iter: int = 20,
        tol: float = 1e-3,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.alpha = alpha
        self.reg = reg
        self.metric = metric
        self.cost_scale = cost_scale
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose

    random_state = None  # nothing is drawn

    def _inner(self):
        return Ridge() if self.estimator is None else self.estimator

    def _check_inner(self):
        if not is_regressor(self._inner()):
            raise ValueError(
                f"JDOTRegressor needs a regressor, got {type(self._inner()).__name__}; take "
                "JDOTClassifier for classes."
            )

    def _labels(self, X, y, source):
        return np.asarray(source_labels(X, y, source, self), dtype=np.float64)

    def _train(self, labels, Xt, plan, rng):
        return clone(self._inner()).fit(Xt, _brought(plan, labels))

    def _losses(self, labels, Xt, model):
        predicted = answer_of(model, "predict", Xt)
        return squared_losses(labels, np.asarray(predicted, dtype=np.float64))

    def _keep(self, rounds, labels, Xt):
        super()._keep(rounds, labels, Xt)
        self.target_values_ = _brought(rounds[-1].plan, labels)


def squared_losses(y, predicted):
    """``|y_i - p_j|^2`` over the variance of y, of shape (n_source, n_target)."""
    y, predicted = (values.reshape(len(values), -1) for values in (y, predicted))
    variance = float(y.var(axis=0).sum())
    differences = np.square(y[:, None] - predicted).sum(axis=2)
    return differences / (variance if variance > 0 else 1.0)


def _brought(plan, values):
    """Values that a plan brings the target rows, in the shape of those of the source."""
    table = class_masses(plan, values.reshape(len(values), -1))
    return table.reshape(len(table), *values.shape[1:])
