"""What is shared is what would be computed, is found by bytes, bounded, and gone afterwards."""

import pickle
import time
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context

from skdomain._rows import _sharing, shared, shared_work

CALLS = []


def doubled(X, *, times=2, **others):
    CALLS.append(X.shape)
    return times * X


def slowly_doubled(X):
    time.sleep(0.1)
    return doubled(X)


def failing(X):
    CALLS.append(X.shape)
    raise FloatingPointError("no")


@pytest.fixture(autouse=True)
def nothing_kept():
    CALLS.clear()
    yield
    assert (_sharing._RESULTS.depth, len(_sharing._RESULTS.results)) == (0, 0)
    assert not _sharing._RESULTS.turns


def test_the_same_call_is_made_once():
    X = np.arange(6.0).reshape(3, 2)
    with shared_work():
        first, again = shared(doubled, X), shared(doubled, X.copy())
    assert again is first
    assert_array_equal(first, 2 * X)
    assert len(CALLS) == 1


def test_outside_each_call_is_made_and_its_result_writable():
    X = np.ones((3, 2))
    assert shared(doubled, X) is not shared(doubled, X)
    assert shared(doubled, X).flags.writeable
    assert len(CALLS) == 3


ARRAYS = npst.arrays(
    st.sampled_from([np.float32, np.float64, np.int8]), npst.array_shapes(max_dims=2, max_side=3)
)


@given(ARRAYS, ARRAYS)
def test_different_arrays_are_never_taken_for_each_other(A, B):
    CALLS.clear()
    same = A.shape == B.shape and A.dtype == B.dtype and A.tobytes() == B.tobytes()
    with shared_work():
        shared(doubled, A), shared(doubled, B)
    assert len(CALLS) == (1 if same else 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda X: (X.T, {}),
        lambda X: (X[:, ::-1], {}),
        lambda X: (np.asfortranarray(X), {}),  # sums may round otherwise
        lambda X: (X.astype(np.float32), {}),
        lambda X: (X.ravel(), {}),
        lambda X: (X, {"times": 3}),
        lambda X: (X, {"times": 2.0}),
        lambda X: (X, {"params": {"a": 1}}),
        lambda X: (X, {"params": {"a": None}}),
        lambda X: (X, {"params": ()}),
    ],
)
def test_what_differs_is_another_call(change):
    X = np.arange(9.0).reshape(3, 3)
    other, parameters = change(X)
    with shared_work():
        for _ in range(2):
            shared(doubled, X), shared(doubled, other, **parameters)
    assert len(CALLS) == 2


@pytest.mark.parametrize(
    ("X", "parameters"),
    [
        (np.array([["a"], [None]], dtype=object).astype(object) == "a", {"by": np.max}),
        (sparse.csr_array(np.eye(2)), {}),
        (np.eye(2), {"params": {"of": [1]}}),
    ],
)
def test_what_cannot_be_told_apart_is_not_shared(X, parameters):
    with shared_work():
        shared(doubled, X, **parameters), shared(doubled, X, **parameters)
        assert not _sharing._RESULTS.results
    assert len(CALLS) == 2


def test_results_cannot_be_written_to():
    with shared_work():
        assert not shared(doubled, np.ones(3)).flags.writeable


def test_a_change_of_the_rows_is_seen():
    X = np.ones((2, 2))
    with shared_work():
        shared(doubled, X)
        X[0] = 5
        assert_array_equal(shared(doubled, X), 2 * X)
        X[0] = 1
        assert_array_equal(shared(doubled, X), np.full((2, 2), 2))
    assert len(CALLS) == 2


def test_the_memory_is_bounded_and_the_oldest_goes_first():
    a, b, c = (np.full(2**16, value, dtype=np.float64) for value in range(3))  # half a MiB each
    with config_context(working_memory=1), shared_work():
        for rows in (a, b, a, c):
            shared(doubled, rows)
            assert _sharing.size_of(tuple(_sharing._RESULTS.results.values())) <= 2**20
        assert len(CALLS) == 3
        shared(doubled, a), shared(doubled, c)
        assert len(CALLS) == 3
        shared(doubled, b)
        assert len(CALLS) == 4


def test_what_is_larger_than_the_memory_leaves_the_others():
    small, large = np.zeros(2), np.zeros(2**18)
    with config_context(working_memory=1), shared_work():
        shared(doubled, small), shared(doubled, large), shared(doubled, small)
        assert len(CALLS) == 2
        shared(doubled, large)
        assert len(CALLS) == 3


def test_an_array_in_two_results_counts_once():
    A = np.zeros(4)
    assert _sharing.size_of((A, (A, A))) == A.nbytes


def test_a_failure_is_raised_each_time_and_leaves_nothing():
    with shared_work():
        for _ in range(2):
            with pytest.raises(FloatingPointError):
                shared(failing, np.ones(2))
        assert not _sharing._RESULTS.results
    assert CALLS == [(2,)] * 2


def test_who_leaves_by_an_exception_leaves_nothing():
    opened = shared_work()
    opened.__enter__()
    shared(doubled, np.ones(2))
    assert not opened.__exit__(KeyError, KeyError(), None)


def test_results_last_until_the_outermost_leaves():
    with shared_work():
        with shared_work():
            shared(doubled, np.ones(2))
        shared(doubled, np.ones(2))
    assert len(CALLS) == 1


def test_threads_compute_a_result_once():
    X, barrier, found = np.ones((50, 50)), Barrier(8), []

    def work():
        barrier.wait()
        with shared_work():
            found.append(shared(slowly_doubled, X))

    with shared_work():
        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(CALLS) == 1
    assert all(each is found[0] for each in found)


def test_a_result_is_pickled_as_any_other():
    with shared_work():
        found = pickle.loads(pickle.dumps(shared(doubled, np.ones(3))))
    assert_array_equal(found, np.full(3, 2.0))
