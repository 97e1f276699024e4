"""PerDomain: one transformer a domain, whose columns mean the same in all of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from skdomain.compose import PerDomain, SourceOnly

D = np.repeat([1, -2], 20)


def dead_sensors(value, seed=0):
    """Four features, of which the first is dead in the source and the last in the target."""
    X = np.random.default_rng(seed).normal(size=(40, 4))
    X[:20, 0] = value
    X[20:, 3] = value
    return X


def colours(seed=0):
    rng = np.random.default_rng(seed)
    return np.where(D > 0, rng.choice(["u", "v"], 40), rng.choice(["v", "w"], 40))[:, None]


# -- Columns ------------------------------------------------------------------------------------


OTHER_COLUMNS = {
    "variance": (VarianceThreshold(), dead_sensors(7.0), "'x0' only in domain -2, 'x3' only in"),
    "imputer": (SimpleImputer(), dead_sensors(np.nan), "'x0' only in domain -2, 'x3' only in"),
    "one hot": (OneHotEncoder(), colours(), "'x0_w' only in domain -2, 'x0_u' only in domain 1"),
    "one hot, dense": (OneHotEncoder(sparse_output=False), colours(), "'x0_u' only in domain 1"),
    "ordinal": (OrdinalEncoder(), colours(), r'"x0 of \[\'v\', \'w\'\]" only in domain -2'),
    "in a pipeline": (
        make_pipeline(VarianceThreshold(), StandardScaler()),
        dead_sensors(7.0),
        "'x0' only in domain -2, 'x3' only in domain 1",
    ),
    "without names": (
        make_pipeline(VarianceThreshold(), FunctionTransformer()),
        dead_sensors(7.0),
        "'x0' only in domain -2, 'x3' only in domain 1",
    ),
    "in a column transformer": (
        make_column_transformer((OrdinalEncoder(), [0])),
        colours(),
        "'w'.* only in domain -2",
    ),
    "in a union": (
        make_union(FunctionTransformer(), VarianceThreshold()),
        dead_sensors(7.0),
        "'x0' only in domain -2",
    ),
    "another number of components": (
        PCA(0.95),
        np.random.default_rng(0).normal(size=(40, 4)) * np.where(D > 0, 1, [[1], [9], [0], [0]]).T,
        "'pca2'.* only in domain 1",
    ),
}


@pytest.mark.parametrize("case", OTHER_COLUMNS)
def test_columns_that_differ_between_domains_are_an_error_that_names_them(case):
    transformer, X, text = OTHER_COLUMNS[case]
    remedy = "Fit the transformer to all rows, without PerDomain, or fix what it keeps"
    with pytest.raises(ValueError, match=f"(?s)other columns in domain .*{text}.*{remedy}"):
        PerDomain(transformer).fit(X, sample_domain=D)


def test_columns_of_a_frame_are_named_as_the_frame_names_them():
    frame = pd.DataFrame(dead_sensors(7.0), columns=["crp", "age", "ldl", "hdl"])
    with pytest.raises(ValueError, match="'crp' only in domain -2, 'hdl' only in domain 1"):
        PerDomain(VarianceThreshold()).fit(frame, sample_domain=D)


def test_at_most_five_columns_are_named_and_the_others_counted():
    X = np.random.default_rng(0).normal(size=(40, 9)) * np.where(D > 0, 0, 1)[:, None]
    X[:20, 8] = np.arange(20)
    with pytest.raises(ValueError, match="'x4' and 3 more only in domain -2"):
        PerDomain(VarianceThreshold()).fit(X, sample_domain=D)


def test_the_same_columns_in_another_order_are_an_error():
    class Sorted(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            self.order_ = np.argsort(X.var(axis=0))
            return self

        def transform(self, X):
            return X[:, self.order_]

        def get_feature_names_out(self, input_features=None):
            return np.array(["a", "b"])[self.order_]

    X = np.random.default_rng(0).normal(size=(40, 2)) * np.where(D > 0, 1, [[1], [9]]).T
    X[:20, 0] *= 9
    with pytest.raises(ValueError, match="domain 1 than in domain -2: they are in another order"):
        PerDomain(Sorted()).fit(X, sample_domain=D)


REMEDIES = {
    "imputer": (SimpleImputer(keep_empty_features=True), dead_sensors(np.nan)),
    "one hot": (OneHotEncoder(categories=[["u", "v", "w"]]), colours()),
    "ordinal": (OrdinalEncoder(categories=[["u", "v", "w"]]), colours()),
    "same sensor": (VarianceThreshold(), dead_sensors(7.0) * [0, 1, 1, 0]),
    "PCA": (PCA(2), dead_sensors(7.0)),
    "no names": (FunctionTransformer(np.abs), dead_sensors(7.0)),
}


@pytest.mark.parametrize("case", REMEDIES)
def test_columns_that_agree_are_joined(case):
    transformer, X = REMEDIES[case]
    model = PerDomain(transformer).fit(X, sample_domain=D)
    Z = model.transform(X, sample_domain=D)
    for domain in (1, -2):
        expected = model.transformers_[domain].transform(X[domain == D])
        got = Z[np.flatnonzero(domain == D)]
        if sparse.issparse(expected):
            expected, got = expected.toarray(), got.toarray()
        assert_array_equal(got, expected)


def test_names_are_those_of_every_domain(make_domains):
    X, _, d = make_domains()
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e=1.0)
    model = PerDomain(VarianceThreshold()).fit(frame, sample_domain=d)
    for transformer in model.transformers_.values():
        assert_array_equal(model.get_feature_names_out(), transformer.get_feature_names_out())
    assert model.get_feature_names_out().tolist() == list("abcd")


def test_widths_that_differ_without_names_are_an_error_that_gives_them():
    class Wide(BaseEstimator):
        def fit(self, X, y=None):
            self.width_ = int(np.sign(X[0, 0])) + 2
            return self

        def transform(self, X):
            return np.ones((len(X), self.width_))

    X = np.where(D > 0, 1.0, -1.0)[:, None]
    model = PerDomain(Wide()).fit(X, sample_domain=D)
    with pytest.raises(ValueError, match=r"rows of other shapes: \{-2: \(1,\), 1: \(3,\)\}. Fit"):
        model.transform(X, sample_domain=D)


@pytest.mark.parametrize("scaler", [None, MinMaxScaler(), RobustScaler()], ids=str)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "fit_transform"])
def test_a_domain_of_one_row_that_becomes_zeros_is_a_warning(scaler, method):
    X, d = np.arange(8.0).reshape(4, 2), [1, 1, 1, -2]
    model = PerDomain(scaler)
    text = r"the domains \[-2\] have a single row each, which \w+, fitted .*turns into zeros. Pass"
    with pytest.warns(UserWarning, match=text) as caught:
        getattr(model, method)(X, sample_domain=d)
    assert caught[0].filename == __file__
    assert_array_equal(model.transform(X, sample_domain=d)[3], 0)


@pytest.mark.parametrize("transformer", [Normalizer(), SimpleImputer(), MaxAbsScaler()], ids=str)
def test_one_row_that_does_not_become_zeros_is_enough(transformer):
    X, d = np.arange(8.0).reshape(4, 2), [1, 1, 1, -2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Z = PerDomain(transformer).fit(X, sample_domain=d).transform(X, sample_domain=d)
    assert Z[3].all()


# -- Inverse ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "transformer", [None, MinMaxScaler(), RobustScaler(), PCA(), MaxAbsScaler()], ids=str
)
@given(n_source=st.integers(12, 20), n_target=st.integers(12, 20), seed=st.integers(0, 2**16))
def test_the_inverse_gives_back_what_was_transformed(
    transformer, make_domains, n_source, n_target, seed
):
    X, _, d = make_domains(n_source, n_target, seed=seed)
    d = d * (1 + np.arange(len(d)) % 2)
    model = PerDomain(transformer).fit(X, sample_domain=d)
    Z = model.transform(X, sample_domain=d)
    assert_allclose(model.inverse_transform(Z, sample_domain=d), X, atol=1e-12)


def test_source_rows_are_carried_into_the_units_of_the_target(make_domains):
    """Standardised by the one domain and inverted by the other: mean and variance are its own."""
    X, _, d = make_domains()
    model = PerDomain().fit(X, sample_domain=d)
    Z = model.transform(X[d > 0], sample_domain=d[d > 0])
    moved = model.inverse_transform(Z)
    assert_allclose(moved.mean(axis=0), X[d < 0].mean(axis=0), atol=1e-12)
    assert_allclose(moved.std(axis=0), X[d < 0].std(axis=0), atol=1e-12)


def test_there_is_an_inverse_where_the_transformer_has_one():
    assert hasattr(PerDomain(StandardScaler()), "inverse_transform")
    assert not hasattr(PerDomain(Normalizer()), "inverse_transform")


def test_a_pipeline_is_inverted_with_its_domains(make_domains):
    X, _, d = make_domains()
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(PerDomain(), PerDomain(PCA()))
        Z = pipe.fit(X, sample_domain=d).transform(X, sample_domain=d)
        assert_allclose(pipe.inverse_transform(Z, sample_domain=d), X, atol=1e-12)


# -- Further domains ----------------------------------------------------------------------------


def test_a_new_site_is_added_and_the_others_stay_as_they_are(make_domains):
    X, _, d = make_domains()
    model = PerDomain().fit(X, sample_domain=d)
    before = model.transform(X, sample_domain=d)
    site = 5 + 3 * make_domains(seed=1)[0]
    model.partial_fit(site, sample_domain=np.full(len(site), -7))
    assert_array_equal(model.transform(X, sample_domain=d), before)
    Z = model.transform(site, sample_domain=np.full(len(site), -7))
    assert_array_equal(Z, StandardScaler().fit_transform(site))


def test_domains_added_one_by_one_are_those_of_one_fit(make_domains):
    X, _, d = make_domains()
    d = d * (1 + np.arange(len(d)) % 2)
    together, one_by_one = PerDomain().fit(X, sample_domain=d), PerDomain()
    for domain in np.unique(d):
        one_by_one.partial_fit(X[d == domain], sample_domain=d[d == domain])
    expected = together.transform(X, sample_domain=d)
    assert_array_equal(one_by_one.transform(X, sample_domain=d), expected)


def test_further_rows_of_a_known_domain_continue_its_transformer(make_domains):
    X, _, d = make_domains()
    model = PerDomain().partial_fit(X[:16], sample_domain=d[:16])
    model.partial_fit(X[16:], sample_domain=d[16:])
    expected = PerDomain().fit_transform(X, sample_domain=d)
    assert_allclose(model.transform(X, sample_domain=d), expected, atol=1e-12)


def test_rows_without_domains_are_added_to_the_source(make_domains):
    X = make_domains()[0]
    model = PerDomain().partial_fit(X)
    assert list(model.transformers_) == [1]


def test_a_transformer_that_takes_no_further_rows_says_so(make_domains):
    X, _, d = make_domains()
    model = PerDomain(RobustScaler()).fit(X, sample_domain=d)
    text = "domain -2 was fitted already, and RobustScaler takes no further rows, as it has no pa"
    with pytest.raises(ValueError, match=text):
        model.partial_fit(X, sample_domain=d)


def test_a_failing_call_leaves_every_domain_as_it_was(make_domains):
    """The target's clone has taken its rows when the source's refuses, or the columns differ."""
    X, _, d = make_domains()
    model = PerDomain().fit(X, sample_domain=d)
    before = model.transform(X, sample_domain=d)
    more = np.where(d[:, None] > 0, np.inf, X + 9)
    with pytest.raises(ValueError, match="infinity"):
        model.partial_fit(more, sample_domain=d)
    assert_array_equal(model.transform(X, sample_domain=d), before)


def test_a_new_site_whose_columns_differ_is_not_added(make_domains):
    X, _, d = make_domains()
    model = PerDomain(SimpleImputer()).fit(X, sample_domain=d)
    before = model.transform(X, sample_domain=d)
    with pytest.raises(ValueError, match="'x1' only in domain -2"):
        model.partial_fit(X * [1, np.nan, 1, 1], sample_domain=9 * d)
    assert list(model.transformers_) == [-2, 1]
    assert_array_equal(model.transform(X, sample_domain=d), before)


def test_a_new_site_has_the_columns_of_the_others(make_domains):
    X, _, d = make_domains()
    model = PerDomain(VarianceThreshold()).fit(X, sample_domain=d)
    with pytest.raises(ValueError, match="'x0' only in domain -2"):
        model.partial_fit(X * [0, 1, 1, 1], sample_domain=np.full(len(X), 5))


# -- Parameters of fit ---------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
def test_weights_reach_the_rows_that_they_are_of(method, routing, make_domains):
    X, _, d = make_domains()
    weight = np.arange(1.0, len(X) + 1)
    scaler = StandardScaler()
    with config_context(enable_metadata_routing=routing):
        if routing:
            scaler.set_fit_request(sample_weight=True).set_partial_fit_request(sample_weight=True)
        model = PerDomain(scaler)
        getattr(model, method)(X, sample_domain=d, sample_weight=weight)
    for domain, fitted in model.transformers_.items():
        rows = d == domain
        expected = StandardScaler().fit(X[rows], sample_weight=weight[rows])
        assert_array_equal(fitted.mean_, expected.mean_)


def test_in_a_pipeline_weights_reach_the_scaler_and_the_learner(make_domains):
    X, y, d = make_domains()
    weight = np.arange(1.0, len(X) + 1)
    with config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        last = LogisticRegression().set_fit_request(sample_weight=True)
        pipe = make_pipeline(PerDomain(scaler), SourceOnly(last))
        pipe.fit(X, y, sample_domain=d, sample_weight=weight)
    source = d > 0
    scaler = StandardScaler().fit(X[source], sample_weight=weight[source])
    expected = LogisticRegression().fit(scaler.transform(X[source]), y[source], weight[source])
    assert_array_equal(pipe[-1].estimator_.coef_, expected.coef_)


def test_weights_for_the_learner_pass_by_the_default_scaler(make_domains):
    """Of one that is not written down nobody can say whether it asks for weights."""
    X, y, d = make_domains()
    weight = np.arange(1.0, len(X) + 1)
    with config_context(enable_metadata_routing=True):
        last = LogisticRegression().set_fit_request(sample_weight=True)
        pipe = make_pipeline(PerDomain(), SourceOnly(last))
        pipe.fit(X, y, sample_domain=d, sample_weight=weight)
        assert_array_equal(pipe[0].transformers_[1].mean_, X[d > 0].mean(axis=0))
        undecided = make_pipeline(PerDomain(StandardScaler()), SourceOnly(last))
        with pytest.raises(ValueError, match=r"not requested for StandardScaler.fit"):
            undecided.fit(X, y, sample_domain=d, sample_weight=weight)


def test_what_has_no_entry_a_row_is_passed_on_whole(make_domains):
    class Counting(StandardScaler):
        def fit(self, X, y=None, *, names=None, level=0):
            self.got_ = names, level
            return super().fit(X)

    X, _, d = make_domains()
    model = PerDomain(Counting()).fit(X, sample_domain=d, names=["a", "b"], level=3)
    assert {transformer.got_[1] for transformer in model.transformers_.values()} == {3}
    assert model.transformers_[1].got_[0] == ["a", "b"]


# -- Containers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_keep_names_and_refuse_another_order(library, make_domains):
    frames = pytest.importorskip(library)
    X, _, d = make_domains()
    frame = frames.DataFrame(dict(zip("abcd", X.T, strict=True)))
    model = PerDomain().set_output(transform=library).fit(frame, sample_domain=d)
    Z = model.transform(frame, sample_domain=frames.Series(d))
    assert isinstance(Z, frames.DataFrame)
    assert list(Z.columns) == list("abcd")
    assert_allclose(Z.to_numpy(), PerDomain().fit_transform(X, sample_domain=d), atol=1e-12)
    assert_allclose(model.inverse_transform(Z, sample_domain=d), X, atol=1e-12)
    with pytest.raises(ValueError, match="feature names should match"):
        model.transform(frame[list("bacd")], sample_domain=d)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_that_the_transformer_makes_stay_frames(library, make_domains):
    frames = pytest.importorskip(library)
    X, _, d = make_domains()
    frame = frames.DataFrame(dict(zip("abcd", X.T, strict=True)))
    inner = StandardScaler().set_output(transform=library)
    Z = PerDomain(inner).fit_transform(frame, sample_domain=d)
    assert isinstance(Z, frames.DataFrame)
    assert_allclose(Z.to_numpy(), PerDomain().fit_transform(X, sample_domain=d), atol=1e-12)


def test_the_index_of_a_frame_is_kept(make_domains):
    X, _, d = make_domains()
    frame = pd.DataFrame(X, index=np.arange(len(X))[::-1] * 3)
    for inner in (StandardScaler(), StandardScaler().set_output(transform="pandas")):
        model = PerDomain(inner).set_output(transform="pandas")
        assert_array_equal(model.fit_transform(frame, sample_domain=d).index, frame.index)
