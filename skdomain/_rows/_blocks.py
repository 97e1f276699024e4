"""Rows that need not be in memory at once: what is fitted to them is made of sums over blocks."""

from collections.abc import Callable
from functools import partial, reduce
from operator import add
from typing import Any, Self

import numpy as np
from sklearn import get_config
from sklearn.utils import check_array, gen_batches

BLOCK_MIB = 64  # larger blocks are no faster, and each is copied a few times


class RowBlocks:
    """Rows that are read block by block, as often as a fit has to pass over them.

    Estimators that say so take it for X. Labels and domains are ordinary arrays of all rows.

    Parameters
    ----------
    blocks : array, sequence of arrays, or callable
        * An array, memory map, HDF5 data set or whatever has a ``shape`` and is sliced like one:
          it is read in blocks of 64 MiB, or of scikit-learn's ``working_memory`` if that is less.
        * A sequence of arrays of shape (n_rows, n_features), such as a list.
        * A function without arguments that gives a new iterator over such arrays at each call.

    Attributes
    ----------
    shape : tuple (n_samples, n_features)
    dtype : dtype
        float32 if all blocks are, else float64.

    Raises
    ------
    TypeError
        If ``blocks`` can be read only once, as a generator; or where an array is needed.
    ValueError
        When the blocks are read, if there is no row, they differ in their features, or their
        shapes are others than in the first pass. That their values stay the same is not checked.

    Notes
    -----
    Shape and dtype are known for what has both; otherwise they take a pass over the blocks.
    Blocks without a row are passed over.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain import RowBlocks
    >>> from skdomain.subspace import TCA
    >>> rng = np.random.default_rng(0)
    >>> blocks = [rng.normal(size=(n, 5)) for n in (40, 70, 90)]
    >>> X, d = RowBlocks(blocks), np.repeat([1, -2], 100)
    >>> X.shape
    (200, 5)
    >>> Z = TCA(2, kernel="primal").fit_transform(X, sample_domain=d)
    >>> [block.shape for block in Z]
    [(40, 2), (70, 2), (90, 2)]
    """

    def __init__(self, blocks: Any) -> None:
        _reader(blocks)
        self._blocks = blocks
        self._shape = self._dtype = None
        if hasattr(blocks, "shape") and hasattr(blocks, "dtype"):
            self._set_form(*blocks.shape, {np.dtype(blocks.dtype)})

    @property
    def shape(self) -> Any:
        """Number of rows and of features."""
        if self._shape is None:
            self._scan()
        return self._shape

    @property
    def dtype(self) -> Any:
        """float32 if all blocks are of it, else float64."""
        if self._dtype is None:
            self._scan()
        return self._dtype

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        """Iterate over the blocks that have rows, as C-ordered arrays of ``dtype``."""
        (n, width), n_rows = self.shape, 0
        for block in self._read(dtype=self.dtype, order="C"):
            n_rows += len(block)
            if block.shape[1] != width or n_rows > n:
                break
            yield block
        else:
            if n_rows == n:
                return
        raise ValueError(
            f"the blocks had {n} rows of {width} features in the first pass and others in this "
            "one; pass a sequence, or a function that gives the same blocks at each call."
        )

    def __array__(self, dtype=None, copy=None):
        """Refuse to be read into memory by what takes arrays only."""
        raise TypeError(
            "RowBlocks is not an array, and this needs all rows at once; pass an array, or use an "
            "estimator whose documentation says that it takes RowBlocks."
        )

    def check_finite(self) -> Any:
        """Refuse values that are not finite, in one pass."""
        for block in self:
            check_finite_block(block)

    def with_parts(self, *aligned: Any) -> Any:
        """Iterate over tuples of a block and its share of arrays that have an entry a row."""
        start = 0
        for block in self:
            stop = start + len(block)
            yield block, *(a[start:stop] for a in aligned)
            start = stop

    def sum_of(self, function: Any, *aligned: Any) -> Any:
        """Sum of ``function(block, *parts)`` over the blocks, parts being their share of arrays."""
        return add_up(function(*parts) for parts in self.with_parts(*aligned))

    def map(self, function: Callable[..., Any], *aligned: Any, width: int | None = None) -> Self:
        """Blocks to which a function of a block is applied when they are read.

        Parameters
        ----------
        function : callable
            Gives a row for each row, in the dtype of the block. It is called with a block and its
            share of each aligned array.
        *aligned : arrays
            Arrays with an entry a row.
        width : int, default=None
            Number of features it gives; None: as many as there are.

        Returns
        -------
        RowBlocks
        """
        n, d = self.shape
        read = partial(_applied, self, function, aligned)
        return self._like(read, n, d if width is None else width)

    def select(self, mask: Any) -> Any:
        """Rows where a mask is true, as blocks; the pass ends with the last of them."""
        return self._like(partial(_selected, self, mask), np.count_nonzero(mask), self.shape[1])

    def concatenated(self, function: Any) -> Any:
        """What a function gives for each block, behind one another."""
        return np.concatenate([function(block) for block in self])

    def as_given(self) -> Any:
        """The rows in the form in which the caller gave them."""
        return self

    def to_array(self) -> Any:
        """All rows in memory."""
        rows = np.empty(self.shape, dtype=self.dtype)
        start = 0
        for block in self:
            rows[start : start + len(block)] = block
            start += len(block)
        return rows

    def _like(self, read, n, d):
        rows = RowBlocks(read)
        rows._shape, rows._dtype = (int(n), int(d)), self.dtype
        return rows

    def _read(self, **form):
        for block in _reader(self._blocks)():
            if np.shape(block)[:1] != (0,):
                yield check_array(block, ensure_all_finite=False, input_name="X", **form)

    def _scan(self):
        n_rows, widths, dtypes = 0, set(), set()
        for block in self._read(dtype=None):
            n_rows += len(block)
            widths.add(block.shape[1])
            dtypes.add(block.dtype)
        if len(widths) > 1:
            raise ValueError(
                f"the blocks of RowBlocks differ in their number of features: {sorted(widths)}; "
                "bring them to the same features."
            )
        self._set_form(n_rows, widths.pop() if widths else 0, dtypes)

    def _set_form(self, n_rows, width, dtypes):
        if n_rows == 0:
            raise ValueError("RowBlocks got blocks without any row; pass at least one row.")
        self._shape = (int(n_rows), int(width))
        self._dtype = np.dtype(np.float32 if dtypes == {np.dtype(np.float32)} else np.float64)


def is_streamed(X):
    """Whether X is rows to be passed over, not an array."""
    return isinstance(X, RowBlocks)


def add_up(parts):
    """Sum of parts that need not know how to be added to 0; 0 of none."""
    parts = iter(parts)
    return reduce(add, parts, next(parts, 0))


def sum_over(rows, function, *aligned):
    """``function(rows, *aligned)`` for an array, its sum over the blocks of anything else."""
    return rows.sum_of(function, *aligned) if is_streamed(rows) else function(rows, *aligned)


def map_over(rows, function, *, width):
    """``function(rows)`` for an array, lazily that of the blocks of anything else."""
    return rows.map(function, width=width) if is_streamed(rows) else function(rows)


def concatenate_over(rows, function):
    """``function(rows)`` for an array, else its results on the blocks behind one another."""
    return rows.concatenated(function) if is_streamed(rows) else function(rows)


def in_blocks(rows):
    """The rows, those of an array larger than a block as blocks."""
    fits = is_streamed(rows) or len(rows) <= rows_per_block(rows.shape[1])
    return rows if fits else RowBlocks(rows)


def check_finite_block(block):
    """Refuse values that are not finite; return the block."""
    return check_array(block, dtype=None, input_name="X")


def _reader(blocks):
    """Function that gives a new iterator over the blocks."""
    if callable(blocks):
        return blocks
    if hasattr(blocks, "shape"):
        if len(blocks.shape) != 2:
            raise ValueError(f"RowBlocks needs an array of 2 dimensions, got shape {blocks.shape}.")
        return partial(_slices, blocks)
    if hasattr(blocks, "__getitem__") and hasattr(blocks, "__len__"):
        return partial(iter, blocks)
    raise TypeError(
        f"RowBlocks reads its blocks several times and cannot with a {type(blocks).__name__}; "
        "pass an array, a sequence of arrays, or a function that gives a new iterator over them "
        "at each call."
    )


def _slices(array):
    n, d = array.shape
    return (array[part] for part in gen_batches(n, rows_per_block(d)))


def rows_per_block(n_features):
    mib = min(BLOCK_MIB, get_config()["working_memory"])
    return max(1, int(mib * 2**20) // max(1, 8 * n_features))


def _applied(rows, function, aligned):
    return (function(*parts) for parts in rows.with_parts(*aligned))


def _selected(rows, mask):
    left = np.count_nonzero(mask)
    for block, part in rows.with_parts(mask):
        if part.any():
            yield block if part.all() else block[part]
        left -= np.count_nonzero(part)
        if not left:
            return
