"""How far the classifier that tells the domains apart is held back, chosen by rows held out."""

import numpy as np
from sklearn.base import clone

CANDIDATES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def chosen_penalty(problem, classifier, n_folds):
    """First C on the way up that is followed by a larger held-out loss.

    The loss is the mean log loss of both domains, each weighing one half. A domain of one distinct
    row leaves nothing to hold out, and the classifier its C.
    """
    n_folds = min(n_folds, *np.bincount(problem.is_target))
    if n_folds < 2:
        return classifier.C
    fold, least, chosen = problem.rank % n_folds, np.inf, None
    for C in CANDIDATES:
        loss = held_out_loss(problem, clone(classifier).set_params(C=C), fold)
        if loss > least:
            break
        least, chosen = loss, C
    return chosen


def held_out_loss(problem, classifier, fold):
    """Sum over the folds of the log loss at their rows, each of the weight it has in training."""
    return sum(_loss(problem, classifier, fold == j) for j in range(fold.max() + 1))


def _loss(problem, classifier, out):
    Z, y, weight = problem.Z, problem.is_target, problem.weight
    model = classifier.fit(Z[~out], y[~out], sample_weight=weight[~out])
    wrong = np.where(y[out] == 1, -1, 1) * model.decision_function(Z[out])
    return weight[out] @ np.logaddexp(0, wrong)
