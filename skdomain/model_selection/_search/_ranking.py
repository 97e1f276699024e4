"""Ranks of candidates by several criteria, joined so that none of them decides alone.

On split s, criterion c ranks candidate j by the share of the n candidates that it beats, ties
counted half and itself among them::

    r_jcs = sum_i ([v_ics < v_jcs] + [v_ics = v_jcs] / 2) / n                            (1)

The score of j is the mean over the criteria of the mean of r_jcs over the splits, its highest and
its lowest criterion left out. Candidates that have the same value by every criterion on every split
are copies, and count as one.

The criteria agree that j is better than the first candidate, the baseline, if the k differences of
their mean ranks d_c = r_jc - r_0c would seldom lie as far above 0 were their signs left to chance:
with the ranks R_c of the |d_c|, by Wilcoxon's signed-rank test [1]_::

    p = P( sum_c e_c R_c >= sum_c sgn(d_c) R_c ),  e_c = +-sgn(d_c) with equal chances      (2)

References
----------
.. [1] F. Wilcoxon (1945), "Individual comparisons by ranking methods", Biometrics Bulletin 1.
"""

from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata
from sklearn.utils._param_validation import validate_params

_DIGITS = 9  # ranks that differ by less are equal: rounding decides nothing


@validate_params({"values": ["array-like"]}, prefer_skip_nested_validation=True)
def trimmed_ranks(values: ArrayLike) -> np.ndarray:
    """Mean rank of each candidate by several criteria, its best and its worst one left out.

    A rank is the share of the candidates that one beats by a criterion on a split, ties counted
    half and itself among them; ranks are averaged over the splits first.

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
    the same values everywhere are copies: adding one changes nobody's score, itself included. Of
    less than 3 criteria none is left out. Of k >= 3, whatever one says, the score of a candidate
    lies between the means of its k - 2 lowest and of its k - 2 highest ranks by the others. Takes
    O(n^2) time a criterion and split.

    Examples
    --------
    >>> from skdomain.model_selection import trimmed_ranks
    >>> values = [[[0.9, 3.0, 0.0]], [[0.8, 2.0, 0.5]], [[0.1, 4.0, 0.2]]]
    >>> trimmed_ranks(values)
    array([0.5, 0.5, 0.5])
    >>> values = [[[0.9, 3.0, 0.0]], [[0.8, 2.0, 0.5]], [[0.1, 1.0, 0.9]]]
    >>> trimmed_ranks([*values, values[1]])
    array([0.83, 0.5 , 0.17, 0.5 ])
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 3:
        raise ValueError(
            f"values have shape {values.shape}; pass (n_candidates, n_splits, n_criteria)."
        )
    ranks = np.sort(mean_ranks(values), axis=1)
    return np.mean(ranks[:, 1:-1] if ranks.shape[1] > 2 else ranks, axis=1)


def mean_ranks(values):
    """Means over the splits of (1), of shape (n_candidates, n_criteria); NaN of who cannot win."""
    ranks = np.full((len(values), values.shape[2]), np.nan)
    known = np.isfinite(values).all(axis=(1, 2))
    if values.size and known.any():
        some, codes = np.unique(values[known], axis=0, return_inverse=True)
        ranks[known] = np.array([_beaten(some, one) for one in some])[codes.ravel()]
    return ranks


def _beaten(values, one):
    """Mean over the splits of (1) of one candidate."""
    return np.mean((values < one) + (values == one) / 2, axis=0).mean(axis=0)


def better_pvalues(values):
    """Equation (2) of each candidate; NaN of the first, and of those that cannot win.

    ``values`` are those of :func:`trimmed_ranks`. Of k criteria no p-value is less than ``2**-k``.
    """
    ranks = mean_ranks(values)
    return np.append(np.nan, [signed_rank_pvalue(one) for one in ranks[1:] - ranks[:1]])


def signed_rank_pvalue(differences):
    """Equation (2), exactly: all ``2**k`` signs are tried."""
    if np.isnan(differences).any():
        return np.nan
    d = differences.round(_DIGITS)
    signed = np.sign(d) * rankdata(np.abs(d))
    flips = np.array(list(product([-1, 1], repeat=len(d))))
    return float(np.mean(flips @ signed >= signed.sum()))


def prefers(pvalues, n_criteria, alpha):
    """Whether the criteria agree that candidates are better than the first, the baseline.

    The p-value is alpha at most or, of so few criteria that none is, the least that there can be.
    """
    return pvalues <= max(alpha, 0.5**n_criteria)
