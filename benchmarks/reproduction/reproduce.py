"""What was published, what the authors' programs gave when run, and what comes out here.

Exit status 1 if a row that has no stated reason to differ does not agree on every task, to the
decimals of the figure.
"""

import argparse
import sys
from time import perf_counter

from benchmarks.lib.blocks import write_blocks
from benchmarks.lib.data import end_without_data
from benchmarks.lib.tables import format_table, read_rows, write_rows
from benchmarks.reproduction.presets import IMAGE_TASKS, SURF_TASKS
from benchmarks.reproduction.programs import kmm, run_programs, sampled_coral, tradaboost
from benchmarks.reproduction.rows import (
    SETS,
    agreeing,
    blocks,
    by_row,
    compare,
    reference_rows,
    summary,
)
from benchmarks.reproduction.runner import run_cells
from skdomain.datasets import load_coil20, load_mnist_usps, load_office_caltech10

PROGRAMS = (kmm, tradaboost, sampled_coral)
HELD = {"features": "decaf6", "domains": ("W", "D")}  # features of A and C are hard to come by
PROBLEMS = [
    ("SURF", load_office_caltech10, {}, SURF_TASKS),
    ("DeCAF6", load_office_caltech10, HELD, ["W->D", "D->W"]),
    ("images", load_coil20, {}, IMAGE_TASKS[:2]),
    ("images", load_mnist_usps, {}, IMAGE_TASKS[2:]),
]


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--tasks",
        nargs="+",
        choices=SURF_TASKS + IMAGE_TASKS,
        default=SURF_TASKS + IMAGE_TASKS,
        metavar="TASK",
        help="such as 'W->D'; default: all",
    )
    parser.add_argument("--no-programs", action="store_true", help="leave out what is no pipeline")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/reproduction.csv", help="'' for none")
    parser.add_argument(
        "--read", metavar="CSV", help="take the figures from this file, run nothing"
    )
    parser.add_argument("--page", help="Markdown page to fill with the tables")
    parser.add_argument("--data-home", help="folder of the data files")
    parser.add_argument("--download", action="store_true", help="download missing data files")
    return parser.parse_args(argv)


def run_rows(rows, args):
    """Accuracy in percent of all presets that the rows name, by data, preset and task."""
    ours = {}
    for name, load, options, tasks in PROBLEMS:
        if not (wanted := [task for task in tasks if task in args.tasks]):
            continue
        data = load(**options, data_home=args.data_home, download_if_missing=args.download)
        tasks = list(data.tasks(wanted))
        named = {row.preset for row in rows if row.data == name}
        presets = {preset: m for preset, m in SETS[name].items() if preset in named}
        records = run_cells(presets, tasks, args.jobs)
        if name == "SURF" and not args.no_programs:
            records += run_programs(PROGRAMS, tasks, args.jobs)
        ours |= {(name, r["method"], r["task"]): r["accuracy"] for r in records}
    return ours


def main(argv=None):
    """Print the comparison; return 1 if a row differs that has no reason to, else 0."""
    args = parse_args(argv)
    start, rows = perf_counter(), reference_rows()
    with end_without_data():
        lines = read_rows(args.read) if args.read else compare(rows, run_rows(rows, args))
    groups = by_row(lines)
    shown = [(row, groups[row[:3]]) for row in rows if row[:3] in groups]
    table = [[f"{r.data} {r.source}: {t[0]}", *t[1:6]] for r, g in shown for t in [summary(r, g)]]
    print(format_table(["row", "published", "measured", "ours", "difference", "equal"], table))
    print(f"\n{len(table)} rows in {perf_counter() - start:.0f} s")
    if args.csv and not args.read:
        write_rows(lines, args.csv)
        print(f"table: {args.csv}")
    if args.page:
        write_blocks(args.page, blocks(rows, lines))
    missed = [r.method for r, cells in shown if not r.reason and agreeing(cells) < len(cells)]
    if missed:
        print("not reproduced: " + ", ".join(missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
