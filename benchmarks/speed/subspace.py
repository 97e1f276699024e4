"""Speed and memory of the subspace family, as ratios to dense solutions of the same problem.

Speed: SURF C->A (n = 2081, d = 800) with k = 100 components and T = 10 iterations. The unit is one
``scipy.linalg.eigh(A, B, subset_by_index=...)`` of the textbook pencil, whose matrices are formed
beforehand and not counted; JDA is compared with ten of them, its ten 1-NN fits included. Figures
are taken in one process, interleaved, on one BLAS thread, best of several rounds after one that is
discarded. Freed memory stays with the process: else page faults, which cost ten times more on some
machines than on others, decide the ratios of what takes less than a second. Where the real data are
not at hand, drawn rows of the same size stand in.

Memory: peak of what NumPy and LAPACK allocate while fitting, as a multiple of the kernel matrix or
of the data.
"""

import argparse
import warnings

import numpy as np
from scipy.linalg import eigh
from sklearn.metrics.pairwise import rbf_kernel
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.data import surf_task
from benchmarks.lib.memory import keep_freed_memory, peak_bytes
from benchmarks.lib.peers import skada_adapter
from skdomain.mmd import mmd_matrix
from skdomain.subspace import JDA, TCA

K, T, GAMMA = 100, 10, 1.0


def dense_pencil(X, sample_domain, lam=1.0):
    """``KHK`` and ``KMK + lam I`` of the textbook, with M and H formed, for the rbf kernel."""
    n = len(X)
    matrix = rbf_kernel(X, gamma=GAMMA)
    M = mmd_matrix(sample_domain)
    M /= np.linalg.norm(M)
    H = np.eye(n) - 1 / n
    return matrix @ H @ matrix, matrix @ M @ matrix + lam * np.eye(n)


def subspace_contestants(X, y, d):
    """Name, function and number of dense solutions that it is compared with."""
    A, B = dense_pencil(X, d)
    n = len(X)
    yield "dense eigh(A, B)", lambda: eigh(A, B, subset_by_index=[n - K, n - 1]), 1
    for kernel in ("linear", "primal", "rbf"):
        gamma = GAMMA if kernel == "rbf" else None
        tca = TCA(K, kernel=kernel, gamma=gamma)
        jda = JDA(K, kernel=kernel, gamma=gamma, max_iter=T)
        yield f"TCA {kernel}", lambda tca=tca: tca.fit(X, y, sample_domain=d), 1
        yield f"JDA {kernel}", lambda jda=jda: jda.fit(X, y, sample_domain=d), T
    peer = skada_adapter(
        "TransferComponentAnalysisAdapter", kernel="linear", n_components=K, mu=1.0
    )
    if peer is not None:
        yield "skada TCA (linear)", lambda: peer.fit(X, y, sample_domain=d), 1


def report_speed(rounds):
    """Print each method's time as a share of the dense solutions it replaces."""
    X, y, d = surf_task()
    contestants = list(subspace_contestants(X, y, d))
    seconds = best_seconds({name: run for name, run, _ in contestants}, rounds)
    dense = seconds["dense eigh(A, B)"]
    print(f"\nn = {len(X)}, d = {X.shape[1]}, k = {K}, T = {T}; one BLAS thread, best of {rounds}")
    print(f"{'':24}{'seconds':>9}{'dense solutions':>17}{'ratio':>8}")
    for name, _, solutions in contestants:
        ratio = seconds[name] / (solutions * dense)
        print(f"{name:24}{seconds[name]:9.3f}{solutions:17d}{ratio:8.2f}")


def report_memory(n_kernel, n_primal):
    """Print the peak memory of kernel methods and of primal TCA."""
    rng = np.random.default_rng(0)
    print(f"\n{'':40}{'peak MB':>9}{'ratio':>8}  to")
    X = rng.normal(size=(n_kernel, 50))
    y, d = rng.integers(5, size=n_kernel), np.where(np.arange(n_kernel) < n_kernel // 2, 1, -2)
    for model in (TCA(30, kernel="rbf"), JDA(30, kernel="rbf", max_iter=3)):
        peak = peak_bytes(lambda model=model: model.fit(X, y, sample_domain=d))
        name = f"{type(model).__name__} rbf, n = {n_kernel}"
        print(f"{name:40}{peak / 1e6:9.0f}{peak / (8 * n_kernel**2):8.2f}  the kernel matrix")
    X = rng.normal(size=(n_primal, 100))
    d = np.where(np.arange(n_primal) < n_primal // 2, 1, -2)
    for dtype in (np.float64, np.float32):
        rows = X.astype(dtype)
        peak = peak_bytes(lambda rows=rows: TCA(30, kernel="primal").fit(rows, sample_domain=d))
        name = f"TCA primal {np.dtype(dtype)}, n = {n_primal}, d = 100"
        print(f"{name:40}{peak / 1e6:9.0f}{peak / rows.nbytes + 1:8.2f}  the data, data included")


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--n-kernel", type=int, default=3000, help="rows of the kernel methods")
    parser.add_argument("--n-primal", type=int, default=200_000, help="rows of primal TCA")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    with threadpool_limits(1):
        report_speed(arguments.rounds)
        report_memory(arguments.n_kernel, arguments.n_primal)


if __name__ == "__main__":
    main()
