"""Importance-weighted validation: source rows count as often as the target would draw them.

M. Sugiyama, M. Krauledat and K.-R. Mueller (2007), "Covariate shift adaptation by importance
weighted cross validation", Journal of Machine Learning Research 8.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.utils._param_validation import StrOptions, validate_params
from sklearn.utils.validation import assert_all_finite

from skdomain._rows import shared
from skdomain.model_selection._criteria._gains import row_gains
from skdomain.model_selection._criteria._scorer import Estimate, SourceScorer, mean_estimate


@validate_params(
    {"values": ["array-like"], "weights": ["array-like"], "normalize": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def importance_weighted_mean(
    values: ArrayLike, weights: ArrayLike, *, normalize: bool = False
) -> Estimate:
    """Mean of a function over the target from its values on source rows: ``mean(w v)``.

    Parameters
    ----------
    values : array-like of shape (n_source,)
        Values v, such as 1 where a prediction is right and 0 where it is wrong.
    weights : array-like of shape (n_source,)
        Density ratio ``p_t(x) / p_s(x)`` of each row, >= 0.
    normalize : bool, default=False
        Divide by the sum of the weights, ``sum(w v) / sum(w)``, in place of their number.

    Returns
    -------
    Estimate
        The mean and its standard error, that of a mean of n independent ``w v``; if normalised, of
        ``w (v - mean) / mean(w)``. NaN for a single row.

    Raises
    ------
    ValueError
        If values are missing or not finite, or the weights are negative, not finite, all zero or
        not as many as the values.

    Examples
    --------
    >>> from skdomain.model_selection import importance_weighted_mean
    >>> importance_weighted_mean([1, 1, 0, 0], [3, 1, 0, 0])
    Estimate(value=1.0, standard_error=0.707)
    """
    values = check_values(values)
    weights = check_weights(weights, len(values))
    if not normalize:
        return mean_estimate(weights * values)
    value = np.average(values, weights=weights)
    error = mean_estimate(weights * (values - value)).standard_error / weights.mean()
    return Estimate(float(value), float(error))


def check_values(values):
    """Validate values of source rows."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"values have shape {values.shape}; pass one number a source row.")
    assert_all_finite(values, input_name="values")
    return values


def check_weights(weights, n_source):
    """Validate weights of the source rows."""
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (n_source,):
        raise ValueError(
            f"weights of {n_source} source rows have shape {weights.shape}; the ratio has to give "
            "one weight a source row."
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        wrong = weights[~(weights >= 0) | np.isinf(weights)][0]
        raise ValueError(
            f"weights of source rows hold {wrong:g}; a density ratio is finite and >= 0."
        )
    if not weights.any():
        raise ValueError(
            "weights of source rows are all zero: no source row says anything of the target; "
            "choose another ratio, or a criterion that needs no source rows."
        )
    return weights


def ratio_weights(evidence, ratio, space):
    """Weights of the source rows of the evidence, by a ratio that is estimated in a space."""
    if ratio is None:
        ratio = _default_ratio
    if space == "input":
        sides = evidence.source.X, evidence.target.X
    else:
        sides = evidence.source_features, evidence.target_features
    try:
        weights = ratio(*sides)
    except TypeError as error:
        if not any(map(sparse.issparse, sides)):
            raise
        raise TypeError(
            f"the rows that the ratio of the domains is estimated from, space={space!r}, are "
            f"sparse, and {getattr(ratio, '__name__', ratio)} takes no sparse rows. Put a step "
            "that makes them dense before the classifier and take space='features': "
            "make_pipeline(TruncatedSVD(), SourceOnly(classifier)); or choose another ratio or "
            "criterion."
        ) from error
    return check_weights(weights, evidence.source.n_rows)


def _default_ratio(Xs, Xt):
    """Weights by a classifier of the domains; those of the same rows are found once in a search."""
    from skdomain.weighting import classifier_weights

    return shared(classifier_weights, Xs, Xt)


class ImportanceWeighted(SourceScorer):
    """Importance-weighted accuracy, or less the squared error, on source rows.

    Estimates the accuracy on the target as::

        1/n sum_i w(x_i) 1[f(x_i) = y_i],   w = p_t / p_s

    over n labelled source rows that the classifier f was not fitted to; of a regressor, less the
    mean squared error, with ``-(y_i - f(x_i))^2`` in place of the indicator. With the true ratio it
    is unbiased under covariate shift, that is if p(y | x) is the same in both domains.

    Parameters
    ----------
    ratio : callable, default=None
        ``ratio(X_source, X_target)`` gives the weights of the source rows, >= 0. None:
        ``skdomain.weighting.classifier_weights``.
    space : {"input", "features"}, default="input"
        Rows that the ratio sees: as they are given, or as the classifier's own transformation (in
        a pipeline, the steps before the last) gives them.
    normalize : bool, default=False
        Divide by the sum of the weights in place of n: in the range of the gains and of less
        variance where weights vary, but biased in small samples. No difference for weights of mean
        1.
    source : tuple (Xs, ys) or (Xs, ys, sample_domain), default=None
        Held-out labelled source rows for where the rows to judge on hold none, as in scikit-learn's
        searches without metadata routing. Their domain is 1 unless given.

    See Also
    --------
    DeepEmbeddedValidation : The same with less variance.
    importance_weighted_mean : The function on arrays.

    Notes
    -----
    The standard error is that of the mean and takes the weights as known. It understates wherever
    few rows carry most of the weight, and says nothing of an error in the ratio. Source rows that
    the classifier was fitted to make the estimate optimistic.

    References
    ----------
    M. Sugiyama, M. Krauledat and K.-R. Mueller (2007), "Covariate shift adaptation by importance
    weighted cross validation", Journal of Machine Learning Research 8, 985-1005.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import ImportanceWeighted
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0], [1.0], [3.0]])
    >>> y, d = np.array([0, 0, 1, 0, -1, -1]), np.array([1, 1, 1, 1, -2, -2])
    >>> model = LogisticRegression().fit([[-1.0], [1.0]], [0, 1])
    >>> scorer = ImportanceWeighted(lambda Xs, Xt: np.where(Xs > 0, 2.0, 0.0).ravel())
    >>> scorer(model, X, y, sample_domain=d)
    0.5
    """

    _judges_regressors = True
    _parameter_constraints: dict = {
        "ratio": [callable, None],
        "space": [StrOptions({"input", "features"})],
        "normalize": ["boolean"],
        "source": [tuple, None],
    }

    def __init__(
        self,
        ratio: Callable[..., Any] | None = None,
        *,
        space: str = "input",
        normalize: bool = False,
        source: Any = None,
    ) -> None:
        self.ratio = ratio
        self.space = space
        self.normalize = normalize
        self.source = source

    def _judge(self, evidence):
        weights = ratio_weights(evidence, self.ratio, self.space)
        gains = row_gains(evidence.estimator, evidence.y_source, evidence.source_labels)
        return importance_weighted_mean(gains, weights, normalize=self.normalize)
