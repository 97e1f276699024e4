"""What estimators of the target's class proportions share."""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context
from sklearn.linear_model import LogisticRegression
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_samples

from skdomain._domains import fit_domains, source_classes
from skdomain._estimators import all_or_nothing, validate_as_given
from skdomain.label_shift._confusion import condition_number, warn_inseparable
from skdomain.label_shift._held_out import source_posteriors
from skdomain.label_shift._interval import bootstrap_interval, redrawn_priors, resample_counts
from skdomain.label_shift._simplex import class_ratios

_SHARED = {
    "estimator": """
    estimator : classifier, default=None
        With ``predict_proba``; clones of it are trained on source rows. None:
        ``LogisticRegression(max_iter=1000)``.""",
    "folds": """
    calibration : {"bcts", "vector", "temperature"} or None, default="bcts"
        How the posteriors are calibrated, on held-out source rows: a temperature and a bias for
        each class, a slope and a bias for each class, a temperature, or not at all.
    cv : int, default=5
        Number of folds in which the source rows are held out. The row of a class that has one
        only is trained on in all of them: there is no model of the class without it.""",
    "interval": """
    n_bootstrap : int, default=200
        Number of times that both domains are drawn again, for ``standard_error_`` and
        ``interval_``; with 0 there are none (NaN).
    level : float, default=0.95
        Confidence of the interval of each class.
    random_state : int, RandomState instance or None, default=None
        Seed of these draws. The priors do not depend on it.""",
    "attributes": """
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    priors_ : ndarray of shape (n_classes,)
        Proportions of the classes in the target, all target domains together: at least 0 and of
        sum 1.
    source_priors_ : ndarray of shape (n_classes,)
        Those of the source that they compare with: without a shift they are the same.
    class_weight_ : dict
        ``priors_ / source_priors_`` of each class, as ``class_weight`` of a classifier.
    standard_error_ : ndarray of shape (n_classes,)
        Standard deviation of the priors over the bootstrap.
    interval_ : ndarray of shape (2, n_classes)
        Lower and upper ends of the interval of each class: quantiles of the bootstrap, and no
        less than what the number of target rows alone leaves open.
    condition_number_ : float
        Of the confusion of the classes; infinite where some cannot be told apart.""",
    "estimator_": """
    estimator_ : classifier
        Trained on all source rows.""",
}


def documented(cls):
    """Fill the parts that all docstrings share into that of a class."""
    for name, text in _SHARED.items():
        cls.__doc__ = cls.__doc__.replace(f"    <{name}>", text.strip("\n"))
    return cls


class PriorsEstimator(BaseEstimator):
    """Estimate the proportions of the classes in the target from unlabelled rows of it.

    A subclass gives ``_evidence(X, y, Xt)``, a tuple that begins with features of the source rows,
    their classes and features of the target rows (Xt may be None: the source stands for it), and of
    it the priors by ``_priors``, the confusion of the classes by ``_confusion``.
    """

    __metadata_request__fit = {"sample_domain": True}
    _parameter_constraints: dict = {
        "n_bootstrap": [Interval(Integral, 0, None, closed="left")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    }

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_domain: ArrayLike | None = None) -> Self:
        """Estimate the priors of the target.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, as the estimator inside takes them.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, which stand for the target, and :class:`~skdomain.NoTargetWarning` says
            so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, the source has fewer than two classes, y is missing, or
            sample_domain does not fit X.

        Warns
        -----
        UserWarning
            If classes cannot be told apart; it names them.
        """
        X = self._validate(X)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        source, target = np.flatnonzero(domains > 0), np.flatnonzero(domains < 0)
        labels = source_classes(X, y, domains > 0, self)
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        Xt = _safe_indexing(X, target) if len(target) else None
        evidence = self._evidence(_safe_indexing(X, source), labels, Xt)
        confusion = self._confusion(evidence)
        self.condition_number_ = condition_number(confusion)
        if Xt is not None:
            warn_inseparable(confusion, self.classes_, type(self).__name__)
        return self._estimate(evidence)

    def _estimate(self, evidence):
        self.priors_ = self._point(evidence)
        self.source_priors_ = self._source_priors(evidence)
        weights = class_ratios(self.priors_, self.source_priors_)
        self.class_weight_ = dict(zip(self.classes_.tolist(), weights.tolist(), strict=True))
        draws = np.full((1, len(weights)), np.nan)
        if self.n_bootstrap:
            drawn = resample_counts(*evidence[:3], self.n_bootstrap, self.random_state)
            draws = self._draws(evidence, drawn)
        self.standard_error_ = draws.std(axis=0)
        self.interval_ = bootstrap_interval(
            draws, self.level, estimate=self.priors_, n_rows=evidence[2].shape[0]
        )
        return self

    def _point(self, evidence):
        """The estimate itself, of rows of weight 1."""
        return self._priors(*evidence[:3])

    def _draws(self, evidence, drawn):
        """Priors of bootstrap draws, of shape (n_bootstrap, n_classes)."""
        return redrawn_priors(self._priors, evidence, drawn)

    def _source_priors(self, evidence):
        """Shares of the classes in the source."""
        return np.bincount(evidence[1]) / len(evidence[1])

    def _validate(self, X):
        return validate_as_given(self, X, reset=True)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        return tags


class PosteriorPriorsEstimator(MetaEstimatorMixin, PriorsEstimator):
    """Priors by the calibrated posteriors of a classifier of the source."""

    _parameter_constraints: dict = PriorsEstimator._parameter_constraints | {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "calibration": [StrOptions({"bcts", "vector", "temperature"}), None],
        "cv": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(self, estimator, *, calibration, cv, n_bootstrap, level, random_state):
        self.estimator = estimator
        self.calibration = calibration
        self.cv = cv
        self.n_bootstrap = n_bootstrap
        self.level = level
        self.random_state = random_state

    def _evidence(self, X, y, Xt):
        evidence = source_posteriors(
            self._inner(), X, y, Xt, cv=self.cv, calibration=self.calibration
        )
        self.estimator_ = evidence.estimator
        return evidence

    def _inner(self):
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._inner()).input_tags
        return tags
