"""Semantic autoencoder: attributes as a code from which rows are rebuilt, by tied weights.

E. Kodirov, T. Xiang and S. Gong (2017), "Semantic autoencoder for zero-shot learning", IEEE
Conference on Computer Vision and Pattern Recognition, 3174-3183.
"""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import svd
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain.zero_shot._zero_shot_classifier import ZeroShotClassifier


def semantic_autoencoder_map(X: ArrayLike, S: ArrayLike, *, lam: float = 1.0) -> np.ndarray:
    """W of the semantic autoencoder: rows x have the code ``W x``, codes s the rows ``W's``.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows.
    S : array-like of shape (n_samples, n_attributes)
        Attributes of the class of each row.
    lam : float, default=1.0
        Weight of encoding, > 0, against that of decoding, 1.

    Returns
    -------
    ndarray of shape (n_attributes, n_features)
        The solution of the Sylvester equation ``S'S W + lam W X'X = (1 + lam) S'X``, of least norm
        where there are several.

    Notes
    -----
    With ``X = U s V'`` and ``S = P t Q'`` it is ``Q [(1 + lam) t_i (P'U)_ij s_j / (t_i^2 + lam
    s_j^2)] V'``, over singular values that are not 0.

    Examples
    --------
    >>> from skdomain.zero_shot import semantic_autoencoder_map
    >>> semantic_autoencoder_map([[2.0], [-2.0]], [[1.0], [-1.0]])
    array([[0.8]])
    """
    X, S = (check_array(A, dtype=np.float64) for A in (X, S))
    check_consistent_length(X, S)
    (U, s, Vt), (P, t, Qt) = _singular_parts(X), _singular_parts(S)
    ratio = t[:, None] / s  # so that no square underflows
    return Qt.T @ ((1 + lam) * (P.T @ U) / (ratio + lam / ratio)) @ Vt


def _singular_parts(A):
    """U, s and V' of the singular values that are more than rounding."""
    U, s, Vt = svd(A, full_matrices=False, check_finite=False)
    kept = s > max(A.shape) * np.finfo(float).eps * s[0]
    return U[:, kept], s[kept], Vt[kept]


class SemanticAutoencoder(ZeroShotClassifier):
    """Zero-shot classifier by a linear autoencoder whose code is the attributes (SAE).

    W minimises over the rows of seen classes, S the attributes of the class of each row::

        |X - S W|^2 + lam |X W' - S|^2

    that is, ``S'S W + lam W X'X = (1 + lam) S'X``, a Sylvester equation. The class is the one
    whose attributes are nearest to the code by cosine, or whose decoded attributes to the row.

    Parameters
    ----------
    attributes : mapping, data frame or array-like, default=None
        What is known of each class, seen or not: a mapping from class to vector, a pandas frame
        whose index holds the classes, or an array with class c in row c. May be passed to ``fit``
        instead. None: each seen class is its own attribute, and there is no other.
    lam : float, default=1.0
        Weight of encoding, > 0. The larger, the more W is the regression of attributes on rows;
        towards 0, its transpose that of rows on attributes.
    space : {"attributes", "features"}, default="attributes"
        Where cosines are taken.
    classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default="all"
        Classes to choose from where ``predict`` is not told.

    Attributes
    ----------
    coef_ : ndarray of shape (n_attributes, n_features)
        W.
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
    ESZSL : Learns to tell the classes, not to rebuild the rows.

    Notes
    -----
    There is no intercept, as in the paper: centre the rows, by ``StandardScaler`` before. The
    equation is solved by singular values, not as the paper does it, so that attributes or features
    that are collinear do no harm; W is then the solution of least norm. A class whose attributes
    are all 0 has the cosine 0 with every row.

    Fitting takes O(n_samples n_features min(n_samples, n_features)) time, and the like of
    attributes.

    References
    ----------
    E. Kodirov, T. Xiang and S. Gong (2017), "Semantic autoencoder for zero-shot learning", IEEE
    Conference on Computer Vision and Pattern Recognition, 3174-3183.

    Examples
    --------
    >>> from skdomain.zero_shot import SemanticAutoencoder
    >>> animals = {"cat": [1, -1], "trout": [-1, 1], "seal": [1, 1]}  # fur, swims
    >>> X, y = [[2.0, -1.0], [1.0, -2.0], [-1.0, 2.0]], ["cat", "cat", "trout"]
    >>> model = SemanticAutoencoder(animals).fit(X, y)
    >>> model.predict([[2.0, -1.5]], classes=["cat", "trout"]).tolist()
    ['cat']
    """

    _parameter_constraints: dict = {
        **ZeroShotClassifier._parameter_constraints,
        "lam": [Interval(Real, 0, None, closed="neither")],
        "space": [StrOptions({"attributes", "features"})],
    }

    def __init__(
        self,
        attributes: Any = None,
        *,
        lam: float = 1.0,
        space: str = "attributes",
        classes: str | ArrayLike = "all",
    ) -> None:
        super().__init__(attributes=attributes, classes=classes)
        self.lam = lam
        self.space = space

    def _learn(self, X, codes, S):
        self.coef_ = semantic_autoencoder_map(X, S[codes], lam=self.lam)

    def _scores(self, X, S):
        if self.space == "attributes":
            return _unit(X @ self.coef_.T) @ _unit(S).T
        return _unit(X) @ _unit(S @ self.coef_).T


def _unit(rows):
    """Rows of length 1; those of 0 stay so."""
    rows = rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.finfo(float).tiny)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)
