"""TCA from moments: all that it needs of the rows, where they come in parts.

With the scatter S of all n rows about their mean m, and the difference of the domain means, the
pencil of TCA is the same in any coordinates A = Wb with C diagonal::

    primal, F = X:     C = W'SW,  W'W = I
    linear, F = XX':   C = W'SW,  WW' = X'X = S + n m m'

W then stands for the coefficients of the features, and rows may be centred beforehand, as M sees
differences of means only. So C is a scatter, not a difference of uncentred sums.
"""

import numpy as np
from scipy.linalg import eigh

from skdomain.mmd import Coupling
from skdomain.subspace._spectral import Basis, solve

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
    moments : skdomain._rows._moments.DomainMoments
    kernel : {"primal", "linear"}
    n_components, lam, whiten
        As in :class:`TCA`. Without rows of both domains the result is PCA of F.

    Returns
    -------
    skdomain.subspace._spectral.Solution
    """
    everything = moments.pooled()
    energy, W = diagonal_coordinates(everything, kernel)
    counts = np.array([moments.source.n, moments.target.n])
    shift = counts.prod() / everything.n * (moments.target - moments.source)
    sums = np.stack([-shift, shift])  # of the centred rows of each domain, which stand for the rows
    M0 = np.array([[1.0, -1.0], [-1.0, 1.0]]) * counts.all()
    coupling = Coupling(np.arange(2), counts, M0).normalized()
    basis = Basis(sums, W, W, energy)
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


def _eigh(S):
    values, vectors = eigh(S, check_finite=False, driver="evd")
    return np.maximum(values, 0.0), vectors
