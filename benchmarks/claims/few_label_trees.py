"""Forests that start from the source's, where a few rows of the target have labels.

Mushrooms (each stalk shape as the target), Amazon reviews (each kind of product) and generated
digits, turned and blurred in the target: 1500 rows of each at most. Of each class of the target
some rows are labelled, the others are predicted. Forests of 30 trees; random states are set.

source, target: scikit-learn's forest of the labelled rows of one side
pooled, balanced: of both, as they are or each side having half of the weight
relabel, SER, STRUT, MIX: the source's forest changed, branches without target rows kept; "pruned":
without them, as in the paper
"""

import argparse

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.claims.paired import NOTE, paired_table
from benchmarks.lib.data import end_without_data
from benchmarks.lib.parallel import run_all
from skdomain import stack_domains
from skdomain.datasets import load_amazon_reviews, load_mushroom, make_rotated_digits
from skdomain.transfer import TransferForestClassifier

DATA = {
    "mushroom": (load_mushroom, OneHotEncoder(sparse_output=False)),
    "reviews": (load_amazon_reviews, StandardScaler()),
}
N_ROWS, N_TREES, LABELS = 1500, 30, (3, 10, 30)
METHODS = {
    "relabel": {"method": "relabel"},
    "SER": {"method": "ser"},
    "SER, pruned": {"method": "ser", "unreached": "prune"},
    "STRUT": {"method": "strut"},
    "STRUT, pruned": {"method": "strut", "unreached": "prune"},
    "MIX": {"method": "mix"},
    "MIX, pruned": {"method": "mix", "unreached": "prune"},
}


def each_as_target(name, data_home):
    """X, y and sample_domain of every domain in turn as the target of all others."""
    load, encoder = DATA[name]
    data = load(data_home=data_home, download_if_missing=False)
    X = encoder.fit_transform(data.X)
    rows = {domain: data.domain_index == i for i, domain in enumerate(data.domain_names)}
    for target in data.domain_names:
        sources = [(X[rows[s]], data.y[rows[s]]) for s in data.domain_names if s != target]
        yield stack_domains(sources, (X[rows[target]], data.y[rows[target]]))


def all_tasks(data_home):
    """Name of the data, then X, y, sample_domain, for every target of each."""
    for name in DATA:
        for rows in each_as_target(name, data_home):
            kept = np.random.default_rng(0).permutation(len(rows[0]))[:N_ROWS]
            yield name, tuple(array[kept] for array in rows)
    digits = make_rotated_digits(random_state=0)
    yield "digits", (digits.X, digits.y, digits.sample_domain)


def labelled_draw(y, target, n, rng):
    """Numbers of n target rows of each class, or all but one of a class that has fewer."""
    of_classes = [np.flatnonzero(target & (y == label)) for label in np.unique(y[target])]
    return np.concatenate([rng.permutation(own)[: min(n, len(own) - 1)] for own in of_classes])


def run_draw(task, n, draw):
    """Accuracy in percent of every forest on the target rows that are not labelled."""
    name, (X, y, d) = task
    known = labelled_draw(y, d < 0, n, np.random.default_rng([draw, n]))
    source, hidden = np.flatnonzero(d > 0), np.setdiff1d(np.flatnonzero(d < 0), known)
    both = np.concatenate([source, known])
    halves = np.repeat([1 / len(source), 1 / len(known)], [len(source), len(known)])

    def forest(rows, weights=None):
        return RandomForestClassifier(N_TREES, random_state=draw).fit(X[rows], y[rows], weights)

    given = FrozenEstimator(forest(source))
    models = {
        "source": given,
        "target": forest(known),
        "pooled": forest(both),
        "balanced": forest(both, halves * len(both) / 2),
    }
    for title, options in METHODS.items():
        model = TransferForestClassifier(given, random_state=draw, **options)
        models[title] = model.fit(X[known], y[known])
    return name, n, {m: 100 * np.mean(f.predict(X[hidden]) == y[hidden]) for m, f in models.items()}


def main(argv=None):
    """Run the draws and print a table for each data set and number of labels."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=5, help="a target; default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--data-home", help="folder of the data files")
    args = parser.parse_args(argv)
    with end_without_data():
        tasks = list(all_tasks(args.data_home))
    cells = [(task, n, draw) for task in tasks for n in LABELS for draw in range(args.draws)]
    runs = list(run_all(run_draw, cells, args.jobs, "draw"))
    for name, n in dict.fromkeys(run[:2] for run in runs):
        draws = [scores for *cell, scores in runs if cell == [name, n]]
        print(f"\n{name}, {n} labels a class\n")
        print(paired_table({m: [s[m] for s in draws] for m in draws[0]}, "pooled"))
    print(f"\n{NOTE}")


if __name__ == "__main__":
    main()
