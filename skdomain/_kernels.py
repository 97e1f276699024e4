"""Kernels: the one place that knows their names, their parameters and their widths.

A word gives the same matrix wherever it is taken. A kernel is a name of scikit-learn's or a
function of two rows. Of its parameters, ``gamma`` may be

=========  ==========================================================================
a number   itself
None       1 / n_features, for "chi2" 1, as in scikit-learn
"median"   1 over the median squared distance of two distinct rows of either domain
"scale"    1 / (n_features times the variance of all entries), as in SVC
=========  ==========================================================================

and ``degree``, ``coef0`` and what ``kernel_params`` holds are what scikit-learn's functions take.
"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.spatial.distance import pdist
from sklearn import get_config
from sklearn.metrics.pairwise import (
    KERNEL_PARAMS,
    PAIRWISE_KERNEL_FUNCTIONS,
    euclidean_distances,
    pairwise_kernels,
)
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)

from skdomain._rows import (
    distinct_places,
    median_of,
    median_square,
    pair_values,
    shared,
    stacked,
)

_MEDIAN_ROWS = 2000
_DEFAULTS = {"gamma": None, "degree": 3, "coef0": 1}
_WRITES = {"chi2", "additive_chi2"}  # compiled for rows that may be written to
_FAR = (
    1e3  # squared norms over squared distances, from where on inner products lose digits of these
)


def gamma_constraint(*words):
    """Constraint of a ``gamma``, which may be any of these words besides what it may be always."""
    named = StrOptions({"median", "scale", *words})
    return [Interval(Real, 0, None, closed="neither"), named, None]


_CONSTRAINTS = {
    "gamma": gamma_constraint(),
    "degree": [Interval(Real, 0, None, closed="left")],
    "coef0": [Interval(Real, None, None, closed="neither")],
    "kernel_params": [dict, None],
}


def kernel_constraints(*parameters, names=()):
    """Constraints of ``kernel``, whose further names are these, and of parameters of it."""
    kernel = [StrOptions(set(PAIRWISE_KERNEL_FUNCTIONS) | set(names)), callable]
    return {"kernel": kernel} | {name: _CONSTRAINTS[name] for name in parameters}


class Kernel(NamedTuple):
    """A function of two blocks of rows, all of whose parameters are known.

    ``origin`` is what to subtract from rows before their distances are taken, if anything.
    """

    function: object
    params: dict
    origin: np.ndarray | None = None

    @property
    def gamma(self):
        """The coefficient as a number, None where the kernel has none of ours."""
        return None if callable(self.function) else self.params.get("gamma")

    def __call__(self, X, Y=None):
        """Matrix of X and Y (None: X), freshly allocated, in float64; it must be finite."""
        K = self.unchecked(X, Y)
        self.check(K)
        return K

    def of_cosines(self, cosines):
        """The matrix of rows of length 1 from their cosines, which it may write over.

        None where the kernel is no function of these alone.
        """
        if self.function in ("linear", "cosine"):
            return cosines
        if self.function != "rbf" or self.origin is not None:
            return None
        for rows in gen_batches(len(cosines), 32):  # so few that caches hold them
            values = cosines[rows]
            np.subtract(values, 1.0, out=values)
            np.multiply(values, 2 * self.gamma, out=values)  # -gamma |x - y|^2
            np.exp(values, out=values)
        np.fill_diagonal(cosines, 1.0)
        return cosines

    def unchecked(self, X, Y=None):
        """The same for whoever sums it and then checks the sums."""
        Y = None if Y is None or Y is X else self._rows(Y)
        with np.errstate(over="ignore", invalid="ignore"):
            return pairwise_kernels(self._rows(X), Y, metric=self.function, **self.params)

    def check(self, values):
        """Refuse values of the kernel, or sums of them, that are not finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            finite = np.isfinite(values.sum()) or np.isfinite(values).all()
        if not finite:
            raise ValueError(
                f"the kernel must be finite, but {self._described()} has values on these rows "
                "that are not; scale the features, or check the kernel's parameters."
            )

    def row_sums(self, X, Y):
        """``self(X, Y).sum(axis=1)``, a block of columns at a time."""
        sums = np.zeros(X.shape[0])
        for rows in row_batches(Y.shape[0], X.shape[0]):
            sums += self.unchecked(X, Y[rows]).sum(axis=1)
        self.check(sums)
        return sums

    def _rows(self, X):
        X = X.astype(np.float64, copy=False)
        if self.origin is not None:
            return (X.toarray() if sparse.issparse(X) else X) - self.origin
        named = isinstance(self.function, str)
        writes = named and self.function in _WRITES and not sparse.issparse(X)
        return np.require(X, requirements="W") if writes else X

    def _described(self):
        if callable(self.function):
            return "the function given"
        return ", ".join([repr(self.function), *(f"{k}={v:.3g}" for k, v in self.params.items())])


def row_batches(n_rows, n_columns):
    """Slices of rows whose kernel with n_columns others fits scikit-learn's working memory."""
    # Its functions hold up to three arrays of the block's size.
    rows = int(get_config()["working_memory"] * 2**20 // (24 * n_columns))
    return gen_batches(n_rows, max(1, min(n_rows, rows, 4096)))


def fit_kernel(kernel, *domains, gamma=None, degree=3, coef0=1, kernel_params=None, cosines=None):
    """The kernel that these parameters mean for the rows of all domains together.

    Parameters
    ----------
    kernel : str or callable
        Name of a kernel, or a function of two rows; that takes `kernel_params` alone.
    *domains : ndarray of shape (n_samples, n_features)
        Rows that the words for gamma refer to.
    gamma, degree, coef0
        As the module says; they hold for named kernels that have them.
    kernel_params : dict or None
        Further parameters, or the same ones where they are not given as arguments.
    cosines : ndarray of shape (n_samples, n_samples) or None
        Inner products of all rows, where these are known to have length 1: may save time.

    Returns
    -------
    Kernel

    Raises
    ------
    ValueError
        If kernel_params holds what the kernel does not take, or a parameter that is given twice,
        or a word for gamma means no finite number.
    """
    params = dict(kernel_params or {})
    if callable(kernel):
        return Kernel(kernel, params)
    arguments = {"gamma": gamma, "degree": degree, "coef0": coef0}
    _check_params(kernel, params, arguments)
    params = {name: params.get(name, arguments[name]) for name in KERNEL_PARAMS.get(kernel, ())}
    if "gamma" in params:
        params["gamma"] = gamma_of(params["gamma"], *domains, kernel=kernel, cosines=cosines)
    return Kernel(kernel, params, _origin(params["gamma"], domains) if kernel == "rbf" else None)


def _check_params(kernel, params, arguments):
    takes = sorted(KERNEL_PARAMS.get(kernel, ()))
    for name, value in params.items():
        if name not in takes:
            raise ValueError(
                f"kernel={kernel!r} takes {', '.join(takes) or 'no parameters'}, got {name!r} "
                f"in kernel_params={params}; take it out, or choose another kernel."
            )
        if arguments[name] != _DEFAULTS[name]:
            raise ValueError(
                f"{name} is given twice, as {name}={arguments[name]!r} and in "
                f"kernel_params={params}; leave one of them out."
            )
        validate_parameter_constraints(_CONSTRAINTS, {name: value}, "kernel_params")


def gamma_of(gamma, *domains, kernel="rbf", cosines=None):
    """The number that this gamma means for the rows of all domains together."""
    if gamma is None:
        return 1.0 if kernel == "chi2" else 1 / domains[0].shape[1]
    if gamma == "median":
        return median_gamma(*domains, cosines=cosines)
    return scale_gamma(*domains) if gamma == "scale" else float(gamma)


def median_gamma(*domains, cosines=None):
    """1 over the median squared distance of two distinct rows; 1 if there is only one.

    Distinct, so that rows that come twice do not count twice. Of all pairs of rows, or of 2000 of
    them, evenly spaced in the order of their values: no order of the rows matters. ``cosines`` of
    all rows save finding their distances, where all have length 1.
    """
    if cosines is None:
        return shared(_median_gamma, *domains)
    return _median_gamma(*domains, cosines=cosines)


def _median_gamma(*domains, cosines=None):
    rows = stacked(domains).astype(np.float64, copy=False)
    places = distinct_places(rows)[0]
    n = len(places)
    if n > _MEDIAN_ROWS:
        places = places[np.linspace(0, n - 1, _MEDIAN_ROWS).astype(int)]
    return _finite("median", _median_squared_distance(rows, places, cosines)) if n > 1 else 1.0


def _median_squared_distance(rows, places, cosines):
    if cosines is not None:
        return 2 - 2 * median_of(pair_values(cosines, np.sort(places)))
    rows = rows[places]
    with np.errstate(over="ignore", invalid="ignore"):
        median = None if sparse.issparse(rows) else median_square(rows)
        return _median_of_products(rows) if median is None else median


def _median_of_products(rows):
    distances = euclidean_distances(rows, squared=True)
    median = median_of(pair_values(distances, np.arange(len(distances))))
    if not sparse.issparse(rows) and not _typical_square(rows) <= _FAR * median:
        median = np.median(pdist(rows, "sqeuclidean"))
    return median


def scale_gamma(*domains):
    """1 / (n_features times the variance of all entries), 1 if they are all equal."""
    X = stacked(domains).astype(np.float64, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        variance = _sparse_variance(X) if sparse.issparse(X) else X.var()
    return 1.0 if variance == 0 else _finite("scale", X.shape[1] * variance)


def _sparse_variance(X):
    """Variance of all entries, the zeros too."""
    n_entries = X.shape[0] * X.shape[1]
    mean = X.data.sum() / n_entries
    zeros = n_entries - X.data.size
    return (np.square(X.data - mean).sum() + zeros * mean**2) / n_entries


def _finite(word, square):
    with np.errstate(divide="ignore", over="ignore"):
        gamma = float(1 / np.float64(square))
    if not 0 < gamma < np.inf:
        raise ValueError(
            f"gamma={word!r} is 1 over {square:.3g}, as squares of the features leave the range of "
            "floating point numbers; scale the features, or pass a number for gamma."
        )
    return gamma


def _origin(gamma, domains):
    """Median of each feature if rows are so far from 0 that their distances would lose digits."""
    if any(sparse.issparse(X) for X in domains):
        return None  # what is mostly 0 is not far from it
    rows = np.concatenate(domains).astype(np.float64, copy=False)
    return None if gamma * _typical_square(rows) <= _FAR else np.median(rows, axis=0)


def _typical_square(rows):
    with np.errstate(over="ignore"):
        return np.median(np.einsum("ij,ij->i", rows, rows))
