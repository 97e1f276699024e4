"""Tables of repeated draws: means with standard errors, and paired differences to a baseline."""

import numpy as np
from scipy.stats import ttest_rel

from benchmarks.lib.tables import format_table, with_error

HEADER = ["method", "accuracy", "less baseline", "p", "n"]
NOTE = """\
+-: standard error over the draws. p: paired t-test against the baseline over the draws, which share
one data set: it says what further draws would show, not what other data would."""


def paired_table(accuracies, baseline):
    """Lay out one row a method.

    Parameters
    ----------
    accuracies : dict of str to array-like of shape (n_draws,)
        Accuracies in percent; draw i of all methods is of the same rows.
    baseline : str
        The method that the others are compared with.

    Returns
    -------
    str
        The table.
    """
    reference = np.asarray(accuracies[baseline])
    rows = [[name, *_cells(np.asarray(a), reference)] for name, a in accuracies.items()]
    return format_table(HEADER, rows)


def _cells(values, reference):
    difference = values - reference
    if not difference.any():
        return [with_error(values), "", "", str(len(values))]
    # Differences that are all the same have no spread to test them by.
    p = "" if np.ptp(difference) < 1e-9 else f"{ttest_rel(values, reference).pvalue:.2g}"
    return [with_error(values), with_error(difference, "+"), p, str(len(values))]
