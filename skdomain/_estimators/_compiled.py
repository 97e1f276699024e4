"""Compiled loops: numba's, with a cache on disk where there is a place for one."""


def compiled(loop):
    """``njit`` of a loop, compiled at its first call and cached, or not where nothing is writable.

    Without a cache, which needs a folder beside the file or in the user's home, each process
    compiles the loop anew.
    """
    from numba import njit

    options = {"nogil": True, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(loop)
    except RuntimeError:  # numba's answer where no folder can be written to
        return njit(**options)(loop)
