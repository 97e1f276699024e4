"""``lam="scale"``: the ridge and the embedding follow the scale of the features."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from skdomain.mmd import discriminative_coupling
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.subspace._spectral import kernel_basis, linear_basis, primal_basis, solve

KERNELS = ["linear", "primal"]
METHODS = [TCA, TJM, JDA, DJPMMD]


def fitted(method, X, y, d, **params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method(2, **params).fit(X, y, sample_domain=d)


@pytest.mark.parametrize("offset", [0, 300], ids=["near", "far"])
@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("method", METHODS)
def test_small_units_change_no_embedding_and_large_ones_a_factor(
    method, kernel, whiten, offset, make_domains
):
    X, y, d = make_domains(n_classes=3)
    X = X + offset
    rest = {"kernel": kernel, "whiten": whiten}
    if method in (JDA, DJPMMD):
        rest |= {"normalize": False, "estimator": LogisticRegression(), "max_iter": 1}

    def embedding(unit):
        return fitted(method, unit * X, y, d, **rest).transform(unit * X)

    small, smaller, large = embedding(1e-4), embedding(1e-7), embedding(1e3)
    tolerance = 1e-6 * np.abs(small).max()
    assert_allclose(smaller, small, rtol=0, atol=tolerance)
    factor = np.linalg.norm(small) / np.linalg.norm(large)
    assert_allclose(factor * large, small, rtol=0, atol=tolerance)
    if not whiten:
        assert_allclose(small.var(axis=0).mean(), 1)
        assert large.var(axis=0).mean() > 1


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("method", [JDA, DJPMMD])
def test_units_change_no_prediction_behind_unit_rows(method, kernel, make_domains):
    X, y, d = make_domains(n_classes=3)
    params = {"kernel": kernel, "estimator": LogisticRegression()}
    expected = fitted(method, X, y, d, **params).pseudo_labels_
    for unit in (1e-5, 1e4):
        assert_array_equal(fitted(method, unit * X, y, d, **params).pseudo_labels_, expected)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("method", METHODS)
def test_on_unit_rows_and_kernels_of_unit_diagonal_it_is_the_ridge_of_the_papers(
    method, kernel, make_domains
):
    X, y, d = make_domains(n_classes=3)
    X = normalize(X)
    follows, papers = (fitted(method, X, y, d, kernel=kernel, lam=lam) for lam in ("scale", 1.0))
    assert_allclose(follows.eigenvalues_, papers.eigenvalues_, rtol=1e-9)
    ratio = follows.components_ / papers.components_
    assert_allclose(ratio, ratio[0, 0], rtol=1e-5)
    assert ratio[0, 0] > 1 - 1e-9


@pytest.mark.parametrize("n", [40, 6])
def test_units_of_the_bases(n):
    X = np.random.default_rng(0).normal(size=(n, 9)) + 2
    spread = np.sqrt(np.square(X - X.mean(axis=0)).sum() / n)
    assert primal_basis(X).unit == pytest.approx(spread)
    assert primal_basis(X, once=True).unit == pytest.approx(spread)
    assert primal_basis(X + 1e5).unit == pytest.approx(spread)
    squares = np.square(X).sum() / n
    assert linear_basis(X).unit == pytest.approx(squares)
    assert linear_basis(X, once=True).unit == pytest.approx(squares)
    assert kernel_basis(X @ X.T).unit == pytest.approx(squares)


@pytest.mark.parametrize("make_basis", [linear_basis, primal_basis])
def test_where_the_objective_has_no_bound_constant_embeddings_are_left_out(make_basis):
    """One-hot features span constants. Off these, the pencil has what a dense solver finds."""
    source = np.arange(40) < 20
    labels = np.where(np.arange(40) % 20 < 15, 0, 1)
    rng = np.random.default_rng(0)
    X = np.hstack([np.eye(3)[rng.integers(3, size=40)], np.eye(4)[rng.integers(4, size=40)]])
    coupling = discriminative_coupling(labels, source, n_classes=2, mu=5.0)
    solution = solve(make_basis(X), coupling, lam=1e-6, n_components=2)
    assert not solution.is_bounded
    Z = X @ solution.coefficients
    assert np.all(Z.var(axis=0) > 1e-6)
    bounded = solve(make_basis(X), coupling, lam=1e6, n_components=2)
    assert bounded.is_bounded
