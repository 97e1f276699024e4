"""Data frames of pandas and polars, neither of which is imported to find out."""

import sys


def _library(X):
    """Module of the library that X is a data frame of, None if it is none."""
    for name in ("pandas", "polars"):
        library = sys.modules.get(name)
        if isinstance(X, getattr(library, "DataFrame", ())):
            return library
    return None


def is_frame(X):
    """Whether X is a data frame, of pandas or of polars."""
    return _library(X) is not None


def stack_frames(frames, *, ignore_index=True):
    """Frames of the same columns on top of each other; None if they are not of one library."""
    libraries = {_library(frame) for frame in frames}
    if len(libraries) > 1 or None in libraries:
        return None
    (library,) = libraries
    if library.__name__ == "pandas":
        return library.concat(frames, ignore_index=ignore_index)
    return library.concat(frames, how="vertical_relaxed")


def named_as(X, values):
    """An array of values as a frame with the columns of X; as it is where X is no frame."""
    library = _library(X)
    if library is None:
        return values
    names = "columns" if library.__name__ == "pandas" else "schema"
    return type(X)(values, **{names: list(X.columns)})
