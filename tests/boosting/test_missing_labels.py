"""Target rows whose label is missing are unlabelled, and need no mask."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skdomain import stack_domains
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2

CLASSIFIERS = [TrAdaBoost(n_estimators=3), MultiSourceTrAdaBoost(n_estimators=3)]
REGRESSORS = [
    TrAdaBoostR2(n_estimators=3, random_state=0),
    TwoStageTrAdaBoostR2(n_estimators=2, n_steps=2, n_folds=2, random_state=0),
]
each = pytest.mark.parametrize(
    "method", [*CLASSIFIERS, *REGRESSORS], ids=lambda m: type(m).__name__
)


def names(y):
    return np.array(["no", "yes"], dtype=object)[y]


KINDS = {
    "nan": lambda y, known: np.where(known, y, np.nan),
    "None": lambda y, known: np.where(known, y.astype(object), None),
    "list": lambda y, known: np.where(known, y.astype(object), None).tolist(),
    "NA": lambda y, known: np.where(known, y.astype(object), pd.NA),
    "nullable": lambda y, known: pd.Series(y, dtype="Int64").where(known),
    "polars": lambda y, known: pytest.importorskip("polars").Series(
        np.where(known, y.astype(object), None).tolist()
    ),
}
TEXTS = {
    "None beside texts": lambda y, known: np.where(known, names(y), None),
    "nan beside texts": lambda y, known: np.where(known, names(y), np.nan),
    "strings": lambda y, known: pd.Series(names(y), dtype="str").where(known),
    "categories": lambda y, known: pd.Series(names(y), dtype="category").where(known),
}


@pytest.fixture
def problem(make_domains):
    """Rows, labels, domains, and the rows whose label is known: every third of the target."""
    X, y, d = make_domains()
    return X, y, d, (d > 0) | (np.arange(len(d)) % 3 == 0)


def same(one, other, X):
    assert_array_equal(one.weight_history_, other.weight_history_)
    assert_array_equal(one.predict(X), other.predict(X))


@each
@pytest.mark.parametrize("kind", KINDS)
def test_missing_labels_mark_themselves(method, kind, problem):
    X, y, d, known = problem
    expected = clone(method).fit(X, y, sample_domain=d, labelled=known)
    labels = KINDS[kind](y, known)
    same(clone(method).fit(X, labels, sample_domain=d), expected, X)
    same(clone(method).fit(X, labels, sample_domain=d, labelled=known), expected, X)


@pytest.mark.parametrize("method", CLASSIFIERS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", TEXTS)
def test_missing_labels_beside_texts_mark_themselves(method, kind, problem):
    X, y, d, known = problem
    expected = clone(method).fit(X, names(y), sample_domain=d, labelled=known)
    model = clone(method).fit(X, TEXTS[kind](y, known), sample_domain=d)
    same(model, expected, X)
    assert model.classes_.tolist() == ["no", "yes"]


@each
def test_labels_that_stacking_leaves_missing_are_taken_as_such(method, problem):
    X, y, d, known = problem
    source, labelled, rest = (np.flatnonzero(rows) for rows in (d > 0, (d < 0) & known, ~known))
    stacked = stack_domains((X[source], y[source]), [(X[labelled], y[labelled]), X[rest]])
    expected = clone(method).fit(
        np.concatenate([X[source], X[labelled]]),
        np.concatenate([y[source], y[labelled]]),
        sample_domain=np.repeat([1, -2], [len(source), len(labelled)]),
    )
    same(clone(method).fit(*stacked), expected, X)


@each
@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
def test_a_missing_label_of_a_source_row_names_y_and_the_row(method, missing, problem):
    X, y, d, _ = problem
    row, labels = np.flatnonzero(d > 0)[4], y.astype(object)
    labels[row] = missing
    text = f"y is missing in 1 of 18 source rows, first in row {row}, and {type(method).__name__} "
    with pytest.raises(ValueError, match=text):
        clone(method).fit(X, labels, sample_domain=d)


@each
def test_a_row_that_is_marked_but_has_no_label_is_named(method, problem):
    X, y, d, known = problem
    labels, row = np.where(known, y, np.nan), np.flatnonzero(~known)[0]
    known[row] = True
    with pytest.raises(ValueError, match=f"labelled is True in row {row}, a target row in which y"):
        clone(method).fit(X, labels, sample_domain=d, labelled=known)


@each
def test_without_any_label_of_the_target_the_error_says_what_needs_none(method, problem):
    X, y, d, _ = problem
    text = "none of the 14 target rows is labelled; label a few, or take a method of skdomain.weig"
    with pytest.raises(ValueError, match=text):
        clone(method).fit(X, np.where(d > 0, y, np.nan), sample_domain=d)


@each
def test_score_of_unlabelled_target_rows_names_the_criteria(method, problem):
    X, y, d, known = problem
    labels = np.where(known, y, np.nan)
    model = clone(method).fit(X, labels, sample_domain=d)
    with pytest.raises(ValueError, match=r"y is missing in .* by a criterion of skdomain.model"):
        model.score(X, labels, sample_domain=d)
    assert model.score(X, labels, sample_domain=d * np.where(known, 1, -1)) <= 1
