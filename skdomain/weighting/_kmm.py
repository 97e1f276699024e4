"""Kernel mean matching: weigh the source so that its mean in feature space is the target's.

J. Huang, A. J. Smola, A. Gretton, K. M. Borgwardt and B. Schoelkopf (2007), "Correcting sample
selection bias by unlabeled data", NIPS 19.
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._domains import check_domains
from skdomain._kernels import kernel_constraints
from skdomain.weighting._mean_one import mean_one
from skdomain.weighting._qp._match import match_means
from skdomain.weighting._weighted_estimator import WeightedEstimator, weighted_sparse_fit

_PARAMETERS = kernel_constraints("gamma") | {
    "reg": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"}), None],
    "B": [Interval(Real, 0, None, closed="neither")],
    "eps": [Interval(Real, 0, None, closed="left"), None],
    "tol": [Interval(Real, 0, None, closed="neither")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "max_kernel_rows": [Interval(Integral, 1, None, closed="left")],
}


@validate_params(
    {name: ["array-like", "sparse matrix"] for name in ("Xs", "Xt")} | _PARAMETERS,
    prefer_skip_nested_validation=True,
)
def kmm_weights(
    Xs: Any,
    Xt: Any,
    *,
    kernel: Any = "rbf",
    gamma: Any = "median",
    reg: Any = None,
    B: Any = 1000.0,
    eps: Any = None,
    tol: Any = 1e-9,
    max_iter: Any = 10000,
    max_kernel_rows: Any = 8000,
) -> np.ndarray:
    """Weights of the source rows that match the means of both domains in feature space.

    Parameters
    ----------
    Xs : array-like or sparse matrix of shape (n_source, n_features)
        Rows of the source.
    Xt : array-like or sparse matrix of shape (n_target, n_features)
        Rows of the target.
    kernel, gamma, reg, B, eps, tol, max_iter, max_kernel_rows
        As in :class:`KMM`.

    Returns
    -------
    ndarray of shape (n_source,)
        The optimum divided by its mean: at least 0, mean 1.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, the numbers of columns differ, the kernel is seen not
        to be positive semi-definite or finite, or B is less than 1 - eps.

    Examples
    --------
    >>> from skdomain.weighting import kmm_weights
    >>> kmm_weights([[0.0], [1.0], [2.0]], [[1.0], [2.0]], gamma=1.0).round(2)
    array([0. , 1.5, 1.5])
    """
    Xs, Xt = check_domains(Xs, Xt, accept_sparse=True)
    match = match_means(Xs, Xt, kernel, gamma, reg, B, eps, tol, max_iter, max_kernel_rows)
    return mean_one(match.solution)


class KMM(WeightedEstimator):
    """Kernel mean matching, and an estimator trained on the weighted source.

    Weighs the source rows so that their weighted mean in the feature space of a kernel is that of
    the target rows::

        min 1/2 w'Kw - kappa'w + reg/2 |w - 1|^2
        subject to   0 <= w_i <= B,   |mean(w) - 1| <= eps

    with ``K_ij = k(xs_i, xs_j)`` and ``kappa_i = n_s / n_t sum_j k(xs_i, xt_j)``, n_s and n_t the
    numbers of source and target rows. At ``reg=0`` this is the problem of the paper, and the first
    two terms are ``n_s^2 / 2`` times the squared maximum mean discrepancy, up to a constant. Labels
    are not used.

    Parameters
    ----------
    estimator : estimator object, default=None
        Classifier or regressor that takes ``sample_weight``, or passes it on to one that does, as
        a pipeline. None: :class:`~sklearn.linear_model.LogisticRegression`.
    kernel : str or callable, default="rbf"
        Name of a positive semi-definite kernel in :mod:`sklearn.metrics.pairwise`, or a symmetric
        function of two rows that returns a number. A callable is evaluated pair by pair and hence
        slow.
    gamma : float, "median", "scale" or None, default="median"
        Coefficient of the kernels that have one, in units of 1 / features^2 for "rbf". "median" is
        1 over the median squared distance of two distinct rows of either domain, "scale" is
        1 / (n_features times the variance of all entries), None 1 / n_features, for "chi2" 1. A
        search over gamma should set ``reg="auto"``, or it also switches between the two problems.
    reg : float, "auto" or None, default=None
        Pull of the weights towards 1, >= 0, in units of the kernel; the larger, the more even.
        None is "auto" where gamma is a word and 0, the problem of the paper, where it is a number
        or None: a kernel that is stated is taken at its word. "auto" is n_s times the standard
        error of a mean of n_s kernel values, ``sqrt(n_s v)`` with v the mean over i of
        ``var_j k(xs_i, xs_j)`` (the mean of K's diagonal where v is 0): weights do not explain
        differences as small as those that sampling makes. At 0 they do, see Notes.
    B : float, default=1000.0
        Largest weight, > 0.
    eps : float, default=None
        How far the mean weight may be from 1, >= 0. None is ``(sqrt(n_s) - 1) / sqrt(n_s)``.
    tol : float, default=1e-9
        KKT residual to stop at, > 0: see ``kkt_residual_``. Below 1e-10 it may not be reached.
    max_iter : int, default=10000
        Most Newton steps.
    max_kernel_rows : int, default=8000
        Most source rows to hold K of, 8 n_s^2 bytes. Beyond, k is replaced in all of the problem by
        its Nystroem approximation on at most 1000 landmarks, source rows that are evenly spaced in
        lexicographic order.
    flatten : "auto", float or None, default="auto"
        Power tau in [0, 1] that the weights are raised to; None and 1 are the method's own, 0
        is none. "auto" is the largest that leaves half of the source rows effective, or more where
        they are fewer than ten a feature: n / (1 + n / (10 d)) of n rows in d features that vary.
    transformer : transformer, default=None
        Makes the numbers that the weights are found on, of the rows of both domains; the estimator
        gets the rows as they are. None: the rows themselves.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on source rows drawn by
        weight; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Attributes
    ----------
    estimator_ : estimator object
        The estimator trained on the weighted source rows.
    weights_ : ndarray of shape (n_source,)
        Weights of the source rows in their order, with mean 1, as they are used.
    solution_ : ndarray of shape (n_source,)
        The optimum w. The bounds, and ``abs(solution_.mean() - 1) <= eps``, hold exactly. None
        where no target was fitted.
    kkt_residual_ : float
        Largest violation of the optimality conditions: with
        ``h = (Kw + reg_ (w - 1) - kappa) / n_s - m``, over the mean of K's diagonal, the largest of
        ``|h_i|`` where ``0 < w_i < B``, ``max(-h_i, 0)`` where ``w_i = 0`` and ``max(h_i, 0)``
        where ``w_i = B``. The multiplier m of the mean constraint is >= 0 where the mean is
        ``1 - eps``, <= 0 where it is ``1 + eps`` (up to rounding) and 0 else.
        ``(Kw - kappa) / n_s`` is the difference of the means in feature space, the witness
        function, at the source rows.
    gamma_ : float or None
        The coefficient that was used, None where the kernel has none or is a callable.
    reg_ : float
        The pull that was used: at least 1e-10 mean diagonals of K, see Notes.
    n_iter_ : int
        Newton steps taken, at least 1.
    termination_ : {"converged", "max_iter"}
        Whether the KKT residual fell to tol.
    effective_sample_size_ : float
        ``(sum w)^2 / sum w^2``, between 1 and n_source.
    tau_ : float
        The power that the weights were raised to.
    raw_weights_ : ndarray of shape (n_source,)
        ``solution_`` divided by its mean.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.metrics.mmd : The discrepancy that the weights lower.

    Notes
    -----
    Smooth kernels have K of low numerical rank. At ``reg=0`` the weights then are far from
    determined by the data: the optimum fits the noise of the two means, gives most rows no weight
    and need not rise with the ratio of densities at all. The constraints do not mend this, as they
    hardly ever bind. So that the optimum is unique, the least reg that is used is the multiple
    1e-10 of the mean diagonal, which raises the paper's objective by at most
    ``5e-11 |w - 1|^2``; with landmarks 1e-6, as they approximate the kernel itself no better.

    An active set method with Newton steps on the free rows: O(n_s (n_s + n_t) d) time for the
    kernel of d features, and O(f^3) a step with f free rows, or O(n_s f) by preconditioned
    conjugate gradients where f > 300 and reg is at least 0.1 mean diagonals. O(n_s^2) memory; with
    m landmarks O((n_s + n_t) m (d + m)) time and O(n_s m) memory, and O(f m^2 + m^3) a step.

    References
    ----------
    J. Huang, A. J. Smola, A. Gretton, K. M. Borgwardt and B. Schoelkopf (2007), "Correcting sample
    selection bias by unlabeled data", NIPS 19, 601-608.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.datasets import make_covariate_shift
    >>> from skdomain.weighting import KMM
    >>> problem = make_covariate_shift(random_state=0)
    >>> kmm = KMM().fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> source, target = problem.X[:200, 0], problem.X[200:, 0]
    >>> means = source.mean(), np.average(source, weights=kmm.weights_), target.mean()
    >>> bool(means[0] < means[1] < means[2])
    True
    """

    _takes_sparse = True
    _parameter_constraints: dict = WeightedEstimator._parameter_constraints | _PARAMETERS
    # without target rows the weights are 1, as for equal domains
    solution_, gamma_, kkt_residual_, reg_ = None, None, 0.0, 0.0
    n_iter_, termination_ = 1, "converged"

    def __init__(
        self,
        estimator: Any = None,
        *,
        kernel: str | Callable[..., Any] = "rbf",
        gamma: str | float | None = "median",
        reg: str | float | None = None,
        B: float = 1000.0,
        eps: float | None = None,
        tol: float = 1e-9,
        max_iter: int = 10000,
        max_kernel_rows: int = 8000,
        flatten: str | float | None = "auto",
        transformer: Any = None,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.kernel = kernel
        self.gamma = gamma
        self.reg = reg
        self.B = B
        self.eps = eps
        self.tol = tol
        self.max_iter = max_iter
        self.max_kernel_rows = max_kernel_rows
        self.flatten = flatten
        self.transformer = transformer
        self.resample = resample
        self.random_state = random_state

    @weighted_sparse_fit
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Match the means of both domains, and train the estimator on the weighted source rows."""
        task = self._begin(X, y, sample_domain, sample_weight, params)
        if not task.has_target:
            return self._train(task)
        match = match_means(task.Xs, task.Xt, **{name: getattr(self, name) for name in _PARAMETERS})
        self.solution_, self.kkt_residual_ = match.solution, match.kkt_residual
        self.reg_, self.gamma_, self.n_iter_ = match.reg, match.gamma, match.n_iter
        self.termination_ = "converged" if match.kkt_residual <= self.tol else "max_iter"
        return self._train(task, mean_one(match.solution))
