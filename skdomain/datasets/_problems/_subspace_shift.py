"""Subspace shift: the law of the labels' own subspace is shared by the domains."""

import numpy as np
from scipy.stats import ortho_group
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from skdomain.datasets._problems._draws import (
    ANY,
    COMMON,
    NOT_NEGATIVE,
    POSITIVE,
    SIZE,
    source_then_target,
)


@validate_params(
    {
        **COMMON,
        "n_features": SIZE,
        "n_components": SIZE,
        "shift": ANY,
        "scale": POSITIVE,
        "class_sep": NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_subspace_shift(
    n_source: int = 200,
    n_target: int = 200,
    *,
    n_features: int = 10,
    n_components: int = 2,
    shift: float = 5.0,
    scale: float = 1.0,
    class_sep: float = 4.0,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate domains that agree on a subspace, which holds all there is to know of the labels.

    With a random orthogonal basis, the first `n_components` coordinates of a row are
    ``N(+-class_sep/2 u, I)`` for the two equally likely classes, u being the unit vector with equal
    entries, in both domains. The other coordinates do not depend on the class: ``N(0, I)`` in the
    source, ``N(shift v, scale^2 I)`` in the target, v again with equal entries.

    Parameters
    ----------
    n_source, n_target : int, default=200
        Number of rows of each domain.
    n_features : int, default=10
        Number of features.
    n_components : int, default=2
        Dimension of the common subspace, less than `n_features`.
    shift : float, default=5.0
        Distance of the two domains' means.
    scale : float, default=1.0
        Standard deviation of the target outside the subspace; that of the source is 1.
    class_sep : float, default=4.0
        Distance of the two classes' means.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n = n_source + n_target, source rows first:

        * X : ndarray of shape (n, n_features)
        * y : ndarray of shape (n,), 0 or 1, true labels of both domains
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * components : ndarray of shape (n_components, n_features), orthonormal rows that span the
          common subspace; ``X @ components.T`` has one law in both domains
        * mean_shift : ndarray of shape (n_features,), mean of the target minus mean of the source

    Raises
    ------
    ValueError
        `n_components` is not less than `n_features`.

    References
    ----------
    .. [1] S. J. Pan, I. W. Tsang, J. T. Kwok, Q. Yang. Domain adaptation via transfer component
       analysis. IEEE Transactions on Neural Networks 22, 2011 (the assumption).

    Examples
    --------
    >>> from skdomain.datasets import make_subspace_shift
    >>> problem = make_subspace_shift(5, 3, random_state=0)
    >>> problem.X.shape, problem.components.shape
    ((8, 10), (2, 10))
    """
    n_rest = n_features - n_components
    if n_rest < 1:
        raise ValueError(
            f"n_components={n_components} must be less than n_features={n_features}: the shift "
            "lies outside the common subspace."
        )
    rng = check_random_state(random_state)
    components, rest = np.split(ortho_group.rvs(n_features, random_state=rng), [n_components])
    n = n_source + n_target
    y = rng.randint(2, size=n)
    inside = rng.standard_normal((n, n_components))
    inside += class_sep * (y - 0.5)[:, None] / np.sqrt(n_components)
    outside = rng.standard_normal((n, n_rest))
    outside[n_source:] = outside[n_source:] * scale + shift / np.sqrt(n_rest)
    return Bunch(
        X=inside @ components + outside @ rest,
        y=y,
        sample_domain=source_then_target(n_source, n_target),
        components=components,
        mean_shift=shift / np.sqrt(n_rest) * rest.sum(axis=0),
    )
