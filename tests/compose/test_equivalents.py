"""What PerDomain and SourceOnly come to, written with scikit-learn's estimators alone."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly

no_target = pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")


def test_per_domain_standardises_each_domain_by_itself(make_domains):
    X, _, d = make_domains()
    d = d * (1 + np.arange(len(d)) % 2)
    Z = PerDomain().fit_transform(X, sample_domain=d)
    for domain in np.unique(d):
        assert_array_equal(Z[d == domain], StandardScaler().fit_transform(X[d == domain]))


@pytest.mark.parametrize("inner", [LogisticRegression(), Ridge()], ids=["logistic", "ridge"])
def test_source_only_is_its_estimator_trained_on_the_source_rows(inner, make_domains):
    X, y, d = make_domains()
    expected = clone(inner).fit(X[d > 0], y[d > 0]).predict(X)
    assert_array_equal(SourceOnly(inner).fit(X, y, sample_domain=d).predict(X), expected)


@no_target
def test_without_target_per_domain_is_its_transformer(make_domains):
    X = make_domains()[0]
    assert_array_equal(PerDomain().fit(X).transform(X), StandardScaler().fit_transform(X))


@no_target
def test_without_target_source_only_is_its_estimator(make_domains):
    X, y, _ = make_domains()
    expected = LogisticRegression().fit(X, y).predict_proba(X)
    assert_array_equal(SourceOnly(LogisticRegression()).fit(X, y).predict_proba(X), expected)
