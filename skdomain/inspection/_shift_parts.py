"""The parts of a change of the mean loss, on arrays: losses and weights in the shared distribution.

T. T. Cai, H. Namkoong and S. Yadlowsky (2023), "Diagnosing model performance under distribution
shift" (DISDE).
"""

import numpy as np


def loss_parts(losses, weights):
    """Parts of the change of the mean loss, their sum, and the four means.

    Parameters
    ----------
    losses, weights : pairs of ndarrays of shape (n_source,) and (n_target,)
        Losses of the rows, and their weights in the shared distribution.

    Returns
    -------
    list of 8 floats
        Source to shared, rule on shared, shared to target, sum; means on source and target, and on
        the shared distribution under the rules of source and target.
    """
    source, target = (float(np.mean(one)) for one in losses)
    with np.errstate(invalid="ignore"):
        shared_source, shared_target = (
            float((w @ one) / w.sum()) for one, w in zip(losses, weights, strict=True)
        )
    parts = shared_source - source, shared_target - shared_source, target - shared_target
    return [*parts, target - source, source, target, shared_source, shared_target]


def shared_weights(proba, is_target):
    """Weights of source and target rows in the shared distribution, ``q / (p + q)`` and 1 less.

    Parameters
    ----------
    proba : ndarray of shape (n_samples,)
        Probabilities that a row is a target row, where rows are as frequent as they are here.
    is_target : ndarray of shape (n_samples,), bool

    Returns
    -------
    pair of ndarrays of shape (n_source,) and (n_target,)
    """
    share = is_target.mean()
    q, p = proba / share, (1 - proba) / (1 - share)
    weights = (q / (p + q))[~is_target], (p / (p + q))[is_target]
    if not all(w.any() for w in weights):
        raise ValueError(
            "the classifier is certain of the domain of all source rows or of all target rows: "
            "no row is shared, and the change cannot be split. Take a classifier that is less "
            "sure, or features in which the domains overlap."
        )
    return weights
