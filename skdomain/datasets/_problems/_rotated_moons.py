"""A known map: the target is the source rotated."""

import numpy as np
from sklearn.datasets import make_moons
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from skdomain.datasets._problems._draws import ANY, COMMON, NOT_NEGATIVE, source_then_target


@validate_params(
    {**COMMON, "angle": ANY, "noise": NOT_NEGATIVE},
    prefer_skip_nested_validation=True,
)
def make_rotated_moons(
    n_source: int = 200,
    n_target: int = 200,
    *,
    angle: float = 30.0,
    noise: float = 0.1,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate two moons, which in the target are rotated about their common centre.

    Parameters
    ----------
    n_source, n_target : int, default=200
        Number of rows of each domain.
    angle : float, default=30.0
        Angle of the rotation in degrees, counterclockwise.
    noise : float, default=0.1
        Standard deviation of the Gaussian noise on each coordinate.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n = n_source + n_target, source rows first:

        * X : ndarray of shape (n, 2)
        * y : ndarray of shape (n,), 0 or 1, true labels of both domains
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * rotation : ndarray of shape (2, 2); target rows are ``Z @ rotation.T`` where Z has the law
          of the source, so ``X_target @ rotation`` undoes the shift

    References
    ----------
    .. [1] P. Germain, A. Habrard, F. Laviolette, E. Morvant. A PAC-Bayesian approach for domain
       adaptation with specialization to linear classifiers. ICML 2013.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_moons
    >>> problem = make_rotated_moons(5, 3, angle=90, random_state=0)
    >>> problem.X.shape, problem.rotation.round().tolist()
    ((8, 2), [[0.0, -1.0], [1.0, 0.0]])
    """
    rng = check_random_state(random_state)
    moons = [make_moons(n, noise=noise, random_state=rng) for n in (n_source, n_target)]
    X = np.concatenate([X for X, _ in moons]) - [0.5, 0.25]  # the centre of the two moons
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    rotation = np.array([[cos, -sin], [sin, cos]])
    X[n_source:] = X[n_source:] @ rotation.T
    return Bunch(
        X=X,
        y=np.concatenate([y for _, y in moons]),
        sample_domain=source_then_target(n_source, n_target),
        rotation=rotation,
    )
