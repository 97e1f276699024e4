"""Self-taught features: optimal codes, of a dictionary that only source rows have a say in."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.linear_model import Lasso

from skdomain import NoTargetWarning
from skdomain.compose import SourceOnly
from skdomain.transfer import SelfTaughtFeatures, self_taught_codes


def draw(seed, n=6, k=4, d=5):
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(k, d))
    return 2 * rng.normal(size=(n, d)), B / np.linalg.norm(B, axis=1, keepdims=True)


@example(seed=0, k=5, alpha=0.25)  # an atom that is dropped again
@given(seed=st.integers(0, 2**16), k=st.integers(1, 7), alpha=st.floats(0.05, 2))
def test_codes_meet_the_conditions_of_the_lasso(seed, k, alpha):
    """``B (x - a'B)`` is alpha times the sign of a, and at most alpha where a is 0."""
    X, B = draw(seed, k=k)
    A = self_taught_codes(X, B, alpha=alpha)
    correlation = (X - A @ B) @ B.T
    assert (np.abs(correlation) <= alpha + 1e-8).all()
    used = A != 0
    assert_allclose(correlation[used], alpha * np.sign(A[used]), atol=1e-8)


def test_codes_are_those_of_coordinate_descent():
    X, B = draw(0)
    lasso = Lasso(alpha=0.3 / 5, fit_intercept=False, tol=1e-12, max_iter=10**6).fit(B.T, X.T)
    assert_allclose(self_taught_codes(X, B, alpha=0.3), lasso.coef_, atol=1e-6)


def test_codes_of_orthogonal_atoms_are_soft_thresholds():
    X, _ = draw(1)
    expected = np.sign(X) * np.maximum(np.abs(X) - 0.7, 0)
    assert_allclose(self_taught_codes(X, np.eye(5), alpha=0.7), expected, atol=1e-9)


def test_it_is_dictionary_learning_on_the_source_rows(make_domains):
    """In an order of their values, whatever the target rows are."""
    X, _, d = make_domains(60, 20)
    model = SelfTaughtFeatures(3, alpha=0.5, random_state=0).fit(X, sample_domain=d)
    rows = X[d > 0]
    inner = MiniBatchDictionaryLearning(3, alpha=0.5, max_iter=100, random_state=0)
    inner.set_params(transform_algorithm="lasso_lars")
    rows = np.vstack([sorted(rows.tolist()), X[d < 0]])
    other = SourceOnly(inner).fit(rows, sample_domain=np.repeat([1, -2], [60, 20]))
    assert_array_equal(model.components_, other.estimator_.components_)
    assert_allclose(model.transform(X), other.transform(X), atol=1e-9)
    moved = np.where((d < 0)[:, None], X + 50, X)
    again = SelfTaughtFeatures(3, alpha=0.5, random_state=0).fit(moved, sample_domain=d)
    assert_array_equal(again.components_, model.components_)
    assert not np.allclose(
        SelfTaughtFeatures(3, alpha=0.5, random_state=0).fit(X, sample_domain=-d).components_,
        model.components_,
    )


def test_atoms_are_at_most_of_length_one(make_domains):
    X, _, d = make_domains(60, 20)
    model = SelfTaughtFeatures(6, random_state=0).fit(10 * X, sample_domain=d)
    assert model.components_.shape == (6, 4)
    assert (np.linalg.norm(model.components_, axis=1) <= 1 + 1e-9).all()


def test_atoms_that_made_the_source_are_found():
    """Rows that are multiples of single atoms, of both signs."""
    rng = np.random.default_rng(0)
    _, B = draw(3, k=3, d=8)
    X = rng.choice([-1, 1], (300, 1)) * rng.uniform(3, 5, (300, 1)) * B[rng.integers(3, size=300)]
    model = SelfTaughtFeatures(3, alpha=1.0, batch_size=30, random_state=0).fit(X)
    assert_allclose(np.abs(model.components_ @ B.T).max(axis=0), 1, atol=1e-2)


def test_the_sparser_the_larger_alpha(make_domains):
    X = make_domains(60, 20)[0]
    shares = [
        np.mean(SelfTaughtFeatures(alpha=a, random_state=0).fit(X).transform(X) != 0)
        for a in (0.01, 1.0, 100.0)
    ]
    assert shares[0] > shares[1] > shares[2] == 0


def test_no_warning_without_domains_one_with_sources_only(make_domains, recwarn):
    X = make_domains()[0]
    SelfTaughtFeatures(2).fit(X)
    assert not recwarn
    with pytest.warns(NoTargetWarning):
        SelfTaughtFeatures(2).fit(X, sample_domain=1)
