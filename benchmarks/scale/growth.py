"""Time and memory of the estimators against rows and features, beside skada's and adapt's.

Each point is a process of its own (one BLAS thread, Linux) that draws float64 rows of ten classes,
half of them target rows, and then fits and embeds them all: CPU seconds, and the peak of resident
memory above what the process held with its rows. The rows are drawn around class means, so close
that pseudo-labels hardly settle; the target's are shifted and scaled. Short fits are repeated for
half a second and the mean is taken. Exponents are those of the seconds without the system's, which
are for fresh pages of memory: a short fit finds those of the one before.

Subspace methods keep 30 components, JDA and DJPMMD take ten iterations of NearestCentroid, and
peers' trade-offs are set to the same problem where they have one. Methods of weighting find their
weights, around a learner that costs nothing, and measures are taken, of up to 100,000 rows. A curve
ends at the first point beyond 600 s or 8 GB, whose row says so, or which two points before it let
expect at more than twice that; such a row says what was expected.

Points that the CSV file has are not run again: delete rows to repeat them.
"""

import argparse
import datetime
import math
from pathlib import Path

import numpy as np

from benchmarks.lib.blocks import write_blocks
from benchmarks.lib.drawing import save, subplots
from benchmarks.lib.peers import version
from benchmarks.lib.tables import format_table, markdown_table, read_rows, write_rows
from benchmarks.scale.curves import CURVES, installed, measured_point

AXES = {"n": (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)}
AXES["d"] = (100, 200, 400, 800, 1600, 2800, 4096)
FIXED = {"n": 100, "d": 4000}  # the number that does not grow: of features, of rows
COLUMNS = ("curve", "axis", "n", "d", "status", "seconds", "system", "megabytes")
COLUMNS += ("iterations", "version", "measured")
FIGURES = ("seconds", "system", "megabytes")
BEYOND = 2


def shape_of(axis, size):
    """Rows and features of a point."""
    return (size, FIXED[axis]) if axis == "n" else (FIXED[axis], size)


def exponent(sizes, values):
    """Least-squares slope in logarithms over the upper half of the points; NaN for one point."""
    upper = np.log([sizes, values])[:, len(sizes) // 2 if len(sizes) > 3 else 0 :]
    return np.polyfit(*upper, 1)[0] if upper.shape[1] > 1 else math.nan


def expected(points, size, column):
    """Value at a larger size by the slope of the last two points; 0 where there are none."""
    if len(points) < 2:
        return 0.0
    (x0, y0), (x1, y1) = ((p["size"], p[column]) for p in points[-2:])
    slope = math.log(y1 / y0) / math.log(x1 / x0)
    return y1 * (size / x1) ** max(slope, 0.0)


def reason_to_end(points, size, limits):
    """Say what is expected at this size where that is far beyond a limit."""
    for column, unit in (("seconds", "s"), ("megabytes", "MB")):
        value = expected(points, size, column)
        if value > BEYOND * limits[column]:
            return f"not run: {value:.2g} {unit} expected"
    return None


class Results:
    """Rows of the CSV file, by curve, axis and size."""

    def __init__(self, path):
        self.path = Path(path)
        self.rows = {}
        if self.path.exists():
            self.rows = {_key(row): row for row in read_rows(self.path)}

    def add(self, row):
        """Keep a row and write all of them, so that a stop loses one point at most."""
        self.rows[_key(row)] = row
        write_rows(sorted(self.rows.values(), key=_order), self.path, COLUMNS)

    def points(self, curve, axis):
        """Measured points of a curve as numbers, by size."""
        rows = sorted((r for r in self.rows.values() if _key(r)[:2] == (curve, axis)), key=_order)
        return [
            {"size": int(r[axis]), **{c: float(r.get(c) or 0) for c in FIGURES}}
            for r in rows
            if r["status"] == "ok"
        ]

    def ends(self, curve, axis):
        """Where the curve ended and why, if it did."""
        for (name, along, n, d), row in self.rows.items():
            if (name, along) == (curve, axis) and row["status"] != "ok":
                return (n, d)[axis == "d"], row["status"]
        return math.inf, None


def _key(row):
    return row["curve"], row["axis"], int(row["n"]), int(row["d"])


def _order(row):
    curve, axis, n, d = _key(row)
    return list(CURVES).index(curve), axis == "d", n, d


def run_curve(results, curve, axis, sizes, limits):
    """Measure the points of a curve that are missing, up to its end."""
    for size in sorted(sizes):
        n, d = shape_of(axis, size)
        if size >= results.ends(curve, axis)[0]:
            return
        if (curve, axis, n, d) in results.rows:
            continue
        before = [p for p in results.points(curve, axis) if p["size"] < size]
        status = reason_to_end(before, size, limits)
        figures = {"status": status} if status else measure(curve, n, d, limits)
        results.add({**dict.fromkeys(COLUMNS, ""), **row_of(curve, axis, n, d), **figures})
        print(f"{curve:22} n = {n:8d} d = {d:5d}  {_figures(figures)}", flush=True)


def measure(curve, n, d, limits):
    """Figures of a point, rounded as they are written."""
    gigabytes = limits["megabytes"] / 1e3
    figures = measured_point(curve, n, d, limits["seconds"], gigabytes)
    if figures["status"] == "ok":
        return {
            "status": "ok",
            "seconds": f"{max(figures['seconds'], 1e-4):.4g}",
            "system": f"{figures['system']:.3g}",
            "megabytes": f"{max(figures['megabytes'], 0.1):.4g}",
            "iterations": figures["result"],
        }
    unit = {"time": f"{limits['seconds']:g} s", "memory": f"{gigabytes:g} GB"}
    return {"status": f"more than {unit[figures['status']]}"}


def row_of(curve, axis, n, d):
    """What identifies a row, and what was measured when."""
    number, _ = version(CURVES[curve].package)
    measured_on = datetime.date.today().isoformat()
    return {"curve": curve, "axis": axis, "n": n, "d": d, "version": number} | {
        "measured": measured_on
    }


def _figures(figures):
    ok = figures["status"] == "ok"
    return f"{figures['seconds']} s, {figures['megabytes']} MB" if ok else figures["status"]


def table_rows(results, axis):
    """Largest point of each curve, exponents of its time and memory, and where it ended."""
    return [
        _table_row(curve, axis, points, results.ends(curve, axis))
        for curve in CURVES
        if (points := results.points(curve, axis))
    ]


def table_header(axis):
    """Titles of the columns of :func:`table_rows`."""
    return [
        "",
        f"up to {axis}",
        "s",
        "of it system",
        "MB",
        f"s ~ {axis}^",
        f"MB ~ {axis}^",
        "ended at",
    ]


def _table_row(curve, axis, points, end):
    last, sizes = points[-1], [p["size"] for p in points]
    user = [max(p["seconds"] - p["system"], 1e-5) for p in points]
    slopes = exponent(sizes, user), exponent(sizes, [p["megabytes"] for p in points])
    return [
        curve,
        str(last["size"]),
        f"{last['seconds']:.3g}",
        f"{last['system']:.2g}",
        f"{last['megabytes']:.3g}",
        *(f"{slope:.2f}" for slope in slopes),
        "" if end[1] is None else f"{end[0]}: {end[1]}",
    ]


def put_tables(results, page):
    """Write the tables into the page."""
    tables = {
        f"scale {axis}": markdown_table(table_header(axis), table_rows(results, axis))
        for axis in AXES
    }
    write_blocks(page, tables)


def draw(results, path):
    """Draw time and memory against rows and features, all axes logarithmic."""
    panels = [(axis, column) for column in ("seconds", "megabytes") for axis in AXES]
    labels = {"n": "rows, 100 features", "d": "features, 4000 rows"}
    labels |= {"seconds": "CPU seconds", "megabytes": "peak MB above the rows"}
    fig, axes = subplots(2, 2, figsize=(10, 8), sharex="col")
    for ax, (axis, column) in zip(axes.flat, panels, strict=True):
        for number, curve in enumerate(CURVES):
            points = results.points(curve, axis)
            if points:
                xy = zip(*((p["size"], p[column]) for p in points), strict=True)
                ax.loglog(*xy, **style(number, curve), label=curve)
        ax.set(ylabel=labels[column], xlabel=labels[axis])
        ax.grid(alpha=0.3)
    entries = {label: h for ax in axes.flat for h, label in zip(*_legend(ax), strict=True)}
    fig.legend(entries.values(), entries, loc="outside right center", fontsize="small")
    save(fig, path)


def _legend(ax):
    return ax.get_legend_handles_labels()


def style(number, curve):
    """Peers are dashed; methods that form a matrix of all pairs of rows have open markers."""
    ours = CURVES[curve].package == "skdomain"
    filled = "none" if CURVES[curve].kernel else "full"
    line = "-" if ours else "--"
    return {"color": f"C{number % 10}", "linestyle": line, "marker": "os"[not ours]} | {
        "fillstyle": filled,
        "markersize": 4,
    }


def main(argv=None):
    """Run what is missing, then print the table and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--curves", nargs="*", default=list(CURVES), choices=list(CURVES))
    parser.add_argument("--axes", nargs="*", default=list(AXES), choices=list(AXES))
    parser.add_argument("--points", type=int, nargs="*", help="sizes in place of the usual ones")
    parser.add_argument("--seconds", type=float, default=600, help="limit of a point")
    parser.add_argument("--gigabytes", type=float, default=8, help="limit of a point")
    parser.add_argument("--csv", default="docs/results/scale.csv")
    parser.add_argument("--png", default="results/scale.png", help="'' for none")
    parser.add_argument("--page", help="page whose tables are to be replaced")
    options = parser.parse_args(argv)
    results = Results(options.csv)
    limits = {"seconds": options.seconds, "megabytes": 1e3 * options.gigabytes}
    for curve in filter(installed, options.curves):
        for axis in (axis for axis in options.axes if axis in CURVES[curve].axes):
            sizes = options.points or [s for s in AXES[axis] if s <= CURVES[curve].largest]
            run_curve(results, curve, axis, sizes, limits)
    for axis in options.axes:
        print(format_table(table_header(axis), table_rows(results, axis)))
    if options.page:
        put_tables(results, options.page)
    if options.png:
        draw(results, options.png)


if __name__ == "__main__":
    main()
