"""Which candidates of a search by ranks may replace the baseline."""

import numpy as np

from skdomain._domains import labels_at
from skdomain.model_selection._search._guard_tests import bonferroni, closer_pvalues, ranks_above
from skdomain.model_selection._search._ranking import prefers
from skdomain.model_selection._search._views import class_log_odds

_N_BOOTSTRAP, _MOST_ROWS = 50, 300


def preferred(results, answers, hidden, alpha):
    """Whether each candidate may replace the first, the baseline, and the p-values of a match.

    It may if the criteria agree that it is better, or if it ranks above the baseline on every split
    and is a closer match.

    Parameters
    ----------
    results : dict
        Table of a search by ranks.
    answers : list of list of Unseen
        What each candidate says on each split; None where it has no answer.
    hidden : ndarray of shape (n_samples,)
        Labels of the source rows.
    alpha : float

    Returns
    -------
    allowed, matched : ndarray of shape (n_candidates,)
    """
    n_criteria = sum(name.startswith("mean_test_") for name in results)
    matched = match_pvalues(_above(results), answers, hidden)
    return prefers(results["better_pvalue"], n_criteria, alpha) | (matched <= alpha), matched


def match_pvalues(asked, answers, hidden):
    """P-values of what candidates say being no closer to a mixture of the classes, corrected.

    Of those that are asked, an array of bool. NaN of others, of those that have no answer on some
    split or are sure of every row, and of all where the baseline is one of these.
    """
    sides = {k: _sides(answers[k], hidden) for k in (0, *np.flatnonzero(asked))}
    sides = {k: each for k, each in sides.items() if sides[0] and each}
    return bonferroni(closer_pvalues(sides, len(asked), _N_BOOTSTRAP))


def _above(results):
    """Whether candidates rank above the baseline in all and on every split."""
    names = [name for name in results if name.endswith("trimmed_rank")]
    return ranks_above([results[name] for name in names])


def _sides(answers, hidden):
    """What :func:`closer_pvalues` compares on each split, or nothing."""
    sides = [_side(one, hidden) for one in answers if one is not None]
    return sides if len(sides) == len(answers) and None not in sides else []


def _side(answer, hidden):
    """Log-odds of source rows, their labels and log-odds of target rows; None if all are sure.

    Of many rows some, at equal distances.
    """
    source, target = map(class_log_odds, (answer.posteriors, answer.target_posteriors))
    if source is None or target is None:
        return None
    ours, theirs = map(_spaced, (source, target))
    return source[ours], labels_at(hidden, answer.rows[ours]), target[theirs]


def _spaced(rows):
    """Places of at most so many rows."""
    return np.linspace(0, len(rows) - 1, min(len(rows), _MOST_ROWS)).astype(int)
