"""
Time and memory against rows and features
=========================================

What passes over the rows grows as n; what holds the matrix of all pairs of rows grows as n^2 in
memory and about as n^3 in time, and ends. Time is CPU seconds of fitting and embedding on one
thread, memory the peak above the rows. `benchmarks/scale/growth.py` writes the table that is read;
what it measures is told in :doc:`/scale`.
"""

import csv
from pathlib import Path

import matplotlib.pyplot as plt

place = Path("docs", "results", "scale.csv")
here = Path.cwd()
table = next(found for folder in (here, *here.parents) if (found := folder / place).exists())
with table.open(newline="", encoding="utf-8") as file:
    points = [line for line in csv.DictReader(file) if line["status"] == "ok"]


# %%
# Rows that are passed over, and all pairs of them
# ------------------------------------------------
#
# Other libraries are dashed. Squares: a matrix of all pairs of rows is formed.

PAIRS = ("rbf", "skada TCA", "adapt TCA")
LABELS = {"seconds": "CPU seconds", "megabytes": "MB above the rows"}
SIZES = {"n": "rows, 100 features", "d": "features, 4000 rows"}


def style(number, curve):
    """Colour by number, dashes for other libraries, squares for kernel matrices."""
    other = curve.startswith(("skada", "adapt"))
    pairs = curve.endswith(PAIRS)
    return {
        "color": f"C{number % 10}",
        "linestyle": "--" if other else "-",
        "marker": "s" if pairs else "o",
        "markersize": 4,
    }


curves = list(dict.fromkeys(p["curve"] for p in points if p["axis"] == "d"))
fig, axes = plt.subplots(2, 2, figsize=(9, 8), sharex="col", layout="constrained")
for row, (column, label) in zip(axes, LABELS.items(), strict=True):
    for ax, (axis, size) in zip(row, SIZES.items(), strict=True):
        for number, curve in enumerate(curves):
            of_curve = [p for p in points if (p["curve"], p["axis"]) == (curve, axis)]
            x, y = ([float(p[name]) for p in of_curve] for name in (axis, column))
            ax.loglog(x, y, label=curve, **style(number, curve))
        ax.set(xlabel=size, ylabel=label)
        ax.grid(alpha=0.3)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
plt.show()
