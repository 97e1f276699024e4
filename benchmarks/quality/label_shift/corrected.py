"""What correcting for proportions gains and costs against the model of the source as it is.

Three families of problems by ``make_label_shift``: the classes' proportions are those of the source
("none"), the same with 20 to 100 target rows ("none, few rows"), and proportions drawn anew
("shift"). 2, 3, 5 or 10 classes, 0.7 to 4 standard deviations apart in one of two features; 100 to
2000 source rows and, but for the second family, as many target rows; source proportions from
Dirichlet(5), those of the target from Dirichlet(1). Accuracy is that on 2000 more target rows.
"proportions known" corrects by the true ones.
"""

import argparse
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import format_table, write_rows
from skdomain.datasets import make_label_shift
from skdomain.label_shift import LabelShiftClassifier

FAMILIES = ("none", "none, few rows", "shift")
N_TEST = 2000
MODELS = {
    "default": {},
    "shrink=False": {"shrink": False},
    "weights": {"correct": "weights"},
    "both": {"correct": "both"},
    "bbse": {"method": "bbse"},
    "rlls": {"method": "rlls"},
    "no calibration": {"calibration": None},
}


def draw_problem(family, seed):
    """Rows of source, target and test, in this order, and the number of the first two."""
    rng = np.random.default_rng([FAMILIES.index(family), seed])
    n_classes = int(rng.choice([2, 3, 5, 10]))
    few = family == "none, few rows"
    n_source = _size(rng, 100, 2000)
    n_target = _size(rng, *((20, 100) if few else (100, 2000)))
    p = 0.95 * rng.dirichlet(np.full(n_classes, 5.0)) + 0.05 / n_classes
    q = rng.dirichlet(np.ones(n_classes)) if family == "shift" else p
    problem = make_label_shift(
        n_source,
        n_target + N_TEST,
        source_priors=p / p.sum(),
        target_priors=q / q.sum(),
        class_sep=rng.uniform(0.7, 4),
        random_state=int(rng.integers(2**31)),
    )
    return problem, n_source, n_target


def _size(rng, low, high):
    return int(np.exp(rng.uniform(np.log(low), np.log(high))))


def run_problem(family, seed):
    """Accuracy of the source's model and of each correction of it."""
    warnings.simplefilter("ignore")
    problem, n_source, n_target = draw_problem(family, seed)
    X, y, d = problem.X, problem.y, problem.sample_domain
    seen, test = np.arange(n_source + n_target), np.arange(n_source + n_target, len(y))
    plain = LogisticRegression().fit(X[:n_source], y[:n_source])
    found = {"family": family, "seed": seed, "source": plain.score(X[test], y[test])}
    for name, parameters in MODELS.items():
        model = LabelShiftClassifier(LogisticRegression(), n_bootstrap=0, **parameters)
        model.fit(X[seen], y[seen], sample_domain=d[seen])
        found[name] = float(np.mean(model.predict(X[test]) == y[test]))
    known = plain.predict_proba(X[test]) * problem.class_weights[plain.classes_]
    found["proportions known"] = float(np.mean(plain.classes_[known.argmax(axis=1)] == y[test]))
    return found


def summary(runs):
    """Percent of the source's model, then mean and least gain of each other in points."""
    source = np.array([run["source"] for run in runs])
    row = [f"{100 * source.mean():.1f}"]
    for name in [*MODELS, "proportions known"]:
        gain = 100 * (np.array([run[name] for run in runs]) - source)
        row.append(f"{gain.mean():+.2f} ({gain.min():+.1f})")
    return row


def main(argv=None):
    """Run the problems and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first-seed", type=int, default=2000, help="default: %(default)s")
    parser.add_argument("--problems", type=int, default=200, help="of each family")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/label_shift.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = [(f, args.first_seed + i) for f in FAMILIES for i in range(args.problems)]
    runs = list(run_all(run_problem, cells, args.jobs, "problem"))
    rows = [[f, *summary([run for run in runs if run["family"] == f])] for f in FAMILIES]
    print(format_table(["shift", "source only", *MODELS, "proportions known"], rows))
    if args.csv:
        write_rows(runs, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
