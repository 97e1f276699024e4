"""A metric counts target rows alone, as the model predicts them when it is told their domains."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    fbeta_score,
    get_scorer,
    log_loss,
    make_scorer,
    mean_absolute_error,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdomain._estimators import call_with_domains
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationSearchCV,
    DomainKFold,
    DomainShuffleSplit,
    LeaveOneDomainOut,
    TargetKFold,
    TransductiveSplit,
    make_target_scorer,
)

CLASSIFY = [
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "f1_macro",
    "matthews_corrcoef",
    "neg_brier_score",
    "neg_log_loss",
    "precision",
    "roc_auc",
]
REGRESS = [
    "explained_variance",
    "neg_mean_absolute_error",
    "neg_root_mean_squared_error",
    "neg_median_absolute_error",
    "r2",
]
BOTH = [TargetKFold(3), DomainKFold(3), DomainShuffleSplit(3, random_state=0), TransductiveSplit()]
ON_TARGETS = [TargetKFold(3), TransductiveSplit(), LeaveOneDomainOut()]
STEPS = ("perdomain", "sourceonly")
by_class = pytest.mark.parametrize("cv", BOTH, ids=lambda cv: type(cv).__name__)


def pipeline(estimator):
    return make_pipeline(PerDomain(StandardScaler()), SourceOnly(estimator))


def told(model, method, *args, d):
    return call_with_domains(model, method, *args, sample_domain=d)


def of_three_domains(make_domains):
    """A source and two targets in units of their own, so that a wrong domain is a wrong label."""
    X, y, d = make_domains(40, 60)
    d = np.where(d > 0, 1, np.where(np.arange(len(d)) % 2, -2, -3))
    return X * np.abs(d)[:, None] ** 2 + 9 * d[:, None], y, d


@pytest.mark.parametrize("name", CLASSIFY + REGRESS)
def test_it_is_the_stock_scorer_on_target_rows_in_their_domains(name, make_domains):
    X, y, d = of_three_domains(make_domains)
    X = X + np.random.default_rng(0).normal(scale=2, size=X.shape)
    inner = Ridge() if name in REGRESS else LogisticRegression()
    model = told(pipeline(inner), "fit", X, y, d=d)
    target, weight = d < 0, 1 + np.arange(len(X)) % 3
    Z = told(model[:-1], "transform", X, d=d)
    for given in ({}, {"sample_weight": weight}):
        there = {key: value[target] for key, value in given.items()}
        if name == "neg_median_absolute_error" and given:
            continue
        expected = get_scorer(name)(model[-1].estimator_, Z[target], y[target], **there)
        scorer = make_target_scorer(name)
        hidden = np.where(target, y, 99)
        assert scorer(model, X, hidden, sample_domain=d, **given) == pytest.approx(expected)
        assert scorer.__name__ == name


def test_metrics_and_their_parameters_and_scorers_are_taken(make_domains):
    X, y, d = make_domains(40, 40)
    y = np.where(np.random.default_rng(0).random(len(y)) < 0.3, 1 - y, y)
    model = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    target, proba = d < 0, model.predict_proba(X)
    Xt, yt = X[target], y[target]
    cases = {
        fbeta_score(yt, model.predict(Xt), beta=2): make_target_scorer(fbeta_score, beta=2),
        f1_score(yt, model.predict(Xt), pos_label=0): make_target_scorer("f1", pos_label=0),
        -log_loss(yt, proba[target]): make_target_scorer(
            log_loss, response_method="predict_proba", greater_is_better=False
        ),
        roc_auc_score(yt, proba[target, 1]): make_target_scorer(
            make_scorer(roc_auc_score, response_method="predict_proba")
        ),
    }
    assert len(cases) == 4
    for expected, scorer in cases.items():
        assert scorer(model, X, y, sample_domain=d) == pytest.approx(expected)


@by_class
def test_with_routing_source_rows_count_in_no_fold(cv):
    """The rule of the target is the reverse of that of the source: no target row is right."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(400, 2)), np.repeat([1, -2], 200)
    y = ((X[:, 0] > 0) == (d > 0)).astype(int)
    model = SourceOnly(LogisticRegression())
    with config_context(enable_metadata_routing=True):
        stock, ours = (
            cross_val_score(model, X, y, cv=cv, scoring=scoring, params={"sample_domain": d})
            for scoring in ("accuracy", make_target_scorer("accuracy"))
        )
    assert ours.max() < 0.05
    if isinstance(cv, DomainKFold | DomainShuffleSplit):
        assert stock.min() > 0.4


@by_class
def test_with_routing_each_fold_is_scored_as_by_hand(cv, make_domains):
    X, y, d = of_three_domains(make_domains)
    model = pipeline(LogisticRegression())
    names = ["accuracy", "roc_auc", "neg_log_loss"]
    scoring = {name: make_target_scorer(name) for name in names}
    with config_context(enable_metadata_routing=True):
        found = cross_validate(model, X, y, cv=cv, scoring=scoring, params={"sample_domain": d})
    splits = list(cv.split(X, y, sample_domain=d))
    for i, (train, test) in enumerate(splits):
        fitted = told(clone(model), "fit", X[train], y[train], d=d[train])
        test = test[d[test] < 0]
        labels, proba = (
            told(fitted, method, X[test], d=d[test]) for method in ("predict", "predict_proba")
        )
        expected = [
            accuracy_score(y[test], labels),
            roc_auc_score(y[test], proba[:, 1]),
            -log_loss(y[test], proba),
        ]
        assert_allclose([found[f"test_{name}"][i] for name in names], expected)


@pytest.mark.parametrize("cv", ON_TARGETS, ids=lambda cv: type(cv).__name__)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_routing_folds_of_target_rows_are_scored_as_with_it(cv, n_jobs, make_domains):
    X, y, d = make_domains(60, 60, shift=3)
    X = X + np.random.default_rng(0).normal(scale=2, size=X.shape)
    grid = {"sourceonly__estimator__C": [1e-3, 1]}
    scoring = {name: make_target_scorer(name) for name in ("f1_macro", "roc_auc")}
    search = GridSearchCV(
        pipeline(LogisticRegression()), grid, cv=cv, scoring=scoring, refit="roc_auc", n_jobs=n_jobs
    )
    steps = {f"{step}__sample_domain": d for step in STEPS}
    off = clone(search).fit(X, y, groups=d, **steps)
    with config_context(enable_metadata_routing=True):
        on = clone(search).fit(X, y, sample_domain=d)
        assert on.score(X, y, sample_domain=d) == pytest.approx(off.score(X[d < 0], y[d < 0]))
    for name in scoring:
        key = f"mean_test_{name}"
        assert np.isfinite(on.cv_results_[key]).all()
        assert_allclose(off.cv_results_[key], on.cv_results_[key])


def test_a_search_of_regressors_is_scored(make_domains):
    X, y, d = make_domains(60, 60)
    scoring = make_target_scorer(mean_absolute_error, greater_is_better=False)
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            pipeline(Ridge()), {"sourceonly__estimator__alpha": [1, 1e9]}, scoring=scoring
        )
        search.set_params(cv=DomainKFold(3)).fit(X, y + X[:, 0], sample_domain=d)
    assert search.best_params_ == {"sourceonly__estimator__alpha": 1}
    assert search.best_score_ < 0


def test_the_search_over_methods_takes_it_and_calls_its_columns_by_the_metric(make_domains):
    X, y, d = make_domains(40, 40)
    scoring = [make_target_scorer("f1_macro"), make_target_scorer(accuracy_score)]
    search = AdaptationSearchCV(
        [pipeline(LogisticRegression())], scoring=scoring, cv=DomainKFold(2)
    ).fit(X, y, sample_domain=d)
    assert np.isfinite(search.cv_results_["mean_test_f1_macro"]).all()
    assert np.isfinite(search.cv_results_["mean_test_accuracy_score"]).all()


def test_weights_are_routed_where_they_are_asked_for(make_domains):
    X, y, d = make_domains(40, 40, shift=3)
    X = X + np.random.default_rng(0).normal(scale=3, size=X.shape)
    model, weight = SourceOnly(LogisticRegression()), np.where(y == 1, 20.0, 1.0)
    given = {"sample_domain": d, "sample_weight": weight}
    with config_context(enable_metadata_routing=True):
        asks = make_target_scorer("accuracy").set_score_request(sample_weight=True)
        model.estimator.set_fit_request(sample_weight=False)
        found = cross_val_score(model, X, y, cv=DomainKFold(2), scoring=clone(asks), params=given)
    for (train, test), value in zip(
        DomainKFold(2).split(X, y, sample_domain=d), found, strict=True
    ):
        fitted, test = model.fit(X[train], y[train], sample_domain=d[train]), test[d[test] < 0]
        expected = accuracy_score(y[test], fitted.predict(X[test]), sample_weight=weight[test])
        assert value == pytest.approx(expected)


def test_it_is_cloned_and_pickled(make_domains):
    X, y, d = make_domains()
    model = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    for scorer in (make_target_scorer("roc_auc"), make_target_scorer(fbeta_score, beta=2)):
        for copy in (clone(scorer), pickle.loads(pickle.dumps(scorer))):
            assert copy(model, X, y, sample_domain=d) == scorer(model, X, y, sample_domain=d)
            assert copy.__name__ == scorer.__name__


def test_what_cannot_be_scored_is_named(make_domains):
    X, y, d = make_domains()
    model = SourceOnly(LinearSVC()).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match="'mixup_validation' is no scorer of scikit-learn"):
        make_target_scorer("mixup_validation")
    with pytest.raises(ValueError, match="takes a name, a metric or a scorer, got 3"):
        make_target_scorer(3)
    with pytest.raises(ValueError, match="'accuracy_score' says by itself what greater_is_better"):
        make_target_scorer("accuracy", greater_is_better=False)
    with pytest.raises(
        AttributeError, match=r"SourceOnly has none of the following.*predict_proba"
    ):
        make_target_scorer("neg_log_loss")(model, X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"none among 32 rows; split with .*TargetKFold"):
        make_target_scorer("accuracy")(model, X, y, sample_domain=np.abs(d))
    missing = np.where(d < 0, None, y)
    with pytest.raises(ValueError, match="y is missing in 14 of 14"):
        make_target_scorer("accuracy")(model, X, missing, sample_domain=d)
