"""The way back from a map of the source."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skdomain import RowBlocks
from skdomain.alignment import CORAL, LinearMonge, coral_map, linear_monge_map
from skdomain.compose import PerDomain

METHODS = {
    "CORAL": CORAL(),
    "CORAL uncentred": CORAL(0.1, center=False),
    "LinearMonge": LinearMonge(0.1),
}
each = pytest.mark.parametrize("name", METHODS)


@each
@given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(2, 40),
    seed=st.integers(0, 2**16),
)
def test_inverse_of_transform_is_where_it_began(
    name, make_domains, n_source, n_target, n_features, seed
):
    """Dense and in factors, for fitted rows and others."""
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    model = clone(METHODS[name]).fit(X, sample_domain=d)
    for rows in (X, make_domains(n_source, n_target, n_features, seed=seed + 1)[0]):
        Z = model.transform(rows, sample_domain=d)
        back = model.inverse_transform(Z, sample_domain=d)
        assert_allclose(back, rows, rtol=0, atol=1e-9 * np.abs(rows).max())
        assert_array_equal(back[d < 0], rows[d < 0])
        assert np.abs(Z[d > 0] - rows[d > 0]).max() > 1e-3


@pytest.mark.parametrize("function", [coral_map, linear_monge_map])
@pytest.mark.parametrize("n_features", [4, 40])
def test_the_inverse_is_the_map_from_target_to_source(function, n_features, make_domains):
    """(Cs^(-1/2) Ct^(1/2))^(-1) = Ct^(-1/2) Cs^(1/2), and transport goes both ways."""
    X, _, d = make_domains(n_features=n_features)
    there = function(X[d > 0], X[d < 0], reg=0.5)
    back = function(X[d < 0], X[d > 0], reg=0.5)
    assert_allclose(there.inverse().matrix(), back.matrix(), atol=1e-10)
    assert_allclose(there.inverse().matrix() @ there.matrix(), np.eye(n_features), atol=1e-10)


@each
def test_without_a_target_the_inverse_is_the_identity_too(name, make_domains):
    X = make_domains()[0]
    model = clone(METHODS[name]).partial_fit
    with pytest.warns(UserWarning, match="does not adapt"):
        model = model(X)
    assert_array_equal(model.inverse_transform(X, sample_domain=1 + 0 * X[:, 0]), X)


@pytest.mark.parametrize("name", ["CORAL", "LinearMonge"])
@pytest.mark.parametrize("n_features", [4, 60], ids=["dense", "in factors"])
def test_a_singular_map_has_no_inverse_and_says_what_to_do(name, n_features, make_domains):
    X, _, d = make_domains(n_features=n_features)
    X[:, 1] = 5
    model = clone(METHODS[name]).set_params(reg=0).fit(X, sample_domain=d)
    with pytest.raises(ValueError, match=r"the map is singular.*fit with reg > 0"):
        model.inverse_transform(X, sample_domain=d)


@each
def test_blocks_and_float32_go_back_as_they_came(name, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name]).fit(X, sample_domain=d)
    Z = model.transform(RowBlocks([X[:9], X[9:]]), sample_domain=d)
    back = model.inverse_transform(Z, sample_domain=d)
    assert_allclose(np.concatenate(list(back)), X, atol=1e-12)
    single = model.inverse_transform(X.astype(np.float32), sample_domain=d)
    assert single.dtype == np.float32


@each
def test_an_unfitted_map_has_no_inverse(name):
    with pytest.raises(NotFittedError):
        clone(METHODS[name]).inverse_transform(np.eye(2))


def test_a_pipeline_goes_back_with_its_domains(make_domains):
    X, _, d = make_domains()
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(PerDomain(), CORAL()).fit(X, sample_domain=d)
        Z = pipe.transform(X, sample_domain=d)
        assert_allclose(pipe.inverse_transform(Z, sample_domain=d), X, atol=1e-12)


@each
def test_with_the_signs_turned_the_target_is_mapped_onto_the_source(name, make_domains):
    X, _, d = make_domains()
    Z = clone(METHODS[name]).fit_transform(X, sample_domain=-d)
    assert_array_equal(Z[d > 0], X[d > 0])
    swapped = np.where(d < 0, 1, -2)
    expected = clone(METHODS[name]).fit_transform(X, sample_domain=swapped)
    assert_array_equal(Z, expected)
