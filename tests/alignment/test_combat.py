"""ComBat is its paper's iteration, is per-domain scaling without a prior, and keeps covariates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain import NoTargetWarning
from skdomain.alignment import ComBat
from skdomain.alignment._combat_sites import shrunk_moments
from skdomain.compose import PerDomain, SourceOnly


def draw(counts=(6, 9, 4), n_features=12, n_covariates=0, seed=0):
    """Sites of these numbers of rows, in mixed order; covariates are the last columns."""
    rng = np.random.default_rng(seed)
    d = np.repeat([1, 2, -3, -4][: len(counts)], counts)
    C = rng.normal(size=(len(d), n_covariates)) + 0.3 * d[:, None]
    X = rng.normal(size=(len(d), n_features)) + C @ rng.normal(size=(n_covariates, n_features))
    for site in np.unique(d):
        X[d == site] *= rng.uniform(0.5, 2, n_features)
        X[d == site] += rng.normal(size=n_features) + rng.normal()
    order = rng.permutation(len(d))
    return np.hstack([X, C])[order], d[order]


def published(X, C, d, reference=None, conv=1e-13):
    """The program that came with the paper, feature by feature, in loops."""
    sites = sorted(set(d.tolist()))
    D = np.column_stack([(d == site) * 1.0 for site in sites] + [*C.T])
    B = np.linalg.solve(D.T @ D, D.T @ X)
    counts = np.array([np.sum(d == site) for site in sites])
    if reference is None:
        grand = counts / len(d) @ B[: len(sites)]
        pooled = np.mean((X - D @ B) ** 2, axis=0)
    else:
        own = d == reference
        grand = B[sites.index(reference)]
        pooled = np.mean((X - D @ B)[own] ** 2, axis=0)
    stand_mean = grand + C @ B[len(sites) :]
    s = (X - stand_mean) / np.sqrt(pooled)
    out = np.empty_like(X)
    for site in sites:
        rows = np.flatnonzero(d == site)
        if site == reference:
            out[rows] = X[rows]
            continue
        z, n = s[rows], len(rows)
        g_hat, d_hat = z.mean(axis=0), z.var(axis=0, ddof=1)
        g_bar, t2 = g_hat.mean(), g_hat.var(ddof=1)
        m, s2 = d_hat.mean(), d_hat.var(ddof=1)
        a, b = (2 * s2 + m**2) / s2, (m * s2 + m**3) / s2
        for f in range(X.shape[1]):
            g_old, d_old, change = g_hat[f], d_hat[f], 1.0
            while change > conv:
                g_new = (t2 * n * g_hat[f] + d_old * g_bar) / (t2 * n + d_old)
                total = sum((value - g_new) ** 2 for value in z[:, f])
                d_new = (0.5 * total + b) / (n / 2 + a - 1)
                change = max(abs(g_new - g_old), abs(d_new - d_old))
                g_old, d_old = g_new, d_new
            out[rows, f] = (z[:, f] - g_old) / np.sqrt(d_old)
        out[rows] = out[rows] * np.sqrt(pooled) + stand_mean[rows]
    return out


@pytest.mark.parametrize("n_covariates", [0, 2])
@pytest.mark.parametrize("reference", [None, 2, -3])
def test_the_published_iteration_is_met(n_covariates, reference):
    X, d = draw(n_covariates=n_covariates)
    expected = published(X[:, :12], X[:, 12:], d, reference)
    model = ComBat([*range(12, X.shape[1])], reference=reference)
    Z = model.fit_transform(X, sample_domain=d)
    assert_allclose(Z[:, :12], expected, atol=1e-8)
    assert_array_equal(Z[:, 12:], X[:, 12:])
    if reference:
        assert_array_equal(Z[d == reference], X[d == reference])
        assert_array_equal(model.sites_[reference].location, 0)
        assert_array_equal(model.sites_[reference].scale, 1)
    assert 1 < model.n_iter_ < 100


@given(seed=st.integers(0, 2**16), n_features=st.integers(1, 6), offset=st.floats(-1e3, 1e3))
def test_without_a_prior_it_is_per_domain_scaling_in_pooled_units(seed, n_features, offset):
    """``Z = a + s StandardScaler of each domain``, for new rows, too."""
    X, d = draw((5, 7, 3), n_features, seed=seed)
    X += offset
    model = ComBat(prior_strength=0).fit(X, sample_domain=d)
    scaler = PerDomain(StandardScaler()).fit(X, sample_domain=d)
    within = np.concatenate([X[d == k] - X[d == k].mean(axis=0) for k in set(d.tolist())])
    a, s = X.mean(axis=0), np.sqrt(np.mean(within**2, axis=0))
    tolerance = 1e-12 * max(1, abs(offset))
    for rows in (X, X + 1.0):
        expected = a + s * scaler.transform(rows, sample_domain=d)
        assert_allclose(model.transform(rows, sample_domain=d), expected, rtol=0, atol=tolerance)
    assert_allclose(model.model_.level, a, atol=tolerance)
    assert_allclose(model.model_.unit, s, atol=tolerance)


def test_the_prior_fades_as_its_strength_goes_to_zero():
    X, d = draw()
    at_zero = ComBat(prior_strength=0).fit_transform(X, sample_domain=d)
    gaps = [
        np.abs(ComBat(prior_strength=k).fit_transform(X, sample_domain=d) - at_zero).max()
        for k in (1, 1e-2, 1e-4, 1e-6, 1e-300)
    ]
    assert_allclose(gaps[3] / gaps[2], 1e-2, rtol=0.05)  # linear in the strength
    assert sorted(gaps, reverse=True) == gaps
    assert gaps[-1] < 1e-12


def test_a_very_strong_prior_moves_and_scales_all_features_alike():
    X, d = draw()
    model = ComBat(prior_strength=1e300).fit(X, sample_domain=d)
    Z = model.model_.split(X, np.empty((len(X), 0)))[1]
    for domain, site in model.sites_.items():
        rows = Z[d == domain]
        assert_allclose(site.location, rows.mean(), atol=1e-12)
        assert_allclose(site.scale, np.sqrt(rows.var(axis=0, ddof=1).mean()), atol=1e-12)


@given(n=st.integers(2, 30), strength=st.floats(0.01, 100), seed=st.integers(0, 2**16))
def test_each_round_lowers_the_objective_to_where_its_gradient_is_zero(n, strength, seed):
    rng = np.random.default_rng(seed)
    mean, square = rng.normal(size=8), n * rng.chisquare(4, 8)
    variances = square / (n - 1)
    gbar, t2 = mean.mean(), mean.var(ddof=1)
    vbar, s2 = variances.mean(), variances.var(ddof=1)
    k, b = strength, strength * (1 + vbar**2 / s2)

    def objective(g, v):
        total = square + n * (mean - g) ** 2
        log, pull = (n / 2 + b) * np.log(v), k * (g - gbar) ** 2 / (2 * t2)
        return (log + (total / 2 + b * vbar) / v + pull).sum()

    path = [shrunk_moments(n, mean, square, k, max_iter=r, tol=0)[:2] for r in range(1, 12)]
    values = [objective(*point) for point in path]
    assert (np.diff(values) <= 1e-12 * abs(values[0])).all()
    g, v, n_iter, converged = shrunk_moments(n, mean, square, k, tol=1e-13, max_iter=10_000)
    assert converged
    assert n_iter > 1
    total = square + n * (mean - g) ** 2
    assert_allclose(n * (g - mean) / v + k * (g - gbar) / t2, 0, atol=1e-7 * n)
    assert_allclose((n / 2 + b) / v, (total / 2 + b * vbar) / v**2, rtol=1e-9)


def test_a_case_by_hand():
    """Two sites of two rows each, means 0 and 4 and -+1, +-2 around them: a = 2, s^2 = 2.5."""
    X = np.array([[-1.0], [1.0], [2.0], [6.0]])
    model = ComBat().fit(X, sample_domain=[1, 1, -2, -2])
    assert_allclose(model.model_.level, 2)
    assert_allclose(model.model_.unit, np.sqrt(2.5))
    Z = model.transform(X, sample_domain=[1, 1, -2, -2])
    assert_allclose(Z.ravel(), 2 + np.sqrt(2.5) * np.array([-1, 1, -1, 1]))


def test_shrinking_by_hand():
    """Means 1 and 3 over features, t2 = 2, variances both 1 (s2 = 0, so v is the prior's 1).

    Then g = (4 mean + 2) / (4 + 1), with two rows.
    """
    g, v, *_ = shrunk_moments(2, np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert_allclose(g, [1.2, 2.8])
    assert_allclose(v, 1)


# -- Sites --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_covariates", [0, 1])
def test_a_new_site_gets_what_the_same_rows_get_in_a_fit(n_covariates):
    X, d = draw(n_covariates=n_covariates)
    model = ComBat([*range(12, X.shape[1])]).fit(X, sample_domain=d)
    rows = d == 2
    expected = model.transform(X[rows], sample_domain=2)
    assert_allclose(model.transform(X[rows], sample_domain=-9), expected, rtol=1e-12)
    assert sorted(model.sites_) == [-3, 1, 2]
    alone = model.transform(X[rows][:1], sample_domain=-9)
    assert model.add_sites(X[rows], sample_domain=-9) is model
    assert_allclose(model.transform(X[rows][:1], sample_domain=-9), expected[:1], rtol=1e-12)
    assert not np.allclose(alone, expected[:1])
    with pytest.raises(ValueError, match=r"the domains \[-9, 2\] were fitted already.*new domains"):
        model.add_sites(X[:2], sample_domain=[-9, 2])


def test_one_row_is_moved_by_a_shrunk_amount_and_not_scaled():
    X, d = draw((8, 9, 1))
    model = ComBat().fit(X, sample_domain=d)
    site = model.sites_[-3]
    z = model.model_.split(X[d == -3], np.empty((1, 0)))[1][0]
    t2 = z.var(ddof=1)
    assert_array_equal(site.scale, 1)
    assert_allclose(site.location, (t2 * z + z.mean()) / (t2 + 1), atol=1e-9)
    flat = ComBat(prior_strength=0).fit(X, sample_domain=d)
    assert_allclose(flat.transform(X[d == -3], sample_domain=-3)[0], flat.model_.level)


def test_one_feature_has_no_prior():
    X, d = draw(n_features=1)
    expected = ComBat(prior_strength=0).fit_transform(X, sample_domain=d)
    assert_array_equal(ComBat().fit_transform(X, sample_domain=d), expected)


def test_a_single_site_stays_as_it_is():
    X, _ = draw()
    with pytest.warns(NoTargetWarning):
        model = ComBat().fit(X)
    assert_array_equal(model.transform(X), X)
    assert model.reference_ == 1
    with pytest.warns(NoTargetWarning):
        assert_array_equal(ComBat(reference="target").fit_transform(X), X)


def test_the_target_as_reference_is_all_target_rows_together():
    X, d = draw((6, 7, 5, 6))
    model = ComBat(reference="target").fit(X, sample_domain=d)
    named = ComBat(reference=-3).fit(X, sample_domain=np.maximum(d, -3))
    Z = model.transform(X, sample_domain=d)
    assert_allclose(Z, named.transform(X, sample_domain=np.maximum(d, -3)))
    assert_array_equal(Z[d < 0], X[d < 0])
    assert not np.isclose(Z[d > 0], X[d > 0]).any()
    assert_array_equal(model.transform(X), X)
    assert_array_equal(model.transform(X, sample_domain=-99), X)
    own = X[d < 0]
    assert_allclose(model.model_.level, own.mean(axis=0))
    assert_allclose(model.model_.unit, own.std(axis=0))


def test_sources_are_harmonised_where_the_target_is_missing():
    X, d = draw((6, 7))
    with pytest.warns(NoTargetWarning):
        Z = ComBat(reference="target").fit_transform(X, sample_domain=d)
    with pytest.warns(NoTargetWarning):
        assert_array_equal(Z, ComBat().fit_transform(X, sample_domain=d))


def test_new_rows_without_a_domain_need_a_single_target():
    X, d = draw((6, 7, 5, 6))
    model = ComBat().fit(X, sample_domain=d)
    with pytest.raises(ValueError, match=r"domains \[-4, -3, 1, 2\]; pass sample_domain to trans"):
        model.transform(X)


def test_a_reference_that_is_not_there_is_an_error():
    X, d = draw()
    with pytest.raises(ValueError, match=r"reference=7 has no row among the domains \[-3, 1, 2\]"):
        ComBat(reference=7).fit(X, sample_domain=d)


# -- Constant features --------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [0, 1.0])
def test_a_feature_constant_within_each_site_is_moved_and_not_scaled(strength):
    X, d = draw()
    X[:, 3] = 0.1 * d
    model = ComBat(prior_strength=strength).fit(X, sample_domain=d)
    Z = model.transform(X, sample_domain=d)
    assert not model.model_.varies[3]
    assert model.model_.varies.sum() == 11
    assert_allclose(Z[:, 3], X[:, 3].mean())
    moved = model.transform(X + 5.0, sample_domain=d)
    assert_allclose(moved[:, 3] - Z[:, 3], 5)
    others = np.delete(X, 3, axis=1)
    alone = ComBat(prior_strength=strength).fit_transform(others, sample_domain=d)
    assert_allclose(np.delete(Z, 3, axis=1), alone, atol=1e-12)


def test_a_feature_constant_in_one_site_has_the_scale_of_the_prior():
    X, d = draw()
    X[d == 2, 0] = 7.0
    site = ComBat().fit(X, sample_domain=d).sites_[2]
    assert 0 < site.scale[0] < site.scale.mean()
    assert ComBat(prior_strength=0).fit(X, sample_domain=d).sites_[2].scale[0] == 1


@pytest.mark.parametrize("n", range(2, 12))
def test_equal_numbers_are_constant_whatever_their_mean_is_rounded_to(n):
    X, d = draw((9, n))
    X[d == 2, 0] = 0.1
    d = np.where(d == 2, -2, 1)
    site = ComBat(prior_strength=0).fit(X, sample_domain=d).sites_[-2]
    assert site.scale[0] == 1


def test_a_feature_constant_in_the_reference_is_moved_and_not_scaled():
    X, d = draw()
    X[d == 2, 0] = 0.1
    model = ComBat(reference=2).fit(X, sample_domain=d)
    assert_array_equal(np.flatnonzero(~model.model_.varies), [0])
    Z = model.transform(X, sample_domain=d)[:, 0]
    assert_allclose(Z[d == 1], X[d == 1, 0] - X[d == 1, 0].mean() + 0.1)


def test_sites_without_any_spread_are_brought_together():
    Z = ComBat().fit_transform([[1.0, 5.0], [1.0, 5.0], [3.0, 5.0]], sample_domain=[1, 1, -2])
    assert_allclose(Z, [[5 / 3, 5]] * 3)


# -- Covariates ---------------------------------------------------------------------------------


def test_the_effect_of_covariates_is_kept():
    """Sites of other ages: what age does stays, what the sites add goes."""
    rng = np.random.default_rng(0)
    d = np.repeat([1, -2], 200)
    age = rng.normal(size=400) + 2 * (d < 0)
    noise = rng.normal(size=(400, 5))
    X = np.column_stack([noise + 3 * age[:, None] + 10 * (d < 0)[:, None], age])
    for covariates, effect in (([5], 3.0), (None, None)):
        Z = ComBat(covariates).fit_transform(X, sample_domain=d)[:, :5]
        gap = (Z[d < 0] - Z[d > 0]).mean()
        if effect:
            assert_allclose(LinearRegression().fit(age[:, None], Z).coef_, effect, atol=0.2)
            assert_allclose(gap, effect * (age[d < 0].mean() - age[d > 0].mean()), atol=0.5)
        else:
            assert abs(gap) < 0.05  # shrinking leaves a little


def test_covariates_are_found_by_name_and_from_the_end():
    X, d = draw(n_covariates=2)
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(12)] + ["age", "sex"])
    expected = ComBat([12, 13]).fit_transform(X, sample_domain=d)
    assert_array_equal(ComBat(["sex", "age"]).fit_transform(frame, sample_domain=d), expected)
    assert_array_equal(ComBat([-1, 12]).fit_transform(X, sample_domain=d), expected)


def test_both_columns_of_a_binary_covariate_are_as_good_as_one():
    X, d = draw(n_covariates=1)
    X[:, 12] = X[:, 12] > np.median(X[:, 12])
    both = np.column_stack([X, 1 - X[:, 12]])
    expected = ComBat([12]).fit_transform(X, sample_domain=d)
    assert_allclose(ComBat([12, 13]).fit_transform(both, sample_domain=d)[:, :13], expected)


def test_a_constant_covariate_says_nothing():
    X, d = draw()
    expected = ComBat().fit_transform(X, sample_domain=d)
    with_it = np.column_stack([X, np.full(len(X), 0.1)])
    got = ComBat([12]).fit_transform(with_it, sample_domain=d)[:, :12]
    assert_allclose(got, expected, atol=1e-10)


def test_the_units_of_covariates_do_not_matter():
    X, d = draw(n_covariates=2)
    other = X * np.r_[np.ones(12), 1e9, 1e-9] + np.r_[np.zeros(12), 3, 4e-9]
    Z = ComBat([12, 13]).fit_transform(other, sample_domain=d)
    expected = ComBat([12, 13]).fit_transform(X, sample_domain=d)
    assert_allclose(Z[:, :12], expected[:, :12], atol=1e-6)


@pytest.mark.parametrize(
    ("covariates", "text"),
    [
        (["age"], "covariates name 'age', but X has no column names; pass one of its columns"),
        ([12], "covariates hold 12, but X has the columns 0 to 11; pass numbers or names"),
        ([0.5], "covariates hold 0.5, but X has the columns 0 to 11"),
        ([True], "covariates hold True"),
        (range(12), "are all 12 columns of X, which leaves none to harmonise"),
        ([0], "the covariates cannot be told from the domains: .*Leave such covariates out"),
    ],
    ids=["name", "beyond", "fraction", "boolean", "all", "domain"],
)
def test_covariates_that_cannot_be_kept_are_errors(covariates, text):
    X, d = draw()
    X[:, 0] = d
    with pytest.raises(ValueError, match=text):
        ComBat(covariates).fit(X, sample_domain=d)


def test_a_name_that_no_column_has_is_told_with_those_there_are():
    frame = pd.DataFrame(draw()[0][:, :2], columns=["a", "b"])
    with pytest.raises(ValueError, match=r"name 'c', but X has the columns \['a', 'b'\]"):
        ComBat(["c"]).fit(frame, sample_domain=draw()[1])


# -- Rows and numbers ---------------------------------------------------------------------------


def test_units_and_offsets_of_the_features_only_rescale_the_output():
    X, d = draw()
    unit, offset = 10.0 ** np.arange(-5, 7), np.arange(12) * 1e3
    Z = ComBat().fit_transform(X, sample_domain=d)
    other = ComBat().fit_transform(X * unit + offset * unit, sample_domain=d)
    assert_allclose(other / unit - offset, Z, atol=1e-8)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_squares_do_not_leave_the_range_of_numbers(unit):
    X, d = draw()
    expected = ComBat().fit_transform(X, sample_domain=d)
    assert_allclose(ComBat().fit_transform(X * unit, sample_domain=d) / unit, expected)


def test_rows_beyond_numbers_are_an_error():
    X, d = draw()
    X[np.flatnonzero(d == 1)[:2], 0] = 1.7e308, -1.7e308
    with pytest.raises(ValueError, match="so far apart that means overflow; divide the features"):
        ComBat().fit(X, sample_domain=d)


def test_too_few_rounds_are_a_warning():
    X, d = draw()
    with pytest.warns(ConvergenceWarning, match="after max_iter=1 rounds.*raise max_iter or tol"):
        assert ComBat(max_iter=1).fit(X, sample_domain=d).n_iter_ == 1


def test_it_is_routed_through_a_pipeline():
    X, d = draw((20, 15), n_covariates=1)
    y = (X[:, 0] > 0).astype(int)
    steps = ComBat([12]), SourceOnly(LogisticRegression())
    Z = ComBat([12]).fit_transform(X, sample_domain=d * np.where(d == 2, -1, 1))
    d = d * np.where(d == 2, -1, 1)
    expected = SourceOnly(LogisticRegression()).fit(Z, y, sample_domain=d).predict(Z)
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(*steps).fit(X, y, sample_domain=d)
        assert_array_equal(pipe.predict(X, sample_domain=d), expected)
