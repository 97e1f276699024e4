"""Transfer joint matching: match the domain means, switch off source rows unlike the target.

M. Long, J. Wang, G. Ding, J. Sun and P. S. Yu (2014), "Transfer joint matching for unsupervised
domain adaptation", CVPR, 1410-1417.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval

from skdomain._domains import fit_domains, warn_caller
from skdomain._estimators import all_or_nothing, progress
from skdomain.mmd import marginal_coupling
from skdomain.subspace._projection import Projection
from skdomain.subspace._row_penalty import RowPenalized, column_scales, row_norms2
from skdomain.subspace._spectral import WeightedPencil, WeightedSolution, sample_frame, widened


@dataclass(frozen=True, eq=False)
class Match:
    """What the iteration ends with: the last eigenproblem, the scales of its columns, the way."""

    solution: WeightedSolution
    scales: np.ndarray
    signal: float
    history: dict
    termination: str


def tjm_match(
    pencil, sparse, *, n_components, lam=1.0, max_iter=10, tol=1e-3, whiten=False, bar=iter
):
    """Solve and reweight in turn, until a step lowers the objective by no more than a share tol.

    Parameters
    ----------
    pencil : skdomain.subspace._spectral.WeightedPencil
        F and the coupling.
    sparse : ndarray of shape (n_rows,), bool
        Rows of A in the l2,1 term.
    n_components, lam, max_iter, tol, whiten
        As in :class:`TJM`.
    bar : callable, default=iter
        Wraps the range of iterations to show progress.

    Returns
    -------
    Match
    """
    steps = iter(bar(range(max_iter)))
    next(steps)
    D = np.ones(len(sparse))
    solution = pencil.solve(D, lam=lam, n_components=n_components)  # (2): here it is TCA
    scales, signal = column_scales(solution.A, whiten), solution.signal
    norms2 = row_norms2(solution.A * scales)
    objective = RowPenalized(sparse, lam, np.finfo(np.float64).eps * norms2.sum() / len(scales))
    history = [objective.record(solution, 1.0)]
    for _ in steps:
        before = objective(solution, scales)  # (1)
        D = objective.weights(norms2)  # (3)
        solution = pencil.solve(D, lam=lam, n_components=len(scales))  # (2)
        held = -np.sort(-scales)  # the largest scale to the smallest eigenvalue
        decrease = 1 - objective(solution, held) / before
        history.append(objective.record(solution, decrease))
        scales = column_scales(solution.A, whiten)
        norms2 = row_norms2(solution.A * scales)
        if decrease <= tol:
            break
    columns = {name: np.array([h[name] for h in history]) for name in history[0]}
    termination = "converged" if history[-1]["decrease"] <= tol else "max_iter"
    return Match(solution, scales, signal, columns, termination)


class TJM(Projection):
    """Transfer joint matching.

    TCA with a penalty that switches source rows off: the embedding is spanned by the rows that
    help to match the domain means, and rows unlike the target drop out of it::

        min tr(A'F'MFA) + lam (2 |A_s|_2,1 + |A_t|_F^2)   subject to   A'F'HFA = I,   Z = FA   (1)

    with F the kernel matrix of the rows, A_s and A_t the rows of A that belong to source and
    target rows, ``|A_s|_2,1`` the sum of the norms of the rows of A_s, H the centring matrix and
    ``M = e e' / |e e'|_F``, where e is 1/n_s on source and -1/n_t on target rows. Labels
    are not used.

    Each iteration solves (2), the problem with ``tr(A'DA)`` in place of the bracket, then sets (3)
    ``D_ii = 1 / sqrt(|a_i|^2 + eps)`` on source rows; D is 1 on target rows, and everywhere in the
    first iteration, which therefore is TCA.

    Parameters
    ----------
    n_components : int, default=30
        Dimension of the subspace. Fewer components, with a warning, are kept where the rank of
        the centred features is lower.
    lam : float or "scale", default="scale"
        Weight of the penalty, > 0: small values give all weight to the domain means. ``"scale"`` is
        1 for F in its own units: of a kernel the mean size of its diagonal, so that it is the
        papers' 1 on unit rows and for "rbf", of "primal" the root of the rows' mean squared
        distance from their mean. Other units of X then give the same embedding but for a factor;
        where its columns have a mean variance below 1, A is scaled to make that 1.
    kernel : {"linear", "primal", "rbf", "poly", "sigmoid", "laplacian", "chi2", \
            "additive_chi2", "cosine", "polynomial", "precomputed"} or callable, default="linear"
        ``"primal"`` takes F = X; the others F = K(X, X). The rows of A belong to features in
        primal form, so there the l2,1 term is on all of them and switches off features in place
        of source rows; the paper has the kernel form alone.
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
        Largest number of eigenproblems solved, T of the paper.
    tol : float, default=1e-3
        Stop where a step lowers the objective by no more than this share of it. 0 asks for all
        ``max_iter`` steps, unless one of them lowers it no more.
    whiten : bool, default=False
        False scales each column of A to unit norm in every iteration, as the authors' program
        does; True keeps the constraint A'F'HFA = I to the letter, which makes the objective fall
        in every step but blows up directions of little variance, and has the scale of F decide
        how many source rows are switched off: all of them, where the a_i are far below 1.
    verbose : int, default=0
        Show a progress bar of the iterations.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features) or (n_components, n_samples)
        A': weights of the features for ``"primal"`` and ``"linear"``, else of the fitted rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues of the last iteration, ascending.
    sample_scores_ : ndarray of shape (n_source,) or None
        Norms of the rows of A of the source rows, in their order in X: about 0 (1e-8 of the
        largest and less) for a row that is switched off. None in primal form.
    history_ : dict of ndarrays of shape (`n_iter_`,)
        Of each iteration: ``"objective"``, the value above (at A'F'HFA = I, whatever ``whiten``
        is); ``"decrease"``, the share by which the step lowered the objective with the scales of
        the columns held (1 in the first); ``"mmd"``, ``tr(A'F'MFA)`` at A'F'HFA = I.
    n_iter_ : int
        Number of iterations.
    termination_ : {"converged", "max_iter"}
        Why the iteration stopped.
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
    TCA : The first iteration: all rows weigh the same.
    JDA : Matches the classes too, with pseudo-labels on the target.

    Notes
    -----
    *The weight of the l2,1 term.* The paper's D has ``1 / (2 |a_i|)``, which belongs to
    ``|A_s|_2,1``; the authors' program has ``1 / |a_i|``, which belongs to ``2 |A_s|_2,1`` and
    gives the paper's accuracies.

    *What falls.* With ``whiten=True`` the objective, in every step, up to rounding. With columns of
    unit norm each step lowers it while their scales are held, as ``"decrease"`` and ``tol`` mean;
    then the scales change, and on small problems the objective can rise.

    With n rows, d features and p = min(n, d) for ``"primal"`` and ``"linear"`` and p = n else,
    fitting takes O(n d p + p^3) time once and O(m p^2 + p^3) an iteration, with m the number of
    rows of A: n, or d in primal form. F is decomposed once; no matrix of n x n is formed for
    ``"linear"`` with n > d.

    References
    ----------
    M. Long, J. Wang, G. Ding, J. Sun and P. S. Yu (2014), "Transfer joint matching for
    unsupervised domain adaptation", CVPR, 1410-1417.

    Examples
    --------
    Source rows far from all the target rows get no say in the subspace:

    >>> import numpy as np
    >>> from skdomain.subspace import TJM
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> X[:5] += 20
    >>> sample_domain = np.repeat([1, -2], 30)
    >>> tjm = TJM(2, kernel="rbf", gamma=0.1, max_iter=50).fit(X, sample_domain=sample_domain)
    >>> bool(tjm.sample_scores_[:5].max() < 1e-4 * tjm.sample_scores_.max())
    True
    >>> tjm.termination_
    'converged'
    """

    _parameter_constraints: dict = {
        **Projection._parameter_constraints,
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int = 30,
        *,
        lam: str | float = "scale",
        kernel: str | Callable[..., Any] = "linear",
        gamma: str | float | None = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: dict[Any, Any] | None = None,
        max_iter: int = 10,
        tol: float = 1e-3,
        whiten: bool = False,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.lam = lam
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.max_iter = max_iter
        self.tol = tol
        self.whiten = whiten
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate projection and weights of the source rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, TJM is a PCA of F with sparse rows of A, and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        TJM
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or all its rows are equal, or sample_domain does not fit X.
        """
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, X.shape[0], self) > 0
        basis, X_fit = self._basis(X)
        frame = basis.coefs if (primal := self.kernel == "primal") else sample_frame(basis)
        unit, lam = (basis.unit, 1.0) if self.lam == "scale" else (1.0, self.lam)
        basis = basis.in_units(unit)
        match = tjm_match(
            WeightedPencil(basis, frame, marginal_coupling(source).normalized()),
            np.ones(len(frame), dtype=bool) if primal else source,
            n_components=self.n_components,
            lam=lam,
            max_iter=self.max_iter,
            tol=self.tol,
            whiten=self.whiten,
            bar=partial(progress, description=type(self).__name__, verbose=self.verbose),
        )
        self._warn_without_signal(match, source, X.dtype)
        self._warn_unless_converged(match)
        scales = match.scales
        if self.lam == "scale" and not self.whiten:
            scales = widened(scales * unit, (scales * unit) ** 2 / len(source))
        self._set_projection(match.solution.scaled(basis, scales), X, X_fit)
        norms = np.sqrt(row_norms2(match.solution.A * (scales / unit)))
        self.sample_scores_ = None if primal else norms[source]
        self.history_ = match.history
        self.n_iter_ = len(match.history["objective"])
        self.termination_ = match.termination
        return self

    def _warn_unless_converged(self, match):
        if match.termination == "converged" or self.tol == 0:
            return
        warn_caller(
            f"iteration {self.max_iter} of TJM still lowered the objective by a share of "
            f"{match.history['decrease'][-1]:.1e}, more than tol={self.tol}; raise max_iter to "
            "let it settle, or tol to accept this.",
            ConvergenceWarning,
        )
