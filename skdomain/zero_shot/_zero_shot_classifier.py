"""What the methods share: rows of seen classes in, scores of any classes with attributes out."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains, source_classes, target_rows
from skdomain._estimators import DomainClassifierMixin, all_or_nothing
from skdomain.zero_shot._class_attributes import class_attributes

GROUPS = ("all", "seen", "unseen")


class ZeroShotClassifier(DomainClassifierMixin, ClassifierMixin, BaseEstimator):
    """Classifier of classes that are described by attributes.

    A class learns from rows, codes of their classes and attributes of these in ``_learn``, and
    gives in ``_scores(X, S)`` a score for each row and each row of attributes.
    """

    __metadata_request__fit = {"sample_domain": True, "attributes": True}
    __metadata_request__predict = {"sample_domain": True, "classes": True}
    __metadata_request__decision_function = {"sample_domain": True, "classes": True}
    __metadata_request__score = {"sample_domain": True, "classes": True}
    _parameter_constraints: dict = {
        "attributes": [Mapping, "array-like", None],
        "classes": [StrOptions({*GROUPS}), "array-like"],
    }

    def __init__(self, *, attributes=None, classes="all"):
        self.attributes = attributes
        self.classes = classes

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: Any, sample_domain: ArrayLike | None = None, attributes: Any = None
    ) -> Self:
        """Learn from the source rows how attributes show in rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of any domain, in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows, the seen ones; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows, which are left out.
            None: all rows are source rows.
        attributes : mapping, data frame or array-like, default=None
            Attributes of the classes, in the place of those that the estimator was made with.

        Returns
        -------
        ZeroShotClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If there are source rows of fewer than two classes, a class of y or of ``classes`` has
            no attributes, or X or the attributes are not finite.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        alone = sample_domain is None  # nothing is lost without target rows: none would be read
        source = np.ones(len(X), bool) if alone else fit_domains(sample_domain, len(X), self) > 0
        labels = source_classes(X, y, source, self)
        self.seen_classes_, codes = np.unique(labels, return_inverse=True)
        given = self.attributes if attributes is None else attributes
        self._known = class_attributes(given, self.seen_classes_)
        S = self._known.of(self.seen_classes_)
        seen = np.isin(self._known.classes, self.seen_classes_)
        self.unseen_classes_ = self._known.classes[~seen]
        self.attributes_ = self._known.rows
        self.classes_ = self._candidates(self.classes)
        self._learn(X[source].astype(np.float64), codes, S)
        return self

    def predict(
        self, X: Any, sample_domain: ArrayLike | None = None, classes: str | ArrayLike | None = None
    ) -> np.ndarray:
        """Predict the class of the largest score among some classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of any domain.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
            It is checked, and changes no prediction.
        classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default=None
            Classes to choose from, all of which have attributes. None: ``classes_``.

        Returns
        -------
        ndarray of shape (n_samples,)
            Predicted classes.
        """
        return self._ask("predict", X, sample_domain, classes)

    def decision_function(
        self, X: Any, sample_domain: ArrayLike | None = None, classes: Any = None
    ) -> np.ndarray:
        """Scores of the classes to choose from.

        Parameters
        ----------
        X, sample_domain, classes
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_wanted)
            A column a class, in the order of ``classes_``, or of ``classes`` where a list is
            passed; with two classes the second score less the first.
        """
        return self._ask("decision_function", X, sample_domain, classes)

    def score(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        sample_domain: ArrayLike | None = None,
        classes: str | ArrayLike | None = None,
    ) -> float:
        """Accuracy on the target rows among some classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of any domain.
        y : array-like of shape (n_samples,)
            True classes; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
        classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default=None
            Classes to choose from, as in :meth:`predict`.

        Returns
        -------
        float
            Weighted share of target rows whose class is predicted.

        Raises
        ------
        ValueError
            If there is no target row.
        """
        X, y, weight = target_rows(X, y, sample_weight, sample_domain)
        return accuracy_score(y, self._ask("predict", X, None, classes), sample_weight=weight)

    def _ask(self, method, X, sample_domain, classes=None):
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        new_domains(sample_domain, len(X))
        names = self.classes_ if classes is None else self._candidates(classes)
        return self._say(method, self._scores(X.astype(np.float64), self._known.of(names)), names)

    def _say(self, method, scores, names):
        """What a method makes of scores, a column a class."""
        if method == "predict":
            return names[scores.argmax(axis=1)]
        return scores[:, 1] - scores[:, 0] if len(names) == 2 else scores

    def _candidates(self, classes):
        """The classes that are asked for, by a list or as a group."""
        groups = {
            "all": self._known.classes,
            "seen": self.seen_classes_,
            "unseen": self.unseen_classes_,
        }
        names = groups.get(classes, ()) if isinstance(classes, str) else np.asarray(classes)
        if np.ndim(names) != 1 or len(names) == 0:
            raise ValueError(
                f"classes={classes!r} names no class to choose from; pass a list of classes with "
                f"attributes, or one of {GROUPS} that is not empty: attributes describe "
                f"{self._known.classes.tolist()}, of which {self.seen_classes_.tolist()} are seen."
            )
        self._known.of(names)
        return names

    def _answers(self, method):
        return method == "decision_function"
