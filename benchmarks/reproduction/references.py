"""The reference figures: what was published, and what was measured with other programs.

reference_figures.csv is the only place where they stand. It has a line for each published row of
a method of this library, and a line for each row that was measured with the authors' program or
with a port of it that agreed with it.
"""

from pathlib import Path

from benchmarks.lib.tables import read_rows

FIGURES = Path(__file__).with_name("reference_figures.csv")


def lines_of(quantity):
    """Lines of the file, "published" or "measured"."""
    return [line for line in read_rows(FIGURES) if line["quantity"] == quantity]


def by_task(line):
    """Figures of a line by task, as they are printed."""
    return {name: value for name, value in line.items() if "->" in name and value}


def measured_accuracy(data):
    """Measured accuracy in percent by preset and task."""
    return {
        line["preset"]: {task: float(value) for task, value in by_task(line).items()}
        for line in lines_of("measured")
        if line["data"] == data
    }
