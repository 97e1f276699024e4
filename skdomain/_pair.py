"""Two domains as functions on arrays take them: Xs, the source rows, and Xt, the target rows."""

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_array

_MEDIAN_ROWS = 2000


def check_domains(Xs, Xt, *, min_rows=1, reason="pass rows of both domains"):
    """Return both domains as finite float64 arrays with the same columns, or say what is wrong."""
    Xs, Xt = _check_rows(Xs, "Xs", min_rows, reason), _check_rows(Xt, "Xt", min_rows, reason)
    if Xs.shape[1] != Xt.shape[1]:
        raise ValueError(
            "Xs and Xt must have the same columns, got "
            f"{Xs.shape[1]} in Xs and {Xt.shape[1]} in Xt. Bring both domains to the same features."
        )
    return Xs, Xt


def _check_rows(X, name, min_rows, reason):
    if np.ndim(X) != 2:
        raise ValueError(
            f"{name} must have 2 dimensions (rows, features), got {np.ndim(X)}. "
            f"Reshape a single feature with {name}.reshape(-1, 1)."
        )
    X = check_array(X, dtype=np.float64, input_name=name, ensure_min_samples=0)
    if len(X) < min_rows:
        raise ValueError(
            f"{name} has {len(X)} row(s), at least {min_rows} in each domain are needed: {reason}."
        )
    return X


def median_squared_distance(Z):
    """Median of the squared distances of all pairs of rows, or of the pairs of 2000 of them."""
    if len(Z) > _MEDIAN_ROWS:
        # In an order of the rows' values, so that neither their order nor their domain matters.
        spaced = np.linspace(0, len(Z) - 1, _MEDIAN_ROWS).astype(int)
        Z = Z[np.lexsort(Z.T[::-1])[spaced]]
    median = np.median(euclidean_distances(Z, squared=True)[np.triu_indices(len(Z), 1)])
    # Between equal rows, scikit-learn's distance may be rounding error instead of zero.
    if median <= 1e-12 * np.median(np.square(Z).sum(axis=1)):
        raise ValueError(
            "the median distance of pairs of rows is zero: at least half of the pairs are equal. "
            "Pass a number for gamma."
        )
    return median


def median_gamma(Xs, Xt):
    """1 over the median squared distance of two distinct rows of either domain.

    Distinct, so that rows that come twice do not count twice; 1 if there is only one row.
    """
    rows = np.unique(np.concatenate([Xs, Xt]), axis=0)
    return 1 / median_squared_distance(rows) if len(rows) > 1 else 1.0
