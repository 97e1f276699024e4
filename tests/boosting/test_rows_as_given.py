"""Boosting hands rows and parameters to the estimator inside, and weights through what it is."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2

CLASSIFIERS = [TrAdaBoost(n_estimators=3), MultiSourceTrAdaBoost(n_estimators=3)]
REGRESSORS = [
    TrAdaBoostR2(n_estimators=3),
    TwoStageTrAdaBoostR2(n_estimators=2, n_steps=2, n_folds=2),
]


def named(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: type(model).__name__)


classifiers, regressors, each = (
    named(CLASSIFIERS),
    named(REGRESSORS),
    named(CLASSIFIERS + REGRESSORS),
)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def inner(model, classifier, regressor, **parameters):
    """A clone that boosts one or the other, as it is a classifier or a regressor."""
    estimator = classifier if model in CLASSIFIERS else regressor
    return clone(model).set_params(estimator=estimator, random_state=0, **parameters)


def targets(model, X, y):
    return y if model in CLASSIFIERS else y + np.asarray(X)[:, 0].astype(float)


class Noting(BaseEstimator):
    """Keeps what it is fitted with; ``column`` of X has to be what is noted."""

    def fit(self, X, y, sample_weight=None, note=None, eval_set=None, column=None):
        """Keep all."""
        if column is not None:
            assert_array_equal(note, X[:, column])
        self.classes_, self.mean_ = np.unique(y), y[0]
        self.got_ = {"X": X, "y": y, "w": sample_weight, "note": note, "eval_set": eval_set}
        return self

    def predict(self, X):
        """Predict the first value."""
        return np.full(len(X), self.mean_)


class NotingClassifier(ClassifierMixin, Noting):
    pass


class NotingRegressor(RegressorMixin, Noting):
    pass


# -- Rows ---------------------------------------------------------------------------------------


def with_gaps(make_domains):
    pd = pytest.importorskip("pandas")
    X, y, d = make_domains(60, 50)
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame.loc[::7, "b"] = np.nan
    frame["kind"] = pd.Categorical(np.where(X[:, 1] > 0, "up", "down"))
    return frame, y, d


@each
def test_missing_values_and_categories_reach_the_estimator_as_they_are(model, make_domains):
    X, y, d = with_gaps(make_domains)
    y, codes = targets(model, X, y), X.assign(kind=X["kind"].cat.codes).to_numpy(dtype=float)
    options = {"max_iter": 3, "min_samples_leaf": 3}
    trees = HistGradientBoostingClassifier(**options), HistGradientBoostingRegressor(**options)
    boosted = inner(model, *trees).fit(X, y, sample_domain=d)
    assert boosted.estimators_[0].is_categorical_.tolist() == [False] * 4 + [True]
    coded = inner(model, *(clone(each).set_params(categorical_features=[4]) for each in trees))
    coded.fit(codes, y, sample_domain=d)
    assert_array_equal(boosted.predict(X), coded.predict(codes))
    assert boosted.score(X, y, sample_domain=d) == coded.score(codes, y, sample_domain=d)
    assert len(list(boosted.staged_predict(X))) == boosted.n_iter_


@regressors
def test_the_order_of_rows_that_are_no_numbers_does_not_matter(model, make_domains):
    X, y, d = with_gaps(make_domains)
    boosted = inner(model, None, HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=3))
    y = np.round(np.asarray(X["a"])) + 0.0  # ties
    order = np.random.default_rng(0).permutation(len(y))
    first = boosted.fit(X, y, sample_domain=d).predict(X)
    again = boosted.fit(X.iloc[order], y[order], sample_domain=d[order]).predict(X)
    assert_array_equal(again, first)


def test_texts_are_boosted(make_domains):
    _, y, d = make_domains()
    X = [f"{'good' if label else 'bad'} {i % 3}" for i, label in enumerate(y)]
    pipe = make_pipeline(CountVectorizer(token_pattern=r"\w+"), MultinomialNB())
    boosted = TrAdaBoost(pipe, n_estimators=2).fit(X, y, sample_domain=d)
    assert boosted.score(X, y, sample_domain=d) == 1


@each
def test_rows_that_the_estimator_refuses_are_refused_by_it(model, make_domains):
    X, y, d = make_domains()
    y = targets(model, X, y)
    X[np.argmax(d > 0), 0] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        inner(model, LogisticRegression(), Ridge()).fit(X, y, sample_domain=d)


@each
def test_frames_are_scored_without_a_warning(model, frames, make_domains):
    X, y, d = make_domains()
    frame, y = frames.frame(X, "abcd"), targets(model, X, y)
    boosted = clone(model).fit(frame, y, sample_domain=d)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score = boosted.score(frame, y, sample_domain=d)
        boosted.predict(frame)
    expected = clone(model).fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
    assert score == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("form", [sparse.coo_array, sparse.coo_matrix, sparse.dok_array])
@each
def test_sparse_rows_of_any_format_are_scored(model, form, make_domains):
    X, y, d = make_domains()
    X, y = np.abs(X), targets(model, X, y)
    boosted = inner(model, MultinomialNB(), DecisionTreeRegressor(max_depth=2, random_state=0))
    boosted.fit(form(X), y, sample_domain=d)
    expected = sparse.csr_array(X)
    assert boosted.score(form(X), y, sample_domain=d) == boosted.score(expected, y, sample_domain=d)
    assert_array_equal(boosted.predict(form(X)), boosted.predict(X))


# -- Weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@each
def test_a_pipeline_is_boosted_as_its_last_step_is(model, routing, make_domains):
    X, y, d = make_domains()
    y = targets(model, X, y)
    pipes = (
        make_pipeline("passthrough", LogisticRegression()),
        make_pipeline("passthrough", Ridge()),
    )
    alone = inner(model, LogisticRegression(), Ridge()).fit(X, y, sample_domain=d)
    with config_context(enable_metadata_routing=routing):
        piped = inner(model, *pipes).fit(X, y, sample_domain=d)
    assert_array_equal(piped.weight_history_, alone.weight_history_)
    assert_array_equal(piped.predict(X), alone.predict(X))


@each
def test_an_estimator_without_weights_is_boosted_on_drawn_rows(model, make_domains):
    X, y, d = make_domains(60, 50)
    y = targets(model, X, y)
    neighbours = KNeighborsClassifier(3), KNeighborsRegressor(3)
    boosted = inner(model, *neighbours, resample=True)
    first = boosted.fit(X, y, sample_domain=d)
    assert first.score(X, y, sample_domain=d) > 0.7
    assert_array_equal(clone(boosted).fit(X, y, sample_domain=d).predict(X), first.predict(X))
    if isinstance(model, TrAdaBoost | TrAdaBoostR2):
        counts = [(first.estimators_[0]._fit_X[:, 0] == x).sum() for x in X[:, 0]]
        shares = first.weight_history_[0] * len(X)
        assert np.abs(counts - shares).max() < 1 + 1e-6


@each
def test_an_estimator_that_takes_weights_is_not_boosted_on_drawn_rows(model, make_domains):
    X, y, d = make_domains()
    y = targets(model, X, y)
    drawn, plain = (
        clone(model).set_params(resample=resample, random_state=0).fit(X, y, sample_domain=d)
        for resample in (True, False)
    )
    assert_array_equal(drawn.predict(X), plain.predict(X))


# -- Parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@each
def test_parameters_of_fit_are_those_of_the_rows_trained_on(model, routing, make_domains):
    X, y, d = make_domains()
    y, labelled = targets(model, X, y), (d > 0) | (np.arange(len(d)) % 3 == 0)
    weight, held_out = 1.0 * (np.arange(len(d)) % 5 > 0), [(X[:3], y[:3])]
    d = np.where((d > 0) & (np.arange(len(d)) % 2 == 0), 3, d)
    with config_context(enable_metadata_routing=routing):
        noting = NotingClassifier(), NotingRegressor()
        if routing:
            noting = [
                each.set_fit_request(note=True, eval_set=True, column=True) for each in noting
            ]
        boosted = inner(model, *noting).fit(
            X,
            y,
            sample_domain=d,
            sample_weight=weight,
            labelled=labelled,
            note=X[:, 1],
            eval_set=held_out,
            column=1,
        )
    trained = labelled & (weight > 0)
    for got in (estimator.got_ for estimator in boosted.estimators_):
        assert_array_equal(got["note"], got["X"][:, 1])
        assert set(got["note"]) <= set(X[trained, 1])
        assert got["eval_set"] is held_out


def test_each_candidate_gets_the_parameters_of_its_rows(make_domains):
    X, y, d = make_domains()
    d = np.where((d > 0) & (np.arange(len(d)) % 2 == 0), 3, d)
    boosted = MultiSourceTrAdaBoost(NotingClassifier(), n_estimators=1, pool=False)
    boosted.fit(X, y, sample_domain=d, note=d)
    domain = boosted.source_of_round_[0]
    assert_array_equal(boosted.estimators_[0].got_["note"], d[(d == domain) | (d < 0)])
