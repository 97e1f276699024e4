"""Label shift: p(x | y) is shared by the domains."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from skdomain.datasets._problems._draws import COMMON, NOT_NEGATIVE, SIZE, source_then_target


@validate_params(
    {
        **COMMON,
        "n_features": SIZE,
        "source_priors": ["array-like"],
        "target_priors": ["array-like"],
        "class_sep": NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_label_shift(
    n_source: int = 200,
    n_target: int = 200,
    *,
    n_features: int = 2,
    source_priors: ArrayLike | tuple[Any, ...] = (0.5, 0.5),
    target_priors: ArrayLike | tuple[Any, ...] = (0.2, 0.8),
    class_sep: float = 4.0,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate label shift: p(y) changes, p(x | y) does not.

    A label is drawn from the priors of its domain; a row of class c is
    ``N(c class_sep e_1, I)`` in both.

    Parameters
    ----------
    n_source, n_target : int, default=200
        Number of rows of each domain.
    n_features : int, default=2
        Number of features.
    source_priors : array-like of shape (n_classes,), default=(0.5, 0.5)
        Probabilities of the classes in the source: positive, with sum 1.
    target_priors : array-like of shape (n_classes,), default=(0.2, 0.8)
        Probabilities of the classes in the target: not negative, with sum 1.
    class_sep : float, default=4.0
        Distance of the means of neighbouring classes.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n = n_source + n_target, source rows first:

        * X : ndarray of shape (n, n_features)
        * y : ndarray of shape (n,), 0 to n_classes - 1, true labels of both domains
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * class_priors : ndarray of shape (2, n_classes), source and target
        * class_weights : ndarray of shape (n_classes,), the true ``p_t(y) / p_s(y)``
        * class_means : ndarray of shape (n_classes, n_features)

    Raises
    ------
    ValueError
        The priors are not probabilities, differ in length, or one of the source is 0.

    References
    ----------
    .. [1] M. Saerens, P. Latinne, C. Decaestecker. Adjusting the outputs of a classifier to new
       a priori probabilities: a simple procedure. Neural Computation 14, 2002.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> problem = make_label_shift(source_priors=[0.5, 0.5], target_priors=[0.25, 0.75])
    >>> problem.class_weights.tolist()
    [0.5, 1.5]
    """
    priors = _check_priors(source_priors, target_priors)
    rng = check_random_state(random_state)
    n_classes = priors.shape[1]
    y = np.concatenate(
        [
            rng.choice(n_classes, size=n, p=p)
            for n, p in zip((n_source, n_target), priors, strict=True)
        ]
    )
    means = np.zeros((n_classes, n_features))
    means[:, 0] = class_sep * np.arange(n_classes)
    return Bunch(
        X=means[y] + rng.standard_normal((len(y), n_features)),
        y=y,
        sample_domain=source_then_target(n_source, n_target),
        class_priors=priors,
        class_weights=priors[1] / priors[0],
        class_means=means,
    )


def _check_priors(source, target):
    source, target = np.asarray(source, dtype=float), np.asarray(target, dtype=float)
    if source.ndim != 1 or source.shape != target.shape:
        raise ValueError(
            "source_priors and target_priors must be two vectors of one length (the number of "
            f"classes); got shapes {source.shape} and {target.shape}."
        )
    for name, prior in (("source_priors", source), ("target_priors", target)):
        if not (np.all(prior >= 0) and np.isclose(prior.sum(), 1)):
            raise ValueError(f"{name} must be probabilities with sum 1; got {prior.tolist()}.")
    if not np.all(source):
        raise ValueError(
            f"source_priors must be positive, or p_t(y) / p_s(y) is infinite; got "
            f"{source.tolist()}."
        )
    return np.stack([source / source.sum(), target / target.sum()])
