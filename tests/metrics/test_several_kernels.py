"""Several kernels: their combination, the test that aggregates them, and weights of most power."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.kernel_approximation import Nystroem
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import FeatureUnion

from skdomain._kernels import fit_kernel
from skdomain.metrics import mmd, mmd_kernel_weights, mmd_test
from skdomain.metrics._kernel_two_sample import aggregated_pvalue
from skdomain.metrics._powerful_kernels import moments_of_estimates, most_powerful
from skdomain.subspace import TCA

WIDTHS = [0.1, 1.0, 10.0]


def two_domains(n_source=20, n_target=15, n_features=2, *, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), shift + rng.normal(size=(n_target, n_features))


# -- The combination ----------------------------------------------------------------------------


@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize("n_landmarks", [None, 5])
def test_the_mmd_is_linear_in_the_kernel(unbiased, n_landmarks):
    Xs, Xt = two_domains(shift=1.0)
    options = {"unbiased": unbiased, "n_landmarks": n_landmarks}
    kernels, weights = ["linear", "rbf", "laplacian"], [0.2, 0.5, 0.3]
    each = [mmd(Xs, Xt, kernel=kernel, gamma=0.4, **options) for kernel in kernels]
    both = mmd(Xs, Xt, kernel=kernels, gamma=0.4, kernel_weights=weights, **options)
    assert_allclose(both, np.dot(weights, each), rtol=1e-12)


def test_a_list_of_widths_is_a_list_of_kernels_of_one_name():
    Xs, Xt = two_domains(shift=0.5)
    expected = np.mean([mmd(Xs, Xt, gamma=gamma) for gamma in WIDTHS])
    assert mmd(Xs, Xt, gamma=WIDTHS) == pytest.approx(expected, rel=1e-12)
    assert mmd(Xs, Xt, gamma=np.array(WIDTHS)) == mmd(Xs, Xt, gamma=tuple(WIDTHS))
    assert mmd(Xs, Xt, kernel=["rbf"] * 3, gamma=WIDTHS) == mmd(Xs, Xt, gamma=WIDTHS)


def test_hand_worked_combination():
    """Rows 0 and 1: 2 - 2 exp(-gamma) of each Gaussian and 1 of the linear kernel."""
    value = mmd([[0.0]], [[1.0]], kernel=["rbf", "linear"], gamma=2.0, kernel_weights=[0.25, 0.75])
    assert value == pytest.approx(0.25 * (2 - 2 * np.exp(-2)) + 0.75, rel=1e-14)


@pytest.mark.parametrize("aggregate", [False, True])
def test_one_kernel_in_a_list_is_that_kernel(aggregate):
    Xs, Xt = two_domains(shift=0.5)
    alone = mmd_test(Xs, Xt, gamma=0.3, random_state=0, n_permutations=60)
    listed = mmd_test(Xs, Xt, gamma=[0.3], random_state=0, n_permutations=60, aggregate=aggregate)
    assert listed.pvalue == alone.pvalue
    assert mmd(Xs, Xt, gamma=[0.3]) == mmd(Xs, Xt, gamma=0.3)


def test_the_test_of_a_combination_has_its_statistic():
    Xs, Xt = two_domains(shift=0.5)
    options = {"gamma": WIDTHS, "kernel_weights": [0.5, 0.5, 0.0]}
    result = mmd_test(Xs, Xt, **options, n_permutations=9, random_state=0)
    assert result.statistic == pytest.approx(mmd(Xs, Xt, **options, unbiased=True), rel=1e-10)
    assert result.pvalues is None


# -- The test that aggregates --------------------------------------------------------------------


def test_hand_worked_aggregation():
    """Four deals, two kernels: the first deal is the largest of one and the second of the other."""
    values = [np.array([4.0, 1.0, 2.0, 3.0]), np.array([2.0, 4.0, 3.0, 1.0])]
    smallest, pvalue, each = aggregated_pvalue(values, [0.5, 0.5], [0.0, 0.0])
    assert_array_equal(each, [1 / 4, 3 / 4])
    assert (smallest, pvalue) == (0.5, 0.5)  # min(1/4, 3/4) / (1/2); deals 1 and 2 have 1/4
    assert aggregated_pvalue(values, [1.0, 0.0], [0.0, 0.0])[:2] == (0.25, 0.25)


def test_values_within_rounding_tie():
    values = [np.array([1.0, 1.0 + 1e-13, 0.0])]
    assert aggregated_pvalue(values, [1.0], [1e-12])[1] == 2 / 3
    assert aggregated_pvalue(values, [1.0], [0.0])[1] == 2 / 3
    assert aggregated_pvalue([values[0][[1, 0, 2]]], [1.0], [1e-12])[1] == 2 / 3
    assert aggregated_pvalue([values[0][[1, 0, 2]]], [1.0], [0.0])[1] == 1 / 3


def test_over_all_orders_of_the_deals_the_level_is_kept():
    """Exchangeable deals: each is the observed one as often, so #{p <= a} is at most a."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 5))
    pvalues = np.array(
        [aggregated_pvalue(values[:, list(order)], [0.6, 0.3, 0.1], [0] * 3)[1]
         for order in permutations(range(5))]
    )  # fmt: skip
    for level in np.arange(1, 6) / 5:
        assert np.mean(pvalues <= level) <= level + 1e-12
    assert np.mean(pvalues <= pvalues.max()) == 1


def null_statistics(n_nulls, n, n_permutations, rng):
    """Unbiased MMD of n and n rows from one law, at three widths, of all deals of each null."""
    Z = rng.normal(size=(n_nulls, 2 * n, 1))
    squares = (Z - Z.transpose(0, 2, 1)) ** 2
    deals = np.argsort(rng.uniform(size=(n_nulls, 1 + n_permutations, 2 * n)), axis=2) < n
    P = np.where(deals, 1.0, -1.0)
    for gamma in WIDTHS:
        K = np.exp(-gamma * squares) * (1 - np.eye(2 * n))
        within = (P @ K * P).sum(axis=2) + K.sum(axis=(1, 2))[:, None]  # twice the pairs within
        across = K.sum(axis=(1, 2))[:, None] - within / 2
        yield within / 2 / (n * (n - 1)) - across / n**2


def test_the_level_is_kept_within_three_standard_errors_over_2000_nulls():
    """Ties of the minimum may cost 3 kernels / 100 deals of the level, and never add to it."""
    values = np.stack([*null_statistics(2000, 6, 99, np.random.default_rng(0))])
    pvalues = np.array(
        [aggregated_pvalue(v, [1 / 3] * 3, [1e-12] * 3)[1] for v in values.transpose(1, 0, 2)]
    )
    for level in (0.05, 0.1, 0.5):
        error = 3 * np.sqrt(level * (1 - level) / 2000)
        assert level - 0.03 - error <= np.mean(pvalues <= level + 1e-9) <= level + error


def test_the_vectorised_statistics_are_those_of_the_library():
    rng = np.random.default_rng(1)
    values = next(null_statistics(1, 6, 0, rng))
    rng = np.random.default_rng(1)
    Z = rng.normal(size=(12, 1))
    source = (np.argsort(rng.uniform(size=(1, 1, 12)), axis=2) < 6)[0, 0]
    expected = mmd(Z[source], Z[~source], gamma=WIDTHS[0], unbiased=True)
    assert values[0, 0] == pytest.approx(expected, rel=1e-12)


def test_aggregation_is_the_formula_on_the_statistics_of_the_same_deals():
    Xs, Xt = two_domains(shift=0.3)
    options = {"n_permutations": 40, "random_state": 3}
    result = mmd_test(Xs, Xt, gamma=WIDTHS, aggregate=True, **options)
    each = [mmd_test(Xs, Xt, gamma=gamma, **options).pvalue for gamma in WIDTHS]
    assert_array_equal(result.pvalues, each)
    assert result.statistic == pytest.approx(3 * min(each))
    assert min(each) <= result.pvalue <= 3 * min(each) + 1e-12


def test_a_kernel_of_weight_zero_takes_no_part():
    Xs, Xt = two_domains(shift=0.3)
    options = {"n_permutations": 40, "random_state": 3, "aggregate": True}
    two = mmd_test(Xs, Xt, gamma=WIDTHS[:2], **options)
    three = mmd_test(Xs, Xt, gamma=WIDTHS, kernel_weights=[0.5, 0.5, 0.0], **options)
    assert three == two


def test_one_kernel_is_taken_at_seven_widths_around_the_median():
    Xs, Xt = two_domains(shift=0.3)
    rows = np.concatenate([Xs, Xt])
    squares = ((rows[:, None] - rows) ** 2).sum(axis=2)[np.triu_indices(len(rows), 1)]
    options = {"n_permutations": 40, "random_state": 3}
    result = mmd_test(Xs, Xt, aggregate=True, **options)
    widths = 4.0 ** np.arange(-2, 5) / np.median(squares)
    each = [mmd_test(Xs, Xt, gamma=gamma, **options).pvalue for gamma in widths]
    assert_allclose(result.pvalues, each)
    assert result.pvalues[2] == mmd_test(Xs, Xt, gamma="median", **options).pvalue
    result = mmd_test(Xs, Xt, kernel="laplacian", gamma=0.2, aggregate=True, **options)
    expected = mmd_test(Xs, Xt, kernel="laplacian", gamma=0.05, **options)
    assert result.pvalues[1] == expected.pvalue


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), shift=st.floats(0, 2))
def test_neither_the_order_of_rows_nor_that_of_kernels_matters(seed, shift):
    Xs, Xt = two_domains(8, 7, shift=shift, seed=seed)
    options = {"n_permutations": 30, "random_state": 0, "aggregate": True}
    result = mmd_test(Xs, Xt, gamma=WIDTHS, **options)
    assert mmd_test(Xs[::-1], np.roll(Xt, 2, axis=0), gamma=WIDTHS, **options) == result
    assert mmd_test(Xs, Xt, gamma=WIDTHS[::-1], **options) == result


def test_equal_rows_have_the_pvalue_one():
    result = mmd_test(np.ones((5, 2)), np.ones((4, 2)), gamma=WIDTHS, aggregate=True)
    assert result.pvalue == 1


def test_a_fine_shift_is_seen_that_the_median_width_does_not_see():
    Xs, Xt = two_domains(60, 60, 1)
    options = {"n_permutations": 199, "random_state": 0}
    assert mmd_test(Xs, np.round(Xt), gamma="median", **options).pvalue > 0.2
    assert mmd_test(Xs, np.round(Xt), aggregate=True, **options).pvalue < 0.05


# -- Weights of most power ----------------------------------------------------------------------


def drawn_problem(seed, n=5):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, n))
    return rng.normal(size=n) + 0.3, factor @ factor.T


def power(b, eta, Q):
    return eta @ b / np.sqrt(b @ Q @ b)


@pytest.mark.parametrize("seed", range(5))
def test_weights_meet_the_conditions_of_the_quadratic_program(seed):
    """min b'Cb with eta'b = 1 and b >= 0: Cb - nu eta >= 0, and 0 where b > 0."""
    eta, Q = drawn_problem(seed)
    C = Q + 1e-4 * np.trace(Q) / 5 * np.eye(5)
    b = most_powerful(eta, Q, 1e-4)
    assert b.sum() == pytest.approx(1)
    b = b / (eta @ b)
    residual = C @ b - (b @ C @ b) * eta
    assert residual.min() > -1e-9
    assert_allclose(residual[b > 0], 0, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_no_other_weights_have_more_power(seed):
    eta, Q = drawn_problem(seed)
    C = Q + 1e-4 * np.trace(Q) / 5 * np.eye(5)
    best = power(most_powerful(eta, Q, 1e-4), eta, C)
    drawn = np.random.default_rng(seed).dirichlet(np.full(5, 0.5), size=500)
    assert max(power(b, eta, C) for b in drawn) <= best + 1e-12
    start = np.full(5, 0.2)
    found = minimize(lambda b: -power(b, eta, C), start, bounds=[(1e-9, None)] * 5)
    assert -found.fun == pytest.approx(best, rel=1e-4)


def test_hand_worked_weights():
    """Independent estimates: b is eta over the variance; where eta < 0, it is 0."""
    assert_allclose(most_powerful(np.array([1.0, 2.0]), np.diag([1.0, 4.0]), 1e-12), [2 / 3, 1 / 3])
    assert_allclose(most_powerful(np.array([1.0, -2.0]), np.eye(2), 1e-4), [1, 0])


@pytest.mark.parametrize("unit", [1e-150, 1e100])
def test_weights_do_not_know_the_unit_of_the_statistics(unit):
    eta, Q = drawn_problem(0)
    expected = most_powerful(eta, Q, 1e-4)
    assert_allclose(most_powerful(unit * eta, unit**2 * Q, 1e-4), expected, atol=1e-12)


def test_where_no_kernel_sees_a_shift_weights_are_equal():
    assert_array_equal(most_powerful(-np.ones(4), np.eye(4), 1e-4), np.full(4, 1 / 4))
    assert_array_equal(
        mmd_kernel_weights(np.ones((3, 1)), np.ones((3, 1)), gamma=[1, 2]), [0.5] * 2
    )


def test_the_covariance_is_that_of_drawn_estimates():
    """Over fresh draws, standard deviations of the unbiased MMD are within a quarter of Q's."""
    draws = [two_domains(60, 40, 1, shift=1.5, seed=seed) for seed in range(120)]
    values = [[mmd(*draw, gamma=gamma, unbiased=True) for gamma in (0.1, 1.0)] for draw in draws]
    eta, Q = moments_of_estimates(
        [fit_kernel("rbf", *draws[0], gamma=gamma)(np.concatenate(draws[0])) for gamma in (0.1, 1)],
        60,
    )
    assert_allclose(eta, values[0], rtol=1e-10)
    drawn = np.cov(np.transpose(values))
    assert_allclose(np.sqrt(np.diag(Q)), np.sqrt(np.diag(drawn)), rtol=0.25)
    assert np.sign(Q[0, 1]) == np.sign(drawn[0, 1])


def test_neither_the_order_of_rows_nor_that_of_domains_changes_the_weights():
    Xs, Xt = two_domains(30, 20, shift=0.5)
    b = mmd_kernel_weights(Xs, Xt, gamma=WIDTHS)
    assert_allclose(mmd_kernel_weights(Xs[::-1], np.roll(Xt, 3, axis=0), gamma=WIDTHS), b)
    assert_allclose(mmd_kernel_weights(Xt, Xs, gamma=WIDTHS), b)
    assert_allclose(mmd_kernel_weights(Xs, Xt, gamma=WIDTHS[::-1]), b[::-1])


# -- Bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [mmd, mmd_test])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": ["rbf", "linear"], "gamma": WIDTHS}, "got {'kernel': 2, 'gamma': 3} entries"),
        ({"gamma": []}, "one entry a kernel, got {'gamma': 0}"),
        ({"gamma": [1.0, -1.0]}, "The 'gamma' parameter of a kernel of the list"),
        ({"kernel": ["rbf", "gauss"]}, "The 'kernel' parameter of a kernel of the list"),
        ({"gamma": WIDTHS, "kernel_weights": [0.5, 0.5]}, r"shape \(2,\), but there are 3"),
        ({"gamma": WIDTHS, "kernel_weights": [0.5, 1, -0.5]}, "at least 0 and of sum 1"),
        ({"gamma": WIDTHS, "kernel_weights": [1, 1, 1]}, "divide what is not negative by its sum"),
        ({"gamma": WIDTHS, "kernel_weights": [np.nan, 1, 0]}, "at least 0 and of sum 1"),
    ],
)
def test_bad_lists_are_refused(function, options, message):
    with pytest.raises(ValueError, match=message):
        function(*two_domains(), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "linear"}, "kernel='linear' has no gamma to vary; pass a list of kernels"),
        ({"kernel": lambda x, y: x @ y}, "has no gamma to vary"),
        ({"kernel_params": {"gamma": 1.0}}, "pass it as gamma"),
    ],
)
def test_what_cannot_be_varied_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        mmd_test(*two_domains(), aggregate=True, **options)


def test_weights_need_two_rows_of_each_domain():
    with pytest.raises(ValueError, match=r"Xt has 1 row\(s\), at least 2 in each domain"):
        mmd_kernel_weights(np.eye(2), np.ones((1, 2)), gamma=WIDTHS)


# -- Several kernels for a projection -------------------------------------------------------------


def test_the_products_of_joined_features_are_the_combined_kernel():
    """Columns sqrt(b_u) F_u with F_u F_u' = K_u: a projection of them is one in sum_u b_u K_u."""
    Xs, Xt = two_domains(15, 10)
    X, b = np.concatenate([Xs, Xt]), [0.2, 0.5, 0.3]
    features = [(f"{g}", Nystroem(gamma=g, n_components=25, random_state=0)) for g in WIDTHS]
    scales = {f"{g}": np.sqrt(weight) for g, weight in zip(WIDTHS, b, strict=True)}
    F = FeatureUnion(features, transformer_weights=scales).fit_transform(X)
    K = sum(weight * rbf_kernel(X, gamma=g) for g, weight in zip(WIDTHS, b, strict=True))
    assert_allclose(F @ F.T, K, atol=1e-9)
    d = np.repeat([1, -2], [15, 10])
    joined = TCA(2, kernel="linear").fit_transform(F, sample_domain=d)
    combined = TCA(2, kernel="precomputed").fit_transform(K, sample_domain=d)
    assert_allclose(np.abs(joined), np.abs(combined), atol=1e-6)
