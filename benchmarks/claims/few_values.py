"""Regressors for a target of which 10 or 30 values are known, on diabetes and generated shifts.

The diabetes data by sex and by age, both ways, and ``make_regression_shift`` of each kind, 150 rows
of each domain. A draw takes other labelled target rows, and of the generated kinds other rows. R^2
on the other target rows; the learner is the default of the R2 boosters, a ridge of penalty 10 on
rows of standard deviation 1, and methods of the library have their defaults.

target only, pooled, half-half: that learner of the labelled target rows, of all labelled rows, and
with half of the weight for each domain
"""

import argparse
import warnings
from itertools import product

import numpy as np
from scipy.stats import ttest_rel
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.claims.regression import KINDS
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import format_table, group, read_rows, with_error, write_rows
from skdomain.boosting import TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import Pooled
from skdomain.datasets import load_diabetes_domains, make_regression_shift
from skdomain.transfer import SourceRegularizedRidge

LEARNER = make_pipeline(StandardScaler(), Ridge(10))
BASELINE = "half-half"
METHODS = {
    "pooled": lambda: Pooled(LEARNER, balance=False),
    BASELINE: lambda: Pooled(LEARNER),
    "TrAdaBoostR2": TrAdaBoostR2,
    "TwoStageTrAdaBoostR2": lambda: TwoStageTrAdaBoostR2(random_state=0),
    "SourceRegularizedRidge": SourceRegularizedRidge,
}
DIABETES = {
    f"diabetes, {name}": (by, name)
    for by, name in (
        ("sex", "sex1->sex2"),
        ("sex", "sex2->sex1"),
        ("age", "younger->older"),
        ("age", "older->younger"),
    )
}
N_LABELS = (10, 30)


def task_of(name, draw):
    """Rows, values and domains of a task; a generated one has other rows in each draw."""
    if name in DIABETES:
        by, pair = DIABETES[name]
        task = next(load_diabetes_domains(by=by).tasks(pair))
    else:
        kind, shift = KINDS[name]
        task = make_regression_shift(150, 150, kind=kind, shift=shift, random_state=2000 + draw)
    return np.asarray(task.X, dtype=float), task.y, task.sample_domain


def run_draw(name, n_labels, draw, methods=tuple(METHODS)):
    """A row a method: its R^2 on the target rows whose values are held back."""
    X, y, d = task_of(name, draw)
    rng = np.random.default_rng([draw, n_labels])
    told = np.isin(np.arange(len(y)), rng.permutation(np.flatnonzero(d < 0))[:n_labels])
    hidden, labelled = (d < 0) & ~told, (d > 0) | told
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {"target only": LEARNER.fit(X[told], y[told]).score(X[hidden], y[hidden])}
        for method in methods:
            model = METHODS[method]().fit(X, y, sample_domain=d, labelled=labelled)
            found[method] = model.score(X[hidden], y[hidden])
    cell = {"data": name, "labels": str(n_labels), "draw": draw}
    return [cell | {"method": m, "r2": f"{value:.4f}"} for m, value in found.items()]


def scores(rows):
    """100 R^2 of each method, an entry a draw."""
    return {
        method: np.array([100 * float(row["r2"]) for row in own])
        for (method,), own in group(rows, "method").items()
    }


def report(rows):
    """Print mean R^2 of each method, and what each gains over half-half with its p."""
    cells = {cell: scores(own) for cell, own in group(rows, "data", "labels").items()}
    lines = [[*cell, *(with_error(values) for values in of.values())] for cell, of in cells.items()]
    gains = [{m: values - of[BASELINE] for m, values in of.items()} for of in cells.values()]
    methods = list(gains[0])
    print(format_table(["data", "labels", *methods], lines))
    print(f"\n100 R^2 and its standard error; gain over {BASELINE}, in the mean of the draws\n")
    told = [[method, *_summary([gain[method] for gain in gains])] for method in methods]
    print(format_table(["method", "least", "largest", "mean", "p"], told))


def _summary(gains):
    means, every = [gain.mean() for gain in gains], np.concatenate(gains)
    p = ttest_rel(every, np.zeros(len(every))).pvalue if every.any() else 1.0
    return [*(f"{x:+.1f}" for x in (min(means), max(means), np.mean(means))), f"{p:.2g}"]


def main(argv=None):
    """Run the draws, print the tables and write a row a draw and method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="*", default=[*DIABETES, *KINDS])
    parser.add_argument("--labels", nargs="*", type=int, default=list(N_LABELS))
    parser.add_argument("--methods", nargs="*", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--draws", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--first", type=int, default=0, help="number of the first draw")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/few_values.csv", help="'' for none")
    parser.add_argument("--told", action="store_true", help="print the tables of the CSV file")
    args = parser.parse_args(argv)
    if args.told:
        report(read_rows(args.csv))
        return
    draws = range(args.first, args.first + args.draws)
    cells = list(product(args.data, args.labels, draws, [args.methods]))
    rows = [row for run in run_all(run_draw, cells, args.jobs, "draw") for row in run]
    report(rows)
    if args.csv:
        write_rows(rows, args.csv)
        print(f"\ntable: {args.csv}")


if __name__ == "__main__":
    main()
