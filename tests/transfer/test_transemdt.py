"""TransEMDT: what a cluster is, where its rounds end, and that it follows what moved."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier

from skdomain.transfer import TransEMDT
from skdomain.transfer._node_tree import tree_nodes
from skdomain.transfer._strut import refitted_tree
from skdomain.transfer._target_clusters import (
    clustered_labels,
    confident_labels,
    transemdt_rounds,
)


def source_tree(seed=0, n=80, **options):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, 2)), np.arange(n) % 3
    X += 3 * np.eye(3)[y][:, :2]
    return DecisionTreeClassifier(random_state=0, **options).fit(X, y), X, y


def target(seed=1, n=60, shift=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return (rng.normal(size=(n, 2)) * 0.7 + 3 * np.eye(3)[y][:, :2] + shift).astype(np.float32), y


def test_confident_rows_are_the_best_of_each_class_by_hand():
    """Leaves of 4 rows (3 of class 0), 2 rows and 1 row of class 1: 4/6, 3/4 and 2/3."""
    tree = DecisionTreeClassifier(min_samples_split=5)
    tree.fit([[0]] * 4 + [[1]] * 2 + [[2]], [0, 0, 0, 1, 1, 1, 0])
    nodes = tree_nodes(tree.tree_)
    X = np.array([[0], [0], [1], [1], [2]], dtype=np.float32)
    assert_array_equal(tree.predict(X), [0, 0, 1, 1, 1])
    assert_array_equal(confident_labels(nodes, X, 1), [0, 0, 1, 1, 1])


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16), share=st.sampled_from([0.01, 0.3, 0.5, 1.0]))
def test_confident_rows_are_at_least_the_share_and_none_better_is_left_out(seed, share):
    tree, _, _ = source_tree(seed)
    X, nodes = target(seed)[0], tree_nodes(tree.tree_)
    chosen, labels = confident_labels(nodes, X, share), tree.predict(X)
    leaf = tree.apply(X)
    n = tree.tree_.n_node_samples[leaf]
    confidence = (tree.predict_proba(X).max(axis=1) * n + 1) / (n + 3)
    for label in np.unique(labels):
        own = labels == label
        taken = own & (chosen >= 0)
        assert_array_equal(chosen[taken], label)
        assert taken.sum() >= share * own.sum()
        others = confidence[own & ~taken]
        assert others.max(initial=-1) < confidence[taken].min()
        tied = confidence == confidence[taken].min()
        assert np.sum(taken & ~tied) < share * own.sum() or share == 1


@settings(max_examples=10)
@given(seed=st.integers(0, 2**16))
def test_clusters_are_those_of_k_means_started_at_the_class_means(seed):
    Z, y = target(seed, n=40)
    Z = Z.astype(np.float64)
    means = np.array([Z[y == k].mean(axis=0) for k in range(3)])
    expected = KMeans(3, init=means, n_init=1, tol=0, algorithm="lloyd").fit(Z).labels_
    found = clustered_labels(Z, y)
    assert_array_equal(found, expected)
    means = np.array([Z[found == k].mean(axis=0) for k in range(3)])
    distances = ((Z[:, None] - means) ** 2).sum(axis=2)
    assert_allclose(distances[np.arange(40), found], distances.min(axis=1))


def test_a_class_that_no_row_is_predicted_of_has_no_cluster():
    Z = np.array([[0.0], [1.0], [9.0], [10.0]])
    assert_array_equal(clustered_labels(Z, np.array([2, 2, 5, 2])), [2, 2, 5, 5])


@settings(max_examples=15)
@given(seed=st.integers(0, 2**16), shift=st.floats(-2, 2))
def test_rounds_end_at_a_fixed_point_or_say_why_not(seed, shift):
    """At a fixed point the labels make the tree, and the tree the labels."""
    tree, X = tree_nodes(source_tree(seed)[0].tree_), target(seed, shift=shift)[0]
    found, rounds = transemdt_rounds(tree, X)
    changes = [figures["label_changes"] for figures in rounds.history]
    assert 0 not in changes[:-1]
    if changes[-1]:
        assert rounds.period or len(changes) == 20
        return
    rows = rounds.labels >= 0
    again, _ = refitted_tree(tree, X[rows], rounds.labels[rows], np.ones(rows.sum()))
    for one, other in zip(again.tests, found.tests, strict=True):
        assert_array_equal(one, other)
    Z = (X - X.mean(axis=0, dtype=float)) / X.std(axis=0, dtype=float)
    labels = confident_labels(found, X, 0.5)
    assert_array_equal(labels >= 0, rows)
    assert_array_equal(clustered_labels(Z[rows], labels[rows]), rounds.labels[rows])
    assert rounds.history[-1]["n_confident"] == rows.sum()


def test_each_round_starts_from_the_tree_of_the_source():
    """Its labels are all that a round takes over from the one before."""
    told_apart = 0
    for seed in range(30):
        tree, X = tree_nodes(source_tree(seed)[0].tree_), target(seed + 1, shift=1.5)[0]
        labels = transemdt_rounds(tree, X, max_iter=1)[1].labels
        last, rounds = transemdt_rounds(tree, X, max_iter=2)
        if len(rounds.history) < 2:
            continue
        rows = labels >= 0
        once = [
            refitted_tree(start, X[rows], labels[rows], np.ones(rows.sum()))[0]
            for start in (tree, transemdt_rounds(tree, X, max_iter=1)[0])
        ]
        assert_array_equal(last.threshold, once[0].threshold)
        told_apart += np.any(once[0].threshold != once[1].threshold)
    assert told_apart > 0


ENDS = {
    "max_iter": "round 1 of TransEMDT .*To reach a fixed point, raise max_iter",
    "cycle": "round 20 of .* change confident: the labels run in a cycle of . rounds",
}


@pytest.mark.parametrize("end", ENDS)
def test_rounds_that_do_not_settle_are_a_warning(end):
    found = 0
    for seed in range(60):
        (tree, _, _), X = source_tree(seed), target(seed + 1, shift=1.5)[0]
        max_iter = 1 if end == "max_iter" else 20
        _, rounds = transemdt_rounds(tree_nodes(tree.tree_), X, max_iter=max_iter)
        if rounds.history[-1]["label_changes"] and bool(rounds.period) == (end == "cycle"):
            model = TransEMDT(FrozenEstimator(tree), max_iter=max_iter)
            with pytest.warns(ConvergenceWarning, match=ENDS[end]):
                model.fit(X)
            assert model.termination_ == end
            assert model.n_iter_ == max_iter
            found += 1
    assert found > 0


def test_it_follows_clusters_that_moved_and_keeps_what_is_asked():
    tree, _, _ = source_tree()
    Xt, yt = target(2, n=150, shift=1.5)
    model = TransEMDT(FrozenEstimator(tree)).fit(Xt)
    assert model.termination_ == "converged"
    assert model.score(Xt, yt) > tree.score(Xt, yt) + 0.05
    assert_array_equal(model.trees_[0].feature, tree.tree_.feature)
    assert_array_equal(model.trees_[0].value, tree.tree_.value[:, 0])
    assert_array_equal(model.pseudo_labels_, model.predict(Xt))


def test_units_of_the_target_do_not_matter():
    _, Xs, ys = source_tree()
    Xt, d = target(2)[0], np.repeat([1, -1], [80, 60])
    X, y = np.vstack([Xs, Xt]), np.r_[ys, np.full(60, -1)]
    one = TransEMDT(random_state=0).fit(X, y, sample_domain=d)
    scales = np.array([1024.0, 0.125])
    other = TransEMDT(random_state=0).fit(X * scales, y, sample_domain=d)
    assert_array_equal(one.pseudo_labels_, other.pseudo_labels_)


def test_a_pickled_tree_does_without_the_source_rows():
    tree, Xs, _ = source_tree()
    Xt = target(2)[0]
    sent = pickle.dumps(tree)
    free = TransEMDT(FrozenEstimator(pickle.loads(sent))).fit(Xt)
    X = np.vstack([Xs, Xt])
    same = TransEMDT(FrozenEstimator(pickle.loads(sent))).fit(
        X, np.full(len(X), np.nan), sample_domain=np.repeat([1, -1], [80, 60])
    )
    assert_array_equal(free.predict_proba(X), same.predict_proba(X))
    assert_array_equal(free.source_estimator_.predict(X), tree.predict(X))


@pytest.mark.parametrize("n", [1, 2])
def test_a_row_or_two_of_the_target_and_a_constant_column(n):
    tree, _, _ = source_tree()
    model = TransEMDT(FrozenEstimator(tree)).fit(np.full((n, 2), 0.3))
    assert model.termination_ == "converged"
    assert_array_equal(model.trees_[0].threshold, tree.tree_.threshold)
