"""Calls that share work, in one process or in several."""

from itertools import chain, groupby

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from skdomain._estimators import progress
from skdomain._rows import shared_work


def sharing_calls(function, calls, groups, *, n_jobs=None, description="", verbose=False):
    """What a function returns of each of some calls.

    Parameters
    ----------
    function : callable
    calls : list of tuple
        Arguments of each.
    groups : list
        To which group each belongs. Neighbours of one group are called in one process, where
        there are several, as far as all processes have work; all share in one process.
    n_jobs : int or None
    description, verbose
        Of the progress bar.

    Returns
    -------
    list
    """
    n_jobs = effective_n_jobs(n_jobs)
    with shared_work():
        found = Parallel(n_jobs, return_as="generator")(
            delayed(call_each)(function, [calls[place] for place in part])
            for part in parts(groups, n_jobs)
        )
        each, bar = chain.from_iterable(found), {"description": description, "verbose": verbose}
        return list(progress(each, n=len(calls), **bar))


def parts(groups, n_jobs):
    """Places of calls that a process makes in one go: single ones in a single process."""
    runs = [[place for place, _ in run] for _, run in groupby(enumerate(groups), lambda x: x[1])]
    size = -(-len(groups) // n_jobs) if n_jobs > 1 else 1
    return [run[i : i + size] for run in runs for i in range(0, len(run), size)]


def call_each(function, calls):
    """The calls one after the other; they share work."""
    with shared_work():
        return [function(*arguments) for arguments in calls]
