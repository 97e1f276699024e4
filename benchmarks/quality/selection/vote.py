"""Does a vote of candidates earn its place beside each of them, their mean, and a choice.

The candidates are those of ``benchmarks/quality/selection/candidates.py`` with fixed settings, the
same for all tasks, and nothing is tuned on any of them: 20 around a logistic regression or, with
--strong, 12: all that labels the target in rounds, as its authors set it, and a kernel ridge. One
preparation a data set, of all rows and without labels. SURF and reviews: rows divided by their sum,
z-scored per domain, unit rows; GoogLeNet (A, W and D), digits and COIL: unit rows; mushroom:
one-hot.

All numbers are percent of the target rows predicted right, after a fit to all rows with the labels
of target rows hidden, mean over the tasks of a data set:

source only, candidates   the one that does not adapt; the mean of all that could be fitted
soft, hard, latent        AdaptationVotingClassifier over all of them, "soft" over those that have
                          probabilities
kept                      "latent" of those whose accuracy "latent" estimates to be no lower than
                          that of source only
best fixed                the candidate with the best mean over the tasks of the data set
best of each              the best candidate of each task; needs the labels of the target, as the
                          column before does
estimated                 mean of the accuracies that "latent" estimates of the candidates
"""

import argparse
from copy import copy

import numpy as np

from benchmarks.lib.data import DATA, real_or_generated_tasks
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import group, markdown_table, read_rows
from benchmarks.quality.selection.candidates import BASELINE, candidates, strong_candidates
from benchmarks.quality.selection.choice import read_cells
from benchmarks.quality.selection.study import KEY, append, hide_labels, quiet
from skdomain.model_selection import AdaptationVotingClassifier, dawid_skene

VOTINGS = ("soft", "hard", "latent")
KEPT = "kept"
COLUMNS = [*KEY, "accuracy", "estimated"]
HEADER = [
    "data (tasks)",
    BASELINE,
    "candidates",
    *VOTINGS,
    KEPT,
    "best fixed",
    "best of each",
    "estimated",
]


def run_task(task, models):
    """Accuracies in percent of the candidates and of the votes on one task."""
    target = task.sample_domain < 0
    X, y, d = task.X[target], task.y[target], task.sample_domain[target]
    with quiet():
        vote = AdaptationVotingClassifier(models, voting="latent")
        vote.fit(task.X, hide_labels(task), sample_domain=task.sample_domain)
        # what "latent" has fitted is all that the others predict by
        alone = dict(zip(vote.names_, vote.estimators_, strict=True))
        votes = {voting: recast(vote, voting) for voting in VOTINGS}
        told = {name: m.predict(X, sample_domain=d) for name, m in (alone | votes).items()}
    estimated = dict(zip(vote.names_, 100 * vote.estimated_accuracy_, strict=True))
    told[KEPT] = vote_of_the_kept(told, estimated, vote.classes_)
    right = {name: 100 * np.mean(labels == y) for name, labels in told.items()}
    return [line(task, name, value, estimated.get(name)) for name, value in right.items()]


def line(task, name, accuracy, estimated):
    """Row of the file; the votes have no estimated accuracy."""
    told = "" if estimated is None else f"{estimated:.4f}"
    return dict(zip(COLUMNS, (task.data, task.name, name, f"{accuracy:.4f}", told), strict=True))


def recast(vote, voting):
    """A fitted vote that votes in another way; "soft" without those that have no probabilities."""
    twin = copy(vote).set_params(voting=voting)
    if voting == "soft":
        twin.estimators_ = [one for one in vote.estimators_ if hasattr(one, "predict_proba")]
    return twin


def vote_of_the_kept(told, estimated, classes):
    """Labels by Dawid and Skene's model of candidates that are rated no lower than the baseline."""
    kept = [name for name, value in estimated.items() if value >= estimated.get(BASELINE, 0)]
    votes = np.transpose([np.searchsorted(classes, told[name]) for name in kept])
    return classes[dawid_skene(votes, n_classes=len(classes)).proba.argmax(axis=1)]


def summary(data, rows, names):
    """Row of the table of one data set."""
    by_task = group(rows, "task").values()
    found = [{row["candidate"]: float(row["accuracy"]) for row in task} for task in by_task]
    alone = np.array([[task.get(name, np.nan) for name in names] for task in found])
    # a candidate that fails is replaced by the one that does not adapt, but has no vote
    fixed = np.where(np.isnan(alone), alone[:, :1], alone).mean(axis=0)
    told = [float(row["estimated"]) for row in rows if row["estimated"]]
    figures = [alone[:, 0].mean(), np.nanmean(alone, axis=1).mean()]
    figures += [np.mean([task[voting] for task in found]) for voting in (*VOTINGS, KEPT)]
    best = f"{fixed.max():.2f} ({names[fixed.argmax()]})"
    rest = [best, f"{np.nanmax(alone, axis=1).mean():.2f}", f"{np.mean(told):.2f}"]
    return [f"{data} ({len(found)})", *(f"{value:.2f}" for value in figures), *rest]


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="such as 'C->A'; default: all")
    parser.add_argument("--strong", action="store_true", help="the other list of candidates")
    parser.add_argument("--candidates", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument(
        "--csv", default="results/selection_vote.csv", help="kept and resumed: one a list"
    )
    parser.add_argument("--data-home", help="folder of the data files")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the tasks that the file does not hold, then print the table."""
    args = parse_args(argv)
    print(f"{__doc__}\n", flush=True)
    models = strong_candidates() if args.strong else candidates()
    if args.candidates:
        models = {name: models[name] for name in [BASELINE, *args.candidates]}
    there = {key[:2] for key in read_cells(args.csv)}
    tasks = real_or_generated_tasks(args.data, args.data_home, args.tasks)
    cells = ((task, models) for task in tasks if (task.data, task.name) not in there)
    for rows in run_all(run_task, cells, args.jobs, unit="task", ordered=False):
        append(rows, args.csv, COLUMNS)
    groups = group(read_rows(args.csv), "data")
    table = [summary(data, rows, list(models)) for (data,), rows in groups.items()]
    print(markdown_table(HEADER, table, ["---", *["---:"] * (len(HEADER) - 1)]))


if __name__ == "__main__":
    main()
