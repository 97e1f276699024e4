"""Our arrays of nodes say bit for bit what scikit-learn's trees say."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

from skdomain import NoTargetWarning
from skdomain.transfer import (
    TransferForestClassifier,
    TransferForestRegressor,
    TransferTreeClassifier,
    TransferTreeRegressor,
)
from skdomain.transfer._node_tree import add_leaf_values, leaves_of, tree_nodes

TREES = [
    DecisionTreeClassifier(random_state=0),
    DecisionTreeClassifier(max_depth=1),
    DecisionTreeClassifier(max_leaf_nodes=7, criterion="entropy", random_state=0),
    ExtraTreeClassifier(random_state=0),
    DecisionTreeRegressor(random_state=0),
    DecisionTreeRegressor(min_samples_leaf=3, random_state=0),
]


def said(model, X):
    return getattr(model, "predict_proba", model.predict)(X)


def problem(seed, n=60, d=3, missing=0.0):
    """Rows with ties, values next to each other in float32, and missing ones."""
    rng = np.random.default_rng(seed)
    X = rng.choice([rng.normal(), 1.0, np.nextafter(np.float32(1), 2), 1e-40, 3e7], size=(n, d))
    X = np.where(rng.random((n, d)) < 0.5, X, rng.normal(size=(n, d)))
    X[rng.random((n, d)) < missing] = np.nan
    return X, rng.integers(3, size=n)


@pytest.mark.parametrize("tree", TREES)
@settings(max_examples=6)
@given(seed=st.integers(0, 2**16), missing=st.sampled_from([0.0, 0.2]))
def test_leaves_and_values_are_those_of_scikit_learn(tree, seed, missing):
    if isinstance(tree, ExtraTreeClassifier):
        missing = 0.0
    (X, y), (new, _) = problem(seed, missing=missing), problem(seed + 1, missing=missing)
    tree.fit(X, y)
    nodes, rows = tree_nodes(tree.tree_), np.concatenate([X, new]).astype(np.float32)
    assert_array_equal(nodes.apply(rows), tree.apply(rows))
    sums = np.zeros((len(rows), nodes.value.shape[1]))
    nodes.add_values(rows, sums)
    assert_array_equal(sums.reshape(said(tree, rows).shape), said(tree, rows))


def test_missing_values_of_new_rows_go_where_scikit_learn_sends_them():
    """The tree has met none in training, so they follow most rows."""
    (X, y), (new, _) = problem(0), problem(1, missing=0.5)
    tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    assert_array_equal(tree_nodes(tree.tree_).apply(new.astype(np.float32)), tree.apply(new))


def test_a_value_that_float32_rounds_to_the_threshold_goes_the_way_of_scikit_learn():
    step = float(np.spacing(np.float32(1)))
    tree = DecisionTreeClassifier().fit([[1.0], [1 + 2 * step]], [0, 1])
    nodes = tree_nodes(tree.tree_)
    assert_array_equal(nodes.threshold[0], 1 + step)
    rows = np.array([[1 + step], [1 + 1.4 * step], [1 + 1.6 * step]])
    assert_array_equal(nodes.apply(rows.astype(np.float32)), [1, 1, 2])
    assert_array_equal(tree.apply(rows), [1, 1, 2])


def test_a_deep_tree_and_a_tree_of_one_node():
    X = np.arange(3000.0)[:, None]
    chain = DecisionTreeRegressor().fit(X, 4.0 ** (np.arange(3000) % 500))
    nodes = tree_nodes(chain.tree_)
    assert_array_equal(nodes.value[nodes.apply(X.astype(np.float32)), 0], chain.predict(X))
    assert chain.get_depth() > 100
    stump = tree_nodes(DecisionTreeClassifier().fit(X, np.zeros(3000)).tree_)
    assert len(stump) == len(stump.leaves) == 1
    assert_array_equal(stump.apply(X.astype(np.float32)), 0)


def test_the_arrays_are_not_those_of_the_source():
    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
    before, nodes = pickle.dumps(tree), tree_nodes(tree.tree_)
    for name in vars(nodes):
        getattr(nodes, name)[:] = 0
    assert pickle.dumps(tree) == before


@pytest.mark.parametrize(
    ("model", "source"),
    [
        (TransferTreeClassifier, DecisionTreeClassifier(random_state=0)),
        (TransferTreeRegressor, DecisionTreeRegressor(random_state=0)),
        (TransferForestClassifier, RandomForestClassifier(7, random_state=0)),
        (TransferForestClassifier, ExtraTreesClassifier(7, random_state=0)),
        (TransferForestRegressor, RandomForestRegressor(7, random_state=0)),
        (TransferForestRegressor, ExtraTreesRegressor(7, random_state=0)),
    ],
)
def test_without_a_target_the_model_is_the_source_s(model, source):
    X, y = problem(3)
    source.fit(X, y)
    with pytest.warns(NoTargetWarning, match="its trees are those of the source"):
        same = model(FrozenEstimator(source)).fit(X, y, sample_domain=1)
    assert_array_equal(said(same, X), said(source, X))
    assert_array_equal(same.predict(X), source.predict(X))


def test_compiled_loops_are_their_python():
    (X, y), (new, _) = problem(5, missing=0.1), problem(6, missing=0.1)
    nodes = tree_nodes(DecisionTreeClassifier(random_state=0).fit(X, y).tree_)
    new, sums = new.astype(np.float32), np.zeros((2, len(new), 3))
    assert_array_equal(leaves_of.py_func(new, *nodes.tests), leaves_of(new, *nodes.tests))
    for loop, out in zip((add_leaf_values, add_leaf_values.py_func), sums, strict=True):
        loop(new, *nodes.tests, nodes.value, out)
    assert_array_equal(*sums)


def test_nothing_is_out_of_bounds_without_the_compiler():
    program = (
        "import numpy as np\n"
        "from skdomain.transfer import TransferForestClassifier, TransEMDT\n"
        "rng = np.random.default_rng(0)\n"
        "X, y, d = rng.normal(size=(60, 2)), rng.integers(3, size=60), [1] * 40 + [-1] * 20\n"
        "from sklearn.ensemble import RandomForestClassifier as Forest\n"
        "for unreached in ('prune', 'keep'):\n"
        "    model = TransferForestClassifier(Forest(2), unreached=unreached, random_state=0)\n"
        "    print(model.fit(X, y, sample_domain=d).predict(X).shape)\n"
        "print(TransEMDT(max_iter=1, random_state=0).fit(X, y, d).n_iter_)\n"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split("\n") == ["(60,)", "(60,)", "1", ""]
