"""The study of choices without target labels: on generated problems, and its arithmetic by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lib.data import generated_tasks
from benchmarks.lib.tables import read_rows
from benchmarks.quality.selection import choice, losses, study
from skdomain.model_selection import AdaptationSearchCV, DomainShuffleSplit

pytestmark = pytest.mark.usefixtures("no_data")


@pytest.fixture
def table():
    """A table of three tasks and three candidates, of which one failed once."""
    accuracy = np.array([[50.0, 60, 70], [50, 40, 45], [80, np.nan, 82]])
    criteria = {
        "circular_validation": np.array([[0.1, 0.3, 0.2], [0.1, 0.2, 0.2], [0.1, np.nan, 0.2]]),
        "class_mixture": np.array([[-3.0, -2, -1], [-3, -3, -1], [-1, np.nan, -1]]),
        "oracle": accuracy,
    }
    return choice.Table(np.array(["a", "a", "b"]), ["1", "2", "3"], list("xyz"), accuracy, criteria)


ARGS = ["--tasks", "subspace shift", "--candidates", "TCA lam=1", "CORAL"]


def test_without_data_generated_problems_run_and_are_resumed(capsys):
    study.main([*ARGS, "--png", ""])
    assert "Until the files are there" in capsys.readouterr().out
    path = Path("results/selection_study.csv")
    rows = read_rows(path)
    assert [r["candidate"] for r in rows] == ["source only", "TCA lam=1", "CORAL"]
    assert not any(r["failure"] for r in rows)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    study.main([*ARGS, "--png", ""])
    again = read_rows(path)
    assert again[:-1] == rows[:-1]
    assert {**again[-1], "seconds": ""} == {**rows[-1], "seconds": ""}
    assert "1 tasks, 3 candidates" in capsys.readouterr().out


def test_the_table_chooses_as_the_search_does():
    default = choice.DEFAULT
    models = {name: study.candidates()[name] for name in ("source only", "TCA lam=1", "CORAL")}
    _, task = generated_tasks()
    rows = [study.run_candidate(task, name, model, 2) for name, model in models.items()]
    baseline = models.pop("source only")
    with study.quiet():
        search = AdaptationSearchCV(
            models,
            baseline=baseline,
            scoring=list(default),
            cv=DomainShuffleSplit(2, test_size=0.5, random_state=0),
        ).fit(task.X, task.y, sample_domain=task.sample_domain)
        accuracy = 100 * search.score(task.X, task.y, sample_domain=task.sample_domain)
    names = list(default)
    for name in names:
        np.testing.assert_allclose([r[name] for r in rows], search.cv_results_[f"mean_test_{name}"])
    values = [np.array([[row[name] for row in rows]]) for name in names]
    scores = choice.joint_scores(values)
    np.testing.assert_allclose(scores[0], search.cv_results_["joint_score"])
    assert rows[search.best_index_]["accuracy"] == accuracy


def test_losses_are_those_worked_by_hand(table):
    # By both, y and z are undominated and tie; then z is the best by both, twice.
    np.testing.assert_array_equal(
        choice.by_criteria(table, ["circular_validation"]).accuracy, [60, 40, 82]
    )
    both = choice.by_criteria(table, choice.DEFAULT)
    np.testing.assert_array_equal(both.accuracy, [60, 45, 82])
    np.testing.assert_array_equal(losses.loss(table, both), [10, 5, 0])
    np.testing.assert_array_equal(losses.gain(table, both), [10, -5, 2])
    np.testing.assert_allclose(choice.by_criteria(table, ["oracle"]).correlation, 1)
    np.testing.assert_array_equal(choice.fixed(table)["always y"].accuracy, [60, 40, 80])
    lines = losses.report(table).splitlines()
    row = next(line for line in lines if line.startswith("never adapt"))
    assert row.split()[2:] == ["60.00", "7.33", "+-", "6.36", "+0.00", "+-", "0.00", "0"]


def test_the_guard_is_compared_on_the_tasks_that_it_decided(table, tmp_path):
    path = tmp_path / "guard.csv"
    path.write_text("data,task,candidate\na,2,x\nb,3,z\n")
    text = losses.chooser_report(table, "SafeTransfer", path)
    assert "SafeTransfer adapted on 1 of 2 tasks" in text
    assert "of 1 losses of 1 point or more by the unguarded default it prevented 1" in text


@pytest.mark.parametrize("by", study.CHOOSERS)
def test_what_chooses_runs_and_is_reported_with_the_study(by, capsys):
    with pytest.raises(SystemExit, match="no task has been run with all candidates"):
        study.main([*ARGS, "--by", by, "--png", ""])
    (row,) = read_rows(f"results/selection_{by}.csv")
    assert row["candidate"] in ("source only", "TCA lam=1", "CORAL")
    assert "adapt" in row["decision"]
    study.main([*ARGS, "--png", ""])
    assert f"{study.CHOOSERS[by].__name__} adapted on" in capsys.readouterr().out


def test_the_losses_are_drawn(table):
    pytest.importorskip("matplotlib", reason="the figure is drawn with matplotlib")
    losses.draw_losses(table, "new/figure.png")
    assert Path("new/figure.png").read_bytes().startswith(b"\x89PNG")
