"""STRUT: its criterion by brute force, hand-worked trees, and what it leaves alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier

from skdomain.transfer import TransferTreeClassifier
from skdomain.transfer._node_tree import tree_nodes
from skdomain.transfer._strut import (
    best_split,
    divergence_gain,
    entropy,
    part_rows,
    refit_thresholds,
    refitted_tree,
    splits_between,
)


def node(seed, n=12, classes=3, missing=0.0):
    """Rows of a node with ties, their classes and weights, and the source's distributions."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=n), 1).astype(np.float32)
    x[rng.random(n) < missing] = np.nan
    Q = rng.dirichlet(np.ones(classes), size=2)
    Q[0, rng.integers(classes)] = 0
    Q /= Q.sum(axis=1, keepdims=True)
    return x, rng.integers(classes, size=n), rng.integers(1, 4, n) / 2, Q


def brute_force(x, codes, weights, missing_left, Q):
    """Every threshold by its definition: (threshold, exchanged) of the best, None without any."""
    n_classes, values = Q.shape[1], np.unique(x[~np.isnan(x)])
    found = []
    for low, high in pairwise(values):
        t = (np.float64(low) + np.float64(high)) / 2
        left = np.where(np.isnan(x), missing_left, x <= t)
        sides = [np.bincount(codes[s], weights[s], n_classes) for s in (left, ~left)]
        shares = [side.sum() / weights.sum() for side in sides]
        mixed = sum(w * scipy_entropy(s, base=2) for w, s in zip(shares, sides, strict=True))
        gains = [
            1
            - sum(
                w * jensenshannon(s, q, base=2) ** 2
                for w, s, q in zip(shares, sides, pair, strict=True)
            )
            for pair in (Q, Q[::-1])
        ]
        found.append((t, mixed, gains))
    mixed = [np.inf, *(m for _, m, _ in found), np.inf]
    peaks = [
        entry
        for i, entry in enumerate(found, start=1)
        if mixed[i] <= min(mixed[i - 1], mixed[i + 1]) + 1e-9
    ]
    best = max((max(gains) for *_, gains in peaks), default=None)
    firsts = [(t, g[1] > g[0] + 1e-9) for t, _, g in peaks if max(g) > best - 1e-9]
    return firsts[0] if firsts else None


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**16),
    missing=st.sampled_from([0.0, 0.3]),
    missing_left=st.booleans(),
    n=st.integers(2, 15),
)
def test_the_threshold_is_that_of_a_brute_force_search(seed, missing, missing_left, n):
    x, codes, weights, Q = node(seed, n, missing=missing)
    expected = brute_force(x, codes, weights, missing_left, Q)
    counts = np.bincount(codes, weights, 3)
    thresholds, lefts = splits_between(x, codes, weights, counts, missing_left)
    if expected is None:
        assert len(thresholds) == 0
        return
    place, exchanged = best_split(lefts, counts, *Q)
    assert (thresholds[place], exchanged) == expected


@settings(max_examples=20)
@given(seed=st.integers(0, 2**16))
def test_entropy_and_gain_are_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    left, right, Q, R = rng.integers(0, 5, size=(4, 4)) + np.eye(4)
    Q, R = Q / Q.sum(), R / R.sum()
    assert_allclose(entropy(left), scipy_entropy(left, base=2), atol=1e-14)
    share = left.sum() / (left.sum() + right.sum())
    distances = [jensenshannon(one, two, base=2) ** 2 for one, two in ((left, Q), (right, R))]
    expected = 1 - share * distances[0] - (1 - share) * distances[1]
    assert_allclose(divergence_gain(left, right, Q, R), expected, atol=1e-13)


def test_the_gain_is_1_where_the_target_is_as_the_source_and_0_where_nothing_is_shared():
    one, two = np.eye(2)
    assert divergence_gain(3 * one, 5 * two, one, two) == 1
    assert divergence_gain(3 * one, 5 * two, two, one) == 0


def test_strut_by_hand():
    """Scores have doubled: 3 and 5 were the thresholds of three classes, 6 and 10 they are."""
    source = DecisionTreeClassifier(random_state=0)
    source.fit([[0], [1], [2], [4], [4.5], [6], [7]], [0, 0, 0, 1, 1, 2, 2])
    assert_array_equal(source.tree_.threshold[source.tree_.feature >= 0], [3, 5.25])
    X, y = [[1], [5], [7], [9], [11], [13]], [0, 0, 1, 1, 2, 2]
    (tree,) = TransferTreeClassifier(FrozenEstimator(source), method="strut").fit(X, y).trees_
    assert_array_equal(tree.threshold[tree.left >= 0], [6, 10])
    assert_array_equal(tree.left, source.tree_.children_left)
    assert_array_equal(tree.n_samples, [6, 2, 4, 2, 2])
    assert_array_equal(tree.value[tree.leaves], np.eye(3))


def test_children_are_exchanged_where_the_feature_has_changed_its_sign():
    """What is asked below moves with the child: 4.5 stays below the classes 1 and 2."""
    X, y = np.array([[0, 9], [1, 9], [5, 1], [6, 1], [7, 8], [8, 8.0]]), [0, 0, 1, 1, 2, 2]
    source = DecisionTreeClassifier(random_state=0).fit(X[:, :1], y)
    assert_array_equal(source.tree_.threshold[source.tree_.feature >= 0], [3, 6.5])
    model = TransferTreeClassifier(FrozenEstimator(source), method="strut").fit(-X[:, :1], y)
    (tree,) = model.trees_
    assert_array_equal(model.predict(-X[:, :1]), y)
    assert_array_equal(tree.threshold[tree.left >= 0], [-3, -6.5])
    assert tree.left[tree.left[0]] >= 0 > tree.left[tree.right[0]]


def test_a_gain_at_a_local_maximum_only_counts():
    """The largest divergence gain of all is beside a peak of the information gain."""
    lefts = np.array([[3.0, 0.0], [3.0, 1.0], [3.0, 4.0]])
    counts, even = np.array([4.0, 4.0]), np.array([0.5, 0.5])
    gains = [divergence_gain(left, counts - left, even, even) for left in lefts]
    assert np.argmax(gains) == 2
    place, exchanged = best_split(lefts, counts, even, even)
    mixed = [
        left.sum() * entropy(left) + (counts - left).sum() * entropy(counts - left)
        for left in lefts
    ]
    assert mixed[0] < mixed[1] < mixed[2]
    assert (place, exchanged) == (0, False)


def fitted(seed, unreached="prune", n=30):
    rng = np.random.default_rng(seed)
    Xs, ys = rng.normal(size=(200, 3)), rng.integers(3, size=200)
    X, y = rng.normal(size=(n, 3)) * 2 + 1, rng.integers(3, size=n)
    source = DecisionTreeClassifier(random_state=0).fit(Xs, ys)
    options = {"method": "strut", "unreached": unreached}
    return (
        source,
        TransferTreeClassifier(FrozenEstimator(source), **options).fit(X, y),
        X.astype(np.float32),
        y,
    )


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16))
def test_leaves_hold_the_target_s_counts_and_none_is_without_target_rows(seed):
    _, model, X, y = fitted(seed)
    (tree,) = model.trees_
    leaves = tree.apply(X)
    assert_array_equal(np.unique(leaves), tree.leaves)
    for leaf in tree.leaves:
        shares = np.bincount(y[leaves == leaf], minlength=3) / np.sum(leaves == leaf)
        assert_array_equal(tree.value[leaf], shares)
    inner = tree.left >= 0
    assert np.all(tree.value[inner].max(axis=1) < 1)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16))
def test_thresholds_move_where_target_rows_differ_and_nothing_else_changes(seed):
    """Children may be exchanged; branches that no row comes to stay the source's, if kept."""
    source, model, X, y = fitted(seed, "keep")
    nodes, (tree,) = tree_nodes(source.tree_), model.trees_
    moved, counts = refitted_tree(nodes, X, y, np.ones(len(X)))
    inner = nodes.left >= 0
    for lines in (np.stack([t.left, t.right])[:, inner] for t in (moved, nodes)):
        assert_array_equal(lines.min(axis=0), np.minimum(nodes.left, nodes.right)[inner])
    still = inner & (np.sum(counts > 0, axis=1) < 2)
    assert_array_equal(moved.threshold[still], nodes.threshold[still])
    new = np.random.default_rng(seed).normal(size=(200, 3)).astype(np.float32)
    leaves = moved.apply(new)
    empty = counts[leaves].sum(axis=1) == 0
    assert empty.any()
    assert_array_equal(tree.value[tree.apply(new)][empty], nodes.value[leaves][empty])


def test_the_source_is_its_own_target():
    """Refitted on the rows it was grown from, the tree predicts what it did."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 3)), rng.integers(3, size=120)
    source = DecisionTreeClassifier(random_state=0).fit(X, y)
    model = TransferTreeClassifier(FrozenEstimator(source), method="strut").fit(X, y)
    assert_array_equal(model.predict(X), source.predict(X))
    assert_array_equal(model.trees_[0].threshold, source.tree_.threshold)


def test_missing_values_stay_on_their_side():
    X = np.array([[np.nan], [0], [1], [2], [5], [6.0]])
    source = DecisionTreeClassifier(random_state=0).fit(X, [0, 0, 0, 0, 1, 1])
    model = TransferTreeClassifier(FrozenEstimator(source), method="strut")
    model.fit([[np.nan], [1], [9], [11]], [1, 0, 1, 1])
    (tree,) = model.trees_
    assert tree.threshold[0] == 5
    assert_allclose(tree.value[tree.left[0]], [0.5, 0.5])


@pytest.mark.parametrize("missing_left", [True, False])
def test_compiled_loops_are_their_python(missing_left):
    x, codes, weights, Q = node(3, missing=0.2)
    counts = np.bincount(codes, weights, 3)
    fast = splits_between(x, codes, weights, counts, missing_left)
    for one, other in zip(
        fast, splits_between.py_func(x, codes, weights, counts, missing_left), strict=True
    ):
        assert_array_equal(one, other)
    assert best_split.py_func(fast[1], counts, *Q) == best_split(fast[1], counts, *Q)
    rows = [np.arange(12), np.arange(12)]
    n_left = [
        loop(x, 0.0, missing_left, own)
        for loop, own in zip((part_rows, part_rows.py_func), rows, strict=True)
    ]
    assert n_left[0] == n_left[1] == np.sum(np.where(np.isnan(x), missing_left, x <= 0))
    assert_array_equal(*rows)
    source, _, X, y = fitted(0)
    nodes = tree_nodes(source.tree_)
    told = []
    for loop in (refit_thresholds, refit_thresholds.py_func):
        arrays = [array.copy() for array in nodes.tests]
        told.append([loop(X, y, np.ones(len(X)), *arrays, nodes.value), *arrays])
    for one, other in zip(*told, strict=True):
        assert_array_equal(one, other)
