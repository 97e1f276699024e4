"""What is chosen for regressors without target labels, and how often parts of a loss are right.

Choices: ridge regression on quadratic features of 150 source rows, alone or behind three ways of
adapting, on draws of ``make_regression_shift``; mean squared error on the 150 target rows of what
the search, and the guard, take, as a share of that of the model that does not adapt. The diabetes
data by sex and by age, both ways, are one draw each.

Parts: how often intervals of 95 % of ``shift_decomposition`` hold the true parts, which are taken
from 300,000 rows of each domain by the true ratio of the densities.
"""

import argparse

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from benchmarks.lib.tables import markdown_table, with_error
from skdomain.alignment import CORAL, LinearMonge
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import load_diabetes_domains, make_regression_shift
from skdomain.inspection import shift_decomposition
from skdomain.model_selection import AdaptationSearchCV, SafeTransfer

KINDS = {"nothing": ("affine", 0.0), **{k: (k, 1.0) for k in ("covariate", "affine", "concept")}}
PARTS = ("x_source_to_shared", "y_given_x", "x_shared_to_target", "total")
CRITERIA = ("class_mixture", "circular_validation", "importance_weighted")
N_MANY = 300_000


def rule():
    """The regressor that all candidates end in."""
    return SourceOnly(make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()))


def candidates():
    """Three ways of adapting."""
    ways = {
        "per domain": [PerDomain()],
        "coral": [PerDomain(), CORAL(1.0)],
        "monge": [LinearMonge(1e-6)],
    }
    return {name: make_pipeline(*steps, rule()) for name, steps in ways.items()}


def errors(X, y, d, criteria=CRITERIA):
    """Mean squared errors on the target over that of the baseline, of each choice."""
    target, given = d < 0, {"sample_domain": d}
    models = {"guard": SafeTransfer(candidates(), baseline=rule())}
    models |= {
        one: AdaptationSearchCV(candidates(), baseline=rule(), scoring=one) for one in criteria
    }
    models["baseline"] = AdaptationSearchCV([], baseline=rule(), scoring="oracle", cv=2)
    models |= {
        name: AdaptationSearchCV([], baseline=one, scoring="oracle", cv=2)
        for name, one in candidates().items()
    }
    found = {}
    for name, model in models.items():
        said = model.fit(X, y, **given).predict(X[target], sample_domain=d[target])
        found[name] = np.mean((y[target] - said) ** 2)
    found["best"] = min(found[name] for name in ("baseline", *candidates()))
    return {name: value / found["baseline"] for name, value in found.items()}


def tasks(n_draws):
    """Problems by their kind."""
    for name, (kind, shift) in KINDS.items():
        drawn = [
            make_regression_shift(150, 150, kind=kind, shift=shift, random_state=1000 + k)
            for k in range(n_draws)
        ]
        yield name, drawn
    for by in ("sex", "age"):
        for task in load_diabetes_domains(by=by).tasks():
            yield f"diabetes {task.name}", [task]


def choices(n_draws, criteria=CRITERIA):
    """Rows of the table of choices: means over the draws."""
    for name, drawn in tasks(n_draws):
        found = [errors(one.X, one.y, one.sample_domain, criteria) for one in drawn]
        shown = [key for key in found[0] if key != "baseline"]
        yield [name, *(with_error([row[key] for row in found]) for key in shown)], shown


def true_parts(model, kind):
    """The parts, from many rows and the true ratio."""
    data = make_regression_shift(N_MANY, N_MANY, kind=kind, random_state=7)
    loss, source = (data.y - model.predict(data.X)) ** 2, data.sample_domain > 0
    weight = np.where(source, data.density_ratio, 1) / (1 + data.density_ratio)
    (p, s), (q, t) = (
        (loss[rows].mean(), np.average(loss[rows], weights=weight[rows]))
        for rows in (source, ~source)
    )
    return np.array([s - p, t - s, q - t, q - p])


def coverage(kind, n_draws, n=300):
    """Shares of the draws whose intervals hold the true parts."""
    base = make_regression_shift(n, 1, kind=kind, random_state=99)
    model = LinearRegression().fit(base.X[:n], base.y[:n])
    truth, held = true_parts(model, kind), np.zeros(len(PARTS))
    for k in range(n_draws):
        data = make_regression_shift(n, n, kind=kind, random_state=1000 + k)
        sides = data.X[:n], data.y[:n], data.X[n:], data.y[n:]
        low, high = np.array(shift_decomposition(model, *sides, n_bootstrap=60)[:4])[:, 1:].T
        held += (low <= truth) & (truth <= high)
    return held / n_draws


def main(argv=None):
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20, help="problems of each kind")
    parser.add_argument("--parts", type=int, default=40, help="draws of each kind for the parts")
    parser.add_argument("--criteria", nargs="*", default=CRITERIA, help="none: the guard alone")
    args = parser.parse_args(argv)
    if args.draws:
        rows, (shown, *_) = zip(*choices(args.draws, args.criteria), strict=True)
        print(markdown_table(["what differs", *shown], rows))
    if args.parts:
        rows = [
            [kind, *(f"{100 * share:.0f}" for share in coverage(kind, args.parts))]
            for kind in ("covariate", "concept")
        ]
        print(markdown_table(["what differs", *PARTS], rows))


if __name__ == "__main__":
    main()
