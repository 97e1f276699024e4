"""The reproduction page: its tables are those of the tracked file, its arithmetic, and its rows."""

from pathlib import Path

import pytest

from benchmarks.lib.blocks import with_blocks
from benchmarks.lib.tables import read_rows
from benchmarks.reproduction.references import measured_accuracy
from benchmarks.reproduction.rows import (
    SETS,
    Row,
    agreeing,
    blocks,
    by_row,
    reference_rows,
    summary,
)

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def tracked():
    """Lines of the tracked file."""
    return read_rows(DOCS / "results" / "reproduction.csv")


def test_the_page_shows_the_tracked_file(tracked):
    page = DOCS / "reproduction.md"
    assert with_blocks(page, blocks(reference_rows(), tracked)) == page.read_text("utf-8")


def test_every_row_was_run_on_all_its_tasks_or_the_page_says_so(tracked):
    columns = ("data", "source", "method", "task")
    run = {tuple(line[name] for name in columns) for line in tracked}
    wanted = {(*row[:3], task) for row in reference_rows() for task in row.expected}
    assert run <= wanted
    assert {data for data, *_ in wanted - run} == {"DeCAF6"}


def test_a_row_that_differs_says_why(tracked):
    groups = by_row(tracked)
    for row in reference_rows():
        lines = groups[row[:3]]
        assert row.reason or agreeing(lines) == len(lines), row.method


def test_the_tracked_figures_are_those_of_the_reference(tracked):
    groups = by_row(tracked)
    for row in reference_rows():
        for line in groups[row[:3]]:
            assert line["published"] == row.published.get(line["task"], "")
            assert line["measured"] == row.measured.get(line["task"], "")


def line(published, measured, ours):
    return {"published": published, "measured": measured, "ours": ours}


def test_agreement_is_to_the_printed_decimals():
    one_decimal = [line("39.5", "", "39.45"), line("40.0", "", "40.06")]
    assert agreeing(one_decimal) == 1
    two_decimals = [line("", "39.5", "39.50"), line("", "40.01", "40.02")]
    assert agreeing(two_decimals) == 1


def test_a_row_is_averaged_and_compared_with_what_was_published():
    row = Row("SURF", "s", "m", "jda-25", {"a->b": "10.0"}, {}, "because")
    cells = summary(row, [line("10.0", "11.00", "12.00"), line("20.0", "", "20.00")])
    assert cells == ["m (oracle)", "15.00", "", "16.00", "+1.00", "1 of 2", "because"]


def test_only_rows_of_the_table_have_measured_figures():
    for data, presets in SETS.items():
        rows = {row.preset for row in reference_rows() if row.data == data and row.measured}
        assert set(measured_accuracy(data)) == rows
        assert all(measured_accuracy(data)[preset] for preset in rows & set(presets))
