"""AdaBoost.R2 by weighted fits, where the weights of some rows may hold still.

Trees break ties between splits by the last bits of the weights, so each formula here is rounded as
the paper writes it.

H. Drucker (1997), "Improving regressors using boosting techniques", ICML, 107-115.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import _safe_indexing, check_random_state

from skdomain._estimators import answer_of
from skdomain.boosting._rounds import Trained, boosting_rounds


def adjusted_errors(y, predicted):
    """``e_i = |y_i - h(x_i)| / max_j |y_j - h(x_j)|``; 0 where all are right."""
    residuals = np.abs(y - predicted)
    largest = residuals.max()
    if not np.isfinite(largest):
        raise ValueError(
            f"a round of boosting is off by {largest}: the estimator predicts values that are not "
            "finite; scale X and y, or take another estimator."
        )
    return residuals / largest if largest > 0 else residuals


def error_log_odds(error):
    """``ln(1/beta_t)`` with ``beta_t = error / (1 - error)``; infinite for no error."""
    with np.errstate(divide="ignore"):
        return -np.log(error / (1 - error))


def shares_of(log_weights):
    """Weights of sum 1."""
    return np.exp(log_weights - logsumexp(log_weights))


def regressor_rounds(learner, X, y, weights, reweigh, *, judges, n_estimators, seed=None, bar=iter):
    """Rounds that train a regressor on all rows and judge it by adjusted errors.

    Parameters
    ----------
    learner : skdomain.boosting._training.Learner
        Trained in each round.
    X, y : rows of shape (n_rows, n_features) and ndarray of shape (n_rows,)
        Training rows.
    weights : ndarray of shape (n_rows,)
        First weights, positive; each model is trained with weights of the same sum.
    reweigh : callable
        As in :func:`skdomain.boosting._rounds.boosting_rounds`.
    judges : ndarray of shape (n_rows,), bool
        Rows whose weighted mean of adjusted errors is eps_t.
    n_estimators : int
        Largest number of rounds.
    seed : int, RandomState instance or None, default=None
        Seeds the clones.
    bar : callable, default=iter
        Wraps the range of rounds to show progress.

    Returns
    -------
    Rounds
    """
    rng, total = check_random_state(seed), weights.sum()

    def train(shares):
        model = learner.fit(X, y, shares * total, rng)
        errors = adjusted_errors(y, answer_of(model, "predict", X))
        return Trained(model, np.average(errors[judges], weights=shares[judges]), errors)

    return boosting_rounds(
        train,
        weights,
        reweigh,
        vote=error_log_odds,
        n_rounds=n_estimators,
        normalize=shares_of,
        bar=bar,
    )


def log_reweight_moving(log_weights, errors, vote, *, moving):
    """Logarithms of ``w_i beta_t^(1 - e_i)``, scaled to the sum that the moving rows had.

    The sum of all is scaled to 1 before; rows that do not move keep their share.
    """
    moved = log_weights[moving] - (1 - errors[moving]) * vote
    log_weights = log_weights - logsumexp(log_weights)
    log_weights[moving] = moved + logsumexp(log_weights[moving]) - logsumexp(moved)
    return log_weights


def adaboost_r2(learner, X, y, weights, *, moving, n_estimators, seed=None, bar=iter):
    """AdaBoost.R2, where the weights of some rows may hold still.

    Each round multiplies the weights by ``beta_t^(1 - e_i)``, then scales them to sum 1. The rows
    that do not move keep theirs, and the others keep their sum. eps_t is of all rows.

    Parameters
    ----------
    learner, X, y, n_estimators, seed, bar
        As in :func:`regressor_rounds`.
    weights : ndarray of shape (n_rows,)
        First weights; rows of weight 0 are left out.
    moving : ndarray of shape (n_rows,), bool
        Rows that are reweighted.

    Returns
    -------
    Rounds
    """
    kept = np.flatnonzero(weights)
    rounds = regressor_rounds(
        learner.at(X, kept),
        _safe_indexing(X, kept),
        y[kept],
        weights[kept],
        partial(log_reweight_moving, moving=moving[kept]),
        judges=np.ones(len(kept), dtype=bool),
        n_estimators=n_estimators,
        seed=seed,
        bar=bar,
    )
    history = np.zeros((len(rounds.history), len(y)))
    history[:, kept] = rounds.history
    return replace(rounds, history=history)
