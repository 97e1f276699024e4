"""Problems of domain adaptation whose truth is known and returned.

Each holds one assumption of the theory exactly: p(y | x) is shared (covariate shift), the law of
the labels' own subspace is shared, p(x | y) is shared (label shift), or the target is the source
moved by a known map.
"""

from numbers import Integral, Real

import numpy as np
from scipy.stats import ortho_group
from sklearn.datasets import make_moons
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

_SIZE = [Interval(Integral, 1, None, closed="left")]
_ANY = [Interval(Real, None, None, closed="neither")]
_POSITIVE = [Interval(Real, 0, None, closed="neither")]
_NOT_NEGATIVE = [Interval(Real, 0, None, closed="left")]
_COMMON = {"n_source": _SIZE, "n_target": _SIZE, "random_state": ["random_state"]}

# The median of |z| for a standard normal z.
_MEDIAN_ABS_NORMAL = 0.6744897501960817


def _domains(n_source, n_target):
    return np.repeat([1, -2], [n_source, n_target])


@validate_params(
    {
        **_COMMON,
        "n_features": _SIZE,
        "shift": _ANY,
        "scale": _POSITIVE,
        "noise": [Interval(Real, 0, 0.5, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def make_covariate_shift(
    n_source=200,
    n_target=200,
    *,
    n_features=2,
    shift=1.0,
    scale=1.0,
    noise=0.1,
    random_state=None,
):
    """Generate covariate shift: p(x) changes, p(y | x) does not.

    The source is ``N(0, I)``, the target ``N(shift e_1, scale^2 I)``. In both, a row has class 1
    where ``|x_1| > 0.674`` (half the source), and the label is then flipped with probability
    `noise`. No line separates the classes of the source, but the nearer the target lies to one of
    the borders, the better a line does there.

    Parameters
    ----------
    n_source, n_target : int, default=200
        Number of rows of each domain.
    n_features : int, default=2
        Number of features.
    shift : float, default=1.0
        Mean of the target's first feature.
    scale : float, default=1.0
        Standard deviation of the target's features. From sqrt(2) on the density ratio has infinite
        variance under the source.
    noise : float, default=0.1
        Probability that a label is flipped, between 0 and 0.5.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n = n_source + n_target, source rows first:

        * X : ndarray of shape (n, n_features)
        * y : ndarray of shape (n,), 0 or 1, true labels of both domains
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * density_ratio : ndarray of shape (n,), the true ``p_t(x) / p_s(x)``
        * log_density_ratio : ndarray of shape (n,), its natural logarithm, exact where it overflows
        * y_proba : ndarray of shape (n,), the true probability of class 1

    References
    ----------
    .. [1] H. Shimodaira. Improving predictive inference under covariate shift by weighting the
       log-likelihood function. Journal of Statistical Planning and Inference 90, 2000.

    Examples
    --------
    >>> from skdomain.datasets import make_covariate_shift
    >>> problem = make_covariate_shift(5, 3, random_state=0)
    >>> problem.X.shape, problem.sample_domain.tolist()
    ((8, 2), [1, 1, 1, 1, 1, -2, -2, -2])
    """
    rng = check_random_state(random_state)
    X = rng.standard_normal((n_source + n_target, n_features))
    X[n_source:] *= scale
    X[n_source:, 0] += shift
    y_proba = np.where(np.abs(X[:, 0]) > _MEDIAN_ABS_NORMAL, 1.0 - noise, noise)
    log_ratio = _gaussian_log_ratio(X, shift, scale)
    with np.errstate(over="ignore"):
        ratio = np.exp(log_ratio)
    return Bunch(
        X=X,
        y=(rng.random_sample(len(X)) < y_proba).astype(np.int64),
        sample_domain=_domains(n_source, n_target),
        density_ratio=ratio,
        log_density_ratio=log_ratio,
        y_proba=y_proba,
    )


def _gaussian_log_ratio(X, shift, scale):
    """Return log N(x; shift e_1, scale^2 I) - log N(x; 0, I) for each row."""
    Z = X.copy()
    Z[:, 0] -= shift
    Z /= scale
    return 0.5 * (np.square(X).sum(axis=1) - np.square(Z).sum(axis=1)) - X.shape[1] * np.log(scale)


@validate_params(
    {
        **_COMMON,
        "n_features": _SIZE,
        "n_components": _SIZE,
        "shift": _ANY,
        "scale": _POSITIVE,
        "class_sep": _NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_subspace_shift(
    n_source=200,
    n_target=200,
    *,
    n_features=10,
    n_components=2,
    shift=5.0,
    scale=1.0,
    class_sep=4.0,
    random_state=None,
):
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
        sample_domain=_domains(n_source, n_target),
        components=components,
        mean_shift=shift / np.sqrt(n_rest) * rest.sum(axis=0),
    )


@validate_params(
    {
        **_COMMON,
        "n_features": _SIZE,
        "source_priors": ["array-like"],
        "target_priors": ["array-like"],
        "class_sep": _NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_label_shift(
    n_source=200,
    n_target=200,
    *,
    n_features=2,
    source_priors=(0.5, 0.5),
    target_priors=(0.2, 0.8),
    class_sep=4.0,
    random_state=None,
):
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
    class_sep : float, default=2.0
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
        sample_domain=_domains(n_source, n_target),
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


@validate_params(
    {**_COMMON, "angle": _ANY, "noise": _NOT_NEGATIVE},
    prefer_skip_nested_validation=True,
)
def make_rotated_moons(
    n_source=200,
    n_target=200,
    *,
    angle=30.0,
    noise=0.1,
    random_state=None,
):
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
        sample_domain=_domains(n_source, n_target),
        rotation=rotation,
    )
