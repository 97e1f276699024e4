"""Domains between source and target, each a little further: two moons that turn step by step."""

from numbers import Integral

import numpy as np
from sklearn.datasets import make_moons
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skdomain.datasets._problems._draws import ANY, COMMON, NOT_NEGATIVE, SIZE


@validate_params(
    {
        **COMMON,
        "n_bridge": SIZE,
        "n_bridges": [Interval(Integral, 0, None, closed="left")],
        "angle": ANY,
        "noise": NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_gradual_shift(
    n_source: int = 100,
    n_target: int = 100,
    *,
    n_bridges: int = 7,
    n_bridge: int = 100,
    angle: float = 120.0,
    noise: float = 0.1,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate two moons that turn about their common centre, from domain to domain.

    Parameters
    ----------
    n_source, n_target : int, default=100
        Number of rows of source and target.
    n_bridges : int, default=7
        Number of domains between them, at equal angles.
    n_bridge : int, default=100
        Number of rows of each domain between them.
    angle : float, default=120.0
        Angle of the target's rotation in degrees, counterclockwise.
    noise : float, default=0.1
        Standard deviation of the Gaussian noise on each coordinate.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n the number of all rows, from the source over the bridges to the target:

        * X : ndarray of shape (n, 2)
        * y : ndarray of shape (n,), 0 or 1, true labels of all domains
        * sample_domain : ndarray of shape (n,), 1 source, -2, -3, ... the bridges in their order,
          and ``-(n_bridges + 2)`` the target
        * angles : ndarray of shape (n_bridges + 2,), degrees by which each domain is turned

    References
    ----------
    .. [1] A. Kumar, T. Ma, P. Liang. Understanding self-training for gradual domain adaptation.
       ICML 2020.

    Examples
    --------
    >>> from skdomain.datasets import make_gradual_shift
    >>> problem = make_gradual_shift(4, 3, n_bridges=2, n_bridge=1, angle=90, random_state=0)
    >>> problem.sample_domain, problem.angles
    (array([ 1,  1,  1,  1, -2, -3, -4, -4, -4]), array([ 0., 30., 60., 90.]))
    """
    rng = check_random_state(random_state)
    sizes = [n_source, *[n_bridge] * n_bridges, n_target]
    angles = np.linspace(0, angle, len(sizes))
    moons = [make_moons(n, noise=noise, random_state=rng) for n in sizes]
    return Bunch(
        X=np.concatenate([_turned(X, each) for (X, _), each in zip(moons, angles, strict=True)]),
        y=np.concatenate([y for _, y in moons]),
        sample_domain=np.repeat([1, *-np.arange(2, len(sizes) + 1)], sizes),
        angles=angles,
    )


def _turned(X, degrees):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return (X - [0.5, 0.25]) @ np.array([[cos, -sin], [sin, cos]]).T  # about the moons' centre
