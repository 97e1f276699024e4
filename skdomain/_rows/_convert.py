"""Rows as they are passed over, and back into the form in which they were given."""

import sys

from skdomain._rows._blocks import is_streamed


def as_rows(X):
    """X, or if it is a dask array the rows of it; dask is not imported to find out."""
    dask_array = sys.modules.get("dask.array")
    if dask_array is None or not isinstance(X, getattr(dask_array, "Array", ())):
        return X
    from skdomain._rows._dask import DaskRows

    return DaskRows(X)


def as_given(rows):
    """Rows in the form in which X was given: a dask array if that was one."""
    return rows.as_given() if is_streamed(rows) else rows
