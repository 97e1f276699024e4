"""Classes known by attributes, of which some have rows in the target alone."""

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from skdomain.datasets._problems._draws import ANY, NOT_NEGATIVE, SIZE


@validate_params(
    {
        "n_per_class": SIZE,
        "n_seen": SIZE,
        "n_unseen": SIZE,
        "n_attributes": SIZE,
        "n_features": SIZE,
        "noise": NOT_NEGATIVE,
        "shift": ANY,
        "binary": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_attribute_classes(
    n_per_class: int = 30,
    *,
    n_seen: int = 15,
    n_unseen: int = 5,
    n_attributes: int = 12,
    n_features: int = 30,
    noise: float = 3.0,
    shift: float = 0.0,
    binary: bool = True,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate classes with attributes: rows are linear in them, and unseen classes have no source.

    A row of a class with attributes s is ``B's`` and noise, B of independent standard normal
    entries; in the target it is moved by a vector of length `shift` in a random direction. The
    source holds rows of the seen classes, the target rows of all of them.

    Parameters
    ----------
    n_per_class : int, default=30
        Number of rows of each class in each domain that has it.
    n_seen : int, default=15
        Number of classes of both domains.
    n_unseen : int, default=5
        Number of classes of the target alone.
    n_attributes : int, default=12
        Number of attributes.
    n_features : int, default=30
        Number of features.
    noise : float, default=3.0
        Standard deviation of the independent normal noise of each feature.
    shift : float, default=0.0
        Distance by which target rows are moved.
    binary : bool, default=True
        Whether attributes are -1 and 1, equally likely, or standard normal.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        Source rows first:

        * X : ndarray of shape (n, n_features), n = n_per_class * (2 * n_seen + n_unseen)
        * y : ndarray of shape (n,), true classes of both domains, the seen ones first in number
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * attributes : ndarray of shape (n_seen + n_unseen, n_attributes), class c in row c
        * unseen_classes : ndarray of shape (n_unseen,)
        * loadings : ndarray of shape (n_attributes, n_features), B
        * mean_shift : ndarray of shape (n_features,), what target rows are moved by

    Examples
    --------
    >>> from skdomain.datasets import make_attribute_classes
    >>> problem = make_attribute_classes(2, n_seen=3, n_unseen=1, random_state=0)
    >>> problem.X.shape, problem.attributes.shape, problem.unseen_classes.tolist()
    ((14, 30), (4, 12), [3])
    """
    rng = check_random_state(random_state)
    n_classes = n_seen + n_unseen
    attributes = rng.standard_normal((n_classes, n_attributes))
    attributes = np.where(attributes < 0, -1.0, 1.0) if binary else attributes
    loadings = rng.standard_normal((n_attributes, n_features))
    y = np.repeat(np.r_[:n_seen, :n_classes], n_per_class)
    domains = np.repeat([1, -2], [n_per_class * n_seen, n_per_class * n_classes])
    direction = rng.standard_normal(n_features)
    mean_shift = shift * direction / np.linalg.norm(direction)
    X = attributes[y] @ loadings + noise * rng.standard_normal((len(y), n_features))
    X[domains < 0] += mean_shift
    return Bunch(
        X=X,
        y=y,
        sample_domain=domains,
        attributes=attributes,
        unseen_classes=np.arange(n_seen, n_classes),
        loadings=loadings,
        mean_shift=mean_shift,
    )
