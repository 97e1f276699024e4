"""Arrays pass through as they are, dask arrays come back as dask arrays."""

import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skdomain._rows import RowBlocks, as_given, as_rows, is_streamed

X = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize(
    "rows",
    [X, X.tolist(), sparse.csr_array(X), pd.DataFrame(X, columns=["sum_of", "map"]), None],
    ids=lambda rows: type(rows).__name__,
)
def test_rows_in_memory_pass_through_whatever_their_columns_are_called(rows):
    assert as_rows(rows) is rows
    assert as_given(rows) is rows
    assert not is_streamed(rows)


def test_dask_is_not_imported_to_find_out(monkeypatch):
    monkeypatch.delitem(sys.modules, "dask.array", raising=False)
    assert as_rows(X) is X
    assert "dask.array" not in sys.modules


def test_a_dask_array_is_streamed_and_comes_back_as_one():
    dask_array = pytest.importorskip("dask.array")
    rows = as_rows(dask_array.from_array(X, chunks=(4, 2)))
    assert is_streamed(rows)
    back = as_given(rows)
    assert isinstance(back, dask_array.Array)
    assert_array_equal(back.compute(), X)


def test_blocks_of_rows_are_streamed():
    assert is_streamed(RowBlocks([X[:2], X[2:]]))
