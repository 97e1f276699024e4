"""A forest of the source, each tree changed by a few labelled target rows."""

from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.utils._param_validation import StrOptions

from skdomain.transfer._transferred_trees import (
    TransferredClassifier,
    TransferredRegressor,
    TransferredTrees,
)


class TransferForestClassifier(TransferredClassifier):
    """Forest of the source, each tree changed by a few labelled target rows.

    Each tree is changed as by :class:`~skdomain.transfer.TransferTreeClassifier`, by all labelled
    target rows; the probabilities are the mean over the trees. ``method="mix"`` takes each tree
    twice, once changed by SER and once by STRUT.

    Parameters
    ----------
    source_estimator : RandomForestClassifier or ExtraTreesClassifier, default=None
        The forest of the source, to be trained on the source rows; a fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. None: ``RandomForestClassifier()``.
    method : {"relabel", "ser", "strut", "mix"}, default="mix"
        How each tree is changed.
    unreached : {"keep", "prune"}, default="keep"
        What becomes of a branch that no labelled target row comes to: with "keep" it stays and
        says what it says of the source; with "prune", as in the paper, its sibling takes the place
        of its parent. "relabel" always keeps it.
    random_state : int, RandomState instance or None, default=None
        Seeds the source's forest and the growth of branches.
    verbose : bool or int, default=False
        Whether to show a bar of progress, tree by tree.

    Attributes
    ----------
    source_estimator_ : RandomForestClassifier or ExtraTreesClassifier
        The forest of the source.
    trees_ : list of NodeTree
        The changed trees: arrays ``left``, ``right``, ``feature``, ``threshold``,
        ``missing_left``, ``value`` and ``n_samples`` with an entry a node. With "mix", that of SER
        and that of STRUT follow each other.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source and of the labelled target rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TransferTreeClassifier : One tree, and what the methods do.
    skdomain.boosting.TrAdaBoost : Weights of source rows, not a model, are carried over.

    Notes
    -----
    In the paper the trees of both forests vote; as everywhere in scikit-learn, here the mean of
    their probabilities decides. Time beyond the source's forest: O(n log n) a level of a tree,
    with n labelled target rows.

    References
    ----------
    N. Segev, M. Harel, S. Mannor, K. Crammer and R. El-Yaniv: Learn on source, refine on target: a
    model transfer learning framework with random forests. IEEE TPAMI 39(9), 2017.

    Examples
    --------
    A forest comes without the rows that it was trained on, and four labels of the target.

    >>> import pickle
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skdomain.transfer import TransferForestClassifier
    >>> forest = RandomForestClassifier(random_state=0)
    >>> sent = pickle.dumps(forest.fit([[0], [1], [3], [4]], [0, 0, 1, 1]))
    >>> model = TransferForestClassifier(FrozenEstimator(pickle.loads(sent)), random_state=0)
    >>> model = model.fit([[3], [5], [7], [9]], [0, 0, 1, 1])
    >>> model.predict([[4], [8]])
    array([0, 1])
    """

    _parameter_constraints: dict = {
        "source_estimator": [RandomForestClassifier, ExtraTreesClassifier, FrozenEstimator, None],
        "method": [StrOptions({"relabel", "ser", "strut", "mix"})],
        **TransferredTrees._parameter_constraints,
    }

    def __init__(
        self,
        source_estimator: Any = None,
        *,
        method: str = "mix",
        unreached: str = "keep",
        random_state: int | np.random.RandomState | None = None,
        verbose: int | bool = False,
    ) -> None:
        super().__init__(
            source_estimator,
            method=method,
            unreached=unreached,
            random_state=random_state,
            verbose=verbose,
        )

    def _models(self):
        return RandomForestClassifier, ExtraTreesClassifier


class TransferForestRegressor(TransferredRegressor):
    """Forest of the source, each tree changed by a few target rows with known values.

    Each tree is changed as by :class:`~skdomain.transfer.TransferTreeRegressor`, by all target rows
    with known values; the prediction is the mean over the trees.

    Parameters
    ----------
    source_estimator : RandomForestRegressor or ExtraTreesRegressor, default=None
        The forest of the source, to be trained on the source rows; a fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. None: ``RandomForestRegressor()``.
    method : {"relabel", "ser"}, default="ser"
        How each tree is changed.
    unreached : {"keep", "prune"}, default="keep"
        What becomes of a branch that no target row with a known value comes to: with "keep" it
        stays and says what it says of the source; with "prune" its sibling takes the place of its
        parent. "relabel" always keeps it.
    random_state : int, RandomState instance or None, default=None
        Seeds the source's forest and the growth of branches.
    verbose : bool or int, default=False
        Whether to show a bar of progress, tree by tree.

    Attributes
    ----------
    source_estimator_ : RandomForestRegressor or ExtraTreesRegressor
        The forest of the source.
    trees_ : list of NodeTree
        The changed trees: arrays ``left``, ``right``, ``feature``, ``threshold``,
        ``missing_left``, ``value`` and ``n_samples`` with an entry a node.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TransferTreeRegressor : One tree, and what the methods do.
    skdomain.boosting.TrAdaBoostR2 : Weights of source rows, not a model, are carried over.

    Notes
    -----
    Time beyond the source's forest: O(n d log n) a level of a tree, with n target rows with known
    values and d features that a split looks at.

    References
    ----------
    N. Segev, M. Harel, S. Mannor, K. Crammer and R. El-Yaniv: Learn on source, refine on target: a
    model transfer learning framework with random forests. IEEE TPAMI 39(9), 2017.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skdomain.transfer import TransferForestRegressor
    >>> forest = RandomForestRegressor(random_state=0)
    >>> forest = forest.fit([[0], [1], [3], [4]], [0, 0, 5, 5])
    >>> model = TransferForestRegressor(FrozenEstimator(forest)).fit([[0], [1], [3]], [2, 2, 6])
    >>> model.predict([[0.5], [4]])
    array([2., 6.])
    """

    _parameter_constraints: dict = {
        "source_estimator": [RandomForestRegressor, ExtraTreesRegressor, FrozenEstimator, None],
        "method": [StrOptions({"relabel", "ser"})],
        **TransferredTrees._parameter_constraints,
    }

    def _models(self):
        return RandomForestRegressor, ExtraTreesRegressor
