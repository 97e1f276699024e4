"""The table of votes: on generated problems, and its arithmetic by hand."""

from pathlib import Path

import pytest

from benchmarks.lib.tables import read_rows
from benchmarks.quality.selection import vote

ARGS = ["--tasks", "subspace shift", "--candidates", "TCA lam=1", "CORAL"]


@pytest.mark.usefixtures("no_data")
def test_without_data_a_generated_problem_runs_once(capsys):
    vote.main(ARGS)
    rows = read_rows(Path("results/selection_vote.csv"))
    assert [row["candidate"] for row in rows] == [
        "source only",
        "TCA lam=1",
        "CORAL",
        *vote.VOTINGS,
    ]
    assert [bool(row["estimated"]) for row in rows] == [True] * 3 + [False] * 3
    first = capsys.readouterr().out
    vote.main(ARGS)
    assert read_rows(Path("results/selection_vote.csv")) == rows
    assert capsys.readouterr().out.splitlines()[-1] == first.splitlines()[-1]


@pytest.mark.usefixtures("no_data")
def test_the_strong_candidates_can_all_be_fitted(capsys):
    vote.main(["--strong", "--tasks", "subspace shift"])
    rows = read_rows(Path("results/selection_vote.csv"))
    assert [row["candidate"] for row in rows[:-3]] == list(vote.strong_candidates())
    assert "| generated (1) |" in capsys.readouterr().out


def test_the_row_of_a_data_set_by_hand():
    """Two tasks; y fails on the second, where only source only stands for it."""
    figures = {
        "1": {"x": 50, "y": 80, "soft": 70, "hard": 60, "latent": 90},
        "2": {"x": 40, "z": 44, "soft": 50, "hard": 50, "latent": 50},
    }
    rows = [
        {"task": task, "candidate": name, "accuracy": str(value), "estimated": ""}
        for task, values in figures.items()
        for name, value in values.items()
    ]
    rows[0]["estimated"], rows[1]["estimated"] = "80", "90"
    # means of the candidates: 65 and 42; fixed: x 45, y (80 + 40) / 2, z (50 + 44) / 2
    assert vote.summary("a", rows, ["x", "y", "z"]) == [
        "a (2)",
        *("45.00", "53.50", "60.00", "55.00", "70.00"),
        "60.00 (y)",
        *("62.00", "85.00"),
    ]
