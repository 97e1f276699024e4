"""DAP is a product over attributes of what each one's classifier says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skdomain.zero_shot import DAP


class Sure(ClassifierMixin, BaseEstimator):
    """Says that an attribute is there with the probability in the row's entry of p."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[(X[:, 0] > 0.5) * 1]

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])


def test_a_case_by_hand():
    """Shares 2/3 and 1/3 of seen classes, p = 0.9: classes (1, 0), (0, 1), (1, 1) as below."""
    S = [[1, 0], [1, 0], [0, 1], [1, 1]]
    model = DAP(S, Sure()).fit([[0.0], [0.1], [0.2]], [0, 1, 2])
    each = [0.9 / (2 / 3) * 0.1 / (2 / 3), 0.1 / (1 / 3) * 0.9 / (1 / 3)]
    each.append(0.9 / (2 / 3) * 0.9 / (1 / 3))
    p = model.predict_proba([[0.9]], classes=[0, 2, 3])
    assert_allclose(p, [np.array(each) / sum(each)])
    assert_allclose(model.predict_log_proba([[0.9]], classes=[0, 2, 3]), np.log(p))
    assert_allclose(model.decision_function([[0.9]], classes=[0, 2, 3]), [np.log(each)])


def test_its_parts_are_classifiers_of_single_attributes(make_domains):
    X, y, d = make_domains(n_classes=4)
    S = np.array([[0, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 1, 1]])
    model = DAP(S, GaussianNB()).fit(X, y, sample_domain=d)
    assert_array_equal(model.used_attributes_, [1, 2])
    total = np.zeros((len(X), 5))
    for j in (1, 2):
        p = GaussianNB().fit(X[d > 0], S[y[d > 0], j]).predict_proba(X)
        total += np.log(p[:, S[:, j]] / 0.5)
    assert_allclose(model.decision_function(X), total)


def test_minus_one_stands_for_zero(make_domains):
    X, y, _ = make_domains(n_classes=3)
    S = np.array([[0, 1], [1, 0], [1, 1]])
    expected = DAP(S).fit(X, y).decision_function(X)
    assert_array_equal(DAP(2 * S - 1).fit(X, y).decision_function(X), expected)
    assert_array_equal(DAP(S == 1).fit(X, y).decision_function(X), expected)


def test_an_attribute_that_is_told_twice_counts_twice(make_domains):
    """What the other methods do not do."""
    X, y, _ = make_domains()
    once, twice = (DAP([[0] * k, [1] * k]).fit(X, y).decision_function(X) for k in (1, 2))
    assert_allclose(twice, 2 * once)


def test_probabilities_of_zero_stay_numbers():
    model = DAP([[0, 1], [1, 0]], Sure()).fit([[0.0], [1.0]], [0, 1])
    for p in (0.0, 1.0):
        assert np.isfinite(model.predict_log_proba([[p]])).all()


def test_the_default_is_logistic_regression(make_domains):
    X, y, _ = make_domains(n_classes=3)
    S = [[0, 1], [1, 0], [1, 1]]
    expected = DAP(S, LogisticRegression()).fit(X, y).decision_function(X)
    assert_array_equal(DAP(S).fit(X, y).decision_function(X), expected)


@pytest.mark.parametrize("value", [0.5, 2.0])
def test_attributes_that_are_not_binary_are_refused(value, make_domains):
    X, y, _ = make_domains()
    with pytest.raises(ValueError, match=r"DAP needs binary attributes.* got values from 0"):
        DAP([[0, 1], [1, value]]).fit(X, y)
