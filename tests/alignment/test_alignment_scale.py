"""Defaults that follow the features: other units change nothing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdomain.alignment import (
    CORAL,
    GFK,
    LinearMonge,
    SubspaceAlignment,
    coral_map,
    subspace_alignment_map,
)
from skdomain.compose import PerDomain

METHODS = [CORAL(), CORAL(center="match"), LinearMonge(), SubspaceAlignment(), GFK()]


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("unit", [1e-6, 1e4])
@pytest.mark.parametrize("n", [8, 60])
def test_other_units_give_the_same_rows_in_other_units(method, unit, n):
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(2 * n, 20)) * np.arange(1, 21), np.repeat([1, -2], n)
    X[d < 0] = X[d < 0] @ rng.normal(size=(20, 20)) + 3
    Z = method.fit_transform(X, sample_domain=d)
    scaled = method.fit_transform(unit * X, sample_domain=d)
    assert_allclose(scaled / unit, Z, rtol=0, atol=1e-8 * np.abs(Z).max())


@pytest.mark.parametrize(("method", "share"), [(CORAL, 10.0), (LinearMonge, 0.1)])
def test_the_ridge_is_a_share_of_the_mean_variance(method, share, make_domains):
    X, _, d = make_domains()
    variance = np.mean([X[rows].var(axis=0, ddof=1) for rows in (d > 0, d < 0)])
    expected = method(share * variance).fit(X, sample_domain=d).map_.matrix()
    assert_allclose(method().fit(X, sample_domain=d).map_.matrix(), expected, rtol=1e-10)
    parts = method().partial_fit(X[::2], sample_domain=d[::2])
    parts = parts.partial_fit(X[1::2], sample_domain=d[1::2])
    assert_allclose(parts.map_.matrix(), expected, rtol=1e-9)


def test_without_any_variance_the_map_is_the_identity():
    Xs, Xt = np.full((3, 4), 0.1), np.full((5, 4), 2.0)
    assert_allclose(coral_map(Xs, Xt).matrix(), np.eye(4))


def test_moving_the_mean_too_is_to_centre_each_domain_before(make_domains):
    X, _, d = make_domains()
    Z = CORAL(center="match").fit_transform(X, sample_domain=d)
    assert_allclose(Z[d > 0].mean(axis=0), X[d < 0].mean(axis=0))
    centred = np.empty_like(X)
    for rows in (d > 0, d < 0):
        centred[rows] = X[rows] - X[rows].mean(axis=0)
    expected = CORAL().fit_transform(centred, sample_domain=d) + X[d < 0].mean(axis=0)
    assert_allclose(Z, expected, atol=1e-12)
    standard = PerDomain().fit_transform(X, sample_domain=d)
    both = (CORAL(center=c).fit_transform(standard, sample_domain=d) for c in (True, "match"))
    assert_allclose(*both, atol=1e-12)


@pytest.mark.parametrize("size", [1, 1e160], ids=["near", "squares overflow"])
@pytest.mark.parametrize("shape", [(30, 8), (6, 12)])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_the_share_is_held_by_the_fewest_axes_of_one_domain(shape, share, size):
    rng = np.random.default_rng(0)
    Xs, Xt = (rng.normal(size=shape) * rng.exponential(size=shape[1]) for _ in range(2))
    k = len(subspace_alignment_map(size * Xs, size * Xt, n_components=share)[1])

    def held(X, k):
        spectrum = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
        return spectrum[:k].sum() / spectrum.sum()

    assert max(held(X, k) for X in (Xs, Xt)) >= share
    assert max(held(X, k - 1) for X in (Xs, Xt)) < share


def test_a_share_on_the_edge_is_not_left_to_rounding():
    """Ten directions of equal variance: nine hold nine tenths."""
    X = np.vstack([np.eye(10), -np.eye(10)])
    rng = np.random.default_rng(0)
    for _ in range(5):
        Q = np.linalg.qr(rng.normal(size=(10, 10)))[0]
        assert len(subspace_alignment_map(X @ Q, X @ Q, n_components=0.9)[1]) == 9
