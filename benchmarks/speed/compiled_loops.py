"""What each compiled loop gains over its best NumPy form: the figures that admitted it.

One process, interleaved, one BLAS thread, best of several rounds after one that is discarded.
"""

import argparse
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from skdomain.mmd._grouped import expand_groups, grouped_sums


def sums_by_one_hot(F, groups, n_groups):
    """Product with the one-hot matrix of the groups."""
    one_hot = np.zeros((n_groups, len(F)))
    one_hot[groups, np.arange(len(F))] = 1
    return one_hot @ F


def sums_by_add_at(F, groups, n_groups):
    """Unbuffered addition."""
    sums = np.zeros((n_groups, F.shape[1]))
    np.add.at(sums, groups, F)
    return sums


def sums_by_sorting(F, groups, n_groups):
    """Rows sorted by group, then reduced segment by segment."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(n_groups))
    return np.add.reduceat(F[order], starts)


def plain_sum(F, groups, n_groups):
    """Sum of all entries: how fast the rows can be read at all."""
    return F.sum()


def expand_by_indexing(values, groups):
    """Fancy indexing of rows, then of columns."""
    return values[groups][:, groups]


def report(rounds, title, functions, *arguments):
    """Print the time of each function and its ratio to the first one, which is compiled."""
    seconds = best_seconds({f: partial(f, *arguments) for f in functions}, rounds)
    print(title)
    for function in functions:
        ratio = seconds[function] / seconds[functions[0]]
        print(f"    {function.__name__:20}{1e3 * seconds[function]:9.2f} ms{ratio:8.1f}")


def main(argv=None):
    """Measure at the size of SURF C->A and at those of many rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="rounds that count")
    rounds = parser.parse_args(argv).rounds
    rng = np.random.default_rng(0)
    with threadpool_limits(1):
        for n, d, dtype in ((2081, 800, "f8"), (200_000, 100, "f8"), (200_000, 100, "f4")):
            F, groups = rng.normal(size=(n, d)).astype(dtype), rng.integers(20, size=n)
            sums = (grouped_sums, plain_sum, sums_by_one_hot, sums_by_add_at, sums_by_sorting)
            report(rounds, f"sums of {n} x {d} rows ({F.dtype}) in 20 groups", sums, F, groups, 20)
        groups, values = rng.integers(20, size=2081), rng.normal(size=(20, 20))
        expand = (expand_groups, expand_by_indexing)
        report(rounds, "dense matrix of 2081 rows in 20 groups", expand, values, groups)


if __name__ == "__main__":
    main()
