"""Prediction entropy: a classifier that suits the target is sure of its predictions there.

P. Morerio, J. Cavazza and V. Murino (2018), "Minimal-entropy correlation alignment for unsupervised
deep domain adaptation", ICLR.
"""

from numpy.typing import ArrayLike
from scipy.special import xlogy

from skdomain.model_selection._criteria._probabilities import check_proba
from skdomain.model_selection._criteria._scorer import DomainScorer, mean_estimate


def prediction_entropy(proba: ArrayLike) -> float:
    """Mean negative entropy of predicted probabilities: ``1/n sum_i sum_c p_ic log p_ic``.

    Parameters
    ----------
    proba : array-like of shape (n_target, n_classes)
        Class probabilities of the target rows, of at least 2 classes. ``0 log 0`` is 0.

    Returns
    -------
    float
        In nats, from ``-log(n_classes)``, all rows undecided, to 0, all rows certain.

    Raises
    ------
    ValueError
        If proba has no rows or one column, or rows that are not probabilities.

    Examples
    --------
    >>> from skdomain.model_selection import prediction_entropy
    >>> prediction_entropy([[1.0, 0.0], [0.5, 0.5]])
    -0.3466
    """
    return float(negative_entropies(check_proba(proba)).mean())


def negative_entropies(P):
    """``sum_c p_c log p_c`` of each row."""
    return xlogy(P, P).sum(axis=1)


class PredictionEntropy(DomainScorer):
    """Mean negative entropy of the predictions on the target; higher is better.

    ::

        1/n sum_i sum_c p_ic log p_ic

    over the n target rows, p the predicted class probabilities: the criterion by which the paper
    chooses the weight of its alignment term, with its sign turned.

    See Also
    --------
    InformationMaximization : Asks that the predicted classes differ, too.

    Notes
    -----
    A classifier that gives all rows to one class with certainty has the highest value, and so has
    each one whose probabilities are 0 and 1, such as 1-NN: compare classifiers of one kind. The
    standard error is that of a mean over rows, ``s / sqrt(n)``; NaN for one row. Takes O(n C) time
    for C classes. A classifier without ``predict_proba`` is judged by the softmax (for two classes
    the logistic function) of its decision values.

    References
    ----------
    P. Morerio, J. Cavazza and V. Murino (2018), "Minimal-entropy correlation alignment for
    unsupervised deep domain adaptation", International Conference on Learning Representations.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import PredictionEntropy
    >>> Xs, ys, Xt = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1], [[-9.0], [0.1], [9.0]]
    >>> weak, strong = (LogisticRegression(C=C).fit(Xs, ys) for C in (0.1, 10.0))
    >>> PredictionEntropy()(weak, Xt) < PredictionEntropy()(strong, Xt)
    True
    """

    def _judge(self, evidence):
        return mean_estimate(negative_entropies(check_proba(evidence.target_proba)))
