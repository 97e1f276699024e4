"""What the benchmark leaves behind: a table to read, a CSV file, a bar chart."""

import csv
import re
from pathlib import Path
from statistics import fmean

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


def format_table(header, rows):
    """Lay out rows of text: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in lines
    )


def markdown_table(header, rows):
    """Lay out rows of text for Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, ["---"] * len(header), *rows])


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


def write_csv(records, path):
    """Write a line a cell."""
    write_rows([{**r, **_two_decimals(r)} for r in records], path, COLUMNS)


def write_rows(rows, path, columns=None):
    """Write dictionaries as a CSV file; the columns are those of the first one unless given."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _two_decimals(record):
    numbers = ("accuracy", "reference", "difference", "seconds")
    return {name: f"{record[name]:.2f}" for name in numbers if record[name] is not None}


def replace_block(text, name, body):
    """Replace what stands between `<!-- generated: NAME -->` and the next `<!-- end -->`.

    One blank line separates the body from each marker, as Markdown tables need.
    """
    marker = f"<!-- generated: {name} -->"
    block = re.compile(re.escape(marker) + r".*?<!-- end -->", re.DOTALL)
    text, found = block.subn(lambda _: f"{marker}\n\n{body.strip()}\n\n<!-- end -->", text)
    if found != 1:
        raise ValueError(f"expected one block {marker!r} ... '<!-- end -->', found {found}")
    return text


def draw_means(records, kinds, path, title):
    """Draw the mean accuracy of each method as a bar, coloured by its kind."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    groups = by_method(records)
    fig, ax = plt.subplots(figsize=(7, 1 + 0.26 * len(groups)), layout="constrained")
    for number, kind in enumerate(dict.fromkeys(kinds[name] for name in groups)):
        names = [name for name in groups if kinds[name] == kind]
        bars = ax.barh(names, [mean(groups[n]) for n in names], color=f"C{number}", label=kind)
        ax.bar_label(bars, fmt="%.1f", padding=2, fontsize="small")
    ax.set(xlabel="mean accuracy on the target rows (%)", title=title)
    ax.invert_yaxis()
    ax.margins(x=0.1, y=0.02)
    fig.legend(loc="outside lower center", ncols=4)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=120)
    plt.close(fig)
