"""An estimator trained on source rows that count as often as they would in the target."""

from typing import NamedTuple

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import check_weights, fit_domains, source_labels
from skdomain._estimators import SourceEstimator, all_or_nothing, check_takes_weights


class Task(NamedTuple):
    """Rows of both domains for the method, and what the estimator is trained on."""

    Xs: np.ndarray
    Xt: np.ndarray
    rows: np.ndarray
    y: np.ndarray
    own: np.ndarray | float

    @property
    def has_target(self):
        """Whether there are target rows."""
        return len(self.Xt) > 0


_FIT_SECTIONS = """
Parameters
----------
X : array-like of shape (n_samples, n_features)
    Rows of both domains in any order.
y : array-like of shape (n_samples,)
    Labels or values of the source rows; what it holds on target rows is not read.
sample_domain : array-like of shape (n_samples,), default=None
    Positive integers for source rows, negative ones for target rows. None: all rows are
    source rows, their weights are 1, and :class:`~skdomain.NoTargetWarning` says so.
sample_weight : array-like of shape (n_samples,), default=None
    Weights of your own, which multiply those of the method; those of target rows are not
    used.

Returns
-------
self
    The fitted estimator.

Raises
------
ValueError
    If X is not finite, there is no source row, y is missing, sample_domain does not fit X,
    all source rows have weight zero, or the estimator takes no sample_weight.
"""


def weighted_fit(fit):
    """What each method's ``fit`` promises: parameters are checked, all or nothing, documented."""
    fit.__doc__ = f"{fit.__doc__}\n{_FIT_SECTIONS}"
    return all_or_nothing(_fit_context(prefer_skip_nested_validation=False)(fit))


class WeightedEstimator(SourceEstimator):
    """Weigh the source rows, then train the estimator on them.

    A subclass writes ``fit``, between :meth:`_begin` and :meth:`_train`: it finds the weights of
    the source rows, and sets what else it has found; a method that gives a ratio of densities sets
    ``ratio_``, a function of rows.
    """

    ratio_ = None

    def _begin(self, X, y, sample_domain, sample_weight):
        """Forget an earlier fit, validate, and return the Task."""
        check_takes_weights(
            self, self._inner(), "LogisticRegression, SVC, RandomForestClassifier or Ridge"
        )
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)  # a fit without target rows would not set them again
        X = self._validate(X, reset=True)
        source = fit_domains(sample_domain, len(X), self) > 0
        y_source = source_labels(X, y, source, self)
        own = 1.0 if sample_weight is None else check_weights(sample_weight, len(X))[source]
        if not np.any(own):
            raise ValueError("sample_weight is zero on all source rows; pass weights above zero.")
        rows = X[source]
        Xs, Xt = (Z.astype(np.float64, copy=False) for Z in (rows, X[~source]))
        return Task(Xs, Xt, rows, y_source, own)

    def _train(self, task, weights=None):
        """Train on the source rows with these weights, of mean 1 (None: all 1)."""
        self.weights_ = np.ones(len(task.rows)) if weights is None else weights
        self.effective_sample_size_ = float(len(task.y) / np.square(self.weights_).mean())
        self.estimator_ = clone(self._inner())
        self.estimator_.fit(task.rows, task.y, sample_weight=self.weights_ * task.own)
        return self

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_data(self, X, reset=reset, dtype=[np.float64, np.float32])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.allow_nan = False
        return tags


class RatioWeightedEstimator(WeightedEstimator):
    """Weighted estimator whose method gives the ratio of densities at any row."""

    def density_ratio(self, X):
        """Estimated ratio of the densities of target and source.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain.

        Returns
        -------
        ndarray of shape (n_samples,)
            ``p_target(x) / p_source(x)`` as estimated, at least 0 and finite, not rescaled:
            ``weights_`` is its value on the source rows divided by the mean, unless the method
            says otherwise. 1 where no target was fitted.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False).astype(np.float64, copy=False)
        return np.ones(len(X)) if self.ratio_ is None else self.ratio_(X)


def mean_one(weights):
    """Weights divided by their mean; all zero is an error."""
    largest = weights.max()
    if not 0 < largest < np.inf:
        raise ValueError(
            f"the largest weight of a source row is {largest}: the domains do not overlap as far "
            "as this method sees; scale the features, smooth more, or take another method."
        )
    weights = weights / largest
    return weights / weights.mean()


def mean_one_of_log(log_ratio):
    """Weights with mean 1 of the logarithm of a ratio, however large or small it is."""
    return mean_one(np.exp(log_ratio - log_ratio.max()))


def ratio_of_log(log_ratio):
    """Ratio of its logarithm, at most the largest finite number."""
    return np.exp(np.minimum(log_ratio, np.log(np.finfo(float).max)))
