"""What models say of source rows that they were not fitted to."""

from typing import NamedTuple

import numpy as np


class Unseen(NamedTuple):
    """Posteriors and predictions of some source rows, by a model that was not fitted to them.

    ``rows`` are their places among all rows, ``predicted`` numbers of classes; the last two are the
    same of all target rows.
    """

    rows: np.ndarray
    posteriors: np.ndarray
    predicted: np.ndarray
    target_posteriors: np.ndarray
    target_predicted: np.ndarray

    def at(self, kept):
        """The same of some of the rows."""
        rows, posteriors, predicted = (values[kept] for values in self[:3])
        return self._replace(rows=rows, posteriors=posteriors, predicted=predicted)


def unseen_of(asked, rows):
    """What a model that is :class:`Asked` says of source rows, and of all target rows."""
    target = np.flatnonzero(asked.domains < 0)
    return Unseen(rows, *asked.of(rows), *asked.of(target))


def first_of_each(answers):
    """The answers without rows that an earlier one has, so that each row is there once."""
    taken, kept = np.array([], dtype=int), []
    for one in answers:
        kept.append(one.at(~np.isin(one.rows, taken)))
        taken = np.append(taken, one.rows)
    if not len(taken):
        raise ValueError("the splits keep no source row out of training.")
    return kept
