"""Learners that predict a column, as CatBoost does for three classes, count like any others.

Whatever reads a learner inside gets one label or value a row: the same as of its twin that
predicts them flat.
"""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge

import skdomain
from skdomain._estimators import answer_of
from skdomain.boosting import TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import SourceOnly
from skdomain.conformal import DomainConformalRegressor
from skdomain.metrics import proxy_a_distance
from skdomain.model_selection import SafeTransfer, get_scorer, mixup_agreement, scorer_names
from skdomain.transport import JDOTRegressor


class _Flat(BaseEstimator):
    def fit(self, X, y, sample_weight=None):
        self.model_ = self._model().fit(X, y, sample_weight)
        if isinstance(self, ClassifierMixin):
            self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


class FlatClassifier(ClassifierMixin, _Flat):
    _model = LogisticRegression

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


class FlatRegressor(RegressorMixin, _Flat):
    _model = Ridge


class _Column:
    def predict(self, X):
        return super().predict(X)[:, None]


class ColumnClassifier(_Column, FlatClassifier):
    pass


class ColumnRegressor(_Column, FlatRegressor):
    pass


def _takes_a_learner(cls):
    parameters = inspect.signature(cls.__init__).parameters
    return hasattr(cls, "predict") and {"estimator", "baseline", "init"} & set(parameters)


META = [
    getattr(package, name)
    for package in (getattr(skdomain, name) for name in skdomain._SUBPACKAGES)
    for name in package.__all__
    if inspect.isclass(getattr(package, name)) and _takes_a_learner(getattr(package, name))
]
REGRESSORS = (DomainConformalRegressor, JDOTRegressor, TrAdaBoostR2, TwoStageTrAdaBoostR2)


def around(cls, learner):
    parameters = inspect.signature(cls.__init__).parameters
    if "baseline" in parameters:
        return cls([SourceOnly(learner)], baseline=SourceOnly(learner), cv=2)
    sizes = {"n_components": 2, "n_estimators": 3, "random_state": 0}
    given = {name: value for name, value in sizes.items() if name in parameters}
    return cls(**{"estimator" if "estimator" in parameters else "init": learner}, **given)


@pytest.mark.filterwarnings("ignore:iteration 10 of J")
@pytest.mark.parametrize("cls", META, ids=lambda cls: cls.__name__)
def test_a_learner_that_predicts_a_column_is_read_as_one_that_predicts_them_flat(cls, make_domains):
    X, y, d = make_domains(45, 45, n_classes=3)
    X = X + np.random.default_rng(0).normal(scale=1.5, size=X.shape)
    flat, column = FlatClassifier(), ColumnClassifier()
    if issubclass(cls, REGRESSORS):
        flat, column, y = FlatRegressor(), ColumnRegressor(), y + X[:, 0]
    flat, column = (around(cls, one).fit(X, y, sample_domain=d) for one in (flat, column))
    assert column.predict(X).shape == y.shape
    assert_array_equal(column.predict(X), flat.predict(X))
    assert column.score(X, y, sample_domain=d) == flat.score(X, y, sample_domain=d)
    if hasattr(flat, "staged_predict"):
        assert_array_equal(list(column.staged_predict(X)), list(flat.staged_predict(X)))


@pytest.mark.parametrize("name", scorer_names())
@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "plain"])
def test_a_criterion_reads_columns_as_flat_predictions(name, wrapped, make_domains):
    X, y, d = make_domains(45, 45, n_classes=3, shift=2)
    X = X + np.random.default_rng(0).normal(scale=1.5, size=X.shape)
    source = d > 0
    flat, column = (
        SourceOnly(one).fit(X, y, sample_domain=d) if wrapped else one.fit(X[source], y[source])
        for one in (FlatClassifier(), ColumnClassifier())
    )
    expected = get_scorer(name).estimate(flat, X, y, sample_domain=d)
    assert_array_equal(get_scorer(name).estimate(column, X, y, sample_domain=d), expected)


def test_the_guard_decides_alike_for_columns(make_domains):
    X, y, d = make_domains(60, 60, n_classes=3, shift=3)
    flat, column = (
        SafeTransfer([SourceOnly(one)], baseline=SourceOnly(one)).fit(X, y, sample_domain=d)
        for one in (FlatClassifier(), ColumnClassifier())
    )
    assert str(column.decision_) == str(flat.decision_)


def test_measures_that_take_a_learner_read_columns_as_flat_predictions(make_domains):
    X, _, d = make_domains(40, 40, shift=1.5)
    Xs, Xt = X[d > 0], X[d < 0]
    flat, column = (
        proxy_a_distance(Xs, Xt, estimator=one) for one in (FlatClassifier(), ColumnClassifier())
    )
    assert column == flat > 0
    labels = lambda rows: rows[:, 0] > 0  # noqa: E731
    columns = lambda rows: labels(rows)[:, None]  # noqa: E731
    assert mixup_agreement(columns, X) == mixup_agreement(labels, X)


def test_several_outputs_and_other_methods_are_left_as_they_are():
    X, Y = np.eye(4), np.arange(8.0).reshape(4, 2)
    several = Ridge().fit(X, Y)
    assert answer_of(several, "predict", X).shape == (4, 2)
    column = ColumnClassifier().fit(X, [0, 1, 0, 1])
    assert answer_of(column, "predict_proba", X).shape == (4, 2)
    assert answer_of(column, "predict", X).shape == (4,)
