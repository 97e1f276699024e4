"""dask arrays as X: as in memory, summed by the workers, lazy behind the fit, safe from a kill."""

import functools
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from skdomain import NoTargetWarning
from skdomain.alignment import CORAL, LinearMonge
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.weighting import KMM

dask = pytest.importorskip("dask", reason="dask arrays need skdomain[dask]")
da = pytest.importorskip("dask.array", reason="dask arrays need skdomain[dask]")
from dask.callbacks import Callback  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
MODELS = {
    "TCA": TCA(2, kernel="primal"),
    "TCA linear": TCA(2, kernel="linear", whiten=True),
    "JDA": JDA(2, kernel="primal", max_iter=3),
    "JDA linear": JDA(2, lam=3.0, max_iter=3),
    "JDA probable": JDA(2, estimator=LogisticRegression(), init="estimator", max_iter=3),
    "DJPMMD": DJPMMD(2, kernel="primal", max_iter=3),
    "CORAL": CORAL(),
    "LinearMonge": LinearMonge(0.1),
}
each = pytest.mark.parametrize("name", MODELS)
classifiers = pytest.mark.parametrize("name", ["JDA", "JDA probable", "DJPMMD"])
TIME_LIMIT = 300  # s, for what takes a few on an idle machine


@pytest.fixture(autouse=True)
def no_threads():
    with dask.config.set(scheduler="synchronous"):
        yield


def chunked(X, cuts, column_cut=0):
    rows = tuple(np.diff([0, *sorted(cuts), len(X)]).tolist())
    columns = (X.shape[1],) if not column_cut else (column_cut, X.shape[1] - column_cut)
    return da.from_array(X, chunks=(rows, columns))


def figures(model):
    """What was fitted, as arrays of floats."""
    if hasattr(model, "map_"):
        return [model.map_.matrix(), model.map_.center, model.map_.shift]
    return [model.components_, model.eigenvalues_]


def assert_same_fit(got, expected, tolerance=1e-10):
    for a, b in zip(figures(got), figures(expected), strict=True):
        assert_allclose(a, b, rtol=0, atol=tolerance * max(1.0, np.abs(b).max()))
    assert got.n_features_in_ == expected.n_features_in_
    if hasattr(expected, "pseudo_labels_"):
        assert_array_equal(got.pseudo_labels_, expected.pseudo_labels_)
        assert got.n_iter_ == expected.n_iter_


# -- The same as in memory ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_memory(make_domains):
    """Each model as fitted to ``make_domains()`` in memory."""
    X, y, d = make_domains()
    return functools.cache(lambda name: clone(MODELS[name]).fit(X, y, sample_domain=d))


@each
@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 32), max_size=20), column_cut=st.integers(0, 3))
def test_a_fit_and_what_it_gives_are_those_in_memory_for_any_chunks(
    name, make_domains, in_memory, cuts, column_cut
):
    (X, y, d), expected = make_domains(), in_memory(name)
    rows = chunked(X, cuts, column_cut)
    model = clone(expected).fit(rows, y, sample_domain=d)
    assert_same_fit(model, expected)
    Z = model.transform(rows, sample_domain=d)
    assert isinstance(Z, da.Array)
    given = expected.transform(X, sample_domain=d)
    assert Z.shape == given.shape
    assert Z.dtype == given.dtype
    assert_allclose(Z.compute(), given, rtol=0, atol=1e-9 * np.abs(given).max())


@classifiers
@pytest.mark.parametrize("label", [int, str])
def test_predictions_are_lazy_and_those_in_memory(name, label, make_domains):
    X, y, d = make_domains(n_classes=3)
    y = np.array(["a", "bb", "ccc"])[y] if label is str else y
    rows = chunked(X, [3, 3, 20], 2)
    model = clone(MODELS[name]).fit(rows, y, sample_domain=d)
    methods = ["predict", "predict_proba"] + ["decision_function"] * (name == "JDA probable")
    for method in methods:
        lazy, expected = getattr(model, method)(rows), getattr(model, method)(X)
        assert isinstance(lazy, da.Array)
        assert lazy.shape == expected.shape
        assert lazy.dtype == expected.dtype
        (assert_array_equal if method == "predict" else assert_allclose)(lazy.compute(), expected)
    weight = np.arange(len(X)) + 1.0
    options = {"sample_weight": weight, "sample_domain": d}
    assert model.score(rows, y, **options) == pytest.approx(model.score(X, y, **options), rel=1e-12)


def test_decision_values_of_two_classes_are_an_entry_a_row(make_domains):
    X, y, d = make_domains()
    rows = chunked(X, [9])
    model = clone(MODELS["JDA probable"]).fit(rows, y, sample_domain=d)
    assert_allclose(model.decision_function(rows).compute(), model.decision_function(X))


@each
def test_float32_is_summed_in_float64_and_given_back_as_float32(name, make_domains):
    X, y, d = make_domains()
    X = X.astype(np.float32)
    rows = chunked(X, [7, 19])
    model = clone(MODELS[name]).fit(rows, y, sample_domain=d)
    assert_same_fit(model, clone(model).fit(X, y, sample_domain=d), 1e-6)
    Z = model.transform(rows, sample_domain=d)
    assert Z.dtype == Z.compute().dtype == np.float32


@each
def test_integers_are_taken_as_floats(name, make_domains):
    X, y, d = make_domains()
    X = np.round(10 * X).astype(int)
    model = clone(MODELS[name]).fit(chunked(X, [7, 19]), y, sample_domain=d)
    assert_same_fit(model, clone(model).fit(X, y, sample_domain=d))


@each
def test_numbers_that_are_objects_are_taken_as_floats(name, make_domains):
    X, y, d = make_domains()
    expected = clone(MODELS[name]).fit(X, y, sample_domain=d)
    objects = chunked(X.astype(object), [7], column_cut=2)
    assert_same_fit(clone(MODELS[name]).fit(objects, y, sample_domain=d), expected)
    with pytest.raises(ValueError, match="could not convert string to float: 'high'"):
        clone(MODELS[name]).fit(chunked(np.full(X.shape, "high", object), [7]), y, sample_domain=d)


@each
def test_labels_and_domains_may_be_dask_arrays(name, make_domains):
    X, y, d = make_domains()
    rows = chunked(X, [7, 19])
    lazy = {"y": da.from_array(y, chunks=5), "sample_domain": da.from_array(d, chunks=9)}
    model = clone(MODELS[name]).fit(rows, **lazy)
    assert_same_fit(model, clone(model).fit(X, y, sample_domain=d))
    model.transform(rows, sample_domain=lazy["sample_domain"]).compute()


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
@pytest.mark.parametrize("name", ["TCA", "CORAL", "LinearMonge"])
def test_parts_of_the_rows_may_be_dask_arrays(name, make_domains):
    X, _, d = make_domains()
    model = clone(MODELS[name])
    for part in (slice(0, 11), slice(11, None)):
        model.partial_fit(chunked(X[part], [4]), sample_domain=d[part])
    assert_same_fit(model, clone(model).partial_fit(X, sample_domain=d))


@each
def test_without_target_rows_the_fit_is_that_in_memory(name, make_domains):
    X, y, _ = make_domains()
    with pytest.warns(NoTargetWarning):
        expected = clone(MODELS[name]).fit(X, y)
    with pytest.warns(NoTargetWarning):
        assert_same_fit(clone(expected).fit(chunked(X, [7, 19]), y), expected)


# -- Where it is computed -------------------------------------------------------------------------


@each
def test_nothing_is_computed_before_it_is_asked_for(name, make_domains):
    X, y, d = make_domains()
    rows, ran = chunked(X, [7, 19]), []
    model = clone(MODELS[name]).fit(rows, y, sample_domain=d)
    with Callback(pretask=lambda key, *_: ran.append(key)):
        Z = model.transform(rows, sample_domain=d)
        labels = model.predict(rows) if hasattr(model, "predict") else Z
        assert not ran
        labels[:5].compute()
        assert ran


@each
def test_a_lazy_result_is_that_of_the_fit_it_was_asked_of(name, make_domains):
    X, y, d = make_domains()
    rows = chunked(X, [7, 19])
    model = clone(MODELS[name]).fit(rows, y, sample_domain=d)
    expected = model.transform(X, sample_domain=d)
    Z = model.transform(rows, sample_domain=d)
    model.fit(X[:, ::-1] ** 3, y, sample_domain=d)
    assert_allclose(Z.compute(), expected, rtol=1e-9, atol=1e-9)


@each
def test_no_task_of_a_fit_holds_more_rows_than_a_chunk(name, make_domains):
    X, y, d = make_domains(100, 80, 8)
    sizes = []

    def note(key, result, *_):
        if isinstance(result, np.ndarray) and result.ndim == 2 and result.shape[1] == X.shape[1]:
            sizes.append(len(result))

    rows = chunked(X, range(0, len(X), 20))
    model = clone(MODELS[name]).set_params(**({"init": "none"} if "JDA" in name else {}))
    with Callback(posttask=note):
        model.fit(rows, y, sample_domain=d)
    assert max(sizes) <= 20


def test_dask_is_not_imported_where_x_is_none_of_its_arrays():
    program = (
        "import sys, numpy as np\n"
        "from skdomain import RowBlocks\n"
        "from skdomain.alignment import CORAL\n"
        "from skdomain.subspace import JDA\n"
        "X, y, d = np.random.default_rng(0).normal(size=(9, 2)), [0, 1, 0] * 3, [1, 1, -2] * 3\n"
        "for rows in (X, RowBlocks([X])):\n"
        "    CORAL().fit_transform(rows, sample_domain=d)\n"
        "    JDA(1, max_iter=1).fit(rows, y, sample_domain=d).predict(rows)\n"
        "assert not {name for name in sys.modules if name.split('.')[0] == 'dask'}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# -- What is refused ------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_named_with_x(name, value, make_domains):
    X, y, d = make_domains()
    model = clone(MODELS[name]).fit(X, y, sample_domain=d)
    X[20, 1] = value
    rows = chunked(X, [7, 19])
    with pytest.raises(ValueError, match=r"X contains (NaN|infinity)"):
        clone(model).fit(rows, y, sample_domain=d)
    Z = model.transform(rows, sample_domain=d)
    with pytest.raises(ValueError, match=r"X contains (NaN|infinity)"):
        Z.compute()


def misstated(X):
    """Array whose second chunk has fewer rows than it says."""
    block = dask.delayed(np.asarray)
    chunks = [(X[:9], 9), (X[9:20], len(X) - 9)]
    return da.concatenate(
        [da.from_delayed(block(rows), (n, X.shape[1]), X.dtype) for rows, n in chunks]
    )


@each
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: chunked(X, [9])[chunked(X, [9])[:, 0] > 0], r"call X\.compute_chunk_sizes"),
        (lambda X: chunked(X, [9])[:, 0], "2 dimensions"),
        (lambda X: chunked(X, [9])[:0], "without any value"),
        (lambda X: chunked(X, [9])[:, :0], "without any value"),
        (lambda X: chunked(X + 1j, [9]), "Complex data"),
        (lambda X: chunked(X.astype(str).astype(object) + "a", [9]), "could not convert"),
        (misstated, "a chunk of X has shape"),
    ],
    ids=["unknown", "1d", "no-rows", "no-features", "complex", "text", "misstated"],
)
def test_what_is_no_matrix_of_known_shape_is_refused(name, change, message, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=message):
        clone(MODELS[name]).fit(change(X), y, sample_domain=d)


def test_chunks_of_unknown_size_are_taken_once_computed(make_domains):
    X, _, d = make_domains()
    rows, kept = chunked(X, [9]), X[:, 0] > -3
    rows = rows[rows[:, 0] > -3]
    rows.compute_chunk_sizes()
    model = TCA(2, kernel="primal").fit(rows, sample_domain=d[kept])
    assert_same_fit(model, clone(model).fit(X[kept], sample_domain=d[kept]))


@pytest.mark.parametrize("model", [TCA(2, kernel="rbf"), JDA(2, mu="auto")])
def test_a_fit_that_needs_all_rows_at_once_is_refused_where_there_is_another(model, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=r"X\.compute\(\)"):
        model.fit(chunked(X, [9]), y, sample_domain=d)


@pytest.mark.parametrize("model", [KMM(), TJM(2)])
def test_other_estimators_compute_a_dask_array_as_scikit_learn_does(model, make_domains):
    X, y, d = make_domains()
    model.fit(chunked(X, [9]), y, sample_domain=d)
    expected = clone(model).fit(X, y, sample_domain=d)
    name = "weights_" if isinstance(model, KMM) else "components_"
    assert_array_equal(getattr(model, name), getattr(expected, name))


@each
def test_other_features_than_fitted_are_refused(name, make_domains):
    X, y, d = make_domains()
    model = clone(MODELS[name]).fit(chunked(X, [9]), y, sample_domain=d)
    with pytest.raises(ValueError, match="3 features, but"):
        model.transform(chunked(X[:, :3], [9]))


# -- Worker processes -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def distributed():
    """The package, whose workers start as forks of a process that has imported all they need."""
    package = pytest.importorskip("distributed", reason="clusters need skdomain[dask]")
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield package
        return
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        imported = ["distributed", "hypothesis", "skdomain.subspace"]
        package.utils.get_mp_context().set_forkserver_preload(imported)
        yield package


@pytest.fixture(scope="module")
def client(distributed):
    """Client of a cluster of two processes, which are started again when they die."""
    options = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": 0}
    options |= {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}  # any free port
    cluster = within_limit(partial(distributed.LocalCluster, **options))
    with cluster, distributed.Client(cluster, timeout=TIME_LIMIT) as client:
        yield client


def started(function):
    """Future of a function in a thread that nobody waits for at the end."""
    future = Future()

    def run():
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def within_limit(function):
    """Result of a function, or a failure where it hangs."""
    future = started(function)
    if not wait([future], TIME_LIMIT).done:
        pytest.fail(f"{function} has not ended after {TIME_LIMIT} s")
    return future.result()


def read_by(reader, X, sizes):
    """Dask array whose chunks are read by ``reader(rows)`` whenever they are needed."""
    chunks = np.split(X, np.cumsum(sizes)[:-1])
    lazy = [dask.delayed(reader)(rows) for rows in chunks]
    return da.concatenate(
        [da.from_delayed(b, r.shape, r.dtype) for b, r in zip(lazy, chunks, strict=True)]
    )


def wait_for(path):
    deadline = time.monotonic() + TIME_LIMIT
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not come"
        time.sleep(0.01)


def read_and_wait(folder, n_free, rows):
    """Leave a note with the process; from the n-th read on, wait until one was killed."""
    note = folder / f"read-{time.monotonic_ns()}-{os.getpid()}"
    note.touch()
    if len(list(folder.glob("read-*"))) > n_free:
        own = folder / f"pid-{os.getpid()}"
        own.write_text(str(os.getpid()))
        own.rename(folder / "pid")
        wait_for(folder / "killed")
    return rows


def read_and_die(rows):
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def failures_allowed(client, number):
    """Scheduler that tries a task so many times again when its worker dies."""

    def exchange(number, dask_scheduler):
        before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, number
        return before

    before = client.run_on_scheduler(exchange, number)
    try:
        yield
    finally:
        client.run_on_scheduler(exchange, before)


def fit_on(client, model, X, y, d):
    """Fit within the limit of time, by whichever workers there are."""

    def fit():
        with dask.config.set(scheduler="dask.distributed"):
            return model.fit(X, y, sample_domain=d)

    return within_limit(fit)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("TCA linear", "JDA")])
def test_on_a_cluster_the_fit_is_that_in_memory(name, client, make_domains):
    X, y, d = make_domains(80, 60)
    rows = chunked(X, range(0, 140, 50))
    model = fit_on(client, clone(MODELS[name]), rows, y, d)
    assert_same_fit(model, clone(model).fit(X, y, sample_domain=d))
    Z = within_limit(partial(model.transform(rows, sample_domain=d).compute, scheduler=client))
    assert_allclose(Z, model.transform(X, sample_domain=d), rtol=1e-9, atol=1e-9)


def test_on_a_cluster_a_value_that_is_not_finite_is_named_with_x(client, make_domains):
    X, y, d = make_domains()
    X[20, 1] = np.nan
    with pytest.raises(ValueError, match="X contains NaN"):
        fit_on(client, JDA(2), chunked(X, [7, 19]), y, d)


@pytest.mark.parametrize("n_free", [0, 8], ids=["first pass", "third pass"])
def test_a_fit_outlives_a_killed_worker(n_free, client, make_domains, tmp_path):
    X, y, d = make_domains(60, 40)
    rows = read_by(partial(read_and_wait, tmp_path, n_free), X, [25] * 4)

    def kill():
        wait_for(tmp_path / "pid")
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        (tmp_path / "killed").touch()

    killed = started(kill)
    model = fit_on(client, JDA(2, max_iter=2), rows, y, d)
    killed.result(timeout=TIME_LIMIT)
    assert_same_fit(model, clone(model).fit(X, y, sample_domain=d))


def test_rows_that_kill_their_workers_are_an_error_and_nothing_is_fitted(
    client, distributed, make_domains
):
    X, y, d = make_domains()
    model = JDA(2)
    with failures_allowed(client, 0), pytest.raises(distributed.KilledWorker):
        fit_on(client, model, read_by(read_and_die, X, [len(X)]), y, d)
    assert not hasattr(model, "components_")
