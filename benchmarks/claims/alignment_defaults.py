"""Alignment and subspace methods as they are by default beside the settings of the papers.

Accuracy in percent on the target, before and after the default came from a rule, with the same
classifier behind both (inside of JDA and DJP-MMD), and of source only. Data are the prepared tasks
of ``benchmarks.lib.data`` (12 of a data set at most) and the split problems of
``benchmarks.claims.weighting_defaults``. ``lam="scale"`` is 1 on unit rows, as most data sets have
here: those of its methods are run where it is not.

Every other task is in the half by which the rules were chosen, "chosen", the others, "held out",
confirm them: of tasks in the order of their data set, the first, third, ... are chosen; of split
problems, pairs of one feature.
"""

import argparse
import warnings
from itertools import islice

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.claims.weighting_defaults import CLASSES, split_problems
from benchmarks.lib.data import DATA, end_without_data, real_tasks
from benchmarks.lib.tables import format_table, group, write_rows
from skdomain.alignment import CORAL, LinearMonge, SubspaceAlignment
from skdomain.compose import SourceOnly
from skdomain.subspace import DJPMMD, JDA, TCA, TJM

CLASSIFIERS = {"logistic": LogisticRegression(max_iter=1000), "1-NN": KNeighborsClassifier(1)}
LAM = {"lam": 1.0}
BEFORE = {
    CORAL: {"reg": 1.0},
    LinearMonge: {"reg": 1e-6},
    SubspaceAlignment: {"n_components": 30},
    TCA: LAM,
    TJM: LAM,
    JDA: LAM,
    DJPMMD: LAM,
}
SPLIT = {f"{name}, split": {name: load} for name, load in CLASSES.items()}
HALVES = ("chosen", "held out")
HEADER = ["method", "classifier", "half", "data", "tasks", "source only", "before", "after"]


def problems(names):
    """Half, data set, name and ``(X, y, sample_domain)`` of each problem."""
    for name in names:
        if name not in SPLIT:
            for i, task in enumerate(islice(real_tasks([name]), 12)):
                rows = np.asarray(task.X, dtype=float), task.y, task.sample_domain
                yield HALVES[i % 2], name, task.name, rows
        else:
            for i, (task, rows) in enumerate(split_problems(SPLIT[name])):
                yield HALVES[i // 2 % 2], name, task, rows


def accuracy(model, X, y, d):
    """Percent of target rows predicted right, by a method or by what is trained behind it."""
    predicted = model.fit(X, y, **_routed(model, d)).predict(X[d < 0])
    return 100 * np.mean(predicted == np.asarray(y)[d < 0])


def _routed(model, d):
    """Domains for each step of a pipeline, or for a model."""
    if not hasattr(model, "steps"):
        return {"sample_domain": d}
    return {f"{name}__sample_domain": d for name, _ in model.steps}


def model_of(method, values, classifier):
    """The classifier behind a transformer, or inside a method that takes one."""
    if "estimator" in method().get_params(deep=False):
        return method(estimator=classifier, **values)
    return make_pipeline(method(**values), SourceOnly(classifier))


def attempt(model, X, y, d):
    """The accuracy, or nan of a fit that fails."""
    try:
        return accuracy(model, X, y, d)
    except ValueError:
        return np.nan


def compare(methods, classifiers, X, y, d):
    """A row for each method and classifier."""
    is_unit = np.allclose(np.linalg.norm(X, axis=1), 1)
    for name in classifiers:
        classifier = CLASSIFIERS[name]
        alone = accuracy(SourceOnly(classifier), X, y, d)
        for method in methods:
            before = BEFORE[method]
            if is_unit and before is LAM:
                continue
            row = {"method": method.__name__, "classifier": name, "source only": alone}
            for setting, values in (("before", before), ("after", {})):
                row[setting] = attempt(model_of(method, values, classifier), X, y, d)
            yield row


def summary(rows):
    """Numbers of tasks and mean accuracies; those that fail are counted."""
    cells = [str(len(rows))]
    for setting in HEADER[-3:]:
        found = np.array([float(row[setting]) for row in rows])
        failed = np.isnan(found).sum()
        mean = f"{np.nanmean(found):.1f}" if failed < len(found) else "-"
        cells.append(f"{mean} ({failed} failed)" if failed else mean)
    return cells


def main(argv=None):
    """Compare, print means over the tasks of each data set and half, and write all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    by_name = {method.__name__: method for method in BEFORE}
    data = [*DATA, *SPLIT]
    parser.add_argument("--data", nargs="*", default=data, choices=data)
    parser.add_argument("--methods", nargs="*", default=list(by_name), choices=list(by_name))
    parser.add_argument(
        "--classifiers", nargs="*", default=list(CLASSIFIERS), choices=list(CLASSIFIERS)
    )
    parser.add_argument("--halves", nargs="*", default=list(HALVES), choices=HALVES)
    parser.add_argument("--csv", default="results/alignment_defaults.csv")
    args = parser.parse_args(argv)
    methods, rows = [by_name[name] for name in args.methods], []
    with warnings.catch_warnings(), end_without_data():
        warnings.simplefilter("ignore")
        for half, name, task, problem in problems(args.data):
            if half in args.halves:
                found = compare(methods, args.classifiers, *problem)
                rows += [{"half": half, "data": name, "task": task} | row for row in found]
    for row in rows:
        row |= {setting: f"{row[setting]:.2f}" for setting in HEADER[-3:]}
    order = {name: i for i, name in enumerate(by_name)}
    keys = group(sorted(rows, key=lambda row: order[row["method"]]), *HEADER[:4])
    print(format_table(HEADER, [[*key, *summary(found)] for key, found in keys.items()]))
    write_rows(rows, args.csv)


if __name__ == "__main__":
    main()
