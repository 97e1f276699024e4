"""Subspace estimators fitted to rows in blocks: as on an array, without holding the rows."""

import pickle
import tracemalloc

import numpy as np
import pytest
import sklearn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from skdomain import NoTargetWarning, RowBlocks
from skdomain.subspace import DJPMMD, JDA, TCA, TJM

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
methods = pytest.mark.parametrize("method", [TCA, JDA, DJPMMD])
classifiers = pytest.mark.parametrize("method", [JDA, DJPMMD])
kernels = pytest.mark.parametrize("kernel", ["primal", "linear"])


def assert_same_fit(streamed, in_memory, tolerance=1e-10):
    for name in ("components_", "eigenvalues_"):
        expected = getattr(in_memory, name)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(getattr(streamed, name), expected, atol=tolerance * scale)
    assert streamed.n_features_in_ == in_memory.n_features_in_
    assert streamed.X_fit_ is None
    if hasattr(in_memory, "pseudo_labels_"):
        np.testing.assert_array_equal(streamed.pseudo_labels_, in_memory.pseudo_labels_)
        assert streamed.n_iter_ == in_memory.n_iter_
        for name, entries in in_memory.history_.items():
            np.testing.assert_allclose(streamed.history_[name], entries, rtol=1e-6, atol=1e-9)


class Counted:
    """Blocks that count how often they are read, and may change from one pass on."""

    def __init__(self, blocks, *, changed=None, at_pass=np.inf):
        self.blocks, self.changed, self.at_pass, self.passes = blocks, changed, at_pass, 0

    def __call__(self):
        self.passes += 1
        return iter(self.blocks if self.passes < self.at_pass else self.changed)


@methods
@kernels
@pytest.mark.parametrize("whiten", [False, True])
@settings(max_examples=5)
@example(cuts=list(range(33)), stacked=True, offset=0.0)
@given(
    cuts=st.lists(st.integers(0, 32), max_size=9),
    stacked=st.booleans(),
    offset=st.sampled_from([0.0, 100.0]),
)
def test_a_fit_is_that_on_an_array_however_the_rows_are_cut(
    method, kernel, whiten, make_domains, cuts, stacked, offset
):
    X, y, d = make_domains()
    if stacked:
        order = np.argsort(-d, kind="stable")
        X, y, d = X[order], y[order], d[order]
    X = X + offset
    blocks = RowBlocks(np.split(X, sorted(cuts)))
    more = {} if method is TCA else {"max_iter": 4}
    model = method(2, kernel=kernel, whiten=whiten, **more)
    streamed = clone(model).fit(blocks, y, sample_domain=d)
    # sums of squares of the rows as they are carry rounding errors of their size
    assert_same_fit(streamed, model.fit(X, y, sample_domain=d), 1e-10 * (1 + offset) ** 2)


@methods
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_source_of_blocks_gives_the_same(method, order, make_domains, tmp_path):
    h5py = pytest.importorskip("h5py", reason="HDF5 data sets are read with h5py")
    X, y, d = make_domains()
    np.save(tmp_path / "rows.npy", np.asarray(X, order=order))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    expected = method(2, kernel="primal").fit(X, y, sample_domain=d)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        sources = [X, mapped, file.create_dataset("rows", data=X), [X[:9], X[9:]]]
        sources.append(lambda: (mapped[i : i + 5] for i in range(0, len(mapped), 5)))
        for source in sources:
            with sklearn.config_context(working_memory=5e-4):
                streamed = clone(expected).fit(RowBlocks(source), y, sample_domain=d)
            assert_same_fit(streamed, expected)


@methods
@kernels
def test_float32_rows_far_from_zero_are_summed_in_float64(method, kernel):
    rng = np.random.default_rng(0)
    d, y = np.where(rng.random(6000) < 0.5, 1, -2), rng.integers(2, size=6000)
    X = rng.normal(size=(6000, 4)) * [1, 2, 3, 4] + np.outer(y, [4, 0, 0, 0]) + 300
    X = (X + 0.5 * (d < 0)[:, None]).astype(np.float32)
    more = {} if method is TCA else {"max_iter": 1}
    streamed = method(2, kernel=kernel, **more).fit(
        RowBlocks(np.array_split(X, 7)), y, sample_domain=d
    )
    exact = method(2, kernel=kernel, **more).fit(X.astype(np.float64), y, sample_domain=d)
    assert streamed.components_.dtype == np.float32
    scale = np.abs(exact.components_).max()
    np.testing.assert_allclose(streamed.components_, exact.components_, atol=1e-6 * scale)
    np.testing.assert_allclose(streamed.eigenvalues_, exact.eigenvalues_, rtol=1e-6)
    assert streamed.transform(RowBlocks([X])).dtype == np.float32
    assert streamed.transform(RowBlocks([X])).to_array().dtype == np.float32


@methods
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf", "precomputed"])
def test_an_embedding_of_blocks_is_that_of_the_array_in_blocks(method, kernel, make_domains):
    X, y, d = make_domains()
    rows = X @ X.T if kernel == "precomputed" else X
    model = method(2, kernel=kernel).fit(rows, y, sample_domain=d)
    Z = model.transform(RowBlocks(np.split(rows, [3, 20])), sample_domain=d)
    assert isinstance(Z, RowBlocks)
    assert Z.shape == (len(X), 2)
    assert [len(block) for block in Z] == [3, 17, len(X) - 20]
    np.testing.assert_allclose(Z.to_array(), model.transform(rows), atol=1e-12)


@methods
def test_fit_transform_of_blocks_gives_blocks(method, make_domains):
    X, y, d = make_domains()
    model = method(2, kernel="primal")
    Z = model.fit_transform(RowBlocks([X[:9], X[9:]]), y, sample_domain=d)
    np.testing.assert_allclose(Z.to_array(), model.fit(X, y, sample_domain=d).transform(X))


def test_blocks_are_projected_when_they_are_read(make_domains):
    X, _, d = make_domains()
    model = TCA(2).fit(X, sample_domain=d)
    X = X.copy()
    X[-1] = np.nan
    source = Counted([X[:9], X[9:]])
    rows = RowBlocks(source)
    assert rows.shape == X.shape
    passes = source.passes
    Z = model.transform(rows)
    assert source.passes == passes
    with pytest.raises(ValueError, match="X contains NaN"):
        list(Z)


@classifiers
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("inner", [LogisticRegression(), None])
def test_predictions_for_blocks_are_those_for_the_array(method, kernel, inner, make_domains):
    X, y, d = make_domains(n_classes=3)
    names = np.array(["c", "a", "b"])[y]
    model = method(2, kernel=kernel, estimator=inner).fit(X, names, sample_domain=d)
    rows = RowBlocks(np.split(X, [1, 2, 20]))
    np.testing.assert_array_equal(model.predict(rows), model.predict(X))
    np.testing.assert_allclose(model.predict_proba(rows), model.predict_proba(X))
    if inner is not None:
        np.testing.assert_allclose(model.decision_function(rows), model.decision_function(X))


@classifiers
def test_score_of_blocks_counts_target_rows(method, make_domains):
    X, y, d = make_domains()
    X = X + np.random.default_rng(0).normal(scale=3, size=X.shape)
    weight = np.arange(len(X)) + 1.0
    model = method(2, kernel="primal").fit(X, y, sample_domain=d)
    rows = RowBlocks(np.split(X, [7, 8]))
    for more in ({}, {"sample_weight": weight}, {"sample_domain": d}):
        assert model.score(rows, y, **more) == pytest.approx(model.score(X, y, **more))
    assert model.score(rows, y, sample_domain=d) < 1
    with pytest.raises(ValueError, match="target rows only"):
        model.score(rows, y, sample_domain=abs(d))


@classifiers
@pytest.mark.parametrize("init", ["none", "estimator"])
def test_first_labels_and_confidences_are_those_of_an_array(method, init, make_domains):
    X, y, d = make_domains(n_classes=3)
    X = X + np.random.default_rng(1).normal(size=X.shape)
    model = method(2, kernel="primal", estimator=GaussianNB(), init=init)
    streamed = clone(model).fit(RowBlocks(np.split(X, [11])), y, sample_domain=d)
    model.fit(X, y, sample_domain=d)
    assert "confidence" in model.history_
    assert streamed.history_.keys() == model.history_.keys()
    assert_same_fit(streamed, model)


@classifiers
def test_labels_that_run_in_a_cycle_end_as_on_an_array(method, make_domains):
    X, y, d = make_domains()
    X = X + np.random.default_rng(3).normal(scale=2, size=X.shape)
    source = Counted([X[:11], X[11:]])
    model = method(2, lam=1.0, kernel="primal", max_iter=30)
    streamed = clone(model).fit(RowBlocks(source), y, sample_domain=d)
    assert streamed.termination_ == "max_iter"
    assert source.passes < 2 * streamed.n_iter_  # the cycle was met
    assert_same_fit(streamed, model.fit(X, y, sample_domain=d))


@methods
def test_without_target_rows_blocks_are_fitted_as_the_array_is(method, make_domains):
    X, y, _ = make_domains()
    model = method(2, kernel="primal")
    with pytest.warns(NoTargetWarning):
        streamed = clone(model).fit(RowBlocks([X[:9], X[9:]]), y)
    with pytest.warns(NoTargetWarning):
        assert_same_fit(streamed, model.fit(X, y))


@classifiers
def test_an_iteration_takes_two_passes(method, make_domains):
    # the first two find shape and dtype and check the values, then come scatter and group sums
    X, y, d = make_domains(90, 90, n_classes=4)
    X = X + np.random.default_rng(1).normal(scale=2, size=X.shape)
    source = Counted([X[:20], X[20:]])
    model = method(2, kernel="primal", max_iter=3).fit(RowBlocks(source), y, sample_domain=d)
    assert model.n_iter_ == 3
    assert source.passes == 4 + 2 * 3


@classifiers
def test_neither_the_rows_nor_their_embedding_are_held(method):
    n, width, k = 20_000, 40, 30
    labels = np.arange(n) % 3
    domains = np.where(np.arange(n) % 10 < 1, 1, -2)

    def blocks():
        for start in range(0, n, 500):
            part = slice(start, start + 500)
            X = np.random.default_rng(start).normal(size=(500, width))
            X[:, :3] += 3 * np.eye(3)[labels[part]]
            yield X + 0.5 * (domains[part] < 0)[:, None]

    model = method(k, kernel="primal", estimator=GaussianNB(), max_iter=1)
    model.fit(RowBlocks([next(blocks())]), labels[:500], sample_domain=domains[:500])
    tracemalloc.start()
    model.fit(RowBlocks(blocks), labels, sample_domain=domains)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * n * k


@classifiers
def test_nearest_neighbours_take_no_matrix_of_pairs_of_rows(method):
    rng = np.random.default_rng(0)
    y, d = rng.integers(2, size=8000), np.repeat([1, -2], 4000)
    X = rng.normal(size=(8000, 20)) + 4 * y[:, None] + 0.5 * (d < 0)[:, None]
    model = method(20, kernel="primal", max_iter=1)
    model.fit(X[3900:4100], y[3900:4100], sample_domain=d[3900:4100])
    tracemalloc.start()
    model.fit(RowBlocks(X), y, sample_domain=d)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 4000 * 4000 / 4


@classifiers
@kernels
@pytest.mark.parametrize("inner", [None, KNeighborsClassifier(3), LogisticRegression()])
@pytest.mark.parametrize("mib", [0, 3e-4])
def test_an_array_larger_than_the_working_memory_is_labelled_the_same(
    method, kernel, inner, mib, make_domains
):
    X, y, d = make_domains(n_classes=3)
    model = method(2, kernel=kernel, estimator=inner)
    expected = clone(model).fit(X, y, sample_domain=d)
    with sklearn.config_context(working_memory=mib):
        assert_same_fit(model.fit(X, y, sample_domain=d), expected)


def test_an_array_larger_than_the_working_memory_may_find_its_own_mu(make_domains):
    X, y, d = make_domains()
    model = JDA(2, kernel="primal", mu="auto")
    expected = clone(model).fit(X, y, sample_domain=d)
    with sklearn.config_context(working_memory=3e-4):
        assert_same_fit(model.fit(X, y, sample_domain=d), expected)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (TCA(2, kernel="rbf"), ValueError, r"got 'rbf'.*with 'linear'.*Nystroem"),
        (JDA(2, kernel="precomputed"), ValueError, "'primal' or 'linear', got 'precomputed'"),
        (DJPMMD(2, kernel=np.dot), ValueError, "'primal' or 'linear'"),
        (JDA(2, kernel="primal", mu="auto"), ValueError, "mu='auto'"),
        (TJM(2, kernel="primal"), TypeError, "RowBlocks is not an array"),
    ],
)
def test_a_fit_that_needs_all_rows_at_once_is_refused(model, error, message, make_domains):
    X, y, d = make_domains()
    with pytest.raises(error, match=message):
        model.fit(RowBlocks([X]), y, sample_domain=d)
    assert not hasattr(model, "n_features_in_")


@methods
@kernels
@pytest.mark.parametrize("n", [1, 3])
def test_fewer_rows_than_features_are_refused_in_blocks(method, kernel, n, make_domains):
    X, y, d = make_domains()
    X = X[:n, : max(1, n - 2)] if n == 1 else X[:n]
    with pytest.raises(ValueError, match=f"got {n} rows of"):
        method(1, kernel=kernel).fit(RowBlocks([X]), y[:n], sample_domain=d[:n])


@methods
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": lambda X: [X[:9], np.where(X[9:] == X[-1], np.nan, X[9:])]}, "X contains NaN"),
        ({"X": lambda X: [X[:9], X[9:, :2]]}, "number of features"),
        ({"d": lambda d: d[1:]}, "sample_domain has shape"),
        ({"X": lambda X: [X[:9]]}, "sample_domain has shape"),
        ({"X": lambda X: [np.ones_like(X)]}, "all equal"),
    ],
    ids=["NaN in the last row", "widths", "domains", "rows", "equal rows"],
)
def test_a_fit_that_fails_leaves_the_earlier_one(method, change, message, make_domains):
    X, y, d = make_domains()
    model = method(2, kernel="primal").fit(X, y, sample_domain=d)
    before = vars(model).copy()
    rows = RowBlocks(change.get("X", lambda X: [X])(X))
    with pytest.raises(ValueError, match=message):
        model.set_params(n_components=1).fit(rows, y, sample_domain=change.get("d", lambda d: d)(d))
    assert vars(model.set_params(n_components=2)) == before


@classifiers
def test_labels_of_another_number_are_refused(method, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        method(2, kernel="primal").fit(RowBlocks([X]), y[1:], sample_domain=d)


@methods
@pytest.mark.parametrize("at_pass", [2, 3, 4, 5])
def test_blocks_that_change_between_passes_leave_nothing_fitted(method, at_pass, make_domains):
    X, y, d = make_domains()
    source = Counted([X[:9], X[9:]], changed=[X[:9], X[9:-1]], at_pass=at_pass)
    model = method(2, kernel="primal")
    with pytest.raises(ValueError, match="in the first pass and others in this one"):
        model.fit(RowBlocks(source), y, sample_domain=d)
    assert not [name for name in vars(model) if name.endswith("_")]


@methods
def test_new_blocks_need_the_fitted_features(method, make_domains):
    X, y, d = make_domains()
    model = method(2, kernel="primal").fit(RowBlocks([X]), y, sample_domain=d)
    with pytest.raises(ValueError, match="X has 3 features"):
        model.transform(RowBlocks([X[:, 1:]]))
    with pytest.raises(ValueError, match="sample_domain has shape"):
        model.transform(RowBlocks([X]), sample_domain=d[1:])


@methods
def test_fits_to_blocks_are_pickled_without_them(method, make_domains):
    X, y, d = make_domains()
    model = method(2, kernel="primal").fit(
        RowBlocks(lambda: iter([X[:9], X[9:]])), y, sample_domain=d
    )
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    assert clone(again).get_params() == clone(model).get_params()


@methods
def test_blocks_are_not_written_to(method, make_domains):
    X, y, d = make_domains()
    blocks = [X[:9].copy(), X[9:].copy()]
    for block in blocks:
        block.flags.writeable = False
    model = method(2, kernel="primal").fit(RowBlocks(blocks), y, sample_domain=d)
    model.transform(RowBlocks(blocks)).to_array()
    np.testing.assert_array_equal(np.concatenate(blocks), X)
