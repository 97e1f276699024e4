"""Rounds of boosting: train, judge, reweigh, until a model is perfect or no better than chance."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

CHANCE = 0.5


class Trained(NamedTuple):
    """Model h_t of one round, and how wrong it is.

    Parameters
    ----------
    model : estimator
        Fitted model.
    error : float
        Its weighted error eps_t on the rows that judge it.
    errors : ndarray of shape (n_rows,)
        Errors e_i of the single rows, in [0, 1] or boolean.
    chosen : int, default=0
        Number of the candidate that it was.
    """

    model: object
    error: float
    errors: np.ndarray
    chosen: int = 0


@dataclass(frozen=True, eq=False)
class Rounds:
    """What the rounds of boosting end with.

    Parameters
    ----------
    estimators : list
        Fitted models h_t.
    errors : ndarray of shape (n_rounds,)
        Their errors eps_t.
    votes : ndarray of shape (n_rounds,)
        ``ln(1 / beta_t)``: infinite of a perfect model, 1 of one no better than chance.
    history : ndarray of shape (n_rounds, n_rows)
        Weights that each model was trained with, of sum 1.
    chosen : ndarray of shape (n_rounds,), int
        Which of the candidates each was.
    termination : {"n_estimators", "perfect", "no better than chance"}
        Why the rounds ended.
    """

    estimators: list
    errors: np.ndarray
    votes: np.ndarray
    history: np.ndarray
    chosen: np.ndarray
    termination: str


def log_discount(n_source, n_rounds):
    """``ln(1/beta) = ln(1 + sqrt(2 ln(n_source) / n_rounds))``."""
    return np.log1p(np.sqrt(2 * np.log(n_source) / n_rounds))


def log_vote(error, n_classes):
    """``ln(1/beta_t) = ln((1 - error) / error) + ln(n_classes - 1)``; infinite for no error."""
    with np.errstate(divide="ignore"):
        return np.log1p(-error) - np.log(error) + np.log(n_classes - 1)


def log_reweight(log_weights, errors, vote, *, judges, discount):
    """Next logarithms of the weights: rows gain the vote or lose the discount as they go wrong.

    ``w_i beta_t^(-e_i)`` of the rows that judge, ``w_i beta^(e_i)`` of the others.

    Parameters
    ----------
    log_weights : ndarray of shape (n_rows,)
        Logarithms of the weights.
    errors : ndarray of shape (n_rows,)
        Errors e_i in [0, 1]; boolean ones of a classifier.
    vote, discount : float
        ``ln(1/beta_t)`` and ``ln(1/beta)``.
    judges : ndarray of shape (n_rows,), bool
        Rows that judge the model.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    return log_weights + errors * np.where(judges, vote, -discount)


def normalized(log_weights):
    """Weights of sum 1."""
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def boosting_rounds(
    train,
    weights,
    reweigh,
    *,
    vote,
    n_rounds,
    chance=CHANCE,
    min_error=0.0,
    normalize=normalized,
    bar=iter,
):
    """Train, judge and reweigh, until the rounds are done or a model is perfect or useless.

    Parameters
    ----------
    train : callable
        Maps weights of sum 1 to a :class:`Trained` model.
    weights : ndarray of shape (n_rows,)
        Weights to start from, > 0.
    reweigh : callable
        ``reweigh(log_weights, errors, vote)`` returns the next logarithms, on any scale.
    vote : callable
        ``ln(1/beta_t)`` of an error eps_t.
    n_rounds : int
        Largest number of rounds.
    chance : float, default=0.5
        Error from which on a model is no better than chance.
    min_error : float, default=0.0
        Smallest error that is counted.
    normalize : callable, default=normalized
        Weights of sum 1 of their logarithms.
    bar : callable, default=iter
        Wraps the range of rounds to show progress.

    Returns
    -------
    Rounds
        At least one. A later model that is no better than chance is dropped.
    """
    rounds, termination = [], "n_estimators"
    log_weights = np.log(weights)
    for _ in bar(range(n_rounds)):
        shares = normalize(log_weights)
        model, error, errors, chosen = train(shares)
        if error >= chance:
            termination = "no better than chance"
            rounds = rounds or [(model, error, 1.0, shares, chosen)]
            break
        counted = max(error, min_error)
        log_odds = vote(counted)
        rounds.append((model, error, log_odds, shares, chosen))
        if counted == 0:
            termination = "perfect"
            break
        log_weights = reweigh(log_weights, errors, log_odds)
    estimators, *columns = zip(*rounds, strict=True)
    return Rounds(list(estimators), *map(np.array, columns), termination)
