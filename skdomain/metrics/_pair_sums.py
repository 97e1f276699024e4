"""Sums of a kernel over pairs of rows, for one choice of source rows or for a thousand of them.

With p the 0/1 indicator of the source rows and K the kernel matrix of all rows, the MMD takes
p'Kp, p'K1, 1'K1 and the sums of K's diagonal. K is read a tile at a time, or is ``F S F'`` with
features F of the rows, of which sums are enough.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh
from sklearn import get_config
from sklearn.utils import gen_batches

from skdomain._rows import distinct_places

_TILE = 1024  # rows and columns, so that caches hold some of what is done to a tile
_LEAST_TILE = 16
_LEAST_EIGENVALUE = 1e-12  # of that of the largest, below which an eigenvalue is rounding


class PairSums(NamedTuple):
    """``p'Kp``, ``p'K1`` and ``p'diag(K)`` for each choice p; ``1'K1``, the trace and the scale."""

    quadratic: np.ndarray
    across: np.ndarray
    diagonal: np.ndarray
    total: float
    trace: float
    scale: float  # mean of the absolute values on the diagonal

    @classmethod
    def combined(cls, sums, weights):
        """Return the sums of ``w_1 K_1 + w_2 K_2 + ...``: all are linear in the kernel."""
        fields = zip(*sums, strict=True)
        return cls(*(sum(w * v for w, v in zip(weights, field, strict=True)) for field in fields))

    def mmd(self, ns, nt, unbiased):
        """Return Eq. 3 (unbiased) or Eq. 5 of Gretton et al. (2012) for each choice."""
        cross = (self.across - self.quadratic) / (ns * nt)
        target = self.total - 2 * self.across + self.quadratic
        if not unbiased:
            return np.maximum(self.quadratic / ns**2 + target / nt**2 - 2 * cross, 0)
        source = (self.quadratic - self.diagonal) / (ns * (ns - 1))
        target = (target - (self.trace - self.diagonal)) / (nt * (nt - 1))
        return source + target - 2 * cross


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is refused in the end
def kernel_sums(kernel, Z, deals):
    """Return the PairSums of ``K = kernel(Z)``, of which a tile is in memory.

    Only tiles on and above the diagonal are computed: the others mirror these.
    """
    n = len(Z)
    quadratic, row_sums, diagonal = np.zeros(deals.n_choices), np.zeros(n), np.empty(n)
    size = _tile_rows(deals.n_choices)
    for rows in gen_batches(n, size):
        P, tile = deals.of(rows), kernel.unchecked(Z[rows])
        diagonal[rows] = tile.diagonal()
        row_sums[rows] += tile.sum(axis=1)
        KP = tile @ P
        for others in _batches_from(rows.stop, n, size):
            tile = kernel.unchecked(Z[rows], Z[others])
            row_sums[rows] += tile.sum(axis=1)
            row_sums[others] += tile.sum(axis=0)
            KP += 2 * (tile @ deals.of(others))
        quadratic += np.einsum("ij,ij->j", P, KP)
    kernel.check(row_sums)
    across, on_diagonal = _choice_sums(deals, row_sums, diagonal)
    scale = np.abs(diagonal).mean()
    return PairSums(quadratic, across, on_diagonal, row_sums.sum(), diagonal.sum(), scale)


def _choice_sums(deals, *values):
    """Return the sums of an array of shape (n_rows,) over each choice, for several arrays."""
    values = np.array(values)
    return sum(values[:, rows] @ P for rows, P in deals.blocks())


def _batches_from(start, stop, size):
    return (slice(i, min(i + size, stop)) for i in range(start, stop, size))


def _tile_rows(n_choices):
    """Rows of a square tile that fits scikit-learn's working memory, choices and all."""
    # Three arrays of the tile's size are held, and three of its rows and all choices.
    numbers = get_config()["working_memory"] * 2**20 / 24
    rows = (np.sqrt(n_choices**2 + 4 * numbers) - n_choices) / 2
    return int(np.clip(rows, _LEAST_TILE, _TILE))


@np.errstate(over="ignore", invalid="ignore")
def feature_sums(features, Z, deals, signs):
    """Return the PairSums of ``K = F diag(signs) F'``, ``F = features(Z)``, in blocks of rows."""
    sums, total, trace, scale = 0.0, 0.0, 0.0, 0.0
    on_diagonal = np.zeros(deals.n_choices)
    for rows, P in deals.blocks():
        F = features(Z[rows])
        diagonal = np.square(F) @ signs
        sums, total = sums + F.T @ P, total + F.sum(axis=0)
        on_diagonal += diagonal @ P
        trace, scale = trace + diagonal.sum(), scale + np.abs(diagonal).sum()
    return PairSums(
        signs @ np.square(sums),
        (signs * total) @ sums,
        on_diagonal,
        np.square(total) @ signs,
        trace,
        scale / len(Z),
    )


def landmark_features(kernel, Z, n_landmarks):
    """Features of rows, and signs, that make up Nystroem's approximation of a kernel.

    With C the kernel of the rows and the landmarks, and ``W = U diag(v) U'`` that of the landmarks,
    it is ``C W^+ C'``, hence ``F = C U / sqrt|v|``; signs are those of v, all 1 where the kernel is
    positive semi-definite. The landmarks are distinct rows, evenly spaced in lexicographic order.
    """
    places = distinct_places(Z)[0]
    spaced = np.linspace(0, len(places) - 1, min(n_landmarks, len(places))).astype(int)
    landmarks = Z[places[spaced]]
    values, vectors = eigh(kernel(landmarks))
    kept = np.abs(values) > _LEAST_EIGENVALUE * np.abs(values).max()
    whiten = vectors[:, kept] / np.sqrt(np.abs(values[kept]))

    def features(rows):
        return kernel.unchecked(rows, landmarks) @ whiten

    return features, np.sign(values[kept])
