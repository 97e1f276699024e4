"""Joint distribution adaptation: domain means and class means agree, classes being guessed.

With F the rows or their kernel matrix, ``e_0`` = 1/n_s on source and -1/n_t on target rows, and
``e_c`` the same on the rows of class c, each round takes three steps (numbers are this page's)::

    M = (1 - mu) C e_0 e_0' + mu sum_c e_c e_c',   over its norm                (1)
    min tr(A'(F'MF + lam I)A)   subject to   A'F'HFA = I,   Z = FA             (2)
    y_t = f(Z_t)   with the classifier f trained on Z_s and y_s                (3)

With proportions q of the classes in the target, ``e_0`` is ``q_c / n_s^c`` on source rows of class
c; the other ``e_c`` stay, and those of classes with ``q_c = 0`` go. Then ``e_0'F`` is
``sum_c q_c m_s^c - m_t``, m being means of rows, and 0 where classes agree and their shares do not.

The first has no y_t yet and ``M = e_0 e_0'`` alone. In Long et al. ``mu = 1/2``, and (1) is their
M_0 and M_c; in Wang et al. mu is free, and with weights ``e_c`` is ``alpha_c`` times as large on
target rows, alpha_c the share of the class in the target over that in the source. (2) is their
generalised eigenproblem, whose smallest eigenvectors are the columns of A.

M. Long, J. Wang, G. Ding, J. Sun and P. S. Yu (2013), "Transfer feature learning with joint
distribution adaptation", ICCV. J. Wang, Y. Chen, S. Hao, W. Feng and Z. Shen (2017), "Balanced
distribution adaptation for transfer learning", ICDM.
"""

from collections.abc import Callable
from numbers import Real
from typing import Any, Self

from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._domains import fit_domains, source_classes
from skdomain._estimators import all_or_nothing, progress
from skdomain.metrics import BalanceFactors
from skdomain.mmd import conditional_coupling
from skdomain.subspace._pseudo_labels import ClassifiedRounds, PseudoLabelProjection
from skdomain.subspace._spectral import solve
from skdomain.subspace._target_priors import TARGET_PRIORS


class JDA(PseudoLabelProjection):
    """Joint distribution adaptation, and with ``mu`` balanced distribution adaptation.

    Projects both domains onto directions in which their means and the means of each class agree,
    with the target's classes predicted, and repeats::

        min tr(A'(F'MF + lam I)A)   subject to   A'F'HFA = I,   Z = FA

    with F the rows or their kernel matrix, H the centring matrix and M in proportion to
    ``(1 - mu) C M0 + mu sum_c Mc``, of unit Frobenius norm. M0 compares the domain means, Mc
    those of class c; a class without pseudo-labelled target rows keeps its source half. The first
    iteration, without pseudo-labels, has M0 alone.

    A transformer and a classifier: ``predict`` is that of the inner classifier on the embedding.
    Target labels are never read.

    Parameters
    ----------
    n_components : int, default=30
        Dimension of the subspace. Fewer components, with a warning, are kept where the rank of
        the centred features is lower.
    estimator : classifier, default=None
        Any scikit-learn classifier; trained on the projected source rows it labels the target
        rows. None: the nearest neighbour, as in the paper.
    lam : float or "scale", default="scale"
        Ridge on A, > 0. ``"scale"`` is 1 for F in its own units: of a kernel the mean size of its
        diagonal, so that it is the papers' 1 on unit rows and for "rbf", of "primal" the root of
        the rows' mean squared distance from their mean. Other units of X then give the same
        embedding but for a factor; where its columns have a mean variance below 1, A is scaled to
        make that 1, which ``normalize`` undoes.
    mu : float in [0, 1] or "auto", default=0.5
        Weight of the class-wise terms against the marginal one: 0 is TCA's term alone, 0.5 is
        JDA, other values are BDA. ``"auto"`` estimates it in each iteration from the distances
        that a classifier sees between the domains and between the classes across them.
    weighted : bool, default=False
        Scale class c's target mean by the ratio of the class's shares in the target and the
        source; with ``mu=1`` this is W-BDA, which has no marginal term at any iteration.
    kernel : {"linear", "primal", "rbf", "poly", "polynomial", "sigmoid", "laplacian", \
            "chi2", "additive_chi2", "cosine", "precomputed"} or callable, default="linear"
        ``"primal"`` takes F = X; the others F = K(X, X).
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
        Largest number of iterations, T in the paper.
    normalize : bool, default=True
        Scale each row of the embedding to unit norm, as the authors' programs do before they
        classify; ``transform`` returns the scaled rows.
    whiten : bool, default=False
        False scales each column of A to unit norm, as the authors' programs do; True gives the
        constraint A'F'HFA = I to the letter.
    init : {"none", "estimator"}, default="none"
        First pseudo-labels: none, as in the paper, or those of the inner classifier trained on
        the source rows as they are.
    eigen_solver : {"auto", "dense", "iterative"}, default="auto"
        How each iteration finds the components. ``"dense"`` reduces a p x p matrix;
        ``"iterative"`` searches a subspace of fewer dimensions, where there is one, and checks
        the result: residuals and an inertia count certify that these are the components wanted,
        to rounding, and where they do not, the dense solver is asked. ``"auto"`` searches where
        that is faster.
    verbose : int, default=0
        Show a progress bar.
    target_priors : "estimate", array-like of shape (n_classes,) or dict, default=None
        Proportions q of the classes in the target, in the order of ``classes_`` or by class. With
        p those of the source, source rows of class c weigh ``q_c / p_c`` in M0, in the ratios of
        ``weighted``, and in the inner classifier, if its ``fit`` takes weights. A class of 0 has no
        Mc. ``"estimate"`` finds q by
        :func:`~skdomain.label_shift.em_priors`, from the classes predicted of the target and of
        source rows that are held out in turn, on the rows as they are and anew in each embedding
        in whose coupling the target has a part. None: all rows weigh 1.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features) or (n_components, n_samples)
        A': weights of the features for ``"primal"`` and ``"linear"``, else of the fitted rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues of the last iteration, ascending; their sum is the objective.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    estimator_ : classifier
        The inner classifier, trained on the projected source rows.
    pseudo_labels_ : ndarray of shape (n_target,)
        Predicted classes of the fitted target rows, in their order.
    n_iter_ : int
        Number of iterations.
    termination_ : {"converged", "max_iter"}
        Whether the pseudo-labels reached a fixed point. Labels that run in a cycle end with what
        iteration ``max_iter`` gives, which is found without running them all.
    history_ : dict of ndarray of shape (`n_iter_`,)
        An entry an iteration: ``label_changes``, the number of pseudo-labels changed;
        ``objective``, the sum of the eigenvalues; ``mmd``, its part due to M; ``mu``;
        ``target_priors``, of shape (`n_iter_`, n_classes), those that the iteration went by; and
        ``confidence``, the mean over the target rows of the largest class probability, where
        there are target rows and the inner classifier has ``predict_proba`` (not for the nearest
        neighbour, whose probabilities are 0 and 1).
    target_priors_ : ndarray of shape (n_classes,) or None
        Proportions of the classes in the target, in the order of ``classes_``: those given, or
        estimated in the last embedding.
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
    TCA : Matches the domain means alone, without labels.
    DJPMMD : Also parts the classes.

    Notes
    -----
    F is decomposed once, in O(p^3 + n_samples n_features p) with p = min(n_samples, n_features)
    for ``"primal"`` and ``"linear"`` and p = n_samples else; each iteration adds one symmetric
    eigenproblem for the components alone, in p or fewer dimensions (``eigen_solver``), and the
    inner classifier. ``target_priors="estimate"`` trains six more in each.

    With ``target_priors``, matched are the source with other proportions and the target; the
    variance that the constraint holds is that of the rows as they are.

    References
    ----------
    M. Long, J. Wang, G. Ding, J. Sun and P. S. Yu (2013), "Transfer feature learning with joint
    distribution adaptation", ICCV.

    J. Wang, Y. Chen, S. Hao, W. Feng and Z. Shen (2017), "Balanced distribution adaptation for
    transfer learning", ICDM. ``mu="auto"``: J. Wang, W. Feng, Y. Chen, H. Yu, M. Huang and P. S.
    Yu (2018), "Visual domain adaptation with manifold embedded distribution alignment", ACM MM.

    Examples
    --------
    >>> from sklearn.preprocessing import Normalizer
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.subspace import JDA
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = Normalizer().transform(data.X), data.sample_domain
    >>> model = JDA(lam=10).fit(X, data.y, sample_domain=domains)
    >>> model.termination_
    'converged'
    >>> bool((model.predict(X[domains < 0]) == model.pseudo_labels_).all())
    True
    """

    _parameter_constraints: dict = {
        **PseudoLabelProjection._parameter_constraints,
        **TARGET_PRIORS,
        "mu": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
        "weighted": ["boolean"],
    }

    def __init__(
        self,
        n_components: int = 30,
        *,
        estimator: Any = None,
        lam: str | float = "scale",
        mu: Any = 0.5,
        weighted: bool = False,
        kernel: str | Callable[..., Any] = "linear",
        gamma: str | float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        max_iter: int = 10,
        normalize: bool = True,
        whiten: bool = False,
        init: str = "none",
        eigen_solver: str = "auto",
        verbose: int = 0,
        target_priors: str | ArrayLike | dict[Any, Any] | None = None,
    ) -> None:
        self.n_components = n_components
        self.estimator = estimator
        self.lam = lam
        self.mu, self.weighted = mu, weighted
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.max_iter = max_iter
        self.normalize = normalize
        self.whiten = whiten
        self.init = init
        self.eigen_solver = eigen_solver
        self.verbose, self.target_priors = verbose, target_priors

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate projection and pseudo-labels.

        Parameters
        ----------
        X : array-like, sparse matrix, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed. Blocks need
            ``kernel="primal"`` or ``"linear"``, no fewer rows than features, and a ``mu`` that
            is a number. In memory stands the embedding of the source rows alone (with
            ``init="estimator"`` or estimated ``target_priors`` these rows themselves). Sparse rows
            are blocks, where they are no fewer than the features.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, nothing is matched, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        JDA
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or all its rows are equal, the source has fewer than two classes,
            sample_domain does not fit X, or target_priors do not fit the classes.
        """
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, X.shape[0], self) > 0
        y_source = source_classes(X, y, source, self)
        basis, X_fit = self._basis(X)
        rounds = ClassifiedRounds(self, basis, X, source, y_source)
        n_classes = len(rounds.classes)
        balance = BalanceFactors(X, source, n_classes)
        for labels in progress(rounds, description="JDA", verbose=self.verbose, n=self.max_iter):
            mu = self.mu if self.mu != "auto" else balance(labels)
            coupling = conditional_coupling(  # (1)
                labels,
                source,
                n_classes=n_classes,
                mu=mu,
                weighted=self.weighted,
                target_priors=rounds.priors,
            ).normalized()
            solution = solve(  # (2)
                rounds.basis,
                coupling,
                lam=self.lam,
                n_components=self.n_components,
                whiten=self.whiten,
                eigen_solver=self.eigen_solver,
            )
            rounds.classify(solution, coupling, mu=mu)  # (3)
        self._set_rounds(rounds, X, X_fit)
        return self

    def _validate_blocks(self, X):
        if self.mu == "auto":
            raise ValueError(
                "mu='auto' trains classifiers on the rows and takes no blocks; pass a number, or "
                "X.to_array() (of dask: X.compute())."
            )
        return super()._validate_blocks(X)
