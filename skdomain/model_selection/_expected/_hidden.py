"""A shift that a model hides: rows tell the domains apart, what the model sees of them does not.

A map of the rows that is right does so, and one that lays the classes on the wrong ones does, too.
No row without a label tells which it was, so that an interval has to reach to where it was wrong.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain._domains import stack_rows
from skdomain.label_shift import class_folds, drawn_by_class, finite_numbers

_MOST_ROWS = 1000
_TOLD = 0.2  # below it the expectations of the development tasks were as right as with none hidden


class HiddenShift(NamedTuple):
    """How well the domains are told apart, from 0 to 1: by the rows, and as the model sees them."""

    rows: float
    seen: float

    @property
    def share(self):
        """What the model hides of it, from 0 to 1."""
        return max(self.rows - self.seen, 0.0)

    def reached(self, interval, n_classes):
        """Equation (10): a share h of the rows may be as right as chance.

        The lower end is ``(1 - h) low + h min(low, 1 / K)``.
        """
        low, high = interval
        return (1 - self.share) * low + self.share * min(low, 1 / n_classes), high

    def doubts(self):
        """That the model hides much of a shift."""
        if self.share < _TOLD:
            return []
        return [
            f"the model makes domains look alike that their rows tell apart ({self.rows:.0%} by "
            f"the rows, {self.seen:.0%} as it sees them), and no row tells whether rightly"
        ]


def hidden_shift(told):
    """What a model hides of the shift; nothing where it changes no row, or rows are no numbers."""
    raw = [finite_numbers(X) for X in (told.source_rows, told.target_rows)]
    seen = [finite_numbers(X) for X in told.seen or (None, None)]
    if any(X is None for X in (*raw, *seen)) or all(map(_same, raw, seen)):
        return HiddenShift(0.0, 0.0)
    return HiddenShift(told_apart(*raw), told_apart(*seen))


def told_apart(S, T):
    """``max(0, 2 AUC - 1)`` of a logistic regression, of standardised rows that it has not seen.

    Of more than 1000 rows of a domain so many are drawn; their order does not matter.
    """
    rng = np.random.RandomState(0)
    S, T = (X[drawn_by_class(X, np.zeros(X.shape[0], dtype=int), _MOST_ROWS, rng)] for X in (S, T))
    Z, side = stack_rows([S, T]), np.repeat([0, 1], [S.shape[0], T.shape[0]])
    scaler = StandardScaler(with_mean=not sparse.issparse(Z))
    learner, said = make_pipeline(scaler, LogisticRegression(max_iter=300)), np.full(len(side), 0.5)
    for train, test in class_folds(Z, side, 5):
        if len(np.unique(side[train])) > 1:
            said[test] = learner.fit(Z[train], side[train]).decision_function(Z[test])
    return max(2 * roc_auc_score(side, said) - 1, 0.0)


def _same(one, other):
    if sparse.issparse(one) or sparse.issparse(other):
        return one is other
    return np.array_equal(one, other)
