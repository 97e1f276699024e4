"""The nearest mixture of the source's classes, and the test whether the target may be one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse
from scipy.optimize import minimize
from sklearn.metrics.pairwise import rbf_kernel

from skdomain.datasets import make_label_shift
from skdomain.metrics import _class_mixture as module
from skdomain.metrics import class_mixture_discrepancy, class_mixture_test
from skdomain.metrics._row_order import lexicographic_order

# SciPy 1.13's SLSQP steps out of the bounds by rounding and says so.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Values in x were outside bounds during a minimize step:RuntimeWarning"
)


def draw(seed, n_classes=3, n_features=2):
    rng = np.random.default_rng(seed)
    ys = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=20)])
    Xs = rng.normal(size=(len(ys), n_features)) + 2 * ys[:, None]
    return Xs, ys, rng.normal(size=(17, n_features)) + rng.normal()


def slow_discrepancy(Xs, ys, Xt, gamma):
    """The minimum over the simplex by a general solver, from the definition."""
    classes = np.unique(ys)

    def squared_distance(p):
        weights = np.concatenate(
            [
                sum(q * (ys == c) / np.sum(ys == c) for q, c in zip(p, classes, strict=True)),
                np.full(len(Xt), -1 / len(Xt)),
            ]
        )
        return weights @ rbf_kernel(np.concatenate([Xs, Xt]), gamma=gamma) @ weights

    found = minimize(
        squared_distance,
        np.full(len(classes), 1 / len(classes)),
        bounds=[(0, 1)] * len(classes),
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    return found.fun, found.x


@given(seed=st.integers(0, 2**16), n_classes=st.integers(1, 5), n_features=st.integers(1, 4))
def test_it_is_the_minimum_over_the_proportions(seed, n_classes, n_features):
    Xs, ys, Xt = draw(seed, n_classes, n_features)
    value, proportions = class_mixture_discrepancy(Xs, ys, Xt, gamma=0.3)
    expected, at = slow_discrepancy(Xs, ys, Xt, 0.3)
    assert value == pytest.approx(expected, abs=1e-9)
    assert value <= expected + 1e-12
    assert_allclose(proportions, at, atol=1e-3)
    assert proportions.sum() == pytest.approx(1)
    assert proportions.min() >= 0


def test_a_mixture_of_the_classes_is_at_distance_zero():
    Xs, ys, _ = draw(0)
    parts = [np.repeat(Xs[ys == c], n, axis=0) for c, n in ((0, 4), (2, 1))]
    counts = np.array([len(parts[0]), 0, len(parts[1])])
    value, proportions = class_mixture_discrepancy(Xs, ys, np.concatenate(parts))
    assert value == pytest.approx(0, abs=1e-15)
    assert_allclose(proportions, counts / counts.sum(), atol=1e-8)


@given(seed=st.integers(0, 2**16))
def test_units_row_order_copies_and_names_do_not_matter(seed):
    Xs, ys, Xt = draw(seed)
    value, proportions = class_mixture_discrepancy(Xs, ys, Xt)
    order = np.random.default_rng(seed).permutation(len(ys))
    names = np.array(["c", "b", "a"])[ys]
    other, reversed_ = class_mixture_discrepancy(
        5 + 3 * Xs[order], names[order], 5 + 3 * np.concatenate([Xt, Xt])
    )
    assert other == pytest.approx(value, abs=1e-9)
    assert_allclose(reversed_[::-1], proportions, atol=1e-6)


def test_the_size_of_the_blocks_does_not_matter(monkeypatch):
    problem = draw(1)
    value, _ = class_mixture_discrepancy(*problem)
    monkeypatch.setattr(module, "_BLOCK", 3)
    assert class_mixture_discrepancy(*problem)[0] == pytest.approx(value, rel=1e-12)


def pvalues(n, *, moved=0.0):
    for seed in range(n):
        problem = make_label_shift(100, 100, target_priors=[0.1, 0.9], random_state=seed)
        source = problem.sample_domain > 0
        Xs, Xt = problem.X[source], problem.X[~source] + moved
        yield class_mixture_test(
            Xs, problem.y[source], Xt, n_bootstrap=39, random_state=seed
        ).pvalue


def slow_draws(Xs, ys, Xt, n_draws, seed):
    """Discrepancies of drawn rows of each class and of a target drawn of the fitted mixture."""
    order = lexicographic_order(Xs, ys)
    Xs, ys, rng = Xs[order], ys[order], np.random.RandomState(seed)
    proportions = class_mixture_discrepancy(Xs, ys, Xt, gamma=0.5)[1]
    members = [np.flatnonzero(ys == c) for c in np.unique(ys)]
    for _ in range(n_draws):
        source = np.concatenate([rng.choice(rows, len(rows)) for rows in members])
        sizes = rng.multinomial(len(Xt), proportions)
        target = [rng.choice(rows, n) for rows, n in zip(members, sizes, strict=True)]
        drawn = Xs[source], ys[source], Xs[np.concatenate(target)]
        yield class_mixture_discrepancy(*drawn, gamma=0.5)[0]


@pytest.mark.parametrize(("seed", "columns"), [(0, 256), (1, 256), (2, 1)])
def test_the_pvalue_is_that_of_the_slow_loop_over_drawn_rows(seed, columns, monkeypatch):
    """Of more draws than are multiplied by the kernel matrix in one go."""
    monkeypatch.setattr(module, "_COLUMNS", columns)
    (Xs, ys, _), (Xt, *_) = draw(seed), draw(seed + 3)
    problem, n = (Xs, ys, Xt[: 15 + seed]), 150
    statistic, pvalue = class_mixture_test(*problem, gamma=0.5, n_bootstrap=n, random_state=seed)
    values = np.array([*slow_draws(*problem, n, seed)])
    assert pvalue == (1 + np.count_nonzero(values >= statistic)) / (1 + n)
    assert 0.02 < pvalue < 0.98


def test_its_level_is_kept_where_only_proportions_change():
    """Rejections at 5 % are binomial: at most 3 standard errors above it in 200 draws."""
    rejected = np.mean([p <= 0.05 for p in pvalues(200)])
    assert rejected <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_it_rejects_classes_that_have_moved():
    assert all(p == 1 / 40 for p in pvalues(10, moved=2.0))


def test_the_statistic_of_the_test_is_the_discrepancy():
    problem = draw(2)
    statistic, pvalue = class_mixture_test(*problem, gamma=0.5, n_bootstrap=9, random_state=0)
    expected = class_mixture_discrepancy(*problem, gamma=0.5)[0]
    assert statistic == pytest.approx(expected, rel=1e-14)
    assert (1 + 9) * pvalue == pytest.approx(round(10 * pvalue))


def test_a_seed_gives_one_result():
    problem = draw(3)
    assert class_mixture_test(*problem, random_state=1) == class_mixture_test(
        *problem, random_state=1
    )


def test_labels_that_do_not_fit_are_an_error():
    Xs, ys, Xt = draw(0)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        class_mixture_discrepancy(Xs, ys[1:], Xt)
    with pytest.raises(ValueError, match="same columns"):
        class_mixture_discrepancy(Xs, ys, Xt[:, :1])


@given(seed=st.integers(0, 99), decimals=st.integers(0, 3))
def test_the_test_does_not_depend_on_the_order_of_the_rows(seed, decimals):
    rng = np.random.default_rng(seed)
    Xs, Xt = rng.normal(size=(12, 2)).round(decimals), rng.normal(size=(9, 2)).round(decimals)
    ys, order = np.arange(12) % 3, rng.permutation(12)
    options = {"gamma": 1.0, "n_bootstrap": 30, "random_state": seed}
    expected = class_mixture_test(Xs, ys, Xt, **options)
    assert class_mixture_test(Xs[order], ys[order], rng.permutation(Xt), **options) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bootstrap": -5}, "The 'n_bootstrap' parameter of class_mixture_test must be an int"),
        ({"n_bootstrap": 0}, "The 'n_bootstrap' parameter"),
        ({"n_bootstrap": 2.5}, "The 'n_bootstrap' parameter"),
        ({"gamma": 0.0}, "The 'gamma' parameter of class_mixture_test must be a float"),
        ({"gamma": -1.0}, "The 'gamma' parameter"),
        ({"gamma": np.nan}, "The 'gamma' parameter"),
        ({"random_state": "x"}, "The 'random_state' parameter"),
    ],
)
def test_bad_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        class_mixture_test([[0.0], [1.0]], [0, 1], [[0.0]], **options)


@pytest.mark.parametrize(
    ("Xs", "ys", "message"),
    [
        ([[0.0], [1.0]], [0, np.nan], "Input ys contains NaN"),
        ([[0.0], [1.0]], ["a", None], "ys has no label for some source row"),
        ([[0.0], [1.0]], [[0, 1], [1, 0]], "y should be a 1d array"),
        ([[0.0], [1e200]], [0, 1], "the largest sum of squares of a row is inf.*divide"),
    ],
)
@pytest.mark.parametrize("function", [class_mixture_discrepancy, class_mixture_test])
def test_labels_and_rows_that_say_nothing_are_named(function, Xs, ys, message):
    with pytest.raises(ValueError, match=message):
        function(Xs, ys, [[0.0]])


@pytest.mark.parametrize("n_features", [5, 200], ids=["more rows", "more features"])
@given(seed=st.integers(0, 2**16))
def test_sparse_rows_give_what_dense_ones_give(n_features, seed):
    rng = np.random.default_rng(seed)
    X = rng.poisson(0.3, (46, n_features)).astype(float)
    X[:3] = X[3:6]
    ys, Xs, Xt = np.arange(26) % 3, X[:26], X[26:]
    value, proportions = class_mixture_discrepancy(Xs, ys, Xt)
    forms = (sparse.csr_array(Xs), sparse.coo_array(Xt)), (Xs, sparse.csc_matrix(Xt))
    for both in forms:
        found, shares = class_mixture_discrepancy(both[0], ys, both[1])
        assert found == pytest.approx(value, rel=1e-6, abs=1e-12)
        assert_allclose(shares, proportions, atol=1e-5)


def test_the_test_of_sparse_rows_does_not_depend_on_their_order():
    rng = np.random.default_rng(0)
    X = sparse.csr_array(rng.poisson(0.2, (60, 90)).astype(float))
    ys, order = np.arange(30) % 2, rng.permutation(30)
    first = class_mixture_test(X[:30], ys, X[30:], random_state=0)
    second = class_mixture_test(X[:30][order], ys[order], X[30:][order], random_state=0)
    assert first == pytest.approx(second, rel=1e-9)
    dense = class_mixture_test(X[:30].toarray(), ys, X[30:].toarray(), random_state=0)
    assert first == pytest.approx(dense, rel=1e-9)
    assert first.pvalue > 0.05
    moved = X[30:] + sparse.csr_array(np.tile([3.0] + [0.0] * 89, (30, 1)))
    assert class_mixture_test(X[:30], ys, moved, random_state=0).pvalue < 0.05


def test_sparse_rows_that_do_not_fit_are_named():
    X, ys = sparse.csr_array(np.eye(4)), [0, 0, 1, 1]
    with pytest.raises(ValueError, match="same columns, got 4 in Xs and 3 in Xt"):
        class_mixture_discrepancy(X, ys, X[:, :3])
    with pytest.raises(ValueError, match="Xt contains NaN"):
        class_mixture_discrepancy(X, ys, X * np.nan)
    assert class_mixture_discrepancy(X * 0, ys, X * 0)[0] == 0
