"""What the study chooses among, and the tasks: real data, or two generated problems."""

import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.utils import Bunch

from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import (
    load_amazon_reviews,
    load_coil20,
    load_mnist_usps,
    load_mushroom,
    load_office_caltech10,
    make_rotated_digits,
    make_subspace_shift,
)
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.weighting import KLIEP, KMM, ClassifierWeighting, RuLSIF

BASELINE = "source only"
LAMS = (0.1, 1.0, 10.0)
MMD = {"n_components": 30, "kernel": "primal"}


def candidates():
    """Estimators by name, the one that does not adapt first."""
    classifier = LogisticRegression(max_iter=1000)

    def before(*steps):
        return make_pipeline(*steps, SourceOnly(classifier))

    models = {BASELINE: SourceOnly(classifier)}
    for lam in LAMS:
        models |= {
            f"TCA lam={lam:g}": before(TCA(lam=lam, **MMD), Normalizer()),
            f"JDA lam={lam:g}": JDA(estimator=classifier, lam=lam, **MMD),
            f"DJPMMD lam={lam:g}": DJPMMD(estimator=classifier, lam=lam, **MMD),
        }
    return models | {
        "TJM lam=1": before(TJM(lam=1.0, **MMD), Normalizer()),
        "CORAL": before(CORAL(center=False)),
        "LinearMonge": before(LinearMonge()),
        "SubspaceAlignment k=20": before(SubspaceAlignment(20, center=False)),
        "SubspaceAlignment k=40": before(SubspaceAlignment(40, center=False)),
        "GFK k=20": before(GFK(20)),
        "KMM": KMM(classifier),
        "KLIEP": KLIEP(classifier),
        "RuLSIF": RuLSIF(classifier),
        "ClassifierWeighting": ClassifierWeighting(classifier),
    }


def from_counts(X, sample_domain):
    """Rows divided by their sum, z-scored per domain, then of unit length."""
    steps = make_pipeline(Normalizer("l1"), PerDomain(StandardScaler()), Normalizer())
    with config_context(enable_metadata_routing=True):
        return steps.fit(X, sample_domain=sample_domain).transform(X, sample_domain=sample_domain)


def unit_rows(X, _):
    """Rows of unit length."""
    return Normalizer().fit_transform(X)


def one_hot(X, _):
    """One column a category of a feature."""
    return OneHotEncoder(sparse_output=False).fit_transform(X)


DATA = {
    "SURF": (load_office_caltech10, from_counts),
    "digits": (load_mnist_usps, unit_rows),
    "COIL": (load_coil20, unit_rows),
    "mushroom": (load_mushroom, one_hot),
    "reviews": (load_amazon_reviews, from_counts),
}


def real_tasks(names, data_home):
    """Iterate over the prepared tasks of these data sets; an OSError if a file is missing."""
    for name in names:
        load, prepare = DATA[name]
        for task in load(data_home=data_home, download_if_missing=False).tasks():
            task.X, task.data = prepare(task.X, task.sample_domain), name
            yield task


def generated_tasks():
    """Small problems for where there are no data."""
    digits = make_rotated_digits(random_state=0)
    subspace = make_subspace_shift(n_features=40, random_state=0)
    for name, task in (("rotated digits", digits), ("subspace shift", subspace)):
        X, y, d = np.asarray(task.X, float), task.y, task.sample_domain
        yield Bunch(data="generated", name=name, X=X, y=y, sample_domain=d)
