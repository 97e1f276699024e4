"""The comparison of libraries: on a generated problem, with what is installed for the tests."""

import csv
import os
import re
import runpy
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "full" / "run.py"
ARGS = ["--tasks", "subspace shift", "--libraries", "skdomain"]
ALL = [*ARGS, "--protocols", "all rows", "--methods"]
# Kills itself while its second cell runs.
KILLED = """
import os, runpy, signal, sys
from pathlib import Path
program = runpy.run_path(sys.argv.pop(1))
server, cells = program["Server"], []
run = server.run
def run_or_die(self, cell):
    cells.append(cell)
    if len(cells) == 2:
        Path(cell["out"]).write_text("[{")
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, cell)
server.run = run_or_die
program["main"]()
"""

pytest.importorskip("tqdm", reason="the program shows its progress with tqdm")
pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of a cell need Linux")


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Return the names of the program, without the real data and in an empty folder."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("SKDOMAIN_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield runpy.run_path(PROGRAM)
    for name in set(sys.modules) - before:
        if "benchmarks" in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def run(program, capsys):
    """Return a function that runs the program without its report and gives what it computed."""
    program["main"].__globals__["report"] = lambda *_: None

    def call(*args):
        program["main"]([*args])
        return re.search(r"(\d+) cells computed now", capsys.readouterr().out)[1]

    return call


def rows():
    with open("results/full/cells.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_killed_run_resumes_and_a_second_run_recomputes_nothing(program, capsys):
    args = [*ALL, "linear Monge", "CORAL"]
    command = [sys.executable, "-c", KILLED, str(PROGRAM), *args]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    (first,) = Path("results/full/cells").glob("*.json")
    written = first.stat().st_mtime_ns
    program["main"](args)
    assert "4 rows, 3 cells computed now" in capsys.readouterr().out
    assert first.stat().st_mtime_ns == written
    found = rows()
    assert [row["setting"] for row in found] == ["default", "matched"] * 2
    assert {row["status"] for row in found} == {"ok"}
    assert "subspace shift" in Path("results/full/report.html").read_text(encoding="utf-8")
    program["main"](args)
    assert "4 rows, 0 cells computed now" in capsys.readouterr().out
    assert rows() == found


def test_nested_splits_have_a_row_each_with_criteria_where_there_is_a_choice(run):
    args = [*ARGS, "--protocols", "nested", "--outer", "2", "--methods", "source only", "TCA"]
    assert run(*args) == "4"
    found = rows()
    assert [row["split"] for row in found] == ["0", "1"] * 4
    assert {row["status"] for row in found} == {"ok"}
    grid = [row for row in found if row["method"] == "TCA"]
    assert [row["setting"] for row in grid[::2]] == ["matched", "lam 0.1", "lam 10"]
    for row in found:
        assert bool(row["oracle"]) == bool(row["prediction_entropy"]) == (row in grid)
        assert 0 <= float(row["oracle"] or 0) <= 1
    assert run(*args) == "0"


def test_outer_splits_hold_every_class_in_proportion_and_no_row_twice(program):
    from _cell import parts
    from sklearn.utils import Bunch

    y, d = np.tile([0, 0, 0, 1], 50), np.repeat([1, -2], 100)
    task = Bunch(X=np.arange(200)[:, None], y=y, sample_domain=d)
    pairs = parts(task, {"outer": 2, "test_size": 0.2})
    for train, test in pairs:
        assert sorted([*train.X.ravel(), *test.X.ravel()]) == list(range(200))
        for side in (1, -2):
            assert np.bincount(test.y[test.sample_domain == side]).tolist() == [15, 5]
    assert not np.array_equal(pairs[0][1].X, pairs[1][1].X)


def test_labels_of_target_rows_reach_target_only_and_no_other_method(program):
    from _methods import METHODS
    from _peers import Adapted

    X, d = np.random.default_rng(0).normal(size=(40, 3)), np.repeat([1, -2], 20)
    y = np.tile([0, 1], 20)
    other = np.where(d < 0, 1 - y, y)
    for name, differs in (("source only", False), ("target only", True), ("PCA", False)):
        way = METHODS[name].ways["scikit-learn"]
        setting = {"n_components": 2} if name == "PCA" else None
        a, b = (
            Adapted("scikit-learn", way, setting).fit(X, labels, sample_domain=d).predict_proba(X)
            for labels in (y, other)
        )
        assert np.array_equal(a, b) is not differs


def test_a_cell_over_its_time_says_so_and_its_other_settings_are_not_tried(run):
    for seconds, computed in (("0.001", "1"), ("0.001", "0"), ("0.002", "1")):
        assert run(*ALL, "TJM", "--seconds", seconds) == computed
        first, second = rows()
        assert {first["status"], second["status"]} == {"time limit"}
        assert first["error"] == f"not finished after {seconds} CPU seconds"
        assert second["error"] == "not run: as with setting default"


def test_a_cell_over_its_memory_is_a_row_that_says_so(run):
    run(*ALL, "source only", "--megabytes", "100")
    (row,) = rows()
    assert row["status"] == "memory limit"
    assert not row["accuracy"]


def test_what_a_library_cannot_do_is_a_row_that_says_so(run, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    libraries = ["POT", "skada", "transfertools"]
    args = ["--tasks", "subspace shift", "--protocols", "all rows", "--libraries", *libraries]
    assert run(*args, "--methods", "CORAL", "JDA") == "0"
    found = [(row["method"], row["library"], row["setting"], row["status"]) for row in rows()]
    assert found == [
        ("CORAL", "skada", "default", "not installed"),
        ("CORAL", "skada", "matched", "not installed"),
        ("JDA", "skada", "default", "absent"),
        ("CORAL", "POT", "default", "absent"),
        ("JDA", "POT", "default", "absent"),
        ("CORAL", "transfertools", "default", "not installed"),
        ("CORAL", "transfertools", "matched", "no match"),
        ("JDA", "transfertools", "default", "absent"),
    ]
    assert "PackageNotFoundError" in rows()[0]["error"]


def test_cells_of_one_library_do_not_import_another(program):
    code = f"import sys; sys.path[:0] = {sys.path}; import _fork, _cell; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"skada", "ot", "adapt", "matplotlib", "tqdm"} & set(done.stdout.split())


def test_a_matched_setting_is_the_same_problem_in_the_words_of_each_library(program):
    from _methods import METHODS

    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(12, 4)), 2 * rng.normal(size=(8, 4))

    def words(name, library, setting):
        return METHODS[name].ways[library].parameters(setting, Xs, Xt)

    e = np.repeat([1 / 12, -1 / 8], [12, 8])
    M, lam = np.outer(e, e), 0.3
    mu = words("TCA", "adapt", {"lam": lam, "n_components": 2})["mu"]
    scaled = M / np.linalg.norm(M) + lam * np.eye(20)
    np.testing.assert_allclose(lam * (np.eye(20) + mu * M), scaled)
    C = np.cov((Xs / Xs.std(0)).T)  # columns of one variance, v
    r, v = 0.5, np.trace(C) / 4
    s = words("CORAL", "skada", {"ridge": r})["reg"]
    np.testing.assert_allclose((1 - s) * C + s * v * np.eye(4), (1 - s) * (C + r * v * np.eye(4)))
    ours, theirs = (words("CORAL", one, {"ridge": r}) for one in ("skdomain", "adapt"))
    mean = np.concatenate([Xs.var(0, ddof=1), Xt.var(0, ddof=1)]).mean()
    assert ours["reg"] == theirs["lambda_"] == pytest.approx(r * mean)
