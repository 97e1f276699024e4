"""TransEMDT: a tree of the source whose thresholds follow clusters of the unlabelled target."""

from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval

from skdomain._domains import source_labels, warn_caller
from skdomain._estimators import (
    all_or_nothing,
    progress,
    set_history,
)
from skdomain.transfer._node_tree import tree_nodes
from skdomain.transfer._target_clusters import transemdt_rounds
from skdomain.transfer._transferred_trees import ClassifierOfTrees
from skdomain.transfer._tree_rows import domains_of, sorted_tree_rows


class TransEMDT(ClassifierOfTrees):
    """Decision tree of the source whose thresholds follow clusters of the unlabelled target.

    A round takes, of the target rows of each predicted class, the most confident ones; clusters
    these by K-means from the means of their classes on, so that a row may change its class; and
    re-estimates the thresholds of the source's tree from them, top down, as
    :class:`~skdomain.transfer.TransferTreeClassifier` does by ``method="strut"``. What is asked in
    which order, and what the leaves say, stay the source's. Rounds end at a fixed point.

    Parameters
    ----------
    source_estimator : DecisionTreeClassifier, default=None
        The tree of the source, to be trained on the source rows; a fitted one in
        :class:`~sklearn.frozen.FrozenEstimator` is taken as it is, and ``fit`` needs no source
        rows. None: ``DecisionTreeClassifier()``.
    confident : float in (0, 1], default=0.5
        Share of the target rows of each predicted class that are clustered: by default the half
        that is more confident than the other.
    max_iter : int, default=20
        Largest number of rounds.
    random_state : int, RandomState instance or None, default=None
        Seeds the source's tree.
    verbose : bool or int, default=False
        Whether to show a bar of progress, round by round.

    Attributes
    ----------
    source_estimator_ : DecisionTreeClassifier
        The tree of the source.
    trees_ : list of NodeTree
        The tree with the new thresholds, the only entry.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    pseudo_labels_ : ndarray of shape (n_target,)
        What the tree predicts of the target rows, in their order.
    history_ : dict of str to ndarray of shape (`n_iter_`,)
        ``"label_changes"``, how many labels of the clusters a round changed, and
        ``"n_confident"``, how many rows were clustered.
    n_iter_ : int
        Number of rounds.
    termination_ : {"converged", "cycle", "max_iter"}
        Why they ended: the labels stayed as they were, ran in a cycle, or still changed.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TransferTreeClassifier : With a few target labels.

    Notes
    -----
    The order of the steps is the paper's. Its text leaves open what a confident row is and how a
    threshold is found: here, Laplace's share of the class in the leaf, and STRUT's divergence gain.
    For K-means, columns are scaled to unit variance in the target, as trees know no units. Each
    round starts from the source's tree again, so its labels are all that it depends on.

    It follows clusters that moved as a whole. Where classes overlap, or the order of what is asked
    no longer fits, the clusters are not the classes, and what was right becomes wrong.

    References
    ----------
    Z. Zhao, Y. Chen, J. Liu, Z. Shen and M. Liu: Cross-people mobile-phone based activity
    recognition. IJCAI 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.transfer import TransEMDT
    >>> X = np.array([[0.0], [1.0], [4.0], [5.0], [2.2], [2.4], [2.6], [6.0], [6.2], [6.6]])
    >>> y = np.array([0, 0, 1, 1, -1, -1, -1, -1, -1, -1])
    >>> model = TransEMDT().fit(X, y, sample_domain=[1, 1, 1, 1, -2, -2, -2, -2, -2, -2])
    >>> model.source_estimator_.predict([[2.6]]), model.predict([[2.6]])
    (array([1]), array([0]))
    >>> [float(t.threshold[0].round(3)) for t in (model.source_estimator_.tree_, model.trees_[0])]
    [2.5, 4.3]
    >>> model.termination_
    'converged'
    """

    _parameter_constraints: dict = {
        "source_estimator": [DecisionTreeClassifier, FrozenEstimator, None],
        "confident": [Interval(Real, 0, 1, closed="right")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        source_estimator: Any = None,
        *,
        confident: Any = 0.5,
        max_iter: int = 20,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | bool = False,
    ) -> None:
        self.source_estimator = source_estimator
        self.confident = confident
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Train on the source rows, unless that is done, and move the thresholds to the target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order; used as float32.
        y : array-like of shape (n_samples,), default=None
            Labels of the source rows; what it holds on target rows is not read, and nothing where
            the source's model is fitted already.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; several sources are
            pooled. None: all rows are source rows, the tree is that of the source, and
            :class:`~skdomain.NoTargetWarning` says so; where the source's model is fitted
            already, all rows are target rows.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X is not finite or has other columns than the source's model, a label of a source
            row is missing, there is no source row and no fitted model of them, or an argument does
            not fit X.
        NotFittedError
            If a frozen model of the source is not fitted.

        Warns
        -----
        ConvergenceWarning
            The rounds have ended without a fixed point.
        """
        X = self._fit_rows(X)
        domains = domains_of(self, sample_domain, len(X))
        source, target = domains > 0, X[domains < 0]
        model = self._given()
        if not self._is_frozen():
            labels = column_or_1d(source_labels(X, y, source, self), warn=True)
            rows = sorted_tree_rows(X[source], labels, np.ones(len(labels)))
            model = self._source_model(rows, check_random_state(self.random_state))
        self.classes_, self.source_estimator_ = model.classes_, model
        self._move(tree_nodes(model.tree_), target[np.lexsort(target.T[::-1])])
        self.pseudo_labels_ = self.classes_[:0]
        if len(target):
            self.pseudo_labels_ = self._predict_rows("predict", target, None)
        return self

    def _move(self, tree, X):
        """Set the tree, and what is told of the rounds."""
        if not len(X):
            self.trees_ = [tree]
            set_history(self, [{"label_changes": 0, "n_confident": 0}])
            return
        bar = partial(
            progress, description=type(self).__name__, verbose=self.verbose, n=self.max_iter
        )
        tree, rounds = transemdt_rounds(
            tree, X, confident=self.confident, max_iter=self.max_iter, bar=bar
        )
        self.trees_ = [tree]
        set_history(self, rounds.history)
        if self.termination_ == "max_iter":
            self._warn_of_end(rounds)

    def _warn_of_end(self, rounds):
        advice = "raise max_iter"
        if rounds.period:
            self.termination_ = "cycle"
            advice = f"change confident: the labels run in a cycle of {rounds.period} rounds"
        warn_caller(
            f"round {self.n_iter_} of {type(self).__name__} still changed "
            f"{self.history_['label_changes'][-1]} labels of clusters; the tree is its. To reach a "
            f"fixed point, {advice}.",
            ConvergenceWarning,
        )

    def _takes_missing(self, model):
        return False

    def _models(self):
        return (DecisionTreeClassifier,)
