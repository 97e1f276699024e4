import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist
from scipy.stats import binom, ortho_group
from sklearn import config_context
from sklearn.metrics.pairwise import PAIRWISE_KERNEL_FUNCTIONS

from skdomain.metrics import mmd, mmd_test

GAMMA = 0.3

# Each kernel by scikit-learn's name (or as a callable) and by its definition on two rows.
KERNELS = {
    "linear": ("linear", {}, lambda x, y: x @ y),
    "rbf": ("rbf", {}, lambda x, y: np.exp(-GAMMA * np.sum((x - y) ** 2))),
    "laplacian": ("laplacian", {}, lambda x, y: np.exp(-GAMMA * np.sum(np.abs(x - y)))),
    "polynomial": (
        "polynomial",
        {"degree": 2, "coef0": 0.5},
        lambda x, y: (GAMMA * (x @ y) + 0.5) ** 2,
    ),
    "callable": (
        lambda x, y, c: c * np.exp(x @ y / 9),
        {"c": 2},
        lambda x, y: 2 * np.exp(x @ y / 9),
    ),
}


def two_domains(n_source=20, n_target=15, n_features=3, *, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), shift + rng.normal(size=(n_target, n_features))


def slow_mmd(Xs, Xt, k, *, unbiased):
    """The definition, pair by pair."""

    def within(X):
        pairs = [(i, j) for i in range(len(X)) for j in range(len(X)) if i != j or not unbiased]
        return np.mean([k(X[i], X[j]) for i, j in pairs])

    return within(Xs) + within(Xt) - 2 * np.mean([k(x, y) for x in Xs for y in Xt])


@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=25, deadline=None)
@given(
    n_source=st.integers(2, 7),
    n_target=st.integers(2, 7),
    n_features=st.integers(1, 4),
    shift=st.floats(-2, 2),
    unbiased=st.booleans(),
    seed=st.integers(0, 99),
)
def test_equals_the_double_loop(name, n_source, n_target, n_features, shift, unbiased, seed):
    Xs, Xt = two_domains(n_source, n_target, n_features, shift=shift, seed=seed)
    kernel, kernel_params, k = KERNELS[name]
    got = mmd(Xs, Xt, kernel=kernel, gamma=GAMMA, kernel_params=kernel_params, unbiased=unbiased)
    scale = max(k(x, x) for x in np.concatenate([Xs, Xt]))
    assert_allclose(got, slow_mmd(Xs, Xt, k, unbiased=unbiased), rtol=1e-9, atol=1e-12 * scale)


def test_hand_worked_case():
    """k = exp(-(x - y)^2): 1 within a single row, exp(-1) across."""
    assert mmd([[0.0]], [[1.0]]) == pytest.approx(2 - 2 * np.exp(-1), rel=1e-14)


def test_linear_kernel_gives_the_squared_difference_of_means():
    Xs, Xt = two_domains(shift=1)
    expected = np.sum((Xs.mean(axis=0) - Xt.mean(axis=0)) ** 2)
    assert mmd(Xs, Xt, kernel="linear") == pytest.approx(expected, rel=1e-12)


def test_unbiased_linear_subtracts_the_variances_of_the_means():
    """E|mean difference|^2 = |difference of expectations|^2 + tr(Cs)/ns + tr(Ct)/nt."""
    Xs, Xt = two_domains(shift=1)
    variances = sum(np.var(X, axis=0, ddof=1).sum() / len(X) for X in (Xs, Xt))
    expected = mmd(Xs, Xt, kernel="linear") - variances
    assert mmd(Xs, Xt, kernel="linear", unbiased=True) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kernel", ["linear", "rbf", "laplacian", "polynomial", "cosine"])
def test_identical_samples_are_at_distance_zero(kernel):
    Xs, _ = two_domains(30)
    assert 0 <= mmd(Xs, Xs[::-1], kernel=kernel) < 1e-12


@pytest.mark.parametrize("kernel", sorted(PAIRWISE_KERNEL_FUNCTIONS))
def test_every_kernel_of_scikit_learn_is_accepted_and_biased_is_not_negative(kernel):
    Xs, Xt = (np.abs(X) for X in two_domains(shift=1))
    assert mmd(Xs, Xt, kernel=kernel) >= 0


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_unbiased_has_mean_zero_without_shift(kernel):
    values = [
        mmd(*two_domains(10, 7, seed=seed), kernel=kernel, unbiased=True) for seed in range(400)
    ]
    standard_error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3.5 * standard_error
    assert min(values) < 0


def test_grows_with_the_shift():
    values = [mmd(*two_domains(shift=shift)) for shift in (0, 0.5, 1, 2)]
    assert_array_equal(np.argsort(values), range(4))


@pytest.mark.parametrize("gamma", [None, 0.7, "median"])
@pytest.mark.parametrize("unbiased", [False, True])
def test_rbf_ignores_rotation_and_translation(gamma, unbiased):
    Xs, Xt = two_domains(shift=0.5)
    Q = ortho_group.rvs(3, random_state=0)
    moved = mmd(Xs @ Q + 1e5, Xt @ Q + 1e5, gamma=gamma, unbiased=unbiased)
    assert moved == pytest.approx(mmd(Xs, Xt, gamma=gamma, unbiased=unbiased), rel=1e-8)


def test_median_gamma_ignores_the_unit_of_the_features():
    Xs, Xt = two_domains(shift=0.5)
    expected = mmd(Xs, Xt, gamma="median")
    assert mmd(1e3 * Xs, 1e3 * Xt, gamma="median") == pytest.approx(expected)


def test_gamma_none_and_median_mean_what_they_say():
    Xs, Xt = two_domains(4, 3)
    assert mmd(Xs, Xt) == mmd(Xs, Xt, gamma=1 / 3)
    Z = np.concatenate([Xs, Xt])
    median = np.median([np.sum((Z[i] - Z[j]) ** 2) for i in range(7) for j in range(i)])
    assert mmd(Xs, Xt, gamma="median") == pytest.approx(mmd(Xs, Xt, gamma=1 / median))


def test_median_of_a_subsample_ignores_the_order_and_is_close_to_that_of_all_pairs():
    """Squared distances of rows drawn from N(0, I_2) are 4 Exp(1): their median is 4 log 2."""
    Xs, Xt = two_domains(2500, 700, n_features=2)
    value = mmd(Xs, Xt, gamma="median")
    assert value == pytest.approx(mmd(Xs[::-1], Xt[::-1], gamma="median"), rel=1e-9)
    assert value == pytest.approx(mmd(Xs, Xt, gamma=1 / (4 * np.log(2))), rel=0.1)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("unbiased", [False, True])
def test_neither_the_order_of_rows_nor_that_of_domains_matters(name, unbiased):
    Xs, Xt = two_domains(shift=0.5)
    kernel, kernel_params, _ = KERNELS[name]
    options = {"kernel": kernel, "kernel_params": kernel_params, "unbiased": unbiased}
    value = mmd(Xs, Xt, **options)
    assert mmd(Xt, Xs, **options) == pytest.approx(value, rel=1e-9)
    assert mmd(Xs[::-1], np.roll(Xt, 4, axis=0), **options) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("working_memory", [0, 0.01, 0.1])
@pytest.mark.parametrize("kernel", ["rbf", "polynomial"])
def test_blocks_of_any_size_give_the_same(working_memory, kernel):
    Xs, Xt = two_domains(90, 61, shift=0.3)
    expected = mmd_test(Xs, Xt, kernel=kernel, n_permutations=50, random_state=0)
    with config_context(working_memory=working_memory):
        blocked = mmd_test(Xs, Xt, kernel=kernel, n_permutations=50, random_state=0)
        value = mmd(Xs, Xt, kernel=kernel, unbiased=True)
    assert blocked.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert value == pytest.approx(expected.statistic, rel=1e-9)
    assert blocked.pvalue == expected.pvalue


@pytest.mark.parametrize("function", [mmd, mmd_test])
def test_memory_is_bounded_by_the_block(function):
    Xs, Xt = two_domains(3500, 2500, shift=0.1)
    options = {"n_permutations": 20} if function is mmd_test else {}
    with config_context(working_memory=8):
        tracemalloc.start()
        function(Xs, Xt, **options)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 6000 * 6000 * 8 / 15


def test_float32_is_summed_in_float64():
    Xs, Xt = (X.astype(np.float32) for X in two_domains(200, 150, shift=0.1))
    expected = mmd(Xs.astype(float), Xt.astype(float), unbiased=True)
    assert mmd(Xs, Xt, unbiased=True) == expected


@pytest.mark.parametrize("function", [mmd, mmd_test])
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_inputs_are_not_written_to(function, kernel):
    Xs, Xt = two_domains()
    Xs.flags.writeable = Xt.flags.writeable = False
    function(Xs, Xt, kernel=kernel)
    assert_array_equal(Xs, two_domains()[0])


def exact_pvalue(Xs, Xt):
    """All 20 ways to choose 3 of 6 rows as source."""
    Z = np.concatenate([Xs, Xt])
    choices = [list(c) for c in combinations(range(6), 3)]
    null = [mmd(Z[c], np.delete(Z, c, axis=0), unbiased=True) for c in choices]
    return np.mean(np.array(null) >= mmd(Xs, Xt, unbiased=True) - 1e-12)


def test_pvalue_approaches_that_of_all_permutations():
    """Row choices that mirror each other tie exactly, so lost ties would halve the p-value."""
    Xs, Xt = two_domains(3, 3, shift=1.5)
    exact = exact_pvalue(Xs, Xt)
    pvalue = mmd_test(Xs, Xt, n_permutations=20000, random_state=0).pvalue
    assert pvalue == pytest.approx(exact, abs=4 * np.sqrt(exact / 20000))


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_pvalue_is_one_when_all_rows_are_equal(kernel):
    result = mmd_test(np.ones((5, 2)), np.ones((4, 2)), kernel=kernel, n_permutations=50)
    assert result.pvalue == 1


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_pvalue_is_uniform_without_shift(kernel):
    """Of 200 draws, the number with p <= level is binomial(200, level)."""
    pvalues = [
        mmd_test(
            *two_domains(12, 9, seed=seed), kernel=kernel, n_permutations=99, random_state=seed
        ).pvalue
        for seed in range(200)
    ]
    for level in (0.1, 0.5, 0.9):
        low, high = binom.interval(0.999, 200, level)
        assert low <= np.count_nonzero(np.array(pvalues) <= level + 1e-9) <= high


@pytest.mark.parametrize("kernel", ["linear", "rbf", "laplacian"])
@pytest.mark.parametrize("unbiased", [False, True])
def test_pvalue_is_smallest_possible_under_a_clear_shift(kernel, unbiased):
    Xs, Xt = two_domains(40, 30, shift=2)
    result = mmd_test(Xs, Xt, kernel=kernel, unbiased=unbiased, n_permutations=199)
    assert result.pvalue == 1 / 200


def test_rbf_sees_a_change_of_scale_that_linear_does_not():
    Xs, Xt = two_domains(100, 100)
    Xs, Xt = Xs - Xs.mean(axis=0), 3 * (Xt - Xt.mean(axis=0))
    assert mmd_test(Xs, Xt, random_state=0).pvalue < 0.01
    assert mmd_test(Xs, Xt, kernel="linear", random_state=0).pvalue > 0.9


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("unbiased", [False, True])
def test_statistic_of_the_test_is_mmd(name, unbiased):
    Xs, Xt = two_domains(shift=0.5)
    kernel, kernel_params, _ = KERNELS[name]
    options = {"kernel": kernel, "kernel_params": kernel_params, "unbiased": unbiased}
    result = mmd_test(Xs, Xt, **options, n_permutations=5)
    assert result.statistic == pytest.approx(mmd(Xs, Xt, **options), rel=1e-10)


def test_same_seed_same_result():
    Xs, Xt = two_domains()
    first, again, other = (mmd_test(Xs, Xt, random_state=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.pvalue != other.pvalue


def test_result_is_a_named_tuple_of_floats():
    statistic, pvalue = result = mmd_test(*two_domains(), n_permutations=9)
    assert (statistic, pvalue) == (result.statistic, result.pvalue)
    assert type(mmd(*two_domains())) is type(statistic) is type(pvalue) is float


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize("function", [mmd, mmd_test])
@pytest.mark.parametrize(
    ("Xs", "Xt", "message"),
    [
        (
            GOOD[0],
            GOOD,
            r"Xs must have 2 dimensions \(rows, features\), got 1.*Xs.reshape\(-1, 1\)",
        ),
        (GOOD, [[[1.0]]], r"Xt must have 2 dimensions \(rows, features\), got 3"),
        (GOOD, GOOD[:, :1], "must have the same columns, got 2 in Xs and 1 in Xt. Bring both"),
        (GOOD, GOOD * np.nan, "Input Xt contains NaN"),
        (GOOD + np.inf, GOOD, "Input Xs contains"),
        (GOOD[:0], GOOD, r"Xs has 0 row\(s\), at least [12] in each domain are needed: "),
        ("rows", GOOD, "The 'Xs' parameter of mmd.* must be an array-like"),
    ],
)
def test_bad_rows_are_named(function, Xs, Xt, message):
    with pytest.raises(ValueError, match=message):
        function(Xs, Xt)


@pytest.mark.parametrize("function", [mmd, mmd_test])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "gauss"}, "The 'kernel' parameter of mmd.* Got 'gauss' instead"),
        ({"gamma": 0.0}, "The 'gamma' parameter of mmd"),
        ({"gamma": "medain"}, "The 'gamma' parameter of mmd"),
        ({"unbiased": "yes"}, "The 'unbiased' parameter of mmd"),
    ],
)
def test_bad_parameters_are_named(function, options, message):
    with pytest.raises(ValueError, match=message):
        function(GOOD, GOOD, **options)


def test_unbiased_needs_two_rows_in_each_domain():
    message = (
        r"Xt has 1 row\(s\), at least 2 in each domain are needed: unbiased=True averages over "
        "pairs of different rows; pass more rows or unbiased=False"
    )
    with pytest.raises(ValueError, match=message):
        mmd(GOOD, GOOD[:1], unbiased=True)
    with pytest.raises(ValueError, match=message):
        mmd_test(GOOD, GOOD[:1])
    assert mmd(GOOD, GOOD[:1]) > 0
    assert 0 < mmd_test(GOOD, GOOD[:1], unbiased=False, n_permutations=9).pvalue <= 1


@pytest.mark.parametrize("seed", range(10))
def test_copies_of_a_row_do_not_count_for_the_median(seed):
    """With some of these seeds rounding makes the computed distance of equal rows positive."""
    rng = np.random.default_rng(seed)
    row, others = rng.normal(size=(1, 100)), rng.normal(size=(3, 100))
    distances = pdist(np.concatenate([row, others]), "sqeuclidean")
    copies = np.repeat(row, 20, axis=0)
    assert mmd(copies, others, gamma="median") == pytest.approx(
        mmd(copies, others, gamma=1 / np.median(distances)), rel=1e-9
    )


def test_at_least_one_permutation_is_required():
    with pytest.raises(ValueError, match="The 'n_permutations' parameter of mmd_test"):
        mmd_test(GOOD, GOOD, n_permutations=0)


@given(
    seed=st.integers(0, 99), decimals=st.integers(0, 3), kernel=st.sampled_from(["rbf", "linear"])
)
def test_pvalue_and_statistic_do_not_depend_on_the_order_of_the_rows(seed, decimals, kernel):
    """Few decimals make equal rows."""
    rng = np.random.default_rng(seed)
    Xs, Xt = rng.normal(size=(9, 2)).round(decimals), rng.normal(size=(7, 2)).round(decimals)
    options = {"kernel": kernel, "n_permutations": 60, "random_state": seed}
    expected = mmd_test(Xs, Xt, **options)
    assert mmd_test(rng.permutation(Xs), rng.permutation(Xt), **options) == expected


@pytest.mark.parametrize("function", [mmd, mmd_test])
def test_a_kernel_that_is_no_number_is_an_error_and_not_significant(function):
    Xs, Xt = np.random.default_rng(0).normal(size=(2, 20, 3))
    options = {"kernel": "poly", "kernel_params": {"degree": 2.5, "coef0": -1}}
    with pytest.raises(ValueError, match="the kernel must be finite, but 'poly'"):
        function(Xs, Xt, **options)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        ("linear", "the MMD is (nan|inf), which is no finite number: the sum of the kernel"),
        ("rbf", "(the kernel must be finite|no finite number)"),
        ("poly", "the kernel must be finite, but 'poly'"),
    ],
)
def test_rows_whose_kernel_overflows_are_an_error(kernel, message):
    Xs, Xt = 1e200 * np.random.default_rng(0).normal(size=(2, 20, 3))
    with pytest.raises(ValueError, match=message):
        mmd_test(Xs, Xt, kernel=kernel)
