"""A ratio of densities as a sum of Gaussian bumps on target rows, and what its two fits share."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import euclidean_distances

from skdomain._kernels import gamma_of
from skdomain._rows import distinct_rows, squares_by_products

CHOOSING = ("likelihood", "loo")
# Candidate widths, as multiples of 1 over the median squared distance.
FACTORS = 2.0 ** np.arange(-4, 5)
_MANY_FEATURES = 8  # from here on products are faster than differences
# Largest gamma |center|^2 at which products are taken: of rows that a bump reaches, gamma |x|^2 is
# of this size, and its rounding what the bump is off; further rows are out of its reach.
_NEAR = 1e3


class KernelRatio(NamedTuple):
    """``r(x) = max(0, sum_l coef_l exp(-gamma |x - center_l|^2))``, a function of rows."""

    centers: np.ndarray
    coef: np.ndarray
    gamma: float

    def __call__(self, X):
        """Ratio at the rows of X."""
        bumps = squared_distances(X, self.centers, self.gamma)
        bumps *= -self.gamma
        return np.maximum(np.exp(bumps, out=bumps) @ self.coef, 0.0)


def squared_distances(X, centers, gamma):
    """Squared distances from rows to centers, dense or sparse, for bumps of this width or wider.

    By products about the mean of the centers, where the bumps do not see their rounding.
    """
    if sparse.issparse(X) or sparse.issparse(centers):
        return euclidean_distances(X, centers, squared=True)
    if centers.shape[1] < _MANY_FEATURES:
        return cdist(X, centers, "sqeuclidean")
    origin = centers.mean(axis=0)
    Z = centers - origin
    norms = np.einsum("ij,ij->i", Z, Z)
    if not gamma * norms.max() <= _NEAR:
        return cdist(X, centers, "sqeuclidean")
    squares = squares_by_products(X - origin, Z, norms)
    return np.maximum(squares, 0.0, out=squares)


class Rows(NamedTuple):
    """Squared distances of a domain's distinct rows to the centers, and shares of sum 1.

    The rows are in the order of their values, and copies of a row are one row with a larger share:
    neither the order of the rows nor copying all of them changes what is computed from these.
    """

    distances: np.ndarray
    share: np.ndarray

    def kernel(self, gamma):
        """Bumps of this width at the rows."""
        bumps = -gamma * self.distances
        return np.exp(bumps, out=bumps)


class RatioProblem(NamedTuple):
    """Both domains as seen from the centers."""

    centers: np.ndarray
    source: Rows
    target: Rows

    def kernels(self, gamma):
        """Bumps of this width at the source and at the target rows."""
        return self.source.kernel(gamma), self.target.kernel(gamma)


def ratio_problem(Xs, Xt, n_centers, gamma=np.inf):
    """The problem with centers among the distinct target rows, and both domains.

    Gamma is the largest of the widths that bumps will have.
    """
    source, _, source_counts = distinct_rows(Xs)
    target, _, target_counts = distinct_rows(Xt)
    centers = target[spaced(len(target_counts), n_centers)]
    return RatioProblem(
        centers,
        Rows(squared_distances(source, centers, gamma), source_counts / Xs.shape[0]),
        Rows(squared_distances(target, centers, gamma), target_counts / Xt.shape[0]),
    )


def spaced(n_rows, n_wanted):
    """Evenly spaced positions among n_rows, all of them where no fewer are wanted."""
    n_wanted = min(n_rows, n_wanted)
    return ((2 * np.arange(n_wanted) + 1) * n_rows) // (2 * n_wanted)


def candidate_gammas(gamma, Xs, Xt):
    """The widths to choose from, where gamma is a word for choosing, else the one that is meant."""
    if gamma in CHOOSING:
        return gamma_of("median", Xs, Xt) * FACTORS
    return np.array([gamma_of(gamma, Xs, Xt)])


def check_leave_out(problem, parameter, value):
    """Choosing by rows left out needs two distinct ones, so that one is left."""
    for name, rows in (("source", problem.source), ("target", problem.target)):
        if len(rows.share) < 2:
            raise ValueError(
                f"{parameter}={value!r} is chosen by leaving rows out, which takes at least 2 "
                f"distinct rows in each domain; the {name} has 1. Pass a number for {parameter}."
            )
