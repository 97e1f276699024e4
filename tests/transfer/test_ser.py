"""Relabelling and SER: hand-worked trees, and what holds for all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdomain.transfer import TransferTreeClassifier, TransferTreeRegressor
from skdomain.transfer._node_tree import tree_nodes
from skdomain.transfer._ser import expanded, ser_tree
from skdomain.transfer._tree_pruning import (
    ClassCounts,
    SquaredErrors,
    nodes_left,
    reducible,
    relabel_tree,
    sums_of_leaves,
    sums_of_nodes,
)


def source_tree():
    """3.5 over (1.5, 5.5), with leaves of the classes 0 to 3."""
    tree = DecisionTreeClassifier(criterion="entropy", random_state=0)
    return tree.fit(np.arange(8.0)[:, None], [0, 0, 1, 1, 2, 2, 3, 3])


def grow(X, y, weights):
    model = DecisionTreeClassifier(random_state=0).fit(X, y, weights)
    return tree_nodes(model.tree_, model.classes_, 3)


def rows(seed, n=40, d=2, classes=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)).astype(np.float32), rng.integers(classes, size=n)


def nodes_of(seed, **options):
    X, y = rows(seed, n=60)
    tree = DecisionTreeClassifier(random_state=0, **options).fit(X + 0.5, y)
    return tree_nodes(tree.tree_, tree.classes_, 3)


def test_relabelling_keeps_the_tree_and_counts_target_classes_in_the_leaves():
    X, y = rows(0)
    tree, weights = nodes_of(1), np.ones(len(X))
    found = relabel_tree(tree, X, y, weights, ClassCounts(3))
    for one, other in zip(found.tests, tree.tests, strict=True):
        assert_array_equal(one, other)
    leaves = tree.apply(X)
    for leaf in tree.leaves:
        counts = np.bincount(y[leaves == leaf], minlength=3)
        if counts.sum():
            assert_array_equal(found.value[leaf], counts / counts.sum())
            assert found.n_samples[leaf] == counts.sum()
        else:
            assert_array_equal(found.value[leaf], tree.value[leaf])
    assert_array_equal(found.value[0], np.bincount(y, minlength=3) / len(y))


def test_relabelling_takes_the_target_s_mean_of_values():
    X, y = rows(0)
    source = DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, y)
    new, values = rows(2)[0], np.random.default_rng(3).normal(size=40) + 1e6
    model = TransferTreeRegressor(FrozenEstimator(source), method="relabel").fit(new, values)
    leaves = source.apply(new)
    means = [values[leaves == leaf].mean() for leaf in leaves]
    assert_allclose(model.predict(new), means, rtol=1e-14)


def thresholds(model):
    """What the only tree asks for, parents first."""
    (tree,) = model.trees_
    return tree.threshold[tree.left >= 0]


def test_ser_by_hand():
    """The left half is of class 1 in the target, so it is a leaf; the leaf above 5.5 is parted."""
    X, y = [[0.0], [2.0], [3.0], [5.0], [6.0], [8.0], [9.0]], [1, 1, 1, 2, 3, 2, 2]
    model = TransferTreeClassifier(FrozenEstimator(source_tree())).fit(X, y)
    (found,) = model.trees_
    assert_array_equal(found.left, [1, -1, 3, -1, 5, -1, -1])
    assert_array_equal(found.right, [2, -1, 4, -1, 6, -1, -1])
    assert_array_equal(thresholds(model), [3.5, 5.5, 7.0])
    assert_array_equal(found.value[found.leaves].argmax(axis=1), [1, 2, 3, 2])
    assert_array_equal(found.n_samples, [7, 3, 4, 1, 3, 1, 2])
    assert_array_equal(found.value[0], np.array([0, 3, 3, 1]) / 7)


def test_a_branch_without_target_rows_gives_its_parent_s_place_to_its_sibling():
    """No row is between 3.5 and 5.5, so nothing is asked at 5.5 any more; or it stays."""
    X, y = [[0.0], [1.0], [6.0], [7.0], [8.0]], [0, 0, 3, 2, 3]
    pruned = TransferTreeClassifier(FrozenEstimator(source_tree()), unreached="prune").fit(X, y)
    assert_array_equal(np.sort(thresholds(pruned)), [3.5, 6.5, 7.5])
    assert_array_equal(pruned.predict([[2.0], [4.0]]), [0, 3])
    kept = TransferTreeClassifier(FrozenEstimator(source_tree())).fit(X, y)
    assert_array_equal(np.sort(thresholds(kept)), [1.5, 3.5, 5.5, 6.5, 7.5])
    assert_array_equal(kept.predict([[2.0], [4.0]]), [1, 2])
    assert_array_equal(kept.predict(X), y)
    assert_array_equal(pruned.predict(X), y)


def test_one_target_row_leaves_one_node():
    model = TransferTreeClassifier(FrozenEstimator(source_tree()), unreached="prune")
    model.fit([[2.0]], [0])
    assert len(model.trees_[0]) == 1
    assert_array_equal(model.predict([[0.0], [7.0]]), 0)


def errors(tree, X, y, kind, weights):
    sums = sums_of_nodes(tree.apply(X), kind.stats(y, weights), tree.left, tree.right)
    return kind.error(sums[tree.leaves]).sum()


@settings(max_examples=15)
@given(seed=st.integers(0, 2**16), depth=st.sampled_from([None, 2]), same=st.booleans())
def test_expansion_and_reduction_never_raise_the_errors_on_the_target(seed, depth, same):
    """Expansion at most those of relabelling; reduction leaves them as they are, in fewer nodes."""
    X, y = rows(seed)
    X = np.round(X) if same else X
    weights, kind = np.random.default_rng(seed).integers(1, 4, len(X)) / 1.0, ClassCounts(3)
    tree = nodes_of(seed + 1, max_depth=depth)
    large = expanded(tree, X, y, weights, grow)
    for unreached in ("prune", "keep"):
        small = ser_tree(tree, X, y, weights, kind, grow, unreached=unreached)
        assert errors(small, X, y, kind, weights) == errors(large, X, y, kind, weights)
        assert errors(small, X, y, kind, weights) <= errors(tree, X, y, kind, weights)
        assert len(small) <= len(large)
        leaves = small.value[small.apply(X)].argmax(axis=1)
        assert weights[leaves != y].sum() == errors(small, X, y, kind, weights)
    if not same:
        assert errors(large, X, y, kind, weights) == 0


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16))
def test_no_node_of_a_reduced_tree_can_be_reduced_further(seed):
    X, y = np.round(rows(seed)[0]), rows(seed)[1]
    kind, weights = ClassCounts(3), np.ones(len(X))
    small = ser_tree(nodes_of(seed + 1), X, y, weights, kind, grow, unreached="prune")
    sums = sums_of_nodes(small.apply(X), kind.stats(y, weights), small.left, small.right)
    assert not np.any(reducible(small, sums, kind) & (small.left >= 0))
    assert np.all(small.n_samples > 0)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16), offset=st.sampled_from([0.0, 1e5]))
def test_of_values_the_squared_errors_are_no_larger(seed, offset):
    X, _ = rows(seed)
    y = np.random.default_rng(seed).normal(size=len(X)) + offset
    source = DecisionTreeRegressor(max_depth=4, random_state=0).fit(X + 0.3, y)
    models = {
        method: TransferTreeRegressor(FrozenEstimator(source), method=method, random_state=0).fit(
            X, y
        )
        for method in ("relabel", "ser")
    }
    loss = {name: np.sum((model.predict(X) - y) ** 2) for name, model in models.items()}
    assert loss["ser"] <= loss["relabel"] <= np.sum((source.predict(X) - y) ** 2) + 1e-6
    assert_allclose(models["ser"].predict(X), y, rtol=1e-12)


def test_the_error_of_values_is_the_sum_of_squares_about_the_mean():
    rng = np.random.default_rng(0)
    y, weights = rng.normal(size=9) + 50, rng.random(9)
    kind = SquaredErrors(50.0)
    sums = kind.stats(y, weights).sum(axis=0)[None]
    mean = np.average(y, weights=weights)
    assert_allclose(kind.error(sums), np.sum(weights * (y - mean) ** 2), rtol=1e-12)
    assert_allclose(kind.values(sums), mean, rtol=1e-14)
    assert kind.error(np.zeros((1, 3))) == 0


def test_branches_grow_as_the_source_s_tree_did_but_without_its_limit_of_depth():
    X, y = rows(0, n=200)
    source = DecisionTreeClassifier(
        max_depth=1, min_samples_leaf=5, class_weight={0: 2, 1: 1, 2: 9}
    )
    model = TransferTreeClassifier(FrozenEstimator(source.fit(X, y)), random_state=0)
    (tree,) = model.fit(X, y).trees_
    assert tree.n_samples[tree.leaves].min() >= 5
    assert len(tree) > 30
    assert_allclose(tree.value[0], np.bincount(y) / 200)


@pytest.mark.parametrize("loop", [sums_of_nodes, sums_of_nodes.py_func])
def test_sums_of_nodes_are_those_of_their_rows(loop):
    X, y = rows(4)
    tree, kind = nodes_of(5), ClassCounts(3)
    sums = loop(tree.apply(X), kind.stats(y, np.ones(len(X))), tree.left, tree.right)

    def counts(node, own):
        assert_array_equal(sums[node], np.bincount(y[own], minlength=3))
        if tree.left[node] >= 0:
            left = X[own, tree.feature[node]] <= tree.threshold[node]
            counts(tree.left[node], own[left])
            counts(tree.right[node], own[~left])

    counts(0, np.arange(len(X)))


def test_pruning_loops_are_their_python():
    tree = nodes_of(7)
    rng = np.random.default_rng(0)
    error, cut = rng.random(len(tree)), rng.random(len(tree)) < 0.1
    lines = tree.left, tree.right
    assert_array_equal(sums_of_leaves(error, *lines), sums_of_leaves.py_func(error, *lines))
    reached = sums_of_leaves((rng.random(len(tree)) < 0.6).astype(float), *lines) > 0
    for one, other in zip(
        nodes_left(*lines, reached, cut), nodes_left.py_func(*lines, reached, cut), strict=True
    ):
        assert_array_equal(one, other)


def test_a_tree_that_keeps_all_nodes_is_as_it_was():
    tree = nodes_of(8)
    all_of_them, none = np.ones(len(tree), dtype=bool), np.zeros(len(tree), dtype=bool)
    nodes, left, right = nodes_left(tree.left, tree.right, all_of_them, none)
    same = tree.take(nodes, left, right)
    X = rows(9)[0]
    assert_array_equal(same.value[same.apply(X)], tree.value[tree.apply(X)])
    assert np.all((same.left == -1) | (same.left > np.arange(len(same))))
    assert_array_equal(np.sort(nodes), np.arange(len(tree)))
