"""Calls one after another or several at once, with a progress bar on stderr."""

import sys
from operator import length_hint

from joblib import Parallel, delayed
from tqdm import tqdm


def run_all(function, cells, jobs=1, unit="cell", ordered=True):
    """Iterate over what a function gives for each cell, a tuple of its arguments.

    Parameters
    ----------
    function : callable
    cells : iterable of tuple
        If its length is not known, the bar shows none.
    jobs : int, default=1
        Number of processes.
    unit : str, default="cell"
        What the bar counts.
    ordered : bool, default=True
        Whether results come in the order of the cells, or as they are ready.
    """
    how = "generator" if ordered else "generator_unordered"
    calls = Parallel(jobs, return_as=how)(delayed(function)(*cell) for cell in cells)
    total = length_hint(cells) or None
    return tqdm(calls, total=total, unit=unit, mininterval=1, file=sys.stderr)
