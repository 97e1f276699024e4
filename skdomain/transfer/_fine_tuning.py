"""Steps of stochastic gradient descent from the weights of the source, stopped in time."""

from copy import deepcopy

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import _safe_indexing

_FEWEST = 5  # labelled rows, of which a share is held out


def held_back_rows(y, share, rng, *, stratify):
    """Numbers of the rows to learn from and of those to judge by; few rows are all of them both."""
    rows = np.arange(len(y))
    n_held = int(np.ceil(share * len(y)))
    counts = np.unique(y, return_counts=True)[1] if stratify else np.array([2])
    if share == 0 or len(y) < _FEWEST:
        return rows, rows
    fits = stratify and counts.min() > 1 and len(counts) <= min(n_held, len(y) - n_held)
    split = (StratifiedShuffleSplit if fits else ShuffleSplit)(
        1, test_size=n_held, random_state=rng
    )
    return next(split.split(rows, y))


def score_on(head, Z, y):
    """Accuracy, or minus the mean squared error, which a single row has, too."""
    if is_classifier(head):
        return head.score(Z, y)
    return -float(np.mean(np.square(y - head.predict(Z))))


def fine_tune(head, Z, y, *, max_epochs, patience, share, rng):
    """Continue a trained head on labelled rows, and return the best of its epochs.

    Parameters
    ----------
    head : estimator with partial_fit
        Trained on the source; is left as it is.
    Z, y : rows and labels of the target
    max_epochs, patience : int
        Passes over the rows at most, and in a row without a better score on those held out.
    share : float
        Of the rows that is held out to score by.
    rng : RandomState

    Returns
    -------
    head : estimator
        Of epochs with equal scores the first, 0 being the source's head.
    n_epochs : int
        The one returned.
    scores : list of float
        Score of each epoch on the rows held out.
    """
    learn, judge = held_back_rows(y, share, rng, stratify=is_classifier(head))
    judged = _safe_indexing(Z, judge), y[judge]
    best, n_epochs, scores = head, 0, [score_on(head, *judged)]
    running = deepcopy(head)
    while len(scores) <= max_epochs and len(scores) - 1 - n_epochs < patience:
        order = rng.permutation(learn)
        running.partial_fit(_safe_indexing(Z, order), y[order])
        scores.append(score_on(running, *judged))
        if scores[-1] > max(scores[:-1]):
            best, n_epochs = deepcopy(running), len(scores) - 1
    return best, n_epochs, scores
