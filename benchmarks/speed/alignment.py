"""Speed and memory of the alignment family, as ratios to skada's solutions of the same problem.

Speed: n = 250 + 250 rows drawn at random, d = 4096 features, fit and transform of all rows. Figures
are taken in one process, on one BLAS thread, best of several rounds after one that is
discarded. The peers take minutes: each runs once, its memory traced meanwhile, which at that length
makes no difference. Freed memory stays with the process, as in subspace.py.

TJM follows at its own size, n = 1000 + 1000 and d = 800 (tjm.py).

Memory: peak of what NumPy and LAPACK allocate in fit and transform.

The peers do not all solve the same problem: skada's CORAL shrinks covariances instead of adding a
ridge, and centres both domains. The work is the same: symmetric roots of two covariances.
"""

import argparse
import time
import warnings
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.memory import keep_freed_memory, peak_bytes
from benchmarks.lib.peers import skada_adapter
from benchmarks.speed import tjm
from skdomain.alignment import CORAL, LinearMonge


class Contest(NamedTuple):
    """A method, the peer's, and the ratios that are aimed at (None: none is)."""

    ours: object
    peer: object
    faster: float | None = None
    smaller: float | None = None


def contests():
    """The methods by name, each with its peer where skada is installed."""
    coral = skada_adapter("CORALAdapter", reg=0.5)
    monge = skada_adapter("LinearOTMappingAdapter", reg=1.0)
    return {
        "CORAL": Contest(CORAL(reg=1.0), coral, faster=100, smaller=8),
        "LinearMonge": Contest(LinearMonge(reg=1.0), monge, faster=300),
    }


def scaled_rows(n_source, n_target, n_features):
    """Rows and domains; the target has its own mean and scales."""
    rng = np.random.default_rng(0)
    d = np.repeat([1, -2], [n_source, n_target])
    X = rng.normal(size=(n_source + n_target, n_features))
    X[d < 0] = 0.5 + X[d < 0] * rng.uniform(0.5, 2, n_features)
    return X, d


def run_ours(model, X, d):
    """A function that fits and transforms with an estimator of this library."""
    return lambda: model.fit(X, sample_domain=d).transform(X, sample_domain=d)


def run_peer(model, X, d):
    """A function that does the same with one of skada's."""
    y = np.zeros(len(X))
    fit = {"sample_domain": d}
    return lambda: model.fit(X, y, **fit).transform(X, **fit, allow_source=True)


def verdict(ratio, aim):
    """The ratio, and whether it is what is aimed at."""
    aimed = "" if aim is None else f"  (aim {aim}: {'met' if ratio >= aim else 'MISSED'})"
    return f"{ratio:8.1f}{aimed}"


def report(rounds, X, d):
    """Print seconds and megabytes of each method, and how many times as much the peer takes."""
    print(f"\nn = {(d > 0).sum()} + {(d < 0).sum()}, d = {X.shape[1]}; one BLAS thread")
    for name, (model, peer, faster, smaller) in contests().items():
        ours = run_ours(model, X, d)
        seconds = best_seconds({name: ours}, rounds)[name]
        megabytes = peak_bytes(ours) / 1e6
        print(f"{name:16}{seconds:10.3f} s{megabytes:10.0f} MB")
        if peer is not None:
            start = time.perf_counter()
            peer_megabytes = peak_bytes(run_peer(peer, X, d)) / 1e6
            peer_seconds = time.perf_counter() - start
            print(f"{'  skada':16}{peer_seconds:10.3f} s{peer_megabytes:10.0f} MB")
            print(f"{'  times faster':16}{verdict(peer_seconds / seconds, faster)}")
            print(f"{'  times smaller':16}{verdict(peer_megabytes / megabytes, smaller)}")


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds of our methods that count")
    parser.add_argument("--n-source", type=int, default=250)
    parser.add_argument("--n-target", type=int, default=250)
    parser.add_argument("--n-features", type=int, default=4096)
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    with threadpool_limits(1):
        report(
            arguments.rounds,
            *scaled_rows(arguments.n_source, arguments.n_target, arguments.n_features),
        )
        tjm.compare(min(arguments.rounds, 3))


if __name__ == "__main__":
    main()
