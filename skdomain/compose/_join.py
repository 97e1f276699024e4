"""Rows that were worked on in groups, back in the order in which they came."""

import numpy as np
from scipy import sparse
from sklearn.utils import _safe_indexing

from skdomain._rows import stack_frames


def join_rows(parts, groups):
    """Rows of the parts in one container, each at its place.

    Parameters
    ----------
    parts : list of array, sparse matrix or data frame
        What became of the rows of each group.
    groups : list of ndarray of int
        Numbers of the rows of each group; together they are 0, 1, ..., n_samples - 1.

    Returns
    -------
    ndarray, sparse matrix or data frame with n_samples rows
    """
    return _safe_indexing(_stacked(parts), np.argsort(np.concatenate(groups)))


def _stacked(parts):
    frames = stack_frames(parts, ignore_index=False)
    if frames is not None:
        return frames
    if any(sparse.issparse(part) for part in parts):
        return sparse.vstack(parts, format="csr")
    return np.concatenate([np.asarray(part) for part in parts])
