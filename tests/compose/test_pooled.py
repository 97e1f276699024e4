"""Pooled: one fit with weights that give source and target half each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import NoTargetWarning
from skdomain._domains import balanced_weights
from skdomain.compose import Pooled, SourceOnly


@pytest.fixture
def few(make_domains):
    """X, y and domains of 18 source rows and 14 target rows, of which five are labelled."""
    X, y, d = make_domains(shift=2.0)
    labelled = d > 0
    labelled[np.flatnonzero(d < 0)[2:7]] = True
    return X, y, d, labelled


@pytest.mark.parametrize("inner", [LogisticRegression(), Ridge()], ids=["logistic", "ridge"])
def test_balanced_it_is_the_fit_with_these_weights(inner, few):
    """23 rows: 18 of the source weigh 23/36 each, 5 of the target 23/10."""
    X, y, d, labelled = few
    model = Pooled(inner).fit(X, y, sample_domain=d, labelled=labelled)
    weights = np.where(d > 0, 23 / 36, 23 / 10)[labelled]
    by_hand = inner.fit(X[labelled], y[labelled], sample_weight=weights)
    assert_array_equal(model.estimator_.coef_, by_hand.coef_)
    assert_allclose(model.row_weights_, weights, rtol=1e-15)


@pytest.mark.parametrize("inner", [Ridge(), KNeighborsClassifier(3)], ids=["ridge", "neighbours"])
def test_without_balance_it_is_the_plain_fit(inner, few):
    X, y, d, labelled = few
    model = Pooled(inner, balance=False).fit(X, y, sample_domain=d, labelled=labelled)
    plain = inner.fit(X[labelled], y[labelled])
    assert_array_equal(model.predict(X), plain.predict(X))
    assert_array_equal(model.row_weights_, np.ones(23))


@pytest.mark.parametrize("balance", [True, False])
def test_without_target_labels_it_is_the_source_alone(balance, few):
    X, y, d, _ = few
    hidden = np.where(d < 0, np.nan, y)
    model = Pooled(balance=balance).fit(X, hidden, sample_domain=d)
    alone = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    with pytest.warns(NoTargetWarning):
        same = Pooled(balance=balance).fit(X[d > 0], y[d > 0])
    assert_array_equal(same.predict_proba(X), alone.predict_proba(X))


def test_missing_labels_mark_themselves(few):
    X, y, d, labelled = few
    marked = Pooled().fit(X, y, sample_domain=d, labelled=labelled)
    itself = Pooled().fit(X, np.where(labelled, y, np.nan), sample_domain=d)
    assert_array_equal(marked.predict_proba(X), itself.predict_proba(X))


@given(
    n_source=st.integers(1, 50),
    n_target=st.integers(1, 50),
    scale=st.floats(0.01, 100),
    seed=st.integers(0, 2**16),
)
def test_each_side_has_half_and_rows_of_a_side_keep_their_ratios(n_source, n_target, scale, seed):
    given_ = scale * np.random.default_rng(seed).uniform(0.1, 1, size=n_source + n_target)
    source = np.arange(n_source + n_target) < n_source
    weights = balanced_weights(source, given_)
    assert_allclose(weights[source].sum(), given_.sum() / 2)
    assert_allclose(weights[~source].sum(), given_.sum() / 2)
    for side in (source, ~source):
        ratios = weights[side] / given_[side]
        assert_allclose(ratios, ratios[0])
    assert_allclose(balanced_weights(source, weights), weights)  # a fixed point


def test_own_weights_are_kept_within_a_side(few):
    X, y, d, labelled = few
    own = np.linspace(1, 2, len(d))
    model = Pooled(Ridge()).fit(X, y, sample_domain=d, labelled=labelled, sample_weight=own)
    weights = balanced_weights(d[labelled] > 0, own[labelled])
    by_hand = Ridge().fit(X[labelled], y[labelled], sample_weight=weights)
    assert_array_equal(model.estimator_.coef_, by_hand.coef_)


def test_a_side_without_weight_cannot_count_for_half(few):
    X, y, d, labelled = few
    with pytest.raises(ValueError, match=r"zero on all labelled target rows.*balance=False"):
        Pooled().fit(X, y, sample_domain=d, labelled=labelled, sample_weight=1.0 * (d > 0))


def test_a_learner_without_weights_is_refused_or_gets_drawn_rows(few):
    X, y, d, labelled = few
    told = {"sample_domain": d, "labelled": labelled}
    with pytest.raises(ValueError, match=r"KNeighborsClassifier.fit takes no sample_weight.*resam"):
        Pooled(KNeighborsClassifier()).fit(X, y, **told)
    model = Pooled(KNeighborsClassifier(), resample=True, random_state=0).fit(X, y, **told)
    drawn = model.estimator_._fit_X
    of_target = np.isin(drawn[:, 0], X[d < 0, 0]).sum()
    assert len(drawn) == 23
    assert of_target in (11, 12)


@pytest.mark.parametrize("routing", [False, True])
def test_it_ends_a_pipeline(routing, few):
    X, y, d, labelled = few
    prefix = "" if routing else "pooled__"
    told = {f"{prefix}sample_domain": d, f"{prefix}labelled": labelled}
    with config_context(enable_metadata_routing=routing):
        pipe = make_pipeline(StandardScaler(), Pooled()).fit(X, y, **told)
    Z = StandardScaler().fit_transform(X)
    model = Pooled().fit(Z, y, sample_domain=d, labelled=labelled)
    assert_array_equal(pipe.predict_proba(X), model.predict_proba(Z))
