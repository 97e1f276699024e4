"""Fit pipelines to adaptation tasks, one cell of the table after another or several at once."""

import sys
import warnings
from time import perf_counter

import sklearn
from joblib import Parallel, delayed
from sklearn.base import clone
from threadpoolctl import threadpool_limits
from tqdm import tqdm


def run_cells(methods, tasks, jobs=1):
    """Run every method on every task, with a progress bar on stderr.

    Parameters
    ----------
    methods : dict of str to presets.Method
        Rows of the table.
    tasks : list of Bunch
        Columns: ``name``, ``X``, ``y`` and ``sample_domain`` of each.
    jobs : int, default=1
        Number of processes, each with one BLAS thread.

    Returns
    -------
    list of dict
        A record a cell, method by method.
    """
    cells = [
        delayed(run_cell)(name, method, task) for task in tasks for name, method in methods.items()
    ]
    records = Parallel(jobs, return_as="generator_unordered")(cells)
    records = list(tqdm(records, total=len(cells), unit="cell", mininterval=1, file=sys.stderr))
    rows, columns = list(methods), [task.name for task in tasks]
    return sorted(records, key=lambda r: (rows.index(r["method"]), columns.index(r["task"])))


def run_cell(name, method, task):
    """Fit one method to one task and score it on the target rows."""
    pipeline = method.pipeline(task.name) if callable(method.pipeline) else method.pipeline
    fitted, score, seconds, complaints = fit_and_score(pipeline, task)
    reference = method.reference.get(task.name)
    last = fitted[-1]
    return {
        "task": task.name,
        "method": name,
        "accuracy": 100 * score,
        "reference": reference,
        "difference": None
        if reference is None
        else round(round(100 * score, 2) - reference, 2) + 0.0,
        "seconds": seconds,
        "n_iter": getattr(last, "n_iter_", None),
        "termination": ": ".join(filter(None, [getattr(last, "termination_", ""), complaints])),
    }


def fit_and_score(pipeline, task):
    """Fit a clone, score its target rows, and collect what was warned of."""
    domains = {"sample_domain": task.sample_domain}
    start = perf_counter()
    with (
        threadpool_limits(1),
        sklearn.config_context(enable_metadata_routing=True),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        fitted = clone(pipeline).fit(task.X, task.y, **domains)
        score = fitted.score(task.X, task.y, **domains)
    complaints = " | ".join(dict.fromkeys(str(w.message) for w in caught))
    return fitted, score, perf_counter() - start, complaints
