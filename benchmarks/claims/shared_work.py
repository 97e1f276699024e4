"""What a search costs beside the fits that it is made of, with work shared and without.

SURF C->A, prepared as in the papers, circular validation on a split into halves; in processor
seconds on one BLAS thread, in turn, best of several rounds. Of each set of candidates: the sum of
what each costs alone (fit and score; the winner on all rows is left out), the whole search with
nothing shared and with shared work, these over the sum, and how many spectral bases were decomposed
in both. "19" are the candidates of the study; a grid is lam x mu x n_components x classifier of one
JDA. The search gives the same table whether work is shared or not, or the program ends.

The last lines are of SafeTransfer with the 19: where its test for a shift keeps the baseline, no
candidate is fitted.
"""

import argparse
import warnings
from contextlib import contextmanager, nullcontext
from functools import partial
from unittest import mock

import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import cpu_seconds, least
from benchmarks.lib.data import surf_task
from benchmarks.lib.memory import keep_freed_memory
from benchmarks.quality.selection.candidates import BASELINE, candidates
from skdomain._rows import _sharing
from skdomain.model_selection import (
    AdaptationSearchCV,
    CircularValidation,
    DomainShuffleSplit,
    SafeTransfer,
)
from skdomain.model_selection._search._candidates import listed
from skdomain.model_selection._search._judging import judge
from skdomain.subspace import JDA
from skdomain.subspace._spectral import _basis

CV = DomainShuffleSplit(1, test_size=0.5, random_state=0)
GRID = {
    "lam": [0.1, 1.0],
    "mu": [0.2, 0.5],
    "n_components": [20, 30],
    "estimator": [KNeighborsClassifier(1), GaussianNB()],
}
KERNELS = {"rbf": "median", "linear": None, "primal": None}


class SearchOnly(AdaptationSearchCV):
    """A search that ends before the winner is fitted."""

    def _winner(self, model, X, hidden, domains):
        return model


def searches():
    """A search of each set of candidates by name, not fitted."""
    models = candidates()
    grids = {"19": (models, models.pop(BASELINE))} | {
        f"grid {kernel}": ({"jda": (JDA(kernel=kernel, gamma=gamma, max_iter=5), GRID)}, None)
        for kernel, gamma in KERNELS.items()
    }
    return {
        name: SearchOnly(others, baseline=baseline, scoring="circular_validation", cv=CV)
        for name, (others, baseline) in grids.items()
    }


def not_sharing():
    """In this context every result is computed by whoever asks for it."""
    alone = mock.Mock(side_effect=lambda key, compute: compute())
    return mock.patch.object(_sharing._RESULTS, "get", alone)


@contextmanager
def decompositions():
    """The sizes of the spectral bases that are decomposed in this context."""
    sizes, eigh = [], _basis.eigh

    def counted(S, **options):
        sizes.append(len(S))
        return eigh(S, **options)

    with mock.patch.object(_basis, "eigh", counted):
        yield sizes


def fits_alone(search, X, y, d):
    """Fit and judge each candidate on each split, one by one, as a search does."""
    hidden = np.where(d > 0, y.astype(object), None)
    models = list(listed(search.candidates, search._inner()))[1]
    for train, test in CV.split(X, y, sample_domain=d):
        for model in models:
            judge(model, X, y, hidden, d, train, test, [CircularValidation()])


def same_scores(one, two):
    """Whether two fitted searches have the same values, to the bit."""
    names = [name for name in one.cv_results_ if "test_score" in name]
    return all(np.array_equal(one.cv_results_[n], two.cv_results_[n]) for n in names)


def run(search, context, X, y, d):
    """Seconds of a search; it and the number of decompositions are kept in the search."""
    with context(), decompositions() as sizes:
        seconds, _ = cpu_seconds(partial(search.fit, X, y, sample_domain=d))
    search.n_decompositions = len(sizes)
    return seconds


def report(name, search, other, task, rounds):
    """A line of the table."""
    measures = {
        "alone": lambda: cpu_seconds(partial(fits_alone, search, *task))[0],
        "without": partial(run, other, not_sharing, *task),
        "shared": partial(run, search, nullcontext, *task),
    }
    seconds = least(measures, rounds)
    if not same_scores(search, other):
        raise SystemExit(f"{name}: the scores differ.")
    print(
        f"{name:12}{len(search.cv_results_['params']):4d}"
        + "".join(f"{value:9.1f}" for value in seconds.values())
        + "".join(f"{seconds[key] / seconds['alone']:9.2f}" for key in ("without", "shared"))
        + f"{other.n_decompositions:9d}{search.n_decompositions:9d}",
        flush=True,
    )


def report_guard(task, name):
    """Seconds of the guard on a task, and what it decided."""
    X, y, d = task
    models = candidates()
    guard = SafeTransfer(models, baseline=models.pop(BASELINE))
    seconds, _ = cpu_seconds(partial(guard.fit, X, y, sample_domain=d))
    print(f"SafeTransfer, {name}: {seconds:.1f} s, {guard.decision_}")


def main(argv=None):
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2, help="rounds that count")
    parser.add_argument("--only", nargs="*", default=None, help="names of sets of candidates")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    task = surf_task()
    print("candidates     n    alone  without   shared  without   shared      bases found")
    with threadpool_limits(1):
        others = searches()
        for name, search in searches().items():
            if arguments.only is None or name in arguments.only:
                report(name, search, others[name], task, arguments.rounds)
        if arguments.only is None:
            report_guard(task, "C->A")


if __name__ == "__main__":
    main()
