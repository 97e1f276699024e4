"""What is published equals what the program makes of the tracked measurements, good or bad."""

import re
from pathlib import Path

import pytest

from benchmarks.lib.tables import write_rows
from benchmarks.quality.full import publish
from benchmarks.quality.full.findings import cannot, claims, fair, nested
from benchmarks.quality.full.page import html_cell, write_page
from benchmarks.quality.full.summary import CASE, matches, nested_rows, read

ROOT = Path(__file__).parents[4]
LIMIT = 300_000

OUTSIDE = [
    r"<!-- generated: .*?<!-- end -->",
    r"```.*?```",
    r"`[^`]*`",
    r"(Python|NumPy|SciPy|scikit-learn|numba)( >=)? \d+(\.\d+)+( to \d+(\.\d+)+)?",
    r"\b(lam|T|mu|C) = [\d.]+|and 0\.1 \(DJP-MMD\)",
]
FIGURE = re.compile(r"\d\.\d|\d ?%|±|\d (points|times|seconds|MB|GB)\b|\btimes (faster|less|lower)")


def cell(method, library, accuracy, seconds=1.0, *, task="a", setting="matched", **others):
    """Row of the compact table."""
    row = {"data": "made", "task": task, "library": library, "version": "1", "method": method}
    row |= {"setting": setting, "status": "ok", "accuracy": accuracy, "cpu_seconds": seconds}
    return row | {"memory_mb": 10.0, "error": ""} | others


def claimed(rows):
    return claims(matches(rows), rows)


FOUR = [
    cell("TCA", "skdomain", 60.0, 1.0),
    cell("TCA", "skdomain", 50.0, 2.0, task="b"),
    cell("TCA", "skada", 50.0, 4.0, memory_mb=30.0),
    cell("TCA", "skada", 54.0, 1.0, task="b", memory_mb=50.0),
]


@pytest.mark.parametrize(
    "page", ["README.md", "docs/benchmarks.md", "docs/skada_bench.md", "docs/peers.md"]
)
def test_generated_parts_are_what_the_program_makes_of_the_tracked_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert set(publish.PAGES[page]) <= set(re.findall(r"<!-- generated: (.*?) -->", text))
    assert text == publish.filled(page, publish.blocks()), (
        "run python -m benchmarks.quality.full.publish"
    )


def test_readme_has_no_measured_figure_that_is_typed():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for pattern in OUTSIDE:
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    typed = [line for line in text.splitlines() if FIGURE.search(line)]
    assert typed == [], "figures stand in blocks that publish writes"


def test_tracked_measurements_are_small():
    files = list((ROOT / "docs" / "results").glob("*.csv"))
    assert {"full.csv", "nested.csv", "office_caltech.csv"} <= {file.name for file in files}
    assert [file.name for file in files if file.stat().st_size > LIMIT] == []


def test_every_table_of_methods_has_source_only():
    blocks = publish.blocks()
    assert "| source only |" in blocks["peers"]
    assert "| no adaptation |" in blocks["front"]
    assert blocks["overall"].splitlines()[2].startswith("| source only | scikit-learn |")
    for name in ("office-mmd", "office-alignment"):
        for baseline in ("1-NN", "1-NN, unit rows", "PCA, unit rows, 1-NN"):
            assert f"| {baseline} |" in blocks[name]


def test_claims_are_as_worked_by_hand():
    text = claimed(FOUR)
    assert "Of 2 cells" in text
    assert "more accurate on 1, as accurate on 0 and less accurate on 1" in text
    assert "the means are 55.0 and 52.0 %" in text
    assert "CPU time is 2.2 times skdomain's" in text  # the median of 4 and 1/2 is 2.25
    assert "the slower one on 1 of 2." in text
    assert "10 MB for skdomain, 40 MB for the peer" in text
    assert "less accurate on the mean than 0 of 1 versions." in text


def test_a_method_that_loses_is_said_to_lose():
    rows = [cell("TCA", "skdomain", 40.0, 3.0), cell("TCA", "skada", 41.5, 1.0)]
    rows += [cell("source only", "scikit-learn", 44.0, setting="default")]
    rows += [cell("TCA", "skdomain", 43.0, setting="default")]
    text = claimed(rows)
    assert "less accurate on the mean than 1 of 1 versions: TCA of skada (-1.5)." in text
    assert "more CPU time at the median than 1 of 1 versions: TCA of skada (3 times)." in text
    assert "1 of skdomain's 1 methods are below it" in text
    assert "TCA (-1.0)." in text


def test_a_peer_that_does_less_work_has_a_star_and_its_reason():
    rows = [cell("TJM", "skdomain", 50.0, 2.0), cell("TJM", "skada", 50.0)]
    text = claimed(rows)
    assert "versions: TJM of skada* (2 times)." in text
    assert "* \\* does less work than ours: TJM of skada stops after one iteration." in text
    assert "does less work" not in claimed(FOUR)


def test_time_is_said_of_all_cells_and_of_those_where_the_work_is_alike():
    less = [cell("TJM", "skdomain", 50.0, 2.0), cell("TJM", "skada", 50.0)]
    text = claimed([*FOUR, *less])
    sums = [
        sum(row["cpu_seconds"] for row in [*FOUR, *less] if row["library"] == name)
        for name in ("skada", "skdomain")
    ]
    assert "times skdomain's at the median, 2.2 times where it does the same work" in text
    assert f"{sums[0] / sums[1]:.2g} times all cells taken together" in text
    assert "same work" not in claimed(less)


def test_less_work_by_default_has_a_star_by_default_alone():
    for setting, star in (("default", "*"), ("matched", "")):
        rows = [
            cell("KLIEP", library, 50.0, seconds) | {"setting": setting}
            for library, seconds in (("skdomain", 2.0), ("adapt", 1.0))
        ]
        text = claimed(rows)
        assert f"KLIEP of adapt{star} (2 times)" in text
        assert ("takes by default one width unchosen" in text) == bool(star)


def test_cells_that_one_side_alone_finishes_are_counted_and_not_compared():
    failed = {"status": "failed", "accuracy": None}
    rows = [*FOUR, cell("TCA", "skdomain", 90.0, task="c"), cell("TCA", "skada", 0, task="c")]
    rows[-1] |= failed
    text = claimed(rows)
    assert "Of 2 cells" in text
    assert "skdomain alone finishes: 1; that the peer alone finishes: 0." in text
    assert claimed([rows[0], rows[2] | failed]).startswith("No cell was finished by")


def test_settings_of_one_meaning_go_before_defaults():
    sides = [("TCA", "matched"), ("TCA", "default"), ("CORAL", "default")]
    rows = [cell(m, lib, 50.0, setting=s) for m, s in sides for lib in ("skdomain", "skada")]
    kept = [(m.method, m.setting) for m in fair(matches(rows))]
    assert kept == [("TCA", "matched"), ("CORAL", "default")]


def test_a_matched_setting_under_another_name_goes_before_defaults():
    pairs = [("CORAL", "default"), ("standardised CORAL", "matched")]
    sides = [(m, lib, s) for m, s in pairs for lib in ("skdomain", "transfertools")]
    rows = [cell(m, lib, 50.0, setting=s) for m, lib, s in [*sides, ("CORAL", "adapt", "default")]]
    kept = {(m.method, m.peer) for m in fair(matches(rows))}
    assert kept == {("CORAL", "adapt"), ("standardised CORAL", "transfertools")}


def test_what_a_library_cannot_do_is_listed_with_its_error():
    rows = [cell("JDA", "skada", None, status="absent", error="skada has no such method")]
    rows += [
        cell("KMM", "skada", None, status="failed", error="ValueError: `B`", task=t) for t in "ab"
    ]
    first, second = cannot(rows).splitlines()
    assert first == "* **skada 1** has no JDA"
    assert second == "  * KMM (matched): failed, cells: 2: `ValueError: 'B'`"


def nested_cell(split, setting, accuracy, criterion):
    row = cell("TCA", "skada", accuracy, setting=setting)
    error = {"error": row.pop("error")}
    return {"protocol": "nested", "split": split, **row, "entropy": criterion, **error}


def test_rules_choose_on_each_split_as_worked_by_hand():
    cells = [
        nested_cell("0", "default", 50.0, -0.2),
        nested_cell("0", "matched", 70.0, float("nan")),
        nested_cell("0", "lam 10", 60.0, -0.1),
        nested_cell("1", "default", 40.0, 0.3),
        nested_cell("1", "matched", 20.0, 0.2),
    ]
    (row,) = nested_rows(cells)
    assert (row["splits"], row["entropy"]) == (2, "50.00")
    unknown = [c | {"entropy": None} for c in cells[3:]]
    (row,) = nested_rows(cells[:3] + unknown)
    assert row["entropy"] == ""
    (row,) = nested_rows([cells[3] | {"entropy": None}])
    assert row["entropy"] == "40.00"  # one setting: nothing is to be chosen


def test_nested_table_gives_means_and_standard_errors_over_tasks():
    case = {"data": "made", "library": "skada", "version": "1", "method": "TCA", "splits": 5.0}
    values = [(40.0, 10.0), (50.0, None), (60.0, 20.0)]
    rows = [{**case, "task": str(i), "one": a, "two": b} for i, (a, b) in enumerate(values)]
    rows = [{name: row[name] for name in [*CASE, "splits", "one", "two"]} for row in rows]
    header, (line,) = nested(rows)
    assert header[3:] == ["one", "two"]
    assert line == ["TCA", "skada", "3", "50.0 ± 5.8", "15.0 ± 5.0 (2)"]


def test_compact_files_keep_what_is_said_and_say_the_impossible_once(tmp_path):
    cells = [{**row, "protocol": "all rows", "split": "", "one": 1.0, "error": ""} for row in FOUR]
    never = {"status": "absent", "accuracy": None, "cpu_seconds": None, "memory_mb": None}
    cells += [{**cells[0], **never, "library": "POT", "task": task} for task in "ab"]
    order = [name for name in cells[0] if name not in ("one", "error")]
    write_rows(cells, tmp_path / "cells.csv", [*order, "one", "error"])
    publish.compact(tmp_path / "cells.csv", tmp_path)
    rows = read(tmp_path / "full.csv")
    assert len(rows) == 5
    assert claimed(rows) == claimed(FOUR)
    assert rows[-1]["task"] == ""
    assert read(tmp_path / "nested.csv") == []


def check_table(table):
    head = table[: table.index("</thead>")]
    assert head.count('<th scope="col"><button>') == head.count("<th ") > 0


def test_report_is_one_file_with_sortable_tables_and_labelled_figures(tmp_path):
    pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
    folder = ROOT / "docs" / "results"
    write_page(folder, tmp_path / "new" / "report.html")
    page = (tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    tables = re.findall(r'<table class="sortable.*?</table>', page, re.DOTALL)
    has_nested = bool(read(folder / "nested.csv"))
    assert len(tables) == 4 + has_nested
    assert len(tables[3].split("<tr>")) == 2 + len(read(folder / "full.csv"))
    for table in tables:
        check_table(table)
    assert page.count("<svg ") == page.count('<svg role="img" aria-label="') == 2 + has_nested
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert not re.search(r'(src|href)="(?!#|data:)', page)  # nothing is fetched
    assert "\\*" not in page
    assert {*re.findall('href="#(part-[0-9]+)', page)} == {*re.findall('<h3 id="([^"]+)', page)}


def test_report_of_a_run_in_which_nothing_succeeded_says_so(tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
    never = {"status": "time limit", "accuracy": None, "cpu_seconds": None, "memory_mb": None}
    row = cell("source only", "scikit-learn", None, setting="default") | never
    write_rows([row | {"error": "not finished after 9 s"}], tmp_path / "cells.csv")
    publish.report(tmp_path / "cells.csv", tmp_path / "report.html")
    assert "No cell was finished by skdomain and a peer." in capsys.readouterr().out
    assert "not finished after 9 s" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_cells_of_the_report_sort_as_numbers():
    assert html_cell("12.5") == '<td class="n">12.5</td>'
    assert html_cell("-3") == '<td class="n">-3</td>'
    assert html_cell("61.2 ± 3.0 (4)") == '<td class="n" data-value="61.2">61.2 ± 3.0 (4)</td>'
    assert html_cell("11/12") == '<td class="n" data-value="11">11/12</td>'
    assert html_cell("0.4.5") == "<td>0.4.5</td>"
    assert html_cell("W->D") == "<td>W-&gt;D</td>"
    assert html_cell("") == "<td></td>"
