"""How many points does a choice without target labels lose against the best choice.

One list of candidates for all tasks, nothing is tuned on any of them:

* one preparation a data set, of all rows and without labels. SURF and reviews: rows divided by
  their sum, z-scored per domain, unit rows; digits and COIL: unit rows; mushroom: one-hot.
* LogisticRegression(max_iter=1000), else with scikit-learn's defaults, is the classifier of every
  candidate. "source only" trains it on the source rows as prepared.
* TCA, JDA, DJPMMD: kernel "primal", 30 components, lam 0.1, 1 and 10; TJM, for its time, with lam 1
  alone. Rows of these embeddings have unit length. SubspaceAlignment with 20 and 40 components, GFK
  with 20. CORAL, LinearMonge, KMM, KLIEP, RuLSIF, ClassifierWeighting and all that is not named
  here: the library's defaults. Left out are NearestNeighborWeighting for its time, boosting as it
  needs target labels, and GaussianWeighting as it takes the rows for normal.

Every candidate is fitted to the training rows of DomainShuffleSplit(2, test_size=0.5,
random_state=0) and judged by every criterion on the test rows; the criterion of a candidate is the
mean over the splits. The accuracy of a candidate is that on all target rows after a fit to all rows
(target labels hidden). Choices are then arithmetic on this table: by one criterion, or by the joint
score of several. A candidate that fails has no value and is not chosen.

loss: accuracy of the best of all candidates less that of the chosen one, in points
gain: accuracy of the chosen one less that of source only
rho: Spearman correlation of criterion and accuracy over the candidates of a task
+-: standard error over the tasks, as if they were independent; several share a domain

With --by, SafeTransfer ("guard") or AdaptationSearchCV ("search") chooses among the same candidates
with its defaults; where the table of accuracies is there, it says what that gains and saves.
"""

import argparse
import csv
import warnings
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from benchmarks.lib.data import DATA, real_or_generated_tasks
from benchmarks.lib.parallel import run_all
from benchmarks.quality.selection.candidates import BASELINE, candidates
from benchmarks.quality.selection.choice import read_cells, read_table
from benchmarks.quality.selection.losses import chooser_report, draw_losses, report
from skdomain.model_selection import (
    AdaptationSearchCV,
    DomainShuffleSplit,
    SafeTransfer,
    get_scorer,
    scorer_names,
)

CRITERIA = scorer_names()
STUDIED = ["SURF", "digits", "COIL", "mushroom", "reviews"]
KEY = ["data", "task", "candidate"]
STUDY = [*KEY, "accuracy", *CRITERIA, "seconds", "failure"]
DECIDED = [*KEY, "decision", "seconds"]
CHOOSERS = {"guard": SafeTransfer, "search": AdaptationSearchCV}


def run_candidate(task, name, model, n_splits):
    """Row of the table: accuracy in percent and criteria of one candidate on one task."""
    start = perf_counter()
    row = dict.fromkeys(("accuracy", *CRITERIA), np.nan)
    failure = ""
    try:
        row |= judge(task, model, n_splits)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    keys = dict(zip(KEY, (task.data, task.name, name), strict=True))
    return keys | row | {"seconds": f"{perf_counter() - start:.2f}", "failure": failure}


def judge(task, model, n_splits):
    """Criteria on the test rows of the splits, then the accuracy after a fit to all rows."""
    X, y, d = task.X, task.y, task.sample_domain
    hidden = hide_labels(task)
    scorers = [get_scorer(name) for name in CRITERIA]
    values = []
    with quiet():
        split = DomainShuffleSplit(n_splits, test_size=0.5, random_state=0)
        for train, test in split.split(X, hidden, sample_domain=d):
            fitted = clone(model).fit(X[train], hidden[train], sample_domain=d[train])
            values.append([scorer(fitted, X[test], y[test], d[test]) for scorer in scorers])
        fitted = clone(model).fit(X, hidden, sample_domain=d)
        accuracy = 100 * fitted.score(X, y, sample_domain=d)
    return {"accuracy": accuracy} | dict(zip(CRITERIA, np.mean(values, axis=0), strict=True))


def run_chooser(task, models, by):
    """What the guard or the search chooses on one task, and its words."""
    start = perf_counter()
    others = {name: model for name, model in models.items() if name != BASELINE}
    with quiet():
        chooser = CHOOSERS[by](others, baseline=models[BASELINE])
        chooser.fit(task.X, hide_labels(task), sample_domain=task.sample_domain)
    name = chooser.best_method_ if chooser.decision_.adapted else BASELINE
    seconds = f"{perf_counter() - start:.2f}"
    values = (task.data, task.name, name, str(chooser.decision_), seconds)
    return dict(zip(DECIDED, values, strict=True))


def hide_labels(task):
    """Labels in which every target row has that of the first source row."""
    source = task.sample_domain > 0
    return np.where(source, task.y, task.y[source][0])


@contextmanager
def quiet():
    """One BLAS thread, metadata routing, no warnings."""
    with (
        threadpool_limits(1),
        config_context(enable_metadata_routing=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def append(rows, path, columns):
    """Append rows to a CSV file as they come."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        if not file.tell():
            writer.writeheader()
        for row in rows:
            writer.writerow(row)
            file.flush()


def run_study(tasks, models, args):
    """Run what the table of accuracies does not hold."""
    there = set(read_cells(args.csv))
    cells = (
        (task, name, model, args.splits)
        for task in tasks
        for name, model in models.items()
        if (task.data, task.name, name) not in there
    )
    append(run_all(run_candidate, cells, args.jobs, ordered=False), args.csv, STUDY)


def run_choosers(tasks, models, args):
    """Run the guard or the search on the tasks for which its file has no decision."""
    path = decisions(args, args.by)
    there = {key[:2] for key in read_cells(path)}
    cells = ((t, models, args.by) for t in tasks if (t.data, t.name) not in there)
    append(run_all(run_chooser, cells, args.jobs, ordered=False), path, DECIDED)


def decisions(args, by):
    """File of what was chosen, beside the table of accuracies."""
    return Path(args.csv).with_name(f"selection_{by}.csv")


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=DATA, default=STUDIED)
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="such as 'C->A'; default: all")
    parser.add_argument("--candidates", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument("--splits", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--by", choices=CHOOSERS, help="run this, not the study")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/selection_study.csv", help="kept and resumed")
    parser.add_argument("--png", default="results/selection_study.png", help="'' for none")
    parser.add_argument("--data-home", help="folder of the data files")
    return parser.parse_args(argv)


def main(argv=None):
    """Run what is missing in the tables, then print and draw what they say."""
    args = parse_args(argv)
    print(f"{__doc__}\n", flush=True)
    models = candidates()
    if args.candidates:
        models = {name: models[name] for name in [BASELINE, *args.candidates]}
    run = run_choosers if args.by else run_study
    run(real_or_generated_tasks(args.data, args.data_home, args.tasks), models, args)
    if not (table := read_table(args.csv, models, CRITERIA)).tasks:
        raise SystemExit(f"{args.csv}: no task has been run with all candidates.")
    print(report(table))
    for by, chooser in CHOOSERS.items():
        if decisions(args, by).exists():
            print(chooser_report(table, chooser.__name__, decisions(args, by)))
    if args.png:
        draw_losses(table, args.png)
        print(f"figure: {args.png}")


if __name__ == "__main__":
    main()
