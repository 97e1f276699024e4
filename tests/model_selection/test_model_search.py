"""Pipelines, searches and cross-validation of scikit-learn's own, metadata routing on and off."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from skdomain import NoTargetWarning
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    DomainKFold,
    DomainShuffleSplit,
    LeaveOneDomainOut,
    TargetKFold,
    TransductiveSplit,
)
from skdomain.subspace import JDA, TCA
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

STEPS = ("perdomain", "tca", "sourceonly")
GRID = {"tca__lam": [0.1, 10], "tca__kernel": ["linear", "rbf"]}

# z-scoring each domain leaves the linear kernel without a signal, which TCA says
pytestmark = [
    pytest.mark.filterwarnings("ignore:the domains have equal means:UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]
both_routings = pytest.mark.parametrize("routing", [True, False], ids=["routed", "not routed"])


def pipeline(classifier=None):
    return make_pipeline(PerDomain(), TCA(2), SourceOnly(classifier or SVC()))


def fit_parameters(routing, d, steps=STEPS):
    """How the domains reach the steps of a pipeline."""
    if routing:
        return {"sample_domain": d}
    return {f"{step}__sample_domain": d for step in steps}


def search_parameters(routing, d, steps=STEPS):
    """How the domains reach the steps and the splitter of a search."""
    return fit_parameters(routing, d, steps) | ({} if routing else {"groups": d})


def by_hand(model, X, y, d, train, test, steps=STEPS):
    """Accuracy on the test rows of a model fitted to the training rows."""
    fitted = clone(model).fit(X[train], y[train], **fit_parameters(False, d[train], steps))
    return accuracy_score(y[test], fitted.predict(X[test]))


def counted(routing, d, test):
    """Test rows that a score counts: not routed, it is not told which of them are source rows."""
    return test[d[test] < 0] if routing else test


def overlapping(make_domains, **sizes):
    """Domains whose classes overlap, so that scores differ between folds and parameters."""
    X, y, d = make_domains(**{"n_source": 40, "n_target": 30, **sizes})
    return X + np.random.default_rng(9).normal(scale=2, size=X.shape), y, d


# -- Pipeline -----------------------------------------------------------------------------------


@both_routings
def test_a_pipeline_is_its_steps_one_after_the_other(routing, make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=routing):
        pipe = pipeline().fit(X, y, **fit_parameters(routing, d))
    scaler, tca, svc = PerDomain(), TCA(2), SourceOnly(SVC())
    Z = tca.fit_transform(scaler.fit_transform(X, sample_domain=d), sample_domain=d)
    svc.fit(Z, y, sample_domain=d)
    target = d < 0
    assert_array_equal(pipe.predict(X[target]), svc.predict(Z[target]))
    assert_allclose(pipe[-1].estimator_.support_vectors_, svc.estimator_.support_vectors_)


def test_a_pipeline_that_is_told_no_domains_predicts_target_rows(make_domains):
    X, y, d = make_domains(shift=5)
    with config_context(enable_metadata_routing=True):
        pipe = pipeline().fit(X, y, sample_domain=d)
        told = pipe[:-1].transform(X, sample_domain=d)
        as_source = pipe[:-1].transform(X, sample_domain=np.ones_like(d))
        assert_allclose(pipe[:-1].transform(X[d < 0]), told[d < 0], atol=1e-12)
        assert_array_equal(pipe.predict(X), pipe[-1].predict(pipe[:-1].transform(X)))
        assert np.abs(as_source - pipe[:-1].transform(X)).max() > 1
        accuracy = accuracy_score(y[d < 0], pipe.predict(X[d < 0]))
        assert pipe.score(X, y, sample_domain=d) == accuracy


@both_routings
def test_target_labels_do_not_reach_a_pipeline(routing, make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=routing):
        told = pipeline().fit(X, y, **fit_parameters(routing, d))
        blind = pipeline().fit(X, np.where(d < 0, 1 - y, y), **fit_parameters(routing, d))
    assert_array_equal(told[-1].decision_function(X[:, :2]), blind[-1].decision_function(X[:, :2]))


# -- Searches -----------------------------------------------------------------------------------


SPLITTERS = [
    TargetKFold(3),
    TargetKFold(3, stratify="target_labels"),
    TransductiveSplit(),
    LeaveOneDomainOut(),
    DomainKFold(3),
    DomainShuffleSplit(3, test_size=0.4, random_state=0),
]
each_splitter = pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)


@both_routings
@each_splitter
def test_a_search_scores_each_candidate_on_target_rows(cv, routing, make_domains):
    X, y, d = overlapping(make_domains)
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(pipeline(), GRID, cv=cv, error_score="raise")
        search.fit(X, y, **search_parameters(routing, d))
    splits = list(cv.split(X, y, sample_domain=d))
    scores = np.array([search.cv_results_[f"split{i}_test_score"] for i in range(len(splits))])
    expected = [
        [
            by_hand(pipeline().set_params(**p), X, y, d, train, counted(routing, d, test))
            for p in search.cv_results_["params"]
        ]
        for train, test in splits
    ]
    assert scores.shape == (len(splits), 4)
    assert_allclose(scores, expected, rtol=1e-12)
    assert len(np.unique(scores)) > 1
    assert_array_equal(search.predict(X), search.best_estimator_.predict(X))


@both_routings
def test_a_search_over_mu_scores_jda_on_target_rows(routing, make_domains):
    X, y, d = overlapping(make_domains)
    grid = {"jda__mu": [0.0, 0.5, 1.0]}
    model, cv, steps = make_pipeline(JDA(2, kernel="primal")), TargetKFold(3), ("jda",)
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(model, grid, cv=cv, error_score="raise")
        search.fit(X, y, **search_parameters(routing, d, steps))
    means = [
        np.mean([by_hand(clone(model).set_params(jda__mu=mu), X, y, d, *s, steps) for s in splits])
        for mu in (0.0, 0.5, 1.0)
        for splits in [list(cv.split(X, sample_domain=d))]
    ]
    assert_allclose(search.cv_results_["mean_test_score"], means)
    assert len(set(means)) > 1


@both_routings
def test_a_search_in_two_processes_finds_what_one_does(routing, make_domains):
    X, y, d = overlapping(make_domains)
    grid = {"tca__kernel": ["linear", "rbf"]}
    with config_context(enable_metadata_routing=routing):
        one, two = (
            GridSearchCV(pipeline(), grid, cv=TargetKFold(3), error_score="raise", n_jobs=n_jobs)
            .fit(X, y, **search_parameters(routing, d))
            .cv_results_["mean_test_score"]
            for n_jobs in (1, 2)
        )
    assert np.isfinite(one).all()
    assert_array_equal(one, two)


@both_routings
@each_splitter
def test_a_halving_search_scores_target_rows(cv, routing, make_domains):
    X, y, d = overlapping(make_domains, n_source=60, n_target=60)
    with config_context(enable_metadata_routing=routing):
        search = HalvingGridSearchCV(
            pipeline(),
            GRID,
            cv=cv,
            error_score="raise",
            min_resources=40,
            random_state=0,
        ).fit(X, y, **search_parameters(routing, d))
    scores = search.cv_results_["mean_test_score"]
    assert search.n_iterations_ > 1
    assert np.isfinite(scores).all()
    assert search.best_score_ == scores[search.best_index_]
    assert 0.5 < search.best_score_ <= 1


def test_a_test_fold_without_target_rows_is_an_error_that_names_the_splitter(make_domains):
    X, y, d = make_domains()
    order = np.argsort(-d, kind="stable")
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(pipeline(), {"tca__lam": [1]}, cv=KFold(4), error_score="raise")
        with pytest.raises(ValueError, match=r"got none among 8 rows; split with .*TargetKFold"):
            search.fit(X[order], y[order], sample_domain=d[order])


# -- Cross-validation ---------------------------------------------------------------------------


@both_routings
@each_splitter
def test_cross_validation_scores_the_tested_target_rows(cv, routing, make_domains):
    X, y, d = overlapping(make_domains)
    given_ = {"params": fit_parameters(routing, d)} | ({} if routing else {"groups": d})
    with config_context(enable_metadata_routing=routing):
        result = cross_validate(pipeline(), X, y, cv=cv, error_score="raise", **given_)
        scores = cross_val_score(pipeline(), X, y, cv=cv, error_score="raise", **given_)
    splits = cv.split(X, y, sample_domain=d)
    expected = [
        by_hand(pipeline(), X, y, d, train, counted(routing, d, test)) for train, test in splits
    ]
    assert_allclose(result["test_score"], expected)
    assert_allclose(scores, expected)
    assert 0 < min(expected) < 1


@both_routings
def test_cross_val_predict_predicts_each_row_by_a_model_that_has_not_seen_it(routing, make_domains):
    """It passes the domains to the fit and the splitter; rows to predict are told as target."""
    X, y, d = overlapping(make_domains)
    given_ = {"params": fit_parameters(routing, d)} | ({} if routing else {"groups": d})
    cv = DomainKFold(3, shuffle=True, random_state=0)
    with config_context(enable_metadata_routing=routing):
        predicted = cross_val_predict(pipeline(), X, y, cv=cv, **given_)
    for train, test in cv.split(X, y, sample_domain=d):
        fitted = pipeline().fit(X[train], y[train], **fit_parameters(False, d[train]))
        assert_array_equal(predicted[test], fitted.predict(X[test]))


@each_splitter
def test_cross_val_predict_takes_folds_of_both_domains_and_no_other(cv, make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=True):
        if isinstance(cv, DomainKFold):
            predicted = cross_val_predict(pipeline(), X, y, cv=cv, params={"sample_domain": d})
            assert predicted.shape == y.shape
            return
        with pytest.raises(ValueError, match="only works for partitions"):
            cross_val_predict(pipeline(), X, y, cv=cv, params={"sample_domain": d})


@both_routings
@each_splitter
def test_a_learning_curve_scores_the_tested_target_rows(cv, routing, make_domains):
    X, y, d = overlapping(make_domains)
    given_ = {"params": fit_parameters(routing, d)} | ({} if routing else {"groups": d})
    with config_context(enable_metadata_routing=routing):
        sizes, _, scores = learning_curve(
            pipeline(), X, y, cv=cv, train_sizes=[20, 40], error_score="raise", **given_
        )
    expected = [
        [by_hand(pipeline(), X, y, d, train[:size], counted(routing, d, test)) for size in sizes]
        for train, test in cv.split(X, y, sample_domain=d)
    ]
    assert_allclose(scores.T, expected)


def test_a_learning_curve_of_random_splits_adapts_at_every_size_whatever_the_order(make_domains):
    """Sorted by domain, the first training rows of folds are source rows: a NoTargetWarning."""
    X, y, d = make_domains()
    order = np.argsort(-d, kind="stable")
    options = {
        "train_sizes": [8, 16],
        "error_score": "raise",
        "params": {"sample_domain": d[order]},
    }
    with config_context(enable_metadata_routing=True):
        for cv in (DomainShuffleSplit(3, random_state=0), TargetKFold(2)):
            options |= {"cv": cv, "shuffle": isinstance(cv, TargetKFold), "random_state": 0}
            scores = learning_curve(SourceOnly(SVC()), X[order], y[order], **options)[2]
            assert np.isfinite(scores).all()
        with pytest.raises(NoTargetWarning):
            learning_curve(SourceOnly(SVC()), X[order], y[order], **options | {"shuffle": False})


# -- Sample weights -----------------------------------------------------------------------------


class Recorder(ClassifierMixin, BaseEstimator):
    """Classifier that keeps what it was fitted with."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.X_, self.weight_ = X, sample_weight
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_weights_reach_the_inner_estimator_on_source_rows_alone(make_domains):
    X, y, d = make_domains()
    weight = np.arange(len(X)) + 1.0
    plain = SourceOnly(Recorder()).fit(X, y, sample_domain=d, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        inner = Recorder().set_fit_request(sample_weight=True)
        routed = SourceOnly(inner).fit(X, y, sample_domain=d, sample_weight=weight)
    for model in (plain, routed):
        assert_array_equal(model.estimator_.weight_, weight[d > 0])
        assert_array_equal(model.estimator_.X_, X[d > 0])


@both_routings
def test_weights_reach_the_end_of_a_pipeline(routing, make_domains):
    X, y, d = make_domains()
    weight = np.arange(len(X)) + 1.0
    with config_context(enable_metadata_routing=routing):
        inner = Recorder().set_fit_request(sample_weight=True) if routing else Recorder()
        given_ = {"sample_weight" if routing else "sourceonly__sample_weight": weight}
        pipe = pipeline(inner).fit(X, y, **fit_parameters(routing, d), **given_)
    assert_array_equal(pipe[-1].estimator_.weight_, weight[d > 0])


@both_routings
def test_weights_reach_each_training_fold_of_a_search(routing, make_domains):
    """Routed, they reach the score as well, where SourceOnly asks for them there."""
    X, y, d = overlapping(make_domains)
    weight = np.random.default_rng(0).uniform(0, 5, len(X)) * (1 + 20 * y)
    cv, model = TargetKFold(3), pipeline(LogisticRegression())
    with config_context(enable_metadata_routing=routing):
        given_ = {"sample_weight" if routing else "sourceonly__sample_weight": weight}
        if routing:
            model[-1].estimator.set_fit_request(sample_weight=True)
            model[-1].set_score_request(sample_weight=True)
        search = GridSearchCV(model, {"tca__lam": [1]}, cv=cv, error_score="raise")
        search.fit(X, y, **search_parameters(routing, d), **given_)
    for i, (train, test) in enumerate(cv.split(X, sample_domain=d)):
        parameters = fit_parameters(False, d[train])
        parameters["sourceonly__sample_weight"] = weight[train]
        predicted = pipeline(LogisticRegression()).fit(X[train], y[train], **parameters).predict(X)
        expected = accuracy_score(
            y[test], predicted[test], sample_weight=weight[test] if routing else None
        )
        assert search.cv_results_[f"split{i}_test_score"] == pytest.approx([expected])


def test_weights_that_the_inner_estimator_did_not_ask_for_are_an_error(make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=True):
        model = SourceOnly(Recorder())
        with pytest.raises(
            ValueError, match=r"\[sample_weight\] are passed but are not explicitly"
        ):
            model.fit(X, y, sample_domain=d, sample_weight=np.ones(len(X)))


@both_routings
def test_a_search_over_a_regressor_scores_r2_on_target_rows(routing, make_domains):
    X, y, d = overlapping(make_domains)
    values = X @ [1.0, -2.0, 0.5, 0.0] + y
    cv = TargetKFold(3)
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(
            pipeline(Ridge()), {"sourceonly__estimator__alpha": [0.1, 10]}, cv=cv
        ).fit(X, values, **search_parameters(routing, d))
    train, test = next(cv.split(X, sample_domain=d))
    fitted = pipeline(Ridge(0.1)).fit(X[train], values[train], **fit_parameters(False, d[train]))
    expected = r2_score(values[test], fitted.predict(X[test]))
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(expected)


# -- Weighting ----------------------------------------------------------------------------------

WEIGHTING = (ClassifierWeighting, GaussianWeighting, KLIEP, KMM, NearestNeighborWeighting, RuLSIF)


def weighted(method, inner, routing):
    """Weighting as the last step of a pipeline, which asks for weights where routed."""
    model = method(inner)
    if routing:
        model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    return make_pipeline(MinMaxScaler(), model)


@pytest.mark.parametrize(
    ("inner", "parameter", "values"),
    [(LogisticRegression(), "C", [0.01, 1.0]), (Ridge(), "alpha", [0.1, 10.0])],
    ids=["classifier", "regressor"],
)
@both_routings
@pytest.mark.parametrize("method", WEIGHTING)
def test_a_search_over_a_weighted_estimator_scores_target_rows(
    method, routing, inner, parameter, values, make_domains
):
    """With weights of one's own, which multiply those of the method; routed, they score as well."""
    X, y, d = overlapping(make_domains)
    y = y if parameter == "C" else X @ [1.0, -2.0, 0.5, 0.0] + y
    weight = np.random.default_rng(0).uniform(0, 5, len(X))
    step, cv = method.__name__.lower(), TargetKFold(2)
    parameter = f"{step}__estimator__{parameter}"
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(
            weighted(method, inner, routing), {parameter: values}, cv=cv, error_score="raise"
        )
        given_ = {"sample_weight" if routing else f"{step}__sample_weight": weight}
        search.fit(X, y, **search_parameters(routing, d, [step]), **given_)
    for i, (train, test) in enumerate(cv.split(X, sample_domain=d)):
        scaled = MinMaxScaler().fit(X[train]).transform(X)
        for j, value in enumerate(values):
            model = method(clone(inner)).set_params(**{parameter.partition("__")[2]: value})
            model.fit(scaled[train], y[train], sample_domain=d[train], sample_weight=weight[train])
            expected = model.score(scaled[test], y[test], weight[test] if routing else None)
            assert search.cv_results_[f"split{i}_test_score"][j] == pytest.approx(expected)
    assert_array_equal(search.predict(X), search.best_estimator_.predict(X))


# -- Boosted regressors -------------------------------------------------------------------------

BOOSTED_REGRESSORS = {
    "tradaboostr2": TrAdaBoostR2(Ridge(), n_estimators=4),
    "twostagetradaboostr2": TwoStageTrAdaBoostR2(Ridge(), n_estimators=2, n_steps=3, n_folds=2),
}


def regression(make_domains):
    """Values that overlap, a mask that hides every sixth target row, NaN where it does."""
    X, y, d = overlapping(make_domains)
    values = X @ [1.0, -2.0, 0.5, 0.0] + y
    labelled = np.ones(len(y), dtype=bool)
    labelled[np.flatnonzero(d < 0)[::6]] = False
    return X, values, d, labelled


@both_routings
@pytest.mark.parametrize("step", BOOSTED_REGRESSORS)
def test_boosting_is_the_last_step_of_a_pipeline(step, routing, make_domains):
    """With the mask of labelled rows: NaN elsewhere is not looked at."""
    X, y, d, labelled = regression(make_domains)
    mask = {"labelled" if routing else f"{step}__labelled": labelled}
    with config_context(enable_metadata_routing=routing):
        pipe = make_pipeline(StandardScaler(), clone(BOOSTED_REGRESSORS[step]))
        pipe.fit(X, np.where(labelled, y, np.nan), **fit_parameters(routing, d, (step,)), **mask)
    Z = StandardScaler().fit_transform(X)
    model = clone(BOOSTED_REGRESSORS[step]).fit(Z, y, sample_domain=d, labelled=labelled)
    assert_array_equal(pipe.predict(X), model.predict(Z))


@both_routings
@pytest.mark.parametrize("step", BOOSTED_REGRESSORS)
def test_a_search_over_boosting_scores_r2_on_target_rows(step, routing, make_domains):
    X, y, d, _ = regression(make_domains)
    model, cv = make_pipeline(StandardScaler(), clone(BOOSTED_REGRESSORS[step])), TargetKFold(3)
    grid = {f"{step}__estimator__alpha": [0.1, 1000.0]}
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(model, grid, cv=cv, error_score="raise")
        search.fit(X, y, **search_parameters(routing, d, (step,)))
    for i, (train, test) in enumerate(cv.split(X, sample_domain=d)):
        expected = []
        for alpha in (0.1, 1000.0):
            fitted = clone(model).set_params(**{f"{step}__estimator__alpha": alpha})
            fitted.fit(X[train], y[train], **fit_parameters(False, d[train], (step,)))
            rows = test[d[test] < 0]
            expected.append(r2_score(y[rows], fitted.predict(X[rows])))
        assert_allclose(search.cv_results_[f"split{i}_test_score"], expected)
        assert expected[0] != expected[1]


# -- Boosted classifiers ------------------------------------------------------------------------

BOOSTED_CLASSIFIERS = {
    "tradaboost": TrAdaBoost(LogisticRegression(), n_estimators=4, min_error=0.01),
    "multisourcetradaboost": MultiSourceTrAdaBoost(
        LogisticRegression(), n_estimators=4, min_error=0.01
    ),
}


@both_routings
@pytest.mark.parametrize("step", BOOSTED_CLASSIFIERS)
def test_classifier_boosting_is_the_last_step_of_a_pipeline(step, routing, make_domains):
    """With the mask of labelled rows: wrong labels elsewhere are not looked at."""
    X, y, d = overlapping(make_domains)
    hidden = (d < 0) & (np.arange(len(d)) % 3 > 0)
    mask = {"labelled" if routing else f"{step}__labelled": ~hidden}
    with config_context(enable_metadata_routing=routing):
        pipe = make_pipeline(PerDomain(StandardScaler()), clone(BOOSTED_CLASSIFIERS[step]))
        domains = fit_parameters(routing, d, ("perdomain", step))
        pipe.fit(X, np.where(hidden, 1 - y, y), **domains, **mask)
    Z = PerDomain(StandardScaler()).fit_transform(X, sample_domain=d)
    model = clone(BOOSTED_CLASSIFIERS[step])
    model.fit(Z[~hidden], y[~hidden], sample_domain=d[~hidden])
    assert_array_equal(pipe.predict_proba(X[d < 0]), model.predict_proba(Z[d < 0]))


@both_routings
@pytest.mark.parametrize("step", BOOSTED_CLASSIFIERS)
def test_a_search_over_boosting_scores_accuracy_on_target_rows(step, routing, make_domains):
    X, y, d = overlapping(make_domains)
    y = np.where((d > 0) & (X[:, 2] > 0), 1 - y, y)
    model = make_pipeline(StandardScaler(), clone(BOOSTED_CLASSIFIERS[step]))
    name, values, cv = f"{step}__n_estimators", [1, 8], TargetKFold(3)
    labelled = (d > 0) | (np.arange(len(d)) % 3 > 0)
    mask = {"labelled" if routing else f"{step}__labelled": labelled}
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(model, {name: values}, cv=cv, error_score="raise")
        search.fit(X, y, **search_parameters(routing, d, (step,)), **mask)
    scores = []
    for i, (train, test) in enumerate(cv.split(X, sample_domain=d)):
        rows, own = test[d[test] < 0], {f"{step}__labelled": labelled[train]}
        for j, value in enumerate(values):
            fitted = clone(model).set_params(**{name: value})
            fitted.fit(X[train], y[train], **fit_parameters(False, d[train], (step,)), **own)
            scores.append(accuracy_score(y[rows], fitted.predict(X[rows])))
            assert search.cv_results_[f"split{i}_test_score"][j] == pytest.approx(scores[-1])
    assert len(set(scores)) > 1
