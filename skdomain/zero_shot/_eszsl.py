"""ESZSL: scores ``x'V s`` bilinear in rows and attributes, by squared loss, in closed form.

B. Romera-Paredes and P. H. S. Torr (2015), "An embarrassingly simple approach to zero-shot
learning", International Conference on Machine Learning, 2152-2161.
"""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import svd
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval

from skdomain.zero_shot._zero_shot_classifier import ZeroShotClassifier


def eszsl_map(
    X: ArrayLike, Y: ArrayLike, S: ArrayLike, *, eta: float = 1.0, eta_attributes: float = 1.0
) -> np.ndarray:
    """V of ESZSL: rows x score ``x'V s`` for a class with attributes s.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows.
    Y : array-like of shape (n_samples, n_classes)
        Scores wanted: 1 for the class of the row and -1 for the others.
    S : array-like of shape (n_classes, n_attributes)
        Attributes.
    eta : float, default=1.0
        Ridge, > 0, in squared units of X.
    eta_attributes : float, default=1.0
        Ridge, > 0, in squared units of S.

    Returns
    -------
    ndarray of shape (n_features, n_attributes)
        ``(X'X + eta I)^-1 X'Y S (S'S + eta_attributes I)^-1``.

    Examples
    --------
    >>> from skdomain.zero_shot import eszsl_map
    >>> eszsl_map([[1.0], [-1.0]], [[1, -1], [-1, 1]], [[1.0], [-1.0]]).round(6)
    array([[0.444444]])
    """
    X, Y, S = (check_array(A, dtype=np.float64) for A in (X, Y, S))
    check_consistent_length(X, Y)
    check_consistent_length(Y.T, S)
    return _shrunken_inverse(X, eta) @ Y @ _shrunken_inverse(S, eta_attributes).T


def _shrunken_inverse(A, ridge):
    """``(A'A + ridge I)^-1 A'`` of any shape of A, none of whose singular values is squared."""
    U, s, Vt = svd(A, full_matrices=False, check_finite=False)
    return (Vt.T / (s + ridge / np.maximum(s, np.finfo(float).tiny))) @ U.T


class ESZSL(ZeroShotClassifier):
    """Zero-shot classifier of a bilinear score and squared loss (ESZSL).

    A row x and a class of attributes s score ``x'V s``, and V minimises over rows of seen classes,
    with Y 1 for the class of the row and -1 for other seen ones::

        |X V S' - Y|^2 + eta |V S'|^2 + mu |X V|^2 + eta mu |V|^2,   mu = eta_attributes

    so ``V = (X'X + eta I)^-1 X'Y S (S'S + mu I)^-1``.

    Parameters
    ----------
    attributes : mapping, data frame or array-like, default=None
        What is known of each class, seen or not: a mapping from class to vector, a pandas frame
        whose index holds the classes, or an array with class c in row c. May be passed to ``fit``
        instead. None: each seen class is its own attribute, and there is no other.
    eta : float, default=1.0
        Ridge for directions of the rows, > 0, in squared units of X summed over the rows.
    eta_attributes : float, default=1.0
        Ridge for directions of the attributes, > 0, in squared units of these, summed over classes.
    classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default="all"
        Classes to choose from where ``predict`` is not told.

    Attributes
    ----------
    coef_ : ndarray of shape (n_attributes, n_features)
        V'.
    classes_ : ndarray of shape (n_classes,)
        Classes to choose from by default.
    seen_classes_, unseen_classes_ : ndarray
        Classes of the fitted rows, and the others with attributes.
    attributes_ : ndarray of shape (n_known, n_attributes)
        Attributes of all classes, sorted by class.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    AttributeHinge : The same score, by the hinge loss.

    Notes
    -----
    There is no intercept, as in the paper: centre the rows, by ``StandardScaler`` before. Among
    seen and unseen classes, seen ones score higher, so unseen rows are often lost to them.

    Fitting takes O(n_samples n_features min(n_samples, n_features)) time, and the like of
    attributes.

    References
    ----------
    B. Romera-Paredes and P. H. S. Torr (2015), "An embarrassingly simple approach to zero-shot
    learning", International Conference on Machine Learning, 2152-2161.

    Examples
    --------
    >>> from skdomain.zero_shot import ESZSL
    >>> animals = {"cat": [1, -1], "trout": [-1, 1], "seal": [1, 1]}  # fur, swims
    >>> X, y = [[2.0, -1.0], [1.0, -2.0], [-1.0, 2.0]], ["cat", "cat", "trout"]
    >>> model = ESZSL(animals).fit(X, y)
    >>> model.predict([[2.0, 0.5]], classes=["seal", "trout"]).tolist()
    ['seal']
    """

    _parameter_constraints: dict = {
        **ZeroShotClassifier._parameter_constraints,
        "eta": [Interval(Real, 0, None, closed="neither")],
        "eta_attributes": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        attributes: Any = None,
        *,
        eta: float = 1.0,
        eta_attributes: float = 1.0,
        classes: str | ArrayLike = "all",
    ) -> None:
        super().__init__(attributes=attributes, classes=classes)
        self.eta = eta
        self.eta_attributes = eta_attributes

    def _learn(self, X, codes, S):
        Y = 2.0 * np.eye(len(S))[codes] - 1
        V = eszsl_map(X, Y, S, eta=self.eta, eta_attributes=self.eta_attributes)
        self.coef_ = V.T

    def _scores(self, X, S):
        return X @ self.coef_.T @ S.T
