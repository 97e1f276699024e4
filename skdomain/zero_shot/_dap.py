"""Direct attribute prediction: attribute by attribute, each by a classifier of its own.

C. H. Lampert, H. Nickisch and S. Harmeling (2014), "Attribute-based classification for zero-shot
visual object categorization", IEEE Transactions on Pattern Analysis and Machine Intelligence 36(3),
453-465.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, softmax
from sklearn.base import MetaEstimatorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import HasMethods

from skdomain.zero_shot._zero_shot_classifier import ZeroShotClassifier


class DAP(MetaEstimatorMixin, ZeroShotClassifier):
    """Zero-shot classifier by a product over attributes, each predicted by itself (DAP).

    For binary attributes. Classes are taken to be equally likely, and attributes to be independent,
    given the row::

        p(c | x) ~ prod_j p(a_j = s_cj | x) / p(a_j = s_cj)

    with ``p(a_j)`` the share of the seen classes that have attribute j.

    Parameters
    ----------
    attributes : mapping, data frame or array-like, default=None
        What is known of each class, seen or not, as numbers of {0, 1} or {-1, 1}: a mapping from
        class to vector, a pandas frame whose index holds the classes, or an array with class c in
        row c. May be passed to ``fit`` instead. None: each seen class is its own attribute, and
        there is no other.
    estimator : estimator, default=None
        Classifier with ``predict_proba``, of which a clone is fitted to each attribute; None:
        ``LogisticRegression()``.
    classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default="all"
        Classes to choose from where ``predict`` is not told.

    Attributes
    ----------
    estimators_ : list of estimators
        A classifier for each attribute that some of the seen classes have and others have not.
    used_attributes_ : ndarray of int
        Where these attributes stand; nothing is learned of the others, and they do not count.
    classes_ : ndarray of shape (n_classes,)
        Classes to choose from by default.
    seen_classes_, unseen_classes_ : ndarray
        Classes of the fitted rows, and the others with attributes.
    attributes_ : ndarray of shape (n_known, n_attributes)
        Attributes of all classes, sorted by class.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    ESZSL : Weighs attributes together, which may be of any values.

    Notes
    -----
    It is the baseline of the others: attributes that go together in the seen classes are counted
    as so many votes. Fitting takes as long as the classifier does, once for each attribute.
    Probabilities of 0 count as the smallest positive number.

    References
    ----------
    C. H. Lampert, H. Nickisch and S. Harmeling (2014), "Attribute-based classification for
    zero-shot visual object categorization", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 36(3), 453-465.

    Examples
    --------
    >>> from skdomain.zero_shot import DAP
    >>> animals = {"cat": [1, 0], "trout": [0, 1], "seal": [1, 1]}  # fur, swims
    >>> X, y = [[2.0, -1.0], [1.0, -2.0], [-1.0, 2.0]], ["cat", "cat", "trout"]
    >>> model = DAP(animals).fit(X, y)
    >>> model.predict_proba([[2.0, -1.5]], classes=["cat", "trout"]).round(2)
    array([[0.99, 0.01]])
    """

    __metadata_request__predict_proba = {"sample_domain": True, "classes": True}
    __metadata_request__predict_log_proba = {"sample_domain": True, "classes": True}
    _parameter_constraints: dict = {
        **ZeroShotClassifier._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
    }

    def __init__(
        self, attributes: Any = None, estimator: Any = None, *, classes: str | ArrayLike = "all"
    ) -> None:
        super().__init__(attributes=attributes, classes=classes)
        self.estimator = estimator

    def predict_proba(
        self, X: Any, sample_domain: ArrayLike | None = None, classes: Any = None
    ) -> np.ndarray:
        """Class probabilities, which sum up to 1 over the classes to choose from.

        Parameters
        ----------
        X, sample_domain, classes
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_wanted)
            Probabilities in the order of ``classes_``, or of ``classes`` where a list is passed.
        """
        return self._ask("predict_proba", X, sample_domain, classes)

    def predict_log_proba(
        self, X: Any, sample_domain: ArrayLike | None = None, classes: Any = None
    ) -> np.ndarray:
        """Logarithms of class probabilities.

        Parameters
        ----------
        X, sample_domain, classes
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_wanted)
            Logarithms in the order of ``classes_``, or of ``classes`` where a list is passed.
        """
        return self._ask("predict_log_proba", X, sample_domain, classes)

    def _learn(self, X, codes, S):
        self._check_binary()
        has = S > 0
        self.used_attributes_ = np.flatnonzero(has.any(axis=0) & ~has.all(axis=0))
        inner = LogisticRegression() if self.estimator is None else self.estimator
        self.estimators_ = [clone(inner).fit(X, has[codes, j]) for j in self.used_attributes_]
        self._shares = has.mean(axis=0)[self.used_attributes_]

    def _check_binary(self):
        rows = self.attributes_
        if not (np.isin(rows, (0, 1)).all() or np.isin(rows, (-1, 1)).all()):
            raise ValueError(
                "DAP needs binary attributes, all of {0, 1} or all of {-1, 1}, got values from "
                f"{rows.min()} to {rows.max()}; compare them with thresholds, or take ESZSL."
            )

    def _scores(self, X, S):
        has = S[:, self.used_attributes_] > 0
        scores = np.zeros((len(X), len(S)))
        for j, (share, model) in enumerate(zip(self._shares, self.estimators_, strict=True)):
            log = np.log(np.maximum(model.predict_proba(X), np.finfo(float).tiny))
            log -= np.log([1 - share, share])
            scores += log[:, has[:, j].astype(int)]
        return scores

    def _say(self, method, scores, names):
        if method == "predict_proba":
            return softmax(scores, axis=1)
        if method == "predict_log_proba":
            return log_softmax(scores, axis=1)
        return super()._say(method, scores, names)

    def _answers(self, method):
        return True
