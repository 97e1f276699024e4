"""The ridge of the classifier that tells the domains apart, chosen without labels.

On the problems of ``weighting_defaults``: by how much the log loss of rows held out, a row, exceeds
the least of all ridges on that problem; means a kind of problem, the mean over all problems and the
worst. C is what LogisticRegression is told, d the number of features that vary. No label is read,
neither of the source nor of the target. ClassifierWeighting takes the ridge of the least mean.
"""

import argparse
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.claims.weighting_defaults import PROBLEMS
from benchmarks.lib.data import end_without_data
from benchmarks.lib.tables import format_table, write_rows
from skdomain.weighting._ratio._odds import membership
from skdomain.weighting._ratio._penalty import CANDIDATES, held_out_loss
from skdomain.weighting._ratio._units import standard_units

MULTIPLES = (0.1, 0.3, 1.0, 3.0, 10.0)
N_FOLDS = 5


def ridges(n_features):
    """Candidates by name, and their C in so many features."""
    fixed = {f"C = {C:g}": C for C in CANDIDATES}
    return fixed | {f"C = {c:g} / d": c / n_features for c in MULTIPLES}


def losses(X, d):
    """Held-out loss a row of each candidate."""
    Xs, Xt = X[d > 0], X[d < 0]
    units = standard_units(Xs, Xt)
    problem = membership(Xs, Xt, units)
    fold = problem.rank % min(N_FOLDS, *np.bincount(problem.is_target))
    models = (LogisticRegression(C=C, max_iter=1000) for C in ridges(units.n_varying).values())
    return [held_out_loss(problem, model, fold) / problem.weight.sum() for model in models]


def excesses(kind):
    """Losses above the least of each problem of a kind, problems by candidates."""
    found = np.array([losses(np.asarray(X, float), d) for _, (X, _, d) in PROBLEMS[kind]()])
    return found - found.min(axis=1, keepdims=True)


def main(argv=None):
    """Print and write a line a candidate."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="*", default=list(PROBLEMS), choices=list(PROBLEMS))
    parser.add_argument("--csv", default="results/domain_ridges.csv")
    args = parser.parse_args(argv)
    with warnings.catch_warnings(), end_without_data():
        warnings.simplefilter("ignore")
        found = {kind: excesses(kind) for kind in args.kinds}
    every = np.concatenate(list(found.values()))
    columns = [*(of.mean(axis=0) for of in found.values()), every.mean(axis=0), every.max(axis=0)]
    header = ["ridge", *found, "all", "worst"]
    lines = [
        [name, *(f"{value:.4f}" for value in values)]
        for name, *values in zip(ridges(1), *columns, strict=True)
    ]
    print(format_table(header, lines))
    write_rows([dict(zip(header, line, strict=True)) for line in lines], args.csv)


if __name__ == "__main__":
    main()
