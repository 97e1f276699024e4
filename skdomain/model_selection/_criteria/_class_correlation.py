"""Class correlation: how near the products of predicted probabilities are to the identity.

W. Tu, W. Deng, L. Zheng and T. Gedeon (2024), "What does softmax probability tell us about
classifiers ranking across diverse test conditions?", TMLR (SoftmaxCorr, also called Corr-C).
"""

import numpy as np
from numpy.typing import ArrayLike

from skdomain.model_selection._criteria._probabilities import check_proba, jackknife_error
from skdomain.model_selection._criteria._scorer import DomainScorer, Estimate


def class_correlation(proba: ArrayLike) -> float:
    """Cosine of the angle between ``R = P'P`` and the identity: ``tr(R) / (|R|_F sqrt(C))``.

    Parameters
    ----------
    proba : array-like of shape (n_target, n_classes)
        Class probabilities P of the target rows, of at least 2 classes.

    Returns
    -------
    float
        From ``1 / sqrt(n_classes)``, where all rows are predicted alike, to 1, where each is
        certain and the classes are equally frequent.

    Raises
    ------
    ValueError
        If proba has no rows or one column, or rows that are not probabilities.

    Examples
    --------
    >>> from skdomain.model_selection import class_correlation
    >>> class_correlation([[1.0, 0.0], [0.0, 1.0]])
    1.0
    >>> class_correlation([[0.5, 0.5], [0.5, 0.5]])
    0.7071
    """
    P = check_proba(proba)
    R = P.T @ P
    return float(_cosine(np.trace(R), np.square(R).sum(), P.shape[1]))


def _cosine(trace, squares, n_classes):
    return np.clip(trace / np.sqrt(squares * n_classes), 1 / np.sqrt(n_classes), 1)


def _values_without_each_row(P):
    """With row p left out: ``|R - pp'|^2 = |R|^2 - 2 p'Rp + |p|^4``."""
    R, norms = P.T @ P, np.square(P).sum(axis=1)
    squares = np.square(R).sum() - 2 * np.einsum("ic,ic->i", P @ R, P) + norms**2
    return _cosine(np.trace(R) - norms, squares, P.shape[1])


class ClassCorrelation(DomainScorer):
    """Cosine of the class correlations on the target with the identity; higher is better.

    ::

        tr(R) / (|R|_F sqrt(C)),    R = P'P

    with P the predicted probabilities of the target rows for C classes: the inner product of R and
    the identity over their Frobenius norms. It is high where no row is shared between classes and
    the classes are evenly frequent.

    See Also
    --------
    InformationMaximization : The same wish in terms of entropies.

    Notes
    -----
    The paper compares R with a reference matrix; the identity stands for even classes. Where the
    target's class frequencies are far from even, a right classifier is marked down. The standard
    error is that of the jackknife, in closed form; NaN for one row. Takes O(n C^2) time. A
    classifier without ``predict_proba`` is judged by the softmax (for two classes the logistic
    function) of its decision values.

    References
    ----------
    W. Tu, W. Deng, L. Zheng and T. Gedeon (2024), "What does softmax probability tell us about
    classifiers ranking across diverse test conditions?", Transactions on Machine Learning Research.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import ClassCorrelation
    >>> Xs, ys = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1]
    >>> model = LogisticRegression().fit(Xs, ys)
    >>> both_classes, one_class = [[-9.0], [9.0]], [[9.0], [9.0]]
    >>> ClassCorrelation()(model, both_classes) > ClassCorrelation()(model, one_class)
    True
    """

    def _judge(self, evidence):
        P = check_proba(evidence.target_proba)
        values = _values_without_each_row(P) if len(P) > 1 else []
        return Estimate(class_correlation(evidence.target_proba), jackknife_error(values))
