"""TCA with the rbf kernel against skada's, 2000 + 2000 rows of 800 features, and who is right.

Time of fitting and embedding: rounds in turn, in one process. Memory: each in a process of its own
as in scale/growth.py, whose points these are. Then, on fewer rows, the principal angles of each
embedding with that of the textbook solution ``scipy.linalg.eigh(KHK, KMK / |M| + lam I)``. The TCA
of skada and of adapt hand the matrix ``(mu KMK + I)^-1 KHK``, which is not symmetric, to a solver
for symmetric ones, which reads one triangle of it.
"""

import argparse
import time
import warnings

import numpy as np
from scipy.linalg import eigh, subspace_angles
from sklearn.metrics.pairwise import rbf_kernel
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import best_seconds
from benchmarks.scale.curves import CURVES, K, call_of, drawn_rows, installed, measured_point
from skdomain.mmd import mmd_matrix

OURS, PEERS = "TCA rbf", ("skada TCA", "adapt TCA")
FASTER, SMALLER = 8, 5  # aims
SECONDS, GIGABYTES = 600, 8  # what a process may take


def textbook_embedding(X, sample_domain, lam=1.0):
    """Embedding by the dense generalised eigenproblem."""
    n, matrix = len(X), rbf_kernel(X)
    M = mmd_matrix(sample_domain)
    B = matrix @ (M / np.linalg.norm(M)) @ matrix + lam * np.eye(n)
    C = matrix @ (matrix - matrix.mean(axis=0))
    return matrix @ eigh((C + C.T) / 2, B, subset_by_index=[n - K, n - 1])[1]


def report_speed(n, d, rounds):
    """Print time and memory, and how many times as much each peer takes."""
    names = [OURS, *filter(installed, PEERS)]
    rows = drawn_rows(n, d)
    contestants = {name: call_of(CURVES[name], *rows) for name in names}
    seconds = best_seconds(contestants, rounds, time.process_time)
    megabytes = {name: megabytes_of(name, n, d) for name in names}
    print(f"n = {n}, d = {d}: CPU seconds, best of {rounds}; MB beyond the rows")
    for name in names:
        line = f"{name:12}{seconds[name]:9.2f} s{megabytes[name]:9.0f} MB"
        if name != OURS:
            faster, smaller = (of[name] / of[OURS] for of in (seconds, megabytes))
            line += f"{faster:7.1f} x slower (aim {FASTER}), {smaller:.1f} x larger (aim {SMALLER})"
        print(line)


def megabytes_of(name, n, d):
    """Peak of memory beyond the rows, in a process of its own."""
    return measured_point(name, n, d, SECONDS, GIGABYTES)["megabytes"]


def report_angles(n, d):
    """Print the angles with the textbook solution, rows of the source first as skada returns."""
    X, y, sample_domain = drawn_rows(n, d)
    order = np.argsort(-sample_domain, kind="stable")
    X, y, sample_domain = X[order], y[order], sample_domain[order]
    expected = textbook_embedding(X, sample_domain)
    expected -= expected.mean(axis=0)
    print(f"\nn = {n}, d = {d}: smallest and largest angle with the textbook's {K} components")
    for name in (OURS, *filter(installed, PEERS)):
        Z = call_of(CURVES[name], X, y, sample_domain)()[0]
        angles = np.degrees(subspace_angles(Z - Z.mean(axis=0), expected))
        print(f"{name:12}{angles.min():14.6f}{angles.max():14.6f} degrees")


def main(argv=None):
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--angle-rows", type=int, default=1000)
    parser.add_argument("--features", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        report_speed(options.rows, options.features, options.rounds)
        report_angles(options.angle_rows, options.features)


if __name__ == "__main__":
    main()
