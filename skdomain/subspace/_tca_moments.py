"""TCA from moments: all that it needs of the rows, where they come in parts.

With the scatter S of all n rows about their mean m, and the difference of the domain means, the
pencil of TCA is the same in any coordinates A = Wb with C diagonal::

    primal, F = X:     C = W'SW,  W'W = I
    linear, F = XX':   C = W'SW,  WW' = X'X = S + n m m'

W then stands for the coefficients of the features, and rows may be centred beforehand, as M sees
differences of means only. So C is a scatter, not a difference of uncentred sums.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from sklearn.base import _fit_context
from sklearn.utils.metaestimators import available_if

from skdomain._estimators import all_or_nothing, update_moments
from skdomain.mmd import Coupling
from skdomain.subspace._spectral import (
    Basis,
    is_far,
    positive_eigh,
    solve,
    uncentred_coordinates,
    unit_of,
)

FROM_MOMENTS = ("primal", "linear")


def takes_parts(tca):
    """Whether the kernel of TCA lets it be fitted to moments of the rows; otherwise say why not."""
    if tca.kernel in FROM_MOMENTS:
        return True
    raise AttributeError(
        f"partial_fit needs kernel='primal' or 'linear', got {tca.kernel!r}, whose matrix holds "
        "all pairs of rows; put sklearn.kernel_approximation.Nystroem before kernel='linear', "
        "which is then the method with the approximate kernel."
    )


def tca_solution_of(moments, *, kernel, n_components, lam=1.0, whiten=False):
    """Transfer components of the rows that have these moments, in O(n_features^3) time.

    Parameters
    ----------
    moments : skdomain._rows.DomainMoments
    kernel : {"primal", "linear"}
    n_components, lam, whiten
        As in :class:`TCA`. Without rows of both domains the result is PCA of F.

    Returns
    -------
    skdomain.subspace._spectral.Solution
    """
    everything = moments.pooled()
    variance = np.trace(everything.scatter) / everything.n
    far = is_far(everything.mean, variance)
    energy, W = (far_coordinates if far else diagonal_coordinates)(everything, kernel)
    counts = np.array([moments.source.n, moments.target.n])
    shift = counts.prod() / everything.n * (moments.target - moments.source)
    sums = np.stack([-shift, shift])  # of the centred rows of each domain, which stand for the rows
    M0 = np.array([[1.0, -1.0], [-1.0, 1.0]]) * counts.all()
    coupling = Coupling(np.arange(2), counts, M0).normalized()
    unit = unit_of(variance, everything.mean if kernel == "linear" else None)
    basis = Basis(sums, W, W, energy, mean=np.zeros(len(W)) if far else None, unit=unit)
    return solve(basis, coupling, lam=lam, n_components=n_components, whiten=whiten)


def diagonal_coordinates(moments, kernel):
    """Diagonal of C and coordinates W of coefficients of features, as in the module docstring."""
    S = moments.scatter
    if kernel == "primal":
        return _eigh(S)
    uncentred, U = _eigh(S + moments.n * np.outer(moments.mean, moments.mean))
    root = U * np.sqrt(uncentred)
    energy, R = _eigh(root.T @ S @ root)
    return energy, root @ R


def far_coordinates(moments, kernel):
    """The same where the mean dwarfs the spread: X'X has lost digits that S has."""
    if kernel == "primal":
        return positive_eigh(moments.scatter.copy())
    s2, W = positive_eigh(moments.scatter.copy(), power=2)
    mix, energy, _ = uncentred_coordinates(s2, W, moments.mean, moments.n)
    return energy, mix


def _eigh(S):
    values, vectors = eigh(S, check_finite=False, driver="evd")
    return np.maximum(values, 0.0), vectors


class FitsMoments:
    """Adds ``partial_fit`` to :class:`~skdomain.subspace.TCA`, beside its ``fit``."""

    __metadata_request__partial_fit = {"sample_domain": True}

    @available_if(takes_parts)
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Take in some of the rows: the subspace is then that of all rows passed so far.

        Rows may come in any order and number, one domain before the other or mixed. Until there
        are rows of both domains, TCA is PCA of F; until two rows differ, it is not fitted. After
        ``fit``, of whose rows nothing is kept, it begins anew and warns.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
            Further rows of either domain or both.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows of
            this call are source rows.

        Returns
        -------
        TCA
            The fitted estimator.

        Raises
        ------
        AttributeError
            If the kernel is neither ``"primal"`` nor ``"linear"``.
        ValueError
            If X is not finite or has other features than before, or sample_domain does not fit X.
            The rows of a call that fails do not count.

        Warns
        -----
        NoTargetWarning
            While one of the domains has no row.

        Notes
        -----
        O(n_samples n_features^2 + n_features^3) time a call. Between calls, the mean and the
        scatter matrix of each domain are kept: O(n_features^2) memory, whatever the number of rows.
        """
        moments = update_moments(self, X, sample_domain, min_rows=1)
        if not moments.pooled().scatter.any():
            return self
        solution = tca_solution_of(
            moments,
            kernel=self.kernel,
            n_components=self.n_components,
            lam=self.lam,
            whiten=self.whiten,
        )
        if self.n_samples_seen_.all():
            self._warn_without_signal(solution, np.array([True, False]), moments.dtype)
        self._set_projection(solution, moments, None)
        return self

    def __sklearn_is_fitted__(self):
        return hasattr(self, "components_")
