"""The tables of the report in a real browser: a click on a heading sorts the rows."""

import re
from collections import Counter
from itertools import pairwise

import pytest

ORDER = {"ascending": 1, "descending": -1}
READ = """table => [...table.tBodies[0].rows].map(
    row => [...row.cells].map(cell => cell.innerText.trim()))"""
SORTED = """([texts, sign]) => texts.slice(1).every(
    (text, i) => sign * texts[i].localeCompare(text) <= 0)"""


@pytest.fixture
def report(tab):
    """Tab with the report."""
    tab.goto("report.html")
    return tab


def number(text):
    """Number that a cell shows, the first of `a ± b`, `a (b)` and `a/b`; None if it shows none."""
    first = re.sub(r"(?<=\d)( ±.*| \(.*|/.*)$", "", text)
    try:
        return float(first.replace(",", "").replace("\N{MINUS SIGN}", "-").rstrip("%"))
    except ValueError:
        return None


def in_order(numbers, sign):
    """Whether numbers rise, or fall where the sign is negative."""
    return all(sign * a <= sign * b for a, b in pairwise(numbers))


def faults_of(report, table, column, before, direction):
    """What is wrong with a table after a click on the heading of a column."""
    rows = table.evaluate(READ)
    texts = [row[column] for row in rows if row[column]]
    numbers = [number(text) for text in texts if number(text) is not None]
    words = [text for text in texts if number(text) is None]
    state = table.locator("th").nth(column).get_attribute("aria-sort")
    if state != direction:
        yield f"aria-sort is {state}, not {direction}"
    if Counter(map(tuple, rows)) != Counter(map(tuple, before)):
        yield "its rows are not those it had"
    if not in_order(numbers, ORDER[direction]):
        yield f"its numbers are not {direction}: {numbers[:8]}"
    if not report.evaluate(SORTED, [words, ORDER[direction]]):
        yield f"its words are not {direction}: {words[:8]}"


def sorted_twice(report, table):
    """Faults of a table sorted by each column, with the mouse and then with the keyboard."""
    before = table.evaluate(READ)
    for column, head in enumerate(table.locator("th button").all()):
        head.click()
        for direction in ORDER:
            for fault in faults_of(report, table, column, before, direction):
                yield f'"{head.inner_text()}": {fault}'
            head.press("Enter")


def test_every_table_sorts_by_every_column(report):
    tables = report.locator("table.sortable").all()
    assert tables, "report.html has no table of class `sortable`"
    faults = [
        f"table {place}, column {fault}"
        for place, table in enumerate(tables)
        for fault in sorted_twice(report, table)
    ]
    if faults:
        pytest.fail("correct the script of report.html:\n" + "\n".join(faults), pytrace=False)


def test_figures_take_the_colour_of_the_text(report):
    inks = report.locator("svg").evaluate_all("all => all.map(one => one.innerHTML)")
    assert inks, "report.html has no figure"
    without = sum("currentColor" not in ink for ink in inks)
    assert not without, f"{without} figures have inks of their own: draw with currentColor"
