"""What the test files share: generated domains, one BLAS thread, reproducible hypothesis."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

settings.register_profile("skdomain", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("skdomain")


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    """The matrices of the tests are too small to share out: threads only wait for each other."""
    with threadpool_limits(1):
        yield


def _make_domains(n_source=18, n_target=14, n_features=4, *, n_classes=2, shift=0.7, seed=0):
    rng = np.random.default_rng(seed)
    sample_domain = np.repeat([1, -2], [n_source, n_target])
    y = np.concatenate([np.arange(n_source), np.arange(n_target)]) % n_classes
    X = rng.normal(size=(n_source + n_target, n_features))
    X[:, -1] += shift * (sample_domain < 0)
    X[:, 0] += 3 * np.cos(2 * np.pi * y / n_classes)
    X[:, 1] += 3 * np.sin(2 * np.pi * y / n_classes)
    order = rng.permutation(len(X))
    return X[order], y[order], sample_domain[order]


@pytest.fixture(scope="session")
def make_domains():
    """Factory of ``X, y, sample_domain``, float64 and in mixed order.

    Class means lie on a circle of radius 3 in the first two features, domains ``shift`` apart along
    the last one.
    """
    return _make_domains


@pytest.fixture(params=["pandas", "polars"])
def frames(request):
    """A library of data frames: its name, and what makes a frame and a column of it.

    ``frame(X, columns, index=...)`` takes an index for pandas alone, which polars has none of.
    """
    library = pytest.importorskip(request.param)

    def frame(X, columns, index=None):
        if request.param == "polars":
            return library.DataFrame(np.asarray(X), schema=list(columns), orient="row")
        return library.DataFrame(X, columns=list(columns), index=index)

    return SimpleNamespace(
        name=request.param,
        library=library,
        frame=frame,
        column=lambda values: library.Series(np.asarray(values).tolist()),
    )
