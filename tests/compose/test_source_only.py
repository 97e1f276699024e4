"""SourceOnly: whatever it wraps learns from source rows, and y elsewhere is not looked at."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler, TargetEncoder

from skdomain.compose import PerDomain, SourceOnly

TRANSFORMERS = {
    "LDA": LinearDiscriminantAnalysis(),
    "SelectKBest": SelectKBest(k=2),
    "SelectFromModel": SelectFromModel(LogisticRegression()),
    "TargetEncoder": TargetEncoder(random_state=0),
    "NCA": NeighborhoodComponentsAnalysis(max_iter=3, random_state=0),
    "PCA": PCA(2),
    "pipeline": make_pipeline(StandardScaler(), SelectKBest(k=2)),
}
each = pytest.mark.parametrize("name", TRANSFORMERS)

# scikit-learn 1.9 has another way to say how folds are drawn, which older versions do not know.
pytestmark = pytest.mark.filterwarnings("ignore:`TargetEncoder.shuffle`:FutureWarning")


def rows_for(name, X):
    """Few values, so that the encoder has categories to encode."""
    return np.rint(X) if name == "TargetEncoder" else X


def with_target_labels(y, d, kind, seed):
    """Labels of which those of the target rows are replaced."""
    rng, n = np.random.default_rng(seed), np.sum(d < 0)
    labels = y.astype({"NaN": float, "random": int, "another class": int}.get(kind, object))
    labels[d < 0] = {
        "random": lambda: rng.integers(-5, 5, n),
        "another class": lambda: np.full(n, 77),
        "NaN": lambda: np.full(n, np.nan),
        "None": lambda: np.full(n, None),
        "strings": lambda: rng.choice(["?", "no idea"], n),
        "pandas.NA": lambda: [pd.NA] * n,
        "lists": lambda: pd.Series([[1, 2]] * n).to_numpy(),
    }[kind]()
    return labels


# -- Transformers -------------------------------------------------------------------------------


@each
def test_a_transformer_learns_from_source_rows_and_transforms_all(name, make_domains):
    X, y, d = make_domains()
    X, source = rows_for(name, X), d > 0
    expected = clone(TRANSFORMERS[name]).fit(X[source], y[source])
    model = SourceOnly(TRANSFORMERS[name]).fit(X, y, sample_domain=d)
    assert_array_equal(model.transform(X, sample_domain=d), expected.transform(X))
    assert_array_equal(model.get_feature_names_out(), expected.get_feature_names_out())


@each
def test_fit_transform_is_its_own_on_source_rows_and_transform_elsewhere(name, make_domains):
    X, y, d = make_domains(40, 30)
    X, source = rows_for(name, X), d > 0
    inner = clone(TRANSFORMERS[name])
    expected = inner.fit_transform(X[source], y[source])
    Z = SourceOnly(TRANSFORMERS[name]).fit_transform(X, y, sample_domain=d)
    assert_allclose(Z[source], expected, atol=1e-12)
    assert_allclose(Z[~source], inner.transform(X[~source]), atol=1e-12)


def test_a_target_encoder_encodes_the_rows_it_learns_from_in_folds(make_domains):
    """Else each source row would tell its own label to the learner behind."""
    rng = np.random.default_rng(0)
    X, y, d = rng.integers(0, 60, (120, 1)), rng.integers(0, 2, 120), np.repeat([1, -2], 60)
    model = SourceOnly(TargetEncoder(random_state=0))
    folded = model.fit_transform(X, y, sample_domain=d)[d > 0].ravel()
    plain = model.transform(X, sample_domain=d)[d > 0].ravel()
    assert np.corrcoef(plain, y[:60])[0, 1] > 0.5 > abs(np.corrcoef(folded, y[:60])[0, 1])


@pytest.mark.parametrize(
    "kind", ["random", "another class", "NaN", "None", "strings", "pandas.NA", "lists"]
)
@each
@settings(max_examples=3)
@given(n_source=st.integers(20, 30), n_target=st.integers(3, 20), seed=st.integers(0, 2**16))
def test_target_labels_of_any_kind_change_nothing(
    name, kind, make_domains, n_source, n_target, seed
):
    X, y, d = make_domains(n_source, n_target, seed=seed)
    X, hidden = rows_for(name, X), with_target_labels(y, d, kind, seed)
    for method in ("fit", "fit_transform"):
        told, blind = SourceOnly(TRANSFORMERS[name]), SourceOnly(TRANSFORMERS[name])
        outputs = [getattr(m, method)(X, v, d) for m, v in ((told, y), (blind, hidden))]
        if method == "fit_transform":
            assert_array_equal(*outputs)
        assert_array_equal(told.transform(X), blind.transform(X))


def test_selecting_features_of_pure_noise_by_source_labels_promises_nothing():
    """A stock selector reads target labels and finds features that happen to fit them."""
    rng = np.random.default_rng(0)
    X, y, d = rng.normal(size=(120, 2000)), rng.integers(0, 2, 120), np.repeat([1, -2], 60)
    last = SourceOnly(LogisticRegression())
    with config_context(enable_metadata_routing=True):
        scores = [
            make_pipeline(selector, last).fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
            for selector in (SelectKBest(k=20), SourceOnly(SelectKBest(k=20)))
        ]
    assert scores[0] > 0.7
    assert scores[1] == pytest.approx(0.5, abs=2 / np.sqrt(60))


def test_a_transformer_that_needs_no_labels_is_fitted_without(make_domains):
    X, _, d = make_domains()
    model = SourceOnly(PCA(2)).fit(X, sample_domain=d)
    assert_allclose(model.transform(X), PCA(2).fit(X[d > 0]).transform(X), atol=1e-12)


def test_one_that_needs_labels_says_so(make_domains):
    X, _, d = make_domains()
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        SourceOnly(SelectKBest(k=1)).fit(X, sample_domain=d)


@pytest.mark.parametrize(
    ("inner", "methods"),
    [
        (LogisticRegression(), {"predict", "score"}),
        (LinearDiscriminantAnalysis(), {"predict", "score", "transform", "fit_transform"}),
        (SelectKBest(), {"transform", "fit_transform", "inverse_transform"}),
        (PCA(), {"transform", "fit_transform", "inverse_transform", "score"}),
    ],
    ids=["logistic", "LDA", "SelectKBest", "PCA"],
)
def test_methods_exist_where_what_is_wrapped_has_them(inner, methods, make_domains):
    X, y, d = make_domains()
    inner = clone(inner).set_params(k=2) if isinstance(inner, SelectKBest) else inner
    asked = {"predict", "score", "transform", "fit_transform", "inverse_transform"}
    for model in (SourceOnly(inner), SourceOnly(inner).fit(X, y, sample_domain=d)):
        assert {method for method in asked if hasattr(model, method)} == methods


def test_what_neither_predicts_nor_transforms_is_an_error(make_domains):
    X, y, d = make_domains()
    text = "The 'estimator' parameter.*'fit' and 'predict'.*'fit' and 'transform'.*Got Agglomerat"
    with pytest.raises(ValueError, match=text):
        SourceOnly(AgglomerativeClustering()).fit(X, y, sample_domain=d)


def test_a_transformer_is_inverted_by_its_own_inverse(make_domains):
    X, _, d = make_domains()
    model = SourceOnly(StandardScaler()).fit(X, sample_domain=d)
    assert_allclose(model.inverse_transform(model.transform(X, sample_domain=d)), X, atol=1e-12)


@pytest.mark.parametrize("routing", [False, True])
def test_it_is_a_step_of_a_pipeline(routing, make_domains):
    X, y, d = make_domains()
    pipe = make_pipeline(SourceOnly(SelectKBest(k=2)), SourceOnly(LogisticRegression()))
    names = ["sourceonly-1__sample_domain", "sourceonly-2__sample_domain"]
    with config_context(enable_metadata_routing=routing):
        pipe.fit(X, y, **({"sample_domain": d} if routing else dict.fromkeys(names, d)))
        predicted = pipe.predict(X)
    source = d > 0
    selector = SelectKBest(k=2).fit(X[source], y[source])
    model = LogisticRegression().fit(selector.transform(X[source]), y[source])
    assert_array_equal(predicted, model.predict(selector.transform(X)))


# -- Containers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_come_out_of_frames_in_the_order_of_their_rows(library, make_domains):
    frames = pytest.importorskip(library)
    X, y, d = make_domains()
    frame = frames.DataFrame(dict(zip("abcd", X.T, strict=True)))
    model = SourceOnly(VarianceThreshold()).set_output(transform=library)
    Z = model.fit_transform(frame, frames.Series(y), sample_domain=frames.Series(d))
    assert isinstance(Z, frames.DataFrame)
    assert list(Z.columns) == list("abcd")
    assert_array_equal(Z.to_numpy(), X)
    assert_array_equal(model.transform(frame).to_numpy(), X)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_in_another_order_are_refused(library, make_domains):
    frames = pytest.importorskip(library)
    X, y, d = make_domains()
    frame = frames.DataFrame(dict(zip("abcd", X.T, strict=True)))
    model = SourceOnly(LogisticRegression()).fit(frame, y, sample_domain=d)
    assert model.feature_names_in_.tolist() == list("abcd")
    expected = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d).predict(X)
    assert_array_equal(model.predict(frame), expected)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[list("bacd")])


def test_the_index_of_a_frame_is_kept(make_domains):
    X, y, d = make_domains()
    frame = pd.DataFrame(X, index=np.arange(len(X))[::-1] * 3)
    model = SourceOnly(SelectKBest(k=2).set_output(transform="pandas"))
    assert_array_equal(model.fit_transform(frame, y, sample_domain=d).index, frame.index)


def test_sparse_rows_stay_sparse(make_domains):
    X, y, d = make_domains()
    rows = sparse.csr_array(X)
    Z = SourceOnly(SelectKBest(k=2)).fit_transform(rows, y, sample_domain=d)
    assert sparse.issparse(Z)
    expected = SourceOnly(SelectKBest(k=2)).fit_transform(X, y, sample_domain=d)
    assert_array_equal(Z.toarray(), expected)


TEXTS = ["red wine", "white wine", "red rose", "white rose"] * 8


@pytest.mark.parametrize("container", [list, np.array, lambda x: np.array(x, dtype=object)])
def test_texts_are_rows(container):
    X, y, d = container(TEXTS), np.arange(32) % 2, np.repeat([1, -2], 16)
    model = SourceOnly(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    assert_array_equal(model.fit(X, y, sample_domain=d).predict(X, sample_domain=d), y)
    assert model.score(X, y, sample_domain=d) == 1
    pipe = make_pipeline(SourceOnly(TfidfVectorizer()), SourceOnly(LogisticRegression()))
    with config_context(enable_metadata_routing=True):
        assert pipe.fit(X, y, sample_domain=d).score(X, y, sample_domain=d) == 1


def test_texts_are_rows_of_each_domain():
    d = np.repeat([1, -2], 16)
    Z = PerDomain(TfidfVectorizer()).fit_transform(TEXTS, sample_domain=d)
    assert_allclose(Z[:16].toarray(), TfidfVectorizer().fit_transform(TEXTS[:16]).toarray())
    with pytest.raises(ValueError, match="'green' only in domain -2"):
        PerDomain(TfidfVectorizer()).fit([*TEXTS[1:], "green rose"], sample_domain=d)


def test_rows_may_be_images(make_domains):
    X, y, d = make_domains()
    images = X.reshape(-1, 2, 2)
    flat = FunctionTransformer(lambda rows: rows.reshape(len(rows), -1))
    model = SourceOnly(make_pipeline(flat, LogisticRegression()))
    model.fit(images, y, sample_domain=d)
    expected = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    assert_array_equal(model.predict(images), expected.predict(X))
    scaled = PerDomain(make_pipeline(flat, StandardScaler())).fit_transform(images, sample_domain=d)
    assert_array_equal(scaled, PerDomain().fit_transform(X, sample_domain=d))
    with pytest.raises(ValueError, match=r"Found array with dim 3.*LogisticRegression"):
        SourceOnly(LogisticRegression()).fit(images, y, sample_domain=d)


# -- Parameters of fit ---------------------------------------------------------------------------


class Stopping(ClassifierMixin, BaseEstimator):
    """Keeps what it is fitted with, as learners that stop early are."""

    def fit(self, X, y, sample_weight=None, eval_set=None, early_stopping_rounds=None):
        self.got_ = X, y, sample_weight, eval_set, early_stopping_rounds
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("container", [np.asarray, list, pd.Series])
def test_parameters_reach_the_learner_with_its_rows_or_whole(container, routing, make_domains):
    X, y, d = make_domains()
    weight, held_out = np.arange(1.0, len(X) + 1), [(X[:3] + 1, y[:3])]
    with config_context(enable_metadata_routing=routing):
        inner = Stopping()
        if routing:
            inner.set_fit_request(sample_weight=True, eval_set=True, early_stopping_rounds=True)
        model = SourceOnly(inner).fit(
            X,
            y,
            sample_domain=d,
            sample_weight=container(weight),
            eval_set=held_out,
            early_stopping_rounds=7,
        )
    got = model.estimator_.got_
    for value, expected in zip(got[:3], (X, y, weight), strict=True):
        assert_array_equal(value, expected[d > 0])
    assert got[3] is held_out
    assert got[4] == 7


def test_parameters_that_are_not_requested_are_an_error_with_routing_on(make_domains):
    X, y, d = make_domains()
    with (
        config_context(enable_metadata_routing=True),
        pytest.raises(
            ValueError, match=r"\[early_stopping_rounds\] are passed but are not explicit"
        ),
    ):
        SourceOnly(Stopping()).fit(X, y, sample_domain=d, early_stopping_rounds=7)


def test_weights_reach_a_transformer_too(make_domains):
    X, y, d = make_domains()
    weight = np.arange(1.0, len(X) + 1)
    expected = StandardScaler().fit(X[d > 0], sample_weight=weight[d > 0])
    model = SourceOnly(StandardScaler())
    for method in (model.fit, model.fit_transform):
        method(X, y, sample_domain=d, sample_weight=weight)
        assert_array_equal(model.estimator_.mean_, expected.mean_)
