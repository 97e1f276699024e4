"""Does SafeTransfer keep the gain of adapting where it helps, and the baseline where it harms.

Generated problems of 150 source and 150 target rows, in families of two kinds; seed i of a family
draws its shape (dimension, number of classes, separation, size of the shift) as well as its rows.

Harmful, the rule of the source holds or nearly so, and aligning the domains destroys it:
proportions       two classes as they were, in other proportions
many classes      three to six classes as they were, in proportions of a Dirichlet law
covariate         one rule for both, the target lies elsewhere
nuisance          other proportions, and features that tell nothing spread 2 to 6 times as far
small step        other proportions, and all rows moved by 0.3 standard deviations

Helpful, the rule of the source fails and a map of the rows mends it:
affine            all classes undergo one random affine map
units             each feature has another unit and zero
subspace          features that tell nothing are far apart
moons             two moons, rotated by 15 to 50 degrees

Candidates: per-domain standardisation, CORAL after it, LinearMonge, and TCA and SubspaceAlignment
with two components, a logistic regression behind each; the baseline is that regression alone.
oracle: the best of baseline and candidates by its accuracy on the target.
oracle correction: the baseline, its probabilities multiplied by the true ratio of the classes'
proportions; share of its gain: what the guard gains over source only, in parts of that.
"""

import argparse
import warnings
from math import ceil

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import format_table, with_error, write_rows
from skdomain.alignment import CORAL, LinearMonge, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_rotated_moons, make_subspace_shift
from skdomain.model_selection import SafeTransfer
from skdomain.subspace import TCA

N = 150
SOURCE, TARGET = slice(N), slice(N, None)


def normal_classes(rng, n_classes, n_features, separation, proportions):
    """Rows of normal classes around random means: N of the source, N of the target."""
    means = rng.normal(size=(n_classes, n_features))
    gaps = np.linalg.norm(means[:, None] - means[None], axis=2)
    means *= separation / gaps[np.triu_indices(n_classes, 1)].min()
    y = np.concatenate([rng.integers(n_classes, size=N), rng.choice(n_classes, N, p=proportions)])
    return means[y] + rng.normal(size=(2 * N, n_features)), y


def two_unequal(rng):
    """Proportions of two classes, either the rare one."""
    p = rng.uniform(0.05, 0.25)
    return rng.permutation([p, 1 - p])


def proportions(rng):
    """Two classes as they were, in other proportions."""
    return normal_classes(rng, 2, rng.integers(2, 7), rng.uniform(1.5, 4), two_unequal(rng))


def many_classes(rng):
    """Several classes as they were, in other proportions."""
    n_classes = rng.integers(3, 7)
    shares = rng.dirichlet(np.full(n_classes, 0.7))
    return normal_classes(rng, n_classes, rng.integers(2, 7), rng.uniform(2, 4), shares)


def covariate(rng):
    """One linear rule with noise; the target is moved along and across it, and less wide."""
    n_features = rng.integers(2, 7)
    X, rule = rng.normal(size=(2 * N, n_features)), rng.normal(size=n_features)
    rule /= np.linalg.norm(rule)
    step = rng.normal(size=n_features)
    X[N:] = rng.uniform(0.5, 1) * X[N:] + rng.uniform(0.5, 1.5) * step / np.linalg.norm(step)
    return X, (X @ rule + 0.3 * rng.normal(size=2 * N) > 0).astype(int)


def nuisance(rng):
    """Other proportions, and noise features that spread further in the target."""
    X, y = normal_classes(rng, 2, 2, rng.uniform(2, 4), two_unequal(rng))
    noise = rng.normal(size=(2 * N, rng.integers(1, 4)))
    noise[N:] *= rng.uniform(2, 6)
    return np.hstack([X, noise]), y


def small_step(rng):
    """Other proportions, and a step of 0.3 standard deviations."""
    X, y = proportions(rng)
    step = rng.normal(size=X.shape[1])
    X[N:] += 0.3 * step / np.linalg.norm(step)
    return X, y


def affine(rng):
    """One random affine map near the identity for all classes."""
    n_classes, n_features = rng.integers(2, 5), rng.integers(2, 6)
    shares = np.full(n_classes, 1 / n_classes)
    X, y = normal_classes(rng, n_classes, n_features, rng.uniform(2.5, 5), shares)
    A = np.eye(n_features) + 0.25 * rng.normal(size=(n_features, n_features))
    X[N:] = X[N:] @ A + rng.uniform(1, 3) * rng.normal(size=n_features)
    return X, y


def units(rng):
    """Another unit and zero for each feature."""
    n_classes, n_features = rng.integers(2, 5), rng.integers(2, 7)
    shares = np.full(n_classes, 1 / n_classes)
    X, y = normal_classes(rng, n_classes, n_features, rng.uniform(2.5, 5), shares)
    X[N:] = X[N:] * np.exp(rng.uniform(-1, 1, n_features)) + 2 * rng.normal(size=n_features)
    return X, y


def subspace(rng):
    """Noise features far apart."""
    return _generated(make_subspace_shift, rng, shift=rng.uniform(2, 8), scale=rng.uniform(0.5, 2))


def moons(rng):
    """Rotated moons."""
    return _generated(make_rotated_moons, rng, angle=rng.uniform(15, 50))


def _generated(make, rng, **parameters):
    problem = make(N, N, random_state=int(rng.integers(2**31)), **parameters)
    order = np.argsort(problem.sample_domain < 0, kind="stable")
    return problem.X[order], problem.y[order]


HARMFUL = {
    "proportions": (proportions, 100),
    "many classes": (many_classes, 25),
    "covariate": (covariate, 25),
    "nuisance": (nuisance, 25),
    "small step": (small_step, 25),
}
HELPFUL = {
    "affine": (affine, 50),
    "units": (units, 50),
    "subspace": (subspace, 50),
    "moons": (moons, 50),
}
FAMILIES = {**HARMFUL, **HELPFUL}
LABEL_SHIFT = ["proportions", "many classes"]


def few_candidates():
    """Methods to choose from, with a logistic regression behind each."""

    def before(*steps):
        return make_pipeline(*steps, SourceOnly(LogisticRegression()))

    return {
        "PerDomain": before(PerDomain()),
        "CORAL": before(PerDomain(), CORAL(1.0)),
        "LinearMonge": before(LinearMonge(1e-6)),
        "TCA": before(TCA(2, lam=1.0, kernel="primal")),
        "SubspaceAlignment": before(SubspaceAlignment(2, center=False)),
    }


def run_problem(family, seed):
    """Accuracies in percent on the target of baseline, guard and all candidates."""
    X, y = FAMILIES[family][0](np.random.default_rng([list(FAMILIES).index(family), seed]))
    d = np.repeat([1, -2], N)
    told = {"sample_domain": d}
    baseline = SourceOnly(LogisticRegression())
    with (
        threadpool_limits(1),
        config_context(enable_metadata_routing=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        guard = SafeTransfer(few_candidates(), baseline=baseline).fit(X, y, **told)
        models = {"source only": baseline, **few_candidates()}
        scores = {
            name: 100 * clone(m).fit(X, y, **told).score(X, y, **told) for name, m in models.items()
        }
        return {
            "family": family,
            "seed": seed,
            "chosen": guard.best_method_,
            "guard": 100 * guard.score(X, y, **told),
            "corrected": guard.decision_.corrected,
            "oracle": max(scores.values()),
            "oracle correction": 100 * _by_true_priors(X, y),
            **scores,
        }


def _by_true_priors(X, y):
    """Accuracy of the baseline on the target, corrected by the proportions that are true."""
    model = LogisticRegression().fit(X[:N], y[:N])
    there, here = ((y[rows, None] == model.classes_).mean(axis=0) for rows in (TARGET, SOURCE))
    proba = model.predict_proba(X[TARGET]) * there / here
    return np.mean(model.classes_[proba.argmax(axis=1)] == y[TARGET])


def summary(runs):
    """Row of the table: means with standard errors, how often it adapted, share of the gain."""
    source, guard, oracle, by_priors = (np.array([r[k] for r in runs]) for k in COLUMNS)
    adapted = np.mean([r["chosen"] != "baseline" for r in runs])
    moved = np.mean([[r[name] for name in few_candidates()] for r in runs])
    corrected = np.mean([r["corrected"] for r in runs])
    gain, possible = (oracle - source).sum(), (by_priors - source).sum()
    return [
        *(with_error(values) for values in (source, guard, oracle, by_priors, guard - source)),
        f"{moved - source.mean():+.1f}",
        f"{adapted:.0%}",
        f"{corrected:.0%}",
        f"{(guard - source).sum() / gain:.0%}" if gain else "",
        f"{(guard - source).sum() / possible:.0%}" if possible > 0 else "",
        str(len(runs)),
    ]


COLUMNS = ("source only", "guard", "oracle", "oracle correction")
HEADER = [
    "family",
    *COLUMNS,
    "guard less source",
    "any candidate less source",
    "adapted",
    "corrected",
    "of oracle's gain",
    "of the oracle correction's",
    "n",
]


def main(argv=None):
    """Run the problems and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first-seed", type=int, default=2000, help="default: %(default)s")
    parser.add_argument("--share", type=float, default=1.0, help="of the 400 problems, to run less")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/guard.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = [
        (family, args.first_seed + i)
        for family, (_, n) in FAMILIES.items()
        for i in range(ceil(args.share * n))
    ]
    runs = list(run_all(run_problem, cells, args.jobs, "problem"))
    rows = []
    kinds = {"all harmful": HARMFUL, "all helpful": HELPFUL, "label shift": LABEL_SHIFT}
    for kind, families in {**{name: [name] for name in FAMILIES}, **kinds}.items():
        rows.append([kind, *summary([r for r in runs if r["family"] in families])])
    print(format_table(HEADER, rows))
    if args.csv:
        write_rows(runs, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
