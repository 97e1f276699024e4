"""Every candidate on every split: fitted, judged, and asked of source rows that it has not seen."""

from typing import NamedTuple

import numpy as np

from skdomain.model_selection._search._judging import judge
from skdomain.model_selection._search._quoted import said_of_unseen
from skdomain.model_selection._search._sharing_calls import sharing_calls


class Cells(NamedTuple):
    """What comes of the candidates (rows) on the splits (columns).

    Values of the criteria, what failed by each, and seconds of fit and score are arrays of shape
    (n_candidates, n_splits, ...); ``answers`` are those of :func:`judge_and_ask`.
    """

    values: np.ndarray
    failures: np.ndarray
    seconds: np.ndarray
    answers: list

    def answers_of(self, candidate):
        """What clones of a candidate say of source rows that they have not seen."""
        return [answer for answer in self.answers[candidate] if answer is not None]


def judge_and_ask(model, X, y, hidden, domains, train, test, scorers, asks):
    """What :func:`judge` finds, then what the fit says of rows it has not seen, None if unasked."""
    *judged, fitted = judge(model, X, y, hidden, domains, train, test, scorers)
    if not asks or fitted is None:
        return *judged, None
    return *judged, said_of_unseen(fitted, X, hidden, domains, test)


def judged_cells(names, models, y, task, splits, scorers, *, asks, n_jobs, bar):
    """Fit and judge every candidate on every split.

    Parameters
    ----------
    names, models : list
        Candidates; those of one name share a process where there are several.
    y : array-like of shape (n_samples,)
        Labels of all rows, for criteria.
    task : SearchTask
    splits : list of pairs of row numbers
    scorers : dict
    asks : bool
        Whether to ask the candidates what they say of rows that they have not seen.
    n_jobs : int or None
    bar : dict
        Of the progress bar.

    Returns
    -------
    Cells
    """
    X, hidden, domains, _ = task
    y, criteria = np.asarray(y, dtype=object).reshape(len(domains)), list(scorers.values())
    cells = [
        ((model, X, y, hidden, domains, train, test, criteria, asks), (number, name))
        for number, (train, test) in enumerate(splits)
        for name, model in zip(names, models, strict=True)
    ]
    calls, groups = ([cell[i] for cell in cells] for i in range(2))
    judged = sharing_calls(judge_and_ask, calls, groups, n_jobs=n_jobs, **bar)
    shape, sizes = (len(splits), len(models)), (len(scorers), len(scorers), 2)
    columns = [np.reshape([one[i] for one in judged], (*shape, n)) for i, n in enumerate(sizes)]
    answers = [[one[3] for one in judged[k :: len(models)]] for k in range(len(models))]
    return Cells(*(each.swapaxes(0, 1) for each in columns), answers)
