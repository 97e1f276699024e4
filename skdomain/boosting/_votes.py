"""The votes that rounds of boosting end in: shares of classes, and the weighted median."""

import numpy as np

TIE = 1e-12


def counted(votes):
    """Votes as they count: where some are infinite, the others have no say."""
    infinite = np.isinf(votes)
    return infinite.astype(float) if infinite.any() else votes


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
    rows = np.arange(codes.shape[1])
    shares = np.zeros((len(rows), n_classes))
    for predicted, vote in zip(codes, counted(votes), strict=True):
        shares[rows, predicted] += vote
    tied = shares >= shares.max(axis=1, keepdims=True) * (1 - TIE)
    winner = n_classes - 1 - np.argmax(tied[:, ::-1], axis=1)
    shares[rows, winner] = shares.max(axis=1) * (1 + TIE)
    return shares / shares.sum(axis=1, keepdims=True)


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
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(counted(votes)[order], axis=0)
    middle = np.argmax(reached >= reached[-1] / 2, axis=0)
    return np.take_along_axis(values, order, axis=0)[middle, np.arange(values.shape[1])]
