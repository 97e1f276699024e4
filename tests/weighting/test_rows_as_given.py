"""The estimator inside gets weights, rows and parameters; the weights get numbers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import weighting
from skdomain.compose import PerDomain

METHODS = [
    "ClassifierWeighting",
    "GaussianWeighting",
    "KLIEP",
    "KMM",
    "NearestNeighborWeighting",
    "RuLSIF",
]
RATIOS = [name for name in METHODS if name != "KMM"]

each = pytest.mark.parametrize("name", METHODS)
pytestmark = [
    pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def method(name, estimator=None, **parameters):
    return getattr(weighting, name)(estimator, **parameters)


class Noting(ClassifierMixin, BaseEstimator):
    """Keeps what it is fitted with."""

    def fit(self, X, y, sample_weight=None, eval_set=None, note=None, rounds=0):
        """Keep all."""
        self.classes_ = np.unique(y)
        self.got_ = {"X": X, "y": y, "w": sample_weight, "eval_set": eval_set, "note": note}
        self.rounds_ = rounds
        return self

    def predict(self, X):
        """Predict the first class."""
        return np.full(len(X), self.classes_[0])


# -- Weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@each
def test_the_steps_of_a_pipeline_inside_are_fitted_to_source_rows(name, routing, make_domains):
    X, y, d = make_domains()
    pipe = make_pipeline(StandardScaler(), LogisticRegression())
    with config_context(enable_metadata_routing=routing):
        model = method(name, pipe).fit(X, y, sample_domain=d)
    source = d > 0
    expected = clone(pipe).fit(
        X[source], y[source], logisticregression__sample_weight=model.weights_
    )
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


@each
def test_a_search_inside_chooses_on_source_rows(name, make_domains):
    X, y, d = make_domains()
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=2)
    model = method(name, search).fit(X, y, sample_domain=d)
    assert set(model.estimator_.best_params_) == {"C"}
    changed = np.where(d > 0, y, 1 - y)
    again = method(name, search).fit(X, changed, sample_domain=d)
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("calibrate", [True, False])
def test_a_pipeline_may_tell_the_domains_apart(calibrate, make_domains):
    X, y, d = make_domains(60, 50)
    plain = LogisticRegression(max_iter=1000)
    alone, piped = (
        method("ClassifierWeighting", classifier=classifier, calibrate=calibrate)
        .fit(X, y, sample_domain=d)
        .weights_
        for classifier in (plain, make_pipeline("passthrough", plain))
    )
    np.testing.assert_allclose(piped, alone, rtol=1e-6)


@each
def test_an_estimator_without_weights_is_trained_on_drawn_rows(name, make_domains):
    X, y, d = make_domains(60, 50, shift=1.5)
    model = method(name, KNeighborsClassifier(1), resample=True, random_state=0)
    model.fit(X, y, sample_domain=d)
    trained = model.estimator_._fit_X
    counts = np.array([np.all(trained == row, axis=1).sum() for row in X[d > 0]])
    assert counts.sum() == len(trained) == len(counts)
    assert np.abs(counts - model.weights_).max() < 1
    again = clone(model).fit(X, y, sample_domain=d)
    assert_array_equal(again.estimator_._fit_X, trained)


@each
@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
def test_without_target_rows_each_row_is_drawn_once(name, make_domains):
    X, y, _ = make_domains()
    model = method(name, KNeighborsClassifier(1), resample=True).fit(X, y)
    assert_array_equal(model.estimator_._fit_X, X)


@each
def test_an_estimator_that_takes_weights_is_not_trained_on_drawn_rows(name, make_domains):
    X, y, d = make_domains()
    drawn, plain = (
        method(name, resample=resample, random_state=0).fit(X, y, sample_domain=d)
        for resample in (True, False)
    )
    assert_array_equal(drawn.predict_proba(X), plain.predict_proba(X))


# -- Rows ---------------------------------------------------------------------------------------


def with_gaps(make_domains):
    pd = pytest.importorskip("pandas")
    X, y, d = make_domains(60, 50)
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame.loc[::7, "b"] = np.nan
    frame["kind"] = pd.Categorical(np.where(X[:, 0] > 0, "up", "down"))
    return frame, y, d


@each
def test_missing_values_and_categories_reach_the_estimator_as_they_are(name, make_domains):
    X, y, d = with_gaps(make_domains)
    numbers = ColumnTransformer([("numbers", SimpleImputer(), make_column_selector(pattern="^.$"))])
    trees = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=3)
    model = method(name, trees, transformer=numbers).fit(X, y, sample_domain=d)
    filled = numbers.fit_transform(X)
    assert_array_equal(model.weights_, method(name).fit(filled, y, sample_domain=d).weights_)
    source = np.flatnonzero(d > 0)
    expected = clone(trees).fit(X.iloc[source], y[source], sample_weight=model.weights_)
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert model.estimator_.is_categorical_.tolist() == [False] * 4 + [True]
    assert np.isfinite(model.score(X, y, sample_domain=d))
    if name in RATIOS:
        expected = method(name).fit(filled, y, sample_domain=d).density_ratio(filled)
        assert_array_equal(model.density_ratio(X), expected)


@each
def test_rows_that_are_no_numbers_need_a_transformer(name, make_domains):
    X, y, d = with_gaps(make_domains)
    text = f"{name} finds weights on finite numbers.*set transformer.*the estimator gets them as"
    for rows, found in ((X[["a", "b"]], "contains NaN"), (X[["kind"]], "could not convert string")):
        with pytest.raises(ValueError, match=f"(?s){found}.*{text}"):
            method(name, HistGradientBoostingClassifier()).fit(rows, y, sample_domain=d)


def test_texts_are_weighted_by_what_a_transformer_makes_of_them(make_domains):
    _, y, d = make_domains()
    words = np.where(d > 0, "red", "green")
    X = [
        f"{word} {'good' if label else 'bad'} {i % 3}"
        for i, (word, label) in enumerate(zip(words, y, strict=True))
    ]
    model = weighting.KMM(
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        transformer=make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0)),
    ).fit(X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) == 1


def test_a_transformer_is_told_the_domains(make_domains):
    X, y, d = make_domains()
    scaler = PerDomain(StandardScaler())
    model = weighting.KMM(transformer=scaler).fit(X, y, sample_domain=d)
    Z = scaler.fit_transform(X, sample_domain=d)
    assert_array_equal(model.weights_, weighting.KMM().fit(Z, y, sample_domain=d).weights_)


def test_a_frame_stays_one_and_is_asked_for_by_its_names(frames, make_domains):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd")
    pipe = make_pipeline(
        ColumnTransformer([("a", StandardScaler(), ["a", "d"])]), LogisticRegression()
    )
    model = weighting.KMM(pipe).fit(frame, y, sample_domain=d)
    assert model.predict(frame).shape == y.shape
    assert_array_equal(model.weights_, weighting.KMM().fit(X, y, sample_domain=d).weights_)
    assert_array_equal(model.feature_names_in_, list("abcd"))


# -- Parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@each
def test_parameters_of_fit_reach_the_estimator_at_the_source_rows(name, routing, make_domains):
    X, y, d = make_domains()
    held_out = [(X[:3], y[:3])]
    with config_context(enable_metadata_routing=routing):
        inner = Noting()
        if routing:
            inner.set_fit_request(eval_set=True, note=True, rounds=True)
        model = method(name, inner).fit(
            X, y, sample_domain=d, eval_set=held_out, note=np.arange(len(X)), rounds=7
        )
    got = model.estimator_.got_
    assert_array_equal(got["note"], np.flatnonzero(d > 0))
    assert_array_equal(got["X"], X[d > 0])
    assert_array_equal(got["w"], model.weights_)
    assert got["eval_set"] is held_out
    assert model.estimator_.rounds_ == 7


def test_with_routing_on_what_was_not_asked_for_is_refused(make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=True), pytest.raises(TypeError, match="unexpected"):
        weighting.KMM().fit(X, y, sample_domain=d, eval_set=[])


def test_parameters_follow_the_rows_that_are_drawn(make_domains):
    class Neighbours(KNeighborsClassifier):
        def fit(self, X, y, note=None):
            self.note_ = note
            return super().fit(X, y)

    X, y, d = make_domains(60, 50, shift=2)
    model = weighting.KMM(Neighbours(1), resample=True, random_state=0)
    model.fit(X, y, sample_domain=d, note=X[:, 0])
    assert len(np.unique(model.estimator_.note_)) < 60
    assert_array_equal(model.estimator_.note_, model.estimator_._fit_X[:, 0])
