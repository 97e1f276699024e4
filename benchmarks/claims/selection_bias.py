"""Weights against biased sampling: a protocol after Huang et al. (NIPS 2006).

scikit-learn's breast cancer data (569 rows, 30 features, standardised) are halved at random. One
half is the target, the other is thinned out by a bias and is the source. An RBF-SVM with
scikit-learn's defaults is trained on the source, weighted and not, and scored on the target.

single feature: rows above the median of one feature are kept with probability 0.2, the others with
    0.8; draw i takes feature i
joint: a row is kept with probability exp(-|x - mean|^2 / 20), divided by the largest one
label: rows of class 1 are kept with probability 0.1, all others are; this is no covariate shift
"""

import argparse
import warnings
from functools import partial

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.claims.paired import NOTE, paired_table
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import write_rows
from skdomain import stack_domains
from skdomain.compose import SourceOnly
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

METHODS = {
    "unweighted": SourceOnly,
    "KMM": KMM,
    "KMM, reg=0 (the paper)": partial(KMM, reg=0, flatten=None),
    "KLIEP": KLIEP,
    "RuLSIF": RuLSIF,
    "classifier": ClassifierWeighting,
    "nearest neighbours": NearestNeighborWeighting,
    "Gaussian": GaussianWeighting,
}
BIASES = ("single feature", "joint", "label")


def keep_probability(bias, X, y, draw):
    """Probability with which the sampling keeps each row."""
    if bias == "single feature":
        feature = X[:, draw % X.shape[1]]
        return np.where(feature > np.median(feature), 0.2, 0.8)
    if bias == "joint":
        distances = np.square(X - X.mean(axis=0)).sum(axis=1)
        return np.exp((distances.min() - distances) / 20)
    return np.where(y == 1, 0.1, 1.0)


def draw_problem(bias, draw):
    """Stacked domains of one draw, and 1 over the probability of keeping each source row."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    rng = np.random.default_rng([draw, BIASES.index(bias)])
    pool, target = np.array_split(rng.permutation(len(X)), 2)
    p = keep_probability(bias, X[pool], y[pool], draw)
    kept = rng.random(len(pool)) < p
    source = pool[kept]
    return *stack_domains((X[source], y[source]), (X[target], y[target])), 1 / p[kept]


def run_biased_draw(bias, draw):
    """Accuracy of every method on one draw, in percent."""
    X, y, d, true_weights = draw_problem(bias, draw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = {
            name: method(SVC()).fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
            for name, method in METHODS.items()
        }
    source = d > 0
    ideal = SVC().fit(X[source], y[source], sample_weight=true_weights / true_weights.mean())
    scores["true weights (oracle)"] = ideal.score(X[~source], y[~source])
    return bias, draw, {name: 100 * score for name, score in scores.items()}


def main(argv=None):
    """Run the protocol and print a table a bias."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--csv", default="results/selection_bias.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = [(bias, draw) for bias in BIASES for draw in range(args.draws)]
    runs = list(run_all(run_biased_draw, cells, args.jobs, "draw"))
    for bias in BIASES:
        draws = [scores for name, _, scores in runs if name == bias]
        print(f"\n{bias}\n")
        print(paired_table({k: [s[k] for s in draws] for k in draws[0]}, "unweighted"))
    print(f"\n{NOTE}")
    if args.csv:
        write_rows(
            [
                {"bias": bias, "draw": draw, "method": name, "accuracy": f"{score:.2f}"}
                for bias, draw, scores in runs
                for name, score in scores.items()
            ],
            args.csv,
        )
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
