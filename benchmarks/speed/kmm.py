"""Speed of kernel mean matching, as a ratio to a general QP solver, and how it grows with n.

The general solver is cvxopt's ``qp``, interior points with dense constraints, as the adapt package
calls it. Both get n = 1000 + 1000 rows and form the kernel themselves, of the median width; both
have to reach the same KKT residual, 1e-6 (see KMM). Ours is asked for it. cvxopt's tolerances bound
other quantities: they are the loosest of 1e-6, 1e-8, ... at which its solution reaches the
residual, with what is tiny set to zero, below the threshold that is best for it. The paper's
problem (``reg=0``) and the default one are timed in 2 and in 10 dimensions. Taken in turn in one
process, on one BLAS thread, best of several rounds after one that is discarded; freed memory stays
with the process, as in speed/subspace.py.

Growth: time over n^2 at n = n_source = n_target from 1000 to 8000, as a multiple of the first, to
the same residual.
"""

import argparse
import time
from functools import partial

import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.lib.memory import keep_freed_memory, peak_bytes
from skdomain._kernels import median_gamma
from skdomain.datasets import make_covariate_shift
from skdomain.weighting import kmm_weights
from skdomain.weighting._kmm import match_means
from skdomain.weighting._qp._box import violations

B, TOL = 1000.0, 1e-6


def shifted_rows(n, n_features):
    """Rows of source and target under covariate shift, and the median kernel width."""
    X = make_covariate_shift(n, n, n_features=n_features, random_state=0).X
    return X[:n], X[n:], median_gamma(X[:n], X[n:])


def ours(Xs, Xt, gamma, reg):
    """Solution of this library."""
    rows = {"max_kernel_rows": len(Xs), "max_iter": 10000}
    return match_means(
        Xs, Xt, kernel="rbf", gamma=gamma, reg=reg, B=B, eps=None, tol=TOL, **rows
    ).solution


def peer(Xs, Xt, gamma, reg, tolerance):
    """Solution of cvxopt, ``1/2 w'Pw + q'w`` subject to ``Gw <= h``."""
    from cvxopt import matrix, solvers

    n = len(Xs)
    P, q = rbf_kernel(Xs, gamma=gamma), -rbf_kernel(Xs, Xt, gamma=gamma).sum(axis=1) - reg
    P[np.diag_indices(n)] += reg
    eps = 1 - 1 / np.sqrt(n)
    G = np.vstack([np.ones(n), -np.ones(n), np.eye(n), -np.eye(n)])
    h = np.r_[n * (1 + eps), n * (eps - 1), np.full(n, B), np.zeros(n)]
    options = dict.fromkeys(("abstol", "reltol", "feastol"), tolerance) | {"show_progress": False}
    found = solvers.qp(matrix(P), matrix(q), matrix(G), matrix(h), options=options)
    return np.array(found["x"]).ravel()


def residual(w, Xs, Xt, gamma, reg, thresholds=(0.0,)):
    """Least KKT residual of w, its mean inside its bounds, with what is below a threshold at 0."""
    K, kappa = rbf_kernel(Xs, gamma=gamma), rbf_kernel(Xs, Xt, gamma=gamma).sum(axis=1)
    least = np.inf
    for threshold in thresholds:
        cut = np.where(w < threshold, 0, w)
        gradient = K @ cut + reg * (cut - 1) - kappa
        least = min(least, violations(cut, gradient / len(w), B).max())
    return least


def loosest_tolerance(task):
    """Loosest tolerance at which cvxopt reaches the residual, and the residual it has there."""
    for tolerance in (1e-6, 1e-8, 1e-10, 1e-12):
        reached = residual(peer(*task, tolerance), *task, (0.0, *10.0 ** np.arange(-8, -2)))
        if reached <= TOL:
            break
    return tolerance, reached


def compare(rounds, n):
    """Print seconds of both solvers, their residuals and the ratio."""
    try:
        import cvxopt  # noqa: F401
    except ImportError:
        print("cvxopt is not installed: no comparison with it.")
        return
    print(f"n = {n} + {n}; one BLAS thread, best of {rounds}")
    print(f"{'':24}{'KMM':>9}{'cvxopt':>9}{'ratio':>8}{'KKT residuals':>20}{'tolerance':>11}")
    for n_features in (2, 10):
        Xs, Xt, gamma = shifted_rows(n, n_features)
        noise = np.sqrt(n * rbf_kernel(Xs, gamma=gamma).var(axis=1).mean())
        for name, reg in (("reg=0", 0.0), ("reg='auto'", noise)):
            task = (Xs, Xt, gamma, reg)
            tolerance, reached = loosest_tolerance(task)
            seconds = best_seconds(
                {
                    "ours": lambda task=task: ours(*task),
                    "peer": lambda task=task, tol=tolerance: peer(*task, tol),
                },
                rounds,
            )
            print(
                f"{f'd = {n_features}, {name}':24}{seconds['ours']:9.3f}{seconds['peer']:9.3f}"
                f"{seconds['peer'] / seconds['ours']:8.1f}"
                f"{residual(ours(*task), *task):10.0e}{reached:10.0e}{tolerance:11.0e}",
                flush=True,
            )


def report_growth(rounds, sizes, dimensions, regs):
    """Print how time over n^2 grows."""
    print(f"\n{'seconds':24}" + "".join(f"{f'n = {n}':>17}" for n in sizes))
    for n_features in dimensions:
        for reg in regs:
            cells, first = [], None
            for n in sizes:
                Xs, Xt, gamma = shifted_rows(n, n_features)
                run = partial(ours, Xs, Xt, gamma, reg)
                seconds = best_seconds({"": run}, rounds)[""]
                first = first or seconds / n**2
                cells.append(f"{seconds:9.3f} ({seconds / n**2 / first:4.2f})")
            name = f"d = {n_features}, reg={reg}"
            print(f"{name:24}" + "".join(f"{cell:>17}" for cell in cells), flush=True)
    print("in brackets: time over n^2, as a multiple of that of the first")


def report_landmarks(n):
    """Print time and peak memory where the kernel is approximated."""
    Xs, Xt, gamma = shifted_rows(n, 10)
    for reg in ("auto", 0.0):
        start = time.perf_counter()
        peak = peak_bytes(lambda reg=reg: kmm_weights(Xs, Xt, gamma=gamma, reg=reg))
        seconds = time.perf_counter() - start
        print(f"n = {n} + {n}, d = 10, reg={reg}, landmarks: {seconds:.1f} s, {peak / 1e9:.2f} GB")


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--n", type=int, default=1000, help="rows of each domain, against cvxopt")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 2000, 4000, 8000])
    parser.add_argument("--d", type=int, nargs="+", default=[2, 10], help="features, in the growth")
    parser.add_argument("--regs", nargs="+", default=["auto", "0"], help="reg, in the growth")
    parser.add_argument("--landmarks", type=int, default=50000, help="rows of a domain; 0: none")
    arguments = parser.parse_args(argv)
    keep_freed_memory()
    with threadpool_limits(1):
        compare(arguments.rounds, arguments.n)
        if arguments.sizes:
            regs = [reg if reg == "auto" else float(reg) for reg in arguments.regs]
            report_growth(min(arguments.rounds, 2), arguments.sizes, arguments.d, regs)
        if arguments.landmarks:
            report_landmarks(arguments.landmarks)


if __name__ == "__main__":
    main()
