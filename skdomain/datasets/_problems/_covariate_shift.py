"""Covariate shift: p(y | x) is shared by the domains."""

from numbers import Real

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skdomain.datasets._problems._draws import ANY, COMMON, POSITIVE, SIZE, source_then_target

# The median of |z| for a standard normal z.
_MEDIAN_ABS_NORMAL = 0.6744897501960817


@validate_params(
    {
        **COMMON,
        "n_features": SIZE,
        "shift": ANY,
        "scale": POSITIVE,
        "noise": [Interval(Real, 0, 0.5, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def make_covariate_shift(
    n_source: int = 200,
    n_target: int = 200,
    *,
    n_features: int = 2,
    shift: float = 1.0,
    scale: float = 1.0,
    noise: float = 0.1,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
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
        sample_domain=source_then_target(n_source, n_target),
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
