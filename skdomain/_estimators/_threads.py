"""Products on one thread where they are many and small, so that waiting costs more than they do."""

from contextlib import nullcontext
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_LARGE = 2**22  # numbers of a matrix, from which on its products are worth more threads than one


class OneThread:
    """Context in which BLAS runs on one thread; the last to leave it restores what was before.

    Contexts of several threads may overlap: the setting is one of the process, so neither may
    restore what the other has set.
    """

    def __init__(self):
        self._lock, self._inside, self._limits = Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._limits = _controller().limit(limits=1, user_api="blas")
            self._inside += 1
        return self

    def __exit__(self, *error):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limits.restore_original_limits()


_ONE = OneThread()


def few_threads(n_numbers):
    """Context for many products of matrices of this size: one thread where they are small."""
    return _ONE if n_numbers < _LARGE else nullcontext()


@cache
def _controller():
    return ThreadpoolController()  # of the libraries that NumPy and SciPy have loaded
