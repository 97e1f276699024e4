"""Which predicted labels self-training believes, and which source rows make room for them."""

import numpy as np


def surest_of_each_class(codes, confidences, share):
    """The surest rows of each predicted class, the same share of each.

    Of n_c rows predicted as class c, ``ceil(share n_c)``; rows as sure as the last one come along.
    A share of all rows together would be of the classes that are easy, or near to the source.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), int
        Predicted classes.
    confidences : ndarray of shape (n_rows,)
        How sure of them the classifier is, on any scale.
    share : float
        In [0, 1].

    Returns
    -------
    ndarray of shape (n_rows,), bool
    """
    chosen = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        n_chosen = int(np.ceil(share * len(rows) - 1e-9))  # 0.1 * 3 * 10 is above 3 by rounding
        if n_chosen:
            ranked = np.sort(confidences[rows])[::-1]
            chosen[rows] = confidences[rows] >= ranked[n_chosen - 1]
    return chosen


def rows_that_stay(codes, confidences, share, covered):
    """Source rows that stay: of each class the least sure, in the share that is left.

    Parameters
    ----------
    codes : ndarray of shape (n_source,), int
        Classes of the source rows.
    confidences : ndarray of shape (n_source,)
        How sure the classifier is there.
    share : float
        Share of the target rows that have entered, and of the source rows of a class that leave.
    covered : ndarray of int
        Classes with labelled target rows; of the others all source rows stay.

    Returns
    -------
    ndarray of shape (n_source,), bool
    """
    stays = surest_of_each_class(codes, -confidences, 1 - share)
    return stays | ~np.isin(codes, covered)


def margins(values):
    """Confidence of each row: the largest value less the second, or the size of a single one."""
    if values.ndim == 1:
        return np.abs(values)
    best = np.partition(values, -2, axis=1)[:, -2:]
    return best[:, 1] - best[:, 0]
