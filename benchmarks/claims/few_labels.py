"""TrAdaBoost where a few target rows have labels: mushrooms, as in its paper, and Amazon reviews.

Mushrooms (Dai et al., ICML 2007): the domains are the two stalk shapes, the features one-hot.
Reviews: one of four kinds of product is the target, the three others are the sources; 400
standardised features. A random share of the target rows is labelled, the rest of them is predicted.
The learner is a logistic regression with scikit-learn's defaults, or a decision stump.

source only, target only: the learner trained on the labelled rows of one side
pooled: the learner trained on the labelled rows of both
balanced: the same, each side having half of the weight
AdaBoost: the learner boosted for 20 rounds, as in TrAdaBoost, but without regard to domains
"""

import argparse

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from benchmarks.claims.paired import NOTE, paired_table
from benchmarks.lib.data import end_without_data
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import write_rows
from skdomain import stack_domains
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost
from skdomain.datasets import load_amazon_reviews, load_mushroom

ROUNDS = 20
SHARES = {"mushroom": (0.01, 0.02, 0.03, 0.05, 0.1), "reviews": (0.01, 0.1)}
LOADERS = {"mushroom": load_mushroom, "reviews": load_amazon_reviews}
LEARNERS = {
    "logistic": LogisticRegression(max_iter=1000),
    "stump": DecisionTreeClassifier(max_depth=1, random_state=0),
}
ENCODERS = {"mushroom": OneHotEncoder(sparse_output=False), "reviews": StandardScaler()}


def each_as_target(name, data_home):
    """Every domain in turn as the target of all others: a name and X, y, sample_domain of each."""
    data = LOADERS[name](data_home=data_home, download_if_missing=False)
    X = ENCODERS[name].fit_transform(data.X)
    rows = {domain: data.domain_index == i for i, domain in enumerate(data.domain_names)}
    for target in data.domain_names:
        sources = [(X[rows[s]], data.y[rows[s]]) for s in data.domain_names if s != target]
        yield target, stack_domains(sources, (X[rows[target]], data.y[rows[target]]))


def fit_all(learner, X, y, d, labelled):
    """Train each method on the labelled rows."""
    source, target = d > 0, (d < 0) & labelled
    balance = np.where(source, 1 / source.sum(), 1 / target.sum()) * labelled.sum() / 2
    told = {"sample_domain": d, "labelled": labelled}

    def fit(model, rows, weight=None):
        weight = None if weight is None else weight[rows]
        return clone(model).fit(X[rows], y[rows], sample_weight=weight)

    boosted = AdaBoostClassifier(learner, n_estimators=ROUNDS, random_state=0)
    models = {
        "source only": fit(learner, source),
        "target only": fit(learner, target),
        "pooled": fit(learner, labelled),
        "balanced": fit(learner, labelled, balance),
        "AdaBoost, target only": fit(boosted, target),
        "AdaBoost, pooled": fit(boosted, labelled),
        "TrAdaBoost": TrAdaBoost(learner, n_estimators=ROUNDS).fit(X, y, **told),
    }
    if len(np.unique(d[source])) > 1:
        several = MultiSourceTrAdaBoost(learner, n_estimators=ROUNDS)
        models["MultiSourceTrAdaBoost"] = several.fit(X, y, **told)
    return models


def run_draw(learner, task, share, draw):
    """Accuracy in percent of every method on the target rows whose labels are held back."""
    name, (X, y, d) = task
    target = np.flatnonzero(d < 0)
    rng = np.random.default_rng([draw, round(1000 * share)])
    labelled = np.ones(len(d), dtype=bool)
    labelled[rng.permutation(target)[round(share * len(target)) :]] = False
    with threadpool_limits(1):
        models = fit_all(learner, X, y, d, labelled)
        hidden = ~labelled
        scores = {m: 100 * model.score(X[hidden], y[hidden]) for m, model in models.items()}
    return name, share, draw, scores


def main(argv=None):
    """Run the draws and print a table for each target domain and share of labels."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", choices=LOADERS, default="mushroom")
    parser.add_argument("--learner", choices=LEARNERS, default="logistic")
    parser.add_argument("--draws", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/few_labels.csv", help="'' for none")
    parser.add_argument("--data-home", help="folder of the data files")
    args = parser.parse_args(argv)
    with end_without_data():
        tasks = list(each_as_target(args.data, args.data_home))
    learner = LEARNERS[args.learner]
    shares, draws = SHARES[args.data], range(args.draws)
    cells = [(learner, t, share, i) for t in tasks for share in shares for i in draws]
    runs = list(run_all(run_draw, cells, args.jobs, "draw"))
    for target, share in dict.fromkeys(run[:2] for run in runs):
        draws = [scores for *cell, _, scores in runs if cell == [target, share]]
        print(f"\ntarget {target}, {share:.0%} of its rows labelled\n")
        print(paired_table({m: [s[m] for s in draws] for m in draws[0]}, "TrAdaBoost"))
    print(f"\n{NOTE}")
    if args.csv:
        write_rows(
            [
                {"target": name, "share": share, "draw": draw, "method": m, "accuracy": f"{a:.2f}"}
                for name, share, draw, scores in runs
                for m, a in scores.items()
            ],
            args.csv,
        )
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
