"""Speed and memory of the alignment family, as ratios to skada's solutions of the same problem.

Speed: n = 250 + 250 rows drawn at random, d = 4096 features, fit and transform of all rows. Figures
are taken in one process, on one BLAS thread, best of several rounds after one that is
discarded. The peers take minutes: each runs once, its memory traced meanwhile, which at that length
makes no difference. Freed memory stays with the process, as in subspace.py.

SubspaceAlignment and GFK need few of the principal axes: their fits are measured beside the full
singular value decompositions of both domains, which they once took, at the sizes of two tasks of
Office-Caltech and with many rows; and beside skada's SubspaceAlignment, whose axes are approximate
at the larger sizes. Small fits, of 100 + 100 rows x 5, are measured beside scikit-learn's
KernelPCA.

TJM follows at its own size, n = 1000 + 1000 and d = 800 (tjm.py).

Memory: peak of what NumPy and LAPACK allocate in fit and transform.

The peers do not all solve the same problem: skada's CORAL shrinks covariances instead of adding a
ridge, and centres both domains. The work is the same: symmetric roots of two covariances.
"""

import argparse
import time
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.linalg import svd
from sklearn.decomposition import KernelPCA
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.memory import keep_freed_memory, peak_bytes
from benchmarks.lib.peers import skada_adapter
from benchmarks.speed import tjm
from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment

K = 30  # axes
SIZES = (1123, 958, 800), (295, 157, 800), (50_000, 50_000, 50)
SMALL, REPEATS = (100, 100, 5), 100
# Largest shares of the yardstick, above what was measured when the axes became partial; with "auto"
# GFK needs those of all rows too.
AXES_AIM, AUTO_AIM, SMALL_AIM = 0.5, 1.0, 0.25


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


def decaying_rows(n_source, n_target, n_features):
    """Rows of falling spreads, each domain's along directions of its own."""
    rng = np.random.default_rng(0)
    d = np.repeat([1, -2], [n_source, n_target])
    X = rng.normal(size=(len(d), n_features)) * np.arange(1, n_features + 1) ** -0.3
    for rows in (d > 0, d < 0):
        X[rows] = X[rows] @ np.linalg.qr(rng.normal(size=(n_features, n_features)))[0]
    return X, d


def both_decompositions(X, d):
    """The full decompositions of the centred rows of both domains."""
    for rows in (X[d > 0], X[d < 0]):
        svd(rows - rows.mean(axis=0), full_matrices=False, overwrite_a=True)


def axes_contestants(X, d):
    """Names, fits and largest shares, the yardstick first."""
    yield "two decompositions", partial(both_decompositions, X, d), None
    for model, aim in (
        (SubspaceAlignment(K), AXES_AIM),
        (GFK(K), AXES_AIM),
        (GFK(), AUTO_AIM),
    ):
        yield str(model), partial(model.fit, X, sample_domain=d), aim
    peer = skada_adapter("SubspaceAlignmentAdapter", n_components=K)
    if peer is not None:
        yield "skada SubspaceAlignment", partial(peer.fit, X, sample_domain=d), None


def small_contestants(X, d):
    """Names, small fits and largest shares, the yardstick first."""
    yield "KernelPCA", partial(repeated, partial(KernelPCA(2, kernel="rbf").fit, X)), None
    for model in (CORAL(), LinearMonge(), SubspaceAlignment(2), GFK(2)):
        fit = partial(model.fit, X, sample_domain=d)
        yield str(model), partial(repeated, fit), SMALL_AIM


def repeated(fit):
    """As many fits as a clock can tell."""
    for _ in range(REPEATS):
        fit()


def report_shares(title, contestants, rounds, calls=1):
    """Print CPU seconds of each fit and its share of the first, and whether ours meet the aim."""
    print(f"\n{title}; CPU, one BLAS thread")
    contestants = list(contestants)
    seconds = best_seconds({n: f for n, f, _ in contestants}, rounds, time.process_time)
    for name, _, aim in contestants:
        share = seconds[name] / seconds[contestants[0][0]]
        aimed = "" if aim is None else f"  (aim {aim}: {'met' if share <= aim else 'MISSED'})"
        print(f"{name:36}{1e3 * seconds[name] / calls:10.3f} ms{share:8.2f}{aimed}")


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
        for size in SIZES:
            title = "axes, n = {} + {}, d = {}".format(*size)
            report_shares(title, axes_contestants(*decaying_rows(*size)), arguments.rounds)
        small = small_contestants(*decaying_rows(*SMALL))
        report_shares("small fits", small, arguments.rounds, REPEATS)
        tjm.compare(min(arguments.rounds, 3))


if __name__ == "__main__":
    main()
