"""What holds for every criterion that sees nothing but predictions of the target rows."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    ClassCorrelation,
    InformationMaximization,
    MixupValidation,
    PredictionEntropy,
    SoftNeighborhoodDensity,
    TargetKFold,
    class_correlation,
    information_maximization,
    mixup_agreement,
    prediction_entropy,
    soft_neighborhood_density,
)

FUNCTIONS = {
    ClassCorrelation: class_correlation,
    InformationMaximization: information_maximization,
    PredictionEntropy: prediction_entropy,
    SoftNeighborhoodDensity: soft_neighborhood_density,
}
on_probabilities = pytest.mark.parametrize("function", FUNCTIONS.values())
every = pytest.mark.parametrize(
    "criterion", [*(c() for c in FUNCTIONS), MixupValidation()], ids=str
)
both_routings = pytest.mark.parametrize("routing", [True, False], ids=["routed", "not routed"])


@on_probabilities
@given(n=st.integers(2, 30), n_classes=st.integers(2, 5), seed=st.integers(0, 2**16))
def test_neither_the_order_of_rows_nor_of_classes_matters(function, draw_proba, n, n_classes, seed):
    P = draw_proba(n, n_classes, seed, certain=bool(seed % 2))
    rng = np.random.default_rng(seed)
    shuffled = P[rng.permutation(n)][:, rng.permutation(n_classes)]
    assert_allclose(function(shuffled), function(P), rtol=1e-9, atol=1e-12)


@on_probabilities
def test_float32_and_read_only_probabilities_are_taken(function, draw_proba):
    P = draw_proba(20, 3).astype(np.float32)
    P.flags.writeable = False
    assert type(function(P)) is float
    assert_allclose(function(P), function(P.astype(float).tolist()), rtol=1e-6)


@pytest.mark.parametrize(
    ("P", "message"),
    [
        ([0.5, 0.5], r"proba must have 2 dimensions \(rows, classes\), got 1; pass what predict_p"),
        (np.empty((0, 2)), "proba has no rows: no target row was predicted; pass at least one"),
        (np.ones((3, 1)), "proba has 1 column: .* fit the classifier to at least 2 classes"),
        ([[1.0, 0.0], [1.5, -0.5]], "proba holds -0.5, which is negative; pass probabilities"),
        ([[0.5, 0.5], [0.5, 0.6]], "row 1 of proba sums to 1.1 instead of 1; divide each row by"),
        ([[0.5, np.nan], [0.5, 0.5]], "Input proba contains NaN"),
        ([["a", "b"], ["a", "b"]], "could not convert string to float"),
    ],
)
@on_probabilities
def test_what_is_no_probability_is_named(function, P, message):
    with pytest.raises(ValueError, match=message):
        function(P)


@pytest.fixture(params=[2, 3], ids=["binary", "multiclass"])
def problem(request, make_domains):
    """Rows, string labels and domains."""
    X, y, d = make_domains(40, 31, n_classes=request.param)
    return X, np.array(["b", "c", "a"])[y], d


def pipeline(classifier=None):
    return make_pipeline(
        PerDomain(StandardScaler()), SourceOnly(classifier or KNeighborsClassifier(4))
    )


def fit(model, X, y, d):
    with config_context(enable_metadata_routing=True):
        return model.fit(X, y, sample_domain=d)


@pytest.mark.parametrize(("criterion", "function"), FUNCTIONS.items())
def test_the_criterion_is_its_function_of_the_predictions_of_the_target_rows(
    criterion, function, problem
):
    X, y, d = problem
    model = fit(pipeline(), X, y, d)
    with config_context(enable_metadata_routing=True):
        P = model.predict_proba(X[d < 0], sample_domain=d[d < 0])
    assert criterion()(model, X, y, d) == function(P)
    assert criterion()(model, X[d < 0]) == criterion()(model, X[d < 0], sample_domain=d[d < 0])


def test_mixup_validation_is_its_function_of_the_target_rows(problem):
    X, y, d = problem
    model = fit(pipeline(), X, y, d)

    def predict(rows, sample_domain):
        with config_context(enable_metadata_routing=True):
            return model.predict(rows, sample_domain=sample_domain)

    options = {"mixing": 0.6, "probes": "inter", "random_state": 3}
    found = MixupValidation(**options)(model, X, y, d)
    assert found == mixup_agreement(predict, X[d < 0], sample_domain=d[d < 0], **options)


@every
def test_neither_labels_nor_source_rows_matter(criterion, problem):
    X, y, d = problem
    model = fit(pipeline(), X, y, d)
    estimate = criterion.estimate(model, X, y, d)
    rng = np.random.default_rng(0)
    others = np.where((d > 0)[:, None], rng.normal(size=X.shape), X)
    for labels in (None, rng.permutation(y), np.full(len(X), np.nan), rng.normal(size=len(X))):
        assert_array_equal(criterion.estimate(model, X, labels, d), estimate)
        assert_array_equal(criterion.estimate(model, others, labels, d), estimate)
    assert np.isfinite(estimate.value)


@every
@both_routings
def test_a_search_chooses_by_it_without_target_labels(criterion, routing, problem):
    X, y, d = problem
    grid = {"sourceonly__estimator__n_neighbors": [1, 8]}
    steps = ("perdomain", "sourceonly")
    options = {f"{step}__sample_domain": d for step in steps} | {"groups": d}
    rng = np.random.default_rng(0)
    values = []
    for labels in (y, np.where(d > 0, y, rng.permutation(y))):
        search = GridSearchCV(
            pipeline(), grid, scoring=criterion, cv=TargetKFold(2), error_score="raise"
        )
        with config_context(enable_metadata_routing=routing):
            search.fit(X, labels, **({"sample_domain": d} if routing else options))
        values.append(search.cv_results_["mean_test_score"])
    assert_array_equal(*values)
    assert len(set(values[0])) > 1
    assert np.isfinite(values[0]).all()


@every
@pytest.mark.parametrize("classifier", [RidgeClassifier(), LinearSVC()], ids=str)
def test_a_classifier_without_probabilities_is_judged_by_its_decision_values(
    criterion, classifier, problem
):
    X, y, d = problem
    value = criterion(fit(pipeline(classifier), X, y, d), X, y, d)
    assert np.isfinite(value)


@every
def test_certain_predictions_and_one_class_have_finite_values(criterion, problem):
    X, y, d = problem
    model = fit(pipeline(KNeighborsClassifier(1)), X, y, d)
    assert np.isfinite(criterion(model, X, y, d))
    one_class = np.repeat(X[d < 0][:1], 9, axis=0)
    assert np.isfinite(criterion(model, one_class))


@pytest.mark.parametrize("criterion", [c() for c in FUNCTIONS if c is not SoftNeighborhoodDensity])
def test_one_target_row_has_a_value_but_no_standard_error(criterion, problem):
    X, y, d = problem
    value, error = criterion.estimate(fit(pipeline(), X, y, d), X[:1])
    assert np.isfinite(value)
    assert np.isnan(error)


@pytest.mark.parametrize("criterion", [SoftNeighborhoodDensity(), MixupValidation()])
def test_criteria_on_pairs_of_rows_ask_for_two(criterion, problem):
    X, y, d = problem
    with pytest.raises(ValueError, match="at least 2"):
        criterion(fit(pipeline(), X, y, d), X[:1])


@every
def test_float32_rows_give_nearly_the_same(criterion, problem):
    X, y, d = problem
    model = fit(pipeline(LogisticRegression()), X, y, d)
    single = criterion(model, X.astype(np.float32), y, d)
    assert np.isfinite(single)
    if not isinstance(criterion, MixupValidation):  # its pairs depend on the bytes of the rows
        assert single == pytest.approx(criterion(model, X, y, d), rel=1e-4)


@every
def test_criteria_are_cloned_pickled_and_leave_the_rows_alone(criterion, problem):
    X, y, d = problem
    model = fit(pipeline(), X, y, d)
    before = X.copy()
    X.flags.writeable = False
    value = criterion(model, X, y, d)
    assert clone(criterion)(model, X, y, d) == value
    assert pickle.loads(pickle.dumps(criterion))(model, X, y, d) == value
    assert_array_equal(X, before)
