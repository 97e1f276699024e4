"""What each compiled loop gains over its best NumPy form: the figures that admitted it.

One process, interleaved, one BLAS thread, best of several rounds after one that is discarded.
"""

import argparse
from functools import partial

import numpy as np
from scipy import sparse
from sklearn.utils import gen_batches
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from skdomain.mmd._grouped import expand_groups, grouped_sums
from skdomain.regularized._loops import largest, nearest, sparse_product
from skdomain.transport._scaling import sweep
from skdomain.zero_shot._attribute_dual import sweep_rows


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


def multiply(starts, columns, values, K, product):
    """SciPy's product of a sparse matrix."""
    return sparse.csr_array((values, columns, starts), product.shape[:1] * 2) @ K


def multiply_stripes(starts, columns, values, K, product):
    """The same, 256 columns at a time."""
    S = sparse.csr_array((values, columns, starts), product.shape[:1] * 2)
    for stripe in gen_batches(K.shape[1], 256):
        product[:, stripe] = S @ K[:, stripe]


def partition(cosines, start, values, columns):
    """The largest cosines of each row, in no order."""
    return np.argpartition(cosines, -values.shape[1], axis=1)


def largest_of_copy(values, rows, columns):
    """The place of the largest value in a part that is copied."""
    return values[rows][:, columns].argmax(axis=1)


def two_passes(K, log_u, v, log_a, offset, power, omega, column, balanced):
    """A product with the rows, a step, and a product with the columns."""
    totals = K @ v
    full = log_a - power * np.log(totals) + offset
    error = np.abs(np.exp(full) - np.exp(log_u)) @ totals
    log_u += omega * (full - log_u)
    column[:] = np.exp(log_u) @ K
    return error


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
        report_regularized(rounds, rng)
        report_transport(rounds, rng)
        report_dual(rng)


def report_regularized(rounds, rng):
    """Loops over matrices of 2081 rows, as many as SURF C->A has."""
    S = sparse.random_array((2081, 2081), density=16 / 2081, format="csr", rng=rng)
    K = rng.normal(size=S.shape)
    parts = S.indptr, S.indices, S.data, K, np.empty_like(K)
    products = (sparse_product, multiply, multiply_stripes)
    report(rounds, "sparse matrix, 16 entries a row, times a dense one", products, *parts)
    lists = np.empty((2081, 11)), np.zeros((2081, 11), dtype=np.intp)
    report(rounds, "ten largest of each row", (nearest, partition), K, 0, *lists)
    rows, columns = np.split(np.arange(2081), [958])
    report(rounds, "largest of each row", (largest, largest_of_copy), K, rows, columns)


def report_transport(rounds, rng):
    """One iteration of an entropic plan of 2000 rows on both sides."""
    n = 2000
    M = rng.uniform(size=(n, n))
    log_a, ones = np.full(n, -np.log(n)), np.ones(n)
    step = np.exp(-M), np.zeros(n), ones, log_a, 0 * ones, 1.0, 1.0, np.empty(n), True
    report(rounds, f"an iteration of a plan of {n} x {n} rows", (sweep, two_passes), *step)


def report_dual(rng):
    """A sweep over the dual of the hinge loss, on the shape of the digits, beside plain Python."""
    X, codes, S = rng.normal(size=(1257, 64)), rng.integers(8, size=1257), rng.normal(size=(8, 16))
    start = np.eye(8)[codes]

    def interpreted(*arguments):
        sweep_rows.py_func(*arguments)

    def compiled(*arguments):
        sweep_rows(*arguments)

    calls = {
        f.__name__: lambda f=f: f(X, codes, S, start.copy(), np.zeros((64, 16)), order, 1.0, 100.0)
        for f in (compiled, interpreted)
    }
    order = rng.permutation(len(X))
    seconds = best_seconds(calls, 3)
    print("sweep over the dual of 1257 rows, 8 classes, 16 attributes; moves compiled in both")
    for name, value in seconds.items():
        print(f"    {name:20}{1e3 * value:9.2f} ms{value / seconds['compiled']:8.1f}")


if __name__ == "__main__":
    main()
