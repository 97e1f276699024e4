"""Fit pipelines to adaptation tasks, one cell of the table after another or several at once."""

import warnings
from time import perf_counter

import sklearn
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from benchmarks.lib.parallel import run_all


def run_cells(presets, tasks, jobs=1, references=None):
    """Run every preset on every task, with a progress bar on stderr.

    Parameters
    ----------
    presets : dict of str to presets.Preset
        Rows of the table.
    tasks : list of Bunch
        Columns: ``name``, ``X``, ``y`` and ``sample_domain`` of each.
    jobs : int, default=1
        Number of processes, each with one BLAS thread.
    references : dict, default=None
        Accuracy in percent by preset and task, of those that are known.

    Returns
    -------
    list of dict
        A record a cell, preset by preset.
    """
    known = references or {}
    cells = [
        (name, preset, task, known.get(name, {}).get(task.name))
        for task in tasks
        for name, preset in presets.items()
    ]
    records = run_all(run_cell, cells, jobs, ordered=False)
    rows, columns = list(presets), [task.name for task in tasks]
    return sorted(records, key=lambda r: (rows.index(r["method"]), columns.index(r["task"])))


def run_cell(name, preset, task, reference=None):
    """Fit one preset to one task and score it on the target rows."""
    pipeline = preset.pipeline(task.name) if callable(preset.pipeline) else preset.pipeline
    fitted, score, seconds, complaints = fit_and_score(pipeline, task)
    last = fitted[-1]
    return {
        "task": task.name,
        "method": name,
        "accuracy": 100 * score,
        "reference": reference,
        "difference": difference(score, reference),
        "seconds": seconds,
        "n_iter": getattr(last, "n_iter_", None),
        "termination": ": ".join(filter(None, [getattr(last, "termination_", ""), complaints])),
    }


def difference(score, reference):
    """Points, to two decimals, that a score is above its reference; None without one."""
    return None if reference is None else round(round(100 * score, 2) - reference, 2) + 0.0


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
