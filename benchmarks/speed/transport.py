"""Entropic plans beside POT's: CPU seconds and memory to the same error of the sums.

Costs of rows drawn from two normal laws in ten features, in units of their median. Both programs
iterate until their own measure of the error is below 1e-9; "error" is the sum of the absolute
differences of row and column sums from those wanted, of what they returned. POT's plain iterations
underflow where reg is small; its "sinkhorn_log" does not. Best of three, one BLAS thread. Memory is
the peak above that before, in plans (the cost is there before).
"""

import argparse

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import cpu_seconds
from benchmarks.lib.memory import own_bytes, reset_peak
from benchmarks.lib.tables import format_table
from skdomain.transport import sinkhorn_plan

HEADER = ["reg", "program", "seconds", "error", "plans"]
TOL = 1e-9


def problem(n):
    """Cost of two drawn domains, in units of its median."""
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(n, 10)), rng.normal(1.0, 1.5, size=(n, 10))
    M = np.square(Xs).sum(axis=1)[:, None] + np.square(Xt).sum(axis=1) - 2 * Xs @ Xt.T
    return M / np.median(M)


def programs(M, reg):
    """Functions that give a plan, by name; POT's where it is installed."""
    found = {"skdomain": lambda: sinkhorn_plan(M, reg=reg, tol=TOL).plan}
    try:
        import ot
    except ImportError:
        return found
    a, b = (np.full(n, 1 / n) for n in M.shape)
    options = {"stopThr": TOL, "numItermax": 10000}
    for name in ("sinkhorn", "sinkhorn_log"):
        found[f"POT {name}"] = lambda name=name: ot.sinkhorn(a, b, M, reg, method=name, **options)
    return found


def measure(plan_of, M, rounds=3):
    """Best seconds, error of the sums and memory in plans."""
    reset_peak()
    before = own_bytes("VmRSS")
    first, G = cpu_seconds(plan_of)
    plans = (own_bytes("VmHWM") - before) / M.nbytes
    sums = (abs(G.sum(axis=k) - 1 / n).sum() for k, n in enumerate(M.shape[::-1]))
    error = float(sum(sums))
    del G
    seconds = min([first, *(cpu_seconds(plan_of)[0] for _ in range(rounds - 1))])
    return seconds, error, plans


def main(argv=None):
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2000, help="a domain; default: 2000")
    parser.add_argument("--reg", type=float, nargs="+", default=[0.1, 0.05])
    args = parser.parse_args(argv)
    print(f"{__doc__}\n", flush=True)
    sinkhorn_plan(np.eye(9), reg=1.0)  # compiled and imported
    M, rows = problem(args.rows), []
    with threadpool_limits(1):
        for reg in args.reg:
            for name, plan_of in programs(M, reg).items():
                seconds, error, plans = measure(plan_of, M)
                rows.append([f"{reg:g}", name, f"{seconds:.2f}", f"{error:.1e}", f"{plans:.1f}"])
    print(format_table(HEADER, rows))


if __name__ == "__main__":
    main()
