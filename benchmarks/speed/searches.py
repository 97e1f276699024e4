"""Whether the search of rational Krylov spaces earns its lines against ARPACK on the same operator.

Whole fits of JDA and DJPMMD on SURF C->A, T = 10 iterations, in processor seconds on one BLAS
thread, in turn, best of several rounds: with the search that ``eigen_solver="auto"`` asks, with
ARPACK in its place, and with the dense solver. The same certificate checks what ARPACK finds, and
the dense solver is asked where it is refused. The last columns are ARPACK's time over the search's,
its steps an eigenproblem, how many of these were refused, and how many pseudo-labels differ.
"""

import argparse
import warnings
from functools import partial
from unittest import mock

import numpy as np
from scipy.linalg import eigh, qr
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import cpu_seconds, least
from benchmarks.lib.data import surf_task
from benchmarks.lib.memory import keep_freed_memory
from benchmarks.speed.iterations import fit
from benchmarks.speed.subspace import GAMMA, T
from skdomain.subspace import DJPMMD, JDA
from skdomain.subspace._spectral import _pencil
from skdomain.subspace._spectral._certificate import ACCURACY, is_certified
from skdomain.subspace._spectral._low_rank import identity_plus, inverse_root

KERNELS = ("rbf", "linear", "primal")


class Arpack:
    """Stands in for ``certified_eigenpairs``, and counts its steps and what was refused."""

    def __init__(self):
        self.steps, self.solved, self.refused = 0, 0, 0

    def __call__(self, e, c, Q, g, k, *, max_share=1.0):
        """The k largest eigenpairs of ``(diag(e) - cc', I + Q diag(g) Q')``, or None."""
        Q, g = Q[:, g != 0], g[g != 0]
        f = inverse_root(g)

        def reduced(y):
            w = identity_plus(Q, f, y)
            return identity_plus(Q, f, e[:, None] * w - np.outer(c, c @ w))

        y = self.basis(reduced, len(e), k + 1)
        theta, u = (np.empty(0), y) if y is None else eigh(y.T @ reduced(y), check_finite=False)
        w = None if y is None else identity_plus(Q, f, y @ u[:, :0:-1])
        certified = y is not None and is_certified(e, c, Q, g, theta[::-1], w)
        self.solved, self.refused = self.solved + 1, self.refused + (not certified)
        return (theta[:0:-1], w) if certified else None

    def basis(self, reduced, p, k):
        """Orthonormal basis of the leading eigenvectors, or None."""
        start = np.random.default_rng(0).standard_normal(p)

        def step(y):
            self.steps += 1
            return reduced(y.reshape(p, 1)).ravel()

        matrix = LinearOperator((p, p), step, dtype=np.float64)
        try:
            ncv = min(p, 2 * k + 1)
            vectors = eigsh(matrix, k, which="LA", v0=start, ncv=ncv, tol=ACCURACY)[1]
        except ArpackError:
            return None
        return qr(vectors, mode="economic", check_finite=False)[0]


def fits(model, X, y, d):
    """Of each solver a function that fits a clone and returns it; and what ARPACK counts."""
    arpack, auto = Arpack(), partial(fit, model, "auto", X, y, d)

    def with_arpack():
        with mock.patch.object(_pencil, "certified_eigenpairs", arpack):
            return auto()

    dense = partial(fit, model, "dense", X, y, d)
    return {"search": auto, "ARPACK": with_arpack, "dense": dense}, arpack


def seconds_of(run):
    """Processor seconds of one fit."""
    return cpu_seconds(run)[0]


def report(model, X, y, d, rounds):
    """A line of the table."""
    contestants, arpack = fits(model, X, y, d)
    labels = {name: run().pseudo_labels_ for name, run in contestants.items()}
    differ = np.count_nonzero(labels["ARPACK"] != labels["search"])
    measures = {name: partial(seconds_of, run) for name, run in contestants.items()}
    seconds = least(measures, rounds)
    ratio, steps = seconds["ARPACK"] / seconds["search"], arpack.steps / arpack.solved
    print(
        f"{type(model).__name__:8}{model.kernel:8}{model.n_components:4d}"
        + "".join(f"{value:9.3f}" for value in seconds.values())
        + f"{ratio:8.2f}{steps:7.0f}{arpack.refused:4d}/{arpack.solved:<4d}{differ:5d}",
        flush=True,
    )


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--components", type=int, nargs="*", default=[10, 30, 50, 100])
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    X, y, d = surf_task()
    print("method  kernel     k   search   ARPACK    dense   ratio  steps  refused labels")
    with threadpool_limits(1):
        for method in (JDA, DJPMMD):
            for kernel in KERNELS:
                for k in arguments.components:
                    gamma = GAMMA if kernel == "rbf" else None
                    model = method(k, kernel=kernel, gamma=gamma, max_iter=T)
                    report(model, X, y, d, arguments.rounds)


if __name__ == "__main__":
    main()
