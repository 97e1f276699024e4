"""A decision tree of the source, changed by a few labelled target rows."""

from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils._param_validation import StrOptions

from skdomain.transfer._transferred_trees import (
    TransferredClassifier,
    TransferredRegressor,
    TransferredTrees,
)


class TransferTreeClassifier(TransferredClassifier):
    """Decision tree of the source, changed by a few labelled target rows.

    ``method="relabel"`` keeps the tree and counts the target's classes in its leaves. ``"ser"``,
    structure expansion and reduction, lets leaves that target rows of several classes come to grow
    into trees of these rows; then, bottom up, each node that makes no more errors on the target
    rows as a leaf than the leaves below it becomes one. ``"strut"``, structure transfer, keeps
    what is asked in which order, and takes new thresholds from the target, top down: among the
    local maxima of the information gain the largest divergence gain

    ``DG = 1 - n_L / n JSD(P_L, Q_L) - n_R / n JSD(P_R, Q_R)``

    with the n target rows of a node parted in n_L and n_R of class distributions P_L and P_R, those
    of the source's children Q_L and Q_R, and the Jensen-Shannon divergence in bits. Children are
    exchanged if that makes the gain larger.

    Parameters
    ----------
    source_estimator : DecisionTreeClassifier, default=None
        The tree of the source, to be trained on the source rows; a fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. None: ``DecisionTreeClassifier()``.
    method : {"relabel", "ser", "strut"}, default="ser"
        How the tree is changed.
    unreached : {"keep", "prune"}, default="keep"
        What becomes of a branch that no labelled target row comes to: with "keep" it stays and
        says what it says of the source; with "prune", as in the paper, its sibling takes the place
        of its parent. "relabel" always keeps it.
    random_state : int, RandomState instance or None, default=None
        Seeds the source's tree and the growth of branches.
    verbose : bool or int, default=False
        Whether to show a bar of progress, tree by tree.

    Attributes
    ----------
    source_estimator_ : DecisionTreeClassifier
        The tree of the source.
    trees_ : list of NodeTree
        The changed tree, the only entry: arrays ``left``, ``right``, ``feature``, ``threshold``,
        ``missing_left``, ``value`` and ``n_samples`` with an entry a node.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source and of the labelled target rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TransferForestClassifier : The same of many trees.
    TransEMDT : Without target labels.

    Notes
    -----
    Branches grow as the source's tree did, with its criterion, ``max_features`` and
    ``min_samples_leaf``, but to any depth and without its class weights. The source's tree is read
    from what scikit-learn publishes of it and is not changed. O(n d log n) for each level of the
    tree, with n labelled target rows and d features that a split looks at.

    References
    ----------
    N. Segev, M. Harel, S. Mannor, K. Crammer and R. El-Yaniv: Learn on source, refine on target: a
    model transfer learning framework with random forests. IEEE TPAMI 39(9), 2017.

    Examples
    --------
    In the target the threshold is 6, not 2; four labels tell, and no source row is needed.

    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdomain.transfer import TransferTreeClassifier
    >>> tree = DecisionTreeClassifier().fit([[0], [1], [3], [4]], [0, 0, 1, 1])
    >>> model = TransferTreeClassifier(FrozenEstimator(tree), method="strut")
    >>> model = model.fit([[3], [5], [7], [9]], [0, 0, 1, 1])
    >>> model.predict([[4], [8]])
    array([0, 1])
    >>> float(model.trees_[0].threshold[0])
    6.0
    """

    _parameter_constraints: dict = {
        "source_estimator": [DecisionTreeClassifier, FrozenEstimator, None],
        "method": [StrOptions({"relabel", "ser", "strut"})],
        **TransferredTrees._parameter_constraints,
    }

    def _models(self):
        return (DecisionTreeClassifier,)


class TransferTreeRegressor(TransferredRegressor):
    """Regression tree of the source, changed by a few target rows with known values.

    ``method="relabel"`` keeps the tree and takes the target's mean in each leaf. ``"ser"`` lets
    leaves grow into trees of their target rows; then, bottom up, each node with no larger sum of
    squared errors on the target rows as a leaf than the leaves below it becomes one. STRUT, the
    third method of the paper, compares distributions of classes, and there is no such thing for
    values: :class:`~skdomain.transfer.TransferTreeClassifier` has it.

    Parameters
    ----------
    source_estimator : DecisionTreeRegressor, default=None
        The tree of the source, to be trained on the source rows; a fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. None: ``DecisionTreeRegressor()``.
    method : {"relabel", "ser"}, default="ser"
        How the tree is changed.
    unreached : {"keep", "prune"}, default="keep"
        What becomes of a branch that no target row with a known value comes to: with "keep" it
        stays and says what it says of the source; with "prune" its sibling takes the place of its
        parent. "relabel" always keeps it.
    random_state : int, RandomState instance or None, default=None
        Seeds the source's tree and the growth of branches.
    verbose : bool or int, default=False
        Whether to show a bar of progress, tree by tree.

    Attributes
    ----------
    source_estimator_ : DecisionTreeRegressor
        The tree of the source.
    trees_ : list of NodeTree
        The changed tree, the only entry: arrays ``left``, ``right``, ``feature``, ``threshold``,
        ``missing_left``, ``value`` and ``n_samples`` with an entry a node.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TransferForestRegressor : The same of many trees.

    Notes
    -----
    As in :class:`~skdomain.transfer.TransferTreeClassifier`. The paper defines the methods for
    classes; a sum of squares in the place of the number of errors keeps what holds for them:
    expansion cannot raise it, and reduction does not.

    References
    ----------
    N. Segev, M. Harel, S. Mannor, K. Crammer and R. El-Yaniv: Learn on source, refine on target: a
    model transfer learning framework with random forests. IEEE TPAMI 39(9), 2017.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from skdomain.transfer import TransferTreeRegressor
    >>> tree = DecisionTreeRegressor().fit([[0], [1], [3], [4]], [0, 0, 5, 5])
    >>> model = TransferTreeRegressor(FrozenEstimator(tree)).fit([[0], [1], [3]], [2, 2, 6])
    >>> model.predict([[0.5], [4]])
    array([2., 6.])
    """

    _parameter_constraints: dict = {
        "source_estimator": [DecisionTreeRegressor, FrozenEstimator, None],
        "method": [StrOptions({"relabel", "ser"})],
        **TransferredTrees._parameter_constraints,
    }

    def _models(self):
        return (DecisionTreeRegressor,)
