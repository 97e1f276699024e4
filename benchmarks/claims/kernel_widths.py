"""How often tests of several kernels see shifts of several scales.

Draws of 100 source rows and 100 target rows of one feature, level 5 %, 299 permutations.

none: both standard normal
mean: the target's mean is 0.4 deviations higher
spread: the target's standard deviation is 1.6
ripple: the target's normal density times 1 + sin(2 pi f x), f waves a unit, f = 1/2, 1, 2, 4
rounded: the target's rows are rounded to halves

median: the Gaussian kernel of the median heuristic
mean of seven: the mean of the Gaussian kernels that MMDAgg takes
aggregated: MMDAgg
half for weights: weights of most power on half of the rows, the test on the other half
"""

import argparse

import numpy as np

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import group, markdown_table, with_error, write_rows
from skdomain.metrics import mmd_kernel_weights, mmd_test

N_ROWS, LEVEL, N_PERMUTATIONS = 100, 0.05, 299
FACTORS = 4.0 ** np.arange(-2, 5)


def rippled(waves, rng):
    """Standard normal rows, kept with probability (1 + sin(2 pi f x)) / 2."""
    X = rng.normal(size=(8 * N_ROWS, 1))
    kept = 2 * rng.uniform(size=len(X)) < 1 + np.sin(2 * np.pi * waves * X[:, 0])
    return X[kept][:N_ROWS]


def normal(rng):
    """Rows without a shift."""
    return rng.normal(size=(N_ROWS, 1))


SHIFTS = {
    "none": normal,
    "mean": lambda rng: normal(rng) + 0.4,
    "spread": lambda rng: normal(rng) * 1.6,
    "ripple, 1/2": lambda rng: rippled(0.5, rng),
    "ripple, 1": lambda rng: rippled(1.0, rng),
    "ripple, 2": lambda rng: rippled(2.0, rng),
    "ripple, 4": lambda rng: rippled(4.0, rng),
    "rounded": lambda rng: np.round(2 * normal(rng)) / 2,
}


def widths(Xs, Xt):
    """The widths that MMDAgg takes."""
    Z = np.concatenate([Xs, Xt])[:, 0]
    squares = np.square(Z[:, None] - Z)[np.triu_indices(len(Z), 1)]
    return (FACTORS / np.median(squares[squares > 0])).tolist()


def weighted_on_half(Xs, Xt, **options):
    """Choose weights on the first half of each domain and test on the second."""
    half, gamma = N_ROWS // 2, widths(Xs, Xt)
    weights = mmd_kernel_weights(Xs[:half], Xt[:half], gamma=gamma)
    return mmd_test(Xs[half:], Xt[half:], gamma=gamma, kernel_weights=weights, **options)


TESTS = {
    "median": lambda Xs, Xt, **options: mmd_test(Xs, Xt, gamma="median", **options),
    "mean of seven": lambda Xs, Xt, **options: mmd_test(Xs, Xt, gamma=widths(Xs, Xt), **options),
    "aggregated": lambda Xs, Xt, **options: mmd_test(Xs, Xt, aggregate=True, **options),
    "half for weights": weighted_on_half,
}


def run_tests(shift, draw):
    """A row for each test of one draw."""
    rng = np.random.default_rng([draw, *map(ord, shift)])
    Xs, Xt = normal(rng), SHIFTS[shift](rng)
    options = {"n_permutations": N_PERMUTATIONS, "random_state": draw}
    return [
        {"shift": shift, "test": name, "draw": draw, "pvalue": test(Xs, Xt, **options).pvalue}
        for name, test in TESTS.items()
    ]


def power_table(rows):
    """A line a shift, a column a test: how many of a hundred draws are rejected."""
    seen = {
        key: with_error([100.0 * (float(row["pvalue"]) <= LEVEL) for row in draws])
        for key, draws in group(rows, "shift", "test").items()
    }
    tests = list(dict.fromkeys(test for _, test in seen))
    shifts = dict.fromkeys(shift for shift, _ in seen)
    lines = [[shift, *(seen[shift, test] for test in tests)] for shift in shifts]
    return markdown_table(["shift", *tests], lines, ["---", *["---:"] * len(tests)])


def main(argv=None):
    """Draw the shifts and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--csv", default="results/kernel_widths.csv", help="'' for none")
    args = parser.parse_args(argv)
    cells = [(shift, draw) for shift in SHIFTS for draw in range(args.draws)]
    rows = [row for rows in run_all(run_tests, cells, args.jobs, "draw") for row in rows]
    print(power_table(rows))
    if args.csv:
        write_rows(rows, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
