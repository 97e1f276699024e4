"""Accuracy of every method on the twelve tasks of Office-Caltech10.

Without the data files the same methods run on an embedded problem: handwritten digits, half of
them rotated and blurred.
"""

import argparse
from time import perf_counter

from benchmarks.reproduction.presets import PRESETS, PROTOCOL
from benchmarks.reproduction.records import accuracy_table, draw_means, write_records
from benchmarks.reproduction.references import measured_accuracy
from benchmarks.reproduction.runner import run_cells
from skdomain.datasets import load_office_caltech10, make_rotated_digits

UNPUBLISHED = ("baseline", "adapted")


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--features", choices=["surf", "decaf6", "googlenet1024"], default="surf")
    parser.add_argument(
        "--methods",
        nargs="+",
        choices=PRESETS,
        metavar="NAME",
        help="default: all, the published ones on SURF alone; " + ", ".join(PRESETS),
    )
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="such as 'C->A'; default: all")
    parser.add_argument(
        "--csv", default="results/office_caltech.csv", help="default: %(default)s; '' for none"
    )
    parser.add_argument(
        "--png", default="results/office_caltech.png", help="default: %(default)s; '' for none"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--data-home", help="folder of the data files")
    parser.add_argument("--download", action="store_true", help="download missing data files")
    return parser.parse_args(argv)


def choose_tasks(args):
    """Return the title of the problem, its tasks, and whether it is that of the references."""
    try:
        data = load_office_caltech10(
            args.features, data_home=args.data_home, download_if_missing=args.download
        )
    except OSError as error:
        print(f"{error}\n--download fetches all files. Until then, an embedded problem:\n")
        task = make_rotated_digits(random_state=0)
        task.name = "rotated"
        return "Digits, the target rotated and blurred", [task], False
    try:
        tasks = list(data.tasks(args.tasks))
    except ValueError as error:
        raise SystemExit(f"--tasks: {error}") from None
    return f"Office-Caltech10, {args.features} features", tasks, args.features == "surf"


def select_presets(names, is_surf):
    """Return the rows wanted; no published ones by default for other data than SURF."""
    default = [n for n, preset in PRESETS.items() if is_surf or preset.kind in UNPUBLISHED]
    return {name: PRESETS[name] for name in names or default}


def main(argv=None):
    """Run the benchmark and print, write and draw its results."""
    args = parse_args(argv)
    start = perf_counter()
    title, tasks, is_surf = choose_tasks(args)
    presets = select_presets(args.methods, is_surf)
    references = measured_accuracy("SURF") if is_surf else {}
    print(f"{title}\n\n{PROTOCOL}\n", flush=True)
    records = run_cells(presets, tasks, args.jobs, references)
    print(accuracy_table(records))
    if is_surf:
        print("off by: largest difference to the published or measured accuracy, in points")
    print(f"\n{len(records)} cells in {perf_counter() - start:.0f} s")
    if args.csv:
        write_records(records, args.csv)
        print(f"table: {args.csv}")
    if args.png:
        draw_means(records, {name: m.kind for name, m in presets.items()}, args.png, title)
        print(f"chart: {args.png}")


if __name__ == "__main__":
    main()
