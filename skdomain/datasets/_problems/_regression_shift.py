"""Regression on shifted domains: other rows, other units, or another rule."""

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import StrOptions, validate_params

from skdomain.datasets._problems._draws import ANY, COMMON, NOT_NEGATIVE, SIZE, source_then_target


@validate_params(
    {
        **COMMON,
        "kind": [StrOptions({"covariate", "affine", "concept"})],
        "n_features": SIZE,
        "shift": ANY,
        "noise": NOT_NEGATIVE,
    },
    prefer_skip_nested_validation=True,
)
def make_regression_shift(
    n_source: int = 200,
    n_target: int = 200,
    *,
    kind: str = "covariate",
    n_features: int = 2,
    shift: float = 1.0,
    noise: float = 0.1,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Generate a regression problem of which one thing is another in the target.

    Rows z are drawn from ``N(0, I)`` and, with ``f(z) = z_1 + z_1^2 / 2`` and noise e from
    ``N(0, noise^2)``, the source has ``x = z`` and ``y = f(x) + e``. In the target, by `kind`:

    * "covariate": ``x = z + shift e_1`` and ``y = f(x) + e``. p(x) changes, p(y | x) does not; a
      line that fits the source does not fit the target.
    * "affine": ``x = A z + shift 1`` and ``y = f(z) + e``. The same rows are measured in
      another way; with the map undone the source's rule holds. A is symmetric and positive
      definite, with eigenvalues from ``exp(-|shift|)`` to ``exp(|shift|)`` along random axes.
    * "concept": ``x = z`` and ``y = f(x) + shift x_1 + e``. p(x) does not change, the rule does.

    Parameters
    ----------
    n_source, n_target : int, default=200
        Number of rows of each domain.
    kind : {"covariate", "affine", "concept"}, default="covariate"
        What changes.
    n_features : int, default=2
        Number of features; y depends on the first.
    shift : float, default=1.0
        By how much; 0 changes nothing.
    noise : float, default=0.1
        Standard deviation of the noise of y.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the result reproducible.

    Returns
    -------
    problem : :class:`~sklearn.utils.Bunch`
        With n = n_source + n_target, source rows first:

        * X : ndarray of shape (n, n_features)
        * y : ndarray of shape (n,), true values of both domains
        * sample_domain : ndarray of shape (n,), 1 source and -2 target
        * y_mean : ndarray of shape (n,), y without the noise, the best prediction
        * linear, offset : ndarrays of shape (n_features, n_features) and (n_features,), the true
          map ``x = linear z + offset`` of the target rows
        * density_ratio : ndarray of shape (n,), the true ``p_t(x) / p_s(x)``
        * log_density_ratio : ndarray of shape (n,), its natural logarithm, exact where it overflows

    Examples
    --------
    >>> from skdomain.datasets import make_regression_shift
    >>> problem = make_regression_shift(5, 3, kind="concept", random_state=0)
    >>> problem.X.shape, problem.sample_domain.tolist(), problem.density_ratio.tolist()
    ((8, 2), [1, 1, 1, 1, 1, -2, -2, -2], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    """
    rng = check_random_state(random_state)
    Z = rng.standard_normal((n_source + n_target, n_features))
    errors = noise * rng.standard_normal(len(Z))
    linear, offset = _map(kind, shift, n_features, rng)
    X = Z.copy()
    X[n_source:] = Z[n_source:] @ linear + offset
    domains = source_then_target(n_source, n_target)
    y_mean = _rule(Z if kind == "affine" else X)
    if kind == "concept":
        y_mean += shift * X[:, 0] * (domains < 0)
    log_ratio = _log_ratio(X, linear, offset)
    with np.errstate(over="ignore"):
        ratio = np.exp(log_ratio)
    return Bunch(
        X=X,
        y=y_mean + errors,
        sample_domain=domains,
        y_mean=y_mean,
        linear=linear,
        offset=offset,
        density_ratio=ratio,
        log_density_ratio=log_ratio,
    )


def _rule(Z):
    return Z[:, 0] + np.square(Z[:, 0]) / 2


def _map(kind, shift, n_features, rng):
    """Return the symmetric matrix and the offset that make a target row of z."""
    linear, offset = np.eye(n_features), np.zeros(n_features)
    if kind == "covariate":
        offset[0] = shift
    elif kind == "affine":
        axes = np.linalg.qr(rng.standard_normal((n_features, n_features)))[0]
        linear = (axes * np.exp(shift * rng.uniform(-1, 1, n_features))) @ axes.T
        linear = (linear + linear.T) / 2
        offset += shift
    return linear, offset


def _log_ratio(X, linear, offset):
    """Return log N(x; offset, linear^2) - log N(x; 0, I) for each row."""
    Z = np.linalg.solve(linear, (X - offset).T).T
    gain = np.square(X).sum(axis=1) - np.square(Z).sum(axis=1)
    return gain / 2 - np.linalg.slogdet(linear)[1]
