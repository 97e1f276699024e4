"""Rounds of boosting that discount source rows and raise target rows, and the vote they end in."""

from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Rounds:
    """What the rounds of boosting end with.

    Parameters
    ----------
    learners : list
        Trained learners h_t.
    errors : ndarray of shape (n_rounds,)
        Their weighted errors eps_t on the rows that judge them.
    votes : ndarray of shape (n_rounds,)
        ``ln(1/beta_t)``.
    history : ndarray of shape (n_rounds, n_rows)
        Weights that each was trained with, of sum 1.
    chosen : ndarray of shape (n_rounds,), int
        Which of the candidates each was.
    termination : {"n_estimators", "perfect", "no better than chance"}
        Why the rounds ended.
    """

    learners: list
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


def useless(error, n_classes):
    """Whether a learner is no better than chance, ``1 - 1 / n_classes``."""
    return error >= 1 - 1 / n_classes - ROUNDING


def log_reweight(log_weights, wrong, judges, *, discount, vote):
    """Next logarithms of the weights: rows gone wrong gain the vote or lose the discount.

    Parameters
    ----------
    log_weights : ndarray of shape (n_rows,)
        Logarithms of the weights.
    wrong, judges : ndarray of shape (n_rows,), bool
        Rows that the learner got wrong, and rows that judge it, which are those that gain.
    discount, vote : float
        ``ln(1/beta)`` and ``ln(1/beta_t)``.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    return log_weights + wrong * np.where(judges, vote, -discount)


def normalized(log_weights):
    """Weights of sum 1."""
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def judged(candidates, p, judges):
    """Error, tie break, number, learner and wrong rows of each candidate."""
    for number, (learner, wrong, tie_break) in enumerate(candidates):
        error = p[judges & wrong].sum() / p[judges].sum()
        yield error, tie_break, number, learner, wrong


def boosting_rounds(
    train, weights, judges, *, discount, n_classes, n_rounds, min_error=0.0, bar=iter
):
    """Train, judge and reweight, until the rounds are done or a learner is perfect or useless.

    Parameters
    ----------
    train : callable
        Maps weights of sum 1 to candidates: tuples of a learner, the rows that it gets wrong and
        a figure that breaks ties of the errors.
    weights : ndarray of shape (n_rows,)
        Weights to start from, > 0.
    judges : ndarray of shape (n_rows,), bool
        Rows whose weighted share gone wrong is the error of a learner.
    discount, n_classes, n_rounds, min_error, bar
        ln(1/beta), C, N, the smallest error counted, and what wraps the range of the rounds.

    Returns
    -------
    Rounds
    """
    rounds, termination = [], "n_estimators"
    log_weights = np.log(weights)
    for _ in bar(range(n_rounds)):
        p = normalized(log_weights)
        error, _, number, learner, wrong = min(
            judged(train(p), p, judges), key=lambda candidate: candidate[:3]
        )
        if useless(error, n_classes):
            termination = "no better than chance"
            rounds = rounds or [(learner, error, 1.0, p, number)]
            break
        vote = log_vote(max(error, min_error), n_classes)
        rounds.append((learner, error, vote, p, number))
        if np.isinf(vote):
            termination = "perfect"
            break
        log_weights = log_reweight(log_weights, wrong, judges, discount=discount, vote=vote)
    learners, errors, votes, history, chosen = zip(*rounds, strict=True)
    return Rounds(
        list(learners), *(np.array(a) for a in (errors, votes, history, chosen)), termination
    )


def vote_shares(codes, votes, n_classes):
    """Share of the votes that each class gets.

    An infinite vote decides alone. Of classes that tie, the last is raised by a share of 1e-12,
    so that it has the largest share: the paper's ``>=`` is for class 1 of 0 and 1.

    Parameters
    ----------
    codes : ndarray of shape (n_voters, n_rows), int
        Classes that the learners predict.
    votes : ndarray of shape (n_voters,)
        Their votes, > 0.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of shape (n_rows, n_classes)
        Each row of sum 1.
    """
    votes = np.isinf(votes).astype(float) if np.isinf(votes).any() else votes
    rows = np.arange(codes.shape[1])
    shares = np.zeros((len(rows), n_classes))
    for predicted, vote in zip(codes, votes, strict=True):
        shares[rows, predicted] += vote
    tied = shares >= shares.max(axis=1, keepdims=True) * (1 - ROUNDING)
    winner = n_classes - 1 - np.argmax(tied[:, ::-1], axis=1)
    shares[rows, winner] = shares.max(axis=1) * (1 + ROUNDING)
    return shares / shares.sum(axis=1, keepdims=True)
