"""Speed of TJM, as a ratio to skada's TransferJointMatchingAdapter in the same run.

n = 1000 + 1000 drawn rows, d = 800 features, linear kernel, k = 30 components. One iteration of
each, and ten of TJM's, from whose difference comes the time of one further iteration: the kernel is
decomposed once a fit. One BLAS thread, taken in turn, best of several rounds after one that is
discarded. skada's adapter stops after its first iteration, whatever its tolerance.
"""

import argparse
import warnings
from functools import partial

import numpy as np
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.peers import skada_adapter
from skdomain.subspace import TJM

K, T = 30, 10


def unit_rows_of_classes(n_source, n_target, n_features):
    """Unit rows of ten classes, the domains apart, and their domains."""
    rng = np.random.default_rng(0)
    n = n_source + n_target
    X = (
        rng.normal(size=(n, n_features))
        + rng.normal(size=(10, n_features))[rng.integers(10, size=n)]
    )
    X[n_source:] += 0.3 * rng.normal(size=n_features)
    return normalize(X), np.repeat([1, -2], [n_source, n_target])


def ends_well(peer, X, d):
    """Whether the fit of a peer ends well; says how it failed if it does not."""
    try:
        peer.fit(X, sample_domain=d)
    except np.linalg.LinAlgError as error:
        print(f"skada's TJM, {peer.kernel} kernel, fails: {error}")
        return False
    return True


def contestants(X, d, kernels):
    """Name and fit of each; the peer has no kernel width to set, so nor do we."""
    for kernel in kernels:
        for n_iter in (1, T):
            model = TJM(K, kernel=kernel, max_iter=n_iter, tol=0)
            yield f"TJM {kernel}, T = {n_iter}", partial(model.fit, X, sample_domain=d)
        peer = skada_adapter(
            "TransferJointMatchingAdapter",
            kernel=kernel,
            n_components=K,
            tradeoff=1.0,
            max_iter=1,
        )
        if peer is not None and ends_well(peer, X, d):
            yield f"skada {kernel}, T = 1", partial(peer.fit, X, sample_domain=d)


def report(seconds, kernels):
    """Print times and ratios."""
    for name, value in seconds.items():
        print(f"{name:24}{value:9.3f} s")
    for kernel in kernels:
        first, all_ = (seconds[f"TJM {kernel}, T = {n_iter}"] for n_iter in (1, T))
        peer = seconds.get(f"skada {kernel}, T = 1")
        further = (all_ - first) / (T - 1)
        print(f"\n{kernel}: a further iteration {further:.3f} s, mean of {T} {all_ / T:.3f} s")
        if peer is not None:
            print(f"skada / TJM, one iteration each with all before it: {peer / first:.1f}")
            print(f"skada / TJM, mean of {T} iterations:                 {T * peer / all_:.1f}")


def compare(rounds, n=1000, d=800, kernels=("linear", "rbf")):
    """Time TJM and the peer and print both; on the BLAS threads of the caller."""
    X, domains = unit_rows_of_classes(n, n, d)
    print(f"\nTJM, n = {n} + {n}, d = {d}, k = {K}")
    report(best_seconds(dict(contestants(X, domains, kernels)), rounds), kernels)


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--n", type=int, default=1000, help="rows of each domain")
    parser.add_argument("--d", type=int, default=800, help="features")
    parser.add_argument("--kernels", nargs="+", default=["linear", "rbf"], help="kernels")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        compare(arguments.rounds, arguments.n, arguments.d, arguments.kernels)


if __name__ == "__main__":
    main()
