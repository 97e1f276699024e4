"""How near estimated proportions of classes come to the true ones, and what intervals hold.

200 drawn problems of each of 2, 3, 5 and 10 classes (``drawn.py`` says how): from separable to
overlapping, 100 to 5000 rows in a domain. One logistic regression gives the posteriors of all
methods: those of source rows held out in five folds, those of target rows by the model of all
source rows. em, bbse, bbse-soft, rlls and kernel get them calibrated (bcts); EMQ-BCTS, ACC, PACC
and KDEyML are QuaPy's, with its defaults, where it is installed (``pip install quapy abstention``),
and calibrate themselves if they do. moments is the mean that em's intervals are drawn around.

error: mean absolute error against the shares among the target rows, in points
ratio: error over that of the best of QuaPy's four, the best on average, where both have one
covers: share of the priors that the target was drawn from in the 95 % intervals, in percent; width
    of these, in points
"""

import argparse
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import format_table, with_error, write_rows
from benchmarks.quality.label_shift.drawn import draw_label_shift
from benchmarks.quality.label_shift.other_quantifiers import OTHERS, quapy_priors
from skdomain.label_shift import (
    PRIORS,
    bootstrap_interval,
    likelihood_draws,
    redrawn_priors,
    resample_counts,
    source_posteriors,
)

CLASSES = (2, 3, 5, 10)
METHODS = (*PRIORS, "moments")
KERNEL_ROWS = 4000  # beyond, the n x n kernel would take most of the time
INTERVALS = ("em", "bbse", "bbse-soft", "rlls")


def run_problem(n_classes, seed, n_bootstrap):
    """Errors, coverage and widths of all methods on one problem."""
    problem = draw_label_shift(n_classes, seed)
    source = problem.sample_domain > 0
    X, y, Xt = problem.X[source], problem.y[source], problem.X[~source]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = source_posteriors(LogisticRegression(max_iter=300), X, y, Xt)
        priors = own_priors(found) | quapy_priors(found)
        drawn = resample_counts(*found[:3], n_bootstrap, seed)
        intervals = {name: interval(name, found, priors[name], drawn) for name in INTERVALS}
    row = {"classes": n_classes, "seed": seed, "source": len(y), "target": len(Xt)}
    for name, estimate in priors.items():
        row[f"{name} error"] = 100 * np.abs(estimate - problem.target_shares).mean()
    for name, (lower, upper) in intervals.items():
        inside = (lower <= problem.target_priors) & (problem.target_priors <= upper)
        row[f"{name} covers"] = 100 * inside.mean()
        row[f"{name} width"] = 100 * (upper - lower).mean()
    return row


def own_priors(found):
    """Priors by the library's methods; NaN for the kernel of too many rows."""
    few = len(found.source) + len(found.target) <= KERNEL_ROWS
    priors = {
        name: method(*found[:3]) if few or name != "kernel" else np.nan
        for name, method in PRIORS.items()
    }
    ones = np.ones((1, len(found.source))), np.ones((1, len(found.target)))
    return priors | {"moments": likelihood_draws(found, priors["em"], *ones)[0]}


def interval(name, found, estimate, drawn):
    """Bootstrap interval of one method."""
    if name == "em":
        draws = likelihood_draws(found, estimate, *drawn)
    else:
        draws = redrawn_priors(PRIORS[name], found, drawn)
    return bootstrap_interval(draws, estimate=estimate, n_rows=len(found.target))


def summary(runs):
    """Rows of the table: a method each."""
    errors = {
        name: np.array([run[f"{name} error"] for run in runs]) for name in (*METHODS, *OTHERS)
    }
    best = min((errors[name] for name in OTHERS), key=np.nanmean)
    for name, values in errors.items():
        both = np.isfinite(values) & np.isfinite(best)
        ratio = values[both].sum() / best[both].sum() if both.any() else np.nan
        told = [name, with_error(values), f"{ratio:.3f}"]
        for figure in ("covers", "width"):
            key = f"{name} {figure}"
            told.append(with_error([run[key] for run in runs]) if key in runs[0] else "")
        yield told


def main(argv=None):
    """Run the problems and print a table for each number of classes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", type=int, default=200, help="of each; default: %(default)s")
    parser.add_argument("--first-seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--classes", type=int, nargs="+", default=CLASSES)
    parser.add_argument("--n-bootstrap", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/priors.csv", help="'' for none")
    args = parser.parse_args(argv)
    seeds = range(args.first_seed, args.first_seed + args.problems)
    cells = [(n, seed, args.n_bootstrap) for n in args.classes for seed in seeds]
    runs = list(run_all(run_problem, cells, args.jobs, "problem"))
    for n_classes in args.classes:
        rows = list(summary([run for run in runs if run["classes"] == n_classes]))
        header = [f"{n_classes} classes", "error", "ratio", "covers", "width"]
        print(f"{format_table(header, rows)}\n")
    if args.csv:
        write_rows(runs, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
