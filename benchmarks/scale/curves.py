"""The curves of growth.py: who solves what on which rows."""

import math
from importlib import import_module
from typing import NamedTuple

import numpy as np
import sklearn
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import NearestCentroid

from benchmarks.lib.peers import version
from benchmarks.lib.process import measured

CLASSES, K, T, BLOCK = 10, 30, 10, 50_000
APART = 3.3  # of class means, in standard deviations: labels hardly settle in T iterations
ITERATED = {"estimator": NearestCentroid(), "max_iter": T}


class Curve(NamedTuple):
    """Who solves what: a class, its parameters, and how it is called."""

    module: str
    name: str
    parameters: dict
    kernel: bool = False  # forms a matrix of all pairs of rows
    lam: str | None = None  # the parameter that is 1 / (lam |M|), where it is not lam
    axes: tuple = ("n", "d")
    largest: float = math.inf  # size

    @property
    def package(self):
        """Name of the package."""
        return self.module.partition(".")[0]


SUBSPACE, ALIGNMENT = "skdomain.subspace", "skdomain.alignment"
PRIMAL, RBF = {"kernel": "primal"}, {"kernel": "rbf"}
PEER_TCA = {"kernel": "rbf", "n_components": K}


def _weighting(name, **parameters):
    """Curve of the weights alone, on rows that fit into memory."""
    parameters = {"estimator": DummyClassifier(), **parameters}
    return Curve("skdomain.weighting", name, parameters, axes=("n",), largest=100_000)


def _metric(name, *, kernel=False, **parameters):
    return Curve("skdomain.metrics", name, parameters, kernel, axes=("n",), largest=100_000)


CURVES = {
    "TCA primal": Curve(SUBSPACE, "TCA", PRIMAL),
    "JDA primal": Curve(SUBSPACE, "JDA", PRIMAL | ITERATED),
    "DJPMMD primal": Curve(SUBSPACE, "DJPMMD", PRIMAL | ITERATED),
    "CORAL": Curve(ALIGNMENT, "CORAL", {"reg": 1.0}),
    "LinearMonge": Curve(ALIGNMENT, "LinearMonge", {"reg": 1.0}),
    "TCA rbf": Curve(SUBSPACE, "TCA", RBF, True),
    "JDA rbf": Curve(SUBSPACE, "JDA", RBF | ITERATED, True),
    "DJPMMD rbf": Curve(SUBSPACE, "DJPMMD", RBF | ITERATED, True),
    "GaussianWeighting": _weighting("GaussianWeighting"),
    "ClassifierWeighting": _weighting("ClassifierWeighting"),
    "RuLSIF": _weighting("RuLSIF"),
    "KLIEP": _weighting("KLIEP"),
    "KMM": _weighting("KMM"),
    "KMM reg=0": _weighting("KMM", reg=0),
    "NearestNeighborWeighting": _weighting("NearestNeighborWeighting"),
    "mmd": _metric("mmd", kernel=True),
    "mmd landmarks": _metric("mmd", n_landmarks=1000),
    "mmd_test": _metric("mmd_test", random_state=0),
    "domain_report": _metric("domain_report", random_state=0),
    "skada CORAL": Curve("skada", "CORALAdapter", {"reg": 0.5}),
    "skada LinearOTMapping": Curve("skada", "LinearOTMappingAdapter", {"reg": 1.0}),
    "skada TCA": Curve("skada", "TransferComponentAnalysisAdapter", PEER_TCA, True, "mu"),
    "adapt TCA": Curve("adapt.feature_based", "TCA", PEER_TCA, True, "mu"),
}


def installed(curve):
    """Whether the package of a curve is at hand; say so if not."""
    package = CURVES[curve].package
    found = bool(version(package)[0])
    if not found:
        print(f"{curve}: {package} is not installed")
    return found


def measured_point(curve, n, d, seconds, gigabytes):
    """Figures of a point in a process of its own."""
    arguments = [curve, str(n), str(d)]
    return measured("benchmarks.scale.point", arguments, seconds, gigabytes)


def drawn_rows(n, d):
    """Rows, classes and domains: half of them target rows, shifted and scaled, in mixed order."""
    rng = np.random.default_rng(0)
    y, sample_domain = rng.integers(CLASSES, size=n), rng.permutation(np.arange(n) % 2 * -3 + 1)
    means, scales = rng.normal(size=(CLASSES, d)), rng.uniform(0.5, 2, d)
    means *= APART / np.sqrt(d)
    X = np.empty((n, d))
    for start in range(0, n, BLOCK):
        part = slice(start, start + BLOCK)
        rng.standard_normal(out=X[part])
        X[part] += means[y[part]]
        target = np.flatnonzero(sample_domain[part] < 0) + start
        X[target] = 0.5 + scales * X[target]
    return X, y, sample_domain


def call_of(curve, X, y, sample_domain):
    """Function that fits and embeds all rows: the embedding, and iterations or ""."""
    if curve.module == "skdomain.metrics":
        return _call_of_metric(curve, X, sample_domain)
    parameters = dict(curve.parameters)
    if curve.module.startswith("skdomain.subspace"):
        parameters["n_components"] = min(K, X.shape[1])
    if curve.lam is not None:
        n_source, n_target = (sample_domain > 0).sum(), (sample_domain < 0).sum()
        parameters[curve.lam] = 1 / (1 / n_source + 1 / n_target)
    new = getattr(import_module(curve.module), curve.name)
    if curve.module.startswith("adapt"):
        return _call_of_adapt(new(verbose=0, **parameters), X, sample_domain > 0)
    model, domains = new(**parameters), {"sample_domain": sample_domain}
    if curve.module == "skada":
        sklearn.set_config(enable_metadata_routing=False)
        domains["allow_source"] = True

    def fit_and_embed():
        return model.fit_transform(X, y, **domains), getattr(model, "n_iter_", "")

    def fit_and_weigh():
        return model.fit(X, y, **domains).weights_, getattr(model, "n_iter_", "")

    return fit_and_weigh if curve.module == "skdomain.weighting" else fit_and_embed


def _call_of_metric(curve, X, sample_domain):
    function, source = getattr(import_module(curve.module), curve.name), sample_domain > 0
    rows = (X, sample_domain) if curve.name == "domain_report" else (X[source], X[~source])
    return lambda: (function(*rows, **curve.parameters), "")


def _call_of_adapt(model, X, source):
    Xs, Xt = X[source], X[~source]

    def fit_and_embed():
        Zs = model.fit_transform(Xs, Xt)
        return np.concatenate([Zs, model.transform(Xt)]), ""

    return fit_and_embed
