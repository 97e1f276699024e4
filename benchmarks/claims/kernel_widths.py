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

Below, accuracy in percent of JDA, four components, on moons turned by 40 degrees, 100 rows each, of
joined features of three Gaussian kernels: one alone, equal weights, and those of most power.
"""

import argparse
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import FeatureUnion, make_pipeline

from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import group, markdown_table, with_error, write_rows
from skdomain.datasets import make_rotated_moons
from skdomain.metrics import mmd_kernel_weights, mmd_test
from skdomain.subspace import JDA

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


GAMMAS = (0.1, 1.0, 10.0)
WEIGHTS = {
    **{f"gamma = {g}": [float(g == each) for each in GAMMAS] for g in GAMMAS},
    "equal weights": [1 / 3, 1 / 3, 1 / 3],
    "most power": None,
}


def run_joined(draw):
    """A row for each choice of weights: the accuracy of JDA of joined features."""
    problem = make_rotated_moons(N_ROWS, N_ROWS, angle=40, random_state=draw)
    X, y, d = problem.X, problem.y, problem.sample_domain
    power = mmd_kernel_weights(X[d > 0], X[d < 0], gamma=list(GAMMAS))
    parts = [(str(g), Nystroem(gamma=g, random_state=0)) for g in GAMMAS]
    rows = []
    for name, weights in WEIGHTS.items():
        scales = np.sqrt(power if weights is None else weights)
        joined = FeatureUnion(
            parts, transformer_weights=dict(zip(map(str, GAMMAS), scales, strict=True))
        )
        model = make_pipeline(joined, JDA(n_components=4, kernel="primal"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y, jda__sample_domain=d)
        rows.append({"weights": name, "accuracy": 100 * model.score(X[d < 0], y[d < 0])})
    return rows


def joined_table(rows):
    """A line for each choice of weights."""
    accuracies = group(rows, "weights").items()
    lines = [[name, with_error([row["accuracy"] for row in each])] for (name,), each in accuracies]
    return markdown_table(["weights", "accuracy"], lines, ["---", "---:"])


def main(argv=None):
    """Draw the shifts, then the moons, and print the tables."""
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
    joined = run_all(run_joined, [(draw,) for draw in range(args.draws)], args.jobs, "draw")
    print(joined_table([row for rows in joined for row in rows]))
    if args.csv:
        write_rows(rows, args.csv)
        print(f"table: {args.csv}")


if __name__ == "__main__":
    main()
