"""Speed of every method now and before, in units of a product, and beside skada's.

Processor seconds of the weights of the weighting family and of a fit of the others, on SURF C->A
(n = 1123 + 958, d = 800), on 2000 + 2000 drawn rows of 20 features, and on 100 + 100 of 5.
``products`` is the time as a multiple of a product of two square matrices of 1000 rows, taken in
turn with it, so that a regression is seen without a peer and on any machine; ``before`` is what
docs/results/speed.csv has, ``now / before`` above 1 a loss. ``ours / peer`` is below 1 where skada
takes longer, again with what the file has. A star: skada's does less work, TJM one iteration, KLIEP
none, axes that are approximate where rows are many, a plan without terms of the classes, and one
for labels that ends after 200 steps. Where ours chooses a width, skada has no
such version that moves. ``--write`` puts what is measured into the file.

Taken in turn in one process, on one BLAS thread, best of several rounds after one that is
discarded; freed memory stays with the process, as in subspace.py.
"""

import argparse
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.data import surf_task
from benchmarks.lib.memory import keep_freed_memory
from benchmarks.lib.peers import skada_adapter
from benchmarks.lib.tables import read_rows, write_rows
from skdomain._kernels import median_gamma
from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.transport import OptimalTransport, OTLabelPropagation
from skdomain.weighting import (
    classifier_weights,
    gaussian_weights,
    kliep_weights,
    kmm_weights,
    nearest_neighbor_weights,
    rulsif_weights,
)

FILE = Path(__file__).parents[2] / "docs" / "results" / "speed.csv"
HEADER = f"{'':22}{'seconds':>9}{'products':>10}{'before':>9}{'now / before':>14}"
HEADER += f"{'ours / peer':>13}{'before':>9}"


class Contender(NamedTuple):
    """What is run, ours as a function without arguments, and the adapter of skada, if any."""

    ours: object
    peer: str | None = None
    told: dict = {}
    star: str = ""


def weights(Xs, Xt):
    """The weighting family by name; the width and the number of neighbours told to both."""
    one, logistic = {"gamma": median_gamma(Xs, Xt)}, LogisticRegression(max_iter=1000)
    near, voronoi = {"n_neighbors": 1}, "NearestNeighborReweightAdapter"
    table = {
        "KMM": (kmm_weights, {}),
        "KMM, one width": (kmm_weights, one, "KMMReweightAdapter", one),
        "KLIEP": (kliep_weights, {}),
        "KLIEP, one width": (kliep_weights, one, "KLIEPReweightAdapter", one, "*"),
        "RuLSIF": (rulsif_weights, {}),
        "Gaussian": (gaussian_weights, {}),
        "classifier": (classifier_weights, {}, "DiscriminatorReweightAdapter"),
        "classifier, C = 1": (classifier_weights, {"classifier": logistic}),
        "neighbours": (nearest_neighbor_weights, {}),
        "neighbours, k = 1": (nearest_neighbor_weights, near, voronoi, near),
    }
    return {
        name: Contender(partial(find, Xs, Xt, **options), *peer)
        for name, (find, options, *peer) in table.items()
    }


def fits(X, y, d):
    """The methods that move rows or labels, by name, with at most 30 dimensions."""
    exact, mapping = OptimalTransport(reg=None, class_reg=0), "OTMappingAdapter"
    k = {"n_components": min(30, X.shape[1] - 1)}
    table = {
        "SubspaceAlignment": (SubspaceAlignment(**k), "SubspaceAlignmentAdapter", k, "*"),
        "GFK": (GFK(),),
        "CORAL": (CORAL(), "CORALAdapter"),
        "LinearMonge": (LinearMonge(), "LinearOTMappingAdapter"),
        "TCA": (TCA(**k),),
        "TJM": (TJM(**k), "TransferJointMatchingAdapter", k | {"kernel": "linear"}, "*"),
        "JDA": (JDA(**k),),
        "DJPMMD": (DJPMMD(**k),),
        "OptimalTransport": (OptimalTransport(), mapping, {}, "*"),
        "exact transport": (exact, mapping),
        "OTLabelPropagation": (OTLabelPropagation(), "OTLabelPropAdapter", {}, "*"),
    }
    return {
        name: Contender(partial(model.fit, X, y, sample_domain=d), *peer)
        for name, (model, *peer) in table.items()
    }


def drawn(n, n_features):
    """Rows, labels and domains, the target moved and narrower."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(2 * n, n_features)), np.repeat([1, -2], n)
    X[d < 0] = 0.3 + 0.9 * X[d < 0]
    return X, (X[:, 0] > 0).astype(int), d


PROBLEMS = {
    "SURF C->A": surf_task,
    "2000 + 2000, d = 20": partial(drawn, 2000, 20),
    "100 + 100, d = 5": partial(drawn, 100, 5),
}


def measured(name, contender, X, d, rounds):
    """Seconds, and the ratios as they stand in a row of the file."""
    square = np.random.default_rng(0).normal(size=(1000, 1000))
    runs = {"now": contender.ours, "product": partial(np.dot, square, square)}
    peer = contender.peer and skada_adapter(contender.peer, **contender.told)
    if peer:
        whole = "Reweight" in contender.peer or "LabelProp" in contender.peer
        call = peer.fit_transform if whole else peer.fit
        with suppress(np.linalg.LinAlgError):  # TJM's, of few rows
            call(X, np.zeros(len(X)), sample_domain=d)
            runs["peer"] = partial(call, X, np.zeros(len(X)), sample_domain=d)
    seconds = best_seconds(runs, rounds, time.process_time)
    now = seconds["now"]
    ratio = f"{now / seconds['peer']:.3g}" if "peer" in seconds else ""
    return now, {"method": name, "products": f"{now / seconds['product']:.3g}", "peer": ratio}


def line(seconds, row, before, star):
    """Line of the table; what the file lacks is left out."""
    products, peer = before.get("products", ""), before.get("peer", "")
    change = f"{float(row['products']) / float(products):.2f}" if products else ""
    text = f"{row['method']:22}{seconds:9.4f}{row['products']:>10}{products:>9}{change:>14}"
    return (text + f"{row['peer'] + star * bool(row['peer']):>13}{peer:>9}").rstrip()


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--problems", nargs="*", default=list(PROBLEMS), choices=list(PROBLEMS))
    parser.add_argument("--write", action="store_true", help="keep what is measured")
    args = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    found = {(row["problem"], row["method"]): row for row in read_rows(FILE)}
    with threadpool_limits(1):
        for problem in args.problems:
            X, y, d = PROBLEMS[problem]()
            print(f"\n{problem}\n{HEADER}")
            for name, contender in (weights(X[d > 0], X[d < 0]) | fits(X, y, d)).items():
                seconds, row = measured(name, contender, X, d, args.rounds)
                row, before = {"problem": problem} | row, found.get((problem, name), {})
                print(line(seconds, row, before, contender.star), flush=True)
                if args.write:
                    found[problem, name] = row
    if args.write:
        write_rows(list(found.values()), FILE)


if __name__ == "__main__":
    main()
