"""Sliced transport: numbers are transported by sorting, along one direction after another.

F. Pitié, A. Kokaram and R. Dahyot (2005), "N-dimensional probability density function transfer and
its application to color transfer", ICCV, 1434-1439; J. Rabin, G. Peyré, J. Delon and M. Bernot
(2011), "Wasserstein barycenter and its application to texture mixing", SSVM, 435-446.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.transport._leading_axes import AXES_CONSTRAINTS, leading_axes
from skdomain.transport._plans import PLAN_DTYPES


def quantile_map(xs, xt, n_quantiles):
    """Quantiles of two samples of numbers, between which a map of the one onto the other is linear.

    Parameters
    ----------
    xs : ndarray of shape (n_source, n_directions)
        Numbers of the source.
    xt : ndarray of shape (n_target, n_directions)
        Numbers of the target.
    n_quantiles : int
        Number of quantiles, at least 2.

    Returns
    -------
    tuple of two ndarrays of shape (n_quantiles, n_directions)
    """
    levels = np.linspace(0, 1, n_quantiles)
    return tuple(np.quantile(x, levels, axis=0) for x in (xs, xt))


def moved_along(X, directions, knots):
    """Rows moved along orthonormal directions by the map of each, and how far along each."""
    Z = X @ directions
    moves = np.empty_like(Z)
    for k in range(Z.shape[1]):
        start, end = knots[0][:, k], knots[1][:, k]
        moves[:, k] = _between(Z[:, k], start, end - start)
    return X + moves @ directions.T, moves


def _between(z, start, shifts):
    """Shifts at numbers, linear between quantiles and constant outside; of equal ones the mean."""
    knots, places = np.unique(start, return_inverse=True)
    means = np.bincount(places, weights=shifts) / np.bincount(places)
    return np.interp(z, knots, means)


def chance_distance(Zs, Zt):
    """Distance of two samples of one law along a direction: the unit of ``tol``.

    The root of the mean variance of a direction times ``1 / n_source + 1 / n_target``. Its square
    is that of the means; of the quantiles, samples of one normal law are about three times it.
    """
    variance = (Zs.var(axis=0).mean() + Zt.var(axis=0).mean()) / 2
    return np.sqrt(variance * (1 / len(Zs) + 1 / len(Zt)))


class SlicedTransport(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """Move source rows onto the target by sorting along random directions, for many rows.

    In each round, rows are projected on random orthonormal directions that span the leading axes of
    all rows, and moved along each so that the numbers have the distribution of the target's::

        x -> x + sum_k theta_k (Q_k(theta_k'x) - theta_k'x)

    with ``Q_k`` the increasing map between quantiles. Rounds end where no more of a distance is
    left than chance makes. Target rows stay as they are. Labels are not used.

    Parameters
    ----------
    max_iter : int, default=30
        Number of rounds at most.
    n_components : int or None, default=30
        Leading axes of all rows, centred, in whose span rows move. Across them they keep their
        places. None, or as many as there are features: the whole space, as in the paper.
    n_quantiles : int, default=1000
        Quantiles that a map is kept by, at least 2; no more than there are rows in a domain.
    tol : float, default=3.0
        Rounds end where the squared distance left is at most this many times
        ``v (1 / n_source + 1 / n_target)``, v the mean variance of a direction: two samples of one
        normal law have about three of them. 0: all rounds are made, as in the paper.
    random_state : int, RandomState instance or None, default=None
        Draws the directions.

    Attributes
    ----------
    axes_ : ndarray of shape (n_features, k) or None
        The leading axes, in columns; None for the whole space.
    directions_ : ndarray of shape (n_rounds, k, k)
        Orthonormal directions of each round in which rows moved, in columns, in these axes.
    quantiles_ : list of tuples of two ndarrays of shape (n_quantiles, k)
        Quantiles of source and target along them.
    history_ : dict of ndarray of shape (`n_iter_`,)
        ``distance``, the root mean square of how far rows would move along a direction in each
        round: the sliced Wasserstein distance, up to the quantiles, that was left before it. In the
        last round they did not move if ``tol`` ended it, so that it is one more than n_rounds.
    n_iter_ : int
        Number of rounds looked at.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    OptimalTransport : A plan between rows, for a few thousand of them.

    Notes
    -----
    Where rounds end, rows have nearly the distribution of the target in the span of the axes, but
    the map is not the one of least movement. The last ``distance`` of ``history_`` says how far
    from it they are, along directions that none of the maps was made for.

    A map of a thousand directions fits what chance made of a few hundred rows, and each round does
    so again: the axes and ``tol`` are there to end that, and are no part of the papers.

    A round takes O(n k^2 + k n log n) time for n rows on k axes, and O(k n_quantiles) of it are
    kept. The axes of d > k features take O(n d min(n, d)) once. Memory is O(n d).

    References
    ----------
    F. Pitié, A. Kokaram and R. Dahyot (2005), "N-dimensional probability density function transfer
    and its application to color transfer", ICCV, 1434-1439.

    J. Rabin, G. Peyré, J. Delon and M. Bernot (2011), "Wasserstein barycenter and its application
    to texture mixing", SSVM, 435-446.

    Examples
    --------
    >>> from skdomain.transport import SlicedTransport
    >>> X = [[0.0], [1.0], [5.0], [7.0]]
    >>> SlicedTransport(random_state=0).fit_transform(X, sample_domain=[1, 1, -2, -2]).ravel()
    array([5., 7., 5., 7.])
    """

    _parameter_constraints: dict = AXES_CONSTRAINTS | {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_quantiles": [Interval(Integral, 2, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        max_iter: int = 30,
        *,
        n_components: int | None = 30,
        n_quantiles: int = 1000,
        tol: float = 3.0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.n_components = n_components
        self.n_quantiles = n_quantiles
        self.tol = tol
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the maps of each round; several source domains are pooled, and several targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, none moves, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        SlicedTransport
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or sample_domain does not fit X.
        """
        X = validate_data(self, X, dtype=PLAN_DTYPES)
        source = fit_domains(sample_domain, len(X), self) > 0
        self.axes_ = leading_axes(X, self.n_components)
        Z = self._along_axes(X)
        directions, self.quantiles_, history = [], [], []
        if not source.all():
            directions, self.quantiles_, history = self._rounds(Z[source], Z[~source])
        self.directions_ = np.reshape(directions, (-1, Z.shape[1], Z.shape[1]))
        self.history_ = {"distance": np.array(history)}
        self.n_iter_ = max(1, len(history))
        return self

    def _along_axes(self, X):
        X = X.astype(np.float64, copy=False)
        return X if self.axes_ is None else X @ self.axes_

    def _rounds(self, Zs, Zt):
        """Directions and quantiles of rounds in which rows move, and the distance before each."""
        rng = check_random_state(self.random_state)
        n_quantiles = min(self.n_quantiles, max(2, len(Zs)), max(2, len(Zt)))
        directions, quantiles, history = [], [], []
        for _ in range(self.max_iter):
            theta = qr(rng.normal(size=(Zs.shape[1], Zs.shape[1])))[0]
            knots = quantile_map(Zs @ theta, Zt @ theta, n_quantiles)
            moved, moves = moved_along(Zs, theta, knots)
            history.append(np.sqrt(np.mean(np.square(moves))))
            if history[-1] <= np.sqrt(self.tol) * chance_distance(Zs, Zt):
                break
            Zs = moved
            directions.append(theta)
            quantiles.append(knots)
        return directions, quantiles, history

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Move source rows; target rows stay as they are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain in any order.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Moved source rows and unchanged target rows, in the order and dtype of X.

        Raises
        ------
        ValueError
            If X is not finite or has other features than in fit, or sample_domain does not fit X.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=PLAN_DTYPES).copy()
        source = new_domains(sample_domain, len(X)) > 0
        start = Z = self._along_axes(X[source])
        for directions, knots in zip(self.directions_, self.quantiles_, strict=True):
            Z, _ = moved_along(Z, directions, knots)
        X[source] = Z if self.axes_ is None else X[source] + (Z - start) @ self.axes_.T
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
