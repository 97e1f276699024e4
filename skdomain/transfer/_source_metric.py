"""How sure the source is of its weights: the metric in which a change of them is measured."""

import numpy as np
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular

_MOST_FEATURES = 4000  # of which metric="auto" decomposes the matrix of all pairs


def source_precision(X, curvature, ridge):
    """Precision of weights and intercept, ``sum_i c_i (x_i, 1)(x_i, 1)' + ridge I`` (not for 1).

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_source, n_features)
        Source rows.
    curvature : ndarray of shape (n_source,)
        Second derivative c of the loss of each row, its weight included.
    ridge : float
        Penalty that the source's model was trained with.

    Returns
    -------
    ndarray of shape (n_features + 1, n_features + 1)
    """
    X = with_ones(X)
    return (X.T * curvature) @ X + np.diag(np.append(np.full(X.shape[1] - 1, ridge), 0.0))


def with_ones(X):
    """Dense rows in float64, and a column of ones behind them."""
    X = X.toarray() if sparse.issparse(X) else X
    return np.column_stack([X.astype(np.float64), np.ones(len(X))])


class SourceMetric:
    """Coordinates in which ``(w - ws, b - bs)'P (w - ws, b - bs)`` is a squared length.

    Parameters
    ----------
    P : ndarray of shape (n_features + 1, n_features + 1)
        Positive definite.
    fit_intercept : bool or "auto"
        Whether b may change; "auto" is True.
    """

    def __init__(self, P, *, fit_intercept):
        self._fit_intercept = bool(fit_intercept)
        self._root = cholesky(P if self._fit_intercept else P[:-1, :-1])  # upper, P = root'root

    def rows(self, X):
        """Rows in these coordinates."""
        X = with_ones(X) if self._fit_intercept else with_ones(X)[:, :-1]
        return solve_triangular(self._root, X.T, trans="T").T

    def weights(self, u):
        """Weights of the features and intercepts, from those of these coordinates."""
        v = solve_triangular(self._root, u)
        return (v[:-1], v[-1]) if self._fit_intercept else (v, np.zeros(v.shape[1]))


class Euclidean:
    """The metric of the identity, which leaves intercepts out."""

    def rows(self, X):
        """Rows as they are."""
        return X

    def weights(self, u):
        """Weights as they are, and no intercepts."""
        return u, np.zeros(u.shape[1])


def find_precision(estimator, X, curvature, ridge):
    """The precision to take as the metric, None where that is the identity.

    Parameters
    ----------
    estimator : estimator
        Has ``metric`` and ``source_estimator_``, which may know its ``precision_``.
    X, curvature, ridge
        As in :func:`source_precision`; curvature is a function of no arguments.
    """
    n_rows, n_features = X.shape
    if estimator.metric == "identity":
        return None
    known = getattr(estimator.source_estimator_, "precision_", None)
    if np.shape(known) == (n_features + 1, n_features + 1):
        return known
    if estimator.metric == "auto" and not 0 < n_rows * n_features <= n_rows * _MOST_FEATURES:
        return None
    if not n_rows:
        raise ValueError(
            "metric='source' needs source rows, or a frozen model with a precision_, such as a "
            f"{type(estimator).__name__} that was fitted to the source alone; got neither. Pass "
            "source rows, or metric='identity'."
        )
    return source_precision(X, curvature(), ridge)


def sharpened_precision(P, X, curvature, lam):
    """``lam P`` and what further rows add to it; P where the penalty is infinite, or None."""
    if P is None or np.isinf(lam):
        return P
    return lam * P + source_precision(X, curvature, 0.0)


def lams_about(equal):
    """Penalties to try in the metric of the source, about that of equal weight of the domains."""
    return [np.inf, *equal * 10.0 ** np.arange(3, -2.5, -0.5)]
