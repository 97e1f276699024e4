"""Tables and figure of the study."""

import numpy as np

from benchmarks.lib.drawing import save, subplots
from benchmarks.lib.tables import format_table, with_error
from benchmarks.quality.selection.choice import (
    DEFAULT,
    Rule,
    by_criteria,
    fixed,
    oracle,
    read_cells,
    rules,
)


def report(table):
    """Rules over all tasks, then by data set, then always the same candidate."""
    ours = rules(table) | {"oracle on the splits": by_criteria(table, ["oracle"])}
    failed = int(np.isnan(table.accuracy).sum())
    return (
        f"{len(table.tasks)} tasks, {len(table.candidates)} candidates, of the cells {failed} "
        f"failed. Best candidate: {oracle(table).mean():.2f} on average.\n\n"
        f"{overall(table, ours)}\n\nloss by data set\n\n{by_data(table, ours, loss)}\n\n"
        f"gain by data set\n\n{by_data(table, ours, gain)}\n\n{overall(table, fixed(table))}\n"
    )


def loss(table, rule):
    """Points lost against the best candidate."""
    return oracle(table) - rule.accuracy


def gain(table, rule):
    """Points gained over source only."""
    return rule.accuracy - table.accuracy[:, 0]


def overall(table, named):
    """One row a rule."""
    header = ["choice", "accuracy", "loss", "gain", "tasks made worse by >= 1", "rho"]
    rows = [
        [
            name,
            f"{rule.accuracy.mean():.2f}",
            with_error(loss(table, rule)),
            with_error(gain(table, rule), "+"),
            str((gain(table, rule) <= -1).sum()),
            with_error(rule.correlation),
        ]
        for name, rule in named.items()
    ]
    return format_table(header, rows)


def by_data(table, named, measure):
    """One row a rule, one column a data set, and the mean of these."""
    data = list(dict.fromkeys(table.data))
    rows = []
    for name, rule in named.items():
        points = measure(table, rule)
        means = [points[table.data == one].mean() for one in data]
        rows.append([name, *(f"{mean:.2f}" for mean in [*means, np.mean(means)])])
    header = [f"{one} ({(table.data == one).sum()})" for one in data]
    return format_table(["choice", *header, "mean of data sets"], rows)


def chooser_report(table, name, path):
    """What a guard or a search kept and prevented, on the tasks that both tables hold."""
    choices = {(data, task): chosen for data, task, chosen in read_cells(path)}
    keys = list(zip(table.data, table.tasks, strict=True))
    both = [i for i, key in enumerate(keys) if key in choices]
    if not both:
        return f"no task has both accuracies and a decision of {name}."
    table = table._replace(
        data=table.data[both],
        tasks=[table.tasks[i] for i in both],
        accuracy=table.accuracy[both],
        criteria={key: values[both] for key, values in table.criteria.items()},
    )
    picked = [table.candidates.index(choices[keys[i]]) for i in both]
    accuracy = table.accuracy[range(len(both)), picked]
    unguarded = by_criteria(table, DEFAULT)
    named = {
        name: Rule(accuracy, accuracy * np.nan),
        " + ".join(DEFAULT): unguarded,
        "circular_validation": by_criteria(table, ["circular_validation"]),
        "never adapt": rules(table)["never adapt"],
    }
    worse = gain(table, unguarded) <= -1
    return (
        f"{name} adapted on {np.count_nonzero(picked)} of {len(both)} tasks; of "
        f"{worse.sum()} losses of 1 point or more by the unguarded default it prevented "
        f"{(worse & (gain(table, named[name]) > -1)).sum()}.\n\n{overall(table, named)}\n\n"
        f"gain by data set\n\n{by_data(table, named, gain)}\n"
    )


def draw_losses(table, path):
    """Draw the loss of each rule as a bar with its standard error over the tasks."""
    points = {name: loss(table, rule) for name, rule in rules(table).items()}
    names = sorted(points, key=lambda name: points[name].mean())
    means = [points[name].mean() for name in names]
    errors = [points[name].std(ddof=1) / np.sqrt(len(points[name])) for name in names]
    default = " + ".join(DEFAULT)
    fig, ax = subplots(figsize=(7, 1 + 0.3 * len(names)))
    colors = ["C1" if name == default else "C0" for name in names]
    ax.barh(names, means, xerr=errors, color=colors, capsize=3)
    ax.set(xlabel="points lost against the best candidate")
    ax.invert_yaxis()
    save(fig, path)
