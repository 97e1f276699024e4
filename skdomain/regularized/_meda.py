"""Manifold embedded distribution alignment: ARTL on rows that a geodesic flow kernel compares.

J. Wang, W. Feng, Y. Chen, H. Yu, M. Huang and P. S. Yu (2018), "Visual domain adaptation with
manifold embedded distribution alignment", ACM International Conference on Multimedia, 402-410.
"""

from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.preprocessing import normalize
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._estimators import all_or_nothing
from skdomain.alignment import GFK
from skdomain.regularized._adapted import AdaptedClassifier


class MEDA(AdaptedClassifier):
    """Manifold embedded distribution alignment: GFK, unit rows, then ARTL.

    Rows z of unit length in the direction of ``L'x``, where ``G = L L'`` is the geodesic flow
    kernel of the two domains' principal subspaces, are classified by the ``f(z) = k(z, Z) beta``
    that minimises::

        |E(Y - K beta)|^2 + eta tr(beta'K beta) + lam tr(beta'K M K beta)
            + rho tr(beta'K L K beta)

    as :class:`ARTL` does, with ``mu`` in M estimated. Target labels are never read.

    Parameters
    ----------
    n_components : int or "auto", default=20
        Dimension of the subspaces, as in :class:`~skdomain.alignment.GFK`; Z has twice as many
        columns. Fewer, with a warning, where the rank of a domain's centred rows is lower.
    kernel : {"rbf", "linear", "poly", "polynomial", "sigmoid", "laplacian", "chi2", \
            "additive_chi2", "cosine"} or callable, default="rbf"
        Kernel, positive semi-definite. ``"linear"`` is solved in the features where they are fewer
        than the rows, so that many rows work.
    gamma : float, "median", "scale" or None, default="median"
        Kernel width, for ``"rbf"`` in 1 / squared units of Z; ``"median"`` is 1 over the median
        squared distance of two distinct rows, about 0.5 for unrelated rows of unit length, the
        value of the authors' programs; ``"scale"`` is 1 / (n_features times the variance of all
        entries); None is 1 / n_features, for ``"chi2"`` 1.
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, default=None
        Parameters of the kernel: those of a callable one, or gamma, degree and coef0 of a named one
        where the arguments of that name are left at their defaults.
    eta : float, default=0.1
        Weight of the ridge, > 0.
    lam : float, default=10.0
        Weight of the MMD, >= 0; M has unit Frobenius norm.
    rho : float, default=1.0
        Weight of the graph term, >= 0; 0 needs no graph.
    mu : float in [0, 1] or "auto", default="auto"
        Weight of the class-wise terms in M against the marginal one. ``"auto"`` estimates it in
        each iteration, ``a_c / (a_c + a_0)`` with a_0 the distance of the domains and a_c the mean
        of those of the classes across them, as Fisher's linear discriminant tells them apart.
    n_neighbors : int, default=10
        Neighbours of a row in the graph, besides itself.
    max_iter : int, default=10
        Largest number of iterations, T in the paper.
    init : classifier, default=None
        Gives the first pseudo-labels, trained on the source rows. None: the nearest neighbour, as
        in the paper.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    gfk_ : GFK
        The fitted geodesic flow kernel.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    coef_ : ndarray of shape (n_classes, n_samples), or (n_classes, 2 * k) for "linear"
        beta', the weights of the fitted rows, or of the features.
    pseudo_labels_ : ndarray of shape (n_target,)
        Predicted classes of the fitted target rows, in their order.
    n_iter_ : int
        Number of iterations.
    termination_ : {"converged", "max_iter"}
        Whether the pseudo-labels reached a fixed point. Labels that run in a cycle end with what
        iteration ``max_iter`` gives, which is found without running them all.
    history_ : dict of ndarray of shape (`n_iter_`,)
        An entry an iteration: ``label_changes``, the number of pseudo-labels changed;
        ``objective``, the minimum; ``mmd``, ``tr(F'MF)`` of the scores F = K beta; and ``mu``.
    gamma_ : float or None
        The width used, None where the kernel has none or is a callable.
    X_fit_ : ndarray of shape (n_samples, 2 * k) or None
        Copy of the fitted rows Z, where the kernel needs them.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    ARTL : The same on the rows as they are.
    skdomain.alignment.GFK : The map alone.

    Notes
    -----
    As :func:`~sklearn.pipeline.make_pipeline` of ``GFK(n_components)``, ``Normalizer()`` and
    ``ARTL(mu=mu)``, in one estimator. The principal subspaces are of centred rows, the rows
    themselves are mapped as they are; the authors z-score each domain before.

    Cost as for :class:`ARTL`, and O(n_samples n_features min(n_samples, n_features)) for the
    subspaces.

    A distance behind mu is ``2 (1 - 2 err)``, with err the error of a linear classifier on the rows
    that it was trained on, as in the authors' program. The classifier there is a support vector
    machine on rows before they have unit length, and err counts all rows alike: where one domain is
    much larger, saying so of each row has a small error, and looks like a distance. Here it is
    Fisher's discriminant, and err the mean of the errors of the domains.

    References
    ----------
    J. Wang, W. Feng, Y. Chen, H. Yu, M. Huang and P. S. Yu (2018), "Visual domain adaptation with
    manifold embedded distribution alignment", ACM International Conference on Multimedia, 402-410.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.regularized import MEDA
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = data.X, data.sample_domain
    >>> model = MEDA(mu=0.5, max_iter=50).fit(X, data.y, sample_domain=domains)
    >>> model.termination_
    'converged'
    >>> bool((model.predict(X[domains < 0]) == model.pseudo_labels_).all())
    True
    """

    _parameter_constraints: dict = {
        **AdaptedClassifier._parameter_constraints,
        "n_components": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    }

    def __init__(
        self,
        n_components: str | int = 20,
        *,
        kernel: str | Callable[..., Any] = "rbf",
        gamma: str | float | None = "median",
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        eta: float = 0.1,
        lam: float = 10.0,
        rho: float = 1.0,
        mu: Any = "auto",
        n_neighbors: int = 10,
        max_iter: int = 10,
        init: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.eta = eta
        self.lam = lam
        self.rho = rho
        self.mu = mu
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.init = init
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the geodesic flow kernel, then iterate the minimiser and the pseudo-labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the classifier is kernel ridge (without a graph) on their principal
            subspace, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        MEDA
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the source has fewer than two classes, the rows of
            a domain are all equal, or sample_domain does
            not fit X.
        """
        return self._fit_rounds(self._validate_rows(X, ensure_min_samples=2), y, sample_domain)

    def _fit_map(self, X, source):
        X, domains = X.astype(np.float64, copy=False), np.where(source, 1, -1)
        if source.all():  # the subspace is its own partner, of which there is nothing to warn
            X, domains = np.concatenate([X, X]), np.repeat([1, -1], len(X))
        self.gfk_ = GFK(self.n_components).fit(X, sample_domain=domains)
        return self._mapped(X[: len(source)])

    def _mapped(self, X):
        return normalize(self.gfk_.transform(X.astype(np.float64, copy=False)))
