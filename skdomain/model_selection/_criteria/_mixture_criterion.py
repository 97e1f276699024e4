"""Does the target, as the classifier sees it, look like a mixture of the source's classes."""

from typing import Any

from sklearn.base import is_regressor

from skdomain._kernels import gamma_constraint
from skdomain.metrics import class_mixture_discrepancy
from skdomain.model_selection._criteria._scorer import Estimate, SourceScorer
from skdomain.model_selection._criteria._value_groups import value_groups


class ClassMixture(SourceScorer):
    """Less the distance of the target to the mixtures of the source's classes.

    ``-min_p |sum_c p_c m_c - m_t|^2`` over proportions p of the classes, as in
    :func:`~skdomain.metrics.class_mixture_discrepancy`, on the rows as the classifier's own
    transformation or the steps before it give them. 0 is best: the rows of the target are what the
    classes of the source give in some proportions, so what was learnt of them holds. It says
    nothing of how well the classes are told apart: take it with :class:`CircularValidation`.

    Of a regressor the classes are groups of the source rows by their values, ``1 + ceil(log2 n)``
    of about equally many of the n rows (Sturges' rule): 0 if the target is what these give in some
    proportions, that is where values are only met more or less often.

    Parameters
    ----------
    gamma : float, "median", "scale" or None, default="median"
        Coefficient of the kernel, as in :func:`~skdomain.metrics.mmd`. "median" makes the scale of
        the features irrelevant.
    source : tuple (Xs, ys) or (Xs, ys, sample_domain), default=None
        Held-out labelled source rows for where the rows to judge on hold none, as in scikit-learn's
        searches without metadata routing. Their domain is 1 unless given.

    References
    ----------
    A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio estimation:
    convergence bounds and kernel selection", ICML.

    Examples
    --------
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.model_selection import ClassMixture
    >>> problem = make_label_shift(random_state=0)
    >>> model = SourceOnly().fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> score = ClassMixture()(model, problem.X, problem.y, problem.sample_domain)
    >>> -0.01 < score <= 0
    True
    """

    _judges_regressors = True
    _parameter_constraints: dict = {
        "gamma": gamma_constraint(),
        "source": [tuple, None],
    }

    def __init__(self, *, gamma: str | float | None = "median", source: Any = None) -> None:
        self.gamma = gamma
        self.source = source

    def _judge(self, evidence):
        classes = evidence.y_source
        if is_regressor(evidence.estimator):
            classes = value_groups(classes)
        value, _ = class_mixture_discrepancy(
            evidence.source_features, classes, evidence.target_features, gamma=self.gamma
        )
        return Estimate(-value)
