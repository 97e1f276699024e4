"""Affine maps of the source rows, in factored form, and the rows that they are made of."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.linalg import LinAlgError

from skdomain._domains import check_domains

MIN_ROWS = 2  # of a domain that has a covariance
NAMES = "Xs", "Xt"
REASON = "a covariance needs two rows; pass more"
SINGULAR = (
    "the map is singular, so that rows cannot be recovered from what it gives; fit with reg > 0, "
    "which makes it invertible."
)
FLOAT = np.finfo(float)
SCALE = "scale"


@dataclass(frozen=True, eq=False)
class SourceMap:
    """The affine map ``x -> shift + (x - center) A`` of rows x.

    ``A = outside I + basis update basis'`` in factored form, or ``A = update`` where basis is None.

    Attributes
    ----------
    update : ndarray of shape (k, k)
        What A adds to ``outside I`` in the basis; A itself where there is no basis.
    basis : ndarray of shape (n_features, k) or None
        Columns that span the centred rows of both domains.
    outside : float
        Factor of what is orthogonal to the basis.
    center, shift : ndarray of shape (n_features,) or float
        Mean of the rows before and after, or 0.
    """

    update: np.ndarray
    basis: np.ndarray | None = None
    outside: float = 1.0
    center: np.ndarray | float = 0.0
    shift: np.ndarray | float = 0.0

    def apply(self, X):
        """Map rows, in O(n_samples n_features k) time.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of the source.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The mapped rows, float64.
        """
        X = np.asarray(X, dtype=np.float64) - self.center
        if self.basis is None:
            mapped = X @ self.update
            mapped += self.shift
            return mapped
        inside = (X @ self.basis) @ self.update
        X *= self.outside
        X += inside @ self.basis.T
        X += self.shift
        return X

    def matrix(self):
        """The matrix A, of shape (n_features, n_features): for small problems and for tests.

        Returns
        -------
        ndarray of shape (n_features, n_features)
            A, which acts on rows from the right.
        """
        if self.basis is None:
            return self.update
        A = self.basis @ self.update @ self.basis.T
        A[np.diag_indices_from(A)] += self.outside
        return A

    def inverse(self):
        """The map back, in O(n_features k^2 + k^3) time.

        Returns
        -------
        SourceMap
            ``x -> center + (x - shift) A^(-1)``.

        Raises
        ------
        ValueError
            If A is singular up to rounding, as with ``reg=0`` and fewer rows than features.

        Notes
        -----
        With a basis B, update U and factor o outside, by Woodbury's identity::

            (o I + B U B')^(-1) = I / o - B (o I + U B'B)^(-1) U B' / o
        """
        back = {"center": self.shift, "shift": self.center}
        if self.basis is None:
            return SourceMap(_inverse(self.update), **back)
        if self.outside == 0:
            raise ValueError(SINGULAR)
        inside = self.update @ (self.basis.T @ self.basis)
        inside[np.diag_indices_from(inside)] += self.outside
        update = _inverse(inside) @ self.update / -self.outside
        return SourceMap(update, self.basis, 1 / self.outside, **back)


def _inverse(A):
    """Inverse of A, unless A is singular up to rounding."""
    try:
        inverse = np.linalg.inv(A)
    except LinAlgError:
        raise ValueError(SINGULAR) from None
    if len(A) and np.linalg.norm(A, 1) * np.linalg.norm(inverse, 1) * FLOAT.eps > 1:
        raise ValueError(SINGULAR)
    return inverse


def centred_pair(Xs, Xt, reg):
    """Both domains as float64 and centred, with their means: ``(Xs, ms), (Xt, mt)``."""
    check_ridge(reg)
    return centred_domains(check_domains(Xs, Xt, min_rows=MIN_ROWS, reason=REASON), reg)


def centred_domains(pair, reg, *, overwrite=False, names=NAMES):
    """:func:`centred_pair` of float64 arrays that are known to be finite and of equal width."""
    check_ridge(reg)
    for name, X in zip(names, pair, strict=True):
        check_enough(name, len(X))
    with np.errstate(over="ignore", invalid="ignore"):
        pair = [centred(X, out=X if overwrite else None) for X in pair]
        for name, (rows, _) in zip(names, pair, strict=True):
            square = np.vdot(rows, rows)
            check_spread(name, square)
            if reg == 0 and square < FLOAT.tiny and rows.any():
                raise ValueError(
                    f"the rows of {name} differ by {np.abs(rows).max():.1g} at most, and the "
                    "squares of that are lost to underflow; multiply the features, or pass reg > 0."
                )
    return pair


def check_spread(name, square):
    """Refuse rows whose sum of squares around the mean overflows."""
    if not np.isfinite(square):
        raise ValueError(
            f"the rows of {name} lie so far from their mean that their covariance overflows "
            "(squares of numbers beyond 1e150); divide the features, as StandardScaler does."
        )


def check_ridge(reg):
    """Refuse a ridge that is negative, not finite or another word."""
    if reg != SCALE and not (isinstance(reg, Real) and 0 <= reg < np.inf):
        raise ValueError(f"reg is {reg!r}; pass a finite ridge >= 0, or {SCALE!r}.")


def ridge_of(reg, share, *domains):
    """The ridge as a number, of domains whose sums of squares and whose shapes these are.

    ``"scale"`` is this share of the mean variance of the features, over the domains too; 1 where
    that is 0.
    """
    if reg != SCALE:
        return reg
    variances = [square / (n - 1) / n_features for square, (n, n_features) in domains]
    ridge = share * float(np.mean(variances))
    return ridge if ridge >= FLOAT.tiny else 1.0


def ridge_of_rows(reg, share, *domains):
    """:func:`ridge_of` of centred rows."""
    return ridge_of(reg, share, *((np.vdot(X, X), X.shape) for X in domains))


def ridge_of_moments(reg, share, *domains):
    """:func:`ridge_of` of moments."""
    return ridge_of(reg, share, *((np.trace(m.scatter), (m.n, len(m.scatter))) for m in domains))


def check_enough(name, n):
    """Refuse a domain with too few rows for a covariance."""
    if n < MIN_ROWS:
        raise ValueError(
            f"{name} has {n} row(s), at least {MIN_ROWS} in each domain are needed: {REASON}."
        )


def check_moments(domains, reg, names=NAMES):
    """Moments of domains, of the source and of the target as a rule, each of enough rows."""
    check_ridge(reg)
    for name, domain in zip(names, domains, strict=True):
        check_enough(name, domain.n)
        check_spread(name, np.trace(domain.scatter))
    return domains


def centred(X, out=None):
    """Rows less their mean, and the mean: from the first row on, so that equal rows give zeros."""
    first = X[0].copy()
    rows = np.subtract(X, first, out=out)
    mean = rows.mean(axis=0)
    rows -= mean
    return rows, first + mean


def identity(n_features):
    """The map that leaves rows as they are."""
    return SourceMap(np.empty((0, 0)), np.empty((n_features, 0)))
