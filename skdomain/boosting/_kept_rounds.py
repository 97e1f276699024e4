"""How many rounds of boosting to keep: the fewest that held-out target rows allow."""

from dataclasses import replace

import numpy as np
from scipy.stats import t as student
from sklearn.utils import _safe_indexing

from skdomain._estimators import answer_of
from skdomain.boosting._row_ties import row_order
from skdomain.boosting._votes import weighted_median


def fewest_within_one_error(errors):
    """The first row whose mean is within one standard error of the least mean.

    Parameters
    ----------
    errors : ndarray of shape (n_choices, n_folds)
        Errors of each choice on each fold, n_folds >= 2.

    Returns
    -------
    int
        The standard error is that over the folds, of the choice of least mean.
    """
    means = errors.mean(axis=1)
    least = np.argmin(means)
    error = errors[least].std(ddof=1) / np.sqrt(errors.shape[1])
    return int(np.argmax(means <= means[least] + error))


def first_surely_better(errors, level=0.05):
    """The first row that is better than row 0 beyond chance; 0 where none is.

    That is by a paired t-test over the folds, of one side.

    Parameters
    ----------
    errors : ndarray of shape (n_choices, n_folds)
        Errors of each choice on each fold, n_folds >= 2.
    level : float, default=0.05
        How often a row that is as good may be taken for better.

    Returns
    -------
    int
    """
    n_folds = errors.shape[1]
    gains = errors[0] - errors
    least = student.ppf(1 - level, n_folds - 1) * gains.std(axis=1, ddof=1) / np.sqrt(n_folds)
    mean = gains.mean(axis=1)
    return int(np.argmax((mean > 0) & (mean > least)))


def staged_errors(rounds, X, y, weights, voters, n_rounds):
    """Weighted mean squared error on some rows after each of n_rounds; the last one's after it."""
    values = np.array([answer_of(model, "predict", X) for model in rounds.estimators])
    errors = [
        np.average(
            np.square(y - weighted_median(values[voters(t)], rounds.votes[voters(t)])),
            weights=weights,
        )
        for t in range(1, len(values) + 1)
    ]
    return np.array(errors + errors[-1:] * (n_rounds - len(errors)))


def kept_rounds(run, X, y, weights, source, *, voters, n_rounds, n_folds):
    """Number of rounds, chosen by cross-validation on the target rows.

    Parameters
    ----------
    run : callable
        Maps numbers of rows to the Rounds on these.
    X, y, weights, source
        Training rows; every n_folds-th target row goes into one fold.
    voters : callable
        Slice of the rounds that vote after t of them.
    n_rounds, n_folds : int

    Returns
    -------
    int
        1 where there is a single target row.
    """
    target = np.flatnonzero(~source)
    if len(target) < 2:
        return 1
    folds = [target[start::n_folds] for start in range(min(n_folds, len(target)))]
    errors = []
    for fold in folds:
        rounds = run(np.setdiff1d(np.arange(len(y)), fold))
        held_out = _safe_indexing(X, fold), y[fold], weights[fold]
        errors.append(staged_errors(rounds, *held_out, voters, n_rounds))
    return 1 + fewest_within_one_error(np.transpose(errors))


def is_boosting_better(errors_on, rows, n_folds):
    """Whether all rounds are better than the first beyond chance, on held-out target rows.

    Parameters
    ----------
    errors_on : callable
        Maps rows to train on, and held-out ones, to the errors of the first round and of all.
    rows : BoostingRows
        In the order of y, every n_folds-th target row goes into one fold; ties by X.
    n_folds : int

    Returns
    -------
    bool
        False where there is a single target row, or a fold holds all rows of all classes but one.
    """
    order = row_order(rows.X, rows.y, rows.sample_weight)
    target = order[~rows.source[order]]
    folds = [target[start::n_folds] for start in range(min(n_folds, len(target)))]
    others = [np.setdiff1d(np.arange(len(rows.y)), fold) for fold in folds]
    if len(folds) < 2 or min(len(np.unique(rows.y[rest])) for rest in others) < 2:
        return False
    errors = [
        errors_on(rows.at(rest), rows.at(fold)) for rest, fold in zip(others, folds, strict=True)
    ]
    return first_surely_better(np.transpose(errors)) > 0


def shortened(rounds, n_rounds):
    """The first of the rounds; as they are, if there are no more."""
    if n_rounds >= len(rounds.estimators):
        return rounds
    return replace(
        rounds,
        estimators=rounds.estimators[:n_rounds],
        errors=rounds.errors[:n_rounds],
        votes=rounds.votes[:n_rounds],
        history=rounds.history[:n_rounds],
        chosen=rounds.chosen[:n_rounds],
        termination="cross-validation",
    )
