"""The MMD of many rows: landmarks in place of the kernel, and permutations as bits."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binom
from sklearn.metrics.pairwise import pairwise_kernels

from skdomain.metrics import _dealt_rows, _kernel_two_sample, domain_report, mmd, mmd_test
from skdomain.metrics._dealt_rows import DealtRows

PSD, INDEFINITE = {"kernel": "laplacian", "gamma": 0.3}, {"kernel": "sigmoid", "gamma": 0.3}


def two_domains(n_source=20, n_target=15, n_features=3, *, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_source, n_features)), shift + rng.normal(size=(n_target, n_features))


def mmd_of_matrix(K, ns, unbiased):
    """The definition, from the matrix of all rows."""

    def within(block):
        n = len(block)
        return (block.sum() - np.trace(block)) / (n * (n - 1)) if unbiased else block.mean()

    return within(K[:ns, :ns]) + within(K[ns:, ns:]) - 2 * K[:ns, ns:].mean()


@pytest.mark.parametrize("options", [PSD, INDEFINITE])
@pytest.mark.parametrize("unbiased", [False, True])
def test_is_the_mmd_of_nystroems_kernel(options, unbiased):
    """C W^+ C' with every other row a landmark, which even spacing gives of 21 distinct rows."""
    Xs, Xt = two_domains(12, 9, shift=0.4)
    Z = np.concatenate([Xs, Xt])
    landmarks = Z[np.lexsort(Z.T[::-1])][::2]
    C, W = (pairwise_kernels(X, landmarks, options["kernel"], gamma=0.3) for X in (Z, landmarks))
    expected = mmd_of_matrix(C @ np.linalg.pinv(W, hermitian=True) @ C.T, 12, unbiased)
    value = mmd(Xs, Xt, **options, unbiased=unbiased, n_landmarks=11)
    assert value == pytest.approx(expected if unbiased else max(expected, 0), rel=1e-8)


@pytest.mark.parametrize("options", [PSD, INDEFINITE, {"kernel": "linear"}])
@pytest.mark.parametrize("unbiased", [False, True])
def test_all_rows_as_landmarks_give_the_kernel_itself(options, unbiased):
    Xs, Xt = two_domains(shift=0.5)
    Xt[3] = Xt[4]  # copies are one landmark
    options = options | {"unbiased": unbiased}
    test = mmd_test(Xs, Xt, **options, n_landmarks=99, n_permutations=60, random_state=0)
    exact = mmd_test(Xs, Xt, **options, n_permutations=60, random_state=0)
    assert_allclose(test, exact, rtol=1e-8, atol=1e-12)
    assert mmd(Xs, Xt, **options, n_landmarks=99) == pytest.approx(test.statistic, rel=1e-9)


@pytest.mark.parametrize("unbiased", [False, True])
def test_pvalue_of_landmarks_is_uniform_without_shift(unbiased):
    """Of 200 draws, the number with p <= level is binomial(200, level)."""
    options = {"n_permutations": 99, "n_landmarks": 5, "unbiased": unbiased}
    pvalues = [
        mmd_test(*two_domains(14, 9, seed=seed), random_state=seed, **options).pvalue
        for seed in range(200)
    ]
    for level in (0.1, 0.5, 0.9):
        low, high = binom.interval(0.999, 200, level)
        assert low <= np.count_nonzero(np.array(pvalues) <= level + 1e-9) <= high


def test_landmarks_do_not_know_the_domains():
    """Swapped domains have the same approximate kernel, whichever domain the landmarks are of."""
    Xs, Xt = two_domains(30, 6, shift=3)
    value = mmd(Xs, Xt, n_landmarks=4)
    assert mmd(Xt, Xs, n_landmarks=4) == pytest.approx(value, rel=1e-9)
    assert mmd(Xs[::-1], np.roll(Xt, 2, axis=0), n_landmarks=4) == pytest.approx(value, rel=1e-9)


def test_landmarks_see_a_clear_shift_and_a_change_of_scale():
    Xs, Xt = two_domains(100, 80, shift=0.8)
    options = {"n_landmarks": 20, "n_permutations": 199, "random_state": 0}
    assert mmd_test(Xs, Xt, **options).pvalue == 1 / 200
    assert mmd_test(Xs, 3 * (Xt - Xt.mean(axis=0)), **options).pvalue == 1 / 200


def test_automatic_landmarks_start_above_the_stated_number_of_rows(monkeypatch):
    Xs, Xt = two_domains()
    options = {"n_permutations": 19, "random_state": 0}
    exact = mmd_test(Xs, Xt, **options)
    assert exact.n_landmarks is None
    monkeypatch.setattr(_kernel_two_sample, "_LANDMARKS", 7)
    monkeypatch.setattr(_kernel_two_sample, "_EXACT_ROWS", 35)
    assert mmd_test(Xs, Xt, **options) == exact
    monkeypatch.setattr(_kernel_two_sample, "_EXACT_ROWS", 34)
    beyond = mmd_test(Xs, Xt, **options)
    assert beyond.n_landmarks == 7
    assert beyond == mmd_test(Xs, Xt, n_landmarks=7, **options) != exact
    assert mmd_test(Xs, Xt, n_landmarks=None, **options) == exact
    assert mmd_test(Xs, Xt, kernel="linear", **options).n_landmarks is None


def test_a_report_says_by_how_many_landmarks(monkeypatch):
    X, domain = np.concatenate(two_domains()), np.repeat([1, -1], [20, 15])
    options = {"measures": ["mmd", "cmd"], "n_permutations": 9, "random_state": 0}
    exact = domain_report(X, domain, **options)
    assert exact.n_landmarks is None
    assert str(exact).splitlines()[0].endswith("9 permutations")
    monkeypatch.setattr(_kernel_two_sample, "_LANDMARKS", 7)
    monkeypatch.setattr(_kernel_two_sample, "_EXACT_ROWS", 34)
    report = domain_report(X, domain, **options)
    assert report.n_landmarks == 7
    assert str(report).splitlines()[0].endswith("9 permutations, mmd by 7 landmarks")
    assert report.measures.mmd.statistic != exact.measures.mmd.statistic
    assert report.measures.cmd == exact.measures.cmd
    assert domain_report(X, domain, measures=["cmd"]).n_landmarks is None


def test_memory_with_landmarks_is_far_below_that_of_permutations_as_numbers():
    Xs, Xt = two_domains(6000, 4000, n_features=2)
    tracemalloc.start()
    mmd_test(Xs, Xt, n_landmarks=10, n_permutations=600)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000 * 600 * 8 / 3


@settings(deadline=None)
@given(
    n_source=st.integers(1, 40),
    n_target=st.integers(1, 40),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_bits_hold_the_choices_that_permutations_make(n_source, n_target, seed, data):
    n = n_source + n_target
    deals = DealtRows(n_source, n_target, 5, np.random.RandomState(seed))
    rng = np.random.RandomState(seed)
    expected = np.zeros((n, 6))
    expected[:n_source, 0] = 1
    for column in expected.T[1:]:
        column[rng.permutation(n)[:n_source]] = 1
    start, stop = sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n))))
    assert_array_equal(deals.of(slice(start, stop)), expected[start:stop])
    assert_array_equal(deals.all(), expected)
    assert_array_equal(list(deals.masks()), expected.T > 0)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("n_landmarks", [None, 6])
def test_blocks_of_choices_add_up(kernel, n_landmarks, monkeypatch):
    options = {"kernel": kernel, "n_landmarks": n_landmarks, "n_permutations": 30}
    Xs, Xt = two_domains(shift=0.3)
    expected = mmd_test(Xs, Xt, **options, random_state=0)
    monkeypatch.setattr(_dealt_rows, "_LARGEST", 3)
    assert_allclose(mmd_test(Xs, Xt, **options, random_state=0), expected, rtol=1e-9)


@pytest.mark.parametrize(("function", "bad"), [(mmd, "auto"), (mmd, 0), (mmd_test, 0)])
def test_a_bad_number_of_landmarks_is_named(function, bad):
    with pytest.raises(ValueError, match="The 'n_landmarks' parameter of mmd"):
        function(*two_domains(), n_landmarks=bad)
