"""Several sources: one adaptation each, and weights that say how much it counts for the target.

Y. Mansour, M. Mohri and A. Rostamizadeh (2009), "Domain adaptation with multiple sources",
Advances in Neural Information Processing Systems 21.
"""

from functools import partial
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import _safe_indexing, column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples

from skdomain._domains import fit_domains, labelled_rows, source_labels
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainPredictorMixin,
    SourceEstimator,
    all_or_nothing,
    validate_as_given,
)
from skdomain.compose._source_models import SourceModels, asked_of, class_shares
from skdomain.compose._source_weights import (
    discrepancy_weights,
    gain_weights,
    inverse_weights,
    stacked_weights,
)


class MultiSource(SourceEstimator):
    """Adapt each of several sources by itself, and weigh what the models say.

    A clone of the estimator is fitted to each source k with the target, and ::

        f(x) = sum_k w_k f_k(x),    w_k >= 0,  sum_k w_k = 1

    is the prediction: f_k are class probabilities, or values. So a source that misleads does not
    spoil what the others have to say, as it does where all source rows are pooled. The weights come
    from labels of target rows where some are known, else from how far each source is from the
    target.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier or regressor, or a pipeline that ends in one; MultiSource is one as it is. One
        that takes ``sample_domain`` gets the rows of one source and the target's, another one the
        source rows alone. None: ``LogisticRegression()``.
    weights : {"accuracy", "mmd", "stacked"}, default="accuracy"
        With a_k the accuracy of f_k on the labelled target rows, C the number of classes and r_k
        what f_k predicts there less the truth, of classes as 0 and 1::

            "accuracy"  w_k ~ max(0, a_k - 1/C)             of a regressor, 1 / mean(r_k^2)
            "stacked"   w = argmin |sum_k w_k r_k|^2        over all weights
            "mmd"       w_k ~ 1 / MMD^2(source k, target)   needs no label

        Without labelled target rows all are "mmd".
    n_folds : int, default=5
        Of an estimator that learns from target labels itself, such as :class:`Pooled`, each
        labelled row is judged by a model that has not seen its label: number of folds, >= 2.

    Attributes
    ----------
    sources_ : ndarray of shape (n_sources,), int64
        Names of the sources, the positive values of ``sample_domain``, in order.
    estimators_ : list of estimators
        The model of each.
    weights_ : ndarray of shape (n_sources,)
        The weight of each, of sum 1.
    weighted_by_ : {"accuracy", "stacked", "mmd", "equal"}
        What the weights are by; "equal" where there is one source or no target row.
    classes_ : ndarray of shape (n_classes,)
        Classes of all sources, for a classifier.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.boosting.MultiSourceTrAdaBoost : Chooses a source in each round, by target labels.
    Pooled : Takes all sources as one.

    Notes
    -----
    The weights are those of whole sources: which rows of one are like the target, the estimator
    inside has to find. "mmd" compares rows as they are, with an rbf kernel of one width for all
    (1 over the median squared distance); a source near to the target in x can still have other
    labels. "accuracy" is smooth in the labels and safe with five of them; "stacked" can leave a
    source out, and counts on some thirty.

    What was weighed by labels is not to be judged by the same ones.

    Rows of another source are predicted as if they were of the source of each model. A model
    without ``predict_proba`` gives 1 to the class that it predicts.

    Costs K fits with K sources, and with an estimator that learns from target labels K n_folds
    more; "mmd" O(n^2 d).

    References
    ----------
    Y. Mansour, M. Mohri and A. Rostamizadeh (2009), "Domain adaptation with multiple sources",
    Advances in Neural Information Processing Systems 21, 1041-1048.

    L. Breiman (1996), "Stacked regressions", Machine Learning 24, 49-64.

    Examples
    --------
    Labels of source 1 are swapped. Eight labels of the target tell so, its rows do not:

    >>> import numpy as np
    >>> from skdomain.compose import MultiSource
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(120, 2))
    >>> sample_domain = np.repeat([1, 2, -3], 40)
    >>> y = np.where(sample_domain == 1, X[:, 0] < 0, X[:, 0] > 0)
    >>> labelled = np.arange(120) < 88
    >>> model = MultiSource().fit(X, y, sample_domain=sample_domain, labelled=labelled)
    >>> model.weights_
    array([0., 1.])
    >>> blind = MultiSource().fit(X, y, sample_domain=sample_domain, labelled=[False] * 120)
    >>> blind.weighted_by_, blind.weights_.round(1)
    ('mmd', array([0.4, 0.6]))
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _facts = (
        SourceEstimator._facts
        | TAKES_SPARSE
        | {
            "domains": "Passed on to models that ask for it; None is not.",
            "predict": "Predict the class with the most of the weight, or the weighted mean",
            "predict_proba": "Weighted mean of the class probabilities of the models",
            "probabilities": "Probabilities in the order of ``classes_``; each row adds up to 1",
            "predict_log_proba": "Logarithms of the weighted mean of the probabilities",
            "scored": "Share of the target rows predicted right, or R^2",
        }
    )
    _parameter_constraints: dict = SourceEstimator._parameter_constraints | {
        "weights": [StrOptions({"accuracy", "mmd", "stacked"})],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
    }
    _score_rows = DomainPredictorMixin._score_rows

    def __init__(
        self, estimator: Any = None, *, weights: str = "accuracy", n_folds: int = 5
    ) -> None:
        self.estimator = estimator
        self.weights = weights
        self.n_folds = n_folds

    @property
    def classes_(self) -> Any:
        """Classes of all sources."""
        return np.unique(np.concatenate([model.classes_ for model in self.estimators_]))

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Fit a clone of the estimator to each source, then weigh them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of all domains in any order, or whatever else the estimator takes as rows; for
            weights by "mmd", dense and finite numbers.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows and of the labelled target rows; what it holds on
            the other target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: one number a source, and
            targets are pooled. None: all rows are of one source, and
            :class:`~skdomain.NoTargetWarning` says so.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. What it holds on source rows is not
            read. None: all target rows are labelled in which y is not missing.

        Returns
        -------
        MultiSource
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If there is no source row, y is missing on one, or an argument does not fit X.
        """
        models = self._told(X, y, sample_domain, labelled)
        self.sources_ = np.unique(models.domains[models.domains > 0])
        self.estimators_ = [models.fit(source, models.known) for source in self.sources_]
        self.weighted_by_ = self._ways(models)
        self.weights_ = self._found(models)
        return self

    def _told(self, X, y, sample_domain, labelled):
        """What the models are fitted to; where no label is known, one of the source's stands."""
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        source_labels(X, y, domains > 0, self)
        known = labelled_rows(y, domains, labelled) & (domains < 0)
        read = known | (domains > 0)
        labels = column_or_1d(source_labels(X, y, read, self), warn=True)
        told = np.repeat(labels[:1], len(domains))
        told[read] = labels
        return SourceModels(self._inner(), X, told, domains, known)

    def _ways(self, models):
        if len(self.sources_) == 1 or (models.domains > 0).all():
            return "equal"
        return self.weights if models.known.any() else "mmd"

    def _found(self, models):
        """Weights of the sources, by the way that was chosen."""
        sources, domains = self.sources_, models.domains
        if self.weighted_by_ == "equal":
            return np.full(len(sources), 1 / len(sources))
        if self.weighted_by_ == "mmd":
            rows = [np.flatnonzero(domains == source) for source in sources]
            sides = [_safe_indexing(models.X, own) for own in rows]
            return discrepancy_weights(sides, _safe_indexing(models.X, np.flatnonzero(domains < 0)))
        asked = zip(sources, self.estimators_, strict=True)
        said = [
            models.judged(source, model, partial(self._say, source), self.n_folds)
            for source, model in asked
        ]
        return self._by_labels(np.array(said), models.y[models.known])

    def _by_labels(self, said, y):
        regresses = not is_classifier(self)
        truth = y if regresses else self.classes_ == y[:, None]
        if self.weighted_by_ == "stacked":
            return stacked_weights((said - truth).reshape(len(said), -1))
        if regresses:
            return inverse_weights(np.square(said - y).mean(axis=1))
        right = self.classes_[said.argmax(axis=2)] == y
        return gain_weights(right, len(self.classes_))

    def _say(self, source, model, X, domains=None):
        """What the model of one source says of rows: shares of the classes, or values."""
        if is_classifier(self):
            return class_shares(model, source, X, domains, self.classes_)
        return asked_of(model, source, "predict", X, domains)

    def _predict_rows(self, method, X, sample_domain):
        models = zip(self.sources_, self.estimators_, strict=True)
        said = [self._say(source, model, X, sample_domain) for source, model in models]
        mean = np.tensordot(self.weights_, np.array(said), axes=1)
        if method == "predict_log_proba":
            with np.errstate(divide="ignore"):
                return np.log(mean)
        if method == "predict" and is_classifier(self):
            return self.classes_[mean.argmax(axis=1)]
        return mean

    def _answers(self, method):
        shares = method in ("predict_proba", "predict_log_proba")
        return method in ("predict", "score") or (shares and is_classifier(self))

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags
