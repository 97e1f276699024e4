"""Accuracy on unseen classes, beside attribute by attribute (DAP), on drawn classes and digits.

Each draw trains on rows of seen classes and chooses among the unseen ones. Hyper-parameters are
those of the best accuracy where seen classes are held out in turn as if they were unseen.

generated: make_attribute_classes, 15 seen and 5 unseen classes, attributes -1 and 1, or normal;
    rows of the target, without a shift
digits: scikit-learn's load_digits, two unseen digits. An attribute is a line drawn at random over
    the image, and a digit has of it the mean ink along the line, as those who know the digit would
    describe it: from 30 % of the rows, which no method sees. Graded: that mean, in standard
    deviations over the digits; binary: whether it is above the median.

DAP takes binary attributes alone: of graded ones, whether they are above the median of all classes.
"""

import argparse
from itertools import product

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.claims.paired import NOTE, paired_table
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import write_rows
from skdomain.datasets import make_attribute_classes
from skdomain.zero_shot import DAP, ESZSL, AttributeHinge, SemanticAutoencoder

RIDGES = (1.0, 10.0, 100.0, 1000.0)
WEIGHTS = (0.01, 0.1, 1.0, 10.0)
METHODS = {
    "DAP": (DAP(), {"estimator": [LogisticRegression(C=c, max_iter=1000) for c in (1e-3, 0.1, 1)]}),
    "ESZSL": (ESZSL(), {"eta": RIDGES, "eta_attributes": (0.1, 1.0, 10.0, 100.0)}),
    "SAE, attributes": (SemanticAutoencoder(), {"lam": WEIGHTS}),
    "SAE, features": (SemanticAutoencoder(space="features"), {"lam": WEIGHTS}),
    "AttributeHinge": (AttributeHinge(tol=1e-3), {"eta": [10 * ridge for ridge in RIDGES]}),
}
N_STROKES, N_UNSEEN_DIGITS = 16, 2


def above_median(S):
    """Attributes as 1 where a class has more of them than half of the classes, and -1."""
    return np.where(np.median(S, axis=0) < S, 1, -1)


def generated(draw, binary):
    """Rows and classes of training and of test rows, and attributes: graded, and for DAP."""
    data = make_attribute_classes(binary=binary, random_state=draw)
    source, unseen = data.sample_domain > 0, np.isin(data.y, data.unseen_classes)
    S = data.attributes
    rows = (data.X[source], data.y[source]), (data.X[unseen], data.y[unseen])
    return *rows, S, S if binary else above_median(S)


def strokes(rng, size=8):
    """Lines between two points drawn at random: the share that each pixel has in each line."""
    pixels = np.array(list(product(range(size), repeat=2)), dtype=float)
    lines = []
    for _ in range(N_STROKES):
        start, end = rng.uniform(0, size - 1, (2, 2))
        along = np.clip((pixels - start) @ (end - start) / np.sum((end - start) ** 2), 0, 1)
        distance = np.linalg.norm(pixels - start - along[:, None] * (end - start), axis=1)
        near = np.maximum(1 - distance, 0) + 1e-9  # a line between pixels has some, too
        lines.append(near / near.sum())
    return np.array(lines)


def digits(draw, binary):
    """The same of digits described by strokes."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(draw)
    described = rng.random(len(y)) < 0.3
    means = np.array([X[described & (y == c)].mean(axis=0) for c in range(10)])
    S = means @ strokes(rng).T
    coarse, S = above_median(S), (S - S.mean(axis=0)) / S.std(axis=0)
    unseen = np.isin(y, rng.permutation(10)[:N_UNSEEN_DIGITS])
    train, test = ~described & ~unseen, ~described & unseen
    return (X[train], y[train]), (X[test], y[test]), coarse if binary else S, coarse


PROBLEMS = {
    f"{problem.__name__}, {'binary' if binary else 'graded'}": (problem, binary)
    for problem in (generated, digits)
    for binary in (True, False)
}


def chosen(model, grid, X, y, S):
    """The model with its parameters chosen by holding out seen classes, fitted to all of them."""
    seen = {c: S[c] for c in np.unique(y)}
    pipe = make_pipeline(StandardScaler(with_std=False), model)
    name = pipe.steps[-1][0]
    pipe.set_params(**{f"{name}__attributes": seen, f"{name}__classes": "unseen"})
    grid = {f"{name}__{key}": values for key, values in grid.items()}
    search = GridSearchCV(pipe, grid, cv=GroupKFold(4), refit=False, error_score="raise")
    best = search.fit(X, y, groups=y).best_params_
    return pipe.set_params(**best, **{f"{name}__attributes": S}).fit(X, y)


def run_draw(name, draw):
    """Accuracy in percent of each method on rows of the unseen classes, a mean over classes."""
    problem, binary = PROBLEMS[name]
    (X, y), (Xu, yu), S, coarse = problem(draw, binary)
    scores, among = {}, np.unique(yu)
    with threadpool_limits(1):
        for method, (model, grid) in METHODS.items():
            told = coarse if method == "DAP" else S
            right = chosen(model, grid, X, y, told).predict(Xu, classes=among) == yu
            scores[method] = 100 * np.mean([right[yu == c].mean() for c in among])
    return name, draw, scores


def main(argv=None):
    """Run the draws and print a table for each problem."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", nargs="+", choices=PROBLEMS, default=[*PROBLEMS])
    parser.add_argument("--draws", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/zero_shot.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = list(product(args.problems, range(args.draws)))
    runs = list(run_all(run_draw, cells, args.jobs, "draw"))
    for problem in args.problems:
        draws = [scores for name, _, scores in runs if name == problem]
        print(f"\n{problem}\n")
        print(paired_table({m: [s[m] for s in draws] for m in METHODS}, "DAP"))
    print(f"\n{NOTE}")
    if args.csv:
        write_rows(
            [
                {"problem": name, "draw": draw, "method": m, "accuracy": f"{a:.2f}"}
                for name, draw, scores in runs
                for m, a in scores.items()
            ],
            args.csv,
        )
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
