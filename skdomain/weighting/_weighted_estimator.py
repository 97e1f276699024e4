"""An estimator trained on source rows that count as often as they would in the target."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import check_sample_weight, fit_domains, source_labels
from skdomain._estimators import (
    TAKES_SPARSE,
    RoutesFitMixin,
    SourceEstimator,
    all_or_nothing,
    call_with_domains,
    check_takes_weights,
    fit_weighted,
    inner_params,
    params_at,
    validate_as_given,
)
from skdomain._rows import is_streamed
from skdomain.weighting._flattening import (
    FLATTEN,
    flattened,
    n_effective,
    n_varying,
    warn_of_few_rows,
)
from skdomain.weighting._numbers import as_numbers


class Task(NamedTuple):
    """Numbers of both domains for the method, and what the estimator is trained on."""

    Xs: np.ndarray
    Xt: np.ndarray
    rows: np.ndarray
    y: np.ndarray
    own: np.ndarray
    params: dict

    @property
    def has_target(self):
        """Whether there are target rows."""
        return self.Xt.shape[0] > 0


_FIT_SECTIONS = """
Parameters
----------
X : {rows} of shape (n_samples, n_features)
    Rows of both domains in any order; with a ``transformer`` whatever that and the estimator
    take, such as missing values, categories or texts.
y : array-like of shape (n_samples,)
    Labels or values of the source rows; what it holds on target rows is not read.
sample_domain : array-like of shape (n_samples,), default=None
    Positive integers for source rows, negative for target rows. None: all rows are
    source rows, their weights are 1, and :class:`~skdomain.NoTargetWarning` says so.
sample_weight : array-like of shape (n_samples,), default=None
    Weights of your own, at least 0, which multiply those of the method; those of target rows
    are not used.
**params : dict
    Further parameters of the estimator's ``fit``, such as eval_set; of those with an entry a
    row, it gets the entries of the source rows.

Returns
-------
self
    The fitted estimator.

Raises
------
ValueError
    If X is not finite, there is no source row, y is missing, sample_domain does not fit X,
    all source rows have weight zero, or the estimator takes no sample_weight.

Warns
-----
UserWarning
    The method's weights are worth at most 2 % of the source rows, or 2 of 20 or more.
"""


def weighted_fit(fit, rows="array-like"):
    """What each method's ``fit`` promises: parameters are checked, all or nothing, documented."""
    fit.__doc__ = f"{fit.__doc__}\n{_FIT_SECTIONS.format(rows=rows)}"
    return all_or_nothing(_fit_context(prefer_skip_nested_validation=False)(fit))


weighted_sparse_fit = partial(weighted_fit, rows="array-like or sparse matrix")


class WeightedEstimator(RoutesFitMixin, SourceEstimator):
    """Weigh the source rows, then train the estimator on them.

    A subclass writes ``fit``, between :meth:`_begin` and :meth:`_train`: it finds the weights of
    the source rows, and sets what else it has found; a method that gives a ratio of densities sets
    ``ratio_``, a function of rows.
    """

    _parameter_constraints: dict = SourceEstimator._parameter_constraints | {
        "flatten": FLATTEN,
        "transformer": [HasMethods(["fit", "transform"]), None],
        "resample": ["boolean"],
        "random_state": ["random_state"],
    }
    _facts = SourceEstimator._facts | TAKES_SPARSE
    _takes_sparse = False
    ratio_ = transformer_ = None

    def _begin(self, X, y, sample_domain, sample_weight, params):
        """Forget an earlier fit, validate, and return the Task."""
        check_takes_weights(
            self, self._inner(), "LogisticRegression, SVC, RandomForestClassifier or Ridge"
        )
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)  # a fit without target rows would not set them again
        X = self._validate(X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        source = domains > 0
        y_source = source_labels(X, y, source, self)
        own = check_sample_weight(sample_weight, len(domains))[source]
        if not np.any(own):
            raise ValueError("sample_weight is zero on all source rows; pass weights above zero.")
        numbers, rows = self._fitted_numbers(X, domains), np.flatnonzero(source)
        params = params_at(inner_params(self, "estimator", "fit", "fit", params), X, rows)
        Xs = numbers[source]
        given = Xs if numbers is X else _safe_indexing(X, rows)
        return Task(Xs, numbers[~source], given, y_source, own, params)

    def _train(self, task, weights=None):
        """Train on the source rows with these weights, of mean 1 (None: all 1), flattened."""
        self.raw_weights_ = np.ones(len(task.y)) if weights is None else weights
        self.weights_, self.tau_ = flattened(self.raw_weights_, self.flatten, n_varying(task.Xs))
        self.effective_sample_size_ = n_effective(self.weights_)
        warn_of_few_rows(self.raw_weights_, self.weights_, self.tau_)
        self.estimator_ = fit_weighted(
            clone(self._inner()),
            task.rows,
            task.y,
            self.weights_ * task.own,
            task.params,
            draw=check_random_state(self.random_state) if self.resample else None,
        )
        return self

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        if is_streamed(X):
            raise TypeError(
                f"{type(self).__name__} trains its estimator on an array of rows, got RowBlocks; "
                "pass X.to_array(). Weights alone are found in blocks by gaussian_weights(Xs, Xt), "
                "which needs sums only; the other methods compare rows and need arrays."
            )
        return validate_as_given(self, X, reset=reset)

    def _fitted_numbers(self, X, domains):
        """What the weights are found on, in float64: the rows, or what is made of them."""
        if self.transformer is not None:
            self.transformer_ = clone(self.transformer)
            call_with_domains(self.transformer_, "fit", X, sample_domain=domains)
            X = call_with_domains(self.transformer_, "transform", X, sample_domain=domains)
        return as_numbers(self, X, accept_sparse=self._takes_sparse)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.transformer is None:
            tags.input_tags.sparse &= self._takes_sparse
            tags.input_tags.allow_nan = tags.input_tags.string = False
            tags.input_tags.categorical = False
        return tags


class RatioWeightedEstimator(WeightedEstimator):
    """Weighted estimator whose method gives the ratio of densities at any row."""

    def density_ratio(self, X: Any) -> np.ndarray:
        """Estimated ratio of the densities of target and source.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain, in the forms that ``fit`` takes.

        Returns
        -------
        ndarray of shape (n_samples,)
            ``p_target(x) / p_source(x)`` as estimated, at least 0 and finite, neither rescaled
            nor flattened: ``raw_weights_`` is its value on the source rows divided by the mean,
            unless the method says otherwise. 1 where no target was fitted.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        if self.transformer_ is not None:
            X = self.transformer_.transform(X)
        X = as_numbers(self, X, accept_sparse=self._takes_sparse)
        return np.ones(X.shape[0]) if self.ratio_ is None else self.ratio_(X)
