"""Rows of a dask array: sums over its chunks as a tree on the scheduler, results as dask arrays.

Only imported where X is a dask array. Functions of a block are sent to the workers, so they hold
nothing large but what they need.
"""

from functools import partial
from itertools import accumulate, compress, pairwise

import dask
import dask.array as da
import numpy as np
from sklearn.utils import check_array

from skdomain._rows._blocks import RowBlocks, add_up, check_finite_block

FAN_IN = 4  # summands that meet on a worker; d x d matrices are summed, so not many at once


class DaskRows(RowBlocks):
    """Rows that are read on the workers of the scheduler, chunk by chunk.

    Parameters
    ----------
    array : dask.array.Array of shape (n_samples, n_features)
        Its chunks are taken as blocks; chunks along the features are put together.

    Attributes
    ----------
    array : dask.array.Array
        The rows as float32 or float64, in one chunk along the features and none without a row.

    Raises
    ------
    ValueError
        If the array has not 2 dimensions, sizes of chunks are unknown, or there is no row.
    """

    def __init__(self, array):
        if array.ndim != 2:
            raise ValueError(f"X must have 2 dimensions, got a dask array of shape {array.shape}.")
        if np.isnan(array.shape).any():
            raise ValueError(
                "X is a dask array whose chunks have unknown sizes; call X.compute_chunk_sizes() "
                "first, which takes a pass over the rows."
            )
        if not array.size:
            raise ValueError(f"X is a dask array of shape {array.shape}, without any value.")
        dtype = np.dtype(np.float32 if array.dtype == np.float32 else np.float64)
        array = _without_empty(array.rechunk({1: -1}))
        meta = np.empty((0, 0), dtype=dtype)
        self._set(array.map_blocks(_checked, form=dtype, dtype=dtype, meta=meta))

    def _set(self, array):
        self.array, self._shape, self._dtype = array, array.shape, array.dtype

    @classmethod
    def _of(cls, array):
        rows = cls.__new__(cls)
        rows._set(array)
        return rows

    def __iter__(self):
        """Compute one chunk after the other."""
        for block in self._delayed():
            yield block.compute()

    def as_given(self):
        """The dask array."""
        return self.array

    def check_finite(self):
        """Refuse values that are not finite, in one pass."""
        self.sum_of(_check_finite)

    def sum_of(self, function, *aligned):
        """Sum of ``function(block, *parts)`` over the chunks, made and added up by the workers."""
        call, sizes = dask.delayed(function), self.array.chunks[0]
        columns = zip(self._delayed(), *(_parts(a, sizes) for a in aligned), strict=True)
        level = [call(block, *parts) for block, *parts in columns]
        while len(level) > 1:
            groups = range(0, len(level), FAN_IN)
            level = [dask.delayed(add_up)(level[i : i + FAN_IN]) for i in groups]
        return level[0].compute() if level else 0

    def map(self, function, *aligned, width=None):
        """Rows to which a function of a block is applied by the workers when they are asked for."""
        width = self.shape[1] if width is None else width
        return self._of(_mapped(self.array, function, aligned, self.dtype, width))

    def select(self, mask):
        """Rows where a mask is true; chunks without such a row are left out."""
        if not mask.any():
            return self._of(self.array[:0])
        parts = _parts(mask, self.array.chunks[0])
        counts = [np.count_nonzero(part) for part in parts]
        kept = self.array.blocks[np.flatnonzero(counts)]
        mask = np.concatenate(list(compress(parts, counts)))
        sizes = tuple(filter(None, counts))
        return self._of(_mapped(kept, _taken, (mask,), self.dtype, self.shape[1], sizes=sizes))

    def to_array(self):
        """All rows in memory."""
        return np.asarray(self.array.compute())

    def concatenated(self, function):
        """Dask array of what a function gives for the rows: an entry a row, or a row."""
        like = function(np.zeros((1, self.shape[1]), dtype=self.dtype))
        matrix = partial(_as_matrix, function)
        rows = _mapped(self.array, matrix, (), like.dtype, like[0].size)
        return rows if like.ndim > 1 else rows[:, 0]

    def _delayed(self):
        return self.array.to_delayed().ravel() if len(self) else ()


def _mapped(array, function, aligned, dtype, width, *, sizes=None):
    """Dask array of ``function(block, *parts)`` of each chunk."""
    rows = array.chunks[0]
    columns = [da.from_array(a[:, None], chunks=(rows, 1), name=False) for a in aligned]
    return da.map_blocks(
        partial(_on_columns, function),
        array,
        *columns,
        dtype=dtype,
        meta=np.empty((0, 0), dtype=dtype),
        chunks=(sizes or rows, (width,)),
    )


def _on_columns(function, block, *columns):
    return function(block, *(column[:, 0] for column in columns))


def _checked(block, form, block_info):
    """Chunk as a C-ordered array of this dtype, if it has the rows that the dask array says."""
    expected = tuple(block_info[None]["chunk-shape"])
    if np.shape(block) != expected:
        raise ValueError(
            f"a chunk of X has shape {np.shape(block)} and not {expected}, as the dask array says; "
            "give the true shapes where it is made."
        )
    return check_array(block, dtype=form, order="C", ensure_all_finite=False, input_name="X")


def _check_finite(block):
    check_finite_block(block)
    return 0


def _taken(block, mask):
    return block if mask.all() else block[mask]


def _as_matrix(function, block):
    values = function(block)
    return values.reshape(len(values), -1)


def _parts(array, sizes):
    return [array[a:b] for a, b in pairwise(accumulate(sizes, initial=0))]


def _without_empty(array):
    sizes = array.chunks[0]
    return array if all(sizes) else array.blocks[np.flatnonzero(sizes)]
