"""The benchmark program: on its embedded problem, and where the data are, on two real tasks."""

import csv
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
COLUMNS = ["task", "method", "accuracy", "reference", "difference", "seconds", "n_iter"]
COLUMNS += ["termination"]

pytest.importorskip("tqdm", reason="the benchmark shows its progress with tqdm")
needs_data = pytest.mark.skipif(
    "SKDOMAIN_DATA" not in os.environ, reason="SKDOMAIN_DATA does not name the real data"
)


@pytest.fixture
def main(monkeypatch):
    """Return the ``main`` of one of the programs."""
    monkeypatch.syspath_prepend(FOLDER)

    def load(name):
        return runpy.run_path(FOLDER / f"{name}.py")["main"]

    yield load
    for name in ("_paired", "_report", "_runner", "presets"):
        sys.modules.pop(name, None)


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """Hide the real data."""
    monkeypatch.delenv("SKDOMAIN_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_without_data_the_embedded_problem_runs(main, no_data, tmp_path, capsys):
    path = tmp_path / "new" / "table.csv"
    main("office_caltech")(["--methods", "1nn-unit", "jda", "--csv", str(path), "--png", ""])
    printed = capsys.readouterr()
    assert "Caltech10_SURF_L10.mat is missing" in printed.out
    assert "z-scored per domain" in printed.out
    assert "2/2" in printed.err  # the progress bar
    nearest, jda = rows = read_csv(path)
    assert list(nearest) == COLUMNS
    assert [row["method"] for row in rows] == ["1nn-unit", "jda"]
    for row in rows:
        assert row["task"] == "rotated"
        assert row["reference"] == row["difference"] == ""
        accuracy = float(row["accuracy"])
        cells = [row["method"], f"{accuracy:.1f}", f"{accuracy:.1f}"]
        assert cells in [line.split() for line in printed.out.splitlines()]
    assert nearest["n_iter"] == nearest["termination"] == ""
    assert 1 <= int(jda["n_iter"]) <= 10
    assert jda["termination"].startswith(("converged", "max_iter: iteration 10 of JDA"))
    assert float(jda["accuracy"]) > float(nearest["accuracy"]) > 50


def test_every_unpublished_method_runs_by_default(main, no_data, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="the chart is drawn with matplotlib")
    monkeypatch.chdir(tmp_path)
    main("office_caltech")([])
    methods = {row["method"] for row in read_csv(tmp_path / "results" / "office_caltech.csv")}
    assert methods == {
        *("1nn", "1nn-unit", "ncm", "svm", "pca-unit", "pca-unit-svm"),
        *("tca", "tca-svm", "jda", "jda-svm", "djpmmd", "djpmmd-svm"),
        *("coral", "coral-ncm", "linear-monge"),
        "tjm-30",
    }
    chart = (tmp_path / "results" / "office_caltech.png").read_bytes()
    assert chart.startswith(b"\x89PNG")


@needs_data
def test_presets_give_their_references(main, tmp_path):
    path = tmp_path / "table.csv"
    main("office_caltech")(["--tasks", "W->D", "--csv", str(path), "--png", ""])
    differences = [row["difference"] for row in read_csv(path) if row["reference"]]
    methods = sys.modules["presets"].METHODS.values()
    assert differences == ["0.00"] * sum(bool(method.reference) for method in methods)


@needs_data
def test_unknown_tasks_are_named(main):
    with pytest.raises(SystemExit, match=r"--tasks: Unknown tasks \['X->Y'\]"):
        main("office_caltech")(["--tasks", "X->Y"])


def test_biased_sampling_is_tabulated_with_errors_and_paired_tests(main, tmp_path, capsys):
    path = tmp_path / "bias.csv"
    main("selection_bias")(["--draws", "2", "--csv", str(path)])
    rows, printed = read_csv(path), capsys.readouterr().out
    assert {row["draw"] for row in rows} == {"0", "1"}
    for bias in ("single feature", "joint", "label"):
        own = [row for row in rows if row["bias"] == bias]
        assert len({row["method"] for row in own}) * 2 == len(own) == 2 * 9
        first, second = (float(r["accuracy"]) for r in own if r["method"] == "unweighted")
        expected = f"{(first + second) / 2:.2f} +- {abs(first - second) / 2:.2f}"
        table = printed.split(f"\n{bias}\n")[1].split("\n\n")[0]
        assert expected in next(line for line in table.splitlines() if "unweighted" in line)


def test_without_data_few_labels_says_what_is_missing(main, no_data):
    with pytest.raises(SystemExit, match="is missing"):
        main("few_labels")([])


@needs_data
def test_boosting_beats_few_target_labels_and_pooled_rows_on_mushrooms(main, monkeypatch, tmp_path):
    """Paired over the draws, of enlarging stalks: the mean gain is two standard errors above 0."""
    run, path = main("few_labels"), tmp_path / "few.csv"
    monkeypatch.setitem(run.__globals__["SHARES"], "mushroom", (0.01,))
    run(["--draws", "6", "--csv", str(path)])
    rows = [row for row in read_csv(path) if row["target"] == "e"]

    def accuracies(method):
        return np.array([float(row["accuracy"]) for row in rows if row["method"] == method])

    for baseline in ("target only", "pooled"):
        gains = accuracies("TrAdaBoost") - accuracies(baseline)
        assert len(gains) == 6
        assert gains.mean() > 2 * gains.std(ddof=1) / np.sqrt(6)
