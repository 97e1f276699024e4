"""From the cells of a run to what is tracked and read.

Writes docs/results/full.csv (all rows) and nested.csv (nested splits) from the cells,
office_caltech.csv and office_googlenet.csv there from what reproduction.office_caltech wrote, the
figure of the README, and the generated blocks of README.md and the pages of docs/ from these files.
Without an option it only writes figure and blocks anew. The HTML report is made from the same
files: by run.py beside its cells, by Sphinx for the site.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.lib.blocks import with_blocks
from benchmarks.lib.tables import format_table, group, write_rows
from benchmarks.quality.full.findings import (
    alike,
    cannot,
    claims,
    fair,
    markdown,
    nested,
    overall,
)
from benchmarks.quality.full.front import draw_front, front_blocks
from benchmarks.quality.full.office import COLUMNS, office_blocks
from benchmarks.quality.full.summary import (
    CASE,
    FULL,
    criteria_of,
    full_rows,
    matches,
    nested_rows,
    read,
)

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"
PAGES = {
    "README.md": ["front", "guarantees"],
    "docs/benchmarks.md": ["measured", "overall", "office-short", "office-mmd", "office-alignment"],
    "docs/skada_bench.md": ["nested"],
    "docs/peers.md": ["claims", "peers", "cannot"],
}


def compact(cells_path, folder):
    """Write the short files of a run into a folder."""
    cells = read(cells_path)
    rules = criteria_of(cells)
    write_rows(full_rows(cells), f"{folder}/full.csv", FULL)
    write_rows(nested_rows(cells), f"{folder}/nested.csv", [*CASE, "splits", *rules])
    day = datetime.fromtimestamp(Path(cells_path).stat().st_mtime, UTC).date()
    write_rows([{"measured": f"{day:%Y-%m}"}], f"{folder}/about.csv")


def report(cells_path, page_path):
    """Compact a run beside its cells, print its tables and write its page."""
    from benchmarks.quality.full.page import write_page

    folder = Path(cells_path).parent
    compact(cells_path, folder)
    rows, chosen = read(folder / "full.csv"), read(folder / "nested.csv")
    found = matches(rows)
    tables = [overall(rows), alike(found), *([nested(chosen)] if chosen else [])]
    print("\n\n".join([*(format_table(*table) for table in tables), claims(fair(found), rows)]))
    write_page(folder, page_path)


def compact_office(path, name):
    """Track the columns of an Office-Caltech run that do not change with the machine."""
    rows = [{name: row[name] for name in COLUMNS} for row in read(path)]
    write_rows(rows, RESULTS / f"office_{name}.csv", COLUMNS)


def measured(rows, about):
    """When, and with which versions."""
    versions = {row["library"]: row["version"] for row in rows if row["version"]}
    names = ", ".join(f"{library} {version}" for library, version in versions.items())
    return f"Measured in {about[0]['measured']} with {names}."


def blocks(folder=RESULTS):
    """Generated parts by name."""
    rows, chosen = read(folder / "full.csv"), read(folder / "nested.csv")
    found = matches(rows)
    own = [match for match in found if match.setting == "default"]
    when = measured(rows, read(folder / "about.csv"))
    office = office_blocks(folder / "office_caltech.csv") | front_blocks(folder)
    return office | {
        "measured": when,
        "claims": f"{when}\n\n{claims(fair(found), rows)}",
        "overall": markdown(*overall(rows)),
        "peers": "\n\n".join(
            [f"{when} Each with its defaults:", claims(own, rows), markdown(*alike(found))]
        ),
        "cannot": cannot(rows),
        "nested": nested_part(chosen),
    }


def nested_part(chosen):
    """The table of the nested splits and what it is a mean of."""
    if not chosen:
        return "Not run yet."
    splits = int(chosen[0]["splits"])
    tasks = len(group(chosen, "data", "task"))
    return f"{tasks} tasks, {splits} outer splits of each.\n\n{markdown(*nested(chosen))}"


def filled(page, parts):
    """Text of a page with its blocks made anew."""
    return with_blocks(ROOT / page, {name: parts[name] for name in PAGES[page]})


def main(argv=None):
    """Write the tracked files and the generated blocks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", help="such as results/full/cells.csv")
    parser.add_argument("--office", help="on SURF, such as results/office_caltech.csv")
    parser.add_argument("--googlenet", help="the same on GoogLeNet features")
    args = parser.parse_args(argv)
    if args.cells:
        compact(args.cells, RESULTS)
    if args.office:
        compact_office(args.office, "caltech")
    if args.googlenet:
        compact_office(args.googlenet, "googlenet")
    draw_front(ROOT / "docs" / "static")
    parts = blocks()
    for page in PAGES:
        (ROOT / page).write_text(filled(page, parts), encoding="utf-8")
        print(page)


if __name__ == "__main__":
    main()
