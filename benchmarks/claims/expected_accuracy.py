"""How far the accuracy that estimate_accuracy expects is from the true one, and how often within.

Six models, adapted and not, are fitted to each task, and judged without a label of the target.
Their true accuracy on it is then compared with what each method expects, and with the ends of its
90 % interval. Tasks are those of ``benchmarks.claims.weighting_defaults`` that have classes, and of
``benchmarks.quality.selection.guard``, some of each kind, and those found between domains. Tasks of
even numbers are of the development half, on which the default was chosen; those of odd numbers were
looked at once, as was the confirmation half of the tasks between domains.

guard: generated shifts of nine families, 150 rows of each domain
sharp: generated classes split along a random direction, 300 rows in all
covariate, apart: generated, 300 rows of each domain
split: rows of scikit-learn's data sets, in the source with a chance that falls along one feature
real: tasks of the published data sets, 300 rows of each domain at most
natural: tasks of ``benchmarks.quality.selection.natural``, of the packages that are installed
"""

import argparse
import warnings
from itertools import islice

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from benchmarks.claims.weighting_defaults import PROBLEMS
from benchmarks.lib.data import end_without_data
from benchmarks.lib.tables import format_table, group, write_rows
from benchmarks.quality.selection.guard import FAMILIES, N, normal_classes
from benchmarks.quality.selection.natural import natural_tasks
from skdomain import stack_domains
from skdomain._estimators import call_with_domains
from skdomain.alignment import CORAL, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import estimate_accuracy
from skdomain.subspace import JDA
from skdomain.weighting import KMM

HALVES = {"development": 0, "once": 1}
STEPS = {"guard": 2, "covariate": 6, "split": 4, "apart": 2, "real": 4, "sharp": 2}
HEADER = ["method", "error", "bias", "covered", "width"]


def models(n_features):
    """Classifiers to judge, by name."""
    learner, k = LogisticRegression(max_iter=1000), min(20, max(n_features - 1, 1))

    def before(*steps):
        return make_pipeline(*steps, SourceOnly(learner))

    return {
        "source only": SourceOnly(learner),
        "CORAL": before(CORAL(center=False)),
        "SubspaceAlignment": before(SubspaceAlignment(k, center=False)),
        "JDA": JDA(k, estimator=learner, kernel="primal"),
        "KMM": KMM(learner),
        "PerDomain": before(PerDomain()),
    }


def guard_tasks(first_seed=9000):
    """Tasks of the guard's families, two of each."""
    for number, (family, (make, _)) in enumerate(FAMILIES.items()):
        for seed in range(first_seed, first_seed + 2):
            X, y = make(np.random.default_rng([number, seed]))
            yield f"{family} {seed}", (X, y, np.repeat([1, -2], N))


def sharp_tasks(first_seed=9000):
    """Normal classes that are split along a random direction, mildly or sharply."""
    for seed in range(first_seed, first_seed + 50):
        rng = np.random.default_rng([len(FAMILIES), seed])
        n_classes, slope = rng.integers(2, 7), rng.choice([4, 12, 25])
        shares = np.full(n_classes, 1 / n_classes)
        X, y = normal_classes(rng, n_classes, rng.integers(2, 9), rng.uniform(2, 4), shares)
        rank = np.argsort(np.argsort(X @ rng.normal(size=X.shape[1]))) / len(X)
        source = rng.random(len(X)) < 1 / (1 + np.exp(slope * (rank - 0.5)))
        yield f"{slope} {seed}", stack_domains((X[source], y[source]), (X[~source], y[~source]))


SEEDED = {"guard": guard_tasks, "sharp": sharp_tasks}
PACKAGED = {kind: PROBLEMS[kind] for kind in ("covariate", "split", "apart", "real")}
KINDS = [*SEEDED, *PACKAGED, "natural"]


def tasks_of(kind, half, first_seed=9000):
    """Names and (X, y, sample_domain) of one half, the classes being numbers from 0."""
    for name, (X, y, d) in told_tasks(kind, half, first_seed):
        yield name, (np.asarray(X, float), np.unique(y, return_inverse=True)[1], d)


def told_tasks(kind, half, first_seed):
    """The same with classes as they are; some tasks are left out to save time."""
    if kind == "natural":
        found = natural_tasks(half == HALVES["development"])
        return ((task.name, (task.X, task.y, task.sample_domain)) for task in found)
    found = SEEDED[kind](first_seed) if kind in SEEDED else PACKAGED[kind]()
    return islice(found, half, None, STEPS[kind])


def fitted_models(X, y, d):
    """Models by name, fitted with the labels of the target hidden; those that fail are left out."""
    hidden = np.where(d > 0, y, None)
    for name, model in models(X.shape[1]).items():
        try:
            yield name, call_with_domains(model, "fit", X, hidden, sample_domain=d)
        except ValueError as error:
            print(f"{name} is left out: {error}")


def judged(kind, task, name, model, problem):
    """A row a method: expected and true accuracy in percent, the interval, the doubts."""
    X, y, d = problem
    found = estimate_accuracy(model, X, y, d)
    predicted = call_with_domains(model, "predict", X[d < 0], sample_domain=d[d < 0])
    true = 100 * np.mean(predicted == y[d < 0])
    told = {"kind": kind, "task": task, "model": name, "true": true, "doubts": len(found.doubts)}
    combined = {"combined": (found.value, found.interval)}
    for method, (value, ends) in (combined | found.by_method).items():
        low, high = 100 * np.array(ends)
        yield told | {"method": method, "expected": 100 * value, "low": low, "high": high}


def summary(rows):
    """Mean absolute error, mean error, share of intervals that hold the truth, mean width."""
    true, value, low, high = (
        np.array([float(row[key]) for row in rows]) for key in ("true", "expected", "low", "high")
    )
    held = np.mean((low <= true) & (true <= high))
    error = value - true
    return [
        f"{abs(error).mean():.1f}",
        f"{error.mean():+.1f}",
        f"{held:.0%}",
        f"{np.mean(high - low):.1f}",
    ]


def report(rows):
    """A table for each kind and each model, and for all."""
    parts = {"all": rows}
    parts |= {f"kind {key}": found for (key,), found in group(rows, "kind").items()}
    parts |= {f"model {key}": found for (key,), found in group(rows, "model").items()}
    for name, found in parts.items():
        methods = group(found, "method")
        print(f"\n{name}: {len(found) // len(methods)} models\n")
        print(format_table(HEADER, [[key, *summary(of)] for (key,), of in methods.items()]))


def published(rows):
    """What the gallery draws: the default method, in percent to one digit."""
    kept = ("kind", "task", "model", "true", "expected", "low", "high")
    return [
        {key: one[key] if key in kept[:3] else f"{float(one[key]):.1f}" for key in kept}
        for one in rows
        if one["method"] == "combined"
    ]


def main(argv=None):
    """Judge all models on the tasks of a half, and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", default="once", choices=list(HALVES))
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--first-seed", type=int, default=9000, help="of generated problems")
    parser.add_argument("--csv", default="results/expected_accuracy.csv")
    parser.add_argument("--publish", help="file for the default method alone")
    args = parser.parse_args(argv)
    rows = []
    with warnings.catch_warnings(), threadpool_limits(1), end_without_data():
        warnings.simplefilter("ignore")
        for kind in args.kinds:
            for task, problem in tasks_of(kind, HALVES[args.half], args.first_seed):
                for name, model in fitted_models(*problem):
                    rows += judged(kind, task, name, model, problem)
    report(rows)
    write_rows(rows, args.csv)
    if args.publish:
        write_rows(published(rows), args.publish)


if __name__ == "__main__":
    main()
