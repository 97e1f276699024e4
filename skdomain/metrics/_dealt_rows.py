"""Which of the pooled rows are source, as they came and dealt anew at random, a bit for each."""

import numpy as np
from sklearn.utils import gen_batches

_LARGEST = 1024  # rows whose choices are unpacked at once


class DealtRows:
    """Choices of source rows, one a column of a matrix of 0 and 1 that is read by blocks of rows.

    The first is the first n_source rows. The others are as many rows each, drawn at random without
    replacement.
    """

    def __init__(self, n_source, n_target, n_permutations=0, rng=None):
        self.n_source, self.n_target = n_source, n_target
        self.n_rows, self.n_choices = n_source + n_target, 1 + n_permutations
        self._bits = np.empty((self.n_choices, -(-self.n_rows // 8)), dtype=np.uint8)
        for choice in range(self.n_choices):
            source = np.zeros(self.n_rows, dtype=bool)
            source[rng.permutation(self.n_rows)[:n_source] if choice else slice(n_source)] = True
            self._bits[choice] = np.packbits(source)

    def of(self, rows):
        """Return the rows of the matrix in a slice, float64 of shape (n_rows, n_choices)."""
        first = rows.start // 8
        bits = np.unpackbits(self._bits[:, first : -(-rows.stop // 8)], axis=1)
        return bits.T[rows.start - 8 * first : rows.stop - 8 * first].astype(np.float64)

    def all(self):
        """Return the matrix."""
        return self.of(slice(0, self.n_rows))

    def masks(self):
        """Iterate over the choices, bool of shape (n_rows,)."""
        return (np.unpackbits(bits, count=self.n_rows).astype(bool) for bits in self._bits)

    def blocks(self):
        """Iterate over pairs of a slice of rows and their rows of the matrix."""
        return ((rows, self.of(rows)) for rows in gen_batches(self.n_rows, _LARGEST))
