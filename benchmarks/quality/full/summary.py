"""What the rows of the cells amount to: arithmetic, neither text nor figures."""

import math
from statistics import fmean, stdev
from textwrap import shorten
from typing import NamedTuple

from benchmarks.lib.tables import group, read_rows

ALL, NESTED = "all rows", "nested"
BASELINE, LOWER = "source only", "scikit-learn"
FIXED = ("default", "matched")
NEVER = ("absent", "no match", "not installed")  # on no task whatever
NUMBERS = {"accuracy": ".2f", "cpu_seconds": ".3f", "memory_mb": ".1f"}
FULL = ["data", "task", "library", "version", "method", "setting", "status", *NUMBERS, "error"]
CASE = ["data", "task", "library", "version", "method"]


def read(path):
    """Rows of a CSV file; what looks like a number is one, and what is empty is None."""
    return [{k: number(k, v) for k, v in row.items()} for row in read_rows(path)]


def number(name, text):
    """Value of a field."""
    if name in ("version", "error", "task", "setting", "split"):
        return text
    try:
        return float(text) if text else None
    except ValueError:
        return text


def succeeded(rows):
    """Rows that have an accuracy."""
    return [row for row in rows if row["status"] == "ok"]


def total_seconds(row):
    """CPU time of fit and prediction."""
    if "cpu_seconds" in row:
        return row["cpu_seconds"]
    return row["fit_seconds"] + row["predict_seconds"] if row["status"] == "ok" else None


def full_rows(cells):
    """Rows on all of a task, short; what a library does on no task stands once."""
    lines = {}
    for cell in cells:
        if (cell.get("protocol") or ALL) == ALL:
            row = {name: cell.get(name) for name in FULL} | {"cpu_seconds": total_seconds(cell)}
            row["error"] = shorten(row["error"] or "", 120, placeholder=" ...")
            row |= {n: None if row[n] is None else format(row[n], f) for n, f in NUMBERS.items()}
            row |= dict.fromkeys(("data", "task"), "") if row["status"] in NEVER else {}
            lines[tuple(row.values())] = row
    return list(lines.values())


def criteria_of(cells):
    """Names of the criteria: the columns between memory and error."""
    names = list(cells[0])
    return names[names.index("memory_mb") + 1 : names.index("error")]


def nested_rows(cells):
    """Accuracy of what each rule chose, mean over the splits, a row for each method and task."""
    rules = criteria_of(cells) if cells else []
    lines = []
    for case, rows in group([c for c in cells if c.get("protocol") == NESTED], *CASE).items():
        splits = group(rows, "split").values()
        if any(row["status"] not in NEVER for row in rows):
            means = {rule: mean_choice(splits, rule) for rule in rules}
            lines.append({**dict(zip(CASE, case, strict=True)), "splits": len(splits), **means})
    return lines


def mean_choice(splits, rule):
    """Mean accuracy of what a rule chooses on each split; empty if it cannot choose on one."""
    picks = [choose(rows, rule) for rows in splits]
    return f"{fmean(row['accuracy'] for row in picks):.2f}" if all(picks) else ""


def choose(rows, rule):
    """Row of the setting with the largest criterion, the first of equals; None if there is none.

    Where there is but one setting, nothing is to be chosen.
    """
    found = succeeded(rows)
    if len(rows) > 1:
        found = [r for r in found if r.get(rule) is not None and math.isfinite(r[rule])]
    return max(found, key=lambda row: row.get(rule), default=None)


class Match(NamedTuple):
    """Ours and a peer's version of one method at one setting, on the tasks that both finish."""

    method: str
    peer: str
    setting: str
    pairs: list
    source: list
    ours_alone: int
    theirs_alone: int

    def mean(self, side):
        """Mean accuracy."""
        return fmean(pair[side]["accuracy"] for pair in self.pairs)


def by_task(rows):
    """Rows that succeeded, by task."""
    return {(row["data"], row["task"]): row for row in succeeded(rows)}


def matches(rows):
    """A :class:`Match` for each method, peer and fixed setting that both have."""
    cells = group(rows, "method", "setting", "library")
    source = by_task(cells.get((BASELINE, "default", LOWER), []))
    result = []
    for (method, setting, library), theirs in cells.items():
        ours = cells.get((method, setting, "skdomain"), [])
        has_both = not any(row["status"] in NEVER for row in ours[:1] + theirs[:1])
        if setting in FIXED and library not in ("skdomain", LOWER) and ours and has_both:
            a, b = by_task(ours), by_task(theirs)
            both = [task for task in a if task in b]
            pairs = [(a[task], b[task]) for task in both]
            lower = [source[task]["accuracy"] for task in both if task in source]
            alone = (len(a) - len(both), len(b) - len(both))
            result.append(Match(method, library, setting, pairs, lower, *alone))
    return result


def signs(found):
    """How often ours is more, as, and less accurate."""
    gaps = [round(a["accuracy"] - b["accuracy"], 2) for m in found for a, b in m.pairs]
    return sum(g > 0 for g in gaps), sum(g == 0 for g in gaps), sum(g < 0 for g in gaps)


def ratios(found):
    """CPU time of the peer in units of ours, a cell each; less than a millisecond counts as one."""
    pairs = [[max(row["cpu_seconds"], 1e-3) for row in pair] for m in found for pair in m.pairs]
    return [theirs / ours for ours, theirs in pairs]


def methods(rows):
    """Tasks that succeeded, for each method, library and setting that was run, baselines first."""
    run = [row for row in rows if row["status"] not in NEVER]
    run.sort(key=lambda row: row["library"] != LOWER)
    return {key: by_task(some) for key, some in group(run, "method", "library", "setting").items()}


def rules_of(nested):
    """Rules of the nested rows."""
    return list(nested[0])[len(CASE) + 1 :] if nested else []


def mean_and_error(values):
    """Mean, and its standard error as if the values were independent."""
    spread = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return fmean(values), spread
