"""Posteriors of both domains: held out, with a column a class, whatever the order of the rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from skdomain.label_shift._held_out import source_posteriors
from skdomain.label_shift._posteriors import class_folds


class Witness(ClassifierMixin, BaseEstimator):
    """Remembers what it was trained on: sure of the class of rows that it knows."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.known_ = {x: label for x, label in zip(X[:, 0], y, strict=True)}
        return self

    def predict_proba(self, X):
        told = [self.classes_ == self.known_.get(x) for x in X[:, 0]]
        return np.array([t if t.any() else np.full(len(t), 1 / len(t)) for t in told], float)


def test_no_source_row_is_judged_by_a_model_that_knows_it_but_one_that_is_alone():
    X, y = np.arange(12.0)[:, None], np.array(["a"] * 6 + ["b"] * 5 + ["only"])
    found = source_posteriors(Witness(), X, y, X[:3], cv=4, calibration=None)
    assert_allclose(found.source[:-1], 1 / 3)
    assert_array_equal(found.source[-1], [0, 0, 1])
    assert_array_equal(found.target, np.eye(3)[[0, 0, 0]])


@pytest.mark.parametrize("counts", [[9, 4], [5, 5, 5], [20, 1, 2], [1, 1], [3, 1]])
@pytest.mark.parametrize("n_folds", [2, 5])
def test_every_class_is_in_every_training_part_and_every_row_in_one_test_part(counts, n_folds):
    codes = np.repeat(np.arange(len(counts)), counts)
    X = np.random.default_rng(0).normal(size=(len(codes), 2))
    folds = class_folds(X, codes, n_folds)
    assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(len(codes)))
    for train, test in folds:
        assert set(codes[train]) == set(codes)
        assert all(np.sum(codes == codes[i]) == 1 for i in set(train) & set(test))
        shares = np.bincount(codes[test], minlength=len(counts))
        assert (abs(shares - np.array(counts) / len(folds)) < 1).all()


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, pd.DataFrame])
def test_the_order_of_the_rows_does_not_matter(form):
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(23, 3)), np.arange(23) % 3
    order = rng.permutation(23)
    straight, permuted = (
        [set(map(tuple, X[test])) for _, test in folds]
        for folds in (
            class_folds(form(X), codes, 4),
            [(a, order[b]) for a, b in class_folds(form(X[order]), codes[order], 4)],
        )
    )
    assert straight == permuted


def test_rows_that_are_no_numbers_are_taken():
    rows = pd.DataFrame({"word": list("abcabcab")})
    folds = class_folds(rows, np.arange(8) % 2, 2)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(8))


def test_without_a_target_the_held_out_source_stands_for_it():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    found = source_posteriors(LogisticRegression(), X, y, None)
    assert_array_equal(found.source, found.target)


def test_the_mean_calibrated_posterior_is_the_share_of_the_class():
    """What the biases of the calibration are for."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], [30, 15, 5])
    X = rng.normal(size=(50, 2)) + y[:, None]
    for method in ("bcts", "vector"):
        found = source_posteriors(LogisticRegression(), X, y, X, calibration=method)
        assert_allclose(found.source.mean(axis=0), [0.6, 0.3, 0.1], atol=1e-4)
