"""What transferred trees and forests share: their fit, and what they say of new rows."""

from functools import partial
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn import config_context
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    _fit_context,
    clone,
    is_classifier,
)
from sklearn.ensemble._base import _set_random_states
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._estimators import (
    DomainClassifierMixin,
    DomainPredictorMixin,
    all_or_nothing,
    progress,
)
from skdomain.transfer._node_tree import tree_nodes
from skdomain.transfer._ser import ser_tree
from skdomain.transfer._strut import strut_tree
from skdomain.transfer._tree_pruning import ClassCounts, SquaredErrors, relabel_tree
from skdomain.transfer._tree_rows import checked_rows, tree_rows_of_domains

LARGEST_SEED = 2**31 - 1


class SourceTrees(BaseEstimator):
    """Model of one or more trees, in ``trees_``, that starts from a model of the source.

    A subclass names the classes that the source's model may have in ``_models()``; where none is
    given it is of the first.
    """

    def _given(self):
        given = self.source_estimator
        given = given.estimator if isinstance(given, FrozenEstimator) else given
        return self._models()[0]() if given is None else given

    def _is_frozen(self):
        return isinstance(self.source_estimator, FrozenEstimator)

    def _fit_rows(self, X):
        """The rows of both domains, checked."""
        given, names = self._given(), X
        X = checked_rows(self, X, reset=True, allow_nan=self._takes_missing(given))
        if self._is_frozen():
            self._check_source_model(given, names)
        return X

    def _check_source_model(self, model, X):
        """Refuse a fitted model that is none, or is one of other columns or of several outputs."""
        if not isinstance(model, self._models()):
            raise TypeError(
                f"source_estimator of {type(self).__name__} is a {type(model).__name__} in a "
                f"FrozenEstimator; freeze a {self._models()[0].__name__}, whose trees can be read."
            )
        check_is_fitted(model)
        validate_data(model, X, skip_check_array=True, reset=False)
        if model.n_outputs_ > 1:
            raise ValueError(
                f"source_estimator predicts {model.n_outputs_} outputs, and "
                f"{type(self).__name__} predicts one; fit one model an output."
            )

    def _source_model(self, source, rng):
        """The model of the source: the fitted one, or a clone trained on the source rows."""
        if self._is_frozen():
            return self._given()
        model = clone(self._given())
        _set_random_states(model, rng)
        even = source.weights.min() == source.weights.max()
        return model.fit(source.X, source.y, sample_weight=None if even else source.weights)

    def _new_rows(self, X):
        allow_nan = self._takes_missing(self.source_estimator_)
        return checked_rows(self, X, reset=False, allow_nan=allow_nan)

    def _takes_missing(self, model):
        return get_tags(model).input_tags.allow_nan

    def _mean_values(self, X):
        """The mean of what the trees say of each row, added up in their order."""
        sums = np.zeros((len(X), self.trees_[0].value.shape[1]))
        for tree in self.trees_:
            tree.add_values(X, sums)
        return sums / len(self.trees_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._takes_missing(self._given())
        return tags


class TransferredTrees(SourceTrees):
    """Trees of the source, each changed by labelled target rows."""

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        "unreached": [StrOptions({"prune", "keep"})],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        source_estimator=None,
        *,
        method="ser",
        unreached="keep",
        random_state=None,
        verbose=False,
    ):
        self.source_estimator = source_estimator
        self.method = method
        self.unreached = unreached
        self.random_state = random_state
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Train on the source rows, unless that is done, and change the trees by the target's.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order; used as float32. Values may be missing (NaN) if the
            source's model allows it.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows and of the labelled target rows; what it holds on
            the other target rows is not read, and nothing on source rows where their model is
            fitted already.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; several sources are
            pooled. None: all rows are source rows, the trees are those of the source, and
            :class:`~skdomain.NoTargetWarning` says so; where the source's model is fitted
            already, all rows are target rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0; those of weight 0 are left out.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. What it holds on source rows is not
            read. None: all target rows are labelled in which y is not missing (NaN, None or NA of
            pandas).

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X holds infinity or has other columns than the source's model, there is no source
            row and no fitted model of them, there are target rows and none of them is labelled,
            or an argument does not fit X.
        NotFittedError
            If a frozen model of the source is not fitted.
        """
        X = self._fit_rows(X)
        source, target = tree_rows_of_domains(self, X, y, sample_domain, sample_weight, labelled)
        rng = check_random_state(self.random_state)
        model = self._source_model(source, rng)
        kind, y, columns = self._targets(model, target)
        methods = _methods(self.method) if len(target) else ("relabel",)
        jobs = list(product(getattr(model, "estimators_", [model]), methods))
        self.trees_ = [
            self._transferred(member, method, target, y, kind, columns, rng)
            for member, method in progress(
                jobs, description=type(self).__name__, verbose=self.verbose
            )
        ]
        self.source_estimator_ = model
        return self

    def _targets(self, model, target):
        """What nodes hold, the target's labels as numbers, and the columns of the source's."""
        if not is_classifier(self):
            y = target.y.astype(np.float64)
            centre = np.average(y, weights=target.weights) if len(target) else 0.0
            return SquaredErrors(centre), y, None
        known = model.classes_
        self.classes_ = unique_labels(known, target.y) if len(target) else known
        codes, columns = (np.searchsorted(self.classes_, labels) for labels in (target.y, known))
        return ClassCounts(len(self.classes_)), codes, columns

    def _transferred(self, member, method, target, y, kind, columns, rng):
        tree = _nodes_of(member, columns, kind)
        if not len(target):
            return tree
        rows = target.X, y, target.weights, kind
        if method == "relabel":
            return relabel_tree(tree, *rows)
        if method == "strut":
            return strut_tree(tree, *rows, unreached=self.unreached)
        return ser_tree(tree, *rows, _grower(member, kind, rng), unreached=self.unreached)


def _methods(name):
    """What is done to each tree, one copy each."""
    return ("ser", "strut") if name == "mix" else (name,)


def _nodes_of(member, columns, kind):
    if columns is None:
        return tree_nodes(member.tree_)
    return tree_nodes(member.tree_, columns, kind.n_classes)


def _grower(member, kind, rng):
    """Grows a tree as the source's was, without a limit of its depth, from some target rows."""
    limits = {"max_depth": None, "max_leaf_nodes": None}
    if is_classifier(member):
        limits["class_weight"] = None
    return partial(_grow, clone(member).set_params(**limits), kind, rng)


def _grow(model, kind, rng, X, y, weights):
    """Without scikit-learn's checks, which for a few rows take most of the time."""
    model.random_state = rng.randint(LARGEST_SEED)
    weights = None if weights.min() == weights.max() else weights
    with config_context(skip_parameter_validation=True):
        model.fit(X, y, weights, check_input=np.isnan(X).any())
    columns = model.classes_.astype(np.int64) if is_classifier(model) else None
    return _nodes_of(model, columns, kind)


class ClassifierOfTrees(DomainClassifierMixin, ClassifierMixin, SourceTrees):
    """Classifier by the mean shares of the classes in the leaves that a row comes to."""

    _facts = DomainClassifierMixin._facts | {
        "predict": "Predict the class of the largest mean share in the leaves of the row",
        "predicted": "Class labels; of classes that tie, the first",
        "predict_proba": "Mean share of each class in the leaves that a row comes to",
        "probabilities": "Shares in the order of ``classes_``; each row adds up to 1",
        "predict_log_proba": "Logarithms of the mean shares of the classes",
        "score": "Accuracy on the target rows",
        "scored": "Share of the target rows predicted right, in [0, 1]",
    }

    def _answers(self, method):
        return method != "decision_function"

    def _predict_rows(self, method, X, sample_domain):
        shares = self._mean_values(X)
        if method == "predict":
            return self.classes_[np.argmax(shares, axis=1)]
        if method == "predict_log_proba":
            with np.errstate(divide="ignore"):
                return np.log(shares)
        return shares


class TransferredClassifier(ClassifierOfTrees, TransferredTrees):
    """Classifier of transferred trees."""


class TransferredRegressor(DomainPredictorMixin, RegressorMixin, TransferredTrees):
    """Regressor of transferred trees."""

    _facts = DomainPredictorMixin._facts | {
        "predict": "Predict the mean of the leaves that a row comes to",
        "predicted": "Predicted values",
        "score": "R^2 on the target rows",
        "scored": "1 less the share of the variance that is not predicted",
    }

    def _predict_rows(self, method, X, sample_domain):
        return self._mean_values(X)[:, 0]
