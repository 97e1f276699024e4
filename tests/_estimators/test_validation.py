"""Rows that the wrapped estimator judges: texts, rows of more dimensions, and data frames."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdomain import stack_domains
from skdomain._estimators import validate_as_given
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import AdaptationSearchCV, SafeTransfer

WORDS = np.array([["good", "fine", "nice"], ["bad", "awful", "poor"]])


@pytest.fixture
def reviews():
    """Texts of two domains, their labels and domains; some words say the label."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    texts = [" ".join(["the", *rng.choice(WORDS[label], 3)]) for label in labels]
    return stack_domains((texts[:24], labels[:24]), (texts[24:], labels[24:]))


@pytest.fixture
def images(make_domains):
    """Rows of shape (2, 2)."""
    X, y, d = make_domains()
    return X.reshape(-1, 2, 2), y, d


def flatten(X):
    return np.reshape(X, (len(X), -1))


FLATTEN = FunctionTransformer(flatten)


@pytest.mark.parametrize("kind", ["list", "tuple", "array", "pandas", "polars"])
def test_texts_reach_the_estimator_in_any_container(kind, reviews):
    X, y, d = reviews
    convert = {
        "list": list,
        "tuple": tuple,
        "array": lambda texts: np.array(texts.tolist()),
        "pandas": lambda texts: pytest.importorskip("pandas").Series(texts.tolist()),
        "polars": lambda texts: pytest.importorskip("polars").Series(texts.tolist()),
    }[kind]
    model = SourceOnly(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    model.fit(convert(X), y, sample_domain=d)
    by_hand = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(X[d > 0], y[d > 0])
    assert_array_equal(model.predict_proba(convert(X)), by_hand.predict_proba(X))
    assert model.score(convert(X), y, sample_domain=d) == 1
    assert not hasattr(model, "n_features_in_")


def test_dictionaries_reach_the_estimator():
    rows = [{"size": 1.0, "age": 0.0}, {"size": 2.0, "age": 3.0}, {"size": 4.0, "age": 5.0}]
    scaler = PerDomain(DictVectorizer(sparse=False))
    assert_array_equal(
        scaler.fit(rows, sample_domain=[1, 1, -2]).transform(rows, 1), [[0, 1], [3, 2], [5, 4]]
    )


def test_texts_are_transformed_by_domain(reviews):
    X, _, d = reviews
    embed = make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0))
    Z = PerDomain(embed).fit(X, sample_domain=d).transform(X, sample_domain=d)
    for domain in (1, -2):
        assert_allclose(Z[d == domain], embed.fit_transform(X[d == domain]), rtol=1e-12)


@pytest.mark.parametrize("search", [AdaptationSearchCV, SafeTransfer])
def test_searches_take_texts(search, reviews):
    X, y, d = reviews
    embed = [TfidfVectorizer(), TruncatedSVD(3, random_state=0)]
    classifier = SourceOnly(LogisticRegression())
    with config_context(enable_metadata_routing=True):
        model = search(
            [make_pipeline(*embed, CORAL(), classifier)],
            baseline=make_pipeline(*embed, classifier),
        ).fit(list(X), y, sample_domain=d)
        assert model.score(list(X), y, sample_domain=d) == 1


def test_a_criterion_that_needs_tables_says_where_the_vectorizer_goes(reviews):
    X, y, d = reviews
    baseline = SourceOnly(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    text = r"reach SourceOnly have 1 dimension\(s\). Put the step that makes tables of them before"
    with pytest.raises(ValueError, match=text):
        AdaptationSearchCV([], baseline=baseline, scoring="class_mixture").fit(
            X, y, sample_domain=d
        )
    search = AdaptationSearchCV([], baseline=baseline).fit(X, y, sample_domain=d)
    assert "1 dimension(s). Put the step" in search.skipped_criteria_["class_mixture"]
    assert "circular_validation" not in search.skipped_criteria_


def test_rows_of_more_dimensions_are_as_their_entries_in_a_row(images):
    X, y, d = images
    flat = flatten(X)
    model = SourceOnly(make_pipeline(FLATTEN, LogisticRegression())).fit(X, y, sample_domain=d)
    expected = SourceOnly(LogisticRegression()).fit(flat, y, sample_domain=d)
    assert_array_equal(model.predict_proba(X), expected.predict_proba(flat))
    assert model.score(X, y, sample_domain=d) == expected.score(flat, y, sample_domain=d)
    Z = PerDomain(FLATTEN).fit(X, sample_domain=d).transform(X, sample_domain=d)
    assert_array_equal(Z, flat)
    search = AdaptationSearchCV([], baseline=model, scoring="circular_validation")
    assert_array_equal(search.fit(X, y, sample_domain=d).predict(X), model.predict(X))


def test_of_rows_of_more_dimensions_the_estimator_judges(images):
    X, y, d = images
    with pytest.raises(ValueError, match="dim 3, while dim <= 2 is required by LogisticRegression"):
        SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)


@pytest.mark.parametrize("X", [[1, 2], np.array([1, 2], dtype=object), np.arange(2.0)])
def test_numbers_in_one_dimension_are_refused(X):
    with pytest.raises(ValueError, match=r"(?s)Expected 2D array, got 1D array.*Reshape your"):
        validate_as_given(BaseEstimator(), X, reset=True)


def test_frames_stay_frames_with_their_names(frames):
    estimator, frame = BaseEstimator(), frames.library.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert validate_as_given(estimator, frame, reset=True) is frame
    assert estimator.feature_names_in_.tolist() == ["a", "b"]
    assert estimator.n_features_in_ == 2
    with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
        validate_as_given(estimator, frame[["b", "a"]], reset=False)
    with pytest.raises(ValueError, match=r"(?s)feature names should match.*unseen at fit time:.*c"):
        validate_as_given(estimator, frames.library.DataFrame({"c": [1]}), reset=False)
