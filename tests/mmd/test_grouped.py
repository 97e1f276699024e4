"""Compiled loops = the same Python = NumPy."""

import os
import subprocess
import sys

import numpy as np
import pytest

from skdomain.mmd._grouped import expand_groups, grouped_sums


def rows(n=50, d=7, n_groups=4, dtype=np.float64):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)).astype(dtype), rng.integers(n_groups, size=n), n_groups


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_grouped_sums_are_those_of_a_one_hot_product(dtype, order):
    F, groups, n_groups = rows(dtype=dtype)
    expected = np.eye(n_groups)[groups].T @ F.astype(np.float64)
    F = np.asarray(F, order=order)
    F.flags.writeable = False
    for sums in (grouped_sums, grouped_sums.py_func):
        np.testing.assert_allclose(sums(F, groups, n_groups), expected, rtol=1e-12, atol=1e-12)


def test_grouped_sums_of_float32_are_accumulated_in_float64():
    F = np.full((2**20, 1), 0.1, dtype=np.float32)
    total = grouped_sums(F, np.zeros(len(F), dtype=np.intp), 1)
    np.testing.assert_allclose(total, 2**20 * np.float64(np.float32(0.1)), rtol=1e-10)


def test_expanded_groups_are_those_of_fancy_indexing():
    _, groups, n_groups = rows()
    values = np.arange(16.0).reshape(n_groups, n_groups)
    expected = values[np.ix_(groups, groups)]
    for expand in (expand_groups, expand_groups.py_func):
        np.testing.assert_array_equal(expand(values, groups), expected)


def test_nothing_is_out_of_bounds_without_the_compiler():
    program = (
        "import numpy as np\n"
        "from skdomain.mmd import mmd_matrix\n"
        "from skdomain.mmd._couplings import marginal_coupling\n"
        "print(mmd_matrix([1, -1], [0, 1], coupling='discriminative').shape)\n"
        "print(marginal_coupling(np.array([True, False])).means(np.eye(2)))\n"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["(2,", "2)", "[[1.", "0.]", "[0.", "1.]]"]
