"""Rows in blocks: what they are, how they are read, and what they refuse."""

import pickle

import numpy as np
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from skdomain import RowBlocks
from skdomain._rows import concatenate_over, in_blocks, sum_over

N, D = 12, 3
X = np.random.default_rng(0).normal(size=(N, D))
cuts = st.lists(st.integers(0, N), max_size=6).map(sorted)


def test_rows_are_those_of_the_blocks_in_their_order():
    rows = RowBlocks([X[:5], X[5:]])
    assert rows.shape == (N, D)
    assert len(rows) == N
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(np.concatenate(list(rows)), X)
    np.testing.assert_array_equal(rows.to_array(), X)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        ((np.float32, np.float32), np.float32),
        ((np.float32, np.float64), np.float64),
        ((np.float32, np.int32), np.float64),
        ((np.float16, np.float16), np.float64),
        ((np.int64, np.int64), np.float64),
    ],
)
def test_dtype_is_float32_if_all_blocks_are_else_float64(dtypes, expected):
    rows = RowBlocks([X[:5].astype(dtypes[0]), X[5:].astype(dtypes[1])])
    assert rows.dtype == expected
    assert {block.dtype for block in rows} == {np.dtype(expected)}
    assert rows.to_array().dtype == expected


def test_blocks_are_c_ordered():
    assert all(block.flags.c_contiguous for block in RowBlocks(np.asfortranarray(X)))


def test_blocks_without_a_row_are_passed_over():
    rows = RowBlocks([np.empty((0, D)), X[:5], np.empty((0, 0)), [], X[5:]])
    assert [len(block) for block in rows] == [5, 7]


def test_rows_of_lists_and_frames_are_read(frames):
    rows = RowBlocks([X[:5].tolist(), frames.frame(X[5:], map(str, range(D)))])
    np.testing.assert_array_equal(rows.to_array(), X)


@given(cuts=cuts)
def test_sums_over_blocks_are_those_of_all_rows(cuts):
    weights = np.arange(N) + 1.0
    rows = RowBlocks(np.split(X, cuts))
    np.testing.assert_allclose(
        sum_over(rows, lambda block, w: w @ block, weights),
        sum_over(X, lambda block, w: w @ block, weights),
        rtol=1e-12,
        atol=1e-12,
    )
    np.testing.assert_array_equal(concatenate_over(rows, np.abs), np.abs(X))


@given(cuts=cuts, mask=st.lists(st.booleans(), min_size=N, max_size=N).map(np.array))
def test_selected_rows_are_those_of_the_mask(cuts, mask):
    rows = RowBlocks(np.split(X, cuts)).select(mask)
    assert rows.shape == (mask.sum(), D)
    np.testing.assert_array_equal(rows.to_array(), X[mask])


def test_a_pass_over_selected_rows_ends_with_the_last_of_them():
    read = []

    def blocks():
        for i in range(4):
            read.append(i)
            yield X[3 * i : 3 * i + 3]

    rows = RowBlocks(blocks).select(np.arange(N) < 5)
    read.clear()
    assert len(rows.to_array()) == 5
    assert read == [0, 1]


def test_a_map_is_lazy_and_knows_its_shape():
    calls = []

    def halved(block):
        calls.append(len(block))
        return block[:, :2] / 2

    rows = RowBlocks([X[:5], X[5:]]).map(halved, width=2)
    assert rows.shape == (N, 2)
    assert not calls
    np.testing.assert_array_equal(rows.to_array(), X[:, :2] / 2)
    assert calls == [5, 7]


@pytest.mark.parametrize("mib", [1e-4, 1e-3, 1])
def test_blocks_of_an_array_keep_to_the_working_memory(mib):
    many = np.arange(400.0).reshape(100, 4)
    with sklearn.config_context(working_memory=mib):
        sizes = [block.nbytes for block in RowBlocks(many)]
        assert max(sizes) <= mib * 2**20
        assert isinstance(in_blocks(many), RowBlocks) == (len(sizes) > 1)
        np.testing.assert_array_equal(RowBlocks(many).to_array(), many)


def test_a_row_is_the_least_block():
    with sklearn.config_context(working_memory=0):
        assert [len(block) for block in RowBlocks(X)] == [1] * N


def test_form_of_what_has_a_shape_takes_no_reading():
    class Shape:
        shape, dtype = (7, 2), np.float32

        def __getitem__(self, part):
            raise AssertionError

    assert RowBlocks(Shape()).shape == (7, 2)
    assert RowBlocks(Shape()).dtype == np.float32


def test_each_pass_calls_the_function_anew():
    rows = RowBlocks(lambda: iter([X[:5], X[5:]]))
    for _ in range(3):
        np.testing.assert_array_equal(rows.to_array(), X)


@pytest.mark.parametrize("once", [(b for b in [X]), map(abs, [X]), iter([X]), {1, 2}, 3, None])
def test_what_cannot_be_read_again_is_refused(once):
    with pytest.raises(TypeError, match=r"several times.*a function that gives a new iterator"):
        RowBlocks(once)


def test_a_function_that_gives_the_same_iterator_is_refused_in_the_second_pass():
    iterator = iter([X])
    rows = RowBlocks(lambda: iterator)
    assert rows.shape == (N, D)
    with pytest.raises(ValueError, match="in the first pass and others in this one"):
        list(rows)


@pytest.mark.parametrize(
    "later", [[X[:5]], [X, X], [X[:5], X[:7, :2]], []], ids=["fewer", "more", "narrower", "none"]
)
def test_blocks_of_other_shapes_in_a_later_pass_are_refused(later):
    passes = iter([[X], later])
    rows = RowBlocks(lambda: next(passes))
    assert rows.shape == (N, D)
    with pytest.raises(ValueError, match="in the first pass and others in this one"):
        rows.check_finite()


@pytest.mark.parametrize(
    ("blocks", "error", "message"),
    [
        ([], ValueError, "without any row"),
        ([X[:0]], ValueError, "without any row"),
        (X[:0], ValueError, "without any row"),
        ([X, X[:, :2]], ValueError, r"number of features: \[2, 3\]"),
        ([X[0]], ValueError, "Expected 2D array"),
        (X[0], ValueError, "2 dimensions"),
        (X[None], ValueError, "2 dimensions"),
        ([X[None]], ValueError, "dim 3"),
        ([X[:, :0]], ValueError, r"0 feature\(s\)"),
        ([1j * X], ValueError, "Complex data"),
        ([np.full((2, 2), "a")], ValueError, "could not convert"),
        ([sparse.eye(3, format="csr")], TypeError, "Sparse data"),
        (sparse.eye(3, format="csr"), TypeError, "Sparse data"),
    ],
)
def test_what_is_not_blocks_of_rows_is_refused(blocks, error, message):
    with pytest.raises(error, match=message):
        RowBlocks(blocks).check_finite()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused_wherever_it_is(value):
    last = X[8:].copy()
    last[-1, -1] = value
    with pytest.raises(ValueError, match=r"X contains (NaN|infinity)"):
        RowBlocks([X[:4], X[4:8], last]).check_finite()


def test_what_needs_an_array_says_so():
    with pytest.raises(TypeError, match="RowBlocks is not an array"):
        StandardScaler().fit(RowBlocks([X]))


@pytest.mark.parametrize("of", [lambda X: X, lambda X: [X[:5], X[5:]]], ids=["array", "list"])
def test_rows_can_be_pickled(of):
    rows = RowBlocks(of(X)).select(np.arange(N) > 3).map(np.abs)
    again = pickle.loads(pickle.dumps(rows))
    np.testing.assert_array_equal(again.to_array(), np.abs(X[4:]))
