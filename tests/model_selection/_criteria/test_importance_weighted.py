"""Importance-weighted validation: source rows stand for the target by their density ratio."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import check_array

from skdomain.compose import SourceOnly
from skdomain.model_selection import (
    DeepEmbeddedValidation,
    ImportanceWeighted,
    deep_embedded_mean,
    importance_weighted_mean,
)
from skdomain.weighting import classifier_weights

draws = given(n=st.integers(2, 30), seed=st.integers(0, 2**16))


def draw(n, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, n), rng.exponential(size=n)


@draws
def test_it_is_the_mean_of_weighted_values_with_the_error_of_a_mean(n, seed):
    values, weights = draw(n, seed)
    products = [w * v for w, v in zip(weights, values, strict=True)]
    mean = sum(products) / n
    error = math.sqrt(sum((p - mean) ** 2 for p in products) / (n - 1) / n)
    assert importance_weighted_mean(values, weights) == pytest.approx((mean, error), abs=1e-14)


@draws
def test_normalized_it_is_the_weighted_mean_with_the_error_of_a_ratio(n, seed):
    """Delta method: sum(wv)/sum(w) varies as the mean of w (v - mean) / mean(w) does."""
    values, weights = draw(n, seed)
    total = sum(weights)
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / total
    squares = sum((w * (v - mean)) ** 2 for w, v in zip(weights, values, strict=True))
    found = importance_weighted_mean(values, weights, normalize=True)
    expected = (mean, math.sqrt(squares * n / (n - 1)) / total)
    assert found == pytest.approx(expected, abs=1e-14)


@draws
def test_equal_weights_give_the_accuracy_and_its_binomial_error(n, seed):
    values, _ = draw(n, seed)
    a = values.mean()
    for normalize in (False, True):
        found = importance_weighted_mean(values, np.ones(n), normalize=normalize)
        assert found == pytest.approx((a, math.sqrt(a * (1 - a) / (n - 1))))


def test_normalized_it_does_not_depend_on_the_scale_of_the_weights():
    values, weights = draw(9, 0)
    found = importance_weighted_mean(values, 1e3 * weights, normalize=True)
    assert found == pytest.approx(importance_weighted_mean(values, weights, normalize=True))
    assert importance_weighted_mean(values, 1e3 * weights).value == pytest.approx(
        1e3 * importance_weighted_mean(values, weights).value
    )


def test_of_one_row_no_error_is_known():
    assert importance_weighted_mean([1], [2]) == pytest.approx((2, np.nan), nan_ok=True)


@pytest.mark.parametrize("normalize", [False, True])
def test_it_is_unbiased_under_covariate_shift_and_knows_its_error(normalize, covariate_shifts):
    """200 draws: within 3 standard errors of the exact accuracy, spread as said within 25 %."""
    scorer = ImportanceWeighted(normalize=normalize)
    estimates, accuracy = covariate_shifts(scorer)
    values, errors = estimates.T
    spread = values.std(ddof=1)
    assert abs(values.mean() - accuracy) < 3 * spread / np.sqrt(len(values))
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(spread, rel=0.25)


def test_without_weights_the_source_misleads(covariate_shifts):
    """What the test above would find if weights did nothing, or domains were exchanged."""
    for ratio in (lambda w: np.ones_like(w), lambda w: 1 / w):
        values, accuracy = covariate_shifts(ImportanceWeighted(), ratio)
        spread = values[:, 0].std(ddof=1)
        assert abs(values[:, 0].mean() - accuracy) > 3 * spread / np.sqrt(len(values))


# -- The scorer ---------------------------------------------------------------------------------


def recorder(seen):
    def ratio(Xs, Xt):
        seen.extend([Xs, Xt])
        return np.arange(1.0, Xs.shape[0] + 1)

    return ratio


@pytest.mark.parametrize("normalize", [False, True])
def test_the_scorer_is_the_function_on_what_the_classifier_says(normalize, make_overlapping):
    X, y, d = make_overlapping(n_classes=3)
    model = SourceOnly(LogisticRegression(C=0.01)).fit(X, y, sample_domain=d)
    source, seen = d > 0, []
    correct = model.predict(X[source]) == y[source]
    assert 0 < correct.mean() < 1
    scorer = ImportanceWeighted(recorder(seen), normalize=normalize)
    found = scorer.estimate(model, X, y, sample_domain=d)
    weights = np.arange(1.0, source.sum() + 1)
    assert found == importance_weighted_mean(correct, weights, normalize=normalize)
    np.testing.assert_array_equal(seen[0], X[source])
    np.testing.assert_array_equal(seen[1], X[~source])


def test_the_ratio_sees_rows_as_given_or_as_the_pipeline_transforms_them(make_domains):
    X, y, d = make_domains()
    model = make_pipeline(PCA(2), SourceOnly()).fit(X, y, sourceonly__sample_domain=d)
    Z, seen = model[:-1].transform(X), []
    for space, rows in {"input": X, "features": Z}.items():
        seen.clear()
        ImportanceWeighted(recorder(seen), space=space)(model, X, y, sample_domain=d)
        np.testing.assert_array_equal(seen[0], rows[d > 0])
        np.testing.assert_array_equal(seen[1], rows[d < 0])


def test_the_ratio_sees_a_sparse_matrix_as_one(make_domains):
    X, y, d = make_domains()
    model, seen = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d), []
    for space in ("input", "features"):
        scorer = ImportanceWeighted(recorder(seen), space=space)
        scorer(model, sparse.csr_matrix(X), y, sample_domain=d)
    assert all(map(sparse.issparse, seen))
    assert [rows.shape for rows in seen] == 2 * [X[d > 0].shape, X[d < 0].shape]


@pytest.mark.parametrize(
    ("ratio", "message"),
    [
        (lambda Xs, Xt: np.ones(3), r"weights of 18 source rows have shape \(3,\); the ratio has"),
        (lambda Xs, Xt: np.ones((len(Xs), 1)), r"have shape \(18, 1\); the ratio has to give one"),
        (lambda Xs, Xt: np.linspace(-1, 1, len(Xs)), r"hold -1; a density ratio is finite and >="),
        (lambda Xs, Xt: np.full(len(Xs), np.nan), r"hold nan; a density ratio is finite and >= 0"),
        (lambda Xs, Xt: np.full(len(Xs), np.inf), r"hold inf; a density ratio is finite and >= 0"),
        (lambda Xs, Xt: np.zeros(len(Xs)), r"are all zero: no source row says anything of the tar"),
    ],
)
def test_weights_that_are_none_are_an_error(ratio, message, make_domains):
    X, y, d = make_domains()
    model = SourceOnly().fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=message):
        ImportanceWeighted(ratio)(model, X, y, sample_domain=d)


# -- The ratio by default, of both criteria ------------------------------------------------------

both = pytest.mark.parametrize(
    ("criterion", "mean"),
    [
        (ImportanceWeighted(), importance_weighted_mean),
        (DeepEmbeddedValidation(), deep_embedded_mean),
    ],
    ids=["importance weighted", "deep embedded"],
)


def polars_frame(X):
    return pytest.importorskip("polars").DataFrame(X, orient="row")


def fitted(step, X, y, d):
    model = make_pipeline(step, SourceOnly(LogisticRegression(C=0.01)))
    return model.fit(X, y, sourceonly__sample_domain=d)


@both
@pytest.mark.parametrize("space", ["input", "features"])
@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame, polars_frame])
def test_the_ratio_is_that_of_a_classifier_of_the_rows_in_their_space(
    criterion, mean, space, kind, make_overlapping
):
    X, y, d = make_overlapping(40, 30)
    rows = kind(X)
    model = fitted(PCA(2), rows, y, d)
    seen = X if space == "input" else model[:-1].transform(rows)
    weights = classifier_weights(seen[d > 0], seen[d < 0])
    expected = mean(model.predict(rows)[d > 0] == y[d > 0], weights)
    found = clone(criterion).set_params(space=space).estimate(model, rows, y, sample_domain=d)
    assert found == pytest.approx(expected, rel=1e-9)
    assert np.ptp(weights) > 0.02


@both
def test_of_sparse_rows_a_ratio_may_need_dense_features(criterion, mean, make_overlapping):
    X, y, d = make_overlapping(40, 30)
    model = fitted(TruncatedSVD(2), X, y, d)
    criterion = clone(criterion).set_params(space="features")
    dense = criterion.estimate(model, X, y, sample_domain=d)
    assert criterion.estimate(model, sparse.csr_array(X), y, sample_domain=d) == pytest.approx(
        dense, rel=1e-9
    )

    def dense_alone(Xs, Xt):
        return np.ones(len(check_array(Xs)))

    message = "space='input', are sparse, and dense_alone takes no sparse rows. Put a step that"
    with pytest.raises(TypeError, match=message):
        criterion.set_params(space="input", ratio=dense_alone)(
            model, sparse.csr_array(X), y, sample_domain=d
        )


@pytest.mark.parametrize("function", [importance_weighted_mean, deep_embedded_mean])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], r"values have shape \(0,\); pass one number a source row"),
        ([[1.0], [2.0]], r"values have shape \(2, 1\)"),
        ([1.0, np.nan], "Input values contains NaN"),
        ([1.0, np.inf], "Input values contains infinity"),
    ],
)
def test_values_that_have_no_mean_are_an_error(function, values, message):
    with pytest.raises(ValueError, match=message):
        function(values, np.ones(len(values)))
