"""The benchmark program: on its embedded problem, and where the data are, on two real tasks."""

import pytest

from benchmarks.lib.tables import read_rows
from benchmarks.reproduction.office_caltech import main
from benchmarks.reproduction.presets import PRESETS
from benchmarks.reproduction.references import measured_accuracy

COLUMNS = ["task", "method", "accuracy", "reference", "difference", "seconds", "n_iter"]
COLUMNS += ["termination"]


@pytest.mark.usefixtures("no_data")
def test_without_data_the_embedded_problem_runs(tmp_path, capsys):
    path = tmp_path / "new" / "table.csv"
    main(["--methods", "1nn-unit", "jda", "--csv", str(path), "--png", ""])
    printed = capsys.readouterr()
    assert "Caltech10_SURF_L10.mat is missing" in printed.out
    assert "z-scored per domain" in printed.out
    assert "2/2" in printed.err  # the progress bar
    nearest, jda = rows = read_rows(path)
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


@pytest.mark.usefixtures("no_data")
def test_every_unpublished_method_runs_by_default(tmp_path):
    pytest.importorskip("matplotlib", reason="the chart is drawn with matplotlib")
    main([])
    methods = {row["method"] for row in read_rows(tmp_path / "results" / "office_caltech.csv")}
    assert methods == {
        *("1nn", "1nn-unit", "ncm", "svm", "pca-unit", "pca-unit-svm"),
        *("tca", "tca-svm", "jda", "jda-svm", "djpmmd", "djpmmd-svm"),
        *("djpmmd-ridge", "djpmmd-ridge-artl"),
        *("coral", "coral-ncm", "linear-monge"),
        "tjm-30",
    }
    chart = (tmp_path / "results" / "office_caltech.png").read_bytes()
    assert chart.startswith(b"\x89PNG")


@pytest.mark.usefixtures("real_data")
def test_presets_give_their_references(tmp_path):
    path = tmp_path / "table.csv"
    main(["--tasks", "W->D", "--csv", str(path), "--png", ""])
    differences = [row["difference"] for row in read_rows(path) if row["reference"]]
    known = [preset for preset in PRESETS if "W->D" in measured_accuracy("SURF").get(preset, {})]
    assert differences == ["0.00"] * len(known)


@pytest.mark.usefixtures("real_data")
def test_unknown_tasks_are_named():
    with pytest.raises(SystemExit, match=r"--tasks: Unknown tasks \['X->Y'\]"):
        main(["--tasks", "X->Y"])
