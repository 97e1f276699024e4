"""Read arrays from MATLAB files, before and since version 7.3 (which is HDF5)."""

import numpy as np
from scipy.io import loadmat


def read_mat(path, keys):
    """Return the arrays of a .mat file that stand under some keys.

    Parameters
    ----------
    path : path-like
        The file.
    keys : sequence of str
        Names of the arrays.

    Returns
    -------
    arrays : list of ndarray
        In MATLAB's orientation, whichever the version of the file.

    Raises
    ------
    ImportError
        The file has version 7.3 and h5py is not installed.
    ValueError
        It is no MATLAB file, or a key is missing.
    """
    try:
        content = _read(path)
    except ImportError:
        raise
    except Exception as error:  # of many kinds, none of which names the file
        raise ValueError(
            f"{path} cannot be read as a MATLAB file: {error!r}. Remove it, and put the right file "
            "in its place, or let the next call download it."
        ) from error
    if missing := [key for key in keys if key not in content]:
        found = [key for key in content if not key.startswith("_")]
        raise ValueError(f"{path} has no {missing}; it has {found}. Is it another file?")
    return [content[key] for key in keys]


def _read(path):
    try:
        return loadmat(path)
    except NotImplementedError:  # scipy's answer to version 7.3
        return _read_hdf5(path)


def _read_hdf5(path):
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f"{path} is a MATLAB 7.3 file, which needs h5py: pip install skdomain[datasets]"
        ) from error
    with h5py.File(path) as file:  # HDF5 is row-major, so every MATLAB array appears transposed
        return {k: v[()].T for k, v in file.items() if isinstance(v, h5py.Dataset)}


def features_and_labels(X, y):
    """Return `X` as C-ordered floats (single precision is kept) and `y` as a vector of ints."""
    dtype = np.float32 if X.dtype == np.float32 else np.float64
    return np.ascontiguousarray(X, dtype=dtype), y.ravel().astype(np.int64)
