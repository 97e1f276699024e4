"""What the process of a cell does; its rows go to a file.

A row, one for each outer split, is written as soon as its accuracy is known, again with the
criteria: what is there outlives the process.
"""

import contextlib
import json
import os
import resource
import signal
import warnings
from pathlib import Path

import numpy as np
from sklearn import set_config
from sklearn.base import clone
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils import Bunch

from benchmarks.lib.clock import cpu_seconds
from benchmarks.lib.memory import own_bytes, reset_peak
from benchmarks.quality.full.libraries import Adapted
from benchmarks.quality.full.methods import METHODS


def allow(seconds):
    """Let the process go on for some CPU seconds from now, and not wait for ever."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 20 * (seconds + 60))


def take(task, rows):
    """Some rows of a task."""
    return Bunch(X=task.X[rows], y=task.y[rows], sample_domain=task.sample_domain[rows])


def warm_up(model, task):
    """Import and compile what a fit needs, on few rows and columns; it may fail."""
    sides = map(np.flatnonzero, (task.sample_domain > 0, task.sample_domain < 0))
    few = take(task, np.concatenate([side[:: max(1, len(side) // 60)] for side in sides]))
    few.X = few.X[:, :: max(1, few.X.shape[1] // 50)]
    with contextlib.suppress(Exception):
        model = clone(model).fit(few.X, few.y, sample_domain=few.sample_domain)
        model.score(few.X, few.y, sample_domain=few.sample_domain)


def parts(task, cell):
    """Training and test rows: all rows as both, or the outer splits, in random order."""
    if not cell["outer"]:
        return [(task, task)]
    strata = np.unique(task.y, return_inverse=True)[1] * 2 + (task.sample_domain > 0)
    split = StratifiedShuffleSplit(cell["outer"], test_size=cell["test_size"], random_state=0)
    return [[take(task, rows) for rows in sides] for sides in split.split(task.X, strata)]


def measure(model, train, test):
    """Accuracy in percent, CPU seconds of fit and prediction, and memory that they took.

    What a matched setting means on these rows, such as a width, is found before.
    """
    params = model.parameters(train.X, train.sample_domain)
    domains = {"sample_domain": test.sample_domain}
    reset_peak()
    before = own_bytes("VmRSS")
    fit, _ = cpu_seconds(lambda: model.fit_with(params, train.X, train.y, train.sample_domain))
    predict, score = cpu_seconds(lambda: model.score(test.X, test.y, **domains))
    memory = (own_bytes("VmHWM") - before) / 2**20
    row = {"accuracy": 100 * score, "fit_seconds": fit, "predict_seconds": predict}
    return row | {"memory_mb": memory}


def judge(model, task, cell):
    """Every criterion, mean over the inner splits; "oracle" alone reads labels of target rows."""
    from skdomain.model_selection import DomainShuffleSplit, get_scorer, scorer_names

    scorers = {name: get_scorer(name) for name in scorer_names()}
    split = DomainShuffleSplit(cell["inner"], test_size=cell["test_size"], random_state=0)
    values = []
    for rows in split.split(task.X, task.y, sample_domain=task.sample_domain):
        train, test = (take(task, some) for some in rows)
        fitted = clone(model).fit(train.X, train.y, sample_domain=train.sample_domain)
        values.append([score(fitted, **test) for score in scorers.values()])
    return dict(zip(scorers, np.mean(values, axis=0), strict=True))


def attempt(call, *args):
    """What a call gives, or how it failed."""
    try:
        return {"status": "ok", **call(*args)}
    except Exception as error:
        status = "memory limit" if isinstance(error, MemoryError) else "failed"
        return {"status": status, "error": f"{type(error).__name__}: {error}"}


def write(path, rows):
    """Replace the file at once: it is there as a whole or not at all."""
    part = Path(f"{path}.part")
    part.write_text(json.dumps(rows), encoding="utf-8")
    os.replace(part, path)


def run(model, task, cell):
    """Measure and judge on every outer split, each with its own time."""
    rows = []
    for train, test in parts(task, cell):
        allow(cell["seconds"])
        rows.append(attempt(measure, clone(model), train, test))
        write(cell["out"], rows)
        if rows[-1]["status"] == "ok" and cell["inner"]:
            allow(cell["seconds"])
            judged = attempt(judge, model, train, cell)
            if judged.pop("status") != "ok":
                judged = {"error": f"criteria: {judged['error']}"}
            rows[-1] |= judged
            write(cell["out"], rows)


def run_here(cell):
    """Run a cell in this process, which has to end with it."""
    allow(cell["seconds"])
    resource.setrlimit(resource.RLIMIT_AS, (cell["megabytes"] << 20,) * 2)
    warnings.simplefilter("ignore")
    set_config(enable_metadata_routing=True)
    with np.load(cell["task"]) as file:
        task = Bunch(**file)
    method, library = METHODS[cell["method"]], cell["library"]
    model = Adapted(library, method.ways[library], method.settings[cell["setting"]])
    warm_up(model, task)
    run(model, task, cell)
