"""Counts, means and scatters of rows that come in parts, and their use as state of ``partial_fit``.

Two parts a and b, with n rows of mean m and centred scatter S, make up (Chan, Golub and LeVeque)::

    n = na + nb,   m = ma + (nb / n) (mb - ma),   S = Sa + Sb + (na nb / n) (mb - ma)(mb - ma)'

which holds for any parts in any order, and cancels nothing: no uncentred squares are summed.

T. F. Chan, G. H. Golub and R. J. LeVeque (1983), "Algorithms for computing the sample variance:
analysis and recommendations", The American Statistician 37(3), 242-247.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.utils.validation import validate_data

from skdomain._domains import ENCODING, NoTargetWarning, check_sample_domain
from skdomain._rows import as_rows, check_finite_block, in_blocks, is_streamed, sum_over


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


def forget_moments(estimator):
    """What ``fit`` does first: it takes nothing from earlier calls of ``partial_fit``."""
    for name in ("_moments", "n_samples_seen_"):
        vars(estimator).pop(name, None)


def update_moments(estimator, X, sample_domain, *, min_rows):
    """Moments of the rows of all calls of ``partial_fit``, with those of this one.

    Says that the estimator does not adapt yet unless each domain has had ``min_rows`` rows.
    """
    before = vars(estimator).get("_moments")
    X, source = _validate(estimator, X, sample_domain, is_first=before is None)
    seen = domain_moments(X, source)
    if before is not None:
        seen = before + seen
    estimator._moments = seen
    estimator.n_samples_seen_ = np.array([seen.source.n, seen.target.n])
    if min(estimator.n_samples_seen_) < min_rows:
        warnings.warn(
            f"{type(estimator).__name__} has seen {seen.source.n} source and {seen.target.n} "
            f"target row(s) and does not adapt before {min_rows} of each; pass sample_domain with "
            f"{ENCODING} to partial_fit.",
            NoTargetWarning,
            stacklevel=5,
        )
    return seen


def _validate(estimator, X, sample_domain, *, is_first):
    """Rows of one call, and which of them are source rows: all where no domains are given."""
    if is_first and hasattr(estimator, "n_features_in_"):
        warnings.warn(
            f"this {type(estimator).__name__} was fitted by fit, of whose rows nothing is kept: "
            "partial_fit begins anew. Call it on a clone to silence this.",
            UserWarning,
            stacklevel=6,
        )
        for name in [name for name in vars(estimator) if name.endswith("_")]:
            delattr(estimator, name)
    X = validate_rows(estimator, X, reset=is_first)
    if sample_domain is None:
        return X, np.ones(len(X), dtype=bool)
    return X, check_sample_domain(sample_domain, len(X)) > 0


def validate_rows(estimator, X, *, reset=True, **options):
    """Rows as an array of floats, or streamed ones, which are not looked into."""
    X = as_rows(X)
    if is_streamed(X):
        return validate_data(estimator, X, skip_check_array=True, reset=reset)
    return validate_data(estimator, X, dtype=[np.float64, np.float32], reset=reset, **options)
