"""How well seen and unseen classes are recognised at once: the harmonic mean of both accuracies.

Y. Xian, C. H. Lampert, B. Schiele and Z. Akata (2019), "Zero-shot learning: a comprehensive
evaluation of the good, the bad and the ugly", IEEE Transactions on Pattern Analysis and Machine
Intelligence 41(9), 2251-2265.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, column_or_1d


def harmonic_accuracy(y_true: ArrayLike, y_pred: ArrayLike, *, seen_classes: ArrayLike) -> float:
    """Harmonic mean of the accuracies on seen and on unseen classes.

    ``2 a b / (a + b)``, a and b each the mean over its classes of the share of the rows of a class
    that are predicted right. It is 0 where one of them is.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True classes.
    y_pred : array-like of shape (n_samples,)
        Classes predicted from seen and unseen ones.
    seen_classes : array-like of shape (n_seen,)
        Classes that training rows had.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there are no rows of seen classes, or none of unseen ones.

    References
    ----------
    Y. Xian, C. H. Lampert, B. Schiele and Z. Akata (2019), "Zero-shot learning: a comprehensive
    evaluation of the good, the bad and the ugly", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 41(9), 2251-2265.

    Examples
    --------
    >>> from skdomain.zero_shot import harmonic_accuracy
    >>> truth, found = ["cat", "cat", "seal", "seal"], ["cat", "cat", "seal", "cat"]
    >>> round(harmonic_accuracy(truth, found, seen_classes=["cat"]), 4)
    0.6667
    """
    y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
    check_consistent_length(y_true, y_pred)
    classes, codes = np.unique(y_true, return_inverse=True)
    seen = np.isin(classes, seen_classes)
    if seen.all() or not seen.any():
        raise ValueError(
            f"harmonic_accuracy needs rows of seen and of unseen classes, got {classes.tolist()}, "
            f"{'all' if seen.all() else 'none'} of them seen; take the accuracy of one group."
        )
    recalls = np.bincount(codes, weights=y_true == y_pred) / np.bincount(codes)
    a, b = recalls[seen].mean(), recalls[~seen].mean()
    return float(2 * a * b / (a + b)) if a + b > 0 else 0.0


def harmonic_accuracy_scorer(estimator: Any, X: ArrayLike, y: Any) -> float:
    """Harmonic accuracy of a fitted zero-shot classifier, which knows what it has seen.

    It is :func:`~skdomain.zero_shot.harmonic_accuracy`, as a ``scoring=`` for searches and
    cross-validation of scikit-learn.

    Parameters
    ----------
    estimator : estimator
        Fitted, of this package, or a pipeline or search that ends in one; it chooses among its
        ``classes_``.
    X : array-like of shape (n_samples, n_features)
        Rows of seen and unseen classes.
    y : array-like of shape (n_samples,)
        True classes.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there are no rows of seen classes, or none of unseen ones.

    Examples
    --------
    >>> from skdomain.zero_shot import SemanticAutoencoder, harmonic_accuracy_scorer
    >>> model = SemanticAutoencoder([[1, 0], [0, 1], [1, 1]])
    >>> model = model.fit([[2.0, 0.0], [0.0, 2.0]], [0, 1])
    >>> harmonic_accuracy_scorer(model, [[3.0, 0.0], [0.0, 3.0], [2.0, 2.0]], [0, 1, 2])
    1.0
    """
    return harmonic_accuracy(y, estimator.predict(X), seen_classes=_last(estimator).seen_classes_)


def _last(estimator):
    """The classifier at the end of searches and pipelines."""
    if hasattr(estimator, "best_estimator_"):
        return _last(estimator.best_estimator_)
    return _last(estimator[-1]) if hasattr(estimator, "steps") else estimator
