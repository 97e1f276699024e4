"""What it saves to weigh classes inside the couplings, where their proportions differ too.

JDA and DJP-MMD without ``target_priors``, with estimated ones and with the true ones, on rows whose
features have shifted as well: generated ones, and SURF and digits with the classes of the target
thinned to different shares. The accuracy of the target in percent, means over tasks and seeds, and
how far the proportions gone by are from the true ones, in points a class.

    python -m benchmarks.quality.label_shift.couplings --data generated SURF digits
"""

import argparse
import warnings

import numpy as np
from scipy.stats import ortho_group
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import Bunch

from benchmarks.lib.data import DATA, end_without_data
from benchmarks.lib.tables import group, markdown_table, write_rows
from skdomain.compose import SourceOnly
from skdomain.datasets import make_label_shift, make_subspace_shift
from skdomain.regularized import KernelRidgeClassifier
from skdomain.subspace import DJPMMD, JDA

METHODS = {"JDA": JDA, "DJP-MMD": DJPMMD}
PRIORS = ["none", "estimate", "true"]
GENERATED = {"2 classes": ([0.5, 0.5], [0.9, 0.1]), "5 classes": (np.ones(5) / 5, None)}
SETTINGS = {
    "generated": {"n_components": 5, "kernel": "primal", "lam": 10, "normalize": False},
    "SURF": {"n_components": 30, "lam": 1},
    "digits": {"n_components": 100, "kernel": "primal", "lam": 0.1},
}


def inner_classifiers(data):
    """The classifiers inside: the papers', and one that takes weights."""
    if data == "generated":
        return {"logistic": LogisticRegression(max_iter=500)}
    ridge = KernelRidgeClassifier(gamma=0.5, eta=0.1)
    return {"1-NN": KNeighborsClassifier(1), "kernel ridge": ridge}


def generated_problems(seeds):
    """Label shift in two features, a shift that no class sees in 18 others, all of it rotated."""
    for name, (p, q) in GENERATED.items():
        for seed in seeds:
            n_classes = len(p)
            q = np.arange(1, n_classes + 1) ** 2 if q is None else np.asarray(q)
            shares = {"source_priors": p, "target_priors": q / q.sum()}
            seen = make_label_shift(300, 300, class_sep=3, random_state=seed, **shares)
            rest = {"n_features": 18, "class_sep": 0, "random_state": seed}
            unseen = make_subspace_shift(300, 300, **rest)
            X = np.hstack([seen.X, unseen.X]) @ ortho_group.rvs(20, random_state=seed)
            yield Bunch(name=name, X=X, y=seen.y, sample_domain=seen.sample_domain)


def thinned(y, sample_domain, seed, least=0.1):
    """Rows kept: of the target's classes, in random order, shares from the least one to all."""
    rng = np.random.default_rng(seed)
    classes = rng.permutation(np.unique(y))
    keep = sample_domain > 0
    for c, share in zip(classes, np.linspace(least, 1, len(classes)), strict=True):
        rows = np.flatnonzero((sample_domain < 0) & (y == c))
        keep[rng.choice(rows, max(1, round(share * len(rows))), replace=False)] = True
    return keep


def real_problems(data, seeds):
    """Tasks of a data set with a thinned target, prepared after that."""
    load, prepare = DATA[data]
    for task in load(download_if_missing=False).tasks():
        for seed in seeds:
            keep = thinned(task.y, task.sample_domain, seed)
            d = task.sample_domain[keep]
            X = np.asarray(prepare(task.X[keep], d), dtype=float)
            yield Bunch(name=data, X=X, y=np.asarray(task.y)[keep], sample_domain=d)


def shares(y, classes):
    """Shares of the classes in labels."""
    return np.array([np.mean(y == c) for c in classes])


def figures(problem, data, inner, init):
    """Accuracy of each method with each kind of priors, and how far these are off."""
    X, y, d = problem.X, problem.y, problem.sample_domain
    classes = np.unique(y[d > 0])
    p, q = shares(y[d > 0], classes), shares(y[d < 0], classes)
    given = dict(zip(PRIORS, [None, "estimate", q], strict=True))
    base = SourceOnly(inner).fit(X, y, sample_domain=d)
    row = {"source only": 100 * base.score(X, y, sample_domain=d)}
    for method, cls in METHODS.items():
        for kind, priors in given.items():
            model = cls(estimator=inner, init=init, target_priors=priors, **SETTINGS[data])
            model.fit(X, y, sample_domain=d)
            row[f"{method}, {kind}"] = 100 * np.mean(model.pseudo_labels_ == y[d < 0])
            found = p if priors is None else model.target_priors_
            row[f"{method}, {kind}: off"] = 100 * np.abs(found - q).mean()
    return row


def study(data, seeds):
    """One row of figures for each problem, classifier inside and kind of start."""
    problems = generated_problems(seeds) if data == "generated" else real_problems(data, seeds)
    for problem in problems:
        for name, inner in inner_classifiers(data).items():
            for init in ("none", "estimator"):
                about = {"problem": problem.name, "inside": name, "init": init}
                yield about | figures(problem, data, inner, init)


def table(rows):
    """Means over the problems of one name."""
    columns = [name for name in rows[0] if name not in ("problem", "inside", "init")]
    shown = [name for name in columns if not name.endswith("off") or "estimate" in name]
    lines = [
        [*key, str(len(some)), *(f"{np.mean([row[name] for row in some]):.1f}" for name in shown)]
        for key, some in group(rows, "problem", "inside", "init").items()
    ]
    return markdown_table(["problem", "inside", "init", "n", *shown], lines)


def main(argv=None):
    """Run what the options ask for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", nargs="+", default=["generated"], choices=[*SETTINGS])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--out", help="CSV file of all rows")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    with end_without_data():
        rows = [row for data in options.data for row in study(data, options.seeds)]
    if options.out:
        write_rows(rows, options.out)
    print(table(rows))


if __name__ == "__main__":
    main()
