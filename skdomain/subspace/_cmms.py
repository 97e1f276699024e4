"""Class centroid matching and local manifold self-learning: classes whose means and clusters meet.

L. Tian, Y. Tang, L. Hu, Z. Ren and W. Zhang (2020), "Domain adaptation by class centroid matching
and local manifold self-learning", IEEE Transactions on Image Processing 29.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.base import _fit_context, clone
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC
from sklearn.utils._param_validation import HasMethods, Interval

from skdomain._domains import warn_caller
from skdomain._estimators import all_or_nothing, answer_of, progress, set_history
from skdomain.subspace._centroid_matching import (
    cmms_rounds,
    nearest_centroids,
)
from skdomain.subspace._projection import POSITIVE_REAL
from skdomain.subspace._spectral import column_signs, primal_basis
from skdomain.subspace._sphere_projection import SphereProjection

WEIGHTS = ("n_components", "lam", "alpha", "rho", "n_neighbors")
POSITIVE_COUNT = [Interval(Integral, 1, None, closed="left")]


class CMMS(SphereProjection):
    """Class centroid matching and local manifold self-learning.

    Projects both domains so that each class of the target is a tight cluster, with its mean near
    that of the source's class, and that near rows stay near::

        min sum_c w_c |ms_c - mt_c|^2 + alpha sum_i |zt_i - mt_c(i)|^2   (over a norm)
            + rho tr(Z'LZ) + lam |P|^2        subject to   Z'HZ = I,   Z = XP

    with ms and mt the class means in the domains, the target's classes being guessed, and
    ``w_c = alpha n_c / (1 + alpha n_c)`` for n_c target rows of class c. H is the centring matrix
    and L the Laplacian of two graphs: one joins rows of a class in the source, one neighbours in
    the target, and is learned from the projected rows. Z is then centred and its rows scaled to
    unit norm, target rows are given the class of the nearest centroid,
    ``(ms_c + alpha n_c mt_c) / (1 + alpha n_c)``, and so on.

    A transformer and a classifier: ``predict`` gives the class of the nearest centroid. Target
    labels are never read.

    Parameters
    ----------
    n_components : int, default=100
        Dimension of the subspace. Fewer, with a warning, are kept where the rank of the centred
        rows is lower.
    estimator : classifier, default=None
        Any scikit-learn classifier; trained on the source rows, scaled to unit norm, it gives the
        first pseudo-labels. None: a linear support vector machine, as in the authors' program.
    lam : float, default=0.2
        Ridge on P, > 0; the paper's beta.
    alpha : float, default=0.1
        Weight of the target's clusters, > 0.
    rho : float, default=5.0
        Weight of the graphs, >= 0; the paper's gamma.
    n_neighbors : int, default=10
        Neighbours of a target row in the graph, at most the number of target rows less 2.
    max_iter : int, default=10
        Number of rounds, T in the paper.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        P', its rows of unit norm.
    mean_ : ndarray of shape (n_components,)
        Mean of the projected rows.
    centroids_ : ndarray of shape (n_classes, n_components)
        Centroid of each class.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues of the last round, ascending; their sum is the objective.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    pseudo_labels_ : ndarray of shape (n_target,)
        Predicted classes of the fitted target rows, in their order.
    n_iter_ : int
        Number of rounds: `max_iter`, or 1 without target rows.
    termination_ : {"converged", "max_iter"}
        Whether the last round changed no predicted class. All rounds are run either way, as the
        graph changes while the classes do not.
    history_ : dict of ndarray of shape (`n_iter_`,)
        An entry a round: ``label_changes``, the number of predicted classes changed, and
        ``objective``, the sum of the eigenvalues.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SelectivePseudoLabels : Takes in more target rows in each round.
    JDA : Matches the means alone.

    Notes
    -----
    Rows are scaled to unit norm before and after the projection. The first two terms are divided by
    the Frobenius norm of their matrix, each graph's Laplacian by its own, and L by that of both.
    Columns of P have unit norm, and the centroids are those of the scaled rows: the values of the
    objective need not fall.

    With p the rank of the rows: O(n_samples p^2) and one symmetric p x p eigenproblem a round, and
    the search of the neighbours. No matrix of n_samples x n_samples is formed.

    References
    ----------
    L. Tian, Y. Tang, L. Hu, Z. Ren and W. Zhang (2020), "Domain adaptation by class centroid
    matching and local manifold self-learning", IEEE Transactions on Image Processing 29.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.subspace import CMMS
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = data.X, data.sample_domain
    >>> model = CMMS(30).fit(X, data.y, sample_domain=domains)
    >>> bool((model.predict(X[domains < 0]) == model.pseudo_labels_).all())
    True
    >>> model.centroids_.shape
    (10, 30)
    """

    _parameter_constraints: dict = {
        "n_components": POSITIVE_COUNT,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "lam": POSITIVE_REAL,
        "alpha": POSITIVE_REAL,
        "rho": [Interval(Real, 0, None, closed="left")],
        "n_neighbors": POSITIVE_COUNT,
        "max_iter": POSITIVE_COUNT,
        "verbose": ["verbose"],
    }
    _facts = SphereProjection._facts | {
        "decision_function": "Closeness to the centroids",
        "decisions": (
            "Squared distances to the centroids, negated; for two classes, that to the first less "
            "that to the second"
        ),
    }

    def __init__(
        self,
        n_components: int = 100,
        *,
        estimator: Any = None,
        lam: float = 0.2,
        alpha: float = 0.1,
        rho: float = 5.0,
        n_neighbors: int = 10,
        max_iter: int = 10,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.estimator = estimator
        self.lam = lam
        self.alpha = alpha
        self.rho = rho
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate projection, centroids, pseudo-labels and graph.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, there is one round, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        CMMS
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or its rows all point in one direction, the source has fewer than two
            classes, or sample_domain does not fit X.
        """
        X, source, y_source = self._fit_rows(X, y, sample_domain)
        self.classes_, codes = np.unique(y_source, return_inverse=True)
        basis, before = primal_basis(X), self._first_labels(X, source, y_source)
        rounds = cmms_rounds(
            basis.coordinates(),
            source,
            codes,
            before,
            n_classes=len(self.classes_),
            n_rounds=1 if source.all() else self.max_iter,
            **{name: getattr(self, name) for name in WEIGHTS},
        )
        history = []
        for last in progress(rounds, description="CMMS", verbose=self.verbose, n=self.max_iter):
            changes = np.count_nonzero(last.labels != before)
            history.append({"label_changes": changes, "objective": last.eigenvalues.sum()})
            before = last.labels
        set_history(self, history)
        self._set_round(last, basis)
        return self

    def _first_labels(self, X, source, y_source):
        """Codes that a classifier of the source rows gives the target rows."""
        if source.all():
            return np.empty(0, dtype=np.intp)
        first = LinearSVC(dual=False, tol=1e-6) if self.estimator is None else self.estimator
        predicted = answer_of(clone(first).fit(X[source], y_source), "predict", X[~source])
        return np.searchsorted(self.classes_, predicted)

    def _set_round(self, last, basis):
        k = len(last.eigenvalues)
        if k < self.n_components:
            warn_caller(
                f"n_components={self.n_components} is more than the rank {k} of the centred rows; "
                f"{k} components are kept. Lower n_components to silence this.",
                UserWarning,
            )
        A = basis.coefficients(last.P)
        signs = column_signs(A)
        self.components_ = np.ascontiguousarray((A * signs).T)
        self.mean_, self.centroids_ = last.mean * signs, last.centroids * signs
        self.eigenvalues_ = last.eigenvalues
        self.pseudo_labels_ = self.classes_[last.labels]

    def _embed(self, X):
        return normalize(X @ self.components_.T - self.mean_, copy=False)

    def _answers(self, method):
        return method == "decision_function"

    def _judge(self, method, Z):
        if method == "predict":
            return self.classes_[nearest_centroids(Z, self.centroids_)]
        closeness = -cdist(Z, self.centroids_, "sqeuclidean")
        return closeness if len(self.classes_) > 2 else closeness[:, 1] - closeness[:, 0]
