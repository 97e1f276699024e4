"""What choosing by each criterion gives: arithmetic on a table of accuracies and criteria."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from benchmarks.lib.tables import read_rows

DEFAULT = ("circular_validation", "class_mixture")


class Table(NamedTuple):
    """Tasks by candidates, NaN where a candidate failed; the first candidate does not adapt."""

    data: np.ndarray  # data set of each task
    tasks: list
    candidates: list
    accuracy: np.ndarray
    criteria: dict


def read_cells(path):
    """Rows of a file by data set, task and candidate; none if there is no file."""
    if not Path(path).exists():
        return {}
    return {(row["data"], row["task"], row["candidate"]): row for row in read_rows(path)}


def read_table(path, candidates, criteria):
    """Read the tasks that have been run with all candidates."""
    cells = read_cells(path)
    done = [
        key
        for key in dict.fromkeys(cell[:2] for cell in cells)
        if all((*key, name) in cells for name in candidates)
    ]

    def column(name):
        rows = [[float(cells[*key, one][name]) for one in candidates] for key in done]
        return np.reshape(rows, (len(done), len(candidates)))

    return Table(
        np.array([data for data, _ in done]),
        [task for _, task in done],
        list(candidates),
        column("accuracy"),
        {name: column(name) for name in criteria},
    )


def joint_scores(criteria):
    """Mean over criteria of what AdaptationSearchCV scales them to, a row a task."""
    return np.array([_joint_score(np.column_stack(task)) for task in zip(*criteria, strict=True)])


def _joint_score(values):
    """Candidates by criteria; the undominated candidates reach from 0 to 1, NaN is no value."""
    known = np.isfinite(values).all(axis=1)
    some = values[known]
    front = some[[not ((some >= one).all(1) & (some > one).any(1)).any() for one in some]]
    best, span = front.max(axis=0), np.ptp(front, axis=0)
    scaled = 1 - (best - values) / np.where(span > 0, span, 1)
    return np.where(known, scaled.mean(axis=1), -np.inf)


class Rule(NamedTuple):
    """Accuracy of what a rule chose on each task, its Spearman correlation with accuracy there."""

    accuracy: np.ndarray
    correlation: np.ndarray


def by_criteria(table, names):
    """Rule that takes the candidate with the best joint score; the first wins ties."""
    scores = joint_scores([table.criteria[name] for name in names])
    correlation = [_spearman(s, a) for s, a in zip(scores, table.accuracy, strict=True)]
    accuracy = np.take_along_axis(table.accuracy, scores.argmax(axis=1)[:, None], axis=1)
    return Rule(accuracy.ravel(), np.array(correlation))


def _spearman(values, accuracy):
    known = np.isfinite(accuracy)
    if np.ptp(values[known]) == 0 or np.ptp(accuracy[known]) == 0:
        return np.nan
    return spearmanr(values[known], accuracy[known]).statistic


def rules(table):
    """Rules that need no target label, by name."""
    free = [name for name in table.criteria if name != "oracle"]
    nothing = np.full(len(table.tasks), np.nan)
    return {
        " + ".join(DEFAULT): by_criteria(table, DEFAULT),
        **{name: by_criteria(table, [name]) for name in free},
        "all label-free criteria": by_criteria(table, free),
        "random choice": Rule(np.nanmean(table.accuracy, axis=1), nothing),
        "never adapt": Rule(table.accuracy[:, 0], nothing),
    }


def fixed(table):
    """Accuracy of always taking one candidate, or the baseline where it fails."""
    source = table.accuracy[:, 0]
    return {
        f"always {name}": Rule(np.where(np.isnan(column), source, column), source * np.nan)
        for name, column in zip(table.candidates, table.accuracy.T, strict=True)
    }


def oracle(table):
    """Accuracy of the best candidate on each task."""
    return np.nanmax(table.accuracy, axis=1)
