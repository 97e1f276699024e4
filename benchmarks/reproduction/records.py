"""What the presets leave behind: a table to read, a CSV file, a bar chart."""

from statistics import fmean

from benchmarks.lib.drawing import save, subplots
from benchmarks.lib.tables import format_table, write_rows

COLUMNS = (
    "task",
    "method",
    "accuracy",
    "reference",
    "difference",
    "seconds",
    "n_iter",
    "termination",
)


def by_method(records):
    """Group the records by method, in the order they come in."""
    groups = {}
    for record in records:
        groups.setdefault(record["method"], []).append(record)
    return groups


def mean(cells, column="accuracy"):
    """Mean of a column over the cells of one method."""
    return fmean(cell[column] for cell in cells)


def largest_difference(cells):
    """Largest absolute difference to the reference, None where there is no reference."""
    differences = [abs(c["difference"]) for c in cells if c["difference"] is not None]
    return max(differences, default=None)


def accuracy_table(records):
    """Methods by tasks, their mean, and the largest difference to the reference if any has one."""
    groups = by_method(records)
    header = ["method", *dict.fromkeys(record["task"] for record in records), "mean"]
    rows = [[name, *_accuracies(cells)] for name, cells in groups.items()]
    if largest_difference(records) is not None:
        header.append("off by")
        rows = [[*row, _off_by(groups[row[0]])] for row in rows]
    return format_table(header, rows)


def _accuracies(cells):
    return [f"{value:.1f}" for value in [*(c["accuracy"] for c in cells), mean(cells)]]


def _off_by(cells):
    difference = largest_difference(cells)
    return "" if difference is None else f"{difference:.2f}"


def write_records(records, path):
    """Write a line a cell."""
    write_rows([{**r, **_two_decimals(r)} for r in records], path, COLUMNS)


def _two_decimals(record):
    numbers = ("accuracy", "reference", "difference", "seconds")
    return {name: f"{record[name]:.2f}" for name in numbers if record[name] is not None}


def draw_means(records, kinds, path, title):
    """Draw the mean accuracy of each method as a bar, coloured by its kind."""
    groups = by_method(records)
    fig, ax = subplots(figsize=(7, 1 + 0.26 * len(groups)))
    for number, kind in enumerate(dict.fromkeys(kinds[name] for name in groups)):
        names = [name for name in groups if kinds[name] == kind]
        bars = ax.barh(names, [mean(groups[n]) for n in names], color=f"C{number}", label=kind)
        ax.bar_label(bars, fmt="%.1f", padding=2, fontsize="small")
    ax.set(xlabel="mean accuracy on the target rows (%)", title=title)
    ax.invert_yaxis()
    ax.margins(x=0.1, y=0.02)
    fig.legend(loc="outside lower center", ncols=4)
    save(fig, path)
