"""Speed of the weighting family: the weights alone, beside a product of the same rows and skada's.

Processor seconds of the function that finds the weights, on SURF C->A (n = 1123 + 958, d = 800), on
2000 + 2000 drawn rows of 20 features, and on 100 + 100 of 5. ``products`` is the time as a multiple
of a product of two square matrices of 1000 rows, taken in turn with it, so that a regression is
seen without a peer and on any machine; ``before`` is what it was before the work of 2026-11.
``peer / now`` is above 1 where skada takes longer; where ours chooses a width, skada has no such
version that moves.

Taken in turn in one process, on one BLAS thread, best of several rounds after one that is
discarded; freed memory stays with the process, as in subspace.py.
"""

import argparse
import time
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.data import surf_task
from benchmarks.lib.memory import keep_freed_memory
from benchmarks.lib.peers import skada_adapter
from skdomain._kernels import median_gamma
from skdomain.weighting import (
    classifier_weights,
    kliep_weights,
    kmm_weights,
    nearest_neighbor_weights,
    rulsif_weights,
)


class Measured(NamedTuple):
    """Ours, the name of skada's adapter, and how many products ours took, problem by problem."""

    ours: object
    peer: str | None
    before: tuple


def table(gamma):
    """The methods by name; this width where one is given. With what is told to the peer."""
    one = {"gamma": gamma}
    kmm, kliep = (partial(find, **one) for find in (kmm_weights, kliep_weights))
    nearest = partial(nearest_neighbor_weights, n_neighbors=1)
    odds = partial(classifier_weights, classifier=LogisticRegression(max_iter=1000))
    return {
        "KMM": (Measured(kmm_weights, None, (4.54, 4.11, 0.094)), {}),
        "KMM, one width": (Measured(kmm, "KMMReweightAdapter", (4.80, 3.31, 0.12)), one),
        "KLIEP": (Measured(kliep_weights, None, (10.27, 12.01, 1.57)), {}),
        "KLIEP, one width": (Measured(kliep, "KLIEPReweightAdapter", (1.89, 0.44, 0.072)), one),
        "RuLSIF": (Measured(rulsif_weights, None, (6.00, 2.69, 0.47)), {}),
        "classifier, one ridge": (
            Measured(odds, "DiscriminatorReweightAdapter", (1.29, 0.18, 0.082)),
            {},
        ),
        "neighbours": (Measured(nearest_neighbor_weights, None, (2.65, 1.94, 0.046)), {}),
        "neighbours, k = 1": (
            Measured(nearest, "NearestNeighborReweightAdapter", (2.64, 1.94, 0.033)),
            {"n_neighbors": 1},
        ),
    }


def drawn(n, n_features):
    """Rows and domains, the target moved and narrower."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(2 * n, n_features)), np.repeat([1, -2], n)
    X[d < 0] = 0.3 + 0.9 * X[d < 0]
    return X, d


def problems():
    """Name, rows and domains of each problem, in the order of ``before``."""
    X, _, d = surf_task()
    yield "SURF C->A", X, d
    yield "2000 + 2000, d = 20", *drawn(2000, 20)
    yield "100 + 100, d = 5", *drawn(100, 5)


def report(place, name, X, d, rounds, with_peers):
    """Print a line of each method on a problem, the place-th."""
    Xs, Xt, square = X[d > 0], X[d < 0], np.random.default_rng(0).normal(size=(1000, 1000))
    print(f"\n{name}\n{'':20}{'seconds':>9}{'products':>10}{'before':>9}{'peer / now':>12}")
    for method, (row, told) in table(median_gamma(Xs, Xt)).items():
        runs = {"now": partial(row.ours, Xs, Xt), "product": partial(np.dot, square, square)}
        if with_peers and row.peer:
            peer = skada_adapter(row.peer, **told)
            runs["peer"] = partial(peer.fit_transform, X, np.zeros(len(X)), sample_domain=d)
        seconds = best_seconds(runs, rounds, time.process_time)
        now = seconds["now"]
        ratio = f"{seconds['peer'] / now:12.2f}" if "peer" in seconds else ""
        multiple = now / seconds["product"]
        print(f"{method:20}{now:9.4f}{multiple:10.3f}{row.before[place]:9.3f}{ratio}", flush=True)


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    with_peers = skada_adapter("KMMReweightAdapter") is not None
    with threadpool_limits(1):
        for place, problem in enumerate(problems()):
            report(place, *problem, arguments.rounds, with_peers)


if __name__ == "__main__":
    main()
