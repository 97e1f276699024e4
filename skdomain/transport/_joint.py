"""Joint distribution transport: rows and labels matched at once, with any model.

N. Courty, R. Flamary, A. Habrard and A. Rakotomamonjy (2017), "Joint distribution optimal
transportation for domain adaptation", NeurIPS 30.
"""

from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, warn_caller
from skdomain._estimators import SourceEstimator, all_or_nothing, progress
from skdomain.transport._class_regularised import plan_objective
from skdomain.transport._exact import exact_plan
from skdomain.transport._ground_cost import COST_CONSTRAINTS, GroundCost
from skdomain.transport._plans import PLAN_DTYPES
from skdomain.transport._sinkhorn import unwarned_plan

_PLAN = {"tol": 1e-5, "max_iter": 10000}


class Round(NamedTuple):
    """A plan, the model that was trained on it, and what both are worth."""

    plan: np.ndarray
    start: tuple | None
    model: object
    planned: float
    objective: float
    loss: float


def joint_rounds(M, train, losses, *, alpha, reg, max_iter, tol):
    """Plan and model in turn: ``min <G, (1 - alpha) M + alpha L(f)> + reg KL(G|ab')``.

    Parameters
    ----------
    M : ndarray of shape (n_source, n_target)
        Cost of rows.
    train : callable
        Gives a model from a plan.
    losses : callable
        Gives from a model the matrix L, of the dtype of M: loss of what it predicts of a target
        row with the label of a source row.
    alpha : float
        Share of the loss, in [0, 1].
    reg : float or None
        Weight of the entropy, > 0; None: none.
    max_iter : int
        Largest number of rounds.
    tol : float
        Rounds end where the objective falls by no more than this share of itself.

    Yields
    ------
    Round
        With an objective below that of the one before: a round that does not lower it is not
        given, and the rounds end.
    """
    a, b = (np.full(n, 1 / n) for n in M.shape)
    rows, L, last = (1 - alpha) * M, None, None
    for _ in range(max_iter):
        cost = rows if L is None else rows + alpha * L
        plan, start = _plan(cost, reg, None if last is None else last.start)
        planned = np.inf if L is None else plan_objective(plan, cost, a, b, reg=reg)
        model = train(plan)
        L = losses(model)
        objective = plan_objective(plan, rows + alpha * L, a, b, reg=reg)
        if last is not None and objective >= last.objective:
            return
        yield Round(plan, start, model, planned, objective, float(np.vdot(plan, L)))
        if last is not None and last.objective - objective <= tol * abs(last.objective):
            return
        last = Round(plan, start, model, planned, objective, 0.0)


def _plan(cost, reg, start):
    if reg is None:
        return exact_plan(cost), None
    # a plan that is not quite the best is judged by the objective, as all of the round is
    found = unwarned_plan(cost, reg=reg, start=start, **_PLAN)
    return found.plan, (found.source_potential, found.target_potential)


class JointTransport(SourceEstimator):
    """Model trained on target rows, with labels that a plan brings from the source.

    A subclass reads labels in ``_labels(X, y, source)``, trains in ``_train(labels, Xt, plan)`` and
    gives losses in ``_losses(labels, Xt, model)``.
    """

    _parameter_constraints: dict = (
        SourceEstimator._parameter_constraints
        | COST_CONSTRAINTS
        | {
            "alpha": [Interval(Real, 0, 1, closed="both")],
            "reg": [Interval(Real, 0, None, closed="neither"), None],
            "max_iter": [Interval(Integral, 1, None, closed="left")],
            "tol": [Interval(Real, 0, None, closed="left")],
            "verbose": ["verbose"],
        }
    )

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate plan and model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the estimator is trained on them, and :class:`~skdomain.NoTargetWarning`
            says so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, there is no source row, y is missing or sample_domain does not fit
            X.
        ImportError
            If reg is None, the domains differ in their number of rows and POT is not installed.

        Warns
        -----
        ConvergenceWarning
            If the objective still falls in round ``max_iter``.
        """
        self._check_inner()
        X = self._validate(X, reset=True)
        source = fit_domains(sample_domain, len(X), self) > 0
        labels, Xs, Xt = self._labels(X, y, source), X[source], X[~source]
        if source.all():
            Xt, rounds = Xs, [self._alone(labels, Xs)]
        else:
            rounds = self._rounds(labels, Xs, Xt)
        self._keep(rounds, labels, Xt)
        return self

    def _rounds(self, labels, Xs, Xt):
        """Rounds, until they end."""
        M, _ = GroundCost(self.metric, self.cost_scale).between(Xs, Xt)
        seed = check_random_state(self.random_state).randint(2**31)
        found = joint_rounds(
            M,
            lambda plan: self._train(labels, Xt, plan, np.random.RandomState(seed)),
            lambda model: self._losses(labels, Xt, model).astype(M.dtype, copy=False),
            **{name: getattr(self, name) for name in ("alpha", "reg", "max_iter", "tol")},
        )
        bar = {"description": type(self).__name__, "verbose": self.verbose}
        return list(progress(found, n=self.max_iter, **bar))

    def _alone(self, labels, Xs):
        """The one round of a source without a target, whose rows keep their labels."""
        plan = np.eye(len(Xs)) / len(Xs)
        model = self._train(labels, Xs, plan, check_random_state(self.random_state))
        return Round(plan[:, :0], None, model, np.inf, 0.0, 0.0)

    def _keep(self, rounds, labels, Xt):
        last = rounds[-1]
        self.estimator_, self.plan_, self.n_iter_ = last.model, last.plan, len(rounds)
        self.history_ = {
            name: np.array([getattr(each, name) for each in rounds])
            for name in ("objective", "loss")
        }
        self.termination_ = self._reason(self.history_["objective"])
        if self.termination_ == "max_iter":
            warn_caller(
                f"the objective of {type(self).__name__} still fell in round {len(rounds)}; raise "
                "max_iter or tol.",
                ConvergenceWarning,
            )

    def _reason(self, objective):
        """Why rounds ended that had these objectives."""
        fell = -np.diff(objective)
        settled = len(fell) and fell[-1] <= self.tol * abs(objective[-2])
        if settled or not self.plan_.size:
            return "converged"
        return "max_iter" if len(objective) == self.max_iter else "estimator"

    def _validate(self, X, *, reset):
        return validate_data(self, X, reset=reset, dtype=PLAN_DTYPES)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        for name in ("sparse", "allow_nan", "string", "categorical", "three_d_array"):
            setattr(tags.input_tags, name, False)
        return tags
