"""Weights of rows that a caller gives."""

import numpy as np
from sklearn.utils.validation import _check_sample_weight


def check_sample_weight(sample_weight, n_samples):
    """Weights of rows in float64, of shape (n_samples,) and at least 0; 1 where none are given."""
    weights = _check_sample_weight(sample_weight, np.empty(n_samples), dtype=np.float64)
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        raise ValueError(
            f"sample_weight is {weights[negative[0]]} in row {negative[0]}, and negative in "
            f"{len(negative)} of {len(weights)} rows; pass weights of at least 0, which say how "
            "often a row counts."
        )
    return weights


def weights_at(sample_weight, rows):
    """Weights of the target rows, which score takes a mean with."""
    weights = check_sample_weight(sample_weight, len(rows))[rows]
    if not weights.any():
        raise ValueError(
            f"sample_weight is zero on all {len(weights)} target rows, of which score takes the "
            "mean; give some of them a positive weight."
        )
    return weights


def check_both_count(name, weights, source, known):
    """Refuse weights that are zero on all source rows, or on all labelled target rows."""
    for rows, side in ((source, "source"), (known, "labelled target")):
        if rows.any() and not weights[rows].any():
            raise ValueError(
                f"{name} got sample_weight that is zero on all {side} rows; give some of them a "
                "positive weight."
            )


def balanced_weights(source, weights):
    """Weights under which source and target count the same, of the same sum as before.

    ``v_i sum(v) / (2 sum_side(v))`` with the side, source or target, of row i; where all rows are
    of one side, v itself.

    Parameters
    ----------
    source : ndarray of shape (n_rows,), bool
        True for source rows, False for target rows.
    weights : ndarray of shape (n_rows,)
        Weights v of the rows before, >= 0.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ValueError
        If all rows of a side have weight 0.
    """
    balanced, sides = np.array(weights, dtype=float), (source, ~source)
    if source.all() or not source.any():
        return balanced
    for side, name in zip(sides, ("source", "labelled target"), strict=True):
        total = weights[side].sum()
        if not total:
            raise ValueError(
                f"sample_weight is zero on all {name} rows, so they cannot count for half; give "
                "some of them a positive weight, or take balance=False."
            )
        balanced[side] *= weights.sum() / (2 * total)
    return balanced
