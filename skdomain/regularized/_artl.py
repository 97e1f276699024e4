"""Adaptation regularisation: source loss, ridge, MMD and a graph over both domains, in one.

With E the indicator of source rows, Y their one-hot classes, K the kernel matrix, M the coupling of
joint distribution adaptation over its norm and L the Laplacian of the cosine graph, a round is (the
numbers are this page's)::

    M = (1 - mu) C e_0 e_0' + mu sum_c e_c e_c',   over its norm               (1)
    beta = ((E + lam M + rho L)K + eta I)^-1 E Y                               (2)
    y_t = argmax of the scores K_t beta                                        (3)

Before the first, y_t comes from a classifier trained on the source.

M. Long, J. Wang, G. Ding, S. J. Pan and P. S. Yu (2014), "Adaptation regularization: a general
framework for transfer learning", IEEE Transactions on Knowledge and Data Engineering 26(5).
"""

from collections.abc import Callable
from typing import Any, Self

from numpy.typing import ArrayLike
from sklearn.base import _fit_context

from skdomain._estimators import all_or_nothing
from skdomain.regularized._adapted import AdaptedClassifier


class ARTL(AdaptedClassifier):
    """Adaptation regularisation based transfer learning, with the squared loss.

    Minimises, over classifiers ``f(x) = k(x, X) beta``, the loss on the source, the norm of f, the
    distance of the domains as f sees them, and how much f differs between neighbours::

        |E(Y - K beta)|^2 + eta tr(beta'K beta) + lam tr(beta'K M K beta)
            + rho tr(beta'K L K beta)

    with E the indicator of source rows, Y their one-hot classes, M in proportion to
    ``(1 - mu) C M0 + mu sum_c Mc`` with unit Frobenius norm (M0 compares the domain means of the
    scores, Mc those of class c) and L the normalised Laplacian of the cosine graph of nearest
    neighbours over the rows of both domains. The target's classes in M are predicted by f, and the
    two steps repeated. The minimiser is ``beta = ((E + lam M + rho L)K + eta I)^-1 E Y``.

    A classifier; new rows are predicted by f. Target labels are never read.

    Parameters
    ----------
    kernel : {"rbf", "linear", "poly", "polynomial", "sigmoid", "laplacian", "chi2", \
            "additive_chi2", "cosine"} or callable, default="rbf"
        Kernel, positive semi-definite. ``"linear"`` is solved in the features where they are fewer
        than the rows, so that many rows work.
    gamma : float, "median", "scale" or None, default="median"
        Kernel width, for ``"rbf"`` in 1 / squared units of X; ``"median"`` is 1 over the median
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
    mu : float in [0, 1] or "auto", default=0.5
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
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    coef_ : ndarray of shape (n_classes, n_samples), or (n_classes, n_features) for "linear"
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
    X_fit_ : ndarray of shape (n_samples, n_features) or None
        Copy of the fitted rows, where the kernel needs them.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    MEDA : The same behind a geodesic flow kernel.
    KernelRidgeClassifier : The loss and the ridge alone.
    skdomain.subspace.JDA : The same coupling, for a projection.

    Notes
    -----
    Rows of unit length are what the authors use, and the cosine graph speaks for them. Their
    cosines are found once, for the graph, the kernel, its median width and the first labels.

    The distances behind mu are ``2 (1 - 2 err)`` with the balanced error of the discriminant on the
    rows that it was found from, which is 0 for fewer rows than features: with many features, mu is
    0.5 or a little more. Give it where that says too little.

    Of the matrix that is inverted, M alone changes between iterations, and has the rank of the
    number of classes: the rest is factorised once, in O(n_samples^3), and an iteration is a low
    rank update in O(n_samples^2 n_classes), of the groups whose rows have changed. O(n_samples^2)
    memory. An estimate of mu takes O(n_samples p^2) more, with p the smaller of n_samples and
    n_features, and as much again in each iteration for the classes whose rows have changed.
    ``kernel="linear"`` takes O(n_samples n_features^2 + n_features^3) and the graph, for
    ``rho > 0``, O(n_samples^2 n_features) in blocks: for many rows, with
    :class:`~sklearn.kernel_approximation.Nystroem` before it where a kernel is wanted.

    The paper also has a form with the hinge loss, not offered here.

    References
    ----------
    M. Long, J. Wang, G. Ding, S. J. Pan and P. S. Yu (2014), "Adaptation regularization: a general
    framework for transfer learning", IEEE Transactions on Knowledge and Data Engineering 26(5),
    1076-1089.

    Examples
    --------
    >>> from sklearn.preprocessing import normalize
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.regularized import ARTL
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = normalize(data.X), data.sample_domain
    >>> model = ARTL(max_iter=20).fit(X, data.y, sample_domain=domains)
    >>> model.termination_
    'converged'
    >>> bool((model.predict(X[domains < 0]) == model.pseudo_labels_).all())
    True
    """

    def __init__(
        self,
        *,
        kernel: str | Callable[..., Any] = "rbf",
        gamma: str | float | None = "median",
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        eta: float = 0.1,
        lam: float = 10.0,
        rho: float = 1.0,
        mu: Any = 0.5,
        n_neighbors: int = 10,
        max_iter: int = 10,
        init: Any = None,
        verbose: int = 0,
    ) -> None:
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
        """Iterate the minimiser and the pseudo-labels that it gives.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the classifier is kernel ridge (without a graph), and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        ARTL
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the source has fewer than two classes, or sample_domain does
            not fit X.
        """
        return self._fit_rounds(self._validate_rows(X), y, sample_domain)
