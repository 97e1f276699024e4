"""The weighting methods as they are by default beside their papers' weights, and source only.

What a default costs where weights are right, and what it saves where they are not, in points of
accuracy (regression: of R^2) on the target beyond the same learner trained on the source alone.

real: tasks of SURF, GoogLeNet, digits, COIL, mushroom (12 of them) and reviews, 300 rows of each
    domain at most
split: scikit-learn's breast cancer, wine, iris and digits data, standardised; a row is in the
    source with a probability that falls along one of at most six features, mildly or sharply
values: the same of its diabetes data, where a ridge regression predicts values
covariate: make_covariate_shift, where the truth is known and a line has to choose where to be right
apart: 20 normal features moved by one standard deviation each, or 30 skewed ones
biased: 15 draws of each bias of ``benchmarks.claims.selection_bias``, whose learner is an SVM
"""

import argparse
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.claims.selection_bias import BIASES, draw_problem
from benchmarks.lib.data import DATA, end_without_data, real_tasks
from benchmarks.lib.tables import format_table, group, write_rows
from skdomain import stack_domains
from skdomain.compose import SourceOnly
from skdomain.datasets import make_covariate_shift
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

PAPERS = {
    ClassifierWeighting: {"classifier": LogisticRegression(max_iter=1000)},
    GaussianWeighting: {},
    KLIEP: {},
    KMM: {},
    NearestNeighborWeighting: {},
    RuLSIF: {},
}
CLASSES = {
    "breast cancer": load_breast_cancer,
    "wine": load_wine,
    "iris": load_iris,
    "digits": load_digits,
}
LEARNERS = {"values": Ridge(), "biased": SVC()}
HEADER = ["method", "papers", "worst", "rows", "default", "worst", "rows", "change"]


def some_rows(X, y, d, seed, n=300):
    """At most n rows of each domain, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(d))
    kept = np.sort(np.concatenate([order[d[order] > 0][:n], order[d[order] < 0][:n]]))
    return X[kept], np.asarray(y)[kept], d[kept]


def real_problems():
    """Tasks of the published data sets."""
    for name in DATA:
        for i, task in zip(range(12), real_tasks([name]), strict=False):
            yield f"{name} {task.name}", some_rows(task.X, task.y, task.sample_domain, i)


def split_problems(loaders):
    """Rows in the source with a probability that falls along one feature."""
    for name, load in loaders.items():
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X[:, np.ptp(X, axis=0) > 0])
        for feature in np.linspace(0, X.shape[1] - 1, min(6, X.shape[1])).astype(int):
            for slope in (4, 12):
                rng = np.random.default_rng([feature, slope])
                kept = rng.permutation(len(X))[:600]
                yield f"{name} {feature} {slope}", split(X[kept], y[kept], feature, slope, rng)


def split(X, y, feature, slope, rng):
    """Stacked domains; ties in the feature's ranks are broken at random."""
    rank = np.argsort(np.lexsort([rng.random(len(X)), X[:, feature]])) / len(X)
    source = rng.random(len(X)) < 1 / (1 + np.exp(slope * (rank - 0.5)))
    return stack_domains((X[source], y[source]), (X[~source], y[~source]))


def covariate_problems():
    """Normal laws apart along one feature, 300 rows each."""
    for n_features in (2, 10):
        for shift in (0.5, 1.0, 2.0):
            for seed in range(5):
                p = make_covariate_shift(
                    300, 300, n_features=n_features, shift=shift, random_state=seed
                )
                yield f"{n_features} {shift} {seed}", (p.X, p.y, p.sample_domain)


def apart_problems():
    """Domains apart along every feature; a line tells the classes, up to noise, in both."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        for name, X in (
            ("normal", rng.normal(np.repeat([[0.0], [1.0]], 300, axis=0), size=(600, 20))),
            ("skewed", np.exp(rng.normal(np.repeat([[0], [0.3]], 300, axis=0), size=(600, 30)))),
        ):
            values = X @ rng.normal(size=X.shape[1])
            y = values + 0.3 * rng.normal(size=600) > np.median(values)
            yield f"{name} {seed}", (X, y.astype(int), np.repeat([1, -2], 300))


def biased_problems():
    """Rows of one data set, sampled with a bias."""
    for bias in BIASES:
        for draw in range(15):
            yield f"{bias} {draw}", draw_problem(bias, draw)[:3]


PROBLEMS = {
    "real": real_problems,
    "split": lambda: split_problems(CLASSES),
    "values": lambda: split_problems({"diabetes": load_diabetes}),
    "covariate": covariate_problems,
    "apart": apart_problems,
    "biased": biased_problems,
}


def compare(kind, name, X, y, d):
    """A row a method: points beyond source only and share of effective rows, of both settings."""
    learner = LEARNERS.get(kind, LogisticRegression(max_iter=200))
    alone = SourceOnly(learner).fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
    for method, papers in PAPERS.items():
        row = {"kind": kind, "task": name, "method": method.__name__, "alone": f"{100 * alone:.2f}"}
        for setting, values in (("papers", papers | {"flatten": None}), ("default", {})):
            model = method(learner, **values).fit(X, y, sample_domain=d)
            gain = 100 * (model.score(X, y, sample_domain=d) - alone)
            share = model.effective_sample_size_ / np.sum(d > 0)
            row |= {f"{setting} gain": f"{gain:.2f}", f"{setting} rows": f"{share:.4f}"}
        yield row


def summary(rows):
    """Cells of one method: of each setting the mean gain, the worst and the share of rows."""
    cells, gains = [], {}
    for setting in ("papers", "default"):
        gain, share = (
            np.array([float(row[f"{setting} {what}"]) for row in rows]) for what in ("gain", "rows")
        )
        gains[setting] = gain
        cells += [f"{gain.mean():+.1f}", f"{gain.min():+.1f}", f"{share.mean():.2f}"]
    change = gains["default"] - gains["papers"]
    error = change.std(ddof=1) / np.sqrt(len(change))
    return [*cells, f"{change.mean():+.2f} +- {error:.2f}"]


def main(argv=None):
    """Compare on the kinds of problem that are asked for, and print a table a kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="*", default=list(PROBLEMS), choices=list(PROBLEMS))
    parser.add_argument("--csv", default="results/weighting_defaults.csv")
    args = parser.parse_args(argv)
    rows = []
    with warnings.catch_warnings(), end_without_data():
        warnings.simplefilter("ignore")
        for kind in args.kinds:
            for name, problem in PROBLEMS[kind]():
                rows += compare(kind, name, *problem)
    for (kind,), found in group(rows, "kind").items():
        methods = group(found, "method")
        print(f"\n{kind}: {len(found) // len(methods)} tasks\n")
        print(format_table(HEADER, [[name, *summary(of)] for (name,), of in methods.items()]))
    write_rows(rows, args.csv)


if __name__ == "__main__":
    main()
