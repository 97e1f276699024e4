"""Rows of the reproduction page: what was published and measured, what comes out here, tables."""

from statistics import fmean
from typing import NamedTuple

from benchmarks.lib.tables import group, markdown_table
from benchmarks.reproduction.presets import IMAGE_PRESETS, PRESETS
from benchmarks.reproduction.references import by_task, lines_of
from benchmarks.reproduction.variants import IMAGE_VARIANTS, VARIANTS

COLUMNS = ("data", "source", "method", "preset", "task", "published", "measured", "ours")
MARKS = {"oracle": " (oracle)", "guess": " (a guess)"}
SETS = {
    "SURF": PRESETS | VARIANTS,
    "images": IMAGE_PRESETS | IMAGE_VARIANTS,
    "DeCAF6": PRESETS | VARIANTS,
}
BLOCKS = {
    "JDA-2013": ("SURF", "JDA-2013"),
    "MEDA-2018": ("SURF", "MEDA-2018"),
    "CORAL-2016": ("SURF", "CORAL-2016"),
    "programs": ("SURF", "programs"),
    "measured": ("SURF", "measured"),
    "images JDA-2013": ("images", "JDA-2013"),
    "images MEDA-2018": ("images", "MEDA-2018"),
    "images measured": ("images", "measured"),
    "DeCAF6": ("DeCAF6", "MEDA-2018"),
    "TrAdaBoost": ("SURF", "TrAdaBoost"),
}
USES = ("LR", "SVM", "1-NN")


class Row(NamedTuple):
    """A row of the page; published and measured give figures by task, as they are printed."""

    data: str
    source: str
    method: str
    preset: str
    published: dict
    measured: dict
    reason: str

    @property
    def expected(self):
        """What ours is compared with: the published figures where there are any."""
        return self.published or self.measured

    @property
    def kind(self):
        """Kind of the preset, empty for a program."""
        method = SETS[self.data].get(self.preset)
        return method.kind if method else ""


def reference_rows():
    """Published rows, then those that were only measured."""
    measured = {_key(line): line for line in lines_of("measured")}
    published = lines_of("published")
    known = {_key(line) for line in published}
    rows = [_row(line, by_task(line), by_task(measured.get(_key(line), {}))) for line in published]
    return rows + [_row(m, {}, by_task(m)) for key, m in measured.items() if key not in known]


def _key(line):
    return line["data"], line["preset"]


def _row(line, published, measured):
    fields = [line[name] for name in ("data", "source", "method", "preset")]
    return Row(*fields, published, measured, line["reason"])


def compare(rows, ours):
    """Lines of the CSV file: each row on each task that was run.

    Parameters
    ----------
    rows : list of Row
    ours : dict
        Accuracy in percent by data, preset and task.
    """
    return [
        {
            **dict(zip(COLUMNS, row, strict=False)),
            "task": task,
            "published": row.published.get(task, ""),
            "measured": row.measured.get(task, ""),
            "ours": f"{ours[row.data, row.preset, task]:.2f}",
        }
        for row in rows
        for task in row.expected
        if (row.data, row.preset, task) in ours
    ]


def by_row(lines):
    """Group the lines of the CSV file by row."""
    return group(lines, "data", "source", "method")


def expected(line):
    """Figure that a line is compared with, as text."""
    return line["published"] or line["measured"]


def agrees(line, decimals):
    """Whether ours, rounded to two decimals, rounds to the figure expected."""
    return abs(float(line["ours"]) - float(expected(line))) <= 0.5 * 10.0**-decimals + 1e-9


def agreeing(lines):
    """Count the tasks that agree to the decimals that the row is printed with."""
    decimals = max(len(expected(line).partition(".")[2]) for line in lines)
    return sum(agrees(line, decimals) for line in lines)


def average(lines, column):
    """Mean over the tasks, None where a figure is missing."""
    values = [line[column] for line in lines]
    return fmean(map(float, values)) if all(values) else None


def summary(row, lines):
    """Cells of the page for a row."""
    published, measured, ours = (average(lines, c) for c in ("published", "measured", "ours"))
    difference = ours - (measured if published is None else published)
    numbers = ["" if v is None else f"{v:.2f}" for v in (published, measured, ours)]
    return [
        row.method + MARKS.get(row.kind, ""),
        *numbers,
        f"{difference + 0.0:+.2f}".replace("-0.00", "+0.00"),
        f"{agreeing(lines)} of {len(lines)}",
        "" if agreeing(lines) == len(lines) else row.reason,
    ]


HEADER = ["row", "published", "measured", "ours", "difference", "equal tasks", "reason"]


def row_table(rows, groups, block):
    """Table of the rows of one source."""
    wanted = [(r, groups.get(r[:3])) for r in rows if (r.data, r.source) == BLOCKS[block]]
    return markdown_table(HEADER, [summary(row, lines) for row, lines in wanted if lines])


def kmm_table(rows, groups):
    """Settings of KMM by uses of the weights: measured, and ours."""
    own = {r.method: groups[r[:3]] for r in rows if r.source == "KMM" and r[:3] in groups}
    settings = dict.fromkeys(name.rpartition(", ")[0] for name in own)
    header = ["weights", *(f"{use}, {c}" for use in USES for c in ("measured", "ours"))]
    body = [
        [
            setting,
            *(
                f"{average(own[f'{setting}, {use}'], column):.2f}"
                for use in USES
                for column in ("measured", "ours")
            ),
        ]
        for setting in settings
    ]
    return markdown_table(header, body)


def blocks(rows, lines):
    """Generated tables of the page by name."""
    groups = by_row(lines)
    tables = {block: row_table(rows, groups, block) for block in BLOCKS}
    return tables | {"KMM": kmm_table(rows, groups)}
