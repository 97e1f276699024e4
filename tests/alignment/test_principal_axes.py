"""The first principal axes alone are those of the whole decomposition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdomain.alignment import GFK, SubspaceAlignment, _principal_axes
from skdomain.alignment._disagreement import disagreeing_axes
from skdomain.alignment._principal_axes import DomainRows, all_rows, pooled_mean


def rows_of(n, d, seed, spreads=None):
    rng = np.random.default_rng(seed)
    spreads = 0.8 ** np.arange(d) if spreads is None else spreads
    return rng.normal(size=(n, d)) * spreads + 3


def axes_of(X, k="all"):
    return all_rows(X, "source").axes(k)


def decomposed(X):
    """Spreads and axes of the full singular value decomposition, signs as promised."""
    _, s, axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    peaks = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], 1)
    return s / np.sqrt(len(X)), (axes * np.sign(peaks)).T


@given(
    n=st.integers(3, 70),
    d=st.integers(1, 40),
    k=st.integers(1, 30),
    rank=st.integers(1, 40),
    seed=st.integers(0, 999),
)
def test_first_axes_are_those_of_all(n, d, k, rank, seed):
    """Of more rows than features and of fewer, of full rank and of less."""
    rng = np.random.default_rng(seed)
    rank = min(rank, d)
    X = rows_of(n, rank, seed) @ np.linalg.qr(rng.normal(size=(d, rank)))[0].T
    rank, (s, axes) = min(rank, n - 1), decomposed(X)
    found = axes_of(X, k)
    k = min(k, rank)
    assert min(found.rank, k) == k
    assert found.rank <= rank
    assert_allclose(found.spreads[:k], s[:k], rtol=1e-9)
    # of spreads that come near one another only the plane of both axes is sure
    assert_allclose(found.axes.T @ found.axes, np.eye(found.rank), atol=1e-9)
    gaps = s[: k - 1] / s[1:k]
    if (
        gaps.min(initial=2) > 1.01
        and s[0] < 30 * s[k - 1]
        and (k == rank or s[k - 1] > 1.01 * s[k])
    ):
        assert_allclose(found.axes[:, :k], axes[:, :k], atol=1e-9)


@pytest.mark.parametrize(
    "X",
    [
        rows_of(20, 16, 0, spreads=np.r_[1, 1e-5, np.zeros(14)]),
        rows_of(20, 16, 0, spreads=np.r_[1, np.zeros(15)]),
        rows_of(20, 16, 0) * 1e160,
        rows_of(20, 16, 0) * 1e-160,
        rows_of(16, 20, 0, spreads=np.r_[1, 1e-5, np.zeros(18)]),
        rows_of(16, 20, 0) * 1e160,
    ],
    ids=["small spread", "rank", "large", "small", "few rows", "few large rows"],
)
def test_axes_that_a_scatter_does_not_tell_are_those_of_the_rows(X, monkeypatch):
    first, (s, axes) = axes_of(X, 2), decomposed(X)
    assert first.rank == np.count_nonzero(s > 1e-13 * s[0])
    assert_allclose(first.axes, axes[:, : first.rank], atol=1e-12)
    monkeypatch.setattr(_principal_axes, "svd", None)
    with pytest.raises(TypeError):
        axes_of(X, 2)


def test_rows_that_are_equal_up_to_rounding_have_no_axes():
    X = np.full((20, 16), 0.1) + 1e7 * np.ones(16)
    with pytest.raises(ValueError, match="the source rows are all equal up to rounding"):
        axes_of(X + np.spacing(1e7) * np.eye(20, 16), 2)


@pytest.mark.parametrize("shape", [(40, 20), (20, 40), (21, 20), (20, 21)])
def test_few_axes_of_many_are_found_without_the_others(shape, monkeypatch):
    monkeypatch.setattr(_principal_axes, "svd", None)
    assert axes_of(rows_of(*shape, 0), 5).rank == 5


@pytest.mark.parametrize("shape", [(90, 20), (10, 60)])
def test_all_axes_of_an_oblong_array_are_those_of_the_smaller_scatter(shape, monkeypatch):
    X = rows_of(*shape, 0)
    s, axes = decomposed(X)
    monkeypatch.setattr(_principal_axes, "svd", None)
    found = axes_of(X)
    assert found.rank == min(shape[0] - 1, shape[1])
    assert_allclose(found.spreads, s[: found.rank], rtol=1e-10)
    assert_allclose(found.axes, axes[:, : found.rank], atol=1e-8)


# -- Domains of an array ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_domain_is_read_in_blocks(dtype, monkeypatch):
    """Rows of both domains mixed, one block without any of the domain."""
    X = rows_of(200, 4, 0).astype(dtype)
    chosen = np.arange(200) % 3 > 0
    chosen[16:64] = False
    whole = DomainRows(X, chosen, "source")
    expected = whole.moments, whole.radius(2.0), whole.axes(3)
    monkeypatch.setattr(_principal_axes, "NUMBERS", 1)  # blocks of 16 rows
    part = DomainRows(X, chosen, "source")
    assert len(list(part.blocks())) == 13
    assert_allclose(part.moments.scatter, expected[0].scatter, rtol=1e-12)
    assert_allclose(part.mean, X[chosen].astype(float).mean(axis=0), rtol=1e-12)
    assert part.radius(2.0) == expected[1]
    assert_allclose(part.axes(3).axes, expected[2].axes, atol=1e-11)


@pytest.mark.parametrize("shape", [(60, 6), (10, 20)])
@pytest.mark.parametrize("alone", [False, True])
def test_joined_domains_are_their_rows_together(shape, alone):
    X, chosen = rows_of(*shape, 0), np.arange(shape[0]) % 2 > 0
    source = DomainRows(X, chosen, "source")
    target = source if alone else DomainRows(X, ~chosen, "target")
    joint, rows = source.joined(target), X[chosen] if alone else X
    assert joint.name == f"source and {target.name}"
    assert_allclose(joint.axes(3).spreads, decomposed(rows)[0][:3], rtol=1e-10)
    assert_allclose(joint.axes(3).axes, decomposed(rows)[1][:, :3], atol=1e-10)
    assert_allclose(pooled_mean(source, target), rows.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("shape", [(60, 6), (6, 20)])
def test_rank_is_judged_of_the_shifted_rows(shape):
    """Beside 1e10 the last spread is rounding, around the mean it is not."""
    X = rows_of(*shape, 0, spreads=np.r_[1.0, 1e-3, 1e-6, np.zeros(shape[1] - 3)])
    rows = all_rows(X - 3 + 1e10 * (np.arange(shape[1]) == shape[1] - 1), "source")
    assert rows.axes("all").rank == 2
    assert rows.around(rows.mean).axes("all").rank == 3


@given(seed=st.integers(0, 999), n_features=st.integers(2, 24))
def test_auto_does_not_depend_on_how_many_axes_are_tried_first(seed, n_features):
    rng = np.random.default_rng(seed)
    X, chosen = rng.normal(size=(80, n_features)), np.arange(80) < 40
    X *= np.geomspace(100, 1, n_features)
    X[chosen] += 0.1 * rng.normal(size=n_features)
    source, target = DomainRows(X, chosen, "source"), DomainRows(X, ~chosen, "target")
    domains = source, target, source.joined(target)
    every = disagreeing_axes(*domains, n_features // 2, tried=n_features)
    few = disagreeing_axes(*domains, n_features // 2, tried=1)
    for axes, expected in zip(few, every, strict=True):
        assert axes.shape == expected.shape
        assert_allclose(axes, expected, atol=1e-9)
    assert GFK().fit(X, sample_domain=np.where(chosen, 1, -2)).n_components_ == every[0].shape[1]


@pytest.mark.parametrize("n_features", [5, 60])
def test_estimators_are_those_of_the_full_decomposition(n_features, monkeypatch):
    """Whatever of the rows is decomposed, for many rows and for few."""
    X, d = rows_of(60, n_features, 0), np.where(np.arange(60) % 2, 1, -2)
    X[d < 0] *= np.linspace(0.5, 1, n_features)
    models = SubspaceAlignment(3), SubspaceAlignment("auto", deviation=1e4), GFK(3), GFK()
    fast = [model.fit(X, sample_domain=d).transform(X) for model in models]
    monkeypatch.setattr(_principal_axes.DomainRows, "axes", lambda self, _=None: self._every)
    for model, Z in zip(models, fast, strict=True):
        assert_allclose(model.fit(X, sample_domain=d).transform(X), Z, atol=1e-10)
