"""Principal axes of a domain, by which subspace alignment and the geodesic flow kernel start."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh, svd
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, warn_caller

CLEAR = 1e-3  # smallest spread over the largest, down to which a scatter, of squares, has digits


class PrincipalAxes(NamedTuple):
    """PCA of one domain: orthonormal columns by falling spread, as many as the rank."""

    axes: np.ndarray
    spreads: np.ndarray  # standard deviations along the axes, divisor n

    @property
    def rank(self):
        """Number of axes along which the rows vary."""
        return len(self.spreads)


def principal_axes(X, domain, largest="all"):
    """Principal axes of the centred rows in float64, the largest entry of each positive.

    If ``largest`` is a number, those alone of the largest spreads, which is faster, unless these
    are near 0.
    """
    X = check_array(X, dtype=[np.float64, np.float32], input_name=f"X of the {domain}")
    rows = X.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        rows -= rows.mean(axis=0)
    if not np.isfinite(rows).all():
        raise ValueError(
            f"the {domain} rows are so large that their mean overflows; divide the features, as "
            "StandardScaler does."
        )
    rounding, size = max(X.shape) * np.finfo(X.dtype).eps, np.abs(X).max()
    if not isinstance(largest, str) and 4 * largest <= min(X.shape):
        found = _largest_axes(rows, largest)
        if found.spreads[-1] > max(CLEAR * found.spreads[0], rounding * size):
            return found
    _, s, axes = svd(rows, full_matrices=False, overwrite_a=True, check_finite=False)
    rank = np.count_nonzero(s > rounding * max(s[0], size))
    if rank == 0:
        raise ValueError(
            f"the {domain} rows are all equal up to rounding, so they span no subspace; "
            "pass rows that differ."
        )
    return PrincipalAxes(_turned(axes[:rank]).T, s[:rank] / np.sqrt(len(X)))


def _turned(axes):
    """Axes, one a row, the largest entry of each positive."""
    peaks = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    return axes * np.sign(peaks)[:, None]


def _largest_axes(rows, k):
    """The first k axes of centred rows, from the smaller of their two scatters."""
    n, d = rows.shape
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        scatter = rows.T @ rows if d <= n else rows @ rows.T
        if not np.isfinite(scatter).all():
            return PrincipalAxes(rows.T, np.zeros(1))
        values, vectors = eigh(scatter, subset_by_index=[len(scatter) - k, len(scatter) - 1])
        values, axes = values[::-1], vectors[:, ::-1].T
        axes = axes if d <= n else axes @ rows / np.sqrt(values)[:, None]
        return PrincipalAxes(_turned(axes).T, np.sqrt(values / n))


def fitted_rows(estimator, X, sample_domain):
    """Validated source and target rows of a fit; the source stands for a target that is missing."""
    X = dense_rows(estimator, X, ensure_min_samples=2)
    source = fit_domains(sample_domain, len(X), estimator) > 0
    return X[source], X[source if source.all() else ~source]


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
