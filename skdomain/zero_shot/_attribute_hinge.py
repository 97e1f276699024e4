"""The hinge loss over attributes: the right class scores more than any other, by a margin.

Z. Akata, F. Perronnin, Z. Harchaoui and C. Schmid (2016), "Label-embedding for image
classification", IEEE Transactions on Pattern Analysis and Machine Intelligence 38(7), 1425-1438.
"""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval

from skdomain._domains import warn_caller
from skdomain.zero_shot._attribute_dual import solve_hinge
from skdomain.zero_shot._zero_shot_classifier import ZeroShotClassifier


def hinge_map(
    X: ArrayLike,
    codes: int | ArrayLike,
    S: ArrayLike,
    *,
    eta: float = 1.0,
    margin: float = 1.0,
    max_iter: int = 1000,
    tol: float = 1e-4,
) -> Any:
    """W of the least hinge loss and ridge, with a certificate: scores are ``x'W s``.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows.
    codes : array-like of shape (n_samples,), int
        The row of S that holds the attributes of each row's class.
    S : array-like of shape (n_classes, n_attributes)
        Attributes.
    eta : float, default=1.0
        Ridge, > 0.
    margin : float, default=1.0
        k, > 0.
    max_iter : int, default=1000
        Most sweeps over the rows.
    tol : float, default=1e-4
        Stop where the duality gap is at most this share of the objective of ``W = 0``, which is
        ``margin n_samples``.

    Returns
    -------
    HingeSolution
        ``.W`` of shape (n_features, n_attributes), ``.dual``, ``.objective``, ``.gap``,
        ``.n_iter``.

    Examples
    --------
    >>> from skdomain.zero_shot import hinge_map
    >>> found = hinge_map([[1.0], [-1.0]], [0, 1], [[1.0], [-1.0]], eta=0.1)
    >>> found.W.round(6), abs(round(found.gap, 6))
    (array([[0.5]]), 0.0)
    """
    X, S = (check_array(A, dtype=np.float64) for A in (X, S))
    codes = np.asarray(codes, dtype=np.intp)
    check_consistent_length(X, codes)
    return solve_hinge(X, codes, S, eta=eta, margin=margin, max_iter=max_iter, tol=tol)


class AttributeHinge(ZeroShotClassifier):
    """Zero-shot classifier of a bilinear score and the multiclass hinge loss.

    A row x and a class of attributes s score ``f(x, s) = x'W s``, and W minimises over rows of seen
    classes::

        sum_i max(0, k - f(x_i, s_yi) + max_{m != y_i} f(x_i, s_m)) + eta/2 |W|^2

    with k the margin and m the seen classes. It is a convex problem, which is solved to a duality
    gap.

    Parameters
    ----------
    attributes : mapping, data frame or array-like, default=None
        What is known of each class, seen or not: a mapping from class to vector, a pandas frame
        whose index holds the classes, or an array with class c in row c. May be passed to ``fit``
        instead. None: each seen class is its own attribute, and there is no other.
    eta : float, default=1.0
        Ridge, > 0.
    margin : float, default=1.0
        k, > 0: that of k and eta is that of 1 and ``k eta``, with W divided by k.
    max_iter : int, default=1000
        Most sweeps over the rows.
    tol : float, default=1e-4
        Stop where the duality gap, and hence what the objective is above its minimum, is at most
        this share of the objective of ``W = 0``, which is ``margin n_samples``.
    classes : {"all", "seen", "unseen"} or array-like of shape (n_wanted,), default="all"
        Classes to choose from where ``predict`` is not told.
    verbose : bool, default=False
        Whether to show progress.

    Attributes
    ----------
    coef_ : ndarray of shape (n_attributes, n_features)
        W'.
    objective_ : float
        What is minimised, at W.
    gap_ : float
        How far the objective is above its minimum at most.
    n_iter_ : int
        Sweeps over the rows.
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
    ESZSL : The same score, by squared loss, in closed form.

    Notes
    -----
    There is no intercept: centre the rows, by ``StandardScaler`` before. The loss is the structured
    one, of the worst class (ALE counts all classes by rank, and stops stochastic steps early). Each
    class being its own attribute, it is the multiclass support vector machine of Crammer and
    Singer. The dual has a simplex of classes for each row, in which weight moves between two
    classes at a time; the solution does not depend on where it starts.

    A sweep takes O(n_samples n_attributes (n_features + n_classes)) time, memory is
    O(n_samples (n_features + n_classes)). Small eta takes many sweeps.

    References
    ----------
    Z. Akata, F. Perronnin, Z. Harchaoui and C. Schmid (2016), "Label-embedding for image
    classification", IEEE Transactions on Pattern Analysis and Machine Intelligence 38(7),
    1425-1438.

    K. Crammer and Y. Singer (2001), "On the algorithmic implementation of multiclass kernel-based
    vector machines", Journal of Machine Learning Research 2, 265-292.

    Examples
    --------
    >>> from skdomain.zero_shot import AttributeHinge
    >>> animals = {"cat": [1, -1], "trout": [-1, 1], "seal": [1, 1]}  # fur, swims
    >>> X, y = [[2.0, -1.0], [1.0, -2.0], [-1.0, 2.0]], ["cat", "cat", "trout"]
    >>> model = AttributeHinge(animals).fit(X, y)
    >>> model.predict([[2.0, 0.5]], classes=["seal", "trout"]).tolist()
    ['seal']
    """

    _parameter_constraints: dict = {
        **ZeroShotClassifier._parameter_constraints,
        "eta": [Interval(Real, 0, None, closed="neither")],
        "margin": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        attributes: Any = None,
        *,
        eta: float = 1.0,
        margin: float = 1.0,
        max_iter: int = 1000,
        tol: float = 1e-4,
        classes: str | ArrayLike = "all",
        verbose: bool = False,
    ) -> None:
        super().__init__(attributes=attributes, classes=classes)
        self.eta = eta
        self.margin = margin
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose

    def _learn(self, X, codes, S):
        names = ("eta", "margin", "max_iter", "tol", "verbose")
        found = solve_hinge(X, codes, S, **{name: getattr(self, name) for name in names})
        self.coef_, self.objective_, self.gap_ = found.W.T, found.objective, found.gap
        self.n_iter_ = found.n_iter
        if found.gap > self.tol * self.margin * len(X):
            warn_caller(
                f"AttributeHinge stopped after max_iter={self.max_iter} sweeps with the objective "
                f"up to {found.gap:.2g} above its minimum, of {found.objective:.2g}; raise "
                "max_iter, eta or tol, or scale the features.",
                ConvergenceWarning,
            )

    def _scores(self, X, S):
        return X @ self.coef_.T @ S.T
