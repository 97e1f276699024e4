"""What moves accuracy: the tracked table, and the ranges that its figure shows."""

import runpy
from pathlib import Path

import pytest

from benchmarks.lib.tables import read_rows

DOCS = Path(__file__).parents[3] / "docs"


def test_ranges_of_the_figure_are_differences_of_table_lines(monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="the figure needs matplotlib")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    pyplot.switch_backend("Agg")
    script = runpy.run_path(str(DOCS / "examples" / "plot_what_matters.py"))
    pyplot.close("all")
    lines = [
        {"method": "JDA", "classifier": c, "rows": r, "n_components": k, "mean": mean}
        for c, r, k, mean in [
            ("1-NN", "both", "30", "46.5"),
            ("logistic", "both", "30", "50.0"),
            ("1-NN", "none", "30", "40.0"),
            ("logistic", "none", "30", "10.0"),
            ("1-NN", "both", "100", "45.0"),
        ]
    ]
    for factor, points in (("classifier", 3.5), ("rows", 6.5), ("n_components", 1.5)):
        values = script["profile"](lines, "JDA", factor).values()
        assert script["spread"](values) == points


def test_means_of_the_what_matters_table_are_those_of_its_tasks():
    lines = read_rows(DOCS / "results" / "what_matters.csv")
    for cells in lines:
        tasks = [float(value) for name, value in cells.items() if "->" in name]
        assert len(tasks) == 12
        assert abs(sum(tasks) / 12 - float(cells["mean"])) <= 0.01
