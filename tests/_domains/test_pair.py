"""Two domains as arrays: what comes out of `check_domains`, and what does not come in."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skdomain._domains import check_domains


@pytest.mark.parametrize("convert", [list, np.float32, np.int8, pd.DataFrame], ids=str)
def test_both_domains_come_back_as_float64_arrays_with_their_values(convert):
    Xs, Xt = [[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0]]
    for given, got in zip((Xs, Xt), check_domains(convert(Xs), convert(Xt)), strict=True):
        assert type(got) is np.ndarray
        assert got.dtype == np.float64
        assert_array_equal(got, given)


def test_arrays_that_are_fit_for_use_are_not_copied():
    Xs, Xt = np.zeros((3, 2)), np.ones((4, 2))
    got = check_domains(Xs, Xt)
    assert got[0] is Xs
    assert got[1] is Xt


@pytest.mark.parametrize(
    ("Xs", "Xt", "text"),
    [
        (np.zeros((2, 3)), np.zeros((2, 1)), "same columns, got 3 in Xs and 1 in Xt. Bring both"),
        (np.zeros(3), np.zeros((2, 1)), r"^Xs must have 2 dimensions .*, got 1. .*Xs.reshape\(-1"),
        (np.zeros((2, 1)), np.zeros((1, 2, 1)), "^Xt must have 2 dimensions .*, got 3"),
        (np.zeros((2, 1)), [[np.nan]], "Input Xt contains NaN"),
        ([[np.inf]], [[0.0]], "Input Xs contains infinity"),
        (
            np.zeros((0, 1)),
            [[0.0]],
            r"^Xs has 0 row\(s\), at least 1 .*: pass rows of both domains",
        ),
    ],
)
def test_rows_of_no_use_are_named_by_their_domain(Xs, Xt, text):
    with pytest.raises(ValueError, match=text):
        check_domains(Xs, Xt)


def test_a_method_says_how_many_rows_it_needs_and_why():
    with pytest.raises(ValueError, match=r"Xt has 1 row\(s\), at least 2 .*: one has no spread\.$"):
        check_domains([[0], [1]], [[0]], min_rows=2, reason="one has no spread")
