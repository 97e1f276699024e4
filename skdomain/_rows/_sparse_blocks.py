"""Sparse rows that are made dense a block at a time."""

from skdomain._rows._blocks import RowBlocks


class SparseRows:
    """A sparse matrix that is sliced into arrays."""

    def __init__(self, X):
        self.X, self.shape, self.dtype = X, X.shape, X.dtype

    def __getitem__(self, rows):
        return self.X[rows].toarray()


def dense_blocks(X):
    """Rows of a CSR matrix as blocks, each made dense when it is read."""
    return RowBlocks(SparseRows(X))
