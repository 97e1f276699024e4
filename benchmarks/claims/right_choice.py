"""Is there a problem on which a method is the right choice? For those that no other table shows.

A case is a generated problem in which what the method takes for granted holds, and what the others
take for granted does not, or not as well. All have their defaults unless a line says otherwise, and
nothing is chosen by a target label. Accuracy, or R^2 of values, on the target, in percent.

narrower         normal laws of eight features, the target narrower; weights as in the papers
few directions   normal laws of fifty features that differ in the means of three
skewed           twenty exponential features, of which one is twice as long in the target
units            twenty features, each in other units and with another origin, 60 rows a domain
mixed            six features that a symmetric matrix has mixed, and another origin
warped           two features, each bent by a monotone function
tilted           classes in eight of thirty dimensions, which are others in the target
with the value   values; rows that move the further the larger the value is
further drift    an instrument that drifts along a direction which the classes share; later rows
other rule       six factors behind 200 features, by which source and target go differently
digits           small pictures of digits, turned in the target, rows of unit length
"""

import argparse
import warnings
from itertools import product

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.claims import granted_problems as drawn
from benchmarks.lib.parallel import run_all
from benchmarks.lib.tables import format_table, group, read_rows, with_error, write_rows
from skdomain.alignment import (
    CORAL,
    GFK,
    LEACE,
    MIDA,
    ComBat,
    LinearMonge,
    SharedPrivateSubspaces,
    SubspaceAlignment,
)
from skdomain.boosting import TrAdaBoost
from skdomain.compose import PerDomain, Pooled, SourceOnly
from skdomain.regularized import ARTL, MEDA
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.transfer import (
    FeatureAugmentation,
    LinearProbe,
    SourceRegularizedLogisticRegression,
)
from skdomain.transport import (
    JDOTClassifier,
    JDOTRegressor,
    OptimalTransport,
    OTLabelPropagation,
    SlicedTransport,
)
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

FIRST_SEED = 1000  # the problems were designed on seeds below 10
UNITS = PerDomain(StandardScaler())
NEAREST = KNeighborsClassifier(1)
MAPS = {
    "source only": None,
    "PerDomain": UNITS,
    "CORAL": CORAL(),
    "LinearMonge": LinearMonge(),
    "SlicedTransport": SlicedTransport(random_state=0),
}
VALUE_LEARNERS = {
    "ridge": Ridge(0.01),
    "kernel ridge": KernelRidge(kernel="rbf", gamma=0.5, alpha=0.1),
}


def weighted(X, y, d):
    """A ridge on weighted source rows."""
    return predicted(_weightings("auto"), X, y, d)


def weighted_as_in_the_papers(X, y, d):
    """The same, and nothing is flattened."""
    return predicted(_weightings(None), X, y, d)


def _weightings(flatten):
    kinds = (GaussianWeighting, ClassifierWeighting, RuLSIF, KLIEP, KMM, NearestNeighborWeighting)
    own = {kind.__name__: kind(Ridge(), flatten=flatten) for kind in kinds}
    return {"source only": SourceOnly(Ridge())} | own


def predicted(models, X, y, d):
    """Models that are fitted to all rows and predict the target."""
    return {
        m: model.fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
        for m, model in models.items()
    }


def mapped(transformers, learner, X, y, d):
    """One learner of the source behind each transformer, or behind none."""
    scores = {}
    for name, transformer in transformers.items():
        Z = X if transformer is None else _transformed(transformer, X, y, d)
        model = SourceOnly(clone(learner)).fit(Z, y, sample_domain=d)
        scores[name] = model.score(Z, y, sample_domain=d)
    return scores


def _transformed(transformer, X, y, d):
    reads = {"y": y} if isinstance(transformer, OptimalTransport) and transformer.class_reg else {}
    return transformer.fit_transform(X, sample_domain=d, **reads)


def aligned(X, y, d):
    """A logistic regression behind alignments."""
    transformers = {
        "source only": None,
        "PerDomain": UNITS,
        "ComBat": ComBat(),
        "CORAL": CORAL(),
        "LinearMonge": LinearMonge(),
        "SubspaceAlignment": SubspaceAlignment(),
        "GFK": GFK(),
        "OptimalTransport": OptimalTransport(),
        "TCA": TCA(),
    }
    return mapped(transformers, LogisticRegression(C=0.1), X, y, d)


def carried_values(X, y, d):
    """A ridge and a kernel ridge, behind maps, on weighted rows and inside joint transport."""
    transformers = MAPS | {"OptimalTransport": OptimalTransport(class_reg=0.0)}
    scores = {}
    for name, learner in VALUE_LEARNERS.items():
        models = {"RuLSIF": RuLSIF(learner), "JDOTRegressor": JDOTRegressor(learner)}
        of = mapped(transformers, learner, X, y, d) | predicted(models, X, y, d)
        scores |= {f"{method}, {name}": score for method, score in of.items()}
    return scores


def carried(X, y, d):
    """A support vector machine behind maps, and what else transport has for classes."""
    learner = SVC(C=10)
    transformers = MAPS | {"OptimalTransport": OptimalTransport()}
    models = {
        "JDOTClassifier": JDOTClassifier(learner),
        "OTLabelPropagation": OTLabelPropagation(unbalanced=None),
        "JDA": JDA(10, estimator=learner, kernel="rbf"),
    }
    return mapped(transformers, learner, X, y, d) | predicted(models, X, y, d)


def tilted_back(X, y, d):
    """Alignments and subspaces with the nearest neighbour, and regularised classifiers."""
    transformers = {
        "source only": None,
        "SubspaceAlignment": SubspaceAlignment(),
        "GFK": GFK(),
        "LinearMonge": LinearMonge(),
        "TCA": TCA(),
        "TJM": TJM(),
    }
    models = [kind() for kind in (JDA, JGSA, SelectivePseudoLabels, CMMS, ARTL, MEDA)]
    named = {type(model).__name__: model for model in models}
    return mapped(transformers, NEAREST, X, y, d) | predicted(named, X, y, d)


def later_rows(X, y, d, drift):
    """Fitted without the later rows; `MIDA` is told the drift of those that it is fitted to."""
    early, k = drift < 2, X.shape[1] - 1
    transformers = {
        "source only": None,
        "PerDomain": UNITS,
        "ComBat": ComBat(),
        "CORAL": CORAL(),
        "LinearMonge": LinearMonge(),
        "LEACE": LEACE(),
        "TCA, 19": TCA(k),
        "MIDA, 19": MIDA(k),
        "SharedPrivateSubspaces": SharedPrivateSubspaces(),
    }
    scores = {}
    for name, transformer in transformers.items():
        Z = X
        if transformer is not None:
            told = {"domain_features": drift[early, None]} if name.startswith("MIDA") else {}
            Z = transformer.fit(X[early], sample_domain=d[early], **told).transform(
                X, sample_domain=d
            )
        model = LogisticRegression().fit(Z[d > 0], y[d > 0])
        scores[name] = model.score(Z[~early], y[~early])
    return scores


def few_labels(X, y, d, labelled):
    """Methods for a few labels, on the rows as they are and on the features of the probe."""
    learner, told = LogisticRegression(), labelled & (d < 0)
    body = PCA(6, random_state=0)
    models = {
        "half-half": Pooled(learner),
        "FeatureAugmentation": FeatureAugmentation(learner),
        "SourceRegularizedLogisticRegression": SourceRegularizedLogisticRegression(),
        "TrAdaBoost": TrAdaBoost(),
    }
    scores = {}
    for where, Z in {"": X, ", PCA": clone(body).fit_transform(X)}.items():
        for name, model in models.items():
            model.fit(Z, y, sample_domain=d, labelled=labelled)
            scores[name + where] = model.score(Z[~labelled], y[~labelled])
    alone = {"target only": clone(learner), "target only, PCA": make_pipeline(body, learner)}
    for name, model in alone.items():
        scores[name] = model.fit(X[told], y[told]).score(X[~labelled], y[~labelled])
    probe = LinearProbe(body, learner).fit(X, y, sample_domain=d, labelled=labelled)
    return scores | {"LinearProbe": probe.score(X[~labelled], y[~labelled])}


def embedded(X, y, d):
    """The subspace family, and the nearest neighbour as it is and behind its transformers."""
    scores = mapped({"source only": None, "TCA": TCA(), "TJM": TJM()}, NEAREST, X, y, d)
    kinds = (JDA, DJPMMD, JGSA, SelectivePseudoLabels, CMMS)
    return scores | predicted({kind.__name__: kind() for kind in kinds}, X, y, d)


CASES = {
    "narrower": (drawn.narrower, weighted_as_in_the_papers),
    "few directions": (drawn.few_directions, weighted),
    "skewed": (drawn.skewed, weighted),
    "units": (drawn.units, aligned),
    "mixed": (drawn.mixed, aligned),
    "warped": (drawn.warped, carried),
    "with the value": (drawn.with_the_value, carried_values),
    "tilted": (drawn.tilted, tilted_back),
    "further drift": (drawn.further_drift, later_rows),
    "other rule": (drawn.other_rule, few_labels),
    "digits": (drawn.digits, embedded),
}


def run_draw(case, draw):
    """A row a method: its score in percent on one draw of the problem."""
    problem, scores = CASES[case]
    rows = problem(np.random.default_rng(FIRST_SEED + draw))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = scores(*rows)
    cell = {"case": case, "draw": draw}
    return [cell | {"method": m, "score": f"{100 * score:.3f}"} for m, score in found.items()]


def report(rows):
    """Print each case: mean and standard error, and the paired distance to the best."""
    for (case,), own in group(rows, "case").items():
        scores = {
            method: np.array([float(row["score"]) for row in of])
            for (method,), of in group(own, "method").items()
        }
        order = sorted(scores, key=lambda method: -scores[method].mean())
        best = scores[order[0]]
        lines = [[m, with_error(scores[m]), with_error(scores[m] - best, "+")] for m in order]
        print(f"\n{case}\n{format_table(['method', 'score', 'less the best'], lines)}")


def main(argv=None):
    """Draw the cases, print a table of each and write a row a draw and method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", nargs="*", choices=list(CASES), default=list(CASES))
    parser.add_argument("--draws", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/right_choice.csv", help="'' for none")
    parser.add_argument("--told", action="store_true", help="print the tables of the CSV file")
    args = parser.parse_args(argv)
    if args.told:
        report(read_rows(args.csv))
        return
    cells = list(product(args.cases, range(args.draws)))
    rows = [row for run in run_all(run_draw, cells, args.jobs, "draw") for row in run]
    report(rows)
    if args.csv:
        write_rows(rows, args.csv)
        print(f"\ntable: {args.csv}")


if __name__ == "__main__":
    main()
