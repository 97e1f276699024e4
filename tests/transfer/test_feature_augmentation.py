"""Copies of the features: hand-worked rows, the kernel they mean, agreement, and slots."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from skdomain.transfer import FeatureAugmentation
from skdomain.transfer._augmented_rows import agreement_rows, augmented_kernel, augmented_rows

RIDGE = Ridge(alpha=0.7, fit_intercept=False)


def test_rows_are_copied_into_the_shared_slot_and_that_of_their_domain():
    X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    slots = np.array([1, 0, -1])
    expected = [[2, 4, 0, 0, 1, 2], [6, 8, 3, 4, 0, 0], [10, 12, 0, 0, 0, 0]]
    assert_array_equal(augmented_rows(X, slots, 2, 2.0), expected)
    Z = augmented_rows(sparse.csr_array(X), slots, 2, 2.0)
    assert sparse.issparse(Z)
    assert_array_equal(Z.toarray(), expected)
    assert_array_equal(agreement_rows(X[:1], 2, [(0, 1)]), [[0, 0, 1, 2, -1, -2]])


def test_the_kernel_is_the_product_of_augmented_rows():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(5, 3))
    a, b = np.array([0, 1, 2, 0, -1, -1]), np.array([2, 1, 0, -1, 0])
    Z = [augmented_rows(rows, slots, 3, 1.7) for rows, slots in ((X, a), (Y, b))]
    assert_allclose(augmented_kernel(X @ Y.T, a, b, 1.7), Z[0] @ Z[1].T)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_a_linear_kernel_gives_what_augmented_rows_give(make_domains, scale):
    X, y, d = make_domains()
    d = d * (1 + np.arange(len(d)) % 2)
    y = y + X[:, 1]
    primal = FeatureAugmentation(RIDGE, shared_scale=scale).fit(X, y, sample_domain=d)
    inner = KernelRidge(alpha=0.7)
    dual = FeatureAugmentation(inner, shared_scale=scale, kernel="linear")
    dual.fit(X, y, sample_domain=d)
    for domains in (d, np.full(len(d), 9), None):
        expected = primal.predict(X, sample_domain=domains)
        assert_allclose(dual.predict(X, sample_domain=domains), expected, atol=1e-8)


def test_any_kernel_is_that_of_the_same_domain_twice(make_domains):
    X, y, d = make_domains()
    model = FeatureAugmentation(SVC(tol=1e-8), kernel="rbf", gamma=0.3).fit(X, y, sample_domain=d)
    K = rbf_kernel(X, gamma=0.3) * (1 + np.equal.outer(d, d))
    expected = SVC(kernel="precomputed", tol=1e-8).fit(K, y).decision_function(K)
    assert_allclose(model.decision_function(X, sample_domain=d), expected, atol=1e-6)


def test_it_solves_the_multi_task_problem(make_domains):
    """``w_d = sigma w0 + v_d`` with a penalty on w0 and each v_d, found by a generic solver."""
    X, y, d = make_domains()
    y = y + X[:, 1]
    model = FeatureAugmentation(RIDGE, shared_scale=2.0).fit(X, y, sample_domain=d)
    p = X.shape[1]

    def value(theta):
        w0, vs, vt = theta.reshape(3, p)
        own = np.where((d > 0)[:, None], vs, vt)
        return np.sum((y - X @ w0 * 2.0 - np.sum(X * own, axis=1)) ** 2) + 0.7 * theta @ theta

    w0, vs, vt = minimize(value, np.zeros(3 * p), tol=1e-12).x.reshape(3, p)
    assert_allclose(model.predict(X, sample_domain=-2), X @ (2 * w0 + vt), atol=1e-4)
    assert_allclose(model.predict(X, sample_domain=1), X @ (2 * w0 + vs), atol=1e-4)


def test_a_large_scale_is_pooling_and_a_small_one_is_each_domain_by_itself(make_domains):
    X, y, d = make_domains()
    y = y + X[:, 1] * d
    large = FeatureAugmentation(Ridge(1e-8 * 1e8, fit_intercept=False), shared_scale=1e4)
    pooled = Ridge(1e-8, fit_intercept=False).fit(X, y).predict(X)
    large = FeatureAugmentation(Ridge(1e6, fit_intercept=False), shared_scale=1e7)
    assert_allclose(large.fit(X, y, sample_domain=d).predict(X), pooled, rtol=1e-3, atol=1e-3)
    small = FeatureAugmentation(RIDGE, shared_scale=1e-6).fit(X, y, sample_domain=d)
    alone = RIDGE.fit(X[d < 0], y[d < 0]).predict(X)
    assert_allclose(small.predict(X), alone, atol=1e-8)


def test_rows_meet_their_own_domain_and_unknown_ones_what_is_shared(make_domains):
    X, y, d = make_domains()
    model = FeatureAugmentation(RIDGE).fit(X, y + d, sample_domain=d)
    shared, *own = model.estimator_.coef_.reshape(3, -1)
    of = dict(zip(model.domains_.tolist(), own, strict=True))
    assert_allclose(model.predict(X, sample_domain=1), X @ (shared + of[1]))
    assert_allclose(model.predict(X), X @ (shared + of[-2]))
    assert_allclose(model.predict(X, sample_domain=-7), X @ shared)
    several = np.where((d < 0) & (np.arange(len(d)) % 2 == 0), -3, d)
    model.fit(X, y + d, sample_domain=several)
    assert_allclose(model.predict(X), X @ model.estimator_.coef_[: X.shape[1]])


def test_agreement_draws_the_models_together_on_unlabelled_rows(make_domains):
    """The objective with ``weight (w_s'u - w_t'u)^2`` on unlabelled rows, in closed form."""
    X, y, d = make_domains()
    y = y + X[:, 1] * d
    known = (d > 0) | (np.arange(len(d)) % 2 == 0)
    model = FeatureAugmentation(Ridge(0.7), agreement=0.4)
    model.fit(X, y, sample_domain=d, labelled=known)
    ones = np.column_stack([X, np.ones(len(X))])
    slots = (d != model.domains_[0]).astype(int)
    Z = augmented_rows(ones[known], slots[known], 2, 1.0)
    U = agreement_rows(ones[~known], 2, [(0, 1)])
    A = Z.T @ Z + 0.4 * U.T @ U + 0.7 * np.eye(Z.shape[1])
    assert_allclose(model.estimator_.coef_, np.linalg.solve(A, Z.T @ y[known]), atol=1e-10)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_classifier_that_agrees_more_differs_less(make_domains, n_classes):
    X, y, d = make_domains(40, 40, n_classes=n_classes)
    y = np.where(d < 0, (y + 1) % n_classes, y)
    known = (d > 0) | (np.arange(len(d)) % 2 == 0)
    apart = []
    for agreement in (0.01, 1.0, 100.0):
        model = FeatureAugmentation(LogisticRegression(max_iter=1000), agreement=agreement)
        model.fit(X, y, sample_domain=d, labelled=known)
        one, other = (model.predict_proba(X[~known], sample_domain=k) for k in (1, -2))
        apart.append(np.abs(one - other).mean())
    assert apart[0] > 1.5 * apart[1] > 3 * apart[2]


def test_sparse_rows_give_what_dense_ones_give(make_domains):
    X, y, d = make_domains()
    known = (d > 0) | (np.arange(len(d)) % 2 == 0)
    model = FeatureAugmentation(LogisticRegression(tol=1e-8), agreement=0.5)
    dense = model.fit(X, y, sample_domain=d, labelled=known).decision_function(X)
    S = sparse.csr_array(X)
    found = model.fit(S, y, sample_domain=d, labelled=known).decision_function(S)
    assert_allclose(found, dense, atol=1e-5)


def test_what_does_not_go_together_is_refused(make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=r"agreement=1.0 needs augmented rows, but kernel='rbf'"):
        FeatureAugmentation(SVC(), kernel="rbf", agreement=1.0).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"KNeighborsClassifier.fit takes no sample_weight"):
        FeatureAugmentation(KNeighborsClassifier(), agreement=1.0).fit(X, y, sample_domain=d)
