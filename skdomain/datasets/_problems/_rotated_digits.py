"""Handwritten digits photographed askew: real images, no download."""

from numbers import Real

import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skdomain.datasets._problems._draws import source_then_target


@validate_params(
    {
        "angle": [Interval(Real, -180, 180, closed="both")],
        "blur": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_rotated_digits(
    angle: float = 20.0,
    *,
    blur: float = 0.5,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Split scikit-learn's digits at random and rotate and blur one half, the target.

    Parameters
    ----------
    angle : float, default=20.0
        Rotation of the target images about their centre, in degrees.
    blur : float, default=0.5
        Standard deviation of the Gaussian blur of the target images, in pixels.
    random_state : int, RandomState instance or None, default=None
        Seed of the split.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        ``X`` of shape (1797, 64), grey values of 8 x 8 pixels; ``y``, the digits of both
        domains; ``sample_domain``, 1 for the 898 source rows, which come first, and -2 for the
        target rows.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_digits
    >>> problem = make_rotated_digits(random_state=0)
    >>> problem.X.shape
    (1797, 64)
    """
    X, y = load_digits(return_X_y=True)
    order = check_random_state(random_state).permutation(len(X))
    X, y, n_source = X[order], y[order], len(X) // 2
    images = X[n_source:].reshape(-1, 8, 8)
    images = ndimage.rotate(images, angle, axes=(1, 2), reshape=False, order=1)
    X[n_source:] = ndimage.gaussian_filter(images, blur, axes=(1, 2)).reshape(-1, 64)
    return Bunch(X=X, y=y, sample_domain=source_then_target(n_source, len(X) - n_source))
