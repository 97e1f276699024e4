"""Weights that rows are given: each estimator that takes them refuses what is no weight."""

import functools

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import Pooled, SourceOnly
from skdomain.model_selection import AdaptationSearchCV, SafeTransfer
from skdomain.subspace import DJPMMD, JDA
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

WEIGHTING = [KLIEP, KMM, ClassifierWeighting, GaussianWeighting, NearestNeighborWeighting, RuLSIF]
BOOSTING = [TrAdaBoost, MultiSourceTrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2]
FITS = [
    *[method() for method in WEIGHTING],
    *[method(n_estimators=2) for method in BOOSTING],
    Pooled(),
]
BASELINE = SourceOnly(LogisticRegression())
SCORES = [
    *FITS,
    BASELINE,
    JDA(2),
    DJPMMD(2),
    AdaptationSearchCV([], baseline=BASELINE),
    SafeTransfer([BASELINE], baseline=BASELINE),
]
NO_WEIGHTS = [
    (lambda n: -1, "sample_weight is -1.0 in row 0, and negative in 32 of 32 rows; pass weights"),
    (lambda n: np.where(np.arange(n) == 5, -2.0, 1), "is -2.0 in row 5, and negative in 1 of 32"),
    (lambda n: np.full(n, np.nan), "sample_weight contains NaN"),
    (lambda n: np.full(n, np.inf), "sample_weight contains infinity"),
    (lambda n: np.ones(n - 1), "sample_weight.shape|inconsistent numbers of samples"),
    (lambda n: np.ones((n, 2)), "[Ss]ample.weights? must be 1D"),
]

each_refusal = pytest.mark.parametrize(("weights", "text"), NO_WEIGHTS)
pytestmark = [
    pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@each_refusal
@pytest.mark.parametrize("model", FITS, ids=lambda model: type(model).__name__)
def test_fit_refuses_what_is_no_weight(model, weights, text, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=text):
        model.fit(X, y, sample_domain=d, sample_weight=weights(len(X)))


@pytest.fixture(scope="module")
def fitted(make_domains):
    """Each estimator as fitted to ``make_domains()``, once for the tests that only ask it."""
    X, y, d = make_domains()
    return functools.cache(lambda model: clone(model).fit(X, y, sample_domain=d))


@each_refusal
@pytest.mark.parametrize("model", SCORES, ids=lambda model: type(model).__name__)
def test_score_refuses_what_is_no_weight(model, weights, text, fitted, make_domains):
    X, y, d = make_domains()
    model = fitted(model)
    with pytest.raises(ValueError, match=text):
        model.score(X, y, sample_weight=weights(len(X)), sample_domain=d)


@pytest.mark.parametrize("model", SCORES, ids=lambda model: type(model).__name__)
def test_score_needs_a_target_row_that_counts(model, fitted, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match="sample_weight is zero on all 14 target rows"):
        fitted(model).score(X, y, sample_weight=1.0 * (d > 0), sample_domain=d)
