"""What the criteria on predicted probabilities share: their check, and the jackknife."""

import numpy as np
from sklearn.utils import check_array

# Single precision may hide in float64: predicted in the one, handed on in the other.
_TOLERANCE = np.sqrt(np.finfo(np.float32).eps)


def check_proba(proba):
    """Return probabilities as float64, rows summing to one, or say what is wrong with them."""
    if np.ndim(proba) != 2:
        raise ValueError(
            f"proba must have 2 dimensions (rows, classes), got {np.ndim(proba)}; pass what "
            "predict_proba returns."
        )
    P = check_array(proba, dtype=np.float64, input_name="proba", ensure_min_samples=0)
    n, n_classes = P.shape
    if not n:
        raise ValueError("proba has no rows: no target row was predicted; pass at least one.")
    if n_classes < 2:
        raise ValueError(
            "proba has 1 column: with one class every prediction is certain and tells nothing; "
            "fit the classifier to at least 2 classes and pass a column for each."
        )
    if P.min() < 0:
        raise ValueError(
            f"proba holds {P.min():.4g}, which is negative; pass probabilities, not "
            "decision values."
        )
    sums = P.sum(axis=1)
    worst = np.abs(sums - 1).argmax()
    if abs(sums[worst] - 1) > _TOLERANCE:
        raise ValueError(
            f"row {worst} of proba sums to {sums[worst]:.6g} instead of 1; divide each row by its "
            "sum."
        )
    return P / sums[:, None]


def jackknife_error(values):
    """Standard error of a statistic from its values with each row left out in turn."""
    n = len(values)
    return float(np.sqrt((n - 1) * np.var(values))) if n > 1 else np.nan
