"""The table of a search, in the form of that of scikit-learn's searches."""

import numpy as np
from scipy.stats import rankdata


def results(names, params, scorers, values, seconds):
    """``cv_results_`` from values of shape (n_candidates, n_splits, n_scorers)."""
    table = {"method": np.array(names), "params": params, **parameter_columns(params)}
    for name, spent in zip(("fit_time", "score_time"), np.moveaxis(seconds, 2, 0), strict=True):
        table |= mean_and_std(spent, name)
    ranks = []
    for name, column in zip(scorers, np.moveaxis(values, 2, 0), strict=True):
        table |= {f"split{i}_test_{name}": split for i, split in enumerate(column.T)}
        table |= mean_and_std(column, f"test_{name}")
        # The best first, no value last.
        mean = np.nan_to_num(table[f"mean_test_{name}"], nan=-np.inf)
        ranks.append(rankdata(-mean, method="min"))
        table[f"rank_test_{name}"] = ranks[-1].astype(np.int32)
    table["mean_rank"] = np.mean(ranks, axis=0)
    return table


def mean_and_std(column, name):
    """Columns of the mean and standard deviation over the splits, NaN where there are none."""
    if not column.shape[1]:
        column = np.full((len(column), 1), np.nan)
    return {f"mean_{name}": column.mean(axis=1), f"std_{name}": column.std(axis=1)}


def parameter_columns(params):
    """A masked array for each parameter that a candidate has, as in GridSearchCV."""
    columns = {}
    for name in dict.fromkeys(name for row in params for name in row):
        given = [row[name] for row in params if name in row]
        kinds = {type(value) for value in given}
        dtype = kinds.pop() if kinds in ({int}, {float}, {bool}) else object
        column = np.zeros(len(params), dtype=dtype)
        has = np.array([name in row for row in params])
        for i in np.flatnonzero(has):
            column[i] = params[i][name]
        columns[f"param_{name}"] = np.ma.MaskedArray(column, mask=~has)
    return columns
