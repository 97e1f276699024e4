"""Do the presets give the published accuracies, task by task? Exit status 1 if one does not."""

import argparse
import sys
from time import perf_counter

from _report import by_method, format_table, largest_difference, mean
from _runner import run_cells
from presets import IMAGE_METHODS, IMAGE_TASKS, METHODS, SURF_TASKS

from skdomain.datasets import load_coil20, load_mnist_usps, load_office_caltech10

TOLERANCE = 0.05  # points; references have two decimals

PROBLEMS = [
    (load_office_caltech10, SURF_TASKS, METHODS),
    (load_coil20, IMAGE_TASKS[:2], IMAGE_METHODS),
    (load_mnist_usps, IMAGE_TASKS[2:], IMAGE_METHODS),
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
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--data-home", help="folder of the data files")
    parser.add_argument("--download", action="store_true", help="download missing data files")
    return parser.parse_args(argv)


def run_presets(args):
    """Run everything that has a reference on the tasks wanted."""
    records = []
    for load, names, methods in PROBLEMS:
        if wanted := [name for name in names if name in args.tasks]:
            data = load(data_home=args.data_home, download_if_missing=args.download)
            presets = {name: method for name, method in methods.items() if method.reference}
            records += run_cells(presets, list(data.tasks(wanted)), args.jobs)
    return records


def summary_row(name, cells):
    """Row of the printed table."""
    close = sum(abs(cell["difference"]) <= TOLERANCE for cell in cells)
    return [
        name,
        f"{mean(cells, 'reference'):.2f}",
        f"{mean(cells):.2f}",
        f"{largest_difference(cells):.2f}",
        f"{close}/{len(cells)}",
    ]


def main(argv=None):
    """Print the comparison; return 1 if a preset misses its reference anywhere, else 0."""
    args = parse_args(argv)
    start = perf_counter()
    try:
        groups = by_method(run_presets(args))
    except OSError as error:
        raise SystemExit(str(error)) from None
    rows = [summary_row(name, cells) for name, cells in groups.items()]
    print(format_table(["preset", "reference", "ours", "off by", "tasks within 0.05"], rows))
    missed = [name for name, cells in groups.items() if largest_difference(cells) > TOLERANCE]
    print(f"\n{len(groups)} presets in {perf_counter() - start:.0f} s")
    if missed:
        print("not reproduced: " + ", ".join(missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
