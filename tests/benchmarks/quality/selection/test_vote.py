"""The table of votes: on generated problems, and its arithmetic by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lib.data import generated_tasks
from benchmarks.lib.tables import group, markdown_table, read_rows
from benchmarks.quality.selection import vote
from benchmarks.quality.selection.study import quiet
from skdomain.model_selection import AdaptationVotingClassifier

ROOT = Path(__file__).parents[4]
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
        vote.KEPT,
    ]
    assert [bool(row["estimated"]) for row in rows] == [True] * 3 + [False] * 4
    first = capsys.readouterr().out
    vote.main(ARGS)
    assert read_rows(Path("results/selection_vote.csv")) == rows
    assert capsys.readouterr().out.splitlines()[-1] == first.splitlines()[-1]


@pytest.mark.usefixtures("no_data")
def test_the_strong_candidates_can_all_be_fitted(capsys):
    vote.main(["--strong", "--tasks", "subspace shift"])
    rows = read_rows(Path("results/selection_vote.csv"))
    assert [row["candidate"] for row in rows[:-4]] == list(vote.strong_candidates())
    assert "| generated (1) |" in capsys.readouterr().out


def test_the_row_of_a_data_set_by_hand():
    """Two tasks; y fails on the second, where only source only stands for it."""
    figures = {
        "1": {"x": 50, "y": 80, "soft": 70, "hard": 60, "latent": 90, "kept": 95},
        "2": {"x": 40, "z": 44, "soft": 50, "hard": 50, "latent": 50, "kept": 46},
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
        *("45.00", "53.50", "60.00", "55.00", "70.00", "70.50"),
        "60.00 (y)",
        *("62.00", "85.00"),
    ]


def test_candidates_rated_below_the_baseline_are_not_kept():
    """Four copies that say the opposite outvote three that are mostly right, unless they go."""
    truth = np.repeat(["u", "v"], 30)
    other = np.where(truth == "u", "v", "u")
    told, rows = {}, np.arange(60)
    for shift, name in enumerate(("source only", "a", "b")):
        told[name] = np.where(rows % 10 == shift, other, truth)
    told |= dict.fromkeys("wxyz", other)
    rated = dict.fromkeys(told, 70.0)
    classes = np.array(["u", "v"])
    assert (vote.vote_of_the_kept(told, rated, classes) == other).all()
    rated |= dict.fromkeys("wxyz", 69.9)
    assert (vote.vote_of_the_kept(told, rated, classes) == truth).all()


@pytest.mark.usefixtures("no_data")
def test_soft_leaves_out_what_has_no_probabilities():
    """The mean by hand; "latent" still counts all."""
    (_, task) = generated_tasks()
    models = vote.strong_candidates()
    models = {name: models[name] for name in ("source only", "ARTL", "CMMS")}
    with quiet():
        full = AdaptationVotingClassifier(models, voting="latent")
        full.fit(task.X, task.y, sample_domain=task.sample_domain)
        told = vote.recast(full, "soft").predict(task.X)
        mean = np.mean([one.predict_proba(task.X) for one in full.estimators_[:2]], axis=0)
    np.testing.assert_array_equal(told, full.classes_[mean.argmax(axis=1)])
    assert len(vote.recast(full, "latent").estimators_) == len(full.estimators_) == 3


def test_the_page_shows_the_published_figures():
    rows = read_rows(ROOT / "docs" / "results" / "selection_vote_strong.csv")
    names = list(vote.strong_candidates())
    page = (ROOT / "docs" / "selection.md").read_text(encoding="utf-8").replace("**", "")
    for (data,), lines in group(rows, "data").items():
        row = markdown_table([], [vote.summary(data, lines, names)], []).splitlines()[-1]
        assert row in page, row
