"""The comparison of libraries: on a generated problem, with what is installed for the tests."""

import os
import re
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from benchmarks.lib.tables import read_rows
from benchmarks.quality.full import run as program

ARGS = ["--tasks", "subspace shift", "--libraries", "skdomain"]
ALL = [*ARGS, "--protocols", "all rows", "--methods"]
# Kills itself while its second cell runs.
KILLED = """
import os, signal
from pathlib import Path
from benchmarks.quality.full.run import Server, main
cells, run = [], Server.run
def run_or_die(self, cell):
    cells.append(cell)
    if len(cells) == 2:
        Path(cell["out"]).write_text("[{")
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, cell)
Server.run = run_or_die
main()
"""

pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
pytestmark = pytest.mark.usefixtures("no_data")


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs the program without its report and gives what it computed."""
    monkeypatch.setattr(program, "report", lambda *_: None)

    def call(*args):
        program.main([*args])
        return re.search(r"(\d+) cells computed now", capsys.readouterr().out)[1]

    return call


def rows():
    return read_rows("results/full/cells.csv")


def test_a_killed_run_resumes_and_a_second_run_recomputes_nothing(capsys):
    args = [*ALL, "linear Monge", "CORAL"]
    command = [sys.executable, "-c", KILLED, *args]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    (first,) = Path("results/full/cells").glob("*.json")
    written = first.stat().st_mtime_ns
    program.main(args)
    assert "4 rows, 3 cells computed now" in capsys.readouterr().out
    assert first.stat().st_mtime_ns == written
    found = rows()
    assert [row["setting"] for row in found] == ["default", "matched"] * 2
    assert {row["status"] for row in found} == {"ok"}
    assert "subspace shift" in Path("results/full/report.html").read_text(encoding="utf-8")
    program.main(args)
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


def test_a_cell_over_its_time_says_so_and_its_other_settings_are_not_tried(run):
    for seconds, computed in (("0.001", "1"), ("0.001", "0"), ("0.002", "1")):
        assert run(*ALL, "TJM", "--seconds", seconds) == computed
        first, second = rows()
        assert {first["status"], second["status"]} == {"time limit"}
        assert first["error"] == f"not finished after {seconds} CPU seconds"
        assert second["error"] == "not run: as with setting default"


def test_a_cell_over_its_memory_is_a_row_that_says_so(run):
    """Kernels of nearly a thousand rows, for which no memory is left that was there before."""
    run("--tasks", "rotated digits", *ALL[2:], "KMM", "--megabytes", "100")
    assert [(row["status"], row["accuracy"]) for row in rows()] == [("memory limit", "")] * 2


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
