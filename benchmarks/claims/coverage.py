"""How often sets and intervals hold the truth of target rows, by which weights.

200 draws of each problem, 400 source rows, of which half calibrate, and 200 target rows to estimate
from; coverage is of 200 further target rows. Nominal is 90 %.

classes: covariate shift of one deviation along one of two features, around a logistic regression
numbers: the rows of "classes", values x_1^2 + x_2 + noise, around a ridge regression
far: the same with domains two deviations apart
proportions: label shift of three classes in a row, of which the first is 80 % of the source and
    20 % of the target, around a logistic regression
"""

import argparse
import warnings
from functools import partial

import numpy as np

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import group, markdown_table, with_error, write_rows
from skdomain.conformal import DomainConformalClassifier, DomainConformalRegressor
from skdomain.datasets import make_covariate_shift, make_label_shift
from skdomain.label_shift import BBSE, RLLS, EMPriors, KernelMixture
from skdomain.weighting import (
    KLIEP,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

N_SOURCE, N_TARGET, N_NEW = 400, 200, 200
SOURCE_PRIORS, TARGET_PRIORS = (0.8, 0.1, 0.1), (0.2, 0.4, 0.4)
RATIOS = (ClassifierWeighting, GaussianWeighting, KLIEP, NearestNeighborWeighting, RuLSIF)
PRIORS = (BBSE, EMPriors, KernelMixture, RLLS)
COLUMNS = ("coverage", "size", "unbounded", "rows")


def true_ratio(X, shift):
    """Ratio of N(shift e_1, I) to N(0, I), but for a factor."""
    return np.exp(shift * X[:, 0])


def ratios(shift, estimated=()):
    """What covariate shift is weighed by."""
    named = {ratio.__name__: ratio() for ratio in estimated}
    return {"none": None, "true ratio": partial(true_ratio, shift=shift), **named}


def proportions():
    """What label shift is weighed by."""
    known = dict(enumerate(TARGET_PRIORS))
    named = {priors.__name__: priors(n_bootstrap=0) for priors in PRIORS}
    return {"none": None, "known proportions": known, **named}


def moved(draw, shift):
    """Rows, classes and domains of covariate shift."""
    data = make_covariate_shift(N_SOURCE, N_TARGET + N_NEW, shift=shift, random_state=draw)
    return data.X, data.y, data.sample_domain


def numbers(draw, shift):
    """The same rows with values in place of classes."""
    X, _, d = moved(draw, shift)
    noise = np.random.default_rng(draw).normal(size=len(X))
    return X, X[:, 0] ** 2 + X[:, 1] + 0.5 * noise, d


def other_proportions(draw):
    """Rows, classes and domains of label shift."""
    data = make_label_shift(
        N_SOURCE,
        N_TARGET + N_NEW,
        source_priors=SOURCE_PRIORS,
        target_priors=TARGET_PRIORS,
        class_sep=2.0,
        random_state=draw,
    )
    return data.X, data.y, data.sample_domain


PROBLEMS = {
    "classes": (partial(moved, shift=1.0), DomainConformalClassifier, ratios(1.0)),
    "numbers": (partial(numbers, shift=1.0), DomainConformalRegressor, ratios(1.0, RATIOS)),
    "far": (partial(numbers, shift=2.0), DomainConformalRegressor, ratios(2.0)),
    "proportions": (other_proportions, DomainConformalClassifier, proportions()),
}


def told(model, X, y):
    """Whether each row is covered, the mean size of a set, or width, and what is unbounded."""
    if hasattr(model, "predict_set"):
        sets = model.predict_set(X)
        covered, sizes = sets[np.arange(len(y)), y], sets.sum(axis=1)
        return covered, sizes.mean(), sets.all(axis=1)
    low, high = model.predict_interval(X).T
    width = high - low
    return (low <= y) & (y <= high), np.median(width), np.isinf(width)


def run_coverage(problem, draw):
    """A row of figures for each kind of weights."""
    make, model, kinds = PROBLEMS[problem]
    X, y, d = make(draw)
    fitted, new = slice(N_SOURCE + N_TARGET), slice(N_SOURCE + N_TARGET, None)
    rows = []
    for name, weights in kinds.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = model(weights=weights, random_state=draw)
            found.fit(X[fitted], y[fitted], sample_domain=d[fitted])
            covered, size, unbounded = told(found, X[new], y[new])
        figures = (100 * covered.mean(), size, 100 * unbounded.mean())
        figures = (*figures, found.effective_calibration_rows_)
        rows.append(
            {"problem": problem, "weights": name, "draw": draw}
            | dict(zip(COLUMNS, map(float, figures), strict=True))
        )
    return rows


def coverage_table(rows):
    """A line for each problem and kind of weights."""
    header = ["problem", "weights", "coverage", "size", "full or infinite, %", "effective rows"]
    lines = []
    for (problem, weights), draws in group(rows, "problem", "weights").items():
        coverage, *others = ([row[name] for row in draws] for name in COLUMNS)
        medians = (f"{np.median(other):.{k}f}" for other, k in zip(others, (2, 1, 0), strict=True))
        lines.append([problem, weights, with_error(coverage), *medians])
    return markdown_table(header, lines, ["---", "---", *["---:"] * 4])


def main(argv=None):
    """Draw the problems and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--csv", default="results/coverage.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = [(problem, draw) for problem in PROBLEMS for draw in range(args.draws)]
    rows = [row for rows in run_all(run_coverage, cells, args.jobs, "draw") for row in rows]
    print(coverage_table(rows))
    if args.csv:
        write_rows(rows, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
