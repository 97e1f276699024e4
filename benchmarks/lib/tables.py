"""Rows of figures: CSV files, tables to read, means with errors."""

import csv
from pathlib import Path

import numpy as np


def read_rows(path):
    """Rows of a CSV file as dictionaries of text."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_rows(rows, path, columns=None):
    """Write dictionaries as a CSV file; the columns are those of the first one unless given."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def group(rows, *names):
    """Rows by the values of some columns, in their order."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return groups


def format_table(header, rows):
    """Lay out rows of text: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in lines
    )


def markdown_table(header, rows, marks=None):
    """Lay out rows of text for Markdown; the marks align the columns, to the left unless given."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [header, marks or ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_error(values, sign=""):
    """Mean and standard error of the values that are there."""
    values = np.asarray(values)[np.isfinite(values)]
    if not len(values):
        return ""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{values.mean():{sign}.2f} +- {error:.2f}"
