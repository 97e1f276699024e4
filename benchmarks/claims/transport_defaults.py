"""Transport as it is by default, beside the same learner trained on the source alone.

Points of accuracy on the target that each method gains over a logistic regression of the source,
by data set: the prepared tasks of ``benchmarks.lib.data`` (12 of a data set at most) and the split
problems of ``benchmarks.claims.weighting_defaults``, of 300 rows of each domain at most. Each task
has one source, JCPOT's too. "mean" is that of the data sets.

``reg`` and ``unbalanced`` of ``OTLabelPropagation`` and ``JCPOT`` were chosen on all data but SURF
and the digits; ``n_components`` of these two and of ``SlicedTransport``, and its ``tol``, on
GoogLeNet, COIL and generated problems alone.
"""

import argparse
import warnings
from itertools import islice

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmarks.claims.alignment_defaults import accuracy
from benchmarks.claims.weighting_defaults import CLASSES, some_rows, split_problems
from benchmarks.lib.data import DATA, end_without_data, real_tasks
from benchmarks.lib.tables import format_table, group, write_rows
from skdomain.compose import SourceOnly
from skdomain.transport import (
    JCPOT,
    JDOTClassifier,
    OptimalTransport,
    OTLabelPropagation,
    SlicedTransport,
)

ALONE = SourceOnly(LogisticRegression(max_iter=1000))
METHODS = {
    "OptimalTransport": make_pipeline(OptimalTransport(), ALONE),
    "SlicedTransport": make_pipeline(SlicedTransport(random_state=0), ALONE),
    "JDOTClassifier": JDOTClassifier(LogisticRegression(max_iter=1000)),
    "OTLabelPropagation": OTLabelPropagation(),
    "JCPOT": JCPOT(),
}
HEADER = ["data", "tasks", "source only", *METHODS]


def problems(names):
    """Data set, name and ``(X, y, sample_domain)`` of each problem."""
    for name in names:
        if name == "split":
            found = split_problems(CLASSES)
        else:
            tasks = islice(real_tasks([name]), 12)
            found = ((t.name, (np.asarray(t.X, dtype=float), t.y, t.sample_domain)) for t in tasks)
        for i, (task, rows) in enumerate(found):
            yield name, task, some_rows(*rows, i)


def gains(X, y, d):
    """Accuracy of the source alone, and what each method gains, in points."""
    alone = accuracy(ALONE, X, y, d)
    found = {name: accuracy(model, X, y, d) - alone for name, model in METHODS.items()}
    return {"source only": alone} | found


def table(rows):
    """Means over the tasks of each data set, and over data sets."""
    found = {name: of for (name,), of in group(rows, "data").items()}
    means = np.array(
        [[np.mean([row[c] for row in of]) for c in HEADER[2:]] for of in found.values()]
    )
    sizes = [str(len(of)) for of in found.values()]
    lines = zip([*found, "mean"], [*sizes, ""], [*means, means.mean(axis=0)], strict=True)
    return [
        [name, size, f"{values[0]:.1f}", *(f"{gain:+.1f}" for gain in values[1:])]
        for name, size, values in lines
    ]


def main(argv=None):
    """Print the gains by data set, and write those of all tasks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = [*DATA, "split"]
    parser.add_argument("--data", nargs="*", default=data, choices=data)
    parser.add_argument("--csv", default="results/transport_defaults.csv")
    args = parser.parse_args(argv)
    with warnings.catch_warnings(), end_without_data():
        warnings.simplefilter("ignore")
        rows = [
            {"data": name, "task": task} | gains(*problem)
            for name, task, problem in problems(args.data)
        ]
    print(format_table(HEADER, table(rows)))
    write_rows(
        [{k: v if isinstance(v, str) else f"{v:.2f}" for k, v in row.items()} for row in rows],
        args.csv,
    )


if __name__ == "__main__":
    main()
