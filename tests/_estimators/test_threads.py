"""BLAS on one thread for many small products, and as many as before after them."""

from threading import Barrier, Thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skdomain._estimators import few_threads
from skdomain.weighting import kliep_weights, kmm_weights, rulsif_weights
from skdomain.weighting._qp import _box
from skdomain.weighting._ratio import _least_squares, _proportions

SMALL, LARGE = 10, 2**24


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("BLAS has one thread here")
        yield


def test_small_products_are_made_on_one_thread_and_large_ones_as_they_were():
    with few_threads(SMALL):
        assert blas_threads() == {1}
        with few_threads(SMALL):
            assert blas_threads() == {1}
        assert blas_threads() == {1}
        with few_threads(LARGE):
            assert blas_threads() == {1}
    assert blas_threads() == {2}
    with few_threads(LARGE):
        assert blas_threads() == {2}


def test_an_error_leaves_the_threads_as_they_were():
    with pytest.raises(KeyError), few_threads(SMALL):
        raise KeyError
    assert blas_threads() == {2}


def test_fits_that_overlap_leave_the_threads_as_they_were():
    """The main thread enters first and leaves first; the other one may not restore what it saw."""
    both_inside, first_is_out = Barrier(2), Barrier(2)

    def second():
        with few_threads(SMALL):
            both_inside.wait(10)
            first_is_out.wait(10)

    with few_threads(SMALL):
        thread = Thread(target=second)
        thread.start()
        both_inside.wait(10)
    assert blas_threads() == {2}
    first_is_out.wait(10)
    thread.join()
    assert blas_threads() == {2}
    with few_threads(SMALL):
        assert blas_threads() == {1}


@pytest.mark.parametrize(
    ("weights", "module", "name"),
    [
        (kliep_weights, _proportions, "dposv"),
        (rulsif_weights, _least_squares, "eigh"),
        (kmm_weights, _box, "dsymv"),
    ],
    ids=["kliep", "rulsif", "kmm"],
)
def test_weights_are_found_on_one_thread(weights, module, name, monkeypatch):
    seen, function = [], getattr(module, name)

    def watched(*args, **kwargs):
        seen.append(blas_threads())
        return function(*args, **kwargs)

    monkeypatch.setattr(module, name, watched)
    X = np.random.default_rng(0).normal(size=(60, 3))
    weights(X[:30], X[30:] + 0.2)
    assert seen
    assert all(threads == {1} for threads in seen)
    assert blas_threads() == {2}
