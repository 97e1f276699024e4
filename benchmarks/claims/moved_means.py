"""Whether second moments should be aligned with the means moved, and how far.

Accuracy in percent on the target, behind:

source only    nothing
default        ``CORAL()``, which moves no mean
mixture        the same, then the source moved by what proportions of the classes do not explain
match          ``CORAL(center="match")``, which moves the source onto the target's mean
standardised   ``CORAL(1.0)`` of domains that were standardised each on its own

"mixture" takes the labels of the source: with the means m_c of its classes, after the map, and m_t
of the target, it moves by m_t - sum_c p_c m_c, where p are the proportions that make this least, in
units of the spread of each feature within the classes.

Tasks are those of ``quality.selection``: four draws of each family of ``guard``, the development
halves of ``shifts`` and ``natural``, and those of ``alignment_defaults`` that its defaults were
chosen on.
"""

import argparse
import warnings

import numpy as np
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.claims.alignment_defaults import CLASSIFIERS, HALVES, SPLIT, problems
from benchmarks.lib.data import DATA, end_without_data
from benchmarks.lib.tables import format_table, group, write_rows
from benchmarks.quality.selection.guard import FAMILIES, N
from benchmarks.quality.selection.natural import natural_tasks
from benchmarks.quality.selection.shifts import shift_tasks
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain
from skdomain.metrics._class_mixture import nearest_mixture

_LEAST_SPREAD = 0.1  # of a feature's variance within the classes, in parts of the mean one
DRAWS = 4
HEADER = ["tasks", "classifier", "number"]


def family_tasks():
    """Some draws of each generated family."""
    for number, (family, (make, _)) in enumerate(FAMILIES.items()):
        for seed in range(DRAWS):
            X, y = make(np.random.default_rng([number, seed, 77]))
            yield family, (X, y, np.repeat([1, -2], N))


def kept_tasks(tasks):
    """Sources and rows of tasks of the selection benchmarks."""
    return ((task.source, (task.X, task.y, task.sample_domain)) for task in tasks)


def chosen_problems(names):
    """Data sets and rows of the problems that the defaults were chosen on."""
    return ((name, rows) for half, name, _, rows in problems(names) if half == HALVES[0])


KINDS = {
    "published data": lambda: chosen_problems(DATA),
    "generated families": family_tasks,
    "natural domains": lambda: kept_tasks(natural_tasks(True)),
    "shifts of tables and published data": lambda: kept_tasks(shift_tasks(True)),
    "rows split along a feature": lambda: chosen_problems(SPLIT),
}


def moved_to_mixture(S, y, T):
    """The source moved by the least that no proportions of its classes explain."""
    codes = np.unique(y, return_inverse=True)[1]
    means = np.array([S[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    within = np.var(S - means[codes], axis=0)
    apart = (means - T.mean(axis=0)) / np.sqrt(within + _LEAST_SPREAD * within.mean())
    shares = nearest_mixture(apart @ apart.T)[1]
    return S + T.mean(axis=0) - shares @ means


def mapped(X, y, d):
    """Source and target rows by each setting."""

    def sides(Z):
        return Z[d > 0], Z[d < 0]

    default = sides(CORAL().fit_transform(X, sample_domain=d))
    alike = PerDomain(StandardScaler()).fit_transform(X, sample_domain=d)
    return {
        "source only": sides(X),
        "default": default,
        "mixture": (moved_to_mixture(default[0], y[d > 0], default[1]), default[1]),
        "match": sides(CORAL(center="match").fit_transform(X, sample_domain=d)),
        "standardised": sides(CORAL(1.0).fit_transform(alike, sample_domain=d)),
    }


def compare(X, y, d):
    """A row for each classifier."""
    X, y = np.asarray(X, dtype=float), np.unique(y, return_inverse=True)[1]
    found = mapped(X, y, d)
    for name, classifier in CLASSIFIERS.items():
        row = {"classifier": name}
        for setting, (S, T) in found.items():
            row[setting] = 100 * np.mean(classifier.fit(S, y[d > 0]).predict(T) == y[d < 0])
        yield row


def summary(rows):
    """Mean over the sources of each one's mean, by setting."""
    settings = [name for name in rows[0] if name not in ("tasks", "source", "classifier")]
    sources = group(rows, "source").values()
    means = [[np.mean([row[name] for row in each]) for name in settings] for each in sources]
    return [str(len(rows)), *(f"{value:.1f}" for value in np.mean(means, axis=0))]


def main(argv=None):
    """Compare, print means over the sources of each kind, and write all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--csv", default="results/moved_means.csv")
    args = parser.parse_args(argv)
    rows = []
    with warnings.catch_warnings(), threadpool_limits(1), end_without_data():
        warnings.simplefilter("ignore")
        for kind in args.kinds:
            for source, problem in KINDS[kind]():
                rows += [{"tasks": kind, "source": source} | row for row in compare(*problem)]
    keys = group(rows, "tasks", "classifier")
    settings = list(rows[0])[3:]
    print(format_table(HEADER + settings, [[*key, *summary(each)] for key, each in keys.items()]))
    write_rows(rows, args.csv)


if __name__ == "__main__":
    main()
