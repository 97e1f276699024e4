"""Seconds of transferred forests, as ratios to scikit-learn's forest of the same number of trees.

scikit-learn's is trained on all 100,000 rows of 20 features, both domains pooled; ours on the
source rows, then changed by the labelled target rows, of which there are 1,000 or half of all. Its
labels are a rule of three features of which 10 % are drawn at random. Both predict probabilities of
all rows. CPU seconds of one process, taken in turn, best of several rounds after one that is
discarded, in which the loops are compiled. The aim: at most 3 times the time of scikit-learn.
"""

import argparse
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from benchmarks.lib.clock import best_seconds
from skdomain.transfer import TransferForestClassifier, TransferForestRegressor

N_ROWS, N_FEATURES, AIM = 100_000, 20, 3.0


def shifted_rows(n_target):
    """Rows, classes, and domains, the target's thresholds moved by a half."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, N_FEATURES)).astype(np.float32)
    d = np.repeat([1, -1], [N_ROWS - n_target, n_target])
    Z = X - 0.5 * (d < 0)[:, None]
    y = (Z[:, 0] + Z[:, 1] * Z[:, 2] > 0).astype(int)
    noisy = rng.random(N_ROWS) < 0.1
    y[noisy] = rng.integers(2, size=noisy.sum())
    return X, y, d


def contestants(n_trees):
    """By name, scikit-learn's forest and ours."""
    forest = RandomForestClassifier(n_trees, random_state=0)
    values = RandomForestRegressor(n_trees, max_features="sqrt", random_state=0)
    ours = {
        method: TransferForestClassifier(forest, method=method, random_state=0)
        for method in ("relabel", "ser", "strut", "mix")
    }
    return {
        "forest": forest,
        **ours,
        "forest of values": values,
        "ser of values": TransferForestRegressor(values, random_state=0),
    }


def fit_and_predict(models, X, y, d):
    """Two tables of functions, those that fit and those that then predict."""

    def fitting(model):
        if isinstance(model, TransferForestClassifier | TransferForestRegressor):
            return lambda: model.fit(X, y, sample_domain=d)
        return lambda: model.fit(X, y)

    def predicting(model):
        method = getattr(model, "predict_proba", model.predict)
        return lambda: method(X)

    fits = {name: fitting(model) for name, model in models.items()}
    return fits, {name: predicting(model) for name, model in models.items()}


def print_ratios(seconds, n_target, doing):
    """A line a method: its seconds, and as a ratio to the forest of the same kind."""
    for name, needed in seconds.items():
        yardstick = seconds["forest of values" if name.endswith("values") else "forest"]
        ratio = needed / yardstick
        late = "" if ratio <= AIM else f"  more than {AIM:g}"
        print(f"{n_target:>8} {doing:>8} {name:<18} {needed:8.2f} s {ratio:6.2f}{late}")


def main(argv=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=10, help="trees of each forest")
    parser.add_argument("--rounds", type=int, default=2, help="rounds after the one discarded")
    options = parser.parse_args(argv)
    print(f"{'labelled':>8} {'':>8} {options.trees} trees, ratio to scikit-learn's forest")
    for n_target in (1_000, N_ROWS // 2):
        fits, predictions = fit_and_predict(contestants(options.trees), *shifted_rows(n_target))
        for doing, functions in (("fit", fits), ("predict", predictions)):
            seconds = best_seconds(functions, options.rounds, clock=time.process_time)
            print_ratios(seconds, n_target, doing)


if __name__ == "__main__":
    main()
