"""Principal axes of a domain, by which subspace alignment and the geodesic flow kernel start.

The first k axes are eigenvectors of the smaller of the two scatters of the centred rows, ``R'R`` of
many rows, summed over blocks of them, and ``RR'`` of few. Squares have half of the digits, so where
the k-th spread is small beside the first, the rows themselves are decomposed.
"""

from functools import cached_property, reduce
from operator import add
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import svd
from sklearn.utils import check_array, gen_batches
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, warn_caller
from skdomain._rows import leading_pairs, moments
from skdomain.alignment._source_map import FLOAT

CLEAR = 1e-3  # smallest spread over the largest, down to which a scatter, of squares, has digits

SHARE_ROUNDING = 1e-9  # of a share of the variance
OBLONG = 4  # ratio of the sides, from where on a scatter that is tried in vain costs little
NUMBERS = 2**17  # numbers of a block of rows, unless its scatter is larger


class PrincipalAxes(NamedTuple):
    """PCA of one domain: orthonormal columns by falling spread, at most as many as the rank."""

    axes: np.ndarray
    spreads: np.ndarray  # standard deviations along the axes, divisor n

    @property
    def rank(self):
        """Number of axes found: the rank of the rows, if fewer than were asked for."""
        return len(self.spreads)


class DomainRows:
    """The rows of a domain among all, centred and decomposed as far as that is asked for.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float64 or float32
        Finite rows.
    chosen : ndarray of shape (n_samples,), bool
        True for the rows of the domain.
    name : str
        Of the domain, for errors.
    shift : ndarray of shape (n_features,) or float, default=0.0
        Subtracted from the rows before their rank is judged.
    """

    def __init__(self, X, chosen, name, shift=0.0):
        self.X, self.chosen, self.name, self.shift = X, chosen, name, shift
        self.n = np.count_nonzero(chosen)
        self.is_tall = self.n >= X.shape[1]
        self.is_oblong = max(self.n, X.shape[1]) >= OBLONG * min(self.n, X.shape[1])

    def around(self, shift):
        """The same rows less a shift; moments that are known stay so."""
        moved = DomainRows(self.X, self.chosen, self.name, shift)
        if "moments" in vars(self):
            moved.moments = self.moments
        return moved

    def joined(self, other):
        """The rows of this domain and of another, of the same array."""
        name = f"{self.name} and {other.name}"
        both = DomainRows(self.X, self.chosen | other.chosen, name, self.shift)
        if self.is_tall and other.is_tall and self is not other:
            both.moments = self.moments + other.moments
        return both

    def blocks(self):
        """The rows of the domain, a part at a time."""
        d = self.X.shape[1]
        for part in gen_batches(len(self.X), max(4 * d, NUMBERS // d)):
            yield self.X[part][self.chosen[part]]

    @cached_property
    def moments(self):
        """Mean and scatter of the rows, from one pass over their blocks."""
        with np.errstate(over="ignore", invalid="ignore"):
            return reduce(add, map(moments, self.blocks()))

    @property
    def mean(self):
        """Mean of the rows."""
        if self.is_tall and self.is_oblong:
            return self.moments.mean
        rows = self.X[self.chosen]
        first = rows[0].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            return first + (rows - first).mean(axis=0)

    def radius(self, unit):
        """Largest norm of a row less the shift, in this unit."""
        norms = (np.linalg.norm((X - self.shift) / unit, axis=1) for X in self.blocks())
        return max(norm.max(initial=0) for norm in norms)

    def axes(self, largest="all"):
        """All principal axes, or the first ``largest``, the largest entry of each positive.

        Where the last of them is too small for the scatter to tell, all come back, as many as the
        rank.
        """
        if isinstance(largest, str) and not self.is_oblong:
            return self._every
        most = min(self.n - 1, self.X.shape[1])
        k = most if isinstance(largest, str) else min(largest, most)
        found = self._leading(k) if k and np.isfinite(self._squares).all() else None
        return self._every if found is None else found

    def dimension(self, share):
        """Fewest axes that hold this share of the variance of the rows."""
        if np.isfinite(self._squares).all():
            squares = np.maximum(np.linalg.eigvalsh(self._squares)[::-1], 0)
        else:
            squares = (self._every.spreads / self._every.spreads[0]) ** 2
        held = np.cumsum(squares)
        return 1 + np.count_nonzero(held < (share - SHARE_ROUNDING) * held[-1])

    def _leading(self, k):
        """The first k axes from the smaller scatter, or None where it does not tell them."""
        values, vectors = leading_pairs(self._squares, k)
        if not values[-1] > max(CLEAR**2 * values[0], FLOAT.tiny / FLOAT.eps):
            return None
        s = np.sqrt(values)
        if s[-1] <= self._noise(max(s[0], self._size)):
            return None
        axes = vectors if self.is_tall else self._held[0].T @ (vectors / s)
        return PrincipalAxes(turned(axes), s / np.sqrt(self.n))

    @cached_property
    def _every(self):
        """All axes, from the rows themselves."""
        rows, size = self._shifted()
        _, s, axes = svd(rows, full_matrices=False, overwrite_a=True, check_finite=False)
        rank = np.count_nonzero(s > self._noise(max(s[0], size)))
        if rank == 0:
            raise ValueError(
                f"the {self.name} rows are all equal up to rounding, so they span no subspace; "
                "pass rows that differ."
            )
        return PrincipalAxes(turned(axes[:rank].T), s[:rank] / np.sqrt(self.n))

    @cached_property
    def _squares(self):
        """The smaller scatter, infinite where squares overflow."""
        if self.is_tall:
            return self.moments.scatter
        with np.errstate(over="ignore", invalid="ignore"):
            return self._held[0] @ self._held[0].T

    @property
    def _size(self):
        """Bound on the entries of the rows less the shift."""
        if not self.is_tall:
            return self._held[1]
        return np.abs(self.moments.mean - self.shift).max() + np.sqrt(np.diag(self._squares).max())

    def _noise(self, size):
        return max(self.n, self.X.shape[1]) * np.finfo(self.X.dtype).eps * size

    @cached_property
    def _held(self):
        """What :meth:`_shifted` gives, kept where the rows are few."""
        return self._shifted()

    def _shifted(self):
        """Centred rows in float64, and the size of their entries less the shift alone."""
        with np.errstate(over="ignore", invalid="ignore"):
            rows = self.X[self.chosen] - self.shift
            size = np.abs(rows).max()
            rows = rows.astype(np.float64, copy=False)
            rows -= rows.mean(axis=0)
        if not np.isfinite(rows).all():
            raise ValueError(
                f"the {self.name} rows are so large that their mean overflows; divide the "
                "features, as StandardScaler does."
            )
        return rows, size


def all_rows(X, name):
    """Validated rows that all are of one domain."""
    X = check_array(X, dtype=[np.float64, np.float32], input_name=f"X of the {name}")
    return DomainRows(X, np.ones(len(X), dtype=bool), name)


def turned(axes):
    """Axes, one a column, the largest entry of each positive."""
    peaks = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return axes * np.sign(peaks)


def fitted_rows(estimator, X, sample_domain):
    """Validated source and target rows of a fit; the source stands for a target that is missing."""
    X = dense_rows(estimator, X, ensure_min_samples=2)
    chosen = fit_domains(sample_domain, len(X), estimator) > 0
    source = DomainRows(X, chosen, "source")
    return source, source if chosen.all() else DomainRows(X, ~chosen, "target")


def pooled_mean(source, target):
    """Mean of the rows of both domains."""
    mean = source.mean
    return mean + (target.mean - mean) * (target.n / (source.n + target.n))


def dense_rows(estimator, X, **options):
    """Validated rows; of sparse ones, an error that says what takes them."""
    if sparse.issparse(X):
        raise TypeError(
            f"Sparse data was passed for X, but dense data is required by "
            f"{type(estimator).__name__}. Use '.toarray()', or TruncatedSVD before it; CORAL, "
            "LinearMonge, SourceOnly and PerDomain take sparse rows."
        )
    return validate_data(estimator, X, dtype=[np.float64, np.float32], **options)


def limit_to_rank(n_components, rank):
    """``n_components``, or the rank where that is lower, with a warning."""
    if n_components > rank:
        warn_caller(
            f"n_components={n_components} is more than the rank {rank} that the centred rows of "
            f"both domains have; {rank} components are kept. Lower n_components to silence this.",
            UserWarning,
        )
    return min(n_components, rank)
