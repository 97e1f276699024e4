"""AdaBoost.R2 by weighted fits, and the weighted median that its models vote by.

H. Drucker (1997), "Improving regressors using boosting techniques", ICML, 107-115.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import check_random_state

from skdomain.boosting._boosted import fit_weighted

CHANCE = 0.5


@dataclass(frozen=True, eq=False)
class Rounds:
    """What the rounds of boosting end with.

    Parameters
    ----------
    estimators : list
        Fitted models h_t.
    errors : ndarray of shape (n_rounds,)
        Mean adjusted errors eps_t.
    history : ndarray of shape (n_rounds, n_rows)
        Weights that each model was trained with, of sum 1.
    termination : {"n_estimators", "perfect", "no better than chance"}
        Why the rounds ended.
    """

    estimators: list
    errors: np.ndarray
    history: np.ndarray
    termination: str

    @property
    def votes(self):
        """``ln(1 / beta_t)``: infinite of a perfect model, 1 of one no better than chance."""
        with np.errstate(divide="ignore"):
            return np.where(self.errors < CHANCE, np.log((1 - self.errors) / self.errors), 1.0)

    def predict(self, X):
        """Weighted median of all the models."""
        return weighted_median(
            np.array([model.predict(X) for model in self.estimators]), self.votes
        )


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


def weighted_median(values, votes):
    """Smallest value of each column at which half of the votes are reached.

    Parameters
    ----------
    values : ndarray of shape (n_voters, n_rows)
        What each voter says of each row.
    votes : ndarray of shape (n_voters,)
        Votes, at least 0; infinite ones leave the others without a say.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    infinite = np.isinf(votes)
    votes = infinite.astype(float) if infinite.any() else votes
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(votes[order], axis=0)
    middle = np.argmax(reached >= reached[-1] / 2, axis=0)
    return np.take_along_axis(values, order, axis=0)[middle, np.arange(values.shape[1])]


def boost(estimator, X, y, weights, *, n_estimators, counted, update, seed=None, bar=iter):
    """Fit, take the adjusted errors, reweigh: until a model is perfect or no better than chance.

    Parameters
    ----------
    estimator : estimator
        Cloned for each round.
    X, y : ndarrays of shape (n_rows, n_features) and (n_rows,)
        Training rows.
    weights : ndarray of shape (n_rows,)
        First weights, positive; each model is trained with weights of the same sum.
    n_estimators : int
        Largest number of rounds.
    counted : ndarray of shape (n_rows,), bool
        Rows whose weighted mean of adjusted errors is eps_t.
    update : callable
        ``update(log_weights, errors, beta_t)`` returns the next logarithms, on any scale;
        ``beta_t = eps_t / (1 - eps_t)``.
    seed : int, RandomState instance or None, default=None
        Seeds the clones.
    bar : callable, default=iter
        Wraps the range of rounds to show progress.

    Returns
    -------
    Rounds
        At least one. A later model that is no better than chance is dropped.
    """
    rng = check_random_state(seed)
    log_weights, total = np.log(weights), weights.sum()
    rounds, termination = [], "n_estimators"
    for _ in bar(range(n_estimators)):
        shares = np.exp(log_weights - logsumexp(log_weights))
        model = fit_weighted(estimator, X, y, shares * total, rng)
        errors = adjusted_errors(y, model.predict(X))
        error = np.average(errors[counted], weights=shares[counted])
        if error >= CHANCE:
            termination = "no better than chance"
        if error < CHANCE or not rounds:
            rounds.append((model, error, shares))
        if error == 0:
            termination = "perfect"
        if termination != "n_estimators":
            break
        log_weights = update(log_weights, errors, error / (1 - error))
    models, errors, history = zip(*rounds, strict=True)
    return Rounds(list(models), np.array(errors), np.array(history), termination)


def adaboost_r2(estimator, X, y, weights, *, moving, n_estimators, seed=None, bar=iter):
    """AdaBoost.R2, where the weights of some rows may hold still.

    Each round multiplies the weights by ``beta_t^(1 - e_i)``, then scales them to sum 1. The rows
    that do not move keep theirs, and the others keep their sum. eps_t is of all rows.

    Parameters
    ----------
    estimator, X, y, n_estimators, seed, bar
        As in :func:`boost`.
    weights : ndarray of shape (n_rows,)
        First weights; rows of weight 0 are left out.
    moving : ndarray of shape (n_rows,), bool
        Rows that are reweighted.

    Returns
    -------
    Rounds
    """
    kept = np.flatnonzero(weights)
    moving = moving[kept]

    def update(log_weights, errors, beta):
        moved = log_weights[moving] + (1 - errors[moving]) * np.log(beta)
        log_weights = log_weights - logsumexp(log_weights)
        log_weights[moving] = moved + logsumexp(log_weights[moving]) - logsumexp(moved)
        return log_weights

    rounds = boost(
        estimator,
        X[kept],
        y[kept],
        weights[kept],
        n_estimators=n_estimators,
        counted=np.ones(len(kept), dtype=bool),
        update=update,
        seed=seed,
        bar=bar,
    )
    history = np.zeros((len(rounds.history), len(y)))
    history[:, kept] = rounds.history
    return replace(rounds, history=history)
