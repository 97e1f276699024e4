"""The steps of two-stage TrAdaBoost.R2: source rows lose weight, held-out target rows judge.

D. Pardoe and P. Stone (2010), "Boosting for regression transfer", ICML, 863-870.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.parallel import Parallel, delayed

from skdomain._estimators import answer_of
from skdomain.boosting._adaboost_r2 import adaboost_r2, adjusted_errors
from skdomain.boosting._kept_rounds import first_surely_better
from skdomain.boosting._rounds import Rounds
from skdomain.boosting._votes import weighted_median

NO_ERROR = 1e-280  # so that the power that makes an error count does not overflow


@dataclass(frozen=True, eq=False)
class Stages(Rounds):
    """Rounds of the chosen step, and what all steps have found.

    Parameters
    ----------
    estimators, errors, votes, history, chosen, termination
        Of the chosen step.
    step_weights : ndarray of shape (n_steps, n_rows)
        Weights of each step, of sum 1.
    cv_errors : ndarray of shape (n_steps,)
        Mean squared error on held-out target rows.
    betas : ndarray of shape (n_steps - 1,)
        What leads from each step to the next.
    best : int
        Number of the chosen step.
    """

    step_weights: np.ndarray
    cv_errors: np.ndarray
    betas: np.ndarray
    best: int


def two_stage_weights(weights_s, weights_t, errors_s, *, share):
    """Shrink the source weights by their errors until the target holds a given share.

    Source weights become ``w_i beta^(e_i)``, then all are scaled to sum 1, with the beta at which
    the target weights sum to ``share``.

    Parameters
    ----------
    weights_s : array-like of shape (n_source,)
        Weights of the source rows, of positive sum.
    weights_t : array-like of shape (n_target,)
        Weights of the target rows, of positive sum.
    errors_s : array-like of shape (n_source,)
        Adjusted errors of the source rows, in [0, 1].
    share : float
        Wanted sum of the target weights, at least the present share and at most 1.

    Returns
    -------
    weights_s : ndarray of shape (n_source,)
    weights_t : ndarray of shape (n_target,)
    beta : float
        In [0, 1]. It is 0 if no larger one does: then only source rows without error keep weight,
        which is scaled down to what is left for them (nothing, if share is 1).

    Examples
    --------
    >>> from skdomain.boosting._stages import two_stage_weights
    >>> two_stage_weights([0.4, 0.4], [0.2], [1.0, 0.5], share=8 / 13)
    (array([0.0769..., 0.3076...]), array([0.6153...]), 0.0625...)
    """
    weights_t = np.asarray(weights_t, dtype=float)
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(weights_s, dtype=float))
    errors = np.asarray(errors_s, dtype=float)
    errors = np.where(errors > NO_ERROR, errors, 0)
    total = weights_t.sum()
    if share >= 1:
        return np.zeros(len(logs)), weights_t / total, 0.0
    power = root_power(logs, errors, np.log(total) + np.log1p(-share) - np.log(share))
    logs = np.where(errors == 0, logs, -np.inf) if power == np.inf else logs - power * errors
    return (
        (1 - share) * np.exp(logs - logsumexp(logs)),
        share * weights_t / total,
        float(np.exp(-power)),
    )


def root_power(logs, errors, wanted):
    """The p >= 0 at which ``ln sum_i exp(logs_i - p errors_i)``, which falls in p, is ``wanted``.

    0 if it lies below from the start, infinite if it never falls so far.
    """

    def excess(power):
        return logsumexp(logs - power * errors) - wanted

    if excess(0.0) <= 0:
        return 0.0
    if logsumexp(np.where(errors == 0, logs, -np.inf)) >= wanted:
        return np.inf
    high = 1.0
    while excess(high) > 0:
        high *= 2
    return brentq(excess, 0.0, high, xtol=1e-300, rtol=4 * np.finfo(float).eps, maxiter=2000)


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows to boost on, and how.

    Parameters
    ----------
    learner : skdomain.boosting._training.Learner
        Regressor to boost.
    X, y, weights : rows of shape (n_rows, n_features), ndarrays of shape (n_rows,) and (n_rows,)
        Training rows, and their positive first weights.
    source : ndarray of shape (n_rows,), bool
        True for source rows.
    n_estimators : int
        Largest number of rounds of AdaBoost.R2'.
    """

    learner: object
    X: object
    y: np.ndarray
    weights: np.ndarray
    source: np.ndarray
    n_estimators: int

    def rounds(self, shares, seed, *, rows=None):
        """AdaBoost.R2' on some of the rows (None: all), from the weights of a step."""
        rows = np.arange(len(self.y)) if rows is None else rows
        return adaboost_r2(
            self.learner.at(self.X, rows),
            _safe_indexing(self.X, rows),
            self.y[rows],
            scaled_like(shares[rows], self.weights[rows]),
            moving=~self.source[rows],
            n_estimators=self.n_estimators,
            seed=seed,
        )

    def held_out_error(self, shares, seed, fold):
        """Weighted sum of squared errors on a fold of a model of the other rows."""
        rows = np.setdiff1d(np.arange(len(self.y)), fold)
        boosted = self.rounds(shares, seed, rows=rows)
        X = _safe_indexing(self.X, fold)
        values = np.array([answer_of(model, "predict", X) for model in boosted.estimators])
        residuals = self.y[fold] - weighted_median(values, boosted.votes)
        return self.weights[fold] @ np.square(residuals)

    def adjusted_errors(self, shares, rng):
        """Errors of one model of the rows with weight; 0 of the others."""
        kept = np.flatnonzero(shares)
        X, y, learner = _safe_indexing(self.X, kept), self.y[kept], self.learner.at(self.X, kept)
        model = learner.fit(X, y, scaled_like(shares[kept], self.weights[kept]), rng)
        errors = np.zeros(len(shares))
        errors[kept] = adjusted_errors(y, answer_of(model, "predict", X))
        return errors


def scaled_like(shares, weights):
    """Shares on the scale at which they sum to the weights of the rows that have some."""
    return shares * (weights[shares > 0].sum() / shares.sum())


def two_stage(problem, *, n_steps, n_folds, cautious=False, seed=None, n_jobs=None, bar=iter):
    """Steps of two-stage TrAdaBoost.R2.

    Parameters
    ----------
    problem : Problem
        Rows of both domains; every n_folds-th target row goes into one fold.
    n_steps, n_folds, cautious, n_jobs
        As in :class:`~skdomain.boosting.TwoStageTrAdaBoostR2`.
    seed : int, RandomState instance or None, default=None
        Seeds the models.
    bar : callable, default=iter
        Wraps the range of steps to show progress.

    Returns
    -------
    Stages
    """
    rng, source = check_random_state(seed), problem.source
    target = np.flatnonzero(~source)
    folds = [target[start::n_folds] for start in range(min(n_folds, len(target)))]
    shares = problem.weights / problem.weights.sum()
    schedule = np.linspace(shares[target].sum(), 1, n_steps)
    sizes = np.array([problem.weights[fold].sum() for fold in folds])
    steps, betas, cv_errors, of_folds = [], [], [], []
    for step in bar(range(n_steps)):
        steps.append(shares)
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(folds))
        held_out = Parallel(n_jobs=n_jobs)(
            delayed(problem.held_out_error)(shares, int(seed), fold)
            for seed, fold in zip(seeds, folds, strict=True)
        )
        of_folds.append(np.array(held_out) / sizes)
        cv_errors.append(np.sum(held_out) / problem.weights[target].sum())
        if step < n_steps - 1:
            errors, following = problem.adjusted_errors(shares, rng), np.empty(len(source))
            following[source], following[target], beta = two_stage_weights(
                shares[source], shares[target], errors[source], share=schedule[step + 1]
            )
            shares = following
            betas.append(beta)
    best = first_surely_better(np.array(of_folds)) if cautious else int(np.argmin(cv_errors))
    chosen = problem.rounds(steps[best], rng)
    return Stages(
        **vars(chosen),
        step_weights=np.array(steps),
        cv_errors=np.array(cv_errors),
        betas=np.array(betas),
        best=best,
    )
