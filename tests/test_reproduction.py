"""The reproduction page: its tables are those of the tracked file, its arithmetic, and its rows."""

import csv
import os
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "results"
PROGRAMS = ("_report", "_reproduction", "_runner", "presets", "reference_programs", "variants")

pytest.importorskip("tqdm", reason="the benchmark shows its progress with tqdm")
needs_data = pytest.mark.skipif(
    "SKDOMAIN_DATA" not in os.environ, reason="SKDOMAIN_DATA does not name the real data"
)


@pytest.fixture
def load(monkeypatch):
    """Return what one of the programs defines."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    yield lambda name: runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"))
    for name in PROGRAMS:
        sys.modules.pop(name, None)


@pytest.fixture
def tables(load):
    return load("_reproduction")


def read_csv(name):
    with (RESULTS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_page_shows_the_tracked_file(tables):
    page = (ROOT / "docs" / "reproduction.md").read_text("utf-8")
    lines = read_csv("reproduction.csv")
    assert tables["fill_page"](page, tables["read_rows"](), lines) == page


def test_every_row_was_run_on_all_its_tasks_or_the_page_says_so(tables):
    columns = ("data", "source", "method", "task")
    run = {tuple(line[name] for name in columns) for line in read_csv("reproduction.csv")}
    wanted = {(*row[:3], task) for row in tables["read_rows"]() for task in row.expected}
    assert run <= wanted
    assert {data for data, *_ in wanted - run} == {"DeCAF6"}


def test_a_row_that_differs_says_why(tables):
    groups = tables["by_row"](read_csv("reproduction.csv"))
    for row in tables["read_rows"]():
        lines = groups[row[:3]]
        assert row.reason or tables["agreeing"](lines) == len(lines), row.method


def test_the_tracked_figures_are_those_of_the_reference(tables):
    groups = tables["by_row"](read_csv("reproduction.csv"))
    for row in tables["read_rows"]():
        for line in groups[row[:3]]:
            assert line["published"] == row.published.get(line["task"], "")
            assert line["measured"] == row.measured.get(line["task"], "")


def test_references_of_the_presets_are_the_measured_figures(tables):
    measured = {(row.data, row.preset): row.measured for row in tables["read_rows"]()}
    presets = sys.modules["presets"]
    for data, methods in (("SURF", presets.METHODS), ("images", presets.IMAGE_METHODS)):
        for name, method in methods.items():
            if method.reference:
                figures = {task: float(value) for task, value in measured[data, name].items()}
                assert figures == method.reference, name


def line(published, measured, ours):
    return {"published": published, "measured": measured, "ours": ours}


def test_agreement_is_to_the_printed_decimals(tables):
    one_decimal = [line("39.5", "", "39.45"), line("40.0", "", "40.06")]
    assert tables["agreeing"](one_decimal) == 1
    two_decimals = [line("", "39.5", "39.50"), line("", "40.01", "40.02")]
    assert tables["agreeing"](two_decimals) == 1


def test_a_row_is_averaged_and_compared_with_what_was_published(tables):
    row = tables["Row"]("SURF", "s", "m", "jda-25", {"a->b": "10.0"}, {}, "because")
    cells = tables["summary"](row, [line("10.0", "11.00", "12.00"), line("20.0", "", "20.00")])
    assert cells == ["m (oracle)", "15.00", "", "16.00", "+1.00", "1 of 2", "because"]


def test_a_block_is_replaced_and_a_missing_one_is_named(load):
    replace_block = load("_report")["replace_block"]
    text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- generated: y --><!-- end -->"
    once = replace_block(text, "x", r"| \1 |")
    assert once == text.replace("\nold\n", "\n\n| \\1 |\n\n")
    assert replace_block(once, "x", r"| \1 |") == once
    with pytest.raises(ValueError, match=r"generated: z.*found 0"):
        replace_block(text, "z", "new")


def test_ranges_of_the_figure_are_differences_of_table_lines(monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="the figure needs matplotlib")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    pyplot.switch_backend("Agg")
    script = runpy.run_path(str(ROOT / "docs" / "examples" / "plot_what_matters.py"))
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
    lines = read_csv("what_matters.csv")
    for cells in lines:
        tasks = [float(value) for name, value in cells.items() if "->" in name]
        assert len(tasks) == 12
        assert abs(sum(tasks) / 12 - float(cells["mean"])) <= 0.01


def test_without_data_nothing_is_reproduced(load, monkeypatch, tmp_path):
    monkeypatch.delenv("SKDOMAIN_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.raises(SystemExit, match="is missing"):
        load("reproduce")["main"]([])


@needs_data
def test_a_row_without_a_reason_to_differ_fails_the_program(load, monkeypatch, tmp_path, capsys):
    reproduce = load("reproduce")
    run, path = reproduce["main"], tmp_path / "lines.csv"
    rows = [row for row in reproduce["read_rows"]() if row.preset in ("1nn", "jda-25")]
    rows = [row for row in rows if row.data == "SURF"]
    monkeypatch.setitem(run.__globals__, "read_rows", lambda: rows)
    wanted = ["--tasks", "W->D", "--no-programs", "--csv", str(path)]
    assert run(wanted) == 0
    assert capsys.readouterr().out.count("1 of 1") == len(rows) == 3
    tracked = read_csv("reproduction.csv")
    with path.open(newline="", encoding="utf-8") as file:
        assert all(cells in tracked for cells in csv.DictReader(file))
    monkeypatch.setitem(rows[0].published, "W->D", "60.24")
    assert run(wanted) == 1
    assert "not reproduced: 1-NN" in capsys.readouterr().out
