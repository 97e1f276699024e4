"""Joint geometrical and statistical alignment: a map of the source and one of the target.

With F_s and F_t the rows of the domains, or their kernels with all rows, each round takes three
steps (the numbers are this page's)::

    M = (C M_0 + sum_c M_c) / |C M_0|_F                                                      (1)
    max tr(beta A'S_b A + mu B'S_t B)
      / tr(beta A'S_w A + mu B'B + lam (A - B)'(A - B) + [A; B]'F'MF [A; B])                 (2)
    y_t = f(F_t B)   with the classifier f trained on F_s A and y_s                          (3)

with ``S_b`` and ``S_w`` the scatter between and within the classes of the source, ``S_t`` that of
the target, ``F = diag(F_s, F_t)``, M_0 the squared difference of the means of ``F_s A`` and
``F_t B`` and M_c that of class c.

J. Zhang, W. Li and P. Ogunbona (2017), "Joint geometrical and statistical alignment for visual
domain adaptation", CVPR.
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains, source_classes
from skdomain._estimators import all_or_nothing, answer_of, progress
from skdomain.subspace._projection import POSITIVE_REAL
from skdomain.subspace._pseudo_labels import ClassifiedRounds, PseudoLabelProjection
from skdomain.subspace._two_maps import TwoMapPencil, jgsa_coupling


class TwoMapRounds(ClassifiedRounds):
    """Rounds whose labels a classifier gives that is trained on source rows under their own map."""

    def classify_mapped(self, maps, Y, finish):
        """Map both domains, train on the source, and take the labels predicted of the target."""
        Z = np.empty((len(Y), maps.source.shape[1]))
        Z[self.source] = Y[self.source] @ maps.source
        Z[~self.source] = Y[~self.source] @ maps.target
        Z = finish(Z.astype(self.dtype, copy=False))
        self.estimator = self.train(Z[self.source])
        labels, confidences = self.judge(self.estimator)(Z[~self.source])
        figures = {"objective": float(maps.eigenvalues.sum()), "mmd": maps.discrepancy}
        if confidences is not None:
            figures["confidence"] = float(np.mean(confidences))
        self.take(labels.astype(self.code_type), figures)


class JGSA(PseudoLabelProjection):
    """Joint geometrical and statistical alignment.

    Projects each domain by a map of its own, A and B, which are held near each other. Means and
    class means agree in the projection, with the target's classes predicted; classes of the source
    are parted and the target keeps its variance::

                     beta tr(A'Sb A) + mu tr(B'St B)
        max  --------------------------------------------------------------------------
             beta tr(A'Sw A) + mu |B|^2 + lam |A - B|^2 + D

        D = (|ms - mt|^2 + sum_c |ms_c - mt_c|^2 / C) / (1 / ns + 1 / nt)

    with Sb and Sw the scatter between and within the C classes of the source, St that of the
    target, and m the means of the projected rows. A class without pseudo-labelled target rows keeps
    its source half.

    A transformer and a classifier: ``predict`` is that of the inner classifier on the projected
    rows. Target labels are never read.

    Parameters
    ----------
    n_components : int, default=30
        Dimension of the subspace. Fewer components, with a warning, are kept where the numerator
        is of lower rank.
    estimator : classifier, default=None
        Any scikit-learn classifier; trained on the projected source rows it labels the target
        rows. None: the nearest neighbour, as in the paper.
    lam : float, default=1.0
        Weight of the difference of the maps, > 0.
    mu : float, default=1.0
        Weight of the target's variance, and ridge on B, > 0.
    beta : float, default=0.1
        Weight of the scatter of the source, between its classes and within them, > 0.
    kernel : {"linear", "primal", "rbf", "poly", "polynomial", "sigmoid", "laplacian", \
            "chi2", "additive_chi2", "cosine", "precomputed"} or callable, default="primal"
        ``"primal"`` takes the rows as they are; the others their kernel with all fitted rows.
    gamma : float, "median", "scale" or None, default=None
        Kernel width, for ``"rbf"`` in 1 / squared units of X; None is 1 / n_features, for
        ``"chi2"`` 1; ``"median"`` is 1 over the median squared distance of two distinct rows;
        ``"scale"`` is 1 / (n_features times the variance of all entries).
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, default=None
        Parameters of the kernel: those of a callable one, or gamma, degree and coef0 of a named one
        where the arguments of that name are left at their defaults.
    max_iter : int, default=10
        Largest number of rounds, T in the paper.
    normalize : bool, default=False
        Scale each projected row to unit norm.
    init : {"estimator", "none"}, default="estimator"
        First pseudo-labels: those of the inner classifier trained on the source rows as they are,
        as in the paper, or none.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features) or (n_components, n_samples)
        B': what target rows, or their kernel, are multiplied with.
    source_components_ : ndarray of the same shape
        A', for source rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues of the last round, falling; their sum is the objective.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    estimator_ : classifier
        The inner classifier, trained on the projected source rows.
    pseudo_labels_ : ndarray of shape (n_target,)
        Predicted classes of the fitted target rows, in their order.
    n_iter_ : int
        Number of rounds.
    termination_ : {"converged", "max_iter"}
        Whether the pseudo-labels reached a fixed point.
    history_ : dict of ndarray of shape (`n_iter_`,)
        An entry a round: ``label_changes``, the number of pseudo-labels changed; ``objective``;
        ``mmd``, the part of the denominator due to M; and ``confidence``, the mean over the target
        rows of the largest class probability, where the inner classifier has ``predict_proba``
        (not for the nearest neighbour, whose probabilities are 0 and 1).
    gamma_ : float or None
        The width used, None where the kernel has none or is a callable.
    X_fit_ : ndarray of shape (n_samples, n_features) or None
        Copy of the fitted rows, where the kernel needs them.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    JDA : One map for both domains.

    Notes
    -----
    The columns of [A; B] have unit norm, as in the authors' program. As there, M is divided by the
    norm of its marginal part alone.

    Without target rows there is one map, that of a linear discriminant analysis:
    ``max beta tr(A'Sb A) / tr(A'(beta Sw + mu I)A)``, of at most n_classes - 1 components.

    The maps differ, so the origin matters: centre the features of both domains alike.

    With p the rank of the rows or of their kernel matrix: O(n_samples p^2) once, then each round a
    symmetric eigenproblem of at most n_classes + p rows and the inner classifier. No matrix of
    n_samples x n_samples is formed for ``"primal"``.

    References
    ----------
    J. Zhang, W. Li and P. Ogunbona (2017), "Joint geometrical and statistical alignment for visual
    domain adaptation", CVPR.

    Examples
    --------
    >>> from sklearn.preprocessing import Normalizer
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.subspace import JGSA
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = Normalizer().transform(data.X), data.sample_domain
    >>> model = JGSA(max_iter=50).fit(X, data.y, sample_domain=domains)
    >>> model.termination_
    'converged'
    >>> model.transform(X, sample_domain=domains).shape == (len(X), 30)
    True
    """

    _parameter_constraints: dict = {
        name: allowed
        for name, allowed in PseudoLabelProjection._parameter_constraints.items()
        if name not in ("whiten", "eigen_solver")
    } | dict.fromkeys(["lam", "mu", "beta"], POSITIVE_REAL)
    _fits_blocks = False
    _rank_of = "what is maximised"
    _facts = PseudoLabelProjection._facts | {
        "rows": "array-like",
        "domains": "Each domain has a map of its own.",
        "lazily": "",
        "predicted": "Class labels",
    }

    def __init__(
        self,
        n_components: int = 30,
        *,
        estimator: Any = None,
        lam: float = 1.0,
        mu: float = 1.0,
        beta: float = 0.1,
        kernel: str | Callable[..., Any] = "primal",
        gamma: str | float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        max_iter: int = 10,
        normalize: bool = False,
        init: str = "estimator",
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.estimator = estimator
        self.lam = lam
        self.mu = mu
        self.beta = beta
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.max_iter = max_iter
        self.normalize = normalize
        self.init = init
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate maps and pseudo-labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, there is one map, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        JGSA
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or its rows are all equal, the source has fewer than two classes, or
            sample_domain does not fit X.
        """
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, len(X), self) > 0
        y_source = source_classes(X, y, source, self)
        basis, X_fit = self._basis(X)
        rounds = TwoMapRounds(self, basis, X, source, y_source)
        Y, n_classes = basis.coordinates(), len(rounds.classes)
        weights = {"lam": self.lam, "mu": self.mu, "beta": self.beta}
        pencil = TwoMapPencil(Y, rounds.codes, source, **weights)
        for labels in progress(rounds, description="JGSA", verbose=self.verbose, n=self.max_iter):
            coupling = jgsa_coupling(labels, source, n_classes=n_classes)  # (1)
            found = pencil.solve(coupling, n_components=self.n_components)  # (2)
            maps, solution = found.of_features(basis)
            rounds.classify_mapped(maps, Y, self._finish)  # (3)
        self._set_labels(rounds)
        self._set_projection(solution, X, X_fit)
        A = solution.source_coefficients.T
        self.source_components_ = np.ascontiguousarray(A, dtype=self.components_.dtype)
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Project rows by the map of their domain.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, or with ``kernel="precomputed"`` their kernel with the fitted rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            The embedding, in the order of the rows and in their dtype.
        """
        check_is_fitted(self)
        X = self._new_rows(X)
        return self._mapped(X, new_domains(sample_domain, len(X)))

    def _new_rows(self, X):
        return validate_data(self, X, dtype=[np.float64, np.float32], reset=False)

    def _predict_rows(self, method, X, sample_domain):
        Z = self._mapped(X, new_domains(sample_domain, len(X)))
        return answer_of(self.estimator_, method, Z)

    def _mapped(self, X, domains):
        F = self._features(X)
        Z = np.empty((len(X), len(self.components_)), dtype=X.dtype)
        Z[domains > 0] = F[domains > 0] @ self.source_components_.T
        Z[domains < 0] = F[domains < 0] @ self.components_.T
        return self._finish(Z)
