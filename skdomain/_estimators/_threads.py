"""Products on one thread where they are many and small, so that waiting costs more than they do."""

from contextlib import contextmanager, nullcontext
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_LARGE = 2**22  # numbers of a matrix, from which on its products are worth more threads than one
_LIMITED = Lock()


def few_threads(n_numbers):
    """Context for many products of matrices of this size: BLAS on one thread where they are small.

    The number of threads is one of the process. Who sets it restores it: a context within another,
    of the same thread or of another one, leaves it alone.
    """
    return _one_thread() if n_numbers < _LARGE else nullcontext()


@contextmanager
def _one_thread():
    if not _LIMITED.acquire(blocking=False):
        yield
        return
    try:
        with _controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        _LIMITED.release()


@cache
def _controller():
    return ThreadpoolController()  # of the libraries that NumPy and SciPy have loaded
