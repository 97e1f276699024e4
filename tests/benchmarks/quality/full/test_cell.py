"""What the process of a cell does."""

import os
import subprocess
import sys

import numpy as np
from sklearn.utils import Bunch

from benchmarks.quality.full import cell
from benchmarks.quality.full.cell import parts
from benchmarks.quality.full.libraries import Adapted
from benchmarks.quality.full.methods import Way


def test_outer_splits_hold_every_class_in_proportion_and_no_row_twice():
    y, d = np.tile([0, 0, 0, 1], 50), np.repeat([1, -2], 100)
    task = Bunch(X=np.arange(200)[:, None], y=y, sample_domain=d)
    pairs = parts(task, {"outer": 2, "test_size": 0.2})
    for train, test in pairs:
        assert sorted([*train.X.ravel(), *test.X.ravel()]) == list(range(200))
        for side in (1, -2):
            assert np.bincount(test.y[test.sample_domain == side]).tolist() == [15, 5]
    assert not np.array_equal(pairs[0][1].X, pairs[1][1].X)


def test_cells_of_one_library_do_not_import_another():
    code = "from benchmarks.quality.full import cell, server; import sys; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert not {"skada", "ot", "adapt", "matplotlib", "tqdm"} & set(done.stdout.split())


def test_what_a_setting_means_is_found_before_the_clock_runs(monkeypatch):
    order, cpu_seconds = [], cell.cpu_seconds
    monkeypatch.setattr(
        cell, "cpu_seconds", lambda function: order.append("clock") or cpu_seconds(function)
    )
    way = Way("LogisticRegression", lambda setting, Xs, Xt: order.append("setting") or {})
    X, y, d = np.arange(20.0)[:, None], np.arange(20) % 2, np.repeat([1, -2], 10)
    task = Bunch(X=X, y=y, sample_domain=d)
    cell.measure(Adapted("scikit-learn", way, {}), task, task)
    assert order == ["setting", "clock", "clock"]
