"""Methods for a target with a few labels, under the names that ``few_labels`` prints."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skdomain.boosting import TrAdaBoost
from skdomain.compose import MultiSource, Pooled
from skdomain.transfer import (
    FeatureAugmentation,
    SelfTrainingAdapter,
    SourceRegularizedLogisticRegression,
    TransferForestClassifier,
)

# One learner for all that take one, on rows of standard deviation 1: a tenth of scikit-learn's C,
# the best of 1, 0.1, 0.01 for target only and for pooled together, on reviews, digits and COIL with
# 30 labels.
LEARNER = LogisticRegression(C=0.1, max_iter=1000)


def target_only(X, y, domains, labelled):
    """The learner trained on the labelled target rows alone."""
    rows = labelled & (domains < 0)
    return clone(LEARNER).fit(X[rows], y[rows])


def domain_aware(make, X, y, domains, labelled):
    """A method of the library, told which target rows are labelled."""
    return make().fit(X, y, sample_domain=domains, labelled=labelled)


def forest():
    """The trees of the source, and corrected by the target: 50 each."""
    source = RandomForestClassifier(50, random_state=0)
    return TransferForestClassifier(source, random_state=0)


BASELINES = ("target only", "pooled")
# What the library adds for few labels; the best of them is judged with p times their number.
FAMILY = {
    "half-half": lambda: Pooled(LEARNER),
    "FEDA": lambda: FeatureAugmentation(LEARNER),
    "source-regularised": SourceRegularizedLogisticRegression,
    "forest": forest,
    "TrAdaBoost": lambda: TrAdaBoost(n_folds=None),
    "self-training": lambda: SelfTrainingAdapter(LEARNER),
    "FEDA, self-training": lambda: SelfTrainingAdapter(FeatureAugmentation(LEARNER)),
}
OTHERS = {
    "TrAdaBoost, judged": TrAdaBoost,
    "TrAdaBoost, paper": lambda: TrAdaBoost(LEARNER, min_error=0),
    "forest, pooled": lambda: Pooled(RandomForestClassifier(100, random_state=0), balance=False),
    "source-regularised, C = 0.1": lambda: SourceRegularizedLogisticRegression(LEARNER),
}
SEVERAL = {  # where there are several sources
    "MultiSource": lambda: MultiSource(Pooled(LEARNER)),
}


def methods_for(domains, wanted=None):
    """Functions of ``X, y, domains, labelled`` that return a fitted model; None: of all methods."""
    several = SEVERAL if len(np.unique(domains[domains > 0])) > 1 else {}
    made = {"pooled": lambda: Pooled(LEARNER, balance=False)} | FAMILY | OTHERS | several
    aware = {name: partial(domain_aware, make) for name, make in made.items()}
    found = {"target only": target_only} | aware
    return {name: fit for name, fit in found.items() if wanted is None or name in wanted}
