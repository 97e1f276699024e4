"""Work that several fits to the same rows need, done once while someone asks for it.

Results are found by the bytes of the arguments, so what is handed out is what would be computed.
"""

import hashlib
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from numbers import Number
from threading import Lock
from typing import Any

import numpy as np
from sklearn import get_config


class SharedResults:
    """Results by key, those used longest ago forgotten first; none outside of ``open``.

    One of them is computed once, whatever the number of threads that ask for it at a time. That
    and what is kept change no bit of any result, so all threads of the process share one.
    """

    def __init__(self):
        self.lock, self.depth = Lock(), 0
        self.results, self.turns = OrderedDict(), {}

    @contextmanager
    def open(self):
        """Keep results until the last of those who opened leaves."""
        with self.lock:
            self.depth += 1
        try:
            yield
        finally:
            with self.lock:
                self.depth -= 1
                if not self.depth:
                    self.results, self.turns = OrderedDict(), {}

    def get(self, key, compute):
        """The result that is kept under a key, else the one computed, which is then kept."""
        with self.lock:
            turn = self.turns.setdefault(key, Lock())
        with turn:
            with self.lock:
                if key in self.results:
                    self.results.move_to_end(key)
                    return self.results[key]
            result = _frozen(compute())
            with self.lock:
                self._keep(key, result)
            return result

    def _keep(self, key, result):
        limit = get_config()["working_memory"] * 2**20
        if self.depth and size_of(result) <= limit:
            self.results[key] = result
            while size_of(tuple(self.results.values())) > limit:
                self.results.popitem(last=False)


_RESULTS = SharedResults()


@contextmanager
def shared_work() -> Any:
    """Fits inside of this context share what they compute of the same rows.

    That is, for the subspace methods, the kernel matrix of the rows and its decomposition, whatever
    the other parameters and the classifier inside; for all kernels, the median distance of the
    rows. Each is found by the bytes of the rows and the parameters of the kernel, and no bit of any
    result changes. :class:`AdaptationSearchCV`, :class:`SafeTransfer` and
    :class:`AdaptationVotingClassifier` share without being told; a search of scikit-learn's does
    inside of this context.

    Yields
    ------
    None

    Notes
    -----
    What was used longest ago is forgotten where results take more memory than scikit-learn's
    ``working_memory`` (1024 MB unless set), and everything at the end. Finding a result takes one
    pass over the rows. Of sparse rows, and where the kernel is a function or its matrix given, the
    decomposition alone is shared, by the bytes of that matrix; of rows in blocks nothing.

    Threads share with each other, processes do not: inside of a ``GridSearchCV(n_jobs=2)`` nothing
    is shared unless ``joblib.parallel_backend("threading")`` is chosen. In the searches of this
    library, a process shares between the points of one grid. Times of single candidates say less
    here, as the first one computes what the others find.

    Examples
    --------
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.model_selection import TransductiveSplit, shared_work
    >>> from skdomain.subspace import JDA
    >>> from sklearn.model_selection import GridSearchCV
    >>> data = make_subspace_shift(random_state=0)
    >>> grid = {"mu": [0.1, 0.2, 0.5], "n_components": [2]}
    >>> search = GridSearchCV(JDA(kernel="rbf", max_iter=50), grid, cv=TransductiveSplit())
    >>> d = data.sample_domain
    >>> with shared_work():  # the kernel matrix is decomposed once, not four times
    ...     search = search.fit(data.X, data.y, groups=d, sample_domain=d)
    """
    with _RESULTS.open():
        yield


def shared(function, *args, **parameters):
    """``function(*args, **parameters)``, of which the same call may have been kept.

    The result, a number, an array or a tuple or dataclass of these, must not hold any of the
    arguments, and its arrays may not be written to where it is kept.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    key = _key((name, args, parameters)) if _RESULTS.depth else None
    if key is None:
        return function(*args, **parameters)
    return _RESULTS.get(key, lambda: function(*args, **parameters))


def _key(value):
    """Of equal values the same one, None of those that cannot be told apart."""
    if value is None or isinstance(value, str | Number):
        return type(value), value
    if isinstance(value, np.ndarray):
        layout = value.shape, value.strides, str(value.dtype)
        return None if value.dtype.hasobject else (*layout, _digest(value))
    if isinstance(value, dict):
        value = tuple(sorted(value.items()))
    if not isinstance(value, tuple):
        return None
    keys = tuple(map(_key, value))
    return None if None in keys else keys


def _digest(X):
    return hashlib.sha256(np.ascontiguousarray(X).data.cast("B") if X.size else b"").digest()


def arrays_of(result):
    """The arrays that a result is made of."""
    if isinstance(result, np.ndarray):
        return [result]
    if is_dataclass(result):
        result = tuple(getattr(result, field.name) for field in fields(result))
    parts = result if isinstance(result, tuple) else ()
    return [array for part in parts for array in arrays_of(part)]


def size_of(result):
    """Bytes of its arrays, each counted once."""
    return sum({id(array): array.nbytes for array in arrays_of(result)}.values())


def _frozen(result):
    for array in arrays_of(result):
        array.setflags(write=False)
    return result
