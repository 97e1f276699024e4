"""Counts, means and scatters of rows that come in parts.

Two parts a and b, with n rows of mean m and centred scatter S, make up (Chan, Golub and LeVeque)::

    n = na + nb,   m = ma + (nb / n) (mb - ma),   S = Sa + Sb + (na nb / n) (mb - ma)(mb - ma)'

which holds for any parts in any order, and cancels nothing: no uncentred squares are summed.

T. F. Chan, G. H. Golub and R. J. LeVeque (1983), "Algorithms for computing the sample variance:
analysis and recommendations", The American Statistician 37(3), 242-247.
"""

from dataclasses import dataclass

import numpy as np

from skdomain._rows._blocks import check_finite_block, in_blocks, sum_over


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of n rows in float64, with the mean as ``origin + offset``.

    The origin is one of the rows, so that the offset has the digits of the spread of the rows,
    however far from 0 they lie.
    """

    n: int
    origin: np.ndarray
    offset: np.ndarray
    scatter: np.ndarray

    @property
    def mean(self):
        """Mean of the rows; 0 of none."""
        return self.origin + self.offset

    def __sub__(self, other):
        """Difference of the means."""
        return (self.origin - other.origin) + (self.offset - other.offset)

    def __add__(self, other):
        """Moments of the rows of both."""
        if not (self.n and other.n):
            return self if self.n else other
        n, difference = self.n + other.n, other - self
        between = np.sqrt(self.n * (other.n / n)) * difference
        scatter = np.outer(between, between)
        scatter += self.scatter
        scatter += other.scatter
        return Moments(n, self.origin, self.offset + (other.n / n) * difference, scatter)


@dataclass(frozen=True, eq=False)
class DomainMoments:
    """Moments of the source and of the target rows, and the dtype of all."""

    source: Moments
    target: Moments
    dtype: np.dtype

    def __add__(self, other):
        return DomainMoments(
            self.source + other.source,
            self.target + other.target,
            np.result_type(self.dtype, other.dtype),
        )

    def pooled(self):
        """Moments of all rows."""
        return self.source + self.target


def moments(X):
    """Moments of rows, in O(n_samples n_features^2) time."""
    if len(X) == 0:
        nothing = np.zeros(X.shape[1])
        return Moments(0, nothing, nothing, np.zeros((X.shape[1], X.shape[1])))
    origin = X[0].astype(np.float64)
    rows = X - origin
    offset = rows.mean(axis=0)
    rows -= offset
    return Moments(len(X), origin, offset, rows.T @ rows)


def domain_moments(rows, source):
    """Moments by domain of an array or of streamed rows, in one pass that also finds NaN and inf.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features), or streamed rows
    source : ndarray of shape (n_samples,), bool
        True for source rows.

    Returns
    -------
    DomainMoments
    """
    return sum_over(in_blocks(rows), _moments_of_block, source)


def _moments_of_block(block, source):
    check_finite_block(block)
    return DomainMoments(moments(block[source]), moments(block[~source]), block.dtype)
