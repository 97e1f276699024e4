"""Two pairs of image collections, as released with the JDA paper: one file holds both domains."""

import os
from typing import Any

from sklearn.utils._param_validation import validate_params

from skdomain.datasets._bunch import bunch_domains
from skdomain.datasets._real._fetch import fetch_file
from skdomain.datasets._real._files import FILES
from skdomain.datasets._real._matfile import features_and_labels, read_mat

_DIGITS_DESCR = """USPS and MNIST: handwritten digits in two collections

1800 images of USPS and 2000 of MNIST, 16 x 16 grey values in [0, 1]; X[i].reshape(16, 16) is
upright. Sampled by Long et al. (2013). The files state no licence and are not part of skdomain.
"""

_COIL_DESCR = """COIL20: 20 objects seen from two ranges of directions

Each object stands on a turntable, 72 images at steps of 5 degrees. COIL1 holds the directions
[0, 85] and [180, 265], COIL2 [90, 175] and [270, 355]: 720 images each, 32 x 32 grey values in
[0, 1]; X[i].reshape(32, 32).T is upright. Prepared by Long et al. (2013). The files state no
licence and are not part of skdomain.
"""

_CONSTRAINTS = {
    "data_home": [str, os.PathLike, None],
    "download_if_missing": ["boolean"],
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def load_mnist_usps(*, data_home: Any = None, download_if_missing: bool = True) -> Any:
    """Load USPS and MNIST: digits of two collections, 256 pixels.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder of the data, see :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error instead of being downloaded.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (3800, 256), float64 grey values in [0, 1]; `y` of ints 1 to 10, where label k
        is the digit k - 1 (``target_names[y - 1]``); the domains ``("USPS", "MNIST")``.

    Raises
    ------
    OSError
        The file is missing and could not be downloaded.
    ValueError
        The file in place is not the one that is meant.

    References
    ----------
    .. [1] M. Long, J. Wang, G. Ding, J. Sun, P. S. Yu. Transfer feature learning with joint
       distribution adaptation. ICCV 2013.

    Examples
    --------
    >>> from skdomain.datasets import load_mnist_usps
    >>> [task.name for task in load_mnist_usps().tasks()]  # doctest: +SKIP
    ['USPS->MNIST', 'MNIST->USPS']
    """
    path = fetch_file(
        FILES["digits_long/USPS_vs_MNIST.mat"], data_home, download_if_missing=download_if_missing
    )
    return _load_pair(
        path, ("USPS", "MNIST"), target_names=tuple("0123456789"), DESCR=_DIGITS_DESCR
    )


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def load_coil20(*, data_home: Any = None, download_if_missing: bool = True) -> Any:
    """Load COIL20: 20 objects, 1024 pixels, seen from two ranges of directions.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder of the data, see :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error instead of being downloaded.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (1440, 1024), float64 grey values in [0, 1]; `y` of ints 1 to 20, the number of
        the object; the domains ``("COIL1", "COIL2")``.

    Raises
    ------
    OSError
        The file is missing and could not be downloaded.
    ValueError
        The file in place is not the one that is meant.

    References
    ----------
    .. [1] S. A. Nene, S. K. Nayar, H. Murase. Columbia object image library (COIL-20). Technical
       report CUCS-005-96, Columbia University, 1996.
    .. [2] M. Long, J. Wang, G. Ding, J. Sun, P. S. Yu. Transfer feature learning with joint
       distribution adaptation. ICCV 2013.

    Examples
    --------
    >>> from skdomain.datasets import load_coil20
    >>> load_coil20().X.shape  # doctest: +SKIP
    (1440, 1024)
    """
    path = fetch_file(
        FILES["coil20_long/COIL_1.mat"], data_home, download_if_missing=download_if_missing
    )
    return _load_pair(path, ("COIL1", "COIL2"), DESCR=_COIL_DESCR)


def _load_pair(path, names, **fields):
    Xs, ys, Xt, yt = read_mat(path, ["X_src", "Y_src", "X_tar", "Y_tar"])
    pairs = features_and_labels(Xs.T, ys), features_and_labels(Xt.T, yt)  # samples are columns
    return bunch_domains(dict(zip(names, pairs, strict=True)), filenames=(str(path),), **fields)
