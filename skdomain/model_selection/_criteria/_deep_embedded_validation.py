"""Deep embedded validation: importance weights in feature space, variance taken out by a control.

K. You, X. Wang, M. Long and M. I. Jordan (2019), "Towards accurate model selection in deep
unsupervised domain adaptation", ICML.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_regressor
from sklearn.utils._param_validation import StrOptions, validate_params

from skdomain.model_selection._criteria._gains import row_gains
from skdomain.model_selection._criteria._importance_weighted import (
    check_values,
    check_weights,
    ratio_weights,
)
from skdomain.model_selection._criteria._scorer import Estimate, SourceScorer


@validate_params(
    {"values": ["array-like"], "weights": ["array-like"]}, prefer_skip_nested_validation=True
)
def deep_embedded_mean(values: ArrayLike, weights: ArrayLike) -> Estimate:
    """Mean of a function over the target from source rows, with the weights as control variate.

    ``mean(w v) + eta (mean(w) - 1)`` with ``eta = -Cov(w v, w) / Var(w)``: the true weights have
    mean 1, so by how much these miss it says by how much ``mean(w v)`` does.

    Parameters
    ----------
    values : array-like of shape (n_source,)
        Values v, losses or gains. Of ``a + b v`` the mean is ``a + b`` times that of v.
    weights : array-like of shape (n_source,)
        Density ratio ``p_t(x) / p_s(x)`` of each row, >= 0.

    Returns
    -------
    Estimate
        The mean and its standard error, ``sqrt(RSS / (n - 2) / n)`` with RSS the squared residuals
        of the regression of ``w v`` on w; NaN for less than 3 rows. Weights that are all equal
        control nothing: eta is 0 and the result that of :func:`importance_weighted_mean`.

    Raises
    ------
    ValueError
        If values are missing or not finite, or the weights are negative, not finite, all zero or
        not as many as the values.

    Examples
    --------
    >>> from skdomain.model_selection import deep_embedded_mean
    >>> deep_embedded_mean([1, 1, 1], [3, 1, 0.5])
    Estimate(value=1.0, standard_error=0.0)
    """
    values = check_values(values)
    weights = check_weights(weights, len(values))
    n, weighted = len(values), weights * values
    control = weights - weights.mean()
    varies = np.ptp(weights) > 0
    slope = control @ weighted / (control @ control) if varies else 0.0
    value = weighted.mean() - slope * (weights.mean() - 1)
    residuals = weighted - weighted.mean() - slope * control
    freedom = n - 1 - varies
    error = np.sqrt(residuals @ residuals / freedom / n) if freedom > 0 else np.nan
    return Estimate(float(value), float(error))


class DeepEmbeddedValidation(SourceScorer):
    """Importance-weighted accuracy, log-likelihood or less the squared error, with a control.

    Estimates the mean gain g on the target from n labelled source rows that the model was not
    fitted to::

        mean(w g) + eta (mean(w) - 1),   eta = -Cov(w g, w) / Var(w),   w = p_t / p_s

    The paper's risk is this with the loss in place of the gain. For ``loss="zero_one"`` the gain is
    1 where the prediction is right and the value 1 - risk; for ``loss="log_loss"`` it is the
    logarithm of the probability of the true class, for ``loss="squared_error"`` less the squared
    error of a regressor, and the value -risk.

    Parameters
    ----------
    ratio : callable, default=None
        ``ratio(F_source, F_target)`` gives the weights of the source rows, >= 0. None:
        ``skdomain.weighting.classifier_weights``, a classifier that tells the domains apart.
    loss : {"zero_one", "log_loss", "squared_error"}, default=None
        What is averaged; "log_loss" needs predict_proba or decision_function. None: "zero_one" of a
        classifier, "squared_error" of a regressor, which has no other.
    space : {"input", "features"}, default="features"
        Rows that the ratio sees: as they are given, or as the classifier's own transformation (in
        a pipeline, the steps before the last) gives them; the same where there is none.
    source : tuple (Xs, ys) or (Xs, ys, sample_domain), default=None
        Held-out labelled source rows for where the rows to judge on hold none, as in scikit-learn's
        searches without metadata routing. Their domain is 1 unless given.

    See Also
    --------
    ImportanceWeighted : Without the control variate.
    deep_embedded_mean : The function on arrays.

    Notes
    -----
    As eta is estimated from the same rows, the estimate has a bias of order 1/n even with the true
    ratio. It may leave [0, 1]. The standard error takes the weights as known. Probabilities are
    cut off at the machine epsilon, as scikit-learn's log_loss does.

    References
    ----------
    K. You, X. Wang, M. Long and M. I. Jordan (2019), "Towards accurate model selection in deep
    unsupervised domain adaptation", Proceedings of the 36th International Conference on Machine
    Learning, 7124-7133.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import DeepEmbeddedValidation
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0], [1.0], [3.0]])
    >>> y, d = np.array([0, 0, 1, 0, -1, -1]), np.array([1, 1, 1, 1, -2, -2])
    >>> model = LogisticRegression().fit([[-1.0], [1.0]], [0, 1])
    >>> scorer = DeepEmbeddedValidation(lambda Xs, Xt: np.where(Xs > 0, 2.0, 0.5).ravel())
    >>> scorer(model, X, y, sample_domain=d)
    0.67
    """

    _judges_regressors = True
    _parameter_constraints: dict = {
        "ratio": [callable, None],
        "loss": [StrOptions({"zero_one", "log_loss", "squared_error"}), None],
        "space": [StrOptions({"input", "features"})],
        "source": [tuple, None],
    }

    def __init__(
        self,
        ratio: Callable[..., Any] | None = None,
        *,
        loss: str | None = None,
        space: str = "features",
        source: Any = None,
    ) -> None:
        self.ratio = ratio
        self.loss = loss
        self.space = space
        self.source = source

    def _judge(self, evidence):
        gain = self._gain(evidence)
        return deep_embedded_mean(gain, ratio_weights(evidence, self.ratio, self.space))

    def _gain(self, evidence):
        self._check_loss(evidence.estimator)
        if self.loss != "log_loss":
            return row_gains(evidence.estimator, evidence.y_source, evidence.source_labels)
        is_label = np.asarray(evidence.classes) == evidence.y_source[:, None]
        of_label = np.where(is_label, evidence.source_proba, 0).sum(axis=1)
        return np.log(np.maximum(of_label, np.finfo(float).eps))

    def _check_loss(self, model):
        kind, known = "classifier", ("zero_one", "log_loss")
        if is_regressor(model):
            kind, known = "regressor", ("squared_error",)
        if self.loss not in (None, *known):
            raise ValueError(
                f"loss={self.loss!r} is none of a {kind}, which {type(model).__name__} is; take "
                f"loss=None or one of {known}."
            )
