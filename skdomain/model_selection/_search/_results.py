"""The table of a search, in the form of that of scikit-learn's searches."""

import numpy as np
from scipy.stats import rankdata

from skdomain.model_selection._search._ranking import better_pvalues, trimmed_ranks


def results(names, params, scorers, values, seconds, *, ranked=False):
    """``cv_results_`` from values of shape (n_candidates, n_splits, n_scorers)."""
    table = {"method": np.array(names), "params": params, **parameter_columns(params)}
    for name, spent in zip(("fit_time", "score_time"), np.moveaxis(seconds, 2, 0), strict=True):
        table |= mean_and_std(spent, name)
    means = []
    for name, column in zip(scorers, np.moveaxis(values, 2, 0), strict=True):
        table |= {f"split{i}_test_{name}": split for i, split in enumerate(column.T)}
        table |= mean_and_std(column, f"test_{name}")
        means.append(table[f"mean_test_{name}"])
        # The best first, no value last.
        ranks = rankdata(-np.nan_to_num(means[-1], nan=-np.inf), method="min")
        table[f"rank_test_{name}"] = ranks.astype(np.int32)
    if ranked:
        splits = range(values.shape[1])
        table |= {f"split{i}_trimmed_rank": trimmed_ranks(values[:, [i]]) for i in splits}
        table |= {"trimmed_rank": trimmed_ranks(values), "better_pvalue": better_pvalues(values)}
    elif len(means) > 1:
        table["joint_score"] = joint_scores(np.column_stack(means))
    return table


def deciding(table):
    """What decides, of each candidate: the criterion, or what joins several."""
    names = ("trimmed_rank", "joint_score", "mean_test_score")
    return next(table[name] for name in names if name in table)


def joint_scores(means):
    """Mean over the criteria, each scaled so that undominated candidates reach from 0 to 1.

    Nobody who is dominated, that is no better than another by any criterion and worse by one, has a
    part in the scales: the scores of the others do not depend on those who are there besides.

    Parameters
    ----------
    means : ndarray of shape (n_candidates, n_criteria)
        Values of the candidates, higher is better; NaN in the rows of those that cannot win.

    Returns
    -------
    ndarray of shape (n_candidates,)
        From 0 to 1 for undominated candidates; 1 for one that is the best by every criterion. Less
        than that of who dominates it for a dominated one; NaN for one that cannot win.
    """
    front = means[undominated(means)]
    if not len(front):
        return np.full(len(means), np.nan)
    best, span = front.max(axis=0), np.ptp(front, axis=0)
    return np.mean(1 - (best - means) / np.where(span > 0, span, 1), axis=1)


def undominated(means):
    """True for candidates that no other one equals or beats by every criterion and beats by one."""
    known = means[~np.isnan(means).any(axis=1)]
    return np.array(
        [
            not (
                np.isnan(one).any()
                or ((known >= one).all(axis=1) & (known > one).any(axis=1)).any()
            )
            for one in means
        ]
    )


def mean_and_std(column, name):
    """Columns of the mean and standard deviation over the splits, NaN where there are none."""
    if not column.shape[1]:
        column = np.full((len(column), 1), np.nan)
    return {f"mean_{name}": column.mean(axis=1), f"std_{name}": column.std(axis=1)}


def parameter_columns(params):
    """A masked array for each parameter that a candidate has, as in GridSearchCV."""
    names = dict.fromkeys(name for row in params for name in row)
    return {f"param_{name}": _parameter_column(name, params) for name in names}


def _parameter_column(name, params):
    kinds = {type(row[name]) for row in params if name in row}
    dtype = kinds.pop() if kinds in ({int}, {float}, {bool}) else object
    column = np.zeros(len(params), dtype=dtype)
    has = np.array([name in row for row in params])
    for i in np.flatnonzero(has):
        column[i] = params[i][name]
    return np.ma.MaskedArray(column, mask=~has)
