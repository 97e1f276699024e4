"""Ranks of candidates by several criteria, joined so that none of them decides alone.

By criterion c on split s, candidate j beats the share of the candidates, each counted with a weight
w, that have a lower value; ties count half, itself included::

    r_jcs = sum_i w_i ([v_ics < v_jcs] + [v_ics = v_jcs] / 2) / sum_i w_i               (1)

The score of j is the mean of r_jcs over criteria and splits. Candidates that have the same value by
every criterion on every split are copies, and share the weight of one.
"""

import numpy as np
from sklearn.utils._param_validation import validate_params


@validate_params({"values": ["array-like"]}, prefer_skip_nested_validation=True)
def mean_ranks(values):
    """Mean over criteria and splits of the share of the candidates that each one beats.

    Parameters
    ----------
    values : array-like of shape (n_candidates, n_splits, n_criteria)
        Values of the criteria, higher is better. A candidate with a value that is not finite cannot
        win: it beats nobody, and nobody beats it.

    Returns
    -------
    ndarray of shape (n_candidates,)
        From 0 to 1, higher is better: 1 - 1 / (2 n) for a candidate that is the best of n by every
        criterion on every split. NaN for those that cannot win.

    Raises
    ------
    ValueError
        If values have other than three dimensions.

    Notes
    -----
    A strictly increasing transformation of a criterion on a split changes nothing. Candidates with
    the same values everywhere are copies: adding one changes nobody's score, itself included. Of k
    criteria, one changes the difference of two scores by less than 2 / k, whatever it says: who is
    ahead of j by ``1 / (k - 1)`` or more in the mean of the other criteria stays ahead of j. Takes
    O(n^2) time a criterion and split.

    Examples
    --------
    >>> from skdomain.model_selection import mean_ranks
    >>> values = [[[0.9, 3.0]], [[0.8, 2.0]], [[0.1, 4.0]]]
    >>> mean_ranks(values)
    array([0.67, 0.33, 0.5 ])
    >>> mean_ranks([*values, values[1]])
    array([0.67, 0.33, 0.5 , 0.33])
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 3:
        raise ValueError(
            f"values have shape {values.shape}; pass (n_candidates, n_splits, n_criteria)."
        )
    scores, known = np.full(len(values), np.nan), np.isfinite(values).all(axis=(1, 2))
    if values.size and known.any():
        some, codes = np.unique(values[known], axis=0, return_inverse=True)
        scores[known] = np.array([_share_beaten(some, one) for one in some])[codes.ravel()]
    return scores


def _share_beaten(values, one):
    """Mean over criteria and splits of (1), with one copy each."""
    return np.mean(np.mean((values < one) + (values == one) / 2, axis=0))
