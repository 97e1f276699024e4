"""What the process of a cell does."""

import os
import subprocess
import sys

import numpy as np
from sklearn.utils import Bunch

from benchmarks.quality.full.cell import parts


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
