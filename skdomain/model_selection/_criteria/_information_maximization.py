"""Information maximisation: predictions certain row by row, and of every class taken together.

Y. Shi and F. Sha (2012), "Information-theoretical learning of discriminative clusters for
unsupervised domain adaptation", ICML.
"""

from numpy.typing import ArrayLike
from scipy.special import xlogy

from skdomain.model_selection._criteria._prediction_entropy import negative_entropies
from skdomain.model_selection._criteria._probabilities import check_proba, jackknife_error
from skdomain.model_selection._criteria._scorer import DomainScorer, Estimate


def information_maximization(proba: ArrayLike) -> float:
    """Mutual information of rows and predicted classes: ``H(mean_i p_i) - mean_i H(p_i)``.

    Parameters
    ----------
    proba : array-like of shape (n_target, n_classes)
        Class probabilities of the target rows, of at least 2 classes. ``0 log 0`` is 0.

    Returns
    -------
    float
        In nats, from 0, where all rows are predicted alike, to ``log(n_classes)``, where each is
        certain and the classes are equally frequent.

    Raises
    ------
    ValueError
        If proba has no rows or one column, or rows that are not probabilities.

    Examples
    --------
    >>> from skdomain.model_selection import information_maximization
    >>> information_maximization([[1.0, 0.0], [0.0, 1.0]])
    0.6931
    >>> information_maximization([[1.0, 0.0], [1.0, 0.0]])
    0.0
    """
    P = check_proba(proba)
    mean = P.mean(axis=0)
    # Rows that are all alike have information 0 up to rounding.
    return max(0.0, float(negative_entropies(P).mean() - xlogy(mean, mean).sum()))


def _values_without_each_row(P):
    rest = len(P) - 1
    certainties = negative_entropies(P)
    means = (P.sum(axis=0) - P).clip(0) / rest
    return (certainties.sum() - certainties) / rest - negative_entropies(means)


class InformationMaximization(DomainScorer):
    """Mutual information of target rows and predicted classes; higher is better.

    ::

        H(1/n sum_i p_i) - 1/n sum_i H(p_i),    H(p) = -sum_c p_c log p_c

    over the n target rows, p_i the predicted class probabilities of row i: high where each row is
    certain and the classes are evenly frequent.

    See Also
    --------
    PredictionEntropy : The second term alone.
    ClassCorrelation : Another form of the same wish.

    Notes
    -----
    It prefers even classes: where the target's class frequencies are far from even, a right
    classifier is marked down. The standard error is that of the jackknife; NaN for one row. Takes
    O(n C) time for C classes. A classifier without ``predict_proba`` is judged by the softmax (for
    two classes the logistic function) of its decision values.

    References
    ----------
    Y. Shi and F. Sha (2012), "Information-theoretical learning of discriminative clusters for
    unsupervised domain adaptation", International Conference on Machine Learning.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import InformationMaximization
    >>> Xs, ys = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1]
    >>> model = LogisticRegression().fit(Xs, ys)
    >>> both_classes, one_class = [[-9.0], [9.0]], [[9.0], [9.0]]
    >>> score = InformationMaximization()
    >>> score(model, both_classes) > score(model, one_class)
    True
    """

    def _judge(self, evidence):
        P = check_proba(evidence.target_proba)
        values = _values_without_each_row(P) if len(P) > 1 else []
        return Estimate(information_maximization(evidence.target_proba), jackknife_error(values))
